//! Who is let through: resource policy, authorizer, key, limits.

use serde_json::{Value as Json, json};
use tollgate_model::NodeId;
use tollgate_model::api::{Endpoint, GatewayResponseType, KeySource, Route};
use tollgate_model::authorizer::{Auth, AuthorizerKind};
use tollgate_model::policy::Policy;
use tollgate_model::text::Text;
use tollgate_model::traffic::{Plan, PlanStage, Throttle};

use crate::authorizer_policy;
use crate::cel::{Cel, Fields};
use crate::exchange::{
    BackendAnswer, Call, CallKind, Charge, Event, Limit, Phase, Recorder, World,
};
use crate::lambda_proxy;
use crate::mapping;
use crate::policy::clause::KeyValue;
use crate::policy::together::{self, Decision, Held, Kind};
use crate::policy::{self, Caller, Question, Verdict};
use crate::refusal::Refusal;
use crate::regex;
use crate::state::State;
use crate::token;
use crate::value::{MapKind, Value};

/// The method's ARN: of the concrete request, not of the template.
pub(crate) fn method_arn(state: &State<'_>) -> String {
    let account = &state.program.account;
    format!(
        "arn:{}:execute-api:{}:{}:{}/{}/{}",
        account.partition,
        account.region,
        account.id,
        state.api.id,
        state.stage.name,
        method_rest(state)
    )
}

/// What follows the stage in the method's ARN: `GET/pets/1`; `GET/` for the root.
fn method_rest(state: &State<'_>) -> String {
    format!("{}/{}", state.method, state.arn_path)
}

/// What a policy is asked of this request.
pub(crate) fn question(state: &State<'_>, action: &str) -> Question {
    let request = state.request;
    let one = |text: &str| KeyValue::One(text.to_owned());
    let seconds = state.now_ms / 1000;
    let now = i64::try_from(seconds)
        .ok()
        .and_then(|seconds| jiff::Timestamp::from_second(seconds).ok())
        .map(|time| time.to_string())
        .unwrap_or_default();
    let mut keys = vec![
        ("aws:CurrentTime".to_owned(), one(&now)),
        ("aws:EpochTime".to_owned(), one(&seconds.to_string())),
        (
            "aws:SecureTransport".to_owned(),
            one(if request.secure { "true" } else { "false" }),
        ),
    ];
    let ip = request.source_ip.to_string();
    match &request.vpce {
        // Through a VPC endpoint the address is another key's.
        Some(vpce) => {
            keys.push(("aws:VpcSourceIp".to_owned(), one(&ip)));
            keys.push(("aws:SourceVpce".to_owned(), one(vpce)));
        }
        None => keys.push(("aws:SourceIp".to_owned(), one(&ip))),
    }
    for (header, key) in [("user-agent", "aws:UserAgent"), ("referer", "aws:Referer")] {
        if let Some(value) = request.header(header) {
            keys.push((key.to_owned(), one(value)));
        }
    }
    let mut caller = Caller::Anonymous;
    let mut bounded = false;
    if let Some((signer, held)) = &state.signer {
        caller = Caller::Iam {
            arn: signer.arn.clone(),
            role: signer.role.clone(),
            account: signer.account.clone(),
            unique_id: signer.unique_id.clone(),
        };
        bounded = held.iter().any(|held| held.kind == Kind::Boundary);
        let own = signer.keys.iter();
        keys.extend(own.map(|(name, values)| (name.clone(), KeyValue::Many(values.clone()))));
    }
    Question {
        caller,
        action: action.to_owned(),
        resource: method_arn(state),
        of_api: Some((state.stage.name.clone(), method_rest(state))),
        keys,
        fields: fields(state),
        variables: true,
        kind: Kind::Resource,
        bounded,
    }
}

/// What a condition in CEL reads.
fn fields(state: &State<'_>) -> Fields {
    let request = state.request;
    let text = |text: &str| Cel::Text(text.to_owned());
    let last = |pairs: &[(String, String)]| -> Vec<(String, Cel)> {
        let mut map: Vec<(String, Cel)> = Vec::new();
        for (name, value) in pairs {
            map.retain(|(other, _)| other != name);
            map.push((name.clone(), text(value)));
        }
        map.sort_by(|(a, _), (b, _)| a.cmp(b));
        map
    };
    // Whatever the letter case of a header's name, it is one header.
    let small = |headers: &[(String, String)]| -> Vec<(String, String)> {
        let one = |(name, value): &(String, String)| (name.to_ascii_lowercase(), value.clone());
        headers.iter().map(one).collect()
    };
    let claims = last(&state.claims)
        .into_iter()
        .map(|(name, value)| match value {
            Cel::Text(text) => {
                let parts = state.structured.iter().find(|(other, _)| *other == name);
                let claim = match parts {
                    Some((_, parts)) => Cel::Structured(text, Box::new(Cel::from(parts))),
                    None => Cel::Claim(text),
                };
                (name, claim)
            }
            other => (name, other),
        })
        .collect();
    let own: &[(String, Vec<String>)] = match &state.signer {
        Some((signer, _)) => &signer.keys,
        None => &[],
    };
    let key = |wanted: &str| {
        let found = own.iter().find(|(name, _)| name == wanted);
        let value = found.and_then(|(_, values)| values.first());
        value.map_or(Cel::Null, |value| text(value))
    };
    let tags = own
        .iter()
        .filter_map(|(name, values)| {
            let tag = name.strip_prefix("aws:PrincipalTag/")?;
            Some((tag.to_owned(), text(values.first()?)))
        })
        .collect();
    vec![
        ("source.ip".into(), Cel::Ip(request.source_ip)),
        (
            "source.vpce".into(),
            request.vpce.as_deref().map_or(Cel::Null, text),
        ),
        ("request.method".into(), text(&state.method)),
        ("request.path".into(), text(&state.target.path)),
        (
            "request.headers".into(),
            Cel::Folded(last(&small(&request.headers))),
        ),
        ("request.query".into(), Cel::Map(last(&state.target.query))),
        ("request.secure".into(), Cel::Bool(request.secure)),
        ("stage.name".into(), text(&state.stage.name)),
        ("principal.account".into(), key("aws:PrincipalAccount")),
        ("principal.arn".into(), key("aws:PrincipalArn")),
        ("principal.type".into(), key("aws:PrincipalType")),
        ("principal.org".into(), key("aws:PrincipalOrgID")),
        ("principal.userid".into(), key("aws:userid")),
        ("principal.tags".into(), Cel::Map(tags)),
        ("claims".into(), Cel::Map(claims)),
        // Whole seconds, as in clauses.
        (
            "now".into(),
            Cel::Time(i128::from(state.now_ms / 1000) * 1_000_000_000),
        ),
    ]
}

/// `User: anonymous is not authorized …`; the account shows its last four digits.
fn policy_denial(state: &State<'_>, explicit: bool, node: Option<NodeId>) -> Refusal {
    let account = &state.program.account.id;
    let shown = account
        .get(account.len().saturating_sub(4)..)
        .unwrap_or_default();
    let arn = method_arn(state).replacen(&format!(":{account}:"), &format!(":********{shown}:"), 1);
    let suffix = if explicit {
        " with an explicit deny"
    } else {
        ""
    };
    let caller = match &state.signer {
        Some((signer, _)) => &signer.arn,
        None => "anonymous",
    };
    let reason = if explicit {
        "a statement of the resource policy denies"
    } else {
        "no statement of the resource policy allows"
    };
    let refusal =
        Refusal::new(Phase::Policy, GatewayResponseType::AccessDenied, reason).message(format!(
            "User: {caller} is not authorized to perform: execute-api:Invoke on resource: \
             {arn}{suffix}"
        ));
    match node {
        Some(node) => refusal.at(node),
        None => refusal,
    }
}

/// The resource policy's verdict, where there is one.
fn resource_verdict(state: &State<'_>, policy: &Policy, recorder: &mut dyn Recorder) -> Verdict {
    policy::evaluate(policy, &question(state, "execute-api:Invoke"), recorder)
}

/// Resource policy and authorization together, by the table of the authorization type.
pub(crate) fn authorize(
    state: &mut State<'_>,
    route: &Route,
    world: &mut dyn World,
    recorder: &mut dyn Recorder,
) -> Result<(), Refusal> {
    let private = matches!(state.api.endpoint, Endpoint::Private(_));
    let policy = state.api.policy.as_ref();
    // Signatures and tokens are judged before any policy.
    if policy.is_some() || !private {
        authenticate(state, route, world, recorder)?;
    }
    // A private API without a policy refuses everybody.
    let verdict = match policy {
        Some(policy) => Some(resource_verdict(state, policy, recorder)),
        None if private => return Err(policy_denial(state, false, None)),
        None => None,
    };
    if let Some(verdict) = verdict {
        let (finding, node) = match verdict {
            Verdict::Allow(node) => ("allows", Some(node)),
            Verdict::Deny(node) => return Err(policy_denial(state, true, Some(node))),
            Verdict::Silent => ("is silent", None),
        };
        recorder.record(Event::Passed {
            phase: Phase::Policy,
            finding: finding.into(),
            node,
        });
    }
    match &route.auth {
        Auth::None => match verdict {
            Some(Verdict::Silent) => Err(policy_denial(state, false, None)),
            _ => Ok(()),
        },
        Auth::Iam => signed(state, recorder),
        Auth::Authorizer { name, .. } => {
            let authorizer = state
                .api
                .authorizers
                .iter()
                .find(|other| other.name == *name);
            match authorizer.map(|authorizer| (&authorizer.kind, authorizer.node)) {
                Some((
                    kind @ (AuthorizerKind::Token { .. } | AuthorizerKind::Request { .. }),
                    node,
                )) => lambda(state, name, kind, node, verdict, world, recorder),
                // The token was good: the resource policy alone must let through, where there is one.
                Some((AuthorizerKind::Cognito { .. }, _)) => match verdict {
                    Some(Verdict::Silent) => Err(policy_denial(state, false, None)),
                    _ => Ok(()),
                },
                Some((AuthorizerKind::Jwt { .. }, node)) => {
                    Err(unauthorized("the caller has no token that can be verified").at(node))
                }
                None => Err(misconfigured("the API has no such authorizer")),
            }
        }
    }
}

/// Whether the policies of a caller who signed let it through, together with the resource policy.
pub(crate) fn signed(state: &State<'_>, recorder: &mut dyn Recorder) -> Result<(), Refusal> {
    if state.signer.is_none() {
        return Err(unsigned());
    }
    let policies = held(state);
    let asked = question(state, "execute-api:Invoke");
    let owner = &state.program.account.id;
    let (explicit, kinds) = match together::decide(&policies, &asked, owner, false) {
        Decision::Allowed => {
            recorder.record(Event::Passed {
                phase: Phase::Authorize,
                finding: "the caller's policies let it through".into(),
                node: None,
            });
            return Ok(());
        }
        Decision::Denied(kinds) => (true, kinds),
        Decision::NotAllowed(kinds) => (false, kinds),
    };
    let mut refusal = policy_denial(state, explicit, None);
    refusal.phase = Phase::Authorize;
    refusal.reason = match explicit {
        true => format!("denied by policies of these kinds: {kinds:?}"),
        false => format!("not allowed by policies of these kinds: {kinds:?}"),
    };
    Err(refusal)
}

/// Whether the resource policy, the caller's policies, and what bounds them, allow it to pass the cache by. Nobody of
/// another account may.
pub(crate) fn may_invalidate(state: &State<'_>) -> bool {
    let Some((signer, _)) = &state.signer else {
        return false;
    };
    let owner = &state.program.account.id;
    let asked = question(state, "execute-api:InvalidateCache");
    signer.account == *owner
        && together::decide(&held(state), &asked, owner, false) == Decision::Allowed
}

/// The policies of a caller who signed, and the API's.
fn held(state: &State<'_>) -> Vec<Held> {
    let mut policies: Vec<Held> = match &state.signer {
        Some((_, held)) => held.clone(),
        None => Vec::new(),
    };
    if let Some(policy) = &state.api.policy {
        policies.push(Held {
            kind: Kind::Resource,
            level: 0,
            policy: policy.clone(),
            variables: true,
        });
    }
    policies
}

/// Whether anything in a request looks like a signature.
fn claims_signature(state: &State<'_>) -> bool {
    let header = state.request.header("authorization");
    header.is_some_and(|value| !value.is_empty())
        || state.target.query.iter().any(|(name, _)| {
            matches!(
                name.as_str(),
                "X-Amz-Algorithm" | "X-Amz-Credential" | "X-Amz-Signature"
            )
        })
}

/// Who calls, as far as it shows before any policy.
fn authenticate(
    state: &mut State<'_>,
    route: &Route,
    world: &mut dyn World,
    recorder: &mut dyn Recorder,
) -> Result<(), Refusal> {
    let Auth::Authorizer { name, scopes } = &route.auth else {
        return match &route.auth {
            Auth::Iam => sign(state, world),
            _ => Ok(()),
        };
    };
    let found = state.api.authorizers.iter().find(|a| a.name == *name);
    match found.map(|found| (&found.kind, found.node)) {
        Some((
            AuthorizerKind::Cognito {
                header, validation, ..
            },
            node,
        )) => {
            let sent = crate::headers::values(&state.headers, header)
                .last()
                .map(|token| (*token).to_owned());
            let claims = sent
                .filter(|token| !token.is_empty())
                .and_then(|token| {
                    world.claims(name, token.strip_prefix("Bearer ").unwrap_or(&token))
                })
                .ok_or_else(|| {
                    unauthorized("the caller has no token that can be verified").at(node)
                })?;
            token::good(&claims, scopes, validation.as_deref())
                .map_err(|reason| unauthorized(reason).at(node))?;
            state.claims = token::texts(&claims);
            state.structured = token::structured(&claims);
            let members = state.claims.iter();
            let claims = Value::context_map(
                members.map(|(name, value)| (name.as_str(), Value::text(value))),
                MapKind::Context,
            );
            let authorizer = Value::context_map([("claims", claims)], MapKind::Context);
            state.context.set_member("authorizer", authorizer);
            recorder.record(Event::Passed {
                phase: Phase::Authorize,
                finding: format!("`{name}` takes the token"),
                node: Some(node),
            });
            Ok(())
        }
        Some((AuthorizerKind::Jwt { .. }, node)) => {
            Err(unauthorized("the caller has no token that can be verified").at(node))
        }
        _ => Ok(()),
    }
}

/// Takes the caller whose signature is good.
pub(crate) fn sign(state: &mut State<'_>, world: &mut dyn World) -> Result<(), Refusal> {
    let signer = claims_signature(state)
        .then(|| world.signer(state.request))
        .flatten()
        .ok_or_else(unsigned)?;
    let held = signer
        .policies
        .iter()
        .map(|(kind, level, document)| together::read(*kind, *level, document))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|why| {
            Refusal::new(
                Phase::Authorize,
                GatewayResponseType::Default5xx,
                format!("a policy of the caller cannot be read: {why}"),
            )
        })?;
    if let Some(identity) = state.context.member("identity") {
        for (name, value) in [
            ("accountId", &signer.account),
            ("caller", &signer.unique_id),
            ("user", &signer.unique_id),
            ("userArn", &signer.arn),
            ("accessKey", &signer.access_key),
        ] {
            identity.set_member(name, Value::text(value));
        }
    }
    state.signer = Some((signer, held));
    Ok(())
}

fn unsigned() -> Refusal {
    Refusal::new(
        Phase::Authorize,
        GatewayResponseType::MissingAuthenticationToken,
        "the request is not signed",
    )
}

pub(crate) fn unauthorized(reason: &str) -> Refusal {
    Refusal::new(Phase::Authorize, GatewayResponseType::Unauthorized, reason)
}

pub(crate) fn misconfigured(reason: &str) -> Refusal {
    Refusal::new(
        Phase::Authorize,
        GatewayResponseType::AuthorizerConfigurationError,
        reason,
    )
}

/// A Lambda authorizer: what identifies the caller, the cache, the function, its policy.
fn lambda(
    state: &mut State<'_>,
    name: &str,
    kind: &AuthorizerKind,
    node: NodeId,
    resource: Option<Verdict>,
    world: &mut dyn World,
    recorder: &mut dyn Recorder,
) -> Result<(), Refusal> {
    let (uri, ttl_s, credentials, key, event) = match kind {
        AuthorizerKind::Token {
            uri,
            header,
            validation,
            ttl_s,
            credentials,
            ..
        } => {
            let token = crate::headers::values(&state.headers, header)
                .last()
                .map(|token| (*token).to_owned())
                .filter(|token| !token.is_empty())
                .ok_or_else(|| unauthorized("the token is missing").at(node))?;
            if validation
                .as_deref()
                .is_some_and(|pattern| !regex::matches(pattern, &token))
            {
                return Err(unauthorized("the token does not fit its expression").at(node));
            }
            let event = json!({
                "type": "TOKEN",
                "authorizationToken": token,
                "methodArn": method_arn(state),
            });
            (uri, *ttl_s, credentials, vec![token], event)
        }
        AuthorizerKind::Request {
            uri,
            identity,
            ttl_s,
            credentials,
            ..
        } => {
            let mut key = Vec::new();
            for source in identity {
                let value = mapping::from_request(source, state)?
                    .map(|values| values.join(","))
                    .filter(|value| !value.is_empty())
                    .ok_or_else(|| unauthorized("a source of identity is missing").at(node))?;
                key.push(value);
            }
            (uri, *ttl_s, credentials, key, request_event(state))
        }
        AuthorizerKind::Cognito { .. } | AuthorizerKind::Jwt { .. } => {
            return Err(misconfigured("the authorizer has no function").at(node));
        }
    };
    // Values are kept apart by their lengths.
    let key: Vec<u8> = key
        .iter()
        .flat_map(|value| format!("{}:{value}", value.len()).into_bytes())
        .collect();
    let cached = if ttl_s > 0 {
        world.authorizer_cached(name, &key)
    } else {
        None
    };
    let (output, fresh) = match cached {
        Some(output) => (output, false),
        None => {
            let call = authorizer_call(state, uri, credentials.as_ref(), &event);
            (called(world.authorizer(name, call), node)?, true)
        }
    };
    let output_json: Json = serde_json::from_slice(&output)
        .map_err(|_| misconfigured("the authorizer's output is no JSON").at(node))?;
    let read =
        authorizer_policy::read(&output_json).map_err(|reason| misconfigured(&reason).at(node))?;
    if fresh && ttl_s > 0 {
        world.keep_authorizer(name, &key, &output, ttl_s);
    }
    set_context(state, &read);

    let mut question = question(state, "execute-api:Invoke");
    question.variables = read.variables;
    question.kind = Kind::Identity;
    let identity = policy::evaluate(&read.policy, &question, recorder);
    // Table A: a deny of either side, else an allow of either side.
    let denied = |suffix: &str| {
        Refusal::new(
            Phase::Authorize,
            GatewayResponseType::AccessDenied,
            "the authorizer's policy does not allow",
        )
        .message(format!(
            "User is not authorized to access this resource{suffix}"
        ))
        .at(node)
    };
    match (identity, resource) {
        (Verdict::Deny(_), _) => Err(denied(" with an explicit deny")),
        (Verdict::Allow(_), _) | (Verdict::Silent, Some(Verdict::Allow(_))) => {
            recorder.record(Event::Passed {
                phase: Phase::Authorize,
                finding: format!("`{name}` lets `{}` through", read.principal),
                node: Some(node),
            });
            Ok(())
        }
        (Verdict::Silent, _) => Err(denied("")),
    }
}

/// The event of a REQUEST authorizer.
fn request_event(state: &State<'_>) -> Json {
    let headers = lambda_proxy::event_headers(state);
    let query = &state.target.query;
    // Unlike a proxy's, its empty maps are empty objects.
    let object = |value: Json| if value.is_null() { json!({}) } else { value };
    json!({
        "type": "REQUEST",
        "methodArn": method_arn(state),
        "resource": state.resource_path(),
        "path": state.target.path,
        "httpMethod": state.method,
        "headers": object(lambda_proxy::single(&headers)),
        "multiValueHeaders": object(lambda_proxy::multiple(&headers)),
        "queryStringParameters": object(lambda_proxy::single(query)),
        "multiValueQueryStringParameters": object(lambda_proxy::multiple(query)),
        "pathParameters": object(lambda_proxy::single(&state.path_parameters)),
        "stageVariables": object(lambda_proxy::single(&state.variables)),
        "requestContext": lambda_proxy::request_context(state),
    })
}

fn authorizer_call(
    state: &State<'_>,
    uri: &Text,
    credentials: Option<&tollgate_model::integration::Credentials>,
    event: &Json,
) -> Call {
    Call {
        kind: CallKind::Lambda,
        method: "POST".into(),
        uri: state.fill(uri),
        query: Vec::new(),
        headers: vec![
            ("Content-Type".into(), "application/json".into()),
            ("X-Amzn-Trace-Id".into(), state.trace_id.clone()),
        ],
        body: event.to_string().into_bytes(),
        timeout_ms: 30_000,
        credentials: credentials.map(|credentials| match credentials {
            tollgate_model::integration::Credentials::Role(role) => state.fill(role),
            tollgate_model::integration::Credentials::Caller => "arn:aws:iam::*:user/*".into(),
        }),
    }
}

/// The output of the function. Thrown `Unauthorized` is 401, everything else that goes wrong 500.
pub(crate) fn called(answer: BackendAnswer, node: NodeId) -> Result<Vec<u8>, Refusal> {
    let BackendAnswer::Answered {
        status,
        headers,
        body,
    } = answer
    else {
        return Err(misconfigured("the authorizer's function cannot be called").at(node));
    };
    let failed = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("x-amz-function-error"));
    if failed {
        let error: Json = serde_json::from_slice(&body).unwrap_or(Json::Null);
        return Err(if error["errorMessage"] == "Unauthorized" {
            unauthorized("the authorizer's function throws `Unauthorized`").at(node)
        } else {
            misconfigured("the authorizer's function throws").at(node)
        });
    }
    if status != 200 {
        return Err(misconfigured("the authorizer's function does not answer").at(node));
    }
    Ok(body)
}

/// `$context.authorizer`: every value as text.
fn set_context(state: &mut State<'_>, output: &authorizer_policy::Output) {
    let members = output
        .context
        .iter()
        .map(|(name, value)| (name.as_str(), Value::text(value)));
    let principal = ("principalId", Value::text(&output.principal));
    let authorizer = Value::context_map(members.chain([principal]), MapKind::Context);
    state.context.set_member("authorizer", authorizer);
    state.usage_key.clone_from(&output.usage_key);
}

/// The API key, and the plan that opens this stage to it.
pub(crate) fn key<'p>(
    state: &mut State<'p>,
    route: &Route,
    world: &mut dyn World,
    recorder: &mut dyn Recorder,
) -> Result<Option<(&'p Plan, &'p PlanStage, String)>, Refusal> {
    // A key that nobody asks for opens and limits nothing.
    if !route.api_key {
        return Ok(None);
    }
    let refused = |reason: &str| {
        Refusal::new(Phase::Key, GatewayResponseType::InvalidApiKey, reason).at(route.node)
    };
    let given = match state.api.key_source {
        KeySource::Header => state.request.header("x-api-key").map(str::to_owned),
        KeySource::Authorizer => state.usage_key.clone(),
    }
    .filter(|value| !value.is_empty())
    .ok_or_else(|| refused("there is no key"))?;
    let program = state.program;
    let key = program
        .keys
        .iter()
        .find(|key| world.secret(&key.value).as_deref() == Some(given.as_str()))
        .ok_or_else(|| refused("nobody has this key"))?;
    if !key.enabled {
        return Err(refused("the key is disabled"));
    }
    let opening = program
        .plans
        .iter()
        .filter(|plan| key.plans.contains(&plan.name))
        .find_map(|plan| {
            let stage = plan
                .stages
                .iter()
                .find(|stage| stage.api == state.stage.api && stage.stage == state.stage.name)?;
            Some((plan, stage))
        });
    let Some((plan, plan_stage)) = opening else {
        return Err(refused("no plan of the key opens this stage"));
    };
    if let Some(identity) = state.context.member("identity") {
        identity.set_member("apiKey", Value::text(&given));
        identity.set_member("apiKeyId", Value::text(&key.id));
    }
    recorder.record(Event::Passed {
        phase: Phase::Key,
        finding: format!("key `{}` of plan `{}`", key.name, plan.name),
        node: Some(key.node),
    });
    Ok(Some((plan, plan_stage, key.id.clone())))
}

/// Every limit that the request is charged to, in the reference's order, all or nothing.
pub(crate) fn spend(
    state: &State<'_>,
    route: &Route,
    plan: Option<(&Plan, &PlanStage, String)>,
    world: &mut dyn World,
    recorder: &mut dyn Recorder,
) -> Result<(), Refusal> {
    let mut charges: Vec<(Charge, GatewayResponseType)> = Vec::new();
    let resource = state.resource_path();
    let method = route_method(route);
    let at = format!("{}/{}", state.stage.api, state.stage.name);
    let rate = |bucket: String, throttle: Throttle| {
        (
            Charge {
                bucket,
                limit: Limit::Rate(throttle),
            },
            GatewayResponseType::Throttled,
        )
    };
    if let Some((plan, stage, key)) = plan {
        // The most specific entry of the plan alone.
        let own = crate::settings::most_specific(&stage.methods, &resource, &method);
        match (own, plan.throttle) {
            (Some((selector, throttle)), _) => charges.push(rate(
                format!(
                    "plan {} key {key} {at} {}/{}",
                    plan.name, selector.path, selector.method
                ),
                *throttle,
            )),
            (None, Some(throttle)) => {
                charges.push(rate(format!("plan {} key {key}", plan.name), throttle));
            }
            (None, None) => {}
        }
        if let Some(quota) = plan.quota {
            charges.push((
                Charge {
                    bucket: format!("quota of plan {} key {key}", plan.name),
                    limit: Limit::Quota(quota),
                },
                GatewayResponseType::QuotaExceeded,
            ));
        }
    }
    if let Some(throttle) = crate::settings::of(state, route).throttle {
        charges.push(rate(format!("stage {at} {method} {resource}"), throttle));
    }
    if let Some(throttle) = state.program.account.throttle {
        charges.push(rate("account".into(), throttle));
    }
    if charges.is_empty() {
        return Ok(());
    }
    let asked: Vec<Charge> = charges.iter().map(|(charge, _)| charge.clone()).collect();
    match world.spend(&asked) {
        Ok(()) => {
            recorder.record(Event::Passed {
                phase: Phase::Limits,
                finding: format!("{} limits have room", asked.len()),
                node: None,
            });
            Ok(())
        }
        Err(index) => {
            let (charge, response) = match charges.get(index) {
                Some((charge, response)) => (charge.bucket.as_str(), *response),
                None => ("an unknown limit", GatewayResponseType::Throttled),
            };
            Err(Refusal::new(
                Phase::Limits,
                response,
                format!("no room in {charge}"),
            ))
        }
    }
}

fn route_method(route: &Route) -> String {
    match &route.key {
        tollgate_model::api::RouteKey::Http { method, .. } => method.as_str().to_owned(),
        tollgate_model::api::RouteKey::Named(_) => "ANY".to_owned(),
    }
}
