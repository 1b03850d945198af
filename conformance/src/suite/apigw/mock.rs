//! The status that a mock integration takes from its template.

use serde_json::{Value as Json, json};

use super::super::text;
use super::{answered, deploy, refused, send};
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) fn run(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let expect = &case["expect"];
    let output = text(case, "template_output");
    if output.contains(['$', '#']) {
        return Err(Missing("an output that is a template itself".into()));
    }
    // The client never sees the mock's own status; which response it selects tells it.
    let selected = format!("{}", expect["status"]);
    let paths = json!({"/": {"get": {
        "responses": {"201": {"description": "selected"}, "202": {"description": "another"}},
        "x-amazon-apigateway-integration": {
            "type": "mock",
            "requestTemplates": {"application/json": output},
            "responses": {
                selected: {"statusCode": "201"},
                "default": {"statusCode": "202"},
            },
        },
    }}});
    if let Err(refused) = deploy(subject, paths, json!({}), json!({}))? {
        return Ok(refused);
    }
    let nothing = answered(200, Vec::new(), Vec::new());
    let exchanged = send(subject, "GET", "/", Vec::new(), Vec::new(), nothing)?;
    if expect.get("error").is_some() {
        return Ok(refused(expect, &exchanged));
    }
    let got = exchanged.answer.status;
    Ok(match got {
        201 => Outcome::Passed,
        _ => Outcome::failed(
            "selected response",
            format!("that of the status {}", expect["status"]),
            format!("{got} {}", String::from_utf8_lossy(&exchanged.answer.body)),
        ),
    })
}
