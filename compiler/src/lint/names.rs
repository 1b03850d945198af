//! Names that nothing uses, and names that clients will not write so.

use std::collections::HashSet;

use tollgate_model::api::ParameterPlace;
use tollgate_model::authorizer::{Auth, AuthorizerKind};
use tollgate_model::integration::Target;

use super::Lints;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{CredentialInClear, HeaderCapitals, Unused};

/// Headers that carry credentials.
const CREDENTIALS: [&str; 5] = [
    "authorization",
    "proxy-authorization",
    "x-api-key",
    "x-auth-token",
    "cookie",
];

impl Lints<'_> {
    pub(super) fn names(&mut self) {
        let mut functions: HashSet<&str> = HashSet::new();
        let mut links: HashSet<&str> = HashSet::new();
        for api in &self.program.apis {
            let mut authorizers: HashSet<&str> = HashSet::new();
            for route in &api.routes {
                if let Auth::Authorizer { name, .. } = &route.auth {
                    authorizers.insert(name);
                }
                match &route.integration.target {
                    Target::Lambda {
                        function: Some(name),
                        ..
                    } => {
                        functions.insert(name);
                    }
                    Target::Http {
                        via: Some(link), ..
                    } => {
                        links.extend(link.as_literal());
                    }
                    _ => {}
                }
            }
            for authorizer in &api.authorizers {
                if let AuthorizerKind::Token {
                    function: Some(name),
                    ..
                }
                | AuthorizerKind::Request {
                    function: Some(name),
                    ..
                } = &authorizer.kind
                {
                    functions.insert(name);
                }
                if !authorizers.contains(authorizer.name.as_str())
                    && !self.is_foreign(authorizer.node)
                {
                    self.unused("authorizer", &authorizer.name, authorizer.node);
                }
            }
        }
        for function in &self.program.functions {
            if !functions.contains(function.name.as_str()) {
                self.unused("function", &function.name, function.node);
            }
        }
        for link in &self.program.vpc_links {
            if !links.contains(link.name.as_str()) {
                self.unused("VPC link", &link.name, link.node);
            }
        }
    }

    fn unused(&mut self, kind: &'static str, name: &str, node: tollgate_model::NodeId) {
        let span = self.head(node);
        self.report(
            Unused {
                kind,
                name: name.to_owned(),
            }
            .at(span),
        );
    }

    /// The reference compares header names with their letter case, and HTTP/2 clients send
    /// small letters; names with a meaning of their own are always folded.
    pub(super) fn headers(&mut self) {
        const FOLDED: [&str; 6] = [
            "authorization",
            "user-agent",
            "host",
            "content-type",
            "cache-control",
            "origin",
        ];
        for (_, route) in self.routes() {
            if self.is_foreign(route.node) {
                continue;
            }
            for parameter in &route.parameters {
                let lower = parameter.name.to_ascii_lowercase();
                let folded = FOLDED.contains(&lower.as_str())
                    || lower.starts_with("accept")
                    || lower.starts_with("x-amz")
                    || lower == "x-api-key";
                if parameter.place == ParameterPlace::Header && lower != parameter.name && !folded {
                    let span = self.head(parameter.node);
                    self.report(
                        HeaderCapitals {
                            name: parameter.name.clone(),
                            lower,
                        }
                        .at(span),
                    );
                }
            }
        }
    }

    /// A literal in a header that carries credentials.
    pub(super) fn credentials(&mut self) {
        use tollgate_model::integration::{RequestTarget, Source};
        for (_, route) in self.routes() {
            for mapping in &route.integration.mappings {
                if let (RequestTarget::Header(name), Source::Static(text)) =
                    (&mapping.target, &mapping.source)
                    && CREDENTIALS.contains(&name.to_ascii_lowercase().as_str())
                    && text.as_literal().is_some_and(|text| text.len() >= 8)
                {
                    let span = self.head(mapping.node);
                    self.report(
                        CredentialInClear {
                            header: name.clone(),
                        }
                        .at(span),
                    );
                }
            }
        }
    }
}
