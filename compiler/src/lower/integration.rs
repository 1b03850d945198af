//! Integrations: programs of both ways.

use tollgate_model::api::{Route, RouteKey};
use tollgate_model::integration::{
    ContentHandling, Credentials, Integration, IntegrationResponse, Payload, RequestTarget, Target,
};
use tollgate_model::text::Text;
use tollgate_runtime::ResponseType;

use super::Lowering;
use crate::ir::{self, Instruction, IntegrationKind, Program};

impl Lowering {
    pub(super) fn integration(&mut self, route: &Route) -> ir::Integration {
        let integration = &route.integration;
        let kind = kind(&integration.target);
        let verb = match &integration.target {
            Target::Mock => None,
            Target::Http { method, .. } => method.clone(),
            Target::Lambda { method, .. } | Target::Aws { method, .. } => Some(method.clone()),
        };
        let uri = match &integration.target {
            Target::Mock => None,
            Target::Http { uri, .. } | Target::Lambda { uri, .. } | Target::Aws { uri, .. } => {
                Some(uri)
            }
        };
        let lambda = matches!(&integration.target, Target::Lambda { .. });
        let via: Option<&Text> = match &integration.target {
            Target::Http { via, .. } => via.as_ref(),
            _ => None,
        };
        ir::Integration {
            kind,
            insecure: integration.skip_verification,
            stream: integration.stream,
            client_verb: verb.is_none() || verb.as_deref() == Some("ANY"),
            caller: integration.credentials == Some(Credentials::Caller),
            // The service refuses calls of functions with another verb, as recorded.
            broken: (lambda && verb.as_deref() != Some("POST"))
                || matches!(&integration.target, Target::Aws { proxy: true, .. }),
            appends_path: kind == IntegrationKind::HttpProxy
                && matches!(route.key, RouteKey::Named(_)),
            content: content(integration.content),
            method: verb.unwrap_or_default(),
            timeout_ms: integration.timeout_ms,
            request: self.request(integration, kind),
            uri: uri.map(|uri| self.text_program(uri)),
            credentials: match &integration.credentials {
                Some(Credentials::Role(role)) => self.static_slot(role),
                _ => None,
            },
            vpc_link: via.and_then(|link| self.static_slot(link)),
            responses: self.responses(integration),
            declared: route.responses.iter().map(|r| r.status).collect(),
        }
    }

    /// Mappings, then the choice of the template.
    fn request(&mut self, integration: &Integration, kind: IntegrationKind) -> Program {
        let mut program = Program::default();
        let aws = matches!(
            integration.target,
            Target::Lambda { .. } | Target::Aws { .. }
        );
        let forbidden = integration.mappings.iter().any(|mapping| {
            matches!(&mapping.target, RequestTarget::Header(name) if is_forbidden(name, aws))
        });
        if forbidden {
            // Even a proxy that ignores mappings fails, and even if the value is missing, as recorded.
            program.push(Instruction::Fail(ResponseType::Default5xx.into()));
            return program;
        }
        if matches!(
            kind,
            IntegrationKind::LambdaProxy | IntegrationKind::LambdaProxy2
        ) {
            program.push(Instruction::End);
            return program;
        }
        for mapping in &integration.mappings {
            let Some(load) = self.mapped(&mapping.source) else {
                continue;
            };
            program.push(Instruction::Load(load));
            program.push(match &mapping.target {
                RequestTarget::Header(name) => Instruction::SetHeader(name.clone()),
                RequestTarget::Query(name) => Instruction::SetQuery(name.clone()),
                RequestTarget::Path(name) => Instruction::SetPlaceholder(name.clone()),
            });
        }
        if kind == IntegrationKind::HttpProxy {
            program.push(Instruction::BodyPass);
            program.push(Instruction::End);
            return program;
        }
        self.bytes = self.may_be_bytes(integration.content);
        self.request_templates(
            &integration.templates,
            integration.passthrough,
            &mut program,
        );
        program
    }

    /// Whether the content conversion may hand bytes to a template.
    fn may_be_bytes(&self, handling: ContentHandling) -> bool {
        match handling {
            ContentHandling::None => self.binary,
            ContentHandling::Binary => true,
            ContentHandling::Text => false,
        }
    }

    /// In the order in which patterns are tried: by status, as several may fit; the default response last.
    fn responses(&mut self, integration: &Integration) -> Vec<ir::Response> {
        let mut sorted: Vec<&IntegrationResponse> = integration.responses.iter().collect();
        let is_default = |r: &IntegrationResponse| r.pattern.as_deref().is_none_or(str::is_empty);
        sorted.sort_by_key(|r| (is_default(r), r.status));
        sorted
            .into_iter()
            .map(|response| {
                let mut program = Program::default();
                for header in &response.headers {
                    if let Some(load) = self.mapped(&header.source) {
                        program.push(Instruction::Load(load));
                        program.push(Instruction::SetHeader(header.name.clone()));
                    }
                }
                self.bytes = self.may_be_bytes(response.content);
                self.response_templates(&response.templates, &mut program);
                ir::Response {
                    pattern: response.pattern.clone().filter(|p| !p.is_empty()),
                    status: response.status,
                    content: content(response.content),
                    program,
                }
            })
            .collect()
    }
}

fn kind(target: &Target) -> IntegrationKind {
    match target {
        Target::Mock => IntegrationKind::Mock,
        Target::Http { proxy: false, .. } => IntegrationKind::Http,
        Target::Http { proxy: true, .. } => IntegrationKind::HttpProxy,
        Target::Lambda { proxy: false, .. } => IntegrationKind::Lambda,
        Target::Lambda {
            proxy: true,
            payload: Payload::V1,
            ..
        } => IntegrationKind::LambdaProxy,
        Target::Lambda {
            proxy: true,
            payload: Payload::V2,
            ..
        } => IntegrationKind::LambdaProxy2,
        Target::Aws { .. } => IntegrationKind::Service,
    }
}

fn content(handling: ContentHandling) -> u8 {
    match handling {
        ContentHandling::None => 0,
        ContentHandling::Binary => 1,
        ContentHandling::Text => 2,
    }
}

/// Headers that no mapping may set; the reference accepts them when it is configured and fails every request.
fn is_forbidden(name: &str, aws: bool) -> bool {
    let is = |names: &[&str]| names.iter().any(|n| n.eq_ignore_ascii_case(name));
    is(&[
        "Content-Length",
        "Transfer-Encoding",
        "X-Amzn-Trace-Id",
        "X-Amzn-Apigateway-Api-Id",
    ]) || (aws
        && is(&[
            "Authorization",
            "Connection",
            "Expect",
            "Proxy-Authenticate",
            "TE",
        ]))
}
