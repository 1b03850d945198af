//! What a function's result means.

use serde_json::{Map, Value as Json};
use tollgate_model::api::GatewayResponseType;
use tollgate_model::integration::Payload;

use super::call::passed_back;
use crate::base64;
use crate::exchange::{Answer, Phase};
use crate::headers::{self, Headers};
use crate::lambda_proxy::result_headers;
use crate::refusal::Refusal;

fn malformed(reason: &str) -> Refusal {
    Refusal::new(
        Phase::IntegrationResponse,
        GatewayResponseType::Default5xx,
        reason,
    )
}

/// The answer that a function's payload is. Of format 2.0, what has no `statusCode` is the body of a 200.
pub(super) fn answer(
    format: Payload,
    status: u16,
    headers: &Headers,
    payload: &[u8],
) -> Result<Answer, Refusal> {
    if status == 429 {
        let ty = GatewayResponseType::IntegrationFailure;
        return Err(Refusal::new(
            Phase::Integration,
            ty,
            "the function is throttled",
        ));
    }
    if headers::has(headers, "x-amz-function-error") || status >= 300 {
        return Err(malformed("the function failed"));
    }
    let result: Option<Json> = serde_json::from_slice(payload).ok();
    match (&result, format) {
        (Some(Json::Object(members)), _) if members.contains_key("statusCode") => {
            full(members, format)
        }
        (_, Payload::V1) => Err(malformed("the result has no statusCode")),
        (_, Payload::V2) => Ok(Answer {
            status: 200,
            headers: vec![("Content-Type".into(), "application/json".into())],
            body: match result {
                Some(Json::String(text)) => text.into_bytes(),
                _ => payload.to_vec(),
            },
            refusal: None,
        }),
    }
}

fn full(members: &Map<String, Json>, format: Payload) -> Result<Answer, Refusal> {
    let status = match members.get("statusCode") {
        Some(Json::Number(number)) => number.as_u64(),
        Some(Json::String(text)) => text.parse().ok(),
        _ => None,
    };
    let status = status
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (100..=599).contains(status))
        .ok_or_else(|| malformed("the result's statusCode is no status"))?;
    let mut maps = members.clone();
    if format == Payload::V2 {
        maps.remove("multiValueHeaders");
    }
    let named = result_headers(&maps).map_err(|refusal| malformed(&refusal.reason))?;
    let mut named = passed_back(named, true);
    if format == Payload::V2 {
        let cookies = match members.get("cookies") {
            None | Some(Json::Null) => &[][..],
            Some(Json::Array(cookies)) => cookies,
            Some(_) => return Err(malformed("the result's cookies are no list")),
        };
        for cookie in cookies {
            let text = cookie
                .as_str()
                .ok_or_else(|| malformed("a cookie of the result is no text"))?;
            named.push(("set-cookie".into(), headers::one_line(text)));
        }
    }
    if !headers::has(&named, "content-type") {
        named.push(("Content-Type".into(), "text/plain;charset=UTF-8".into()));
    }
    let coded = match members.get("isBase64Encoded") {
        None | Some(Json::Null) => false,
        Some(Json::Bool(coded)) => *coded,
        Some(_) => return Err(malformed("the result's isBase64Encoded is no truth value")),
    };
    let text = match members.get("body") {
        None | Some(Json::Null) => String::new(),
        Some(Json::String(text)) => text.clone(),
        Some(Json::Array(_) | Json::Object(_)) => {
            return Err(malformed("the result's body is no text"));
        }
        Some(scalar) => scalar.to_string(),
    };
    let body = match coded {
        true => base64::decode(text.as_bytes())
            .ok_or_else(|| malformed("the result's body is no base64"))?,
        false => text.into_bytes(),
    };
    Ok(Answer {
        status,
        headers: named,
        body,
        refusal: None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(format: Payload, payload: &str) -> Result<(u16, String, String), ()> {
        let answer = answer(format, 200, &Vec::new(), payload.as_bytes()).map_err(|_| ())?;
        let ty = answer
            .header("content-type")
            .next()
            .unwrap_or_default()
            .to_owned();
        Ok((answer.status, ty, String::from_utf8(answer.body).unwrap()))
    }

    #[test]
    fn what_has_no_status_is_a_body() {
        for payload in [r#"{"a": 1}"#, "[1]", "3", "null", "not json", ""] {
            let want = (200, "application/json".to_owned(), payload.to_owned());
            assert_eq!(told(Payload::V2, payload), Ok(want));
            assert_eq!(told(Payload::V1, payload), Err(()));
        }
        let want = (200, "application/json".to_owned(), "a \"text\"".to_owned());
        assert_eq!(told(Payload::V2, r#""a \"text\"""#), Ok(want));
    }

    #[test]
    fn what_has_a_status_says_everything() {
        let plain = "text/plain;charset=UTF-8";
        for (payload, want) in [
            (
                json!({"statusCode": 201, "body": "ok"}),
                Ok((201, plain, "ok")),
            ),
            (json!({"statusCode": "404"}), Ok((404, plain, ""))),
            (
                json!({"statusCode": 200, "body": "aGk=", "isBase64Encoded": true}),
                Ok((200, plain, "hi")),
            ),
            (json!({"statusCode": 200.5}), Err(())),
            (json!({"statusCode": null}), Err(())),
            (json!({"statusCode": 200, "body": {}}), Err(())),
            (
                json!({"statusCode": 200, "body": "!", "isBase64Encoded": true}),
                Err(()),
            ),
        ] {
            let want = want.map(|(status, ty, body)| (status, ty.to_owned(), body.to_owned()));
            assert_eq!(told(Payload::V2, &payload.to_string()), want, "{payload}");
        }
    }
}
