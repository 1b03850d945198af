//! A run's report as text, JSON and HTML.

mod html;
mod text;

use serde_json::{Value as Json, json};

use crate::run::{Counts, Report};
use crate::verdict::Outcome;

pub use html::html;
pub use text::text;

/// The report as one JSON document: counts, counts by area, and every case.
pub fn json(report: &Report) -> Json {
    let counts = |counts: Counts| {
        json!({
            "passed": counts.passed,
            "failed": counts.failed,
            "skipped": counts.skipped,
        })
    };
    let areas: serde_json::Map<String, Json> = report
        .areas()
        .into_iter()
        .map(|(area, found)| (area, counts(found)))
        .collect();
    let cases: Vec<Json> = report
        .verdicts
        .iter()
        .map(|verdict| {
            let mut case = json!({"id": verdict.id, "area": verdict.area});
            match &verdict.outcome {
                Outcome::Passed => case["outcome"] = "passed".into(),
                Outcome::Failed { at, expected, got } => {
                    case["outcome"] = "failed".into();
                    case["at"] = at.as_str().into();
                    case["expected"] = expected.as_str().into();
                    case["got"] = got.as_str().into();
                }
                Outcome::Skipped(reason) => {
                    case["outcome"] = "skipped".into();
                    case["reason"] = reason.as_str().into();
                }
            }
            case
        })
        .collect();
    json!({
        "subject": report.subject,
        "counts": counts(report.counts()),
        "areas": areas,
        "cases": cases,
    })
}
