//! The way of a request, phase by phase.

use tollgate_model::Program;
use tollgate_model::api::{Api, ApiKind, Endpoint, GatewayResponseType, Route};
use tollgate_model::stage::Stage;

use crate::exchange::{Answer, Event, Phase, Recorder, Request, World};
use crate::refusal::{self, Refusal};
use crate::state::{self, State};
use crate::target::{self, Target};
use crate::value::Value;
use crate::{admission, cache, headers, http, integration, route, trace, validate};

/// Bytes of a request target.
const MAX_TARGET: usize = 10_240;

/// Bytes of a body.
const MAX_BODY: usize = 10_485_760;

/// The answer of a stage to a request.
///
/// The calls to the world come in the order of the lifecycle; the recorder hears of each phase.
/// An API or stage that the program does not have answers as an unknown host does: 403. An HTTP API
/// finds its stage by the request's path.
pub fn answer(
    program: &Program,
    api: &str,
    stage: &str,
    request: &Request,
    world: &mut dyn World,
    recorder: &mut dyn Recorder,
) -> Answer {
    let (Some(api), Some(stage)) = (program.api(api), program.stage(api, stage)) else {
        return nowhere(world);
    };
    if api.kind == ApiKind::Http {
        return http::answer(program, api, request, world, recorder);
    }
    // Without its stage a path leads to no API at all.
    let Some(target) = target::split(&request.target, &stage.name) else {
        return nowhere(world);
    };
    let deployment = Deployment {
        program,
        api,
        stage,
    };
    let mut state = start(deployment, request, target, world);
    // The draw comes before routing, because the deployments may have different routes.
    let is_canary = stage.canary.as_ref().map(|canary| {
        // Ten thousand equal parts of 32 random bits.
        let drawn = ((world.random() & 0xffff_ffff) * 10_000) >> 32 < u64::from(canary.share);
        if drawn && let Some(deployment) = &canary.deployment {
            state.api = program.api(deployment).unwrap_or(api);
        }
        recorder.record(Event::Passed {
            phase: Phase::Canary,
            finding: if drawn {
                "the canary serves"
            } else {
                "the stage serves"
            }
            .into(),
            node: Some(canary.node),
        });
        drawn
    });
    state.is_canary = is_canary == Some(true);
    if is_canary.is_some() {
        state.variables = variables(program, stage, state.is_canary);
        state.context = state::context(&state, is_canary);
    }

    let result = if state.target.bad_query {
        Err(bad_query_refusal())
    } else {
        limits(&state).and_then(|()| serve(&mut state, world, recorder))
    };
    result.unwrap_or_else(|refusal| {
        recorder.record(refusal.event());
        refusal::answer(&state, &refusal)
    })
}

/// A stage of an API of a program.
#[derive(Clone, Copy)]
pub(crate) struct Deployment<'a> {
    pub(crate) program: &'a Program,
    pub(crate) api: &'a Api,
    pub(crate) stage: &'a Stage,
}

/// What is known of a request before anything is decided.
pub(crate) fn start<'a>(
    deployment: Deployment<'a>,
    request: &'a Request,
    target: Target,
    world: &mut dyn World,
) -> State<'a> {
    let now_ms = world.now_ms();
    let mut state = State {
        program: deployment.program,
        api: deployment.api,
        stage: deployment.stage,
        is_canary: false,
        request,
        method: request
            .header("x-http-method-override")
            .filter(|method| !method.is_empty())
            .unwrap_or(&request.method)
            .to_owned(),
        usage_key: None,
        claims: Vec::new(),
        structured: Vec::new(),
        signer: None,
        http_caller: None,
        preflight: false,
        arn_path: target.path.trim_matches('/').to_owned(),
        body: request.body.clone(),
        target,
        headers: headers::visible(&request.headers),
        variables: variables(deployment.program, deployment.stage, false),
        route: None,
        path_parameters: Vec::new(),
        context: Value::Null,
        trace_id: trace::trace_id(
            request.header("x-amzn-trace-id"),
            now_ms,
            world.trace_seed(),
        ),
        request_id: world.request_id(),
        extended_request_id: world.extended_request_id(),
        now_ms,
    };
    state.context = state::context(&state, None);
    state
}

/// Takes a route with what its parameters captured.
pub(crate) fn enter_route<'a>(
    state: &mut State<'a>,
    route: &'a Route,
    parameters: Vec<(String, String)>,
) {
    state.route = Some(route);
    state.path_parameters = parameters;
    let resource = state.resource_path();
    state
        .context
        .set_member("resourcePath", Value::text(&resource));
    state.context.set_member(
        "resourceId",
        Value::text(state::made_up_id(&format!("resource {resource}"))),
    );
}

/// What a route does with a request that it lets through: validation and integration.
pub(crate) fn run_route(
    state: &State<'_>,
    route: &Route,
    world: &mut dyn World,
    recorder: &mut dyn Recorder,
) -> Result<Answer, Refusal> {
    validate::validate(state, route, recorder)?;
    integration::run(state, route, world, recorder)
}

fn serve(
    state: &mut State<'_>,
    world: &mut dyn World,
    recorder: &mut dyn Recorder,
) -> Result<Answer, Refusal> {
    let found = route::find(state.api, &state.method, &state.target.path)
        .ok_or_else(|| no_route(state.request))?;
    let route = found.route;
    enter_route(state, route, found.parameters);
    recorder.record(Event::Passed {
        phase: Phase::Route,
        finding: route.key.display(),
        node: Some(route.node),
    });
    admission::authorize(state, route, world, recorder)?;
    let plan = admission::key(state, route, world, recorder)?;
    admission::spend(state, route, plan, world, recorder)?;
    validate::validate(state, route, recorder)?;

    let cached = cache::key(state, route);
    let wish = match &cached {
        Some(_) => cache::wish(state, route)?,
        None => cache::Wish::None,
    };
    // Behind everything that the integration answered, kept or not.
    let warned = |answer: &mut Answer| {
        if wish == cache::Wish::Warned {
            let warning = "199 - \"Cache-Control header ignored\"";
            answer.headers.push(("Warning".into(), warning.into()));
        }
    };
    if let Some((key, _)) = &cached
        && wish != cache::Wish::Granted
        && let Some(mut answer) = world.cache_get(key)
    {
        recorder.record(Event::Passed {
            phase: Phase::Cache,
            finding: "hit".into(),
            node: Some(route.node),
        });
        // What is kept is the answer without its ids.
        warned(&mut answer);
        state.add_ids(&mut answer.headers);
        return Ok(answer);
    }
    let mut answer = integration::run(state, route, world, recorder)?;
    if let Some((key, ttl_s)) = &cached
        && cache::fits(&answer)
    {
        // Another request's trace is no part of what is kept.
        let mut kept = answer.clone();
        kept.headers
            .retain(|(name, _)| !name.eq_ignore_ascii_case("x-amzn-trace-id"));
        world.cache_put(key, &kept, *ttl_s);
    }
    warned(&mut answer);
    state.add_ids(&mut answer.headers);
    Ok(answer)
}

/// Stage variables in force: the stage's, with the canary's merged on top.
fn variables(program: &Program, stage: &Stage, is_canary: bool) -> Vec<(String, String)> {
    let fill = |text: &tollgate_model::text::Text| state::fill_static(program, stage, text);
    let mut variables: Vec<(String, String)> = stage
        .variables
        .iter()
        .map(|(name, value)| (name.clone(), fill(value)))
        .collect();
    let overrides = stage.canary.iter().filter(|_| is_canary);
    for (name, value) in overrides.flat_map(|canary| &canary.variables) {
        match variables.iter_mut().find(|(other, _)| other == name) {
            Some((_, old)) => *old = fill(value),
            None => variables.push((name.clone(), fill(value))),
        }
    }
    variables
}

/// Sizes that the reference refuses before it routes.
fn limits(state: &State<'_>) -> Result<(), Refusal> {
    let request = state.request;
    let private = matches!(state.api.endpoint, Endpoint::Private(_));
    let refused = |status: u16, message: &str| {
        Refusal::new(
            Phase::Site,
            GatewayResponseType::Default4xx,
            message.to_lowercase(),
        )
        .status(status)
        .message(message)
    };
    if request.target.len() > MAX_TARGET {
        return Err(refused(414, "Request URI too long").error_type("RequestUriTooLongException"));
    }
    // Names, values, and the four bytes between and behind them.
    let size: usize = request
        .headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 4)
        .sum();
    if size > if private { 8_000 } else { 10_240 } {
        return Err(refused(431, "Request Header Fields Too Large"));
    }
    if state.body.len() > MAX_BODY {
        return Err(Refusal::new(
            Phase::Site,
            GatewayResponseType::RequestTooLarge,
            "the body is larger than 10 MB",
        ));
    }
    Ok(())
}

fn bad_query_refusal() -> Refusal {
    Refusal::new(
        Phase::Site,
        GatewayResponseType::Default4xx,
        "the query string holds a character that must be encoded",
    )
    .message("Bad Request")
}

/// No route: the reference takes it for a call without credentials, and says so.
fn no_route(request: &Request) -> Refusal {
    let reason = "no route has this path and method";
    let missing = Refusal::new(
        Phase::Route,
        GatewayResponseType::MissingAuthenticationToken,
        reason,
    );
    match request.header("authorization") {
        Some(value) if !value.starts_with("AWS4-HMAC-SHA256 ") => missing
            .error_type("IncompleteSignatureException")
            .message(crate::signature::complaint(value)),
        _ => missing,
    }
}

/// The answer of a host that serves nothing.
fn nowhere(world: &mut dyn World) -> Answer {
    Answer {
        status: 403,
        headers: vec![
            ("Content-Type".into(), "application/json".into()),
            ("x-amzn-ErrorType".into(), "ForbiddenException".into()),
            ("x-amzn-RequestId".into(), world.request_id()),
            ("x-amz-apigw-id".into(), world.extended_request_id()),
        ],
        body: br#"{"message":"Forbidden"}"#.to_vec(),
        refusal: Some(GatewayResponseType::WafFiltered),
    }
}
