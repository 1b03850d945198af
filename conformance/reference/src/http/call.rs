//! The call of an integration, and what comes back.

use tollgate_model::api::{GatewayResponseType, Route, RouteKey};
use tollgate_model::integration::{Credentials, RequestTarget, Target};

use super::event::{self, of_connection};
use super::result;
use crate::exchange::{Answer, BackendAnswer, Call, CallKind, Event, Phase, Recorder, World};
use crate::headers::{self, Headers};
use crate::integration::{has_host, is_function};
use crate::refusal::Refusal;
use crate::state::State;

pub(super) fn integrate(
    state: &State<'_>,
    route: &Route,
    world: &mut dyn World,
    recorder: &mut dyn Recorder,
) -> Result<Answer, Refusal> {
    let integration = &route.integration;
    let call = match &integration.target {
        Target::Lambda { payload, uri, .. } => {
            let uri = state.fill(uri);
            let function = uri
                .split_once("/functions/")
                .and_then(|(_, rest)| rest.strip_suffix("/invocations"));
            if !function.is_some_and(is_function) {
                return Err(broken("the function's ARN is none").at(integration.node));
            }
            let event = event::of_integration(state, *payload);
            Call {
                kind: CallKind::Lambda,
                method: "POST".into(),
                uri,
                query: Vec::new(),
                headers: vec![("X-Amzn-Trace-Id".into(), state.trace_id.clone())],
                body: event.to_string().into_bytes(),
                timeout_ms: integration.timeout_ms,
                credentials: credentials(state, route),
            }
        }
        Target::Http { method, uri, .. } => {
            let placed: Vec<(String, String)> = integration
                .mappings
                .iter()
                .filter_map(|mapping| {
                    let RequestTarget::Path(name) = &mapping.target else {
                        return None;
                    };
                    let values = crate::mapping::from_request(&mapping.source, state).ok()??;
                    Some((name.clone(), encoded(&values.join(","))))
                })
                .collect();
            let uri = state.fill_with(uri, &placed);
            let (base, own) = uri.split_once('?').unwrap_or((&uri, ""));
            let mut base = base.to_owned();
            if let RouteKey::Named(_) = &route.key {
                let path = &state.target.rest;
                let path = path.strip_prefix('/').unwrap_or(path);
                base = format!("{}/{path}", base.strip_suffix('/').unwrap_or(&base));
            }
            if !has_host(&base) {
                return Err(broken("the integration's address is none").at(integration.node));
            }
            let mut query = crate::target::parse_query(own);
            query.extend(state.target.query.iter().cloned());
            Call {
                kind: CallKind::Http,
                method: method.clone().unwrap_or_else(|| state.method.clone()),
                uri: base,
                query,
                headers: sent(state),
                body: state.body.clone(),
                timeout_ms: integration.timeout_ms,
                credentials: credentials(state, route),
            }
        }
        Target::Mock | Target::Aws { .. } => {
            return Err(broken("HTTP APIs have no such integration").at(integration.node));
        }
    };
    recorder.record(Event::Called { call: call.clone() });
    let kind = call.kind;
    let answer = world.integrate(call);
    let BackendAnswer::Answered {
        status,
        headers,
        body,
    } = answer
    else {
        return Err(unanswered(&answer, kind));
    };
    recorder.record(Event::Received {
        status,
        headers: headers.clone(),
        body: body.clone(),
    });
    match &integration.target {
        Target::Lambda { payload, .. } => result::answer(*payload, status, &headers, &body),
        _ => Ok(Answer {
            status,
            headers: passed_back(headers, false),
            body,
            refusal: None,
        }),
    }
}

fn broken(reason: &str) -> Refusal {
    Refusal::configuration(Phase::IntegrationRequest, reason)
}

/// A function and a backend over the internet do not time out alike.
fn unanswered(answer: &BackendAnswer, kind: CallKind) -> Refusal {
    use GatewayResponseType as T;
    let (ty, status) = match (answer, kind) {
        (BackendAnswer::TimedOut, CallKind::Http) => (T::IntegrationTimeout, 504),
        (BackendAnswer::TimedOut, _) => (T::IntegrationTimeout, 503),
        (BackendAnswer::Unreachable, _) => (T::IntegrationFailure, 503),
        _ => (T::Default5xx, 500),
    };
    Refusal::new(Phase::Integration, ty, "the backend does not answer").status(status)
}

fn credentials(state: &State<'_>, route: &Route) -> Option<String> {
    route
        .integration
        .credentials
        .as_ref()
        .map(|credentials| match credentials {
            Credentials::Role(role) => state.fill(role),
            Credentials::Caller => "arn:aws:iam::*:user/*".into(),
        })
}

/// A decoded value in a path: what a path may hold stays, slashes too.
fn encoded(value: &str) -> String {
    let mut out = String::new();
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => out.push(char::from(byte)),
            _ if b"-._~/!$&'()*+,;=:@".contains(&byte) => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// The client's headers, and where the request comes from.
fn sent(state: &State<'_>) -> Headers {
    let request = state.request;
    let mut sent: Headers = request
        .headers
        .iter()
        .filter(|(name, _)| {
            let own = ["host", "content-length"];
            !of_connection(name) && !own.iter().any(|other| name.eq_ignore_ascii_case(other))
        })
        .cloned()
        .collect();
    let address = match request.source_ip.is_ipv6() {
        true => format!("\"[{}]\"", request.source_ip),
        false => request.source_ip.to_string(),
    };
    let proto = if request.secure { "https" } else { "http" };
    let behind = |name: &str, own: String| match request.header(name) {
        Some(before) => format!("{before}, {own}"),
        None => own,
    };
    let forwarded = format!(
        "by=unknown;for={address};host={};proto={proto}",
        request.domain
    );
    let forwarded = behind("forwarded", forwarded);
    let via = behind("via", "HTTP/1.1 AmazonAPIGateway".to_owned());
    for (name, value) in [
        ("Forwarded", &forwarded),
        ("Via", &via),
        ("X-Amzn-Trace-Id", &state.trace_id),
    ] {
        headers::replace(&mut sent, name, value);
    }
    sent
}

/// What a client sees of a backend's headers, or of a function's.
pub(super) fn passed_back(headers: Headers, function: bool) -> Headers {
    headers
        .into_iter()
        .filter(|(name, _)| {
            let name = name.to_ascii_lowercase();
            !(of_connection(&name)
                || name == "content-length"
                || name == "apigw-requestid"
                || function && name.starts_with("x-amzn-"))
        })
        .collect()
}
