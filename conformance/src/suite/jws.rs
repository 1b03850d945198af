//! Signatures of JSON Web Tokens, and the keys that verify them.

use serde_json::Value as Json;

use super::{Suite, text};
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) struct Jws;

impl Suite for Jws {
    fn run(
        &mut self,
        name: &str,
        case: &Json,
        subject: &mut dyn Subject,
    ) -> Result<Outcome, Missing> {
        let (expected, got) = if name == "rfc7520-cookbook" {
            ("valid", cookbook(case, subject)?)
        } else {
            let got = subject.token_verifies(text(case, "jws"), None, &case["key"])?;
            (text(case, "expect"), got)
        };
        Ok(match (expected, &got) {
            ("valid", Ok(())) | ("invalid", Err(_)) => Outcome::Passed,
            _ => {
                let expected = format!("{expected}: {}", text(case, "comment"));
                Outcome::failed("verdict", expected, format!("{got:?}"))
            }
        })
    }
}

/// An example of RFC 7520: a key alone, or a token with its key.
fn cookbook(case: &Json, subject: &mut dyn Subject) -> Result<Result<(), String>, Missing> {
    if let Some(key) = case.get("jwk") {
        return subject.key_reads(key);
    }
    let token = text(&case["output"], "compact");
    if token.is_empty() {
        return Err(Missing("tokens that are not compact".into()));
    }
    let payload = text(&case["input"], "payload").as_bytes();
    let detached = token.contains("..").then_some(payload);
    subject.token_verifies(token, detached, &case["input"]["key"])
}
