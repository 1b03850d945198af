//! A template alone.

use serde_json::{Value as Json, json};

use crate::engines::{TemplateInput, TemplateOutput};
use crate::matching;
use crate::subject::Subject;
use crate::suite::{members, text};
use crate::verdict::{Missing, Outcome};

pub(super) fn run(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let given = &case["input"];
    let object = |name: &str| case.get(name).cloned().unwrap_or_else(|| json!({}));
    let input = TemplateInput {
        // Blanks around a template are no part of it.
        template: text(case, "template").trim().to_owned(),
        body: text(given, "body").to_owned(),
        path: members(given.get("path")),
        query: members(given.get("querystring")),
        headers: members(given.get("header")),
        context: object("context"),
        stage_variables: object("stage_variables"),
        variables: Vec::new(),
    };
    let expect = &case["expect"];
    let output = subject.template(&input)?;
    let TemplateOutput::Rendered {
        text, overrides, ..
    } = output
    else {
        return Ok(if expect.get("error").is_some() {
            Outcome::Passed
        } else {
            Outcome::failed("output", expect.to_string(), format!("{output:?}"))
        });
    };
    if let Some(error) = expect.get("error") {
        return Ok(Outcome::failed("output", format!("error {error}"), text));
    }
    let checks = [
        expect
            .get("output")
            .map(|expected| matching::text(expected, &text, "output")),
        expect
            .get("json_output")
            .map(|expected| match serde_json::from_str(&text) {
                Ok(document) => matching::json(expected, &document, "output"),
                Err(_) => matching::text(expected, &text, "output"),
            }),
        expect
            .get("overrides")
            .map(|expected| matching::json(expected, &overrides, "overrides")),
    ];
    Ok(checks
        .into_iter()
        .flatten()
        .find_map(Result::err)
        .map_or(Outcome::Passed, Outcome::from))
}
