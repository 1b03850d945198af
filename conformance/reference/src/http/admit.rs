//! Who is let through: signatures, tokens, functions.

use serde_json::{Map, Value as Json};
use tollgate_model::NodeId;
use tollgate_model::api::{GatewayResponseType, Route};
use tollgate_model::authorizer::{Auth, AuthorizerKind};
use tollgate_model::integration::{Credentials, Payload, Source};
use tollgate_model::text::Text;

use super::event;
use crate::admission::{self, misconfigured, unauthorized};
use crate::authorizer_policy;
use crate::exchange::{Call, CallKind, Event, Phase, Recorder, World};
use crate::policy::together::Kind;
use crate::policy::{self, Verdict};
use crate::refusal::Refusal;
use crate::state::State;
use crate::value::{MapKind, Value};

pub(super) fn authorize(
    state: &mut State<'_>,
    route: &Route,
    world: &mut dyn World,
    recorder: &mut dyn Recorder,
) -> Result<(), Refusal> {
    let (name, scopes) = match &route.auth {
        Auth::None => return Ok(()),
        Auth::Iam => {
            admission::sign(state, world)?;
            return admission::signed(state, recorder);
        }
        Auth::Authorizer { name, scopes } => (name, scopes),
    };
    let found = state.api.authorizers.iter().find(|a| a.name == *name);
    let Some((kind, node)) = found.map(|found| (&found.kind, found.node)) else {
        return Err(misconfigured("the API has no such authorizer"));
    };
    match kind {
        AuthorizerKind::Jwt {
            issuer,
            audience,
            identity,
        } => {
            let claims = token(state, name, identity, world).and_then(|claims| {
                let issuer = state.fill(issuer);
                let audience: Vec<String> = audience.iter().map(|text| state.fill(text)).collect();
                good(&claims, &issuer, &audience, scopes)?;
                Ok(claims)
            });
            let claims = claims.map_err(|refusal| refusal.at(node))?;
            keep_claims(state, claims, scopes);
        }
        AuthorizerKind::Request {
            uri,
            identity,
            ttl_s,
            credentials,
            simple,
            payload,
            ..
        } => {
            let function = Function {
                uri,
                credentials: credentials.as_ref(),
                ttl_s: *ttl_s,
                simple: *simple,
                payload: *payload,
            };
            ask(state, name, identity, &function, world, recorder)
                .map_err(|refusal| refusal.at(node))?;
        }
        AuthorizerKind::Token { .. } | AuthorizerKind::Cognito { .. } => {
            return Err(misconfigured("HTTP APIs have no such authorizer").at(node));
        }
    }
    recorder.record(Event::Passed {
        phase: Phase::Authorize,
        finding: format!("`{name}` lets it through"),
        node: Some(node),
    });
    Ok(())
}

/// The value of an identity source: of a header all values, of a query parameter the last.
fn source(state: &State<'_>, source: &Source) -> Option<String> {
    let value = match source {
        Source::RequestHeader(name) | Source::RequestHeaders(name) => {
            let values: Vec<&str> = state
                .headers
                .iter()
                .filter(|(n, _)| n.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
                .collect();
            (!values.is_empty()).then(|| values.join(","))
        }
        other => crate::mapping::from_request(other, state)
            .ok()
            .flatten()
            .map(|values| values.join(",")),
    };
    value.filter(|value| !value.is_empty())
}

/// What a caller is told whose token is not good.
fn invalid(description: &str) -> Refusal {
    unauthorized(description).challenge(format!(
        "Bearer scope=\"\" error=\"invalid_token\" error_description=\"{description}\""
    ))
}

/// The claims of the caller's token, if signature and times are good.
fn token(
    state: &State<'_>,
    name: &str,
    identity: &Source,
    world: &mut dyn World,
) -> Result<Map<String, Json>, Refusal> {
    let missing = || unauthorized("there is no token").challenge("Bearer".to_owned());
    let sent = source(state, identity).ok_or_else(missing)?;
    let sent = sent.trim();
    let bare = match sent.get(..6) {
        Some(scheme) if scheme.eq_ignore_ascii_case("bearer") => match &sent[6..] {
            "" => "",
            rest if rest.starts_with(|c: char| c.is_ascii_whitespace()) => rest.trim(),
            _ => sent,
        },
        _ => sent,
    };
    if bare.is_empty() {
        return Err(missing());
    }
    world
        .claims(name, bare)
        .ok_or_else(|| invalid("unable to decode the token"))
}

/// The texts of a claim that is one or a list of them.
fn texts(claim: Option<&Json>) -> Vec<&str> {
    match claim {
        Some(Json::String(text)) => vec![text],
        Some(Json::Array(items)) => items.iter().filter_map(Json::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The scopes of a token: `scope` in one text; where there is none, `scp`, a text or a list.
fn held(claims: &Map<String, Json>) -> Vec<String> {
    let claim = claims.get("scope").or_else(|| claims.get("scp"));
    let listed = claims.get("scope").is_none();
    match claim {
        Some(Json::Array(items)) if listed => items
            .iter()
            .filter_map(Json::as_str)
            .map(str::to_owned)
            .collect(),
        Some(Json::String(text)) => text.split_ascii_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

fn good(
    claims: &Map<String, Json>,
    issuer: &str,
    audience: &[String],
    scopes: &[String],
) -> Result<(), Refusal> {
    if claims.get("iss").and_then(Json::as_str) != Some(issuer) {
        return Err(invalid("invalid issuer"));
    }
    // The client's id counts only where nobody is named.
    let named = texts(claims.get("aud").or_else(|| claims.get("client_id")));
    if !named.iter().any(|name| audience.iter().any(|a| a == name)) {
        return Err(invalid("the token does not have a valid audience"));
    }
    let held = held(claims);
    if !scopes.is_empty() && !scopes.iter().any(|scope| held.contains(scope)) {
        let reason = "the token does not have a required scope";
        let refusal = Refusal::new(Phase::Authorize, GatewayResponseType::AccessDenied, reason);
        return Err(refusal.challenge(format!(
            "Bearer scope=\"{}\" error=\"insufficient_scope\" error_description=\"{reason}\"",
            scopes.join(" ")
        )));
    }
    Ok(())
}

/// Claims as texts: a list in brackets, its items one behind the other.
fn printed(claim: &Json) -> String {
    match claim {
        Json::String(text) => text.clone(),
        Json::Null => "<nil>".into(),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(printed).collect();
            format!("[{}]", items.join(" "))
        }
        Json::Object(members) => {
            let mut members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{name}:{}", printed(value)))
                .collect();
            members.sort();
            format!("map[{}]", members.join(" "))
        }
        other => other.to_string(),
    }
}

fn keep_claims(state: &mut State<'_>, claims: Map<String, Json>, scopes: &[String]) {
    let asked = !scopes.is_empty();
    let scopes = asked.then(|| held(&claims));
    state.structured = crate::token::structured(&claims);
    let claims: Vec<(String, String)> = claims
        .iter()
        .map(|(name, value)| (name.clone(), printed(value)))
        .collect();
    let members = claims.iter();
    let map = Value::context_map(
        members.map(|(name, value)| (name.as_str(), Value::text(value))),
        MapKind::Context,
    );
    let authorizer = Value::context_map([("claims", map)], MapKind::Context);
    state.context.set_member("authorizer", authorizer);
    state.claims.clone_from(&claims);
    state.http_caller = Some(event::Caller::Token { claims, scopes });
}

/// An authorizer's function.
struct Function<'a> {
    uri: &'a Text,
    credentials: Option<&'a Credentials>,
    ttl_s: u32,
    simple: bool,
    payload: Payload,
}

fn ask(
    state: &mut State<'_>,
    name: &str,
    identity: &[Source],
    function: &Function<'_>,
    world: &mut dyn World,
    recorder: &mut dyn Recorder,
) -> Result<(), Refusal> {
    let sources: Vec<String> = identity
        .iter()
        .map(|one| source(state, one))
        .collect::<Option<_>>()
        .ok_or_else(|| unauthorized("a source of identity is missing"))?;
    let key: Vec<u8> = sources
        .iter()
        .flat_map(|value| format!("{}:{value}", value.len()).into_bytes())
        .collect();
    let kept = (function.ttl_s > 0)
        .then(|| world.authorizer_cached(name, &key))
        .flatten();
    let fresh = kept.is_none();
    let output = match kept {
        Some(output) => output,
        None => {
            let call = call(state, function, &sources);
            admission::called(world.authorizer(name, call), NodeId::default())?
        }
    };
    let json: Json = serde_json::from_slice(&output)
        .map_err(|_| misconfigured("the authorizer's output is no JSON"))?;
    let said = Said::read(&json, function).map_err(|why| misconfigured(&why))?;
    if fresh && function.ttl_s > 0 {
        world.keep_authorizer(name, &key, &output, function.ttl_s);
    }
    let members = said.context.iter();
    let principal = said
        .principal
        .iter()
        .map(|p| ("principalId", Value::text(p)));
    let context = Value::context_map(
        members
            .map(|(name, value)| (name.as_str(), crate::json::from_serde(value)))
            .chain(principal),
        MapKind::Context,
    );
    state.context.set_member("authorizer", context);
    state.http_caller = Some(event::Caller::Function {
        principal: said.principal.clone(),
        context: said.context.clone(),
    });
    let allowed = match &said.verdict {
        Decided::Flat(allowed) => *allowed,
        Decided::Policy(output) => {
            let mut question = admission::question(state, "execute-api:Invoke");
            question.variables = output.variables;
            question.kind = Kind::Identity;
            let verdict = policy::evaluate(&output.policy, &question, recorder);
            matches!(verdict, Verdict::Allow(_))
        }
    };
    match allowed {
        true => Ok(()),
        false => Err(Refusal::new(
            Phase::Authorize,
            GatewayResponseType::AccessDenied,
            "the authorizer does not allow",
        )),
    }
}

/// What a function said.
struct Said {
    verdict: Decided,
    principal: Option<String>,
    context: Map<String, Json>,
}

enum Decided {
    Flat(bool),
    Policy(authorizer_policy::Output),
}

impl Said {
    fn read(output: &Json, function: &Function<'_>) -> Result<Said, String> {
        let Json::Object(members) = output else {
            return Err("the authorizer's output is no object".into());
        };
        let (verdict, principal) = if function.simple {
            match members.get("isAuthorized") {
                Some(Json::Bool(allowed)) => (Decided::Flat(*allowed), None),
                _ => return Err("the authorizer's output has no isAuthorized".into()),
            }
        } else {
            // What the context may hold differs.
            let mut bare = members.clone();
            bare.remove("context");
            let output = authorizer_policy::read(&Json::Object(bare))?;
            let principal = output.principal.clone();
            (Decided::Policy(output), Some(principal))
        };
        let context = match members.get("context") {
            None | Some(Json::Null) => Map::new(),
            Some(Json::Object(context)) => context.clone(),
            Some(_) => return Err("the authorizer's context is no object".into()),
        };
        if function.payload == Payload::V1 {
            let flat = |(name, value): (&String, &Json)| {
                name != "claims" && !value.is_array() && !value.is_object()
            };
            if !context.iter().all(flat) {
                return Err("a member of the authorizer's context cannot be passed on".into());
            }
        }
        Ok(Said {
            verdict,
            principal,
            context,
        })
    }
}

fn call(state: &State<'_>, function: &Function<'_>, sources: &[String]) -> Call {
    Call {
        kind: CallKind::Lambda,
        method: "POST".into(),
        uri: state.fill(function.uri),
        query: Vec::new(),
        headers: vec![
            ("Content-Type".into(), "application/json".into()),
            ("X-Amzn-Trace-Id".into(), state.trace_id.clone()),
        ],
        body: event::of_authorizer(state, function.payload, sources)
            .to_string()
            .into_bytes(),
        timeout_ms: 10_000,
        credentials: function.credentials.map(|credentials| match credentials {
            Credentials::Role(role) => state.fill(role),
            Credentials::Caller => "arn:aws:iam::*:user/*".into(),
        }),
    }
}
