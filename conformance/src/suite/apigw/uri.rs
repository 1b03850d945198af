//! What is filled into an integration's URI.

use serde_json::{Map, Value as Json, json};

use super::super::{members, text};
use super::{answered, call, deploy, send};
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) fn run(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let uri = text(case, "uri");
    let mut mappings = Map::new();
    let mut variables = json!({});
    let values = members(case.get("values"));
    match text(case, "kind") {
        "path-parameters" => {
            for (name, value) in values {
                let value = format!("'{}'", value.as_str().unwrap_or_default());
                mappings.insert(format!("integration.request.path.{name}"), value.into());
            }
        }
        "stage-variables" => variables = Json::Object(values.into_iter().collect()),
        other => return Err(Missing(format!("URIs filled with `{other}`"))),
    }
    let http = uri.starts_with("http");
    let paths = json!({"/": {"get": {
        "responses": {"200": {"description": "done"}},
        "x-amazon-apigateway-integration": {
            "type": if http { "http" } else { "aws" },
            "httpMethod": if http { "GET" } else { "POST" },
            "uri": uri,
            "requestParameters": mappings,
            "responses": {"default": {"statusCode": "200"}},
        },
    }}});
    if let Err(refused) = deploy(subject, paths, json!({}), variables)? {
        return Ok(refused);
    }
    let nothing = answered(200, Vec::new(), Vec::new());
    let exchanged = send(subject, "GET", "/", Vec::new(), Vec::new(), nothing)?;
    Ok(match call(&exchanged) {
        Ok(call) => {
            // Without a path the URI's path is `/`, which cases do not write.
            let got = match uri.matches('/').count() {
                2 => call.uri.trim_end_matches('/'),
                _ => &call.uri,
            };
            Outcome::equal("uri", text(&case["expect"], "uri"), got)
        }
        Err(outcome) => outcome,
    })
}
