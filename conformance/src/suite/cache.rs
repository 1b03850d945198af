//! HTTP caching, as RFC 9111 has it, of a gateway that proxies an origin.
//!
//! The reference's stage cache goes by its own time to live and not by what the origin says, so the suite is
//! put to a stage without one: what must not be reused is not, and what passes through is not harmed.
//! What asks for a stored answer is skipped, and so is whatever depends on that.

use std::collections::HashMap;

use serde_json::{Value as Json, json};
use tollgate_reference::{BackendAnswer, Request};

use super::{Suite, text};
use crate::case::program;
use crate::matching;
use crate::subject::{Exchanged, Script, Subject};
use crate::verdict::{Missing, Outcome};

/// The cases of a file by their short names, with those that have been decided.
#[derive(Default)]
pub(super) struct Cache {
    cases: HashMap<String, Json>,
    holds: HashMap<String, bool>,
}

impl Suite for Cache {
    fn begin(&mut self, cases: &[Json]) {
        for case in cases {
            self.cases.insert(short(case).to_owned(), case.clone());
        }
    }

    fn run(&mut self, _: &str, case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
        if text(case, "kind") == "check" {
            return Err(Missing("behaviour to know: neither right nor wrong".into()));
        }
        for dependency in case["depends_on"].as_array().into_iter().flatten() {
            let name = dependency.as_str().unwrap_or_default();
            if !self.holds(name, subject, 0)? {
                return Err(Missing(
                    "depends on stored answers: the stage has no cache".into(),
                ));
            }
        }
        exchanges(case, subject)
    }

    fn area(&self, _: &str, case: &Json) -> String {
        format!("{} {}", text(case, "kind"), text(case, "suite"))
    }
}

fn short(case: &Json) -> &str {
    text(case, "id").rsplit('/').next().unwrap_or_default()
}

impl Cache {
    /// Whether a case that others depend on holds, with all that it depends on itself.
    fn holds(
        &mut self,
        name: &str,
        subject: &mut dyn Subject,
        depth: usize,
    ) -> Result<bool, Missing> {
        if let Some(known) = self.holds.get(name) {
            return Ok(*known);
        }
        let Some(case) = self.cases.get(name).cloned() else {
            return Err(Missing(
                "depends on a case that this file does not hold".into(),
            ));
        };
        let mut holds = depth < 16 && case["skippable"].is_null();
        for dependency in case["depends_on"].as_array().into_iter().flatten() {
            let name = dependency.as_str().unwrap_or_default();
            holds = holds && self.holds(name, subject, depth + 1)?;
        }
        // What cannot be checked does not hold for those that depend on it.
        holds = holds && exchanges(&case, subject) == Ok(Outcome::Passed);
        self.holds.insert(name.to_owned(), holds);
        Ok(holds)
    }
}

fn exchanges(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let document = json!({"stage": {"name": "stage"}, "api": {
        "openapi": "3.0.1",
        "info": {"title": "case", "version": "1"},
        "paths": {"/{proxy+}": {"x-amazon-apigateway-any-method": {
            "parameters": [{"name": "proxy", "in": "path", "required": true}],
            "responses": {"200": {"description": "proxied"}},
            "x-amazon-apigateway-integration": {
                "type": "http_proxy", "httpMethod": "ANY",
                "uri": "https://origin.example.com/{proxy}",
                "requestParameters": {"integration.request.path.proxy": "method.request.path.proxy"},
            },
        }}},
    }});
    let deployment = match program::deployment(&document) {
        Ok(deployment) => deployment,
        Err(messages) => return Ok(Outcome::failed("compilation", "a program", messages)),
    };
    subject.deploy(&deployment)?;
    let mut stored = Vec::new();
    let requests = case["requests"].as_array().into_iter().flatten();
    for (index, given) in requests.enumerate() {
        let mut target = format!("/stage/{}", short(case));
        if let Some(name) = given["filename"].as_str() {
            target = format!("{target}/{name}");
        }
        if let Some(query) = given["query_arg"].as_str() {
            target = format!("{target}?{query}");
        }
        let mut request = Request::new(given["request_method"].as_str().unwrap_or("GET"), target);
        request.headers = headers(&given["request_headers"]);
        request.body = text(given, "request_body").as_bytes().to_vec();
        let (status, sent) = answer(given, &request, &stored, short(case));
        let script = Script {
            backend: Some(BackendAnswer::Answered {
                status: status.0,
                headers: status.1,
                body: sent,
            }),
            authorizer: None,
            ..Script::default()
        };
        let exchanged = subject.exchange(&request, &script)?;
        let expected = text(given, "expected_type");
        if matches!(expected, "cached" | "lm_validated" | "etag_validated") {
            return Err(Missing("stored answers: the stage has no cache".into()));
        }
        if let Err(mut outcome) = check(given, &exchanged) {
            if let Outcome::Failed { at, .. } = &mut outcome {
                *at = format!("request {}, {at}", index + 1);
            }
            return Ok(outcome);
        }
        if !exchanged.integrations.is_empty() {
            stored = headers(&given["response_headers"]);
        }
    }
    Ok(Outcome::Passed)
}

type Head = (u16, Vec<(String, String)>);

/// What the origin answers: what the case says, or 304 to a request with a validator that it knows.
fn answer(
    given: &Json,
    request: &Request,
    stored: &[(String, String)],
    name: &str,
) -> (Head, Vec<u8>) {
    let headers = headers(&given["response_headers"]);
    let validates = [
        ("if-none-match", "etag"),
        ("if-modified-since", "last-modified"),
    ]
    .into_iter()
    .any(|(asked, kept)| {
        let asked = matching::joined(&request.headers, asked);
        asked.is_some() && asked == matching::joined(stored, kept)
    });
    let status = match &given["response_status"] {
        Json::Array(parts) => parts.first().and_then(Json::as_u64),
        _ if validates => Some(304),
        _ => None,
    };
    let status = status
        .and_then(|status| u16::try_from(status).ok())
        .unwrap_or(200);
    let body = match given["response_body"].as_str() {
        _ if status == 304 => Vec::new(),
        Some(body) => body.as_bytes().to_vec(),
        None => name.as_bytes().to_vec(),
    };
    ((status, headers), body)
}

/// A case's headers. Numbers are dates, in seconds from now.
fn headers(given: &Json) -> Vec<(String, String)> {
    let pairs = given.as_array().into_iter().flatten();
    pairs
        .filter_map(|pair| {
            let value = match &pair[1] {
                Json::String(text) => text.clone(),
                Json::Number(seconds) => date(seconds.as_i64().unwrap_or(0)),
                other => other.to_string(),
            };
            Some((pair[0].as_str()?.to_owned(), value))
        })
        .collect()
}

/// An HTTP date, seconds from a fixed present: no case looks at the clock of a stage without a cache.
fn date(seconds: i64) -> String {
    // Sun, 06 Nov 1994 08:49:37 GMT, the example of the RFC, plus whole minutes and seconds of one hour.
    let at = (49 * 60 + 37 + seconds).rem_euclid(3600);
    format!("Sun, 06 Nov 1994 08:{:02}:{:02} GMT", at / 60, at % 60)
}

fn check(given: &Json, exchanged: &Exchanged) -> Result<(), Outcome> {
    let called = exchanged.integrations.first();
    if text(given, "expected_type") == "not_cached" && called.is_none() {
        return Err(Outcome::failed("origin", "a call", "none"));
    }
    let answer = &exchanged.answer;
    if let Some(status) = given["expected_status"].as_u64()
        && u64::from(answer.status) != status
    {
        let got = answer.status.to_string();
        return Err(Outcome::failed("status", status.to_string(), got));
    }
    let sides = [
        (
            "expected_response_headers",
            "expected_response_headers_missing",
            Some(&answer.headers),
        ),
        (
            "expected_request_headers",
            "expected_request_headers_missing",
            called.map(|c| &c.headers),
        ),
    ];
    for (present, missing, got) in sides {
        let Some(got) = got else { continue };
        for wanted in given[present].as_array().into_iter().flatten() {
            let (name, value) = match wanted {
                Json::String(name) => (name.as_str(), None),
                pair => (pair[0].as_str().unwrap_or_default(), pair[1].as_str()),
            };
            let found = matching::joined(got, name);
            let fits = match (value, &found) {
                (None, found) => found.is_some(),
                (Some(value), found) => found.as_deref() == Some(value),
            };
            if !fits {
                let found = found.unwrap_or_else(|| "no such header".into());
                return Err(Outcome::failed(
                    format!("{present} {name}"),
                    wanted.to_string(),
                    found,
                ));
            }
        }
        for unwanted in given[missing].as_array().into_iter().flatten() {
            let name = unwanted
                .as_str()
                .or(unwanted[0].as_str())
                .unwrap_or_default();
            if let Some(found) = matching::joined(got, name) {
                return Err(Outcome::failed(
                    format!("{missing} {name}"),
                    "no such header",
                    found,
                ));
            }
        }
    }
    Ok(())
}
