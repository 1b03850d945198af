//! Authorizers.

use tollgate_model::api::ApiKind;
use tollgate_model::authorizer::{Authorizer, AuthorizerKind};
use tollgate_model::integration::{Credentials, Payload, Source};

use super::Lowering;
use crate::ir::{self, Instruction, Program};

impl Lowering {
    pub(super) fn authorizer(&mut self, api: ApiKind, from: &Authorizer) -> ir::Authorizer {
        let header = |name: &String| vec![Source::RequestHeader(name.clone())];
        let (kind, sources, validation, ttl_s) = match &from.kind {
            AuthorizerKind::Token {
                header: name,
                validation,
                ttl_s,
                ..
            } => (0, header(name), validation.clone(), *ttl_s),
            AuthorizerKind::Request {
                identity,
                ttl_s,
                simple,
                payload,
                ..
            } => {
                let kind = match (payload, simple) {
                    (Payload::V1, _) => 1,
                    (Payload::V2, false) => 4,
                    (Payload::V2, true) => 5,
                };
                (kind, identity.clone(), None, *ttl_s)
            }
            AuthorizerKind::Cognito {
                header: name,
                validation,
                ttl_s,
                ..
            } => (2, header(name), validation.clone(), *ttl_s),
            AuthorizerKind::Jwt { identity, .. } => (3, vec![identity.clone()], None, 0),
        };
        let (uri, credentials) = match &from.kind {
            AuthorizerKind::Token {
                uri, credentials, ..
            }
            | AuthorizerKind::Request {
                uri, credentials, ..
            } => (self.static_slot(uri), credentials.as_ref()),
            _ => (None, None),
        };
        let trust = match &from.kind {
            AuthorizerKind::Cognito { pools, .. } => pools.clone(),
            AuthorizerKind::Jwt {
                issuer, audience, ..
            } => std::iter::once(issuer).chain(audience).cloned().collect(),
            _ => Vec::new(),
        };
        let mut identity = Program::default();
        identity.push(Instruction::OutBegin);
        for source in &sources {
            let joined = match source {
                // In HTTP APIs a header is all its values.
                Source::RequestHeader(name) if api == ApiKind::Http => {
                    Source::RequestHeaders(name.clone())
                }
                other => other.clone(),
            };
            if let Some(load) = self.load(&joined) {
                identity.push(Instruction::Load(load));
                identity.push(Instruction::OutPart);
            }
        }
        identity.push(Instruction::OutDone);
        identity.push(Instruction::End);
        ir::Authorizer {
            name: from.name.clone(),
            kind,
            ttl_s,
            uri,
            credentials: match credentials {
                Some(Credentials::Role(role)) => self.static_slot(role),
                _ => None,
            },
            identity,
            validation,
            trust: trust
                .iter()
                .filter_map(|text| self.static_slot(text))
                .collect(),
        }
    }
}
