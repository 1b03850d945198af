//! The test suites of Velocity and of its imitations, with what the real engines print.
//!
//! Where the engines of Velocity 1.7 and 2 differ, the reference's is 1.7. Both print the
//! source of a reference that leads to nothing; the reference prints nothing, so such a case
//! cannot be decided where the texts differ.

use serde_json::{Value as Json, json};

use super::{Suite, members, text, vtl_oracle};
use crate::engines::TemplateInput;
use crate::subject::Subject;
use crate::subjects::reference;
use crate::verdict::{Missing, Outcome};

pub(super) struct Vtl;

impl Suite for Vtl {
    /// The dialect is chosen: a case in which the engines differ is one of Velocity 1.7.
    fn runs_though(&self, reason: &str) -> bool {
        reason.contains("choose a dialect")
    }

    fn run(&mut self, _: &str, case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
        let tags = case.get("tags").and_then(Json::as_array);
        let foreign = tags.into_iter().flatten().filter_map(Json::as_str);
        if foreign
            .into_iter()
            .any(|tag| matches!(tag, "#macro" | "#evaluate"))
        {
            return Ok(Outcome::Skipped(
                "`#macro` and `#evaluate` do not exist in mapping templates".into(),
            ));
        }
        let input = TemplateInput {
            template: text(case, "template").to_owned(),
            context: json!({}),
            stage_variables: json!({}),
            variables: members(case.get("context")),
            ..TemplateInput::default()
        };
        let expect = match case.get("velocity_1_7") {
            Some(expect @ Json::Object(_)) => expect,
            _ => &case["expect"],
        };
        if expect["error"] == "timeout" {
            return Ok(Outcome::Skipped("the engine came to no end".into()));
        }
        let got = subject.template(&input)?;
        let outcome = vtl_oracle::check(expect, got);
        Ok(match outcome {
            Outcome::Failed { .. } if leads_to_nothing(&input) => Outcome::Skipped(
                "a reference that leads to nothing prints nothing in the reference".into(),
            ),
            other => other,
        })
    }
}

/// Whether some reference of the template leads to nothing, whatever the subject made of it.
fn leads_to_nothing(input: &TemplateInput) -> bool {
    reference::template(input).1
}
