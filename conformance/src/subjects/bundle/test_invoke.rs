//! Test invocations by the product: the method alone on a stage of its own, without what guards it, and the
//! execution log of what the runtime did.

use tollgate_model::authorizer::Auth;
use tollgate_reference::test_invoke::{STAGE, captured, method_of, stage, without_ids};
use tollgate_reference::{
    BackendAnswer, Event, ExecutionLog, Recorder, Request, TestInvoke, TestInvoked,
};

use super::Bundle;
use crate::bytes::percent_decoded;
use crate::subject::{Deployment, Script, Subject};
use crate::verdict::Missing;

/// Invokes a method of a deployment's API.
pub(super) fn run(
    bundle: &mut Bundle,
    deployment: &Deployment,
    invoke: &TestInvoke,
    script: &Script,
) -> Result<TestInvoked, Missing> {
    let mut program = deployment.program.clone();
    program.stages = vec![stage(&deployment.api, invoke)];
    (program.plans, program.keys) = (Vec::new(), Vec::new());
    let api = program
        .apis
        .iter_mut()
        .find(|api| api.name == deployment.api);
    let Some(api) = api else {
        return Err(Missing("an API".into()));
    };
    api.policy = None;
    for route in &mut api.routes {
        (route.auth, route.api_key) = (Auth::None, false);
    }
    let no_method = || Missing(format!("a method {} {}", invoke.method, invoke.resource));
    let (_, template) = method_of(api, invoke).ok_or_else(no_method)?;
    let whole = invoke
        .path_with_query
        .as_deref()
        .unwrap_or(&invoke.resource);
    let (path, query) = whole.split_once('?').unwrap_or((whole, ""));
    let parameters = captured(template, path);
    let query: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (percent_decoded(name, true), percent_decoded(value, true)))
        .collect();

    bundle.deploy(&Deployment {
        api: deployment.api.clone(),
        stage: STAGE.into(),
        program,
        document: None,
    })?;
    let mut request = Request::new(invoke.method.clone(), format!("/{STAGE}{whole}"));
    request.headers.clone_from(&invoke.headers);
    request.body.clone_from(&invoke.body);
    request.domain = "testPrefix.testDomainName".into();
    let exchanged = bundle.exchange(&request, script)?;
    let mut answer = exchanged.answer;
    without_ids(&mut answer);

    let mut log = ExecutionLog::new(bundle.request_id(), bundle.now_ms());
    log.begin(invoke, path, &parameters, &query);
    for call in exchanged.integrations {
        log.record(Event::Called { call });
        if let Some(BackendAnswer::Answered {
            status,
            headers,
            body,
        }) = &script.backend
        {
            log.record(Event::Received {
                status: *status,
                headers: headers.clone(),
                body: body.clone(),
            });
        }
    }
    if let Some(refusal) = answer.refusal {
        log.failed(refusal.name());
    }
    log.end(&answer);
    Ok(TestInvoked {
        log: log.into_lines(),
        answer,
    })
}
