//! What the generators reach: a law over pairs says nothing of what no pair does.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;
use tollgate_conformance::generate::{API, NOW_MS, Numbered, Pair, STAGE};
use tollgate_conformance::{Memory, Script, Scripted};
use tollgate_model::Program;
use tollgate_model::api::{ApiKind, GatewayResponseType, Method, Route, RouteKey, Segment};
use tollgate_model::authorizer::Auth;
use tollgate_model::integration::{Integration, Payload, Source, Target};
use tollgate_reference::{Answer, Event, Phase, Request};

const PROGRAMS: u64 = 250;
/// Requests to each program.
const EXCHANGES: usize = 40;

/// What must occur, in words that [`Seen`] uses: outcomes of phases first.
const PHASES: &[&str] = &[
    "phase: site refuses",
    "phase: canary, the stage serves",
    "phase: canary, the canary serves",
    "phase: route passes",
    "phase: route refuses",
    "phase: policy, allows",
    "phase: policy, is silent",
    "phase: policy refuses",
    "phase: authorize passes",
    "phase: authorize refuses",
    "phase: key passes",
    "phase: key refuses",
    "phase: limits passes",
    "phase: limits refuses",
    "phase: validate passes",
    "phase: validate refuses",
    "phase: cache passes",
    "phase: integration request passes",
    "phase: integration request refuses",
    "phase: integration passes",
    "phase: integration refuses",
    "phase: integration response passes",
    "phase: integration response refuses",
    "phase: method response passes",
    "phase: method response refuses",
];

/// What must occur with HTTP APIs.
const HTTP: &[&str] = &[
    "gateway response: RESOURCE_NOT_FOUND",
    "gateway response: UNAUTHORIZED",
    "gateway response: ACCESS_DENIED",
    "gateway response: MISSING_AUTHENTICATION_TOKEN",
    "gateway response: AUTHORIZER_CONFIGURATION_ERROR",
    "gateway response: THROTTLED",
    "gateway response: INTEGRATION_TIMEOUT",
    "gateway response: INTEGRATION_FAILURE",
    "gateway response: DEFAULT_5XX",
    "gateway response: API_CONFIGURATION_ERROR",
    "let through: iam",
    "let through: First",
    "let through: Jwt",
    "let through: Jwt with scopes",
    "let through: Second",
    "let through: Simple",
    "answered by: a function, 1.0",
    "answered by: a function, 2.0",
    "answered by: a backend",
    "route: $default",
    "cors: an origin",
    "challenge: Bearer",
    "challenge: invalid_token",
    "challenge: insufficient_scope",
];

/// Gateway responses that no REST API gives without a signed request.
const OTHERS: &[GatewayResponseType] = &[
    // The host verifies signatures, before the specification sees the caller.
    GatewayResponseType::ExpiredToken,
    GatewayResponseType::InvalidSignature,
    // Every failure of an authorizer is answered as a wrong configuration.
    GatewayResponseType::AuthorizerFailure,
    // A path without a route is answered as a call without credentials.
    GatewayResponseType::ResourceNotFound,
];

const KINDS: &[&str] = &[
    "integration: mock",
    "integration: http",
    "integration: http proxy",
    "integration: lambda",
    "integration: lambda proxy",
    "integration: service",
];

/// All but the backend's status, which HTTP APIs alone can map.
const SOURCES: &[&str] = &[
    "static",
    "request header",
    "request headers",
    "request query",
    "request queries",
    "request path",
    "request body",
    "request body at a path",
    "response header",
    "response headers",
    "response body",
    "response body at a path",
    "context",
    "stage variable",
];

/// Two routes that both fit, and what decides between them. A parameter never meets a greedy one:
/// a resource has one variable child.
const TIES: &[&str] = &[
    "tie: literal over parameter",
    "tie: literal over greedy",
    "tie: method over ANY",
    "tie: a better path lacks the method",
];

/// What the specification says of a caller who signs and is let through.
const LET_THROUGH: &str = "the caller's policies let it through";

/// Which policies decide about callers who sign, by themselves.
const SIGNERS: &[&str] = &[
    "signer: the caller's policies let it through",
    "signer: denied by policies of these kinds: [Identity]",
    "signer: denied by policies of these kinds: [Boundary]",
    "signer: denied by policies of these kinds: [Session]",
    "signer: denied by policies of these kinds: [ServiceControl]",
    "signer: denied by policies of these kinds: [ResourceControl]",
    "signer: denied by policies of these kinds: [Endpoint]",
    "signer: not allowed by policies of these kinds: [Identity]",
    "signer: not allowed by policies of these kinds: [Boundary]",
    "signer: not allowed by policies of these kinds: [Session]",
    "signer: not allowed by policies of these kinds: [ServiceControl]",
    "signer: not allowed by policies of these kinds: [Endpoint]",
    "signer: not allowed by policies of these kinds: [Resource]",
];

/// One in so many pairs.
const RARE: usize = 200;
/// The same of what only callers who sign show.
const RARE_SIGNER: usize = 2000;

#[test]
fn every_outcome_occurs_in_half_a_percent_of_pairs_and_statements_matter() {
    let all: Vec<Seen> = (0..PROGRAMS)
        .into_par_iter()
        .map_init(
            || Numbered::of(ApiKind::Rest, EXCHANGES),
            |pairs, number| seen(&pairs.pair(0, number)),
        )
        .collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let (mut requests, mut changed) = (0, 0);
    for seen in all {
        requests += seen.requests;
        changed += seen.changed;
        for (what, count) in seen.counts {
            *counts.entry(what).or_default() += count;
        }
    }
    assert!(requests >= 10_000);
    let responses = GatewayResponseType::ALL
        .iter()
        .filter(|ty| !OTHERS.contains(ty))
        .map(|ty| format!("gateway response: {}", ty.name()));
    let wanted: Vec<String> = [PHASES, KINDS, TIES]
        .concat()
        .into_iter()
        .map(str::to_owned)
        .chain(SOURCES.iter().map(|source| format!("source: {source}")))
        .chain(responses)
        .collect();
    let table: Vec<String> = counts
        .iter()
        .map(|(what, count)| format!("{:>6.2} % {what}", percent(*count, requests)))
        .collect();
    println!("{}", table.join("\n"));
    let signers: Vec<String> = SIGNERS.iter().copied().map(str::to_owned).collect();
    let often = |what: &String, rare: usize| counts.get(what).copied().unwrap_or(0) * rare;
    let rare: Vec<&String> = wanted
        .iter()
        .filter(|what| often(what, RARE) < requests)
        .chain(
            signers
                .iter()
                .filter(|what| often(what, RARE_SIGNER) < requests),
        )
        .collect();
    assert!(
        rare.is_empty(),
        "less than half a percent of {requests} pairs show {rare:#?}"
    );
    for what in OTHERS {
        let name = format!("gateway response: {}", what.name());
        assert!(!counts.contains_key(&name), "{name} is given after all");
    }
    assert!(
        changed * 10 >= requests,
        "a statement less changes the verdict of {:.2} % of {requests} pairs alone",
        percent(changed, requests)
    );
}

#[test]
fn every_outcome_of_http_apis_occurs() {
    let all: Vec<Vec<BTreeSet<String>>> = (0..PROGRAMS)
        .into_par_iter()
        .map_init(
            || Numbered::of(ApiKind::Http, EXCHANGES),
            |pairs, number| shown_by_http(&pairs.pair(0, number)),
        )
        .collect();
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    let exchanges: Vec<_> = all.into_iter().flatten().collect();
    for what in exchanges.iter().flatten() {
        *counts.entry(what.clone()).or_default() += 1;
    }
    let rare: Vec<&&str> = HTTP
        .iter()
        .filter(|what| counts.get(**what).copied().unwrap_or(0) * RARE < exchanges.len())
        .collect();
    assert!(rare.is_empty(), "{rare:#?} are rare: {counts:#?}");
}

/// What each exchange with an HTTP API shows.
fn shown_by_http(pair: &Pair) -> Vec<BTreeSet<String>> {
    let mut memory = Memory::default();
    let stage = pair.deployment().stage;
    let exchanges = pair.exchanges.iter().map(|(request, script)| {
        let mut events = Vec::new();
        let mut world = Scripted::new(&mut memory, script, NOW_MS);
        let program = &pair.program;
        let answer =
            tollgate_reference::answer(program, API, &stage, request, &mut world, &mut events);
        let mut shown = BTreeSet::new();
        shown.extend((answer.refusal).map(|ty| format!("gateway response: {}", ty.name())));
        for challenge in answer.header("www-authenticate") {
            let error = challenge.split("error=\"").nth(1);
            let error = error.and_then(|rest| rest.split('"').next());
            shown.insert(format!("challenge: {}", error.unwrap_or(challenge)));
        }
        if answer.status == 204 && answer.header("access-control-allow-methods").count() > 0 {
            shown.insert("cors: a preflight".to_owned());
        } else if answer.header("access-control-allow-origin").count() > 0 {
            shown.insert("cors: an origin".to_owned());
        }
        let named = |event: &Event| match event {
            Event::Passed {
                phase: Phase::Route,
                finding,
                ..
            } => Some(finding.clone()),
            _ => None,
        };
        let key = events.iter().find_map(named);
        let routes = &program.apis[0].routes;
        let Some(route) = routes.iter().find(|r| Some(r.key.display()) == key) else {
            return shown;
        };
        shown.insert(format!("route: {}", route.key.display()));
        if events
            .iter()
            .any(|event| matches!(event, Event::Called { .. }))
        {
            let through = match &route.auth {
                Auth::None => "anybody".to_owned(),
                Auth::Iam => "iam".to_owned(),
                Auth::Authorizer { name, scopes } if scopes.is_empty() => name.clone(),
                Auth::Authorizer { name, .. } => format!("{name} with scopes"),
            };
            shown.insert(format!("let through: {through}"));
        }
        if answer.refusal.is_none() {
            let by = match &route.integration.target {
                Target::Lambda { payload, .. } => match payload {
                    Payload::V1 => "a function, 1.0",
                    Payload::V2 => "a function, 2.0",
                },
                _ => "a backend",
            };
            shown.insert(format!("answered by: {by}"));
        }
        shown
    });
    exchanges.collect()
}

fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole as f64
}

/// What the exchanges of one program show.
#[derive(Default)]
struct Seen {
    requests: usize,
    /// How many exchanges show it.
    counts: BTreeMap<String, usize>,
    /// Exchanges whose verdict changes when one statement of the policy is deleted.
    changed: usize,
}

fn seen(pair: &Pair) -> Seen {
    let mut all = Seen::default();
    let mut memory = Memory::default();
    let lesser = with_a_statement_less(&pair.program);
    for (index, (request, script)) in pair.exchanges.iter().enumerate() {
        let mut events = Vec::new();
        let mut world = Scripted::new(&mut memory, script, NOW_MS);
        let answer =
            tollgate_reference::answer(&pair.program, API, STAGE, request, &mut world, &mut events);
        all.requests += 1;
        for what in shown(&pair.program, request, &events, &answer) {
            *all.counts.entry(what).or_default() += 1;
        }
        if !lesser.is_empty() {
            let other = &lesser[index % lesser.len()];
            if verdict(&pair.program, request, script) != verdict(other, request, script) {
                all.changed += 1;
            }
        }
    }
    all
}

/// The program once for each statement of its policy, without that statement.
fn with_a_statement_less(program: &Program) -> Vec<Program> {
    let statements = program.apis[0]
        .policy
        .as_ref()
        .map_or(0, |policy| policy.statements.len());
    (0..statements)
        .map(|index| {
            let mut program = program.clone();
            if let Some(policy) = &mut program.apis[0].policy {
                policy.statements.remove(index);
            }
            program
        })
        .collect()
}

/// Whether the request is let through by the policies, by a world without memory.
fn verdict(program: &Program, request: &Request, script: &Script) -> bool {
    let mut memory = Memory::default();
    let mut world = Scripted::new(&mut memory, script, NOW_MS);
    let answer = tollgate_reference::answer(program, API, STAGE, request, &mut world, &mut ());
    answer.refusal != Some(GatewayResponseType::AccessDenied)
}

fn shown(
    program: &Program,
    request: &Request,
    events: &[Event],
    answer: &Answer,
) -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    if let Some(ty) = answer.refusal {
        shown.insert(format!("gateway response: {}", ty.name()));
    }
    let mut route = None;
    let mut passed = BTreeSet::new();
    for event in events {
        match event {
            Event::Passed { phase, finding, .. } => {
                passed.insert(*phase);
                match phase {
                    Phase::Canary | Phase::Policy => {
                        shown.insert(format!("phase: {}, {finding}", name(*phase)));
                    }
                    Phase::Route => {
                        route = program.apis[0]
                            .routes
                            .iter()
                            .find(|route| route.key.display() == *finding);
                    }
                    Phase::Authorize if finding == LET_THROUGH => {
                        shown.insert(format!("signer: {finding}"));
                    }
                    _ => {}
                }
                shown.insert(format!("phase: {} passes", name(*phase)));
            }
            Event::Refused { phase, reason, .. } => {
                shown.insert(format!("phase: {} refuses", name(*phase)));
                if reason.contains("by policies of these kinds") {
                    shown.insert(format!("signer: {reason}"));
                }
            }
            _ => {}
        }
    }
    let Some(route) = route else {
        return shown;
    };
    shown.extend(ties(&program.apis[0].routes, route, request).map(str::to_owned));
    let integration = &route.integration;
    if passed.contains(&Phase::IntegrationRequest) {
        shown.insert(format!("integration: {}", kind(&integration.target)));
        if !matches!(integration.target, Target::Mock) {
            for mapping in &integration.mappings {
                shown.insert(format!("source: {}", source(&mapping.source)));
            }
        }
    }
    if passed.contains(&Phase::IntegrationResponse) && answer.refusal.is_none() {
        shown.insert("phase: method response passes".to_owned());
        for mapping in mapped_headers(integration, events) {
            shown.insert(format!("source: {}", source(mapping)));
        }
    }
    shown
}

/// The sources of the response that was chosen.
fn mapped_headers<'a>(
    integration: &'a Integration,
    events: &[Event],
) -> impl Iterator<Item = &'a Source> {
    let chosen = events.iter().find_map(|event| match event {
        Event::Passed {
            phase: Phase::IntegrationResponse,
            finding,
            ..
        } => Some(finding.clone()),
        _ => None,
    });
    integration
        .responses
        .iter()
        .filter(move |response| Some(format!("status {}", response.status)) == chosen)
        .flat_map(|response| response.headers.iter().map(|mapping| &mapping.source))
}

fn name(phase: Phase) -> &'static str {
    match phase {
        Phase::Site => "site",
        Phase::Canary => "canary",
        Phase::Route => "route",
        Phase::Policy => "policy",
        Phase::Authorize => "authorize",
        Phase::Key => "key",
        Phase::Limits => "limits",
        Phase::Validate => "validate",
        Phase::Cache => "cache",
        Phase::IntegrationRequest => "integration request",
        Phase::Integration => "integration",
        Phase::IntegrationResponse => "integration response",
        Phase::MethodResponse => "method response",
    }
}

fn kind(target: &Target) -> &'static str {
    match target {
        Target::Mock => "mock",
        Target::Http { proxy: false, .. } => "http",
        Target::Http { proxy: true, .. } => "http proxy",
        Target::Lambda { proxy: false, .. } => "lambda",
        Target::Lambda { proxy: true, .. } => "lambda proxy",
        Target::Aws { .. } => "service",
    }
}

fn source(source: &Source) -> &'static str {
    match source {
        Source::Static(_) => "static",
        Source::RequestHeader(_) => "request header",
        Source::RequestHeaders(_) => "request headers",
        Source::RequestQuery(_) => "request query",
        Source::RequestQueries(_) => "request queries",
        Source::RequestPath(_) => "request path",
        Source::RequestBody(None) => "request body",
        Source::RequestBody(Some(_)) => "request body at a path",
        Source::ResponseHeader(_) => "response header",
        Source::ResponseHeaders(_) => "response headers",
        Source::ResponseBody(None) => "response body",
        Source::ResponseBody(Some(_)) => "response body at a path",
        Source::ResponseStatus => "response status",
        Source::Context(_) => "context",
        Source::StageVariable(_) => "stage variable",
    }
}

/// What decided between the route that serves and others that fit as well.
fn ties(routes: &[Route], served: &Route, request: &Request) -> impl Iterator<Item = &'static str> {
    let path = request.target.split('?').next().unwrap_or_default();
    let segments: Vec<&str> = path
        .trim_matches('/')
        .split('/')
        .skip(1)
        .skip_while(|segment| segment.is_empty())
        .collect();
    let mut found = BTreeSet::new();
    let RouteKey::Http {
        path: own,
        method: verb,
    } = &served.key
    else {
        return found.into_iter();
    };
    for other in routes {
        let RouteKey::Http { path, method } = &other.key else {
            continue;
        };
        if other.key == served.key || !covers(&path.segments, &segments) {
            continue;
        }
        let serves = *method == Method::Any || *verb != Method::Any && method == verb;
        if path == own {
            if *method == Method::Any {
                found.insert("tie: method over ANY");
            }
            continue;
        }
        let differing = own
            .segments
            .iter()
            .zip(&path.segments)
            .find(|(a, b)| rank(a) != rank(b));
        match differing.map(|(own, other)| (rank(own), rank(other))) {
            Some((0, 1)) if serves => found.insert("tie: literal over parameter"),
            Some((0, 2)) if serves => found.insert("tie: literal over greedy"),
            Some((own, other)) if own > other => {
                found.insert("tie: a better path lacks the method")
            }
            _ => false,
        };
    }
    found.into_iter()
}

fn rank(segment: &Segment) -> u8 {
    match segment {
        Segment::Literal(_) => 0,
        Segment::Parameter(_) => 1,
        Segment::Greedy(_) => 2,
    }
}

fn covers(template: &[Segment], segments: &[&str]) -> bool {
    let greedy = matches!(template.last(), Some(Segment::Greedy(_)));
    let literals = template
        .iter()
        .zip(segments)
        .all(|(part, segment)| match part {
            Segment::Literal(literal) => literal == segment,
            _ => !segment.is_empty(),
        });
    literals
        && if greedy {
            segments.len() >= template.len()
        } else {
            segments.len() == template.len()
        }
}
