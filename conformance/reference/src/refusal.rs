//! Gateway responses: what the gateway says when it answers itself.

use tollgate_model::NodeId;
use tollgate_model::api::{GatewayResponse, GatewayResponseType};
use tollgate_model::integration::Source;

use crate::exchange::{Answer, Event, Phase};
use crate::state::State;
use crate::value::{MapKind, Value};

/// What some refusals say besides.
#[derive(Clone, Debug)]
pub(crate) enum Detail {
    /// `$context.error.validationErrorString`.
    Validation(String),
    /// `www-authenticate` of an HTTP API's answer.
    Challenge(String),
}

/// Why the gateway answers itself.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    /// The phase that ends here.
    pub phase: Phase,
    /// The gateway response.
    pub response: GatewayResponseType,
    /// The status where it is not the type's own.
    pub status: Option<u16>,
    /// `$context.error.message`; none prints `null`.
    pub message: Option<String>,
    /// `x-amzn-ErrorType` where it is not the type's own.
    pub error_type: Option<&'static str>,
    /// What some refusals say besides.
    pub detail: Option<Detail>,
    /// For people.
    pub reason: String,
    /// Which node decided.
    pub node: Option<NodeId>,
}

impl Refusal {
    /// The type's own status and message.
    pub(crate) fn new(
        phase: Phase,
        response: GatewayResponseType,
        reason: impl Into<String>,
    ) -> Refusal {
        let message = response.message();
        Refusal {
            phase,
            response,
            status: None,
            message: (!message.is_empty()).then(|| message.to_owned()),
            error_type: None,
            detail: None,
            reason: reason.into(),
            node: None,
        }
    }

    /// `Internal server error` that is the API's own fault.
    pub(crate) fn configuration(phase: Phase, reason: impl Into<String>) -> Refusal {
        Refusal::new(phase, GatewayResponseType::ApiConfigurationError, reason)
    }

    pub(crate) fn message(mut self, message: impl Into<String>) -> Refusal {
        self.message = Some(message.into());
        self
    }

    pub(crate) fn status(mut self, status: u16) -> Refusal {
        self.status = Some(status);
        self
    }

    pub(crate) fn error_type(mut self, error_type: &'static str) -> Refusal {
        self.error_type = Some(error_type);
        self
    }

    pub(crate) fn challenge(mut self, challenge: String) -> Refusal {
        self.detail = Some(Detail::Challenge(challenge));
        self
    }

    pub(crate) fn at(mut self, node: NodeId) -> Refusal {
        self.node = Some(node);
        self
    }

    /// What the recorder hears.
    pub(crate) fn event(&self) -> Event {
        Event::Refused {
            phase: self.phase,
            response: self.response,
            reason: self.reason.clone(),
            node: self.node,
        }
    }
}

/// The answer of a refusal.
pub(crate) fn answer(state: &State<'_>, refusal: &Refusal) -> Answer {
    let own_status = refusal.status.unwrap_or_else(|| refusal.response.status());
    let configured = configured(&state.api.gateway_responses, refusal.response);
    let status = configured
        .and_then(|response| response.status)
        .unwrap_or(own_status);

    let quoted = match &refusal.message {
        Some(message) => crate::json::quote(message),
        None => "null".into(),
    };
    let error = Value::context_map(
        [
            (
                "message",
                refusal.message.as_ref().map_or(Value::Null, Value::text),
            ),
            ("messageString", Value::text(&quoted)),
            ("responseType", Value::text(refusal.response.name())),
            (
                "validationErrorString",
                match &refusal.detail {
                    Some(Detail::Validation(text)) => Value::text(text),
                    _ => Value::Null,
                },
            ),
        ],
        MapKind::Context,
    );
    state.context.set_member("error", error);

    let templates = configured.map_or(&[][..], |response| &response.templates[..]);
    let (content_type, body) = if templates.is_empty() {
        // Of the types that nobody configured by their own names, access denied prints a capital
        // letter, and those that are found out behind the limits a blank; the default template,
        // where it is in force, neither.
        let own = configured.is_some_and(|response| response.ty == refusal.response);
        let body = match (own, refusal.response) {
            (true, _) => format!("{{\"message\":{quoted}}}"),
            (false, GatewayResponseType::AccessDenied) => format!("{{\"Message\":{quoted}}}"),
            (false, ty) if is_behind_limits(ty) => format!("{{\"message\": {quoted}}}"),
            (false, _) => format!("{{\"message\":{quoted}}}"),
        };
        ("application/json".to_owned(), body)
    } else {
        let index = choose(templates.iter().map(|(key, _)| key.as_str()), state);
        let (key, template) = &templates[index];
        let text = match &template.pieces {
            Some(pieces) => state.fill(pieces),
            None => template.text.clone(),
        };
        (key.clone(), substitute(&text, state))
    };

    let mut headers = vec![
        ("Content-Type".to_owned(), content_type),
        (
            "x-amzn-ErrorType".to_owned(),
            refusal
                .error_type
                .unwrap_or_else(|| refusal.response.error_type())
                .to_owned(),
        ),
    ];
    for mapping in configured.map_or(&[][..], |response| &response.headers[..]) {
        let value = header_value(&mapping.source, state);
        // An empty result sets nothing.
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            crate::headers::replace(&mut headers, &mapping.name, &value);
        }
    }
    state.add_ids(&mut headers);
    Answer {
        status,
        headers,
        body: body.into_bytes(),
        refusal: Some(refusal.response),
    }
}

/// What is in force for a type: itself if the program sets it, else its class's default.
/// What a set type leaves open takes the type's built-in value, never the class default's.
fn configured(responses: &[GatewayResponse], ty: GatewayResponseType) -> Option<&GatewayResponse> {
    let find = |ty| responses.iter().find(|response| response.ty == ty);
    find(ty).or_else(|| {
        if ty.status() < 500 {
            find(GatewayResponseType::Default4xx)
        } else {
            find(GatewayResponseType::Default5xx)
        }
    })
}

/// The first type of `Accept` if it is a key, else `application/json`, else the first.
fn choose<'a>(keys: impl Iterator<Item = &'a str> + Clone, state: &State<'_>) -> usize {
    crate::media::response_template(keys, state.request.header("accept")).unwrap_or(0)
}

fn header_value(source: &Source, state: &State<'_>) -> Option<String> {
    match source {
        Source::Static(text) => Some(state.fill(text)),
        Source::RequestBody(_)
        | Source::ResponseHeader(_)
        | Source::ResponseHeaders(_)
        | Source::ResponseBody(_)
        | Source::ResponseStatus => None,
        other => crate::mapping::from_request(other, state)
            .ok()?
            .map(|values| values.join(",")),
    }
}

/// Plain substitution of `$context.…`, `$stageVariables.…` and `$method.request.…`, with or
/// without braces. No directives; what cannot be resolved is empty.
pub(crate) fn substitute(template: &str, state: &State<'_>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(dollar) = rest.find('$') {
        out.push_str(&rest[..dollar]);
        let after = &rest[dollar + 1..];
        let (braced, text) = match after.strip_prefix('{') {
            Some(inner) => (true, inner),
            None => (false, after),
        };
        let length = reference_length(text);
        let name = &text[..length];
        let known = ["context", "stageVariables", "method"].iter().any(|root| {
            name.strip_prefix(root)
                .is_some_and(|tail| tail.starts_with('.'))
        });
        if !known || braced && !text[length..].starts_with('}') {
            out.push('$');
            rest = after;
            continue;
        }
        out.push_str(&resolve(name, state));
        rest = &text[length + usize::from(braced)..];
    }
    out.push_str(rest);
    out
}

/// How long a dotted name is: letters, digits, `_`, `-` between single dots. A dot that ends
/// a sentence is no part of it.
fn reference_length(text: &str) -> usize {
    let (mut start, mut end) = (0, 0);
    loop {
        let rest = &text[start..];
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'))
            .unwrap_or(rest.len());
        if length == 0 {
            return end;
        }
        end = start + length;
        if !text[end..].starts_with('.') {
            return end;
        }
        start = end + 1;
    }
}

fn resolve(name: &str, state: &State<'_>) -> String {
    let steps: Vec<&str> = name.split('.').collect();
    let value = match steps.as_slice() {
        ["context", path @ ..] => crate::mapping::context(state, path),
        ["stageVariables", name] => state.variable(name).map(Value::text),
        ["method", "request", place, name] => {
            let name = (*name).to_owned();
            let source = match *place {
                "header" => Source::RequestHeader(name),
                "querystring" => Source::RequestQuery(name),
                "path" => Source::RequestPath(name),
                _ => return String::new(),
            };
            return crate::mapping::from_request(&source, state)
                .ok()
                .flatten()
                .map(|values| values.join(","))
                .unwrap_or_default();
        }
        _ => None,
    };
    match value {
        None | Some(Value::Null) => String::new(),
        Some(value) => value.print(),
    }
}

/// Whether validation, the integration or an unreadable configuration ends in this type.
fn is_behind_limits(ty: GatewayResponseType) -> bool {
    use GatewayResponseType::*;
    match ty {
        ApiConfigurationError
        | BadRequestBody
        | BadRequestParameters
        | Default5xx
        | IntegrationFailure
        | IntegrationTimeout
        | UnsupportedMediaType => true,
        AccessDenied
        | AuthorizerConfigurationError
        | AuthorizerFailure
        | Default4xx
        | ExpiredToken
        | InvalidApiKey
        | InvalidSignature
        | MissingAuthenticationToken
        | QuotaExceeded
        | RequestTooLarge
        | ResourceNotFound
        | Throttled
        | Unauthorized
        | WafFiltered => false,
    }
}
