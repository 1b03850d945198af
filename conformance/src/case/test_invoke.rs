//! A test invocation with its execution log.

use serde_json::Value as Json;
use tollgate_reference::TestInvoke;

use crate::matching;
use crate::subject::{Script, Subject};
use crate::suite::{members, text};
use crate::verdict::{Missing, Outcome};

use super::exchange::backend_of;
use super::program;

pub(super) fn run(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let deployment = match program::deployment(case) {
        Ok(deployment) => deployment,
        Err(message) => return Ok(Outcome::failed("compilation", "a program", message)),
    };
    let given = &case["test_invoke"];
    let invoke = TestInvoke {
        resource: text(given, "resource").to_owned(),
        method: text(given, "method").to_owned(),
        path_with_query: given
            .get("path_with_query")
            .and_then(Json::as_str)
            .map(str::to_owned),
        headers: members(given.get("headers"))
            .into_iter()
            .map(|(name, value)| (name, value.as_str().unwrap_or_default().to_owned()))
            .collect(),
        body: text(given, "body").as_bytes().to_vec(),
        variables: Vec::new(),
    };
    let script = Script {
        backend: case.get("backend").map(backend_of),
        authorizer: None,
        ..Script::default()
    };
    subject.deploy(&deployment)?;
    let invoked = subject.test_invoke(&invoke, &script)?;
    let (answer, expect) = (&invoked.answer, &case["expect"]);
    let status = expect["status"].as_u64().unwrap_or(200);
    if u64::from(answer.status) != status {
        return Ok(Outcome::failed(
            "status",
            status.to_string(),
            format!(
                "{} {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            ),
        ));
    }
    // Here the headers are all of them.
    if let Some(Json::Object(wanted)) = expect.get("headers") {
        let more = answer
            .headers
            .iter()
            .find(|(name, _)| !wanted.keys().any(|other| other.eq_ignore_ascii_case(name)));
        if let Some((name, value)) = more {
            return Ok(Outcome::failed(
                format!("header {name}"),
                "no such header",
                value.clone(),
            ));
        }
    }
    let headers = match expect.get("headers") {
        Some(wanted) => matching::headers(wanted, &answer.headers, "header"),
        None => Ok(()),
    };
    if let Err(mismatch) = headers.and_then(|()| matching::any_body(expect, &answer.body, "")) {
        return Ok(mismatch.into());
    }
    Ok(log(expect, &invoked.log))
}

/// All lines, or these in this order.
fn log(expect: &Json, lines: &[String]) -> Outcome {
    let list = |name: &str| {
        expect.get(name).and_then(Json::as_array).map(|lines| {
            lines
                .iter()
                .filter_map(|line| line.as_str().map(str::to_owned))
                .collect::<Vec<_>>()
        })
    };
    let mut request_id: Option<String> = None;
    if let Some(wanted) = list("log") {
        let fits = wanted.len() == lines.len()
            && wanted
                .iter()
                .zip(lines)
                .all(|(wanted, line)| fits(wanted, line, &mut request_id));
        return if fits {
            Outcome::Passed
        } else {
            Outcome::failed("log", wanted.join("\n"), lines.join("\n"))
        };
    }
    let mut rest = lines.iter();
    for wanted in list("log_contains").unwrap_or_default() {
        if !rest.any(|line| fits(&wanted, line, &mut request_id)) {
            return Outcome::failed("log", wanted, lines.join("\n"));
        }
    }
    Outcome::Passed
}

/// A line with `{time}` and `{request-id}`, the latter the same in every line.
fn fits(wanted: &str, line: &str, request_id: &mut Option<String>) -> bool {
    const TIME: &str = r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d{2} \d{2}:\d{2}:\d{2} UTC \d{4}";
    const ID: &str = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})";
    let pattern = regex::escape(wanted)
        .replace(r"\{time\}", TIME)
        .replace(r"\{request\-id\}", ID);
    let Ok(regex) = regex::Regex::new(&format!("^(?s:{pattern})$")) else {
        return false;
    };
    let Some(captures) = regex.captures(line) else {
        return false;
    };
    match captures.get(1) {
        None => true,
        Some(found) => {
            found.as_str() == request_id.get_or_insert_with(|| found.as_str().to_owned())
        }
    }
}
