//! Parameter mapping of requests and responses.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};

use super::super::{members, text};
use super::{answered, call, deploy, headers, refused, send};
use crate::matching::same_json;
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) fn run(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    match text(case, "direction") {
        "request" => request(case, subject),
        _ => response(case, subject),
    }
}

/// A case's own context cannot be brought about by a request.
fn free_of_context(mappings: &Json) -> Result<(), Missing> {
    let values = members(Some(mappings));
    match values
        .iter()
        .any(|(_, v)| v.as_str().is_some_and(|v| v.starts_with("context.")))
    {
        true => Err(Missing(
            "values of `$context` that a case sets itself".into(),
        )),
        false => Ok(()),
    }
}

fn request(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let input = &case["input"];
    let given = &input["invocation_request"];
    let mappings = &input["request_parameters"];
    free_of_context(mappings)?;

    let captured = members(given.get("path_parameters"));
    let (mut path, mut target) = (String::from("/m"), String::from("/m"));
    let mut declared: BTreeSet<(String, String)> = BTreeSet::new();
    for (name, value) in &captured {
        path.push_str(&format!("/{{{name}}}"));
        target.push_str(&format!("/{}", value.as_str().unwrap_or_default()));
        declared.insert(("path".into(), name.clone()));
    }
    for (_, source) in members(Some(mappings)) {
        let source = source.as_str().unwrap_or_default().to_owned();
        let Some((place, name)) = source
            .strip_prefix("method.request.")
            .and_then(|rest| rest.split_once('.'))
        else {
            continue;
        };
        let place = match place {
            "header" | "multivalueheader" => "header",
            "querystring" | "multivaluequerystring" => "query",
            "path" => "path",
            _ => continue,
        };
        declared.insert((place.into(), name.to_owned()));
    }
    let parameters: Vec<Json> = declared
        .iter()
        .map(|(place, name)| {
            json!({"name": name, "in": place, "required": place == "path",
                "schema": {"type": "string"}})
        })
        .collect();
    // What is mapped into the path must have a place there.
    let mut uri = String::from("https://backend.example.com/m");
    for (target, _) in members(Some(mappings)) {
        if let Some(name) = target.strip_prefix("integration.request.path.") {
            uri.push_str(&format!("/{{{name}}}"));
        }
    }
    let paths = json!({ path: {"post": {
        "parameters": parameters,
        "responses": {"200": {"description": "done"}},
        "x-amazon-apigateway-integration": {
            "type": "http", "httpMethod": "POST", "uri": uri,
            "passthroughBehavior": "when_no_match",
            "requestParameters": mappings,
            "responses": {"default": {"statusCode": "200"}},
        },
    }}});
    let variables = input["stage_variables"].clone();
    if let Err(refused) = deploy(subject, paths, json!({}), variables)? {
        return Ok(refused);
    }
    let query = &given["multi_value_query_string_parameters"];
    let mut pairs = Vec::new();
    for (name, values) in members(Some(query)) {
        for value in values
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Json::as_str)
        {
            pairs.push(format!("{name}={value}"));
        }
    }
    if !pairs.is_empty() {
        target.push_str(&format!("?{}", pairs.join("&")));
    }
    let body = text(given, "body").as_bytes().to_vec();
    let nothing = answered(200, Vec::new(), Vec::new());
    let exchanged = send(
        subject,
        "POST",
        &target,
        headers(&given["headers"]),
        body,
        nothing,
    )?;
    let expect = &case["expect"];
    if expect.get("error").is_some() {
        return Ok(refused(expect, &exchanged));
    }
    let call = match call(&exchanged) {
        Ok(call) => call,
        Err(outcome) => return Ok(outcome),
    };
    let mut got = Map::new();
    for (target, _) in members(Some(mappings)) {
        let Some((place, name)) = target
            .strip_prefix("integration.request.")
            .and_then(|rest| rest.split_once('.'))
        else {
            continue;
        };
        let value = match place {
            "header" => joined(&call.headers, name),
            "querystring" => match call.query.iter().filter(|(other, _)| other == name).count() {
                0 => None,
                1 => call
                    .query
                    .iter()
                    .find(|(n, _)| n == name)
                    .map(|(_, v)| json!(v)),
                _ => Some(json!(
                    call.query
                        .iter()
                        .filter(|(n, _)| n == name)
                        .map(|(_, v)| v)
                        .collect::<Vec<_>>()
                )),
            },
            _ => in_path(&uri, &call.uri, name).map(Json::from),
        };
        if let Some(value) = value {
            got.entry(place).or_insert_with(|| json!({}))[name] = value;
        }
    }
    Ok(compare(&expect["mapping"], &Json::Object(got)))
}

/// What stands in a placeholder's segment; nothing if the placeholder is still there.
fn in_path(pattern: &str, uri: &str, name: &str) -> Option<String> {
    let placeholder = format!("{{{name}}}");
    let at = pattern
        .split('/')
        .position(|segment| segment == placeholder)?;
    let found = uri.split('/').nth(at)?;
    (found != placeholder && !found.is_empty()).then(|| found.to_owned())
}

fn joined(headers: &[(String, String)], name: &str) -> Option<Json> {
    let values: Vec<&str> = headers
        .iter()
        .filter(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
        .collect();
    (!values.is_empty()).then(|| json!(values.join(",")))
}

fn response(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let input = &case["input"];
    let given = &input["integration_response"];
    let mappings = &input["response_parameters"];
    free_of_context(mappings)?;
    let mut declared = Map::new();
    for (target, _) in members(Some(mappings)) {
        if let Some(name) = target.strip_prefix("method.response.header.") {
            declared.insert(name.to_owned(), json!({"schema": {"type": "string"}}));
        }
    }
    let paths = json!({"/": {"get": {
        "responses": {"200": {"description": "done", "headers": declared}},
        "x-amazon-apigateway-integration": {
            "type": "http", "httpMethod": "GET", "uri": "https://backend.example.com/",
            "responses": {"default": {"statusCode": "200", "responseParameters": mappings}},
        },
    }}});
    let variables = input["stage_variables"].clone();
    if let Err(refused) = deploy(subject, paths, json!({}), variables)? {
        return Ok(refused);
    }
    let status = given["status_code"]
        .as_u64()
        .and_then(|status| u16::try_from(status).ok());
    let body = text(given, "body").as_bytes().to_vec();
    let backend = answered(status.unwrap_or(200), headers(&given["headers"]), body);
    let exchanged = send(subject, "GET", "/", Vec::new(), Vec::new(), backend)?;
    let expect = &case["expect"];
    if expect.get("error").is_some() {
        return Ok(refused(expect, &exchanged));
    }
    let mut got = Map::new();
    for name in declared.keys() {
        if let Some(value) = joined(&exchanged.answer.headers, name) {
            got.entry("header").or_insert_with(|| json!({}))[name] = value;
        }
    }
    Ok(compare(&expect["mapping"], &Json::Object(got)))
}

/// Both without their empty places.
fn compare(expected: &Json, got: &Json) -> Outcome {
    let kept = |value: &Json| {
        let places = members(Some(value)).into_iter();
        Json::Object(places.filter(|(_, place)| *place != json!({})).collect())
    };
    let (expected, got) = (kept(expected), kept(got));
    match same_json(&expected, &got) {
        true => Outcome::Passed,
        false => Outcome::failed("mapping", expected.to_string(), got.to_string()),
    }
}
