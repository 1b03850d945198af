//! Bodies converted between text and bytes.

use serde_json::{Value as Json, json};

use super::{answered, call, deploy, headers, send};
use crate::bytes;
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) fn run(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let id = super::text(case, "id");
    let response = id.contains("handler_integration_response");
    let mut integration = json!({
        "type": "http", "httpMethod": "POST", "uri": "https://backend.example.com/",
        "passthroughBehavior": "when_no_match",
        "responses": {"default": {"statusCode": "200"}},
    });
    if let Some(handling) = case["contentHandling"].as_str() {
        match response {
            true => integration["responses"]["default"]["contentHandling"] = handling.into(),
            false => integration["contentHandling"] = handling.into(),
        }
    }
    let mut more = json!({});
    if case["binaryMediaTypes"].is_array() {
        more["x-amazon-apigateway-binary-media-types"] = case["binaryMediaTypes"].clone();
    }
    let paths = json!({"/": {"post": {
        "responses": {"200": {"description": "done"}},
        "x-amazon-apigateway-integration": integration,
    }}});
    if let Err(refused) = deploy(subject, paths, more, json!({}))? {
        return Ok(refused);
    }
    let (given, sent) = (headers(&case["headers"]), body(&case["body"]));
    let exchanged = match response {
        true => {
            let mut accepted = Vec::new();
            if let Some(accept) = case["accept"].as_str() {
                accepted.push(("Accept".to_owned(), accept.to_owned()));
            }
            let backend = answered(200, given, sent);
            send(subject, "POST", "/", accepted, Vec::new(), backend)?
        }
        false => {
            let nothing = answered(200, Vec::new(), Vec::new());
            send(subject, "POST", "/", given, sent, nothing)?
        }
    };
    let got = match (response, call(&exchanged)) {
        (true, Ok(_)) => exchanged.answer.body.clone(),
        (false, Ok(call)) => call.body.clone(),
        (_, Err(outcome)) => return Ok(outcome),
    };
    let wanted = body(&case["expect"]);
    let shown = |body: &[u8]| match std::str::from_utf8(body) {
        Ok(text) => text.to_owned(),
        Err(_) => format!("base64 {}", bytes::encode(body)),
    };
    Ok(Outcome::equal("body", &shown(&wanted), &shown(&got)))
}

/// `{"str": text}` or `{"base64": bytes}`.
fn body(given: &Json) -> Vec<u8> {
    match (given["str"].as_str(), given["base64"].as_str()) {
        (Some(text), _) => text.as_bytes().to_vec(),
        (_, Some(encoded)) => bytes::decode(encoded).unwrap_or_default(),
        _ => given.as_str().unwrap_or_default().as_bytes().to_vec(),
    }
}
