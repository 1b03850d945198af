//! The integration request, the call, the integration response.

use tollgate_model::api::{GatewayResponseType, Route};
use tollgate_model::integration::{
    Credentials, Integration, IntegrationResponse, Passthrough, RequestTarget, Target,
};
use tollgate_model::text::Text;

use crate::exchange::{Answer, BackendAnswer, Call, CallKind, Event, Phase, Recorder, World};
use crate::headers::{self, Headers};
use crate::json;
use crate::mapping::{self, Backend};
use crate::media::{self, Payload};
use crate::number::Number;
use crate::refusal::Refusal;
use crate::regex;
use crate::state::State;
use crate::template::{self, Side};
use crate::value::Value;

/// Everything from the mapping of the request to the answer.
pub(crate) fn run(
    state: &State<'_>,
    route: &Route,
    world: &mut dyn World,
    recorder: &mut dyn Recorder,
) -> Result<Answer, Refusal> {
    let integration = &route.integration;
    let prepared = prepare(state, integration)?;
    recorder.record(Event::Passed {
        phase: Phase::IntegrationRequest,
        finding: match &prepared {
            Prepared::Mock(status) => format!("mock status {status}"),
            Prepared::Call(call) => format!("{} {}", call.method, call.uri),
        },
        node: Some(integration.node),
    });
    let received = match prepared {
        Prepared::Mock(status) => Received {
            subject: status,
            status: 200,
            headers: Vec::new(),
            body: Vec::new(),
        },
        Prepared::Call(call) => {
            recorder.record(Event::Called { call: call.clone() });
            let answer = world.integrate(call);
            if let BackendAnswer::Answered {
                status,
                headers,
                body,
            } = &answer
            {
                recorder.record(Event::Received {
                    status: *status,
                    headers: headers.clone(),
                    body: body.clone(),
                });
            }
            receive(answer, &integration.target)?
        }
    };
    recorder.record(Event::Passed {
        phase: Phase::Integration,
        finding: format!("status {}", received.status),
        node: None,
    });
    let mut answer = match &integration.target {
        Target::Lambda { proxy: true, .. } => crate::lambda_proxy::answer(state, &received)?,
        target @ (Target::Http { proxy: true, .. } | Target::Aws { proxy: true, .. }) => {
            proxied(received, target)
        }
        _ => mapped(state, route, &received, recorder)?,
    };
    finish(state, &integration.target, &mut answer);
    Ok(answer)
}

/// What the request became.
enum Prepared {
    /// The status that a mock chose, as text.
    Mock(String),
    /// A call.
    Call(Call),
}

/// What came back.
pub(crate) struct Received {
    /// What a selection pattern is held against: the status, a Lambda error's message, or empty.
    subject: String,
    /// The status.
    status: u16,
    /// The headers.
    pub(crate) headers: Headers,
    /// The body.
    pub(crate) body: Vec<u8>,
}

fn internal(reason: &str) -> Refusal {
    Refusal::new(
        Phase::IntegrationRequest,
        GatewayResponseType::Default5xx,
        reason,
    )
}

fn prepare(state: &State<'_>, integration: &Integration) -> Result<Prepared, Refusal> {
    let target = &integration.target;
    // A forbidden target fails the call even where its value is never used, also for proxies.
    let forbidden = integration.mappings.iter().find(|mapping| {
        matches!(&mapping.target, RequestTarget::Header(name) if headers::is_forbidden(name, target))
    });
    if let Some(mapping) = forbidden {
        return Err(internal("a mapping sets a header that it must not").at(mapping.node));
    }
    match target {
        Target::Mock => mock(state, integration),
        Target::Lambda {
            proxy: true,
            method,
            uri,
            ..
        } => {
            let event = crate::lambda_proxy::event(state);
            lambda_call(
                state,
                integration,
                method,
                uri,
                Mapped::default(),
                event.to_string().into_bytes(),
            )
        }
        Target::Http { proxy: true, .. } | Target::Aws { proxy: true, .. } => {
            let mapped = Mapped::of(state, integration)?;
            http_or_service(
                state,
                integration,
                mapped,
                Payload::Bytes(state.body.clone()),
            )
        }
        _ => {
            let mut mapped = Mapped::of(state, integration)?;
            let body = request_body(state, integration)?;
            mapped.apply_overrides(state);
            match target {
                Target::Lambda { method, uri, .. } => {
                    lambda_call(state, integration, method, uri, mapped, body.into_bytes())
                }
                _ => http_or_service(state, integration, mapped, body),
            }
        }
    }
}

/// Choice of the template, conversion, and the template's run.
fn request_body(state: &State<'_>, integration: &Integration) -> Result<Payload, Refusal> {
    let phase = Phase::IntegrationRequest;
    let content_type = state.request.header("content-type");
    let templates = &integration.templates;
    let chosen =
        media::request_template(templates.iter().map(|(key, _)| key.as_str()), content_type);
    let refused = chosen.is_none()
        && match integration.passthrough {
            Passthrough::WhenNoMatch => false,
            Passthrough::WhenNoTemplates => !templates.is_empty(),
            Passthrough::Never => true,
        };
    if refused {
        return Err(Refusal::new(
            phase,
            GatewayResponseType::UnsupportedMediaType,
            "no request template fits the content type",
        )
        .at(integration.node));
    }
    let body = media::convert_request(
        &state.body,
        integration.content,
        &state.api.binary,
        content_type,
    )
    .ok_or_else(|| Refusal::configuration(phase, "the body is no base64"))?;
    let Some((_, template)) = chosen.and_then(|index| templates.get(index)) else {
        return Ok(body);
    };
    match body {
        Payload::Text(text) => {
            template::run(template, state, Side::Request, &text).map(Payload::Text)
        }
        Payload::Bytes(_) => {
            Err(Refusal::configuration(phase, "a template cannot take bytes").at(template.node))
        }
    }
}

/// Where mapped values and overrides go.
#[derive(Default)]
struct Mapped {
    headers: Headers,
    query: Vec<(String, String)>,
    path: Vec<(String, String)>,
}

impl Mapped {
    fn of(state: &State<'_>, integration: &Integration) -> Result<Mapped, Refusal> {
        let mut mapped = Mapped::default();
        for mapping in &integration.mappings {
            // A missing or empty value leaves its target out.
            let values: Vec<String> = mapping::from_request(&mapping.source, state)?
                .unwrap_or_default()
                .into_iter()
                .filter(|value| !value.is_empty())
                .collect();
            if values.is_empty() {
                continue;
            }
            match &mapping.target {
                RequestTarget::Header(name) => {
                    headers::replace(&mut mapped.headers, name, &values.join(","));
                }
                RequestTarget::Query(name) => mapped
                    .query
                    .extend(values.into_iter().map(|value| (name.clone(), value))),
                RequestTarget::Path(name) => mapped.path.push((name.clone(), values.join(","))),
            }
        }
        Ok(mapped)
    }

    /// Overrides win over mappings of the same name; a list gives several values. An empty one
    /// leaves its target out.
    fn apply_overrides(&mut self, state: &State<'_>) {
        for (name, values) in overrides(state, "requestOverride", "header") {
            headers::replace_all(&mut self.headers, &name, &values);
        }
        for (name, values) in overrides(state, "requestOverride", "querystring") {
            self.query.retain(|(n, _)| *n != name);
            self.query
                .extend(values.into_iter().map(|value| (name.clone(), value)));
        }
        for (name, values) in overrides(state, "requestOverride", "path") {
            self.path.retain(|(n, _)| *n != name);
            self.path.push((name, values.join(",")));
        }
    }
}

/// The members of an override map with their values.
fn overrides(state: &State<'_>, side: &str, place: &str) -> Vec<(String, Vec<String>)> {
    let Some(Value::Map(map)) = mapping::context(state, &[side, place]) else {
        return Vec::new();
    };
    let entries = map.entries.borrow();
    entries
        .iter()
        .map(|(name, value)| {
            let values = match value {
                Value::List(list) => list.items.borrow().iter().map(Value::print).collect(),
                Value::Null => Vec::new(),
                other => vec![other.print()],
            };
            (name.print().to_owned(), values)
        })
        .collect()
}

/// A mock reads its status from the template's text, or else from the body that is passed on.
fn mock(state: &State<'_>, integration: &Integration) -> Result<Prepared, Refusal> {
    // Mappings go nowhere, but one that cannot be read still refuses the request.
    Mapped::of(state, integration)?;
    let body = match request_body(state, integration)? {
        Payload::Text(text) => text,
        Payload::Bytes(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
    };
    let status = json::read(&body).and_then(|document| match document.member("statusCode")? {
        Value::Number(number @ (Number::Int(_) | Number::Long(_) | Number::Big(_))) => {
            Some(number.print())
        }
        _ => None,
    });
    status
        .map(Prepared::Mock)
        .ok_or_else(|| internal("a mock needs an integer statusCode").at(integration.node))
}

fn credentials(state: &State<'_>, integration: &Integration) -> Option<String> {
    integration
        .credentials
        .as_ref()
        .map(|credentials| match credentials {
            Credentials::Role(role) => state.fill(role),
            Credentials::Caller => "arn:aws:iam::*:user/*".into(),
        })
}

fn lambda_call(
    state: &State<'_>,
    integration: &Integration,
    method: &str,
    uri: &Text,
    mapped: Mapped,
    body: Vec<u8>,
) -> Result<Prepared, Refusal> {
    let phase = Phase::IntegrationRequest;
    // The Lambda service takes nothing but POST.
    if method != "POST" {
        return Err(
            Refusal::configuration(phase, "a function is invoked with POST").at(integration.node),
        );
    }
    let uri = state.fill_with(uri, &mapped.path);
    let function = uri
        .split_once("/functions/")
        .and_then(|(_, rest)| rest.strip_suffix("/invocations"));
    if !function.is_some_and(is_function) {
        return Err(
            Refusal::configuration(phase, "the function's ARN is none").at(integration.node)
        );
    }
    let mut sent = mapped.headers;
    sent.retain(|(name, _)| !headers::is_dropped_from_request(name, &integration.target));
    add_defaults(state, integration, &mut sent);
    Ok(Prepared::Call(Call {
        kind: CallKind::Lambda,
        method: method.to_owned(),
        uri,
        query: mapped.query,
        headers: sent,
        body,
        timeout_ms: integration.timeout_ms,
        credentials: credentials(state, integration),
    }))
}

/// A function's ARN with no empty part, or a bare name.
pub(crate) fn is_function(text: &str) -> bool {
    !text.is_empty() && text.split(':').all(|part| !part.is_empty())
}

fn http_or_service(
    state: &State<'_>,
    integration: &Integration,
    mapped: Mapped,
    body: Payload,
) -> Result<Prepared, Refusal> {
    let target = &integration.target;
    let (kind, method, uri, proxy) = match target {
        Target::Http {
            proxy, method, uri, ..
        } => (CallKind::Http, method.clone(), uri, *proxy),
        Target::Aws { proxy, method, uri } => {
            (CallKind::Service, Some(method.clone()), uri, *proxy)
        }
        Target::Mock | Target::Lambda { .. } => {
            return Err(internal("an integration without an address"));
        }
    };
    // `ANY` forwards the client's verb.
    let method = method
        .filter(|method| method != "ANY")
        .unwrap_or_else(|| state.method.clone());
    let uri = state.fill_with(uri, &mapped.path);
    let (uri, own_query) = match kind {
        CallKind::Http => match uri.split_once('?') {
            Some((uri, query)) => (uri.to_owned(), crate::target::parse_query(query)),
            None => (uri, Vec::new()),
        },
        _ => (uri, Vec::new()),
    };
    let good = match kind {
        CallKind::Http => has_host(&uri),
        _ => is_service(&uri),
    };
    if !good {
        return Err(Refusal::configuration(
            Phase::IntegrationRequest,
            "the integration's address is none",
        )
        .at(integration.node));
    }

    let mut query = own_query;
    let mut sent = Headers::new();
    if proxy {
        // The client's query comes behind the address's own; mapped values come last.
        query.extend(state.target.query.iter().cloned());
        let signed = state
            .request
            .header("authorization")
            .is_some_and(|value| value.starts_with("AWS4-HMAC-SHA256"));
        sent = state
            .headers
            .iter()
            .filter(|(name, _)| {
                let is = |other: &str| name.eq_ignore_ascii_case(other);
                let lost = is("host")
                    || is("content-encoding")
                    || is("x-amzn-trace-id")
                    || is("x-http-method-override");
                // A signature is for the gateway only.
                !(lost || is("authorization") && signed)
            })
            .cloned()
            .collect();
    }
    query.extend(mapped.query);
    // A mapped header replaces the client's.
    sent.retain(|(name, _)| !headers::has(&mapped.headers, name));
    sent.extend(mapped.headers);
    sent.retain(|(name, _)| !headers::is_dropped_from_request(name, target));
    add_defaults(state, integration, &mut sent);

    // These verbs carry no body.
    let bodiless = kind == CallKind::Http && matches!(method.as_str(), "GET" | "HEAD" | "OPTIONS");
    Ok(Prepared::Call(Call {
        kind,
        method,
        uri,
        query,
        headers: sent,
        body: if bodiless {
            Vec::new()
        } else {
            body.into_bytes()
        },
        timeout_ms: integration.timeout_ms,
        credentials: credentials(state, integration),
    }))
}

/// Headers that every call carries unless something else set them.
fn add_defaults(state: &State<'_>, integration: &Integration, sent: &mut Headers) {
    let mut default = |name: &str, value: &str| {
        if !headers::has(sent, name) {
            sent.push((name.to_owned(), value.to_owned()));
        }
    };
    default("Accept", "application/json");
    default("Connection", "keep-alive");
    default("User-Agent", &format!("AmazonAPIGateway_{}", state.api.id));
    // Copied from clients whose verb has a body.
    if !matches!(state.method.as_str(), "GET" | "HEAD" | "OPTIONS")
        && let Some(content_type) = state.request.header("content-type")
    {
        default("Content-Type", content_type);
    }
    default("X-Amzn-Trace-Id", &state.trace_id);
    if matches!(integration.target, Target::Http { .. }) {
        default("X-Amzn-Apigateway-Api-Id", &state.api.id);
    }
}

/// `http(s)://` and a host that is one; or the echo, which needs none.
pub(crate) fn has_host(uri: &str) -> bool {
    if uri.starts_with("echo:") {
        return true;
    }
    let rest = uri
        .strip_prefix("https://")
        .or_else(|| uri.strip_prefix("http://"));
    rest.is_some_and(|rest| {
        let host = rest.split('/').next().unwrap_or_default();
        !host.is_empty() && !host.starts_with(':') && !host.contains(char::is_whitespace)
    })
}

/// `arn:…:apigateway:REGION:SERVICE:path|action/…` without an empty part.
fn is_service(uri: &str) -> bool {
    let parts: Vec<&str> = uri.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", partition, "apigateway", region, service, target]
        if ![partition, region, service].iter().any(|part| part.is_empty())
            && (target.starts_with("path/") || target.starts_with("action/")))
}

fn receive(answer: BackendAnswer, target: &Target) -> Result<Received, Refusal> {
    let phase = Phase::Integration;
    match answer {
        BackendAnswer::Answered {
            status,
            headers,
            body,
        } => {
            let subject = match target {
                // A function is judged by the message of its error alone: no pattern fits a
                // success, whatever it returns.
                Target::Lambda { .. } => std::str::from_utf8(&body)
                    .ok()
                    .filter(|_| failed(&headers))
                    .and_then(json::read)
                    .and_then(|result| {
                        result
                            .member("errorMessage")
                            .and_then(|message| message.as_text().map(str::to_owned))
                    })
                    .unwrap_or_default(),
                _ => status.to_string(),
            };
            Ok(Received {
                subject,
                status,
                headers,
                body,
            })
        }
        BackendAnswer::TimedOut => Err(Refusal::new(
            phase,
            GatewayResponseType::IntegrationTimeout,
            "the backend did not answer in time",
        )),
        BackendAnswer::Unreachable => Err(Refusal::new(
            phase,
            GatewayResponseType::IntegrationFailure,
            "the backend cannot be reached",
        )),
        BackendAnswer::Rejected => Err(Refusal::configuration(
            phase,
            "the service refused the call",
        )),
    }
}

/// Whether an invocation's answer says that the function failed.
fn failed(headers: &Headers) -> bool {
    headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("x-amz-function-error"))
}

/// A proxied answer: status and body as they came, headers by the table.
fn proxied(received: Received, target: &Target) -> Answer {
    Answer {
        status: received.status,
        headers: outgoing(received.headers, target),
        body: received.body,
        refusal: None,
    }
}

/// Drops and renames response headers.
pub(crate) fn outgoing(headers: Headers, target: &Target) -> Headers {
    headers
        .into_iter()
        .filter_map(|(name, value)| Some((headers::outgoing(&name, target)?, value)))
        .collect()
}

/// Selection, mapping, template and overrides of an answer that is not proxied.
fn mapped(
    state: &State<'_>,
    route: &Route,
    received: &Received,
    recorder: &mut dyn Recorder,
) -> Result<Answer, Refusal> {
    let phase = Phase::IntegrationResponse;
    let integration = &route.integration;
    let lambda = matches!(integration.target, Target::Lambda { .. });
    let response = select(&integration.responses, &received.subject, lambda).ok_or_else(|| {
        Refusal::configuration(
            phase,
            "no integration response fits, and there is no default",
        )
        .at(integration.node)
    })?;
    recorder.record(Event::Passed {
        phase,
        finding: format!("status {}", response.status),
        node: Some(response.node),
    });

    // The status must be one that the method declares.
    if !route
        .responses
        .iter()
        .any(|declared| declared.status == response.status)
    {
        return Err(Refusal::configuration(
            Phase::MethodResponse,
            "the method declares no such status",
        )
        .at(response.node));
    }

    let text = String::from_utf8_lossy(&received.body);
    let backend = Backend {
        status: received.status,
        headers: &received.headers,
        body: &text,
        lambda,
    };
    let mut sent = Headers::new();
    for mapping in &response.headers {
        let value = mapping::from_response(&mapping.source, state, &backend)?;
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            headers::replace(&mut sent, &mapping.name, &value);
        }
    }

    let is_mock = matches!(integration.target, Target::Mock);
    let body = response_body(state, response, received, is_mock)?;

    let status = match mapping::context(state, &["responseOverride", "status"]) {
        Some(Value::Number(Number::Int(status))) => u16::try_from(status)
            .ok()
            .filter(|status| (100..=599).contains(status))
            .unwrap_or(response.status),
        _ => response.status,
    };
    for (name, values) in overrides(state, "responseOverride", "header") {
        headers::replace_all(&mut sent, &name, &values);
    }
    Ok(Answer {
        status,
        headers: outgoing(sent, &integration.target),
        body: body.into_bytes(),
        refusal: None,
    })
}

/// The response whose pattern fits; of several the one with the lowest status; else the default.
fn select<'a>(
    responses: &'a [IntegrationResponse],
    subject: &str,
    lambda: bool,
) -> Option<&'a IntegrationResponse> {
    let fits = |pattern: &str| {
        if lambda && subject.is_empty() {
            // A success takes the default, save that `.*` alone catches it as well.
            pattern == ".*"
        } else {
            regex::matches(pattern, subject)
        }
    };
    responses
        .iter()
        .filter(|response| {
            response
                .pattern
                .as_deref()
                .is_some_and(|p| !p.is_empty() && fits(p))
        })
        .min_by_key(|response| response.status)
        .or_else(|| {
            responses
                .iter()
                .find(|response| response.pattern.as_deref().is_none_or(str::is_empty))
        })
}

fn response_body(
    state: &State<'_>,
    response: &IntegrationResponse,
    received: &Received,
    is_mock: bool,
) -> Result<Payload, Refusal> {
    let phase = Phase::IntegrationResponse;
    let header = |name: &str| {
        received
            .headers
            .iter()
            .rev()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    };
    let accept = state.request.header("accept");
    let chosen = media::response_template(
        response.templates.iter().map(|(key, _)| key.as_str()),
        accept,
    );
    let converted = || {
        media::convert_response(
            &received.body,
            response.content,
            &state.api.binary,
            header("content-type"),
            accept,
        )
        .ok_or_else(|| Refusal::configuration(phase, "the backend's body is no base64"))
    };
    // A mock has no payload to convert.
    let body = if is_mock {
        Payload::Text(String::new())
    } else {
        converted()?
    };
    let Some((_, template)) = chosen.and_then(|index| response.templates.get(index)) else {
        return Ok(body);
    };
    // An empty template changes nothing, and shields the others.
    if template.text.trim().is_empty() {
        return Ok(body);
    }
    match body {
        Payload::Text(text) => {
            template::run(template, state, Side::Response, &text).map(Payload::Text)
        }
        Payload::Bytes(_) => {
            let refusal = Refusal::configuration(phase, "a template cannot take bytes");
            Err(refusal.at(template.node))
        }
    }
}

/// The headers that every answer of an integration carries.
fn finish(state: &State<'_>, target: &Target, answer: &mut Answer) {
    if !headers::has(&answer.headers, "content-type") {
        answer
            .headers
            .push(("Content-Type".into(), "application/json".into()));
    }
    let traced = matches!(
        target,
        Target::Lambda { .. } | Target::Aws { .. } | Target::Http { proxy: false, .. }
    );
    if traced {
        headers::replace(&mut answer.headers, "X-Amzn-Trace-Id", &state.trace_id);
    }
}
