//! The Common Expression Language, as its own conformance tests have it.

use serde_json::Value as Json;

use super::{Suite, text};
use crate::engines::{CelInput, CelOutput};
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) struct Cel;

impl Suite for Cel {
    fn run(&mut self, _: &str, case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
        let expect = &case["expect"];
        if expect.get("value").is_none() && expect.get("error").is_none() {
            return Err(Missing("CEL: types that a checker deduces".into()));
        }
        let bound = case["bindings"].as_object().into_iter().flatten();
        let got = subject.cel(&CelInput {
            expression: text(case, "expr").to_owned(),
            bound: bound
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            container: case["container"].as_str().unwrap_or_default().to_owned(),
            is_unchecked: case["disable_check"] == true,
        })?;
        Ok(match (expect.get("value"), &got) {
            (Some(wanted), CelOutput::Value(found)) => match same(wanted, found) {
                true => Outcome::Passed,
                false => Outcome::failed("value", wanted.to_string(), found.to_string()),
            },
            (Some(wanted), CelOutput::Error(why)) => {
                Outcome::failed("value", wanted.to_string(), format!("an error: {why}"))
            }
            // Any error will do.
            (None, CelOutput::Error(_)) => Outcome::Passed,
            (None, CelOutput::Value(found)) => {
                Outcome::failed("value", expect.to_string(), found.to_string())
            }
        })
    }

    /// Extensions of the language stand apart from its core.
    fn area(&self, name: &str, case: &Json) -> String {
        match extension(case) {
            Some(extension) => format!("extension {extension}"),
            None => name.to_owned(),
        }
    }
}

/// The extension that a case belongs to.
fn extension(case: &Json) -> Option<&str> {
    let mut tags = case["tags"].as_array().into_iter().flatten();
    tags.find_map(|tag| tag.as_str()?.strip_prefix("ext:"))
}

/// Whether two tagged values are one: doubles by value, maps in any order.
fn same(wanted: &Json, found: &Json) -> bool {
    if let (Some(wanted), Some(found)) = (wanted.get("double"), found.get("double")) {
        let number = |value: &Json| match value.as_str()? {
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            "NaN" => Some(f64::NAN),
            text => text.parse::<f64>().ok(),
        };
        return match (number(wanted), number(found)) {
            (Some(a), Some(b)) => a.is_nan() && b.is_nan() || a.to_bits() == b.to_bits(),
            _ => false,
        };
    }
    if let (Some(Json::Array(wanted)), Some(Json::Array(found))) =
        (wanted.get("list"), found.get("list"))
    {
        return wanted.len() == found.len() && wanted.iter().zip(found).all(|(a, b)| same(a, b));
    }
    if let (Some(Json::Array(wanted)), Some(Json::Array(found))) =
        (wanted.get("map"), found.get("map"))
    {
        return wanted.len() == found.len()
            && wanted.iter().all(|pair| {
                let mut others = found.iter();
                others.any(|other| same(&pair[0], &other[0]) && same(&pair[1], &other[1]))
            });
    }
    wanted == found
}
