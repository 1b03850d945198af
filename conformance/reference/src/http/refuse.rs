//! The gateway's own answers, which no program can change.

use tollgate_model::api::GatewayResponseType as T;

use crate::exchange::Answer;
use crate::refusal::{Detail, Refusal};

/// The answer of a refusal.
pub(super) fn answer(request_id: &str, refusal: &Refusal) -> Answer {
    let (status, message) = match (refusal.response, refusal.status) {
        (T::Unauthorized, _) => (401, "Unauthorized"),
        (T::ResourceNotFound, _) => (404, "Not Found"),
        (T::RequestTooLarge, _) => (413, "Request Entity Too Large"),
        (T::Throttled, _) => (429, "Too Many Requests"),
        (T::Default4xx, Some(431)) => (431, "Request Header Fields Too Large"),
        (T::IntegrationTimeout, Some(504)) => (504, "Endpoint request timed out"),
        (T::IntegrationTimeout | T::IntegrationFailure, _) => (503, "Service Unavailable"),
        (T::AccessDenied | T::MissingAuthenticationToken, _) => (403, "Forbidden"),
        _ => (500, "Internal Server Error"),
    };
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    if let Some(Detail::Challenge(challenge)) = &refusal.detail {
        headers.push(("www-authenticate".to_owned(), challenge.clone()));
    }
    headers.push(("apigw-requestid".to_owned(), request_id.to_owned()));
    Answer {
        status,
        headers,
        body: format!("{{\"message\":\"{message}\"}}").into_bytes(),
        refusal: Some(refusal.response),
    }
}
