//! Which resource a request belongs to, and what its path says.

use serde_json::{Map, Value as Json, json};

use super::super::text;
use super::{answered, call, deploy, refused, send};
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) fn run(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let mut paths = Map::new();
    for resource in case["resources"].as_array().into_iter().flatten() {
        let path = text(resource, "path");
        let captured: Vec<&str> = path
            .split('/')
            .filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
            .map(|name| name.trim_end_matches('+'))
            .collect();
        // What was captured is sent along in headers.
        let mut mappings = Map::new();
        let mut parameters = Vec::new();
        for name in &captured {
            let source = format!("method.request.path.{name}");
            mappings.insert(
                format!("integration.request.header.x-{name}"),
                source.into(),
            );
            parameters.push(json!({"name": name, "in": "path", "required": true,
                "schema": {"type": "string"}}));
        }
        let mut item = Map::new();
        for method in resource["methods"].as_array().into_iter().flatten() {
            let method = method.as_str().unwrap_or_default();
            let key = match method {
                "ANY" => "x-amazon-apigateway-any-method".to_owned(),
                method => method.to_lowercase(),
            };
            mappings.insert(
                "integration.request.header.x-resource".into(),
                format!("'{path}'").into(),
            );
            let operation = json!({
                "parameters": parameters,
                "responses": {"200": {"description": "done"}},
                "x-amazon-apigateway-integration": {
                    "type": "http", "httpMethod": "GET", "uri": "https://backend.example.com/",
                    "requestParameters": mappings,
                    "responses": {"default": {"statusCode": "200"}},
                },
            });
            item.insert(key, operation);
        }
        paths.insert(path.to_owned(), Json::Object(item));
    }
    if let Err(refused) = deploy(subject, Json::Object(paths), json!({}), json!({}))? {
        return Ok(refused);
    }
    let request = &case["request"];
    let (method, path) = (text(request, "http_method"), text(request, "raw_path"));
    let nothing = answered(200, Vec::new(), Vec::new());
    let exchanged = send(subject, method, path, Vec::new(), Vec::new(), nothing)?;
    let expect = &case["expect"];
    if expect.get("error").is_some() {
        return Ok(refused(expect, &exchanged));
    }
    let call = match call(&exchanged) {
        Ok(call) => call,
        Err(outcome) => return Ok(outcome),
    };
    let header = |name: &str| {
        let found = call
            .headers
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map_or("nothing", |(_, value)| value.as_str())
    };
    let resource = header("x-resource");
    if resource != text(expect, "resource") {
        return Ok(Outcome::failed(
            "resource",
            text(expect, "resource"),
            resource,
        ));
    }
    for (name, value) in super::super::members(expect.get("params")) {
        let (wanted, got) = (
            value.as_str().unwrap_or_default(),
            header(&format!("x-{name}")),
        );
        if wanted != got {
            return Ok(Outcome::failed(
                format!("path parameter {name}"),
                wanted,
                got,
            ));
        }
    }
    Ok(Outcome::Passed)
}
