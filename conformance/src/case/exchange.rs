//! Requests to one deployment, in order, with the calls that they cause.

use std::net::IpAddr;

use serde_json::Value as Json;
use tollgate_reference::{BackendAnswer, Call, CallKind, Request};

use crate::bytes;
use crate::matching::{self, Mismatch};
use crate::subject::{Exchanged, Script, Subject};
use crate::suite::text;
use crate::verdict::{Missing, Outcome};

use super::program;

pub(super) fn run(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    match text(case, "api_type") {
        "" | "rest" => {}
        "http" if subject.serves_http_apis() => {}
        "http" => return Err(Missing("HTTP APIs".into())),
        other => return Err(Missing(format!("APIs of the kind `{other}`"))),
    }
    let deployment = match program::deployment(case) {
        Ok(deployment) => deployment,
        Err(message) => return Ok(Outcome::failed("compilation", "a program", message)),
    };
    subject.deploy(&deployment)?;
    let exchanges = case["exchanges"].as_array().cloned().unwrap_or_default();
    for (index, exchange) in exchanges.iter().enumerate() {
        let request = request(&exchange["request"], &deployment.stage);
        let script = script(exchange);
        let exchanged = subject.exchange(&request, &script)?;
        if let Err(mismatch) = check(exchange, &exchanged) {
            let mut outcome = Outcome::from(mismatch);
            if let Outcome::Failed { at, .. } = &mut outcome {
                *at = format!("exchange {}, {at}", index + 1);
            }
            return Ok(outcome);
        }
    }
    super::config::beside(case)
}

fn request(given: &Json, stage: &str) -> Request {
    let target = match given.get("target").and_then(Json::as_str) {
        Some(target) => target.to_owned(),
        None => {
            let query = match text(given, "query") {
                "" => String::new(),
                query => format!("?{query}"),
            };
            format!("/{stage}{}{query}", text(given, "path"))
        }
    };
    let mut request = Request::new(text(given, "method"), target);
    request.headers = pairs(&given["headers"]);
    request.body = body(given.get("body"));
    request.domain = "abcdef1234.execute-api.us-east-1.amazonaws.com".into();
    if let Ok(address) = text(given, "source_ip").parse::<IpAddr>() {
        request.source_ip = address;
    }
    request
}

fn pairs(given: &Json) -> Vec<(String, String)> {
    given
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|pair| {
            let [name, value] = pair.as_array()?.as_slice() else {
                return None;
            };
            Some((name.as_str()?.to_owned(), value.as_str()?.to_owned()))
        })
        .collect()
}

fn body(given: Option<&Json>) -> Vec<u8> {
    match given {
        Some(Json::String(text)) => text.as_bytes().to_vec(),
        Some(Json::Object(map)) => map
            .get("base64")
            .and_then(Json::as_str)
            .and_then(bytes::decode)
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// What the world answers. Without a scripted answer a backend gives an empty 200.
fn script(exchange: &Json) -> Script {
    let backend = exchange.get("backend");
    Script {
        backend: Some(backend.map_or_else(|| answered(200, Vec::new(), Vec::new()), backend_of)),
        authorizer: exchange
            .get("authorizer")
            .map(|authorizer| match authorizer.get("error") {
                Some(_) => backend_of(authorizer),
                None => lambda(&authorizer["output"], false),
            }),
        ..Script::default()
    }
}

fn answered(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> BackendAnswer {
    BackendAnswer::Answered {
        status,
        headers,
        body,
    }
}

fn lambda(result: &Json, failed: bool) -> BackendAnswer {
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    if failed {
        headers.push(("X-Amz-Function-Error".into(), "Unhandled".into()));
    }
    answered(200, headers, result.to_string().into_bytes())
}

/// A scripted answer.
pub(super) fn backend_of(given: &Json) -> BackendAnswer {
    if let Some(result) = given.get("lambda_result") {
        return lambda(result, false);
    }
    if let Some(error) = given.get("lambda_error") {
        return lambda(error, true);
    }
    if let Some(text) = given.get("lambda_result_text").and_then(Json::as_str) {
        let headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
        return answered(200, headers, text.as_bytes().to_vec());
    }
    match given.get("error").and_then(Json::as_str) {
        Some("timeout") => return BackendAnswer::TimedOut,
        Some("connection") => return BackendAnswer::Unreachable,
        Some(_) => return BackendAnswer::Rejected,
        None => {}
    }
    let status = given["status"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok())
        .unwrap_or(200);
    answered(status, pairs(&given["headers"]), body(given.get("body")))
}

fn check(exchange: &Json, exchanged: &Exchanged) -> Result<(), Mismatch> {
    let called = exchanged.integrations.len();
    if exchange.get("backend_called") == Some(&Json::Bool(false)) && called > 0 {
        return Err(Mismatch {
            at: "backend".into(),
            expected: "no call".into(),
            got: format!("{called} calls"),
        });
    }
    if let Some(expected) = exchange.get("backend_request") {
        match exchanged.integrations.as_slice() {
            [call] => check_call(expected, call)?,
            calls => {
                return Err(Mismatch {
                    at: "backend".into(),
                    expected: "one call".into(),
                    got: format!("{} calls; the client got {}", calls.len(), shown(exchanged)),
                });
            }
        }
    }
    let expected = &exchange["response"];
    let answer = &exchanged.answer;
    if let Some(status) = expected.get("status").and_then(Json::as_u64)
        && status != u64::from(answer.status)
    {
        return Err(Mismatch {
            at: "response status".into(),
            expected: status.to_string(),
            got: shown(exchanged),
        });
    }
    let headers = with_length(&answer.headers, &answer.body);
    if let Some(wanted) = expected.get("headers") {
        matching::headers(wanted, &headers, "response header")?;
    }
    if let Some(absent) = expected.get("absent_headers") {
        matching::absent_headers(absent, &headers, "response header")?;
    }
    matching::any_body(expected, &answer.body, "response")
}

fn shown(exchanged: &Exchanged) -> String {
    let answer = &exchanged.answer;
    format!(
        "{} {}",
        answer.status,
        String::from_utf8_lossy(&answer.body)
    )
}

/// The transport's `Content-Length`, where nothing else set one.
fn with_length(headers: &[(String, String)], body: &[u8]) -> Vec<(String, String)> {
    let mut headers = headers.to_vec();
    if !headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-length"))
    {
        headers.push(("Content-Length".into(), body.len().to_string()));
    }
    headers
}

fn check_call(expected: &Json, call: &Call) -> Result<(), Mismatch> {
    let at = "backend request";
    for (name, got) in [("method", &call.method), ("uri", &call.uri)] {
        if let Some(expected) = expected.get(name) {
            matching::text(expected, got, &format!("{at} {name}"))?;
        }
    }
    for (name, exact) in [("query", true), ("query_subset", false)] {
        if let Some(expected) = expected.get(name) {
            check_query(expected, &call.query, exact, &format!("{at} {name}"))?;
        }
    }
    let mut headers = with_length(&call.headers, &call.body);
    if call.kind != CallKind::Http {
        // A service's own parameters go into its URL; nothing else is added.
        headers.retain(|(name, _)| !name.eq_ignore_ascii_case("connection"));
    }
    if let Some(wanted) = expected.get("headers") {
        matching::headers(wanted, &headers, &format!("{at} header"))?;
    }
    if let Some(absent) = expected.get("absent_headers") {
        matching::absent_headers(absent, &headers, &format!("{at} header"))?;
    }
    matching::any_body(expected, &call.body, at)?;
    if let Some(paths) = expected.get("json_absent").and_then(Json::as_array) {
        let document: Json = serde_json::from_slice(&call.body).unwrap_or(Json::Null);
        for path in paths {
            let steps: Vec<&str> = path
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Json::as_str)
                .collect();
            let found = steps
                .iter()
                .try_fold(&document, |value, step| value.get(step));
            if let Some(found) = found.filter(|_| !steps.is_empty()) {
                return Err(Mismatch {
                    at: format!("{at} body .{}", steps.join(".")),
                    expected: "nothing".into(),
                    got: found.to_string(),
                });
            }
        }
    }
    Ok(())
}

/// Names with lists of decoded values; order counts within a name alone.
fn check_query(
    expected: &Json,
    got: &[(String, String)],
    exact: bool,
    at: &str,
) -> Result<(), Mismatch> {
    let mut found = serde_json::Map::new();
    for (name, value) in got {
        let values = found
            .entry(name.clone())
            .or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(values) = values {
            values.push(value.as_str().into());
        }
    }
    let found = Json::Object(found);
    if exact {
        matching::json(expected, &found, at)
    } else {
        matching::json_subset(expected, &found, at)
    }
}
