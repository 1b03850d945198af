//! HTTP APIs: the way of a request, in their own words and with their own answers.

mod admit;
mod call;
mod cors;
mod event;
mod refuse;
mod result;
mod route;

pub(crate) use event::Caller;

use tollgate_model::Program;
use tollgate_model::api::{Api, GatewayResponseType};
use tollgate_model::stage::Stage;

use crate::exchange::{Answer, Event, Phase, Recorder, Request, World};
use crate::lifecycle::{self, Deployment};
use crate::refusal::Refusal;
use crate::state::State;
use crate::target::{self, Target};
use crate::value::Value;

/// Bytes of the request line and of all headers.
const MAX_HEAD: usize = 10_240;
/// Bytes of a body.
const MAX_BODY: usize = 10_485_760;

/// The answer of an HTTP API to a request.
pub(crate) fn answer<'a>(
    program: &'a Program,
    api: &'a Api,
    request: &'a Request,
    world: &mut dyn World,
    recorder: &mut dyn Recorder,
) -> Answer {
    let Some((stage, target)) = select(program, api, &request.target) else {
        let refusal = refused(
            Phase::Site,
            GatewayResponseType::ResourceNotFound,
            "no such stage",
        );
        recorder.record(refusal.event());
        return refuse::answer(&world.request_id(), &refusal);
    };
    let deployment = Deployment {
        program,
        api,
        stage,
    };
    let (whole, _) = split_query(&request.target);
    let (shown, rest) = (decoded(whole), target.rest.clone());
    let mut state = lifecycle::start(deployment, request, target, world);
    // Neither method overrides nor hidden headers nor a second id: those are REST's.
    state.method.clone_from(&request.method);
    state.headers.clone_from(&request.headers);
    state.extended_request_id.clone_from(&state.request_id);
    state.arn_path = decoded(rest.strip_prefix('/').unwrap_or(&rest));
    state.trace_id = trace_id(&state, world);
    for (name, value) in [
        ("httpMethod", &state.method),
        ("path", &shown),
        ("extendedRequestId", &state.request_id),
    ] {
        state.context.set_member(name, Value::text(value));
    }
    let result = limits(request).and_then(|()| serve(&mut state, world, recorder));
    let mut answer = result.unwrap_or_else(|refusal| {
        recorder.record(refusal.event());
        refuse::answer(&state.request_id, &refusal)
    });
    if let Some(cors) = api.cors.as_ref().filter(|_| !state.preflight) {
        cors::finish(cors, request, &mut answer);
    }
    crate::headers::replace(&mut answer.headers, "apigw-requestid", &state.request_id);
    answer
}

fn refused(phase: Phase, response: GatewayResponseType, reason: &str) -> Refusal {
    Refusal::new(phase, response, reason)
}

/// Path and query of a raw target.
fn split_query(target: &str) -> (&str, &str) {
    let target = target.split('#').next().unwrap_or_default();
    target.split_once('?').unwrap_or((target, ""))
}

/// The stage that the first segment names, which is then no part of the path; else `$default`, with the whole path.
fn select<'a>(program: &'a Program, api: &Api, raw: &str) -> Option<(&'a Stage, Target)> {
    let of = |rest: &str| {
        let (_, query) = split_query(raw);
        Target {
            rest: rest.to_owned(),
            path: rest.to_owned(),
            query: target::parse_query(query),
            bad_query: false,
        }
    };
    let (path, _) = split_query(raw);
    let stages = || program.stages.iter().filter(|stage| stage.api == api.name);
    let bare = path.trim_start_matches('/');
    if bare.len() < path.len() {
        let (first, rest) = match bare.find('/') {
            Some(slash) => bare.split_at(slash),
            None => (bare, ""),
        };
        if let Some(stage) = stages().find(|s| s.name == first && s.name != "$default") {
            return Some((stage, of(rest)));
        }
    }
    let root = stages().find(|stage| stage.name == "$default")?;
    Some((root, of(path)))
}

/// A path with its `%XX` read; `+` is itself, and what is no UTF-8 becomes U+FFFD.
fn decoded(path: &str) -> String {
    String::from_utf8_lossy(&decoded_bytes(path)).into_owned()
}

fn decoded_bytes(path: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, tail @ ..] = rest {
        let pair = match (first, tail) {
            (b'%', [high, low, ..]) => char::from(*high)
                .to_digit(16)
                .zip(char::from(*low).to_digit(16)),
            _ => None,
        };
        match pair {
            Some((high, low)) => {
                out.push((high * 16 + low) as u8);
                rest = &tail[2..];
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

/// The client's own trace header, else one with a root alone.
fn trace_id(state: &State<'_>, world: &mut dyn World) -> String {
    match state.request.header("x-amzn-trace-id") {
        Some(sent) if !sent.is_empty() => sent.to_owned(),
        _ => {
            let root: String = world.trace_seed()[..12]
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            format!("Root=1-{:08x}-{root}", state.now_ms / 1000)
        }
    }
}

fn limits(request: &Request) -> Result<(), Refusal> {
    let line = format!("{} {} HTTP/1.1\r\n", request.method, request.target);
    let headers: usize = request
        .headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    if line.len() + headers > MAX_HEAD {
        let ty = GatewayResponseType::Default4xx;
        return Err(refused(Phase::Site, ty, "the head is too large").status(431));
    }
    if request.body.len() > MAX_BODY {
        let ty = GatewayResponseType::RequestTooLarge;
        return Err(refused(Phase::Site, ty, "the body is larger than 10 MB"));
    }
    Ok(())
}

fn serve(
    state: &mut State<'_>,
    world: &mut dyn World,
    recorder: &mut dyn Recorder,
) -> Result<Answer, Refusal> {
    let found = route::find(state.api, &state.method, &state.target.rest);
    if let Some(cors) = &state.api.cors {
        let route = found.as_ref().map(|found| found.route);
        if let Some(answer) = cors::preflight(cors, state.request, route) {
            state.preflight = true;
            return Ok(answer);
        }
    }
    let found = found.ok_or_else(|| {
        refused(
            Phase::Route,
            GatewayResponseType::ResourceNotFound,
            "no route has this path and method",
        )
    })?;
    let route = found.route;
    lifecycle::enter_route(state, route, found.parameters);
    state
        .context
        .set_member("routeKey", Value::text(route.key.display()));
    recorder.record(Event::Passed {
        phase: Phase::Route,
        finding: route.key.display(),
        node: Some(route.node),
    });
    crate::admission::spend(state, route, None, world, recorder)?;
    admit::authorize(state, route, world, recorder)?;
    call::integrate(state, route, world, recorder)
}
