//! Java's regular expressions, with what Java 17 answers.

use serde_json::Value as Json;

use super::{Suite, text};
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) struct JavaRegex;

impl Suite for JavaRegex {
    fn run(&mut self, _: &str, case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
        let (pattern, input) = (text(case, "pattern"), text(case, "input"));
        let expect = &case["expect"];
        let refused = expect.get("error").is_some();
        let expected = if refused {
            None
        } else {
            expect["matches"].as_bool()
        };
        let got = subject.pattern_matches(pattern, input)?;
        let shown = |answer: Option<bool>| match answer {
            None => "no pattern".to_owned(),
            Some(matches) => format!("matches {matches}"),
        };
        if got != expected {
            return Ok(Outcome::failed("matches", shown(expected), shown(got)));
        }
        for replace in list(expect, "replace") {
            let with = text(replace, "with");
            for (name, all) in [("all", true), ("first", false)] {
                let expected = replace.get(name).and_then(Json::as_str);
                let got = subject.pattern_replace(pattern, input, with, all)?;
                if got.as_deref() != expected {
                    let at = format!("replace {name} with `{with}`");
                    return Ok(Outcome::failed(
                        at,
                        format!("{expected:?}"),
                        format!("{got:?}"),
                    ));
                }
            }
        }
        for split in list(expect, "split") {
            let limit = split["limit"]
                .as_i64()
                .and_then(|limit| i32::try_from(limit).ok());
            let limit = limit.unwrap_or(0);
            let expected: Vec<&str> = list(split, "parts")
                .iter()
                .filter_map(Json::as_str)
                .collect();
            let got = subject.pattern_split(pattern, input, limit)?;
            let holds = got.as_ref().is_some_and(|parts| *parts == expected);
            if !holds {
                return Ok(Outcome::failed(
                    format!("split with limit {limit}"),
                    format!("{expected:?}"),
                    format!("{got:?}"),
                ));
            }
        }
        Ok(Outcome::Passed)
    }
}

fn list<'a>(value: &'a Json, name: &str) -> &'a [Json] {
    value
        .get(name)
        .and_then(Json::as_array)
        .map_or(&[], Vec::as_slice)
}
