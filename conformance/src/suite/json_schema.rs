//! JSON Schema, draft 4.

use serde_json::Value as Json;

use super::Suite;
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) struct JsonSchema;

impl Suite for JsonSchema {
    fn run(&mut self, _: &str, case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
        let expected = case["expect"].as_bool().unwrap_or(false);
        let got = subject.schema_accepts(&case["schema"], &case["data"])?;
        Ok(Outcome::equal(
            "accepted",
            &expected.to_string(),
            &got.to_string(),
        ))
    }
}
