//! Lambda proxy integrations: the event, format 1.0, and what counts as a result.

use serde_json::{Map, Value as Json, json};
use tollgate_model::api::GatewayResponseType;

use crate::base64;
use crate::exchange::{Answer, Phase};
use crate::headers::Headers;
use crate::integration::{Received, outgoing};
use crate::json::to_serde;
use crate::media;
use crate::refusal::Refusal;
use crate::state::State;

/// The event that the function gets.
pub(crate) fn event(state: &State<'_>) -> Json {
    let headers = event_headers(state);
    let query = &state.target.query;
    let (body, encoded) = body(state);
    json!({
        "resource": state.resource_path(),
        "path": state.target.path,
        "httpMethod": state.method,
        "headers": single(&headers),
        "multiValueHeaders": multiple(&headers),
        "queryStringParameters": single(query),
        "multiValueQueryStringParameters": multiple(query),
        "pathParameters": single(&state.path_parameters),
        "stageVariables": single(&state.variables),
        "requestContext": request_context(state),
        "body": body,
        "isBase64Encoded": encoded,
    })
}

/// The client's headers, and what the gateway adds to them.
pub(crate) fn event_headers(state: &State<'_>) -> Headers {
    let mut headers: Headers = state
        .headers
        .iter()
        .filter(|(name, _)| {
            ![
                "x-amzn-trace-id",
                "x-forwarded-for",
                "x-forwarded-port",
                "x-forwarded-proto",
            ]
            .iter()
            .any(|other| name.eq_ignore_ascii_case(other))
        })
        .map(|(name, value)| {
            // Two names lose the client's letter case.
            let name = ["Authorization", "User-Agent"]
                .into_iter()
                .find(|known| known.eq_ignore_ascii_case(name))
                .unwrap_or(name);
            (name.to_owned(), value.clone())
        })
        .collect();
    let mut add = |name: &str, value: String| headers.push((name.to_owned(), value));
    let client = state.request.source_ip.to_string();
    let forwarded = match state.request.header("x-forwarded-for") {
        Some(before) => format!("{before}, {client}"),
        None => client,
    };
    add("X-Amzn-Trace-Id", state.trace_id.clone());
    add("X-Forwarded-For", forwarded);
    let (port, proto) = if state.request.secure {
        ("443", "https")
    } else {
        ("80", "http")
    };
    add("X-Forwarded-Port", port.into());
    add("X-Forwarded-Proto", proto.into());
    headers
}

/// `requestContext`: what `$context` knows, save for its overrides.
pub(crate) fn request_context(state: &State<'_>) -> Json {
    let Json::Object(mut context) = to_serde(&state.context) else {
        return Json::Null;
    };
    for name in ["requestOverride", "responseOverride", "error"] {
        context.shift_remove(name);
    }
    // A text to templates, a truth to functions.
    if let Some(is_canary) = context.get_mut("isCanaryRequest") {
        *is_canary = Json::Bool(is_canary == "true");
    }
    Json::Object(context)
}

/// The body as text, or in base64 if its type is binary or it is no UTF-8; none if it is empty.
fn body(state: &State<'_>) -> (Json, bool) {
    if state.body.is_empty() {
        return (Json::Null, false);
    }
    let binary = media::is_binary(&state.api.binary, state.request.header("content-type"));
    match std::str::from_utf8(&state.body) {
        Ok(text) if !binary => (text.into(), false),
        _ => (base64::encode(&state.body).into(), true),
    }
}

/// A map with the last value of every name; null if there is none.
pub(crate) fn single(pairs: &[(String, String)]) -> Json {
    if pairs.is_empty() {
        return Json::Null;
    }
    let mut map = Map::new();
    for (name, value) in pairs {
        map.insert(name.clone(), value.as_str().into());
    }
    Json::Object(map)
}

/// A map with all values of every name, in order; null if there is none.
pub(crate) fn multiple(pairs: &[(String, String)]) -> Json {
    if pairs.is_empty() {
        return Json::Null;
    }
    let mut map = Map::new();
    for (name, value) in pairs {
        let values = map.entry(name.clone()).or_insert_with(|| json!([]));
        if let Json::Array(values) = values {
            values.push(value.as_str().into());
        }
    }
    Json::Object(map)
}

fn malformed(reason: &str) -> Refusal {
    // Not a type of its own: the class's default, with its own status.
    Refusal::new(
        Phase::IntegrationResponse,
        GatewayResponseType::Default5xx,
        reason,
    )
    .status(502)
}

/// The answer that a function's result is.
pub(crate) fn answer(state: &State<'_>, received: &Received) -> Result<Answer, Refusal> {
    if received
        .headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("x-amz-function-error"))
    {
        return Err(malformed("the function failed"));
    }
    let result: Json = serde_json::from_slice(&received.body)
        .map_err(|_| malformed("the function's result is no JSON"))?;
    let Json::Object(result) = result else {
        return Err(malformed("the function's result is no object"));
    };
    const KNOWN: [&str; 5] = [
        "statusCode",
        "headers",
        "multiValueHeaders",
        "body",
        "isBase64Encoded",
    ];
    if let Some(name) = result.keys().find(|name| !KNOWN.contains(&name.as_str())) {
        return Err(malformed(&format!("the result has a member `{name}`")));
    }
    let status = match result.get("statusCode") {
        None | Some(Json::Null) => Some(200),
        Some(Json::Number(number)) => number.as_u64(),
        // A number in quotes is one.
        Some(Json::String(text)) => text.trim().parse().ok(),
        Some(_) => None,
    };
    let status = status
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (100..=599).contains(status))
        .ok_or_else(|| malformed("the result's statusCode is no status"))?;
    let headers = result_headers(&result)?;
    let text = match result.get("body") {
        None | Some(Json::Null) => "",
        Some(Json::String(text)) => text,
        Some(_) => return Err(malformed("the result's body is no text")),
    };
    let encoded = match result.get("isBase64Encoded") {
        None | Some(Json::Null) => false,
        Some(Json::Bool(encoded)) => *encoded,
        Some(_) => return Err(malformed("the result's isBase64Encoded is no truth value")),
    };
    // Only a client that wants bytes gets bytes; the result's own type plays no part.
    let body = if encoded && media::is_binary(&state.api.binary, state.request.header("accept")) {
        base64::decode(text.as_bytes()).ok_or_else(|| {
            Refusal::configuration(Phase::IntegrationResponse, "the result's body is no base64")
        })?
    } else {
        text.as_bytes().to_vec()
    };
    Ok(Answer {
        status,
        headers: match &state.route {
            Some(route) => outgoing(headers, &route.integration.target),
            None => headers,
        },
        body,
        refusal: None,
    })
}

/// Both header maps: the multi values first, and the single ones under the same spelling.
pub(crate) fn result_headers(result: &Map<String, Json>) -> Result<Headers, Refusal> {
    let text = |value: &Json| match value {
        Json::String(text) => Ok(crate::headers::one_line(text)),
        Json::Bool(value) => Ok(value.to_string()),
        _ => Err(malformed("a header of the result is no text")),
    };
    let mut headers = Headers::new();
    match result.get("multiValueHeaders") {
        None | Some(Json::Null) => {}
        Some(Json::Object(map)) => {
            for (name, values) in map {
                let Json::Array(values) = values else {
                    return Err(malformed("a multi value of the result is no list"));
                };
                for value in values {
                    headers.push((name.clone(), text(value)?));
                }
            }
        }
        Some(_) => return Err(malformed("the result's multiValueHeaders are no object")),
    }
    match result.get("headers") {
        None | Some(Json::Null) => {}
        Some(Json::Object(map)) => {
            for (name, value) in map {
                let value = text(value)?;
                let last = headers
                    .iter()
                    .rposition(|(other, _)| other.eq_ignore_ascii_case(name));
                match last {
                    Some(index) => {
                        let name = headers[index].0.clone();
                        headers.insert(index + 1, (name, value));
                    }
                    None => headers.push((name.clone(), value)),
                }
            }
        }
        Some(_) => return Err(malformed("the result's headers are no object")),
    }
    Ok(headers)
}
