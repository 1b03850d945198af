//! How a gateway handles requests: one file of cases for each part of the way.
//!
//! A case of templates alone goes to the template engine. Every other one becomes an API of one or a few
//! methods, and what its backend was sent or its client got is held to what the case expects of the part.
//! What a case sets that no request can bring about (a context variable of its own) is skipped.

mod body;
mod mapping;
mod mock;
mod routing;
mod selection;
mod templates;
mod uri;
mod validation;

use serde_json::{Value as Json, json};
use tollgate_reference::{BackendAnswer, Request};

use super::{Suite, text};
use crate::case::program;
use crate::subject::{Deployment, Exchanged, Script, Subject};
use crate::verdict::{Missing, Outcome};

pub(super) struct ApiGateway;

impl Suite for ApiGateway {
    fn run(
        &mut self,
        name: &str,
        case: &Json,
        subject: &mut dyn Subject,
    ) -> Result<Outcome, Missing> {
        match name {
            "aws-recorded" => templates::recorded(case, subject),
            "templates" => templates::run(case, subject),
            "util-functions" => templates::function(case, subject),
            "parameter-mapping" => mapping::run(case, subject),
            "uri-interpolation" => uri::run(case, subject),
            "mock-integration" => mock::run(case, subject),
            "selection-pattern" => selection::run(case, subject),
            "request-validation" => validation::run(case, subject),
            "body-conversion" => body::run(case, subject),
            "routing" => routing::run(case, subject),
            other => Err(Missing(format!("a reader of `{other}`"))),
        }
    }
}

/// What `deploy` gives: the stage, or the compiler's refusal.
type Deployed = Result<(), Outcome>;

/// Deploys an API of these paths on the stage `stage`. What the compiler refuses before any request is a
/// skip: these cases ask what happens to a request.
fn deploy(
    subject: &mut dyn Subject,
    paths: Json,
    more: Json,
    variables: Json,
) -> Result<Deployed, Missing> {
    let mut document = json!({
        "openapi": "3.0.1",
        "info": {"title": "case", "version": "1"},
        "paths": paths,
    });
    for (name, value) in super::members(Some(&more)) {
        document[name] = value;
    }
    let case = json!({"api": document, "stage": {"name": "stage", "variables": variables}});
    match program::deployment(&case) {
        Ok(deployment) => {
            let deployment: Deployment = deployment;
            subject.deploy(&deployment)?;
            Ok(Ok(()))
        }
        Err(message) => Ok(Err(Outcome::Skipped(format!(
            "refused by the compiler, before any request: {message}"
        )))),
    }
}

/// A request to the deployed stage; its backend answers so.
fn send(
    subject: &mut dyn Subject,
    method: &str,
    path: &str,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    backend: BackendAnswer,
) -> Result<Exchanged, Missing> {
    let mut request = Request::new(method, format!("/stage{path}"));
    request.headers = headers;
    request.body = body;
    request.domain = "abcdef1234.execute-api.us-east-1.amazonaws.com".into();
    let script = Script {
        backend: Some(backend),
        authorizer: None,
        ..Script::default()
    };
    subject.exchange(&request, &script)
}

fn answered(status: u16, headers: Vec<(String, String)>, body: Vec<u8>) -> BackendAnswer {
    BackendAnswer::Answered {
        status,
        headers,
        body,
    }
}

/// Headers as these files write them: `{"multi": [[name, value]]}`.
fn headers(given: &Json) -> Vec<(String, String)> {
    let pairs = given["multi"].as_array().into_iter().flatten();
    pairs
        .filter_map(|pair| Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned())))
        .collect()
}

/// Whether the client got the error that a case expects: its status, and its message where the answer has one.
fn refused(expect: &Json, exchanged: &Exchanged) -> Outcome {
    let status = match &expect["status"] {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let answer = &exchanged.answer;
    let body = String::from_utf8_lossy(&answer.body).into_owned();
    if answer.status.to_string() != status {
        return Outcome::failed("status", status, format!("{} {body}", answer.status));
    }
    let message = text(expect, "message");
    let got: Json = serde_json::from_slice(&answer.body).unwrap_or_default();
    Outcome::equal("message", message, text(&got, "message"))
}

/// The one call of the integration.
fn call(exchanged: &Exchanged) -> Result<&tollgate_reference::Call, Outcome> {
    match exchanged.integrations.as_slice() {
        [call] => Ok(call),
        calls => Err(Outcome::failed(
            "backend",
            "one call",
            format!(
                "{} calls; the client got {} {}",
                calls.len(),
                exchanged.answer.status,
                String::from_utf8_lossy(&exchanged.answer.body)
            ),
        )),
    }
}
