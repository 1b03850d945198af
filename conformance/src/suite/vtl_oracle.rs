//! Mapping templates with what Velocity 1.7 printed for them.

use serde_json::{Value as Json, json};

use super::{Suite, members, text};
use crate::engines::{TemplateInput, TemplateOutput};
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) struct VtlOracle;

impl Suite for VtlOracle {
    fn run(&mut self, _: &str, case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
        let expect = &case["expect"];
        let given = &case["input"];
        let input = TemplateInput {
            template: text(case, "template").to_owned(),
            body: text(given, "body").to_owned(),
            path: members(given.get("path")),
            query: members(given.get("querystring")),
            headers: members(given.get("header")),
            context: case.get("context").cloned().unwrap_or_else(|| json!({})),
            stage_variables: case
                .get("stage_variables")
                .cloned()
                .unwrap_or_else(|| json!({})),
            variables: Vec::new(),
        };
        let outcome = check(expect, subject.template(&input)?);
        Ok(match unrecorded(case) {
            None => outcome,
            Some(why) => Outcome::Skipped(match outcome {
                Outcome::Passed => format!("{why}; answered as the suite expects"),
                _ => format!("{why}; answered otherwise"),
            }),
        })
    }
}

/// Why a case says nothing of the reference: no recording covers what it expects.
fn unrecorded(case: &Json) -> Option<&'static str> {
    if case.get("guess").is_some_and(|guess| !guess.is_null()) {
        Some("not recorded: a guess of the suite")
    } else if text(case, "support") == "unknown" {
        Some("not recorded: whether the reference accepts the template")
    } else if text(case, "confidence") == "null-value" {
        Some("not recorded: the value of an unresolved reference")
    } else {
        None
    }
}

/// Holds what was rendered against `output` and `overrides`, or `error`.
pub(super) fn check(expect: &Json, got: TemplateOutput) -> Outcome {
    let shown = match &got {
        TemplateOutput::Rendered { text, .. } => text.clone(),
        TemplateOutput::ParseError(message) => format!("parse error: {message}"),
        TemplateOutput::RuntimeError(message) => format!("runtime error: {message}"),
    };
    if let Some(error) = expect.get("error") {
        let holds = match error.as_str() {
            Some("parse") => matches!(got, TemplateOutput::ParseError(_)),
            Some("runtime") => matches!(got, TemplateOutput::RuntimeError(_)),
            // Any error will do.
            _ => !matches!(got, TemplateOutput::Rendered { .. }),
        };
        return if holds {
            Outcome::Passed
        } else {
            Outcome::failed("output", format!("error {error}"), shown)
        };
    }
    let expected = text(expect, "output");
    let TemplateOutput::Rendered { overrides, .. } = &got else {
        return Outcome::failed("output", expected, shown);
    };
    if shown != expected {
        return Outcome::failed("output", expected, shown);
    }
    if let Some(expected) = expect.get("overrides")
        && expected != overrides
    {
        return Outcome::failed("overrides", expected.to_string(), overrides.to_string());
    }
    Outcome::Passed
}
