//! JSONPath, with what Jayway's library finds.

use serde_json::Value as Json;

use super::{Suite, text};
use crate::engines::PathOutput;
use crate::matching::same_json;
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) struct JsonPath;

impl Suite for JsonPath {
    fn run(&mut self, _: &str, case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
        let document = match case.get("document_text").and_then(Json::as_str) {
            Some(document) => document.to_owned(),
            None => case["document"].to_string(),
        };
        let expect = &case["expect"];
        let got = subject.json_path(&document, text(case, "selector"))?;
        let holds = match (expect.get("value"), &got) {
            (Some(expected), PathOutput::Value(found)) => {
                let unordered = case.get("unordered") == Some(&Json::Bool(true));
                if unordered {
                    same_json(&sorted(expected), &sorted(found))
                } else {
                    same_json(expected, found)
                }
            }
            (Some(_), _) => false,
            (None, got) => matches!(
                (text(expect, "error"), got),
                ("not_found", PathOutput::NotFound)
                    | ("invalid_path", PathOutput::InvalidPath(_))
                    | ("other", PathOutput::Other(_) | PathOutput::InvalidPath(_))
                    | ("invalid_json", PathOutput::InvalidDocument)
            ),
        };
        Ok(if holds {
            Outcome::Passed
        } else {
            Outcome::failed("value", expect.to_string(), format!("{got:?}"))
        })
    }
}

fn sorted(value: &Json) -> Json {
    match value {
        Json::Array(items) => {
            let mut items = items.clone();
            items.sort_by_key(Json::to_string);
            Json::Array(items)
        }
        other => other.clone(),
    }
}
