//! The target of an integration: who is called, over which link, and with whose rights.

use tollgate_grammar::ast::{Ix, Value};
use tollgate_model::api::Method;
use tollgate_model::integration::{Credentials, Integration, Payload, Target};
use tollgate_model::text::{Piece, Text};

use super::arn::{self, ArnFault};
use super::cx::Cx;
use super::integrate::usual_payload;
use super::operands::{Operands, name_of};
use super::text::Holes;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{
    AwsProxyService, BadHttpEndpoint, BadIntegrationArn, LambdaMethod, NotInRest,
};

/// How an integration passes its request on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Default,
    Custom,
    Proxy,
}

impl<'a> Cx<'a> {
    /// `http "…"`, `lambda proxy orders`, `aws "sqs:SendMessage"`, `mock`, up to `as` and `via`.
    pub(crate) fn target_of(
        &mut self,
        kind: &str,
        operands: &mut Operands<'a>,
        stream: bool,
        payload: Option<(Payload, Ix)>,
    ) -> Option<Target> {
        let kind_at = operands.span;
        operands.narrow(
            "KIND …",
            match kind {
                "http" => "http URL",
                "lambda" => "lambda FUNCTION",
                "aws" => "aws \"SERVICE:ACTION\"",
                _ => "mock",
            },
        );
        let mode = if operands.take("custom") {
            Mode::Custom
        } else if operands.take("proxy") {
            Mode::Proxy
        } else {
            Mode::Default
        };
        let method = operands.peek().and_then(name_of).and_then(Method::parse);
        let method_at = operands.peek().map(|value| value.id);
        if method.is_some() {
            operands.next();
        }
        let verb = method
            .filter(|method| *method != Method::Any)
            .map(|method| method.as_str().to_owned());

        if mode == Mode::Custom && self.lacks("`custom`", kind_at) {
            return None;
        }
        let target = match kind {
            "mock" => {
                if self.lacks("`mock`", kind_at) {
                    return None;
                }
                if mode != Mode::Default || method.is_some() {
                    let span = operands.span;
                    self.report(
                        NotInRest {
                            what: "a mode or a verb of `mock`".to_owned(),
                            instead: "`mock` calls nobody",
                        }
                        .at(span),
                    );
                }
                Target::Mock
            }
            "http" => {
                let uri = operands.need(self, "a URL")?;
                let text = self.text(uri, Holes::Uri)?;
                if let Some(why) = arn::http_fault(&text)
                    && !self.is_template(&arn::marked(&text))
                {
                    let span = self.span(uri.id);
                    self.report(BadHttpEndpoint { why }.at(span));
                    return None;
                }
                Target::Http {
                    proxy: mode != Mode::Custom,
                    method: verb,
                    uri: text,
                    via: None,
                }
            }
            "lambda" => {
                let function = operands.need(self, "a function")?;
                let (uri, function) = self.function(function, stream)?;
                if let (Some(verb), Some(at)) = (&verb, method_at)
                    && verb != "POST"
                {
                    let span = self.span(at);
                    self.report(
                        LambdaMethod {
                            method: verb.clone(),
                        }
                        .at(span),
                    );
                }
                Target::Lambda {
                    proxy: mode != Mode::Custom,
                    method: verb.unwrap_or_else(|| "POST".to_owned()),
                    uri,
                    function,
                    payload: payload
                        .map_or_else(|| usual_payload(self.kind), |(payload, _)| payload),
                }
            }
            _ => {
                if self.not_yet("`aws` in an integration", kind_at) {
                    return None;
                }
                let target = operands.need(self, "a service and its action or path")?;
                let text = self.text(target, Holes::Uri)?;
                let span = self.span(target.id);
                if !self.is_foreign()
                    && arn::marked(&text).contains('-')
                    && !arn::marked(&text).contains(':')
                {
                    self.report(
                        NotInRest {
                            what: format!("the subtype `{}`", arn::marked(&text)),
                            instead: "write `\"service:Action\"` or `\"service:path/…\"`",
                        }
                        .at(span),
                    );
                    return None;
                }
                let uri = arn::aws_uri(&self.names.account, text);
                match arn::service(&uri) {
                    // The importer has said so.
                    Err(ArnFault::NotAnArn) if self.is_foreign() => return None,
                    Err(fault) => {
                        self.report(
                            BadIntegrationArn {
                                text: arn::marked(&uri).replace(arn::HOLE, "…"),
                            }
                            .at(span)
                            .with_note(match fault {
                                ArnFault::NotAnArn => "Invalid ARN specified in the request",
                                ArnFault::NoPathOrAction => {
                                    "AWS ARN for integration must contain path or action"
                                }
                            }),
                        );
                        return None;
                    }
                    Ok(service) => {
                        let known = ["lambda", "firehose"].contains(&service.as_str())
                            || service.contains(arn::HOLE);
                        if mode == Mode::Proxy && !known {
                            self.report(AwsProxyService { service }.at(span));
                            return None;
                        }
                    }
                }
                Target::Aws {
                    method: match method {
                        Some(Method::Any) => "ANY".to_owned(),
                        _ => verb.unwrap_or_else(|| "POST".to_owned()),
                    },
                    uri,
                    proxy: mode == Mode::Proxy,
                }
            }
        };
        if let (Some((Payload::V2, at)), Target::Http { .. }) = (payload, &target) {
            return self.malformed(at, "payload", "`http` has `\"1.0\"` alone");
        }
        Some(target)
    }

    /// `via LINK`, `as ROLE`, `as caller`.
    pub(crate) fn as_and_via(
        &mut self,
        operands: &mut Operands<'a>,
        integration: &mut Integration,
    ) -> Option<()> {
        loop {
            if operands.take("as") {
                let value = operands.need(self, "a role or `caller`")?;
                integration.credentials = Some(self.credentials(value)?);
            } else if operands.take("via") {
                let value = operands.need(self, "a link")?;
                if self.not_yet("`via` in an integration", self.span(value.id)) {
                    return None;
                }
                let link = match name_of(value) {
                    Some(name) => {
                        if self.names.links.get(name).is_none() {
                            let span = self.span(value.id);
                            let known = self.names.links.names();
                            self.unknown_name("VPC link", name, span, known);
                            return None;
                        }
                        Text {
                            pieces: vec![Piece::Literal(name.to_owned())],
                            node: self.node(value.id),
                        }
                    }
                    None => self.text(value, Holes::Stage)?,
                };
                match &mut integration.target {
                    Target::Http { via, .. } => *via = Some(link),
                    _ => {
                        let span = self.span(value.id);
                        self.report(
                            NotInRest {
                                what: "`via`".to_owned(),
                                instead: "only `http` goes through a link",
                            }
                            .at(span),
                        );
                    }
                }
            } else {
                return Some(());
            }
        }
    }

    /// A role, or `caller`.
    pub(crate) fn credentials(&mut self, value: &'a Value) -> Option<Credentials> {
        if name_of(value) == Some("caller") {
            return Some(Credentials::Caller);
        }
        let role = self.text(value, Holes::Stage)?;
        let marked = arn::marked(&role);
        if marked == "arn:aws:iam::*:user/*" {
            return Some(Credentials::Caller);
        }
        if !marked.starts_with("arn:")
            && !marked.starts_with(arn::HOLE)
            && !self.is_template(&marked)
        {
            return self.malformed(value.id, "role", "it is no ARN: `arn:aws:iam::…:role/…`");
        }
        Some(Credentials::Role(role))
    }

    /// Whether a text of a foreign document begins with what another tool fills in.
    fn is_template(&self, text: &str) -> bool {
        self.is_foreign() && text.starts_with("${")
    }

    /// A function: its invocation ARN, and its name if the program declares it.
    pub(crate) fn function(
        &mut self,
        value: &'a Value,
        stream: bool,
    ) -> Option<(Text, Option<String>)> {
        let account = &self.names.account;
        if let Some(name) = name_of(value) {
            if self.names.functions.get(name).is_none() {
                let span = self.span(value.id);
                let known = self.names.functions.names();
                self.unknown_name("function", name, span, known);
                return None;
            }
            let own = Text {
                pieces: vec![Piece::Literal(name.to_owned())],
                node: self.node(value.id),
            };
            return Some((
                arn::lambda_uri(account, &own, stream),
                Some(name.to_owned()),
            ));
        }
        let text = self.text(value, Holes::Stage)?;
        let marked = arn::marked(&text);
        let bad = marked.is_empty()
            || (!marked.starts_with("arn:")
                && marked.contains(|c: char| c.is_whitespace() || c == '/'));
        if bad
            || (marked.contains(":lambda:")
                && !marked.starts_with("arn:")
                && !marked.starts_with(arn::HOLE))
        {
            let span = self.span(value.id);
            self.report(
                BadIntegrationArn {
                    text: marked.replace(arn::HOLE, "…"),
                }
                .at(span)
                .with_note("Invalid ARN specified in the request"),
            );
            return None;
        }
        let uri = arn::lambda_uri(account, &text, stream);
        if matches!(arn::service(&uri), Err(ArnFault::NoPathOrAction)) {
            let span = self.span(value.id);
            self.report(
                BadIntegrationArn {
                    text: marked.replace(arn::HOLE, "…"),
                }
                .at(span)
                .with_note("AWS ARN for integration must contain path or action"),
            );
            return None;
        }
        // `"orders:live"`, where `orders` is declared.
        let own = marked.split(':').next().unwrap_or_default();
        let function = self.names.functions.get(own).map(|_| own.to_owned());
        Some((uri, function))
    }
}
