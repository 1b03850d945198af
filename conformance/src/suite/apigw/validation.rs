//! Request validators.

use serde_json::{Map, Value as Json, json};

use super::super::{members, text};
use super::{answered, deploy, headers, refused, send};
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) fn run(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let (method, given) = (&case["method"], &case["request"]);
    let mut schemas = Map::new();
    for (name, model) in members(case.get("models")) {
        let schema = serde_json::from_str(text(&model, "schema"))
            .map_err(|error| Missing(format!("this model: {error}")))?;
        schemas.insert(name, schema);
    }
    // A model refers to others by their names.
    for schema in schemas.values_mut() {
        refer(schema);
    }
    let captured = members(given.get("path_parameters"));
    let (mut path, mut target) = (String::from("/v"), String::from("/v"));
    let mut parameters = Vec::new();
    for (name, value) in &captured {
        path.push_str(&format!("/{{{name}}}"));
        target.push_str(&format!("/{}", value.as_str().unwrap_or_default()));
    }
    for (name, required) in members(method.get("requestParameters")) {
        let Some((place, name)) = name
            .strip_prefix("method.request.")
            .and_then(|rest| rest.split_once('.'))
        else {
            continue;
        };
        if place == "path" && !captured.iter().any(|(other, _)| other == name) {
            return Err(Missing(
                "a required path parameter that the path lacks".into(),
            ));
        }
        let place = if place == "querystring" {
            "query"
        } else {
            place
        };
        parameters.push(json!({"name": name, "in": place, "required": required,
            "schema": {"type": "string"}}));
    }
    let mut operation = json!({
        "parameters": parameters,
        "responses": {"200": {"description": "let through"}},
        "x-amazon-apigateway-integration": {
            "type": "http", "httpMethod": "POST", "uri": "https://backend.example.com/",
            "passthroughBehavior": "when_no_match",
            "responses": {"default": {"statusCode": "200"}},
        },
    });
    let mut content = Map::new();
    for (ty, model) in members(method.get("requestModels")) {
        let model = model.as_str().unwrap_or_default();
        if !schemas.contains_key(model) {
            return Err(Missing("a model that does not exist".into()));
        }
        let schema = json!({"$ref": format!("#/components/schemas/{model}")});
        content.insert(ty, json!({ "schema": schema }));
    }
    if !content.is_empty() {
        operation["requestBody"] = json!({ "content": content });
    }
    let mut validators = Map::new();
    for (name, validator) in members(case.get("validators")) {
        let flag = |name: &str| validator[name].as_bool().unwrap_or(false);
        validators.insert(
            name,
            json!({
                "validateRequestBody": flag("validateRequestBody"),
                "validateRequestParameters": flag("validateRequestParameters"),
            }),
        );
    }
    if let Some(validator) = method.get("requestValidatorId") {
        operation["x-amazon-apigateway-request-validator"] = validator.clone();
    }
    let more = json!({
        "components": {"schemas": schemas},
        "x-amazon-apigateway-request-validators": validators,
    });
    let paths = json!({ path: {"post": operation} });
    if let Err(refused) = deploy(subject, paths, more, json!({}))? {
        return Ok(refused);
    }
    let mut pairs = Vec::new();
    for (name, value) in members(given.get("query_string_parameters")) {
        pairs.push(format!("{name}={}", value.as_str().unwrap_or_default()));
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
    Ok(match expect.get("error") {
        Some(_) => refused(expect, &exchanged),
        None => Outcome::equal("status", "200", &exchanged.answer.status.to_string()),
    })
}

/// Names of models as the documents that they stand for.
fn refer(schema: &mut Json) {
    match schema {
        Json::Object(map) => {
            for (name, value) in map {
                match value {
                    Json::String(target) if name == "$ref" => {
                        let model = target.rsplit('/').next().unwrap_or_default();
                        *target = format!("#/components/schemas/{model}");
                    }
                    other => refer(other),
                }
            }
        }
        Json::Array(items) => items.iter_mut().for_each(refer),
        _ => {}
    }
}
