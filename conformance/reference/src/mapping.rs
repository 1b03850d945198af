//! Parameter mapping: where a value comes from.

use tollgate_model::api::GatewayResponseType;
use tollgate_model::integration::Source;

use crate::exchange::Phase;
use crate::headers::Headers;
use crate::json;
use crate::jsonpath;
use crate::refusal::Refusal;
use crate::state::State;
use crate::value::Value;

/// The value or values of a source of the request; none if it is missing.
pub(crate) fn from_request(
    source: &Source,
    state: &State<'_>,
) -> Result<Option<Vec<String>>, Refusal> {
    Ok(match source {
        Source::Static(text) => Some(vec![state.fill(text)]),
        // Of a repeated header or parameter the last value counts.
        Source::RequestHeader(name) => crate::headers::values(&state.headers, name)
            .last()
            .map(|value| vec![(*value).to_owned()]),
        Source::RequestHeaders(name) => {
            let values = crate::headers::values(&state.headers, name);
            (!values.is_empty()).then(|| vec![values.join(",")])
        }
        Source::RequestQuery(name) => query_values(state, name).pop().map(|value| vec![value]),
        Source::RequestQueries(name) => {
            Some(query_values(state, name)).filter(|values| !values.is_empty())
        }
        Source::RequestPath(name) => state
            .path_parameters
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| vec![value.clone()]),
        Source::RequestBody(path) => {
            let body = String::from_utf8_lossy(&state.body);
            body_value(&body, path.as_deref(), false)
                .map_err(|()| {
                    Refusal::new(
                        Phase::IntegrationRequest,
                        GatewayResponseType::Default4xx,
                        "a mapping reads the body, which is no JSON",
                    )
                    .message("Invalid JSON in request body")
                })?
                .map(|value| vec![value])
        }
        Source::Context(path) => {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            // Only texts can be mapped.
            match context(state, &path) {
                Some(Value::Text(text)) => Some(vec![text.to_string()]),
                _ => None,
            }
        }
        Source::StageVariable(name) => state.variable(name).map(|value| vec![value.to_owned()]),
        Source::ResponseHeader(_)
        | Source::ResponseHeaders(_)
        | Source::ResponseBody(_)
        | Source::ResponseStatus => None,
    })
}

/// What a response mapping may read besides.
pub(crate) struct Backend<'a> {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: &'a Headers,
    /// The body as text.
    pub body: &'a str,
    /// Whether it is a Lambda function's.
    pub lambda: bool,
}

/// The value of a source of the response; none if it is missing.
pub(crate) fn from_response(
    source: &Source,
    state: &State<'_>,
    backend: &Backend<'_>,
) -> Result<Option<String>, Refusal> {
    // Names are exact here as well.
    let values = |name: &str| -> Vec<&str> {
        backend
            .headers
            .iter()
            .filter(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
            .collect()
    };
    Ok(match source {
        Source::ResponseHeader(name) => values(name).last().map(|value| (*value).to_owned()),
        Source::ResponseHeaders(name) => {
            let values = values(name);
            (!values.is_empty()).then(|| values.join(","))
        }
        Source::ResponseBody(path) => body_value(backend.body, path.as_deref(), backend.lambda)
            .map_err(|()| {
                Refusal::new(
                    Phase::IntegrationResponse,
                    GatewayResponseType::Default5xx,
                    "a mapping reads the backend's body, which is no JSON",
                )
            })?,
        Source::ResponseStatus => Some(backend.status.to_string()),
        other => from_request(other, state)?.map(|values| values.join(",")),
    })
}

/// A body whole or at a path. An error: it begins like JSON and is none.
fn body_value(body: &str, path: Option<&str>, lambda: bool) -> Result<Option<String>, ()> {
    // An empty body reads as an empty object.
    let body = if body.is_empty() { "{}" } else { body };
    let looks_like_json = body.trim_start().starts_with(['{', '[', '"', '\'']);
    let document = if looks_like_json {
        Some(json::read(body).ok_or(())?)
    } else {
        None
    };
    let Some(path) = path else {
        return Ok(Some(body.to_owned()));
    };
    let Some(document) = document else {
        return Ok(None);
    };
    if lambda {
        // A custom error object arrives as text in `errorMessage`.
        let custom = document
            .member("errorMessage")
            .and_then(|message| json::read(message.as_text()?))
            .filter(|value| matches!(value, Value::Map(_)));
        if let Some(custom) = custom {
            document.set_member("errorMessage", custom);
        }
    }
    let separator = if path.starts_with('[') { "" } else { "." };
    let found = jsonpath::read(&document, &format!("${separator}{path}"));
    Ok(match found {
        Err(_) | Ok(None | Some(Value::Null)) => None,
        Ok(Some(value @ (Value::List(_) | Value::Map(_)))) => Some(json::write(&value, false)),
        Ok(Some(value)) => Some(value.print()),
    })
}

/// A context variable by its steps.
pub(crate) fn context(state: &State<'_>, path: &[&str]) -> Option<Value> {
    let mut value = state.context.clone();
    for step in path {
        value = value.member(step)?;
    }
    Some(value)
}

/// All values of a query string parameter, in order.
pub(crate) fn query_values(state: &State<'_>, name: &str) -> Vec<String> {
    state
        .target
        .query
        .iter()
        .filter(|(n, _)| n == name)
        .map(|(_, value)| value.clone())
        .collect()
}
