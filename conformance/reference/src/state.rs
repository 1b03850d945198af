//! What is known of a request while it goes through the lifecycle.

use jiff::tz::TimeZone;
use serde_json::Value as Json;
use tollgate_model::Program;
use tollgate_model::api::{Api, Route, RouteKey};
use tollgate_model::stage::Stage;
use tollgate_model::text::{Piece, Text};

use crate::exchange::Request;
use crate::exchange::Signer;
use crate::headers::Headers;
use crate::number::Number;
use crate::policy::together::Held;
use crate::target::Target;
use crate::value::{MapKind, Value};

/// One request on its way.
pub(crate) struct State<'a> {
    /// The program.
    pub program: &'a Program,
    /// The API whose routes serve: the stage's, or its canary's.
    pub api: &'a Api,
    /// The stage.
    pub stage: &'a Stage,
    /// Whether the stage's canary serves.
    pub is_canary: bool,
    /// The request.
    pub request: &'a Request,
    /// The verb in force: `X-HTTP-Method-Override` replaces the request's own.
    pub method: String,
    /// The key that an authorizer names.
    pub usage_key: Option<String>,
    /// The claims of the caller's token, as texts.
    pub claims: Vec<(String, String)>,
    /// Those of them that are lists or objects.
    pub structured: Vec<(String, Json)>,
    /// The caller whose signature is good, with what bounds and allows it.
    pub signer: Option<(Signer, Vec<Held>)>,
    /// Who calls an HTTP API, where an authorizer said so.
    pub http_caller: Option<crate::http::Caller>,
    /// Whether the gateway itself answers a preflight.
    pub preflight: bool,
    /// What the method's ARN shows of the path.
    pub arn_path: String,
    /// The request's body, decompressed.
    pub body: Vec<u8>,
    /// The request target in its parts.
    pub target: Target,
    /// The client's headers that anybody behind the gateway can see.
    pub headers: Headers,
    /// Stage variables in force, the canary's on top.
    pub variables: Vec<(String, String)>,
    /// The route, once it is found.
    pub route: Option<&'a Route>,
    /// Path parameters, undecoded.
    pub path_parameters: Vec<(String, String)>,
    /// `$context`.
    pub context: Value,
    /// `X-Amzn-Trace-Id`.
    pub trace_id: String,
    /// `$context.requestId`.
    pub request_id: String,
    /// `$context.extendedRequestId`.
    pub extended_request_id: String,
    /// Milliseconds since 1970 UTC.
    pub now_ms: u64,
}

impl State<'_> {
    /// The stage variable in force.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }

    /// Fills every hole but the placeholders of an integration's URI, which stay as written.
    pub(crate) fn fill(&self, text: &Text) -> String {
        self.fill_with(text, &[])
    }

    /// Fills every hole; placeholders from these values. One without a value stays as written.
    pub(crate) fn fill_with(&self, text: &Text, placeholders: &[(String, String)]) -> String {
        text.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Literal(text) => text.clone(),
                Piece::Param(name) => param(self.program, name),
                // An unset stage variable is empty text.
                Piece::Variable(name) => self.variable(name).unwrap_or_default().to_owned(),
                Piece::StageName => self.stage.name.clone(),
                Piece::Placeholder(name) => placeholders
                    .iter()
                    .find(|(n, _)| n == name)
                    .map_or_else(|| format!("{{{name}}}"), |(_, value)| value.clone()),
                Piece::Request(source) => crate::mapping::from_request(source, self)
                    .ok()
                    .flatten()
                    .map(|values| values.join(","))
                    .unwrap_or_default(),
            })
            .collect()
    }

    /// The path template of the route; empty without one.
    pub(crate) fn resource_path(&self) -> String {
        match self.route.map(|route| &route.key) {
            Some(RouteKey::Http { path, .. }) => path.text(),
            Some(RouteKey::Named(name)) => name.clone(),
            None => String::new(),
        }
    }

    /// The headers that every answer carries.
    pub(crate) fn add_ids(&self, headers: &mut Headers) {
        headers.push(("x-amzn-RequestId".into(), self.request_id.clone()));
        headers.push(("x-amz-apigw-id".into(), self.extended_request_id.clone()));
    }

    /// The whole path as `$context.path` shows it: with the stage, otherwise as sent.
    pub(crate) fn full_path(&self) -> String {
        format!("/{}{}", self.stage.name, self.target.rest)
    }
}

/// The value of a parameter of the program.
pub(crate) fn param(program: &Program, name: &str) -> String {
    program
        .params
        .iter()
        .find(|param| param.name == name)
        .and_then(|param| param.value.clone().or_else(|| param.default.clone()))
        .unwrap_or_default()
}

/// Fills what is known before any request: parameters and the stage's name.
pub(crate) fn fill_static(program: &Program, stage: &Stage, text: &Text) -> String {
    text.pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Param(name) => param(program, name),
            Piece::StageName => stage.name.clone(),
            Piece::Variable(_) | Piece::Placeholder(_) | Piece::Request(_) => String::new(),
        })
        .collect()
}

/// `$context` before any route is known. The maps print as nothing, as the reference's do.
pub(crate) fn context(state: &State<'_>, is_canary: Option<bool>) -> Value {
    let request = state.request;
    let text = |text: &str| Value::text(text);
    let map = |entries: Vec<(&str, Value)>| Value::context_map(entries, MapKind::Context);
    let overrides = |entries: Vec<(&str, Value)>| Value::context_map(entries, MapKind::Override);
    let identity = map(vec![
        ("cognitoIdentityPoolId", Value::Null),
        ("accountId", Value::Null),
        ("cognitoIdentityId", Value::Null),
        ("caller", Value::Null),
        ("sourceIp", text(&request.source_ip.to_string())),
        ("principalOrgId", Value::Null),
        ("accessKey", Value::Null),
        ("cognitoAuthenticationType", Value::Null),
        ("cognitoAuthenticationProvider", Value::Null),
        ("userArn", Value::Null),
        (
            "userAgent",
            request.header("user-agent").map_or(Value::Null, text),
        ),
        ("user", Value::Null),
    ]);
    if let Some(vpce) = &request.vpce {
        identity.set_member("vpceId", text(vpce));
    }
    let request_override = overrides(vec![
        ("header", overrides(vec![])),
        ("path", overrides(vec![])),
        ("querystring", overrides(vec![])),
    ]);
    let response_override = overrides(vec![("header", overrides(vec![]))]);
    let prefix = request.domain.split('.').next().unwrap_or_default();
    let context = map(vec![
        ("resourceId", Value::Null),
        ("resourcePath", Value::Null),
        ("httpMethod", text(&state.method)),
        ("extendedRequestId", text(&state.extended_request_id)),
        ("requestTime", text(&request_time(state.now_ms))),
        ("path", text(&state.full_path())),
        ("accountId", text(&state.program.account.id)),
        // The reference prints HTTP/1.1 whatever the client spoke.
        ("protocol", text("HTTP/1.1")),
        ("requestOverride", request_override),
        ("stage", text(&state.stage.name)),
        ("domainPrefix", text(prefix)),
        (
            "requestTimeEpoch",
            Value::Number(Number::Long(
                i64::try_from(state.now_ms).unwrap_or(i64::MAX),
            )),
        ),
        ("requestId", text(&state.request_id)),
        ("identity", identity),
        ("domainName", text(&request.domain)),
        (
            "deploymentId",
            text(&made_up_id(&format!("deployment {}", state.api.name))),
        ),
        ("responseOverride", response_override),
        ("apiId", text(&state.api.id)),
    ]);
    // Only stages with a canary know of canaries.
    if let Some(is_canary) = is_canary {
        context.set_member(
            "isCanaryRequest",
            text(if is_canary { "true" } else { "false" }),
        );
    }
    context
}

/// `dd/MMM/yyyy:HH:mm:ss +0000`.
fn request_time(now_ms: u64) -> String {
    i64::try_from(now_ms)
        .ok()
        .and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok())
        .map(|time| {
            time.to_zoned(TimeZone::UTC)
                .strftime("%d/%b/%Y:%H:%M:%S +0000")
                .to_string()
        })
        .unwrap_or_default()
}

/// An id of ten lower-case letters and digits in place of one that the service would assign.
pub(crate) fn made_up_id(name: &str) -> String {
    // FNV-1a: any stable spread will do.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in name.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (0..10)
        .map(|_| {
            let digit = (hash % 36) as u32;
            hash /= 36;
            char::from_digit(digit, 36).unwrap_or('0')
        })
        .collect()
}
