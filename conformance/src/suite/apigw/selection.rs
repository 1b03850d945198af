//! Which response of an integration is selected.

use serde_json::{Map, Value as Json, json};

use super::super::{members, text};
use super::{answered, deploy, refused, send};
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) fn run(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let Some(value) = case["selection_value"].as_str() else {
        return Err(Missing(
            "what is selected by: the case does not give it".into(),
        ));
    };
    let expect = &case["expect"];
    let mut responses = Map::new();
    let mut declared = Map::new();
    for (_, response) in members(case.get("integration_responses")) {
        let pattern = match text(&response, "selectionPattern") {
            "" => "default",
            pattern => pattern,
        };
        let status = text(&response, "statusCode").to_owned();
        responses.insert(pattern.to_owned(), json!({"statusCode": status}));
        declared.insert(status, json!({"description": "one of them"}));
    }
    let status: Option<u16> = value.parse().ok();
    let mut integration = match status {
        Some(_) => {
            json!({"type": "http", "httpMethod": "GET", "uri": "https://backend.example.com/"})
        }
        None => json!({"type": "aws", "httpMethod": "POST",
            "uri": "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/\
                arn:aws:lambda:us-east-1:111111111111:function:f/invocations"}),
    };
    integration["responses"] = Json::Object(responses);
    let paths = json!({"/": {"get": {
        "responses": declared,
        "x-amazon-apigateway-integration": integration,
    }}});
    if let Err(refused) = deploy(subject, paths, json!({}), json!({}))? {
        return Ok(refused);
    }
    let backend = match status {
        Some(status) => answered(status, Vec::new(), Vec::new()),
        None => answered(
            200,
            vec![("X-Amz-Function-Error".into(), "Unhandled".into())],
            json!({"errorMessage": value}).to_string().into_bytes(),
        ),
    };
    let exchanged = send(subject, "GET", "/", Vec::new(), Vec::new(), backend)?;
    if expect.get("error").is_some() {
        return Ok(refused(expect, &exchanged));
    }
    let wanted = text(&expect["selected"], "statusCode");
    Ok(Outcome::equal(
        "status",
        wanted,
        &exchanged.answer.status.to_string(),
    ))
}
