//! Cases: one JSON document each, in one of five shapes.

use serde_json::Value as Json;

use crate::subject::Subject;
use crate::verdict::{Missing, Outcome, Verdict};

mod config;
mod control;
mod exchange;
pub(crate) mod program;
mod template;
mod test_invoke;

pub use program::deployment;

/// Runs a case.
pub(crate) fn run(case: &Json, subject: &mut dyn Subject) -> Verdict {
    let text = |name: &str| case.get(name).and_then(Json::as_str).unwrap_or_default();
    let id = text("id");
    let outcome = run_shape(case, subject).unwrap_or_else(Outcome::from);
    Verdict {
        id: id.to_owned(),
        area: id.split('/').next().unwrap_or_default().to_owned(),
        title: text("title").to_owned(),
        outcome,
    }
}

fn run_shape(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let has = |name: &str| case.get(name).is_some();
    if has("template") {
        template::run(case, subject)
    } else if has("exchanges") {
        exchange::run(case, subject)
    } else if has("test_invoke") {
        test_invoke::run(case, subject)
    } else if has("control") {
        control::run(case, subject)
    } else if has("expect") {
        config::run(case)
    } else {
        Ok(Outcome::failed("case", "one of the known shapes", "none"))
    }
}
