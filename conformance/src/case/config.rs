//! What the compiler makes of a configuration, or refuses in it.

use serde_json::Value as Json;
use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Options, Source, check};

use crate::aws_view;
use crate::matching::{self, Mismatch};
use crate::suite::text;
use crate::verdict::{Missing, Outcome};

use super::program::{Compiled, compile};

pub(super) fn run(case: &Json) -> Result<Outcome, Missing> {
    let expect = &case["expect"];
    let compiled = compile(case);
    if let Some(message) = expect.get("compile_error") {
        return Ok(refused(case, message, compiled));
    }
    let plans = plan_messages(case);
    let Some(program) = compiled.program.filter(|_| plans.is_empty()) else {
        let messages = [compiled.messages, plans].concat().join("; ");
        return Ok(Outcome::failed("compilation", "a program", messages));
    };
    let Some(api) = program.apis.first() else {
        return Ok(Outcome::failed("program", "an API", "none"));
    };
    if let Some(expected) = expect.get("gateway_responses") {
        return Ok(outcome(gateway_responses(
            expected,
            &aws_view::gateway_responses(api),
        )));
    }
    let mut view = aws_view::api(api);
    view["warnings"] = compiled.messages.into_iter().collect();
    model(&expect["model"], &view)
}

/// `expect.model` beside exchanges.
pub(super) fn beside(case: &Json) -> Result<Outcome, Missing> {
    match case["expect"].get("model") {
        Some(_) => run(case),
        None => Ok(Outcome::Passed),
    }
}

fn outcome(result: Result<(), Mismatch>) -> Outcome {
    result.err().map_or(Outcome::Passed, Outcome::from)
}

/// The service's message is in some message of ours; what stands around it is free.
fn refused(case: &Json, message: &Json, compiled: Compiled) -> Outcome {
    let plans = plan_messages(case);
    let messages = [compiled.messages, plans.clone()].concat();
    if compiled.program.is_some() && plans.is_empty() {
        return Outcome::failed("compilation", format!("a refusal: {message}"), "a program");
    }
    let fits = messages.iter().any(|ours| match message.as_str() {
        Some(text) => ours.contains(text),
        None => matching::text(message, ours, "").is_ok(),
    });
    if fits {
        Outcome::Passed
    } else {
        Outcome::failed("refusal", message.to_string(), messages.join("; "))
    }
}

/// What the checker says of the case's plans and keys, written as gate.
fn plan_messages(case: &Json) -> Vec<String> {
    let Some(plans) = case.get("plans").and_then(Json::as_array) else {
        return Vec::new();
    };
    let mut stages: Vec<&str> = Vec::new();
    let mut gate = String::from("rest api Case { GET / { integrate mock, respond 200 } }\n");
    for plan in plans {
        let list = |name: &str| plan[name].as_array().cloned().unwrap_or_default();
        let mut items: Vec<String> = Vec::new();
        let of: Vec<String> = plan["apiStages"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|entry| text(entry, "stage"))
            .inspect(|stage| {
                if !stages.contains(stage) {
                    stages.push(stage);
                }
            })
            .map(|stage| format!("Case.{}", name(stage)))
            .collect();
        items.push(format!("stages: [{}]", of.join(", ")));
        let throttle = &plan["throttle"];
        if let (Some(rate), Some(burst)) = (
            throttle["rateLimit"].as_f64(),
            throttle["burstLimit"].as_u64(),
        ) {
            items.push(format!("throttle {rate}/s burst {burst}"));
        }
        let quota = &plan["quota"];
        if let Some(limit) = quota["limit"].as_u64() {
            let period = text(quota, "period").to_lowercase();
            items.push(format!("quota {limit}/{period}"));
        }
        let plan_name = name(text(plan, "name"));
        gate.push_str(&format!("plan {plan_name} {{ {} }}\n", items.join(", ")));
        for key in list("keys") {
            let key_name = match text(&key, "name") {
                "" => text(&key, "id"),
                given => given,
            };
            let value = Json::from(text(&key, "value"));
            gate.push_str(&format!(
                "key {} for {plan_name} {{ value: {value} }}\n",
                name(key_name)
            ));
        }
    }
    for stage in stages {
        gate.push_str(&format!("stage {} of Case {{}}\n", name(stage)));
    }
    let mut options = Options::default();
    options.clear_secrets = true;
    let checked = check(vec![Source::new("plans.gate", gate)], &NoFiles, &options);
    if checked.program.is_some() {
        return Vec::new();
    }
    checked
        .diagnostics
        .iter()
        .flat_map(|found| [Some(found.message()), found.note(), found.help()])
        .flatten()
        .map(str::to_owned)
        .collect()
}

/// A name of gate, quoted where it is not a plain one.
fn name(text: &str) -> String {
    let plain = text
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'))
        && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if plain {
        text.to_owned()
    } else {
        format!("`{text}`")
    }
}

/// Listed entries equal the service's, found by their type.
fn gateway_responses(expected: &Json, got: &[Json]) -> Result<(), Mismatch> {
    for entry in expected.as_array().into_iter().flatten() {
        let ty = text(entry, "responseType");
        let at = format!("gateway response {ty}");
        let found = got.iter().find(|other| text(other, "responseType") == ty);
        matching::json(entry, found.unwrap_or(&Json::Null), &at)?;
    }
    Ok(())
}

fn model(expected: &Json, view: &Json) -> Result<Outcome, Missing> {
    for (key, expected) in crate::suite::members(Some(expected)) {
        let at = key.as_str();
        let got = &view[&key];
        match at {
            "methods" => {
                for (name, expected) in crate::suite::members(Some(&expected)) {
                    if let Err(mismatch) = method(&name, expected, &got[&name]) {
                        return Ok(mismatch.into());
                    }
                }
            }
            "authorizers" => {
                for expected in expected.as_array().into_iter().flatten() {
                    let name = text(expected, "name");
                    let found = got
                        .as_array()
                        .into_iter()
                        .flatten()
                        .find(|other| text(other, "name") == name);
                    let at = format!("authorizer {name}");
                    if let Err(mismatch) =
                        matching::json_subset(expected, found.unwrap_or(&Json::Null), &at)
                    {
                        return Ok(mismatch.into());
                    }
                }
            }
            // Each is said somewhere; what stands around it is free.
            "warnings" => {
                for warning in expected.as_array().into_iter().flatten() {
                    let said = got
                        .as_array()
                        .into_iter()
                        .flatten()
                        .filter_map(Json::as_str)
                        .any(|ours| match warning.as_str() {
                            Some(text) => ours.contains(text),
                            None => matching::text(warning, ours, "").is_ok(),
                        });
                    if !said {
                        return Ok(Outcome::failed(
                            "warnings",
                            warning.to_string(),
                            got.to_string(),
                        ));
                    }
                }
            }
            _ => {
                if let Err(mismatch) = matching::json_subset(&expected, got, at) {
                    return Ok(mismatch.into());
                }
            }
        }
    }
    Ok(Outcome::Passed)
}

/// A method's subset; `absent` names members that must not be there.
fn method(name: &str, mut expected: Json, got: &Json) -> Result<(), Mismatch> {
    let absent = match &mut expected {
        Json::Object(members) => members.remove("absent"),
        _ => None,
    };
    matching::json_subset(&expected, got, name)?;
    for path in absent
        .iter()
        .flat_map(|paths| paths.as_array().into_iter().flatten())
    {
        let path = path.as_str().unwrap_or_default();
        let found = path.split('.').try_fold(got, |value, step| value.get(step));
        if let Some(found) = found {
            return Err(Mismatch {
                at: format!("{name}.{path}"),
                expected: "nothing".into(),
                got: found.to_string(),
            });
        }
    }
    Ok(())
}
