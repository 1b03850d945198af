//! Calls of the control plane on one API, with the stage that they leave.

use serde_json::Value as Json;

use crate::matching::{self, Mismatch};
use crate::subject::Subject;
use crate::suite::{members, text};
use crate::verdict::{Missing, Outcome};

pub(super) fn run(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let mut plane = subject.control_plane(&["d1", "d2"])?;
    let steps = case["control"].as_array().cloned().unwrap_or_default();
    for (index, step) in steps.iter().enumerate() {
        let at = format!("step {}, {}", index + 1, text(step, "call"));
        let (input, patch) = (&step["input"], step["patch"].as_array());
        let patch = patch.map_or(&[][..], Vec::as_slice);
        let done = match text(step, "call") {
            "CreateStage" => plane.create_stage(input),
            "UpdateStage" => plane.update_stage(patch),
            "CreateDeployment" => {
                let id = match text(step, "new_id") {
                    "" => format!("deployment{index}"),
                    id => id.to_owned(),
                };
                plane.create_deployment(&id, input)
            }
            "CreateUsagePlan" => {
                plane.create_usage_plan(input);
                Ok(())
            }
            "UpdateUsagePlan" => plane.update_usage_plan(patch),
            other => return Err(Missing(format!("the call `{other}` of the control plane"))),
        };
        match (step.get("expect_error"), done) {
            (Some(expected), Err(message)) => {
                if let Err(mismatch) = matching::text(expected, &message, &at) {
                    return Ok(mismatch.into());
                }
            }
            (Some(expected), Ok(())) => {
                return Ok(Outcome::failed(
                    at,
                    format!("a refusal: {expected}"),
                    "none",
                ));
            }
            (None, Err(message)) => return Ok(Outcome::failed(at, "no refusal", message)),
            (None, Ok(())) => {}
        }
        if let Err(mismatch) = stage(step, &plane.stage(), &at) {
            return Ok(mismatch.into());
        }
    }
    Ok(Outcome::Passed)
}

/// A subset of the stage, whose listed maps must be equal; and what must not be there.
fn stage(step: &Json, got: &Json, at: &str) -> Result<(), Mismatch> {
    for (name, expected) in members(step.get("expect_stage")) {
        matching::json(&expected, &got[&name], &format!("{at}, stage.{name}"))?;
    }
    let absent = step["expect_absent"].as_array().into_iter().flatten();
    for name in absent.filter_map(Json::as_str) {
        if let Some(found) = got.get(name) {
            return Err(Mismatch {
                at: format!("{at}, stage.{name}"),
                expected: "nothing".into(),
                got: found.to_string(),
            });
        }
    }
    Ok(())
}
