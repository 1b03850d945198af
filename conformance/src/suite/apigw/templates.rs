//! Templates, and the functions of `$util`.

use serde_json::{Map, Value as Json, json};

use super::super::{members, text, vtl_oracle};
use super::{answered, deploy, send};
use crate::engines::{TemplateInput, TemplateOutput};
use crate::matching::same_json;
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

/// A template with its variables and, at times, the overrides that it leaves.
pub(super) fn run(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let input = input(case, text(case, "template"));
    let got = subject.template(&input)?;
    let after = &case["expect"]["overrides_after"];
    if let (TemplateOutput::Rendered { overrides, .. }, Json::Object(_)) = (&got, after) {
        // Of a response template the file gives the response's overrides alone.
        let got = match text(case, "kind") {
            "response" => &overrides["responseOverride"],
            _ => overrides,
        };
        // A status of 0 is that of the file's maps before the template ran.
        let (wanted, got) = (without_empty(after), without_empty(got));
        if !same_json(&wanted, &got) {
            let (wanted, got) = (wanted.to_string(), got.to_string());
            return Ok(Outcome::failed("overrides", wanted, got));
        }
    }
    Ok(vtl_oracle::check(
        &json!({"output": case["expect"]["output"]}),
        got,
    ))
}

/// What the real service answered.
pub(super) fn recorded(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let expect = &case["expect"];
    match text(case, "kind") {
        "echo-roundtrip" => {
            let request = subject.template(&input(case, text(case, "request_template")))?;
            let TemplateOutput::Rendered { text: sent, .. } = request else {
                let got = format!("{request:?}");
                return Ok(Outcome::failed("request template", "a text", got));
            };
            let response = TemplateInput {
                template: text(case, "response_template").to_owned(),
                body: sent,
                context: json!({}),
                stage_variables: json!({}),
                ..TemplateInput::default()
            };
            Ok(vtl_oracle::check(expect, subject.template(&response)?))
        }
        "mock" => mock(case, subject),
        _ => {
            let input = input(case, text(case, "template"));
            Ok(vtl_oracle::check(expect, subject.template(&input)?))
        }
    }
}

/// A whole mock integration: overrides of the request are seen by the response's template.
fn mock(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let expect = &case["expect"];
    let parameters = members(case.get("path_parameters"));
    let (mut path, mut target, mut declared) = (String::new(), String::new(), Vec::new());
    for (name, value) in &parameters {
        path.push_str(&format!("/{{{name}}}"));
        target.push_str(&format!("/{}", value.as_str().unwrap_or_default()));
        declared.push(json!({"name": name, "in": "path", "required": true,
            "schema": {"type": "string"}}));
    }
    let paths = json!({ path: {"get": {
        "parameters": declared,
        "responses": {"200": {"description": "done"}},
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": {"application/json": case["request_template"]},
            "responses": {"default": {
                "statusCode": "200",
                "responseTemplates": {"application/json": case["response_template"]},
            }},
        },
    }}});
    if let Err(refused) = deploy(subject, paths, json!({}), json!({}))? {
        return Ok(refused);
    }
    let nothing = answered(200, Vec::new(), Vec::new());
    let exchanged = send(subject, "GET", &target, Vec::new(), Vec::new(), nothing)?;
    let status = exchanged.answer.status;
    let body: Json = serde_json::from_slice(&exchanged.answer.body).unwrap_or_default();
    if Some(u64::from(status)) == expect["status"].as_u64() && same_json(&expect["json"], &body) {
        return Ok(Outcome::Passed);
    }
    let got = String::from_utf8_lossy(&exchanged.answer.body);
    Ok(Outcome::failed(
        "answer",
        expect.to_string(),
        format!("{status} {got}"),
    ))
}

/// A function of `$util` with its arguments.
pub(super) fn function(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let (mut arguments, mut context) = (Vec::new(), Map::new());
    for (at, value) in case["args"].as_array().into_iter().flatten().enumerate() {
        arguments.push(format!("$context.a{at}"));
        if !value.is_null() {
            context.insert(format!("a{at}"), value.clone());
        }
    }
    let template = format!("{}({})", text(case, "function"), arguments.join(", "));
    let input = TemplateInput {
        template,
        context: Json::Object(context),
        stage_variables: json!({}),
        ..TemplateInput::default()
    };
    let value = &case["expect"]["value"];
    let output = match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    Ok(vtl_oracle::check(
        &json!({"output": output}),
        subject.template(&input)?,
    ))
}

/// The variables of a case.
fn input(case: &Json, template: &str) -> TemplateInput {
    let variables = &case["variables"];
    let parameters = &variables["input"]["params"];
    let place = |name: &str| match &parameters[name]["multi"] {
        // Of a repeated header the last one counts.
        Json::Array(_) => {
            let mut map = Map::new();
            for (name, value) in super::headers(&parameters[name]) {
                map.insert(name, value.into());
            }
            map.into_iter().collect()
        }
        _ => members(parameters.get(name)),
    };
    let either = |one: &str, other: &str| match variables.get(one).or(variables.get(other)) {
        Some(value @ Json::Object(_)) => value.clone(),
        _ => json!({}),
    };
    let reserved = ["input", "context", "stageVariables", "stage_variables"];
    TemplateInput {
        template: template.to_owned(),
        body: match &variables["input"]["body"] {
            Json::String(body) => body.clone(),
            Json::Null => String::new(),
            other => other.to_string(),
        },
        path: place("path"),
        query: place("querystring"),
        headers: place("header"),
        context: either("context", "context"),
        stage_variables: either("stageVariables", "stage_variables"),
        variables: members(Some(variables))
            .into_iter()
            .filter(|(name, _)| !reserved.contains(&name.as_str()))
            .collect(),
    }
}

/// Without members that are empty objects or the status 0, at every depth.
fn without_empty(value: &Json) -> Json {
    let Json::Object(map) = value else {
        return match value {
            Json::Null => json!({}),
            other => other.clone(),
        };
    };
    map.iter()
        .map(|(name, value)| (name.clone(), without_empty(value)))
        .filter(|(name, value)| *value != json!({}) && !(name == "status" && *value == json!(0)))
        .collect::<Map<_, _>>()
        .into()
}
