//! Integrations as `integrate`.

use std::collections::HashSet;

use indexmap::IndexSet;
use tollgate_grammar::Span;
use tollgate_grammar::ast::{Item, Op, Value};

use super::Kind as ApiKind;
use super::build::at;
use super::findings::{Finding, FindingKind};
use super::mapping::{self, Side};
use super::method::Here;
use super::openapi::{Import, shortened};
use super::responses::Answers;
use super::text::{Hole, Holes};
use super::uri::{lambda_target, placeholders, service};
use crate::document::write::Part;
use crate::document::{Cursor, Kind};

/// What an `x-amazon-apigateway-integration` becomes.
pub(super) struct Integration<'d> {
    /// `integrate …`
    pub(super) item: Item,
    /// `respond …` of HTTP APIs, which belong to the method.
    pub(super) http_responses: Vec<Item>,
    /// `cache by […] in "…"`, which belongs to the method.
    pub(super) cache: Option<Item>,
    /// Its integration responses, which belong to the method as well.
    pub(super) answers: Answers<'d>,
}

/// The reference's types of integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Type {
    Aws,
    AwsProxy,
    Http,
    HttpProxy,
    Mock,
}

impl Type {
    fn parse(text: &str) -> Option<Type> {
        Some(match text.to_ascii_lowercase().as_str() {
            "aws" => Type::Aws,
            "aws_proxy" => Type::AwsProxy,
            "http" => Type::Http,
            "http_proxy" => Type::HttpProxy,
            "mock" => Type::Mock,
            _ => return None,
        })
    }

    fn is_proxy(self) -> bool {
        matches!(self, Type::AwsProxy | Type::HttpProxy)
    }
}

const SHARED: &str = "x-amazon-apigateway-integrations";

impl<'d> Import<'d> {
    /// `integration NAME = …` for each shared integration (HTTP APIs).
    pub(super) fn shared_integrations(&mut self, items: &mut Vec<Item>) {
        let Some(shared) = self
            .root
            .get("components")
            .and_then(|components| components.get(SHARED))
        else {
            return;
        };
        for (name, integration) in shared.members() {
            let here = Here { verb: "", path: "" };
            let span = integration.node().span();
            let Some(kind) = self.integration_type(integration) else {
                continue;
            };
            let item = self.say(span, "integration", |this, sentence| {
                sentence.operands.push(this.word(name.span(), name.text()));
                let mut equals = Vec::new();
                let uri = this.target(kind, integration, &mut equals);
                sentence.equals = Some(equals);
                sentence.block = this.block_if_any(span, |this, items| {
                    this.settings_and_mappings(here, kind, integration, &uri, items);
                    this.request_templates(kind, integration, &Answers::none(), items);
                    this.http_responses(integration, items);
                });
            });
            items.push(item);
        }
    }

    pub(super) fn integration(
        &mut self,
        here: Here<'_>,
        integration: Cursor<'d>,
    ) -> Option<Integration<'d>> {
        if integration.kind() != Kind::Mapping {
            self.bad_value(integration, "an integration");
            return None;
        }
        let span = integration.node().span();
        if let Some(reference) = integration.get("$ref") {
            let name = reference.scalar().and_then(|text| {
                text.strip_prefix("#/components/x-amazon-apigateway-integrations/")
            });
            let Some(name) = name else {
                self.bad_value(
                    reference,
                    "a reference to `#/components/x-amazon-apigateway-integrations/NAME`",
                );
                return None;
            };
            let name = super::openapi::unescape(name);
            let item = self.say(span, "integrate", |this, sentence| {
                sentence.operands.push(this.word(span, &name))
            });
            return Some(Integration {
                item,
                http_responses: Vec::new(),
                cache: None,
                answers: Answers::none(),
            });
        }
        let kind = self.integration_type(integration)?;
        let cache = self.cache(integration);
        let answers = match self.kind {
            ApiKind::Rest => self.answers(integration, kind.is_proxy()),
            ApiKind::Http => Answers::none(),
        };
        let item = self.say(span, "integrate", |this, sentence| {
            let uri = this.target(kind, integration, &mut sentence.operands);
            sentence.block = this.block_if_any(span, |this, items| {
                this.settings_and_mappings(here, kind, integration, &uri, items);
                this.request_templates(kind, integration, &answers, items);
            });
        });
        let mut http_responses = Vec::new();
        if self.kind == ApiKind::Http {
            self.http_responses(integration, &mut http_responses);
        }
        Some(Integration {
            item,
            http_responses,
            cache,
            answers,
        })
    }

    fn integration_type(&mut self, integration: Cursor<'d>) -> Option<Type> {
        let wanted = "`aws`, `aws_proxy`, `http`, `http_proxy` or `mock`";
        match integration.get("type") {
            Some(value) => {
                let kind = value.scalar().and_then(Type::parse);
                if kind.is_none() {
                    self.bad_value(value, wanted);
                }
                kind
            }
            None => {
                let node = integration.take();
                let message = format!("an integration has a `type`: {wanted}");
                self.findings.push(Finding::new(
                    FindingKind::BadValue,
                    node.span(),
                    integration.path(),
                    message,
                ));
                None
            }
        }
    }

    /// The operands: kind, `custom` or `proxy`, verb, target, `as`, `via`. Returns the URI.
    fn target(
        &mut self,
        kind: Type,
        integration: Cursor<'d>,
        operands: &mut Vec<Value>,
    ) -> Vec<Part<Hole>> {
        let span = integration.node().span();
        if kind == Type::Mock {
            operands.push(self.word(span, "mock"));
            for key in [
                "uri",
                "httpMethod",
                "credentials",
                "connectionType",
                "connectionId",
            ] {
                if let Some(value) = integration.get(key) {
                    value.take();
                    self.finding(
                        FindingKind::Unused,
                        value,
                        format!("`{key}` is not used by mock integrations"),
                    );
                }
            }
            return Vec::new();
        }
        let uri = integration.get("uri");
        let uri_span = uri.map_or(span, |uri| uri.node().span());
        let mut parts = match uri {
            Some(uri) => self.parts(uri, Holes::Stage).unwrap_or_else(|| {
                self.bad_value(uri, "text");
                Vec::new()
            }),
            None => Vec::new(),
        };
        let subtype = integration
            .get("integrationSubtype")
            .filter(|_| self.kind == ApiKind::Http);
        let streams = integration
            .get("responseTransferMode")
            .and_then(Cursor::scalar);
        let streams = streams.is_some_and(|mode| mode.eq_ignore_ascii_case("STREAM"));
        let function = lambda_target(&parts, streams);
        let (words, default_verb): (&[&str], &str) = match kind {
            _ if subtype.is_some() => (&["aws"], "POST"),
            Type::AwsProxy if function.is_some() => (&["lambda"], "POST"),
            Type::Aws if function.is_some() => (&["lambda", "custom"], "POST"),
            Type::AwsProxy => (&["aws", "proxy"], "POST"),
            Type::Aws => (&["aws"], "POST"),
            Type::HttpProxy => (&["http"], "ANY"),
            Type::Http | Type::Mock => (&["http", "custom"], "ANY"),
        };
        operands.extend(words.iter().map(|word| self.word(span, word)));
        operands.extend(self.backend_verb(kind, default_verb, subtype.is_some(), integration));
        let uri_text = parts.clone();
        if let Some(subtype) = subtype {
            operands.extend(self.text_value(subtype, Holes::Import));
        } else {
            if let Some(function) = function {
                parts = function;
            } else if matches!(kind, Type::Aws | Type::AwsProxy)
                && let Some(service) = service(&parts, self.options.region.as_deref())
            {
                parts = service;
            }
            if uri.is_some() {
                self.check_arn(kind, &uri_text, uri_span, integration);
                operands.push(self.text_from(uri_span, parts));
            }
        }
        if let Some(role) = integration.get("credentials") {
            operands.extend(self.role(role));
        }
        self.link(integration, operands);
        uri_text
    }

    /// Short forms (`dynamodb:PutItem`) are gate's; a document has ARNs.
    fn check_arn(&mut self, kind: Type, uri: &[Part<Hole>], span: Span, integration: Cursor<'d>) {
        let Some(Part::Literal(text)) = uri.first() else {
            return;
        };
        // The reference looks for the verb first, and says one thing at a time.
        if integration.node().get("httpMethod").is_none() {
            return;
        }
        // Templates of other tools stand where the ARN will.
        let template = ["${", "{{", "<"]
            .iter()
            .any(|start| text.starts_with(start));
        if matches!(kind, Type::Aws | Type::AwsProxy) && !text.starts_with("arn:") && !template {
            let message = format!("`{}` is no ARN", shortened(text));
            let finding = Finding::new(FindingKind::NotAnArn, span, integration.path(), message);
            self.findings
                .push(finding.reference("Invalid ARN specified in the request"));
        }
    }

    fn backend_verb(
        &mut self,
        kind: Type,
        default: &str,
        subtype: bool,
        integration: Cursor<'d>,
    ) -> Option<Value> {
        let Some(verb) = integration.get("httpMethod") else {
            if self.kind == ApiKind::Rest && !subtype {
                let node = integration.node();
                let message = format!(
                    "an integration of type `{}` needs an `httpMethod`",
                    name(kind)
                );
                let finding =
                    Finding::new(FindingKind::MissingVerb, node.span(), node.path(), message);
                self.findings
                    .push(finding.reference("Enumeration value for HttpMethod must be non-empty"));
            }
            return None;
        };
        let span = verb.node().span();
        match verb.scalar().map(str::to_ascii_uppercase) {
            Some(text)
                if matches!(
                    text.as_str(),
                    "GET" | "PUT" | "POST" | "DELETE" | "PATCH" | "OPTIONS" | "HEAD" | "ANY"
                ) =>
            {
                (text != default).then(|| self.word(span, &text))
            }
            // HTTP APIs write `*` for the client's own.
            Some(text) if text == "*" && default == "ANY" => None,
            _ => {
                self.bad_value(verb, "a verb");
                None
            }
        }
    }

    /// `via "link"`
    fn link(&mut self, integration: Cursor<'d>, operands: &mut Vec<Value>) {
        let connection = integration
            .get("connectionType")
            .and_then(|value| match value.scalar() {
                Some(text) if text.eq_ignore_ascii_case("VPC_LINK") => Some(true),
                Some(text) if text.eq_ignore_ascii_case("INTERNET") => Some(false),
                _ => {
                    self.bad_value(value, "`INTERNET` or `VPC_LINK`");
                    None
                }
            });
        let id = integration.get("connectionId");
        match (connection, id) {
            (Some(true), Some(id)) => {
                let span = id.node().span();
                let parts = self.parts(id, Holes::Stage);
                match parts {
                    Some(parts) => {
                        operands.push(self.word(span, "via"));
                        operands.push(self.text_from(span, parts));
                    }
                    None => self.bad_value(id, "a link's id"),
                }
            }
            (Some(true), None) => {
                let node = integration.node();
                let message = "`connectionType: VPC_LINK` needs a `connectionId`";
                self.findings.push(Finding::new(
                    FindingKind::BadValue,
                    node.span(),
                    node.path(),
                    message,
                ));
            }
            (_, Some(id)) => {
                id.take();
                self.finding(
                    FindingKind::Unused,
                    id,
                    "`connectionId` is not used without `connectionType: VPC_LINK`",
                );
            }
            _ => {}
        }
    }

    fn settings_and_mappings(
        &mut self,
        here: Here<'_>,
        kind: Type,
        integration: Cursor<'d>,
        uri: &[Part<Hole>],
        items: &mut Vec<Item>,
    ) {
        self.settings_of(kind, integration, items);
        self.request_parameters(here, integration, uri, items);
    }

    /// `body = vtl"…"`
    fn request_templates(
        &mut self,
        kind: Type,
        integration: Cursor<'d>,
        answers: &Answers<'d>,
        items: &mut Vec<Item>,
    ) {
        match integration.get("requestTemplates") {
            Some(templates) if kind == Type::Mock && is_usual(templates, answers) => {
                templates.take();
            }
            Some(templates) if !templates.node().is_empty() => {
                self.templates(templates, "vtl", items)
            }
            found => {
                found.map(Cursor::take);
                if kind == Type::Mock {
                    let span = integration.node().span();
                    items.push(self.entry(span, &at(&["body"]), Op::Map, |this| {
                        this.word(span, "none")
                    }));
                }
            }
        }
    }

    fn settings_of(&mut self, kind: Type, integration: Cursor<'d>, items: &mut Vec<Item>) {
        if let Some(value) = integration.get("timeoutInMillis") {
            let span = value.node().span();
            let default = if self.kind == ApiKind::Rest {
                29_000
            } else {
                30_000
            };
            match value.scalar().and_then(|text| text.parse::<u64>().ok()) {
                Some(milliseconds) if milliseconds == default => {}
                Some(milliseconds) => {
                    items.push(self.set(span, "timeout", |this| this.duration(span, milliseconds)))
                }
                None => self.bad_value(value, "a number of milliseconds"),
            }
        }
        if let Some(value) = integration.get("passthroughBehavior") {
            // The first is the default.
            let words = [
                ("when_no_match", ""),
                ("when_no_templates", "when_no_templates"),
                ("when_no_template", "when_no_templates"),
                ("never", "never"),
            ];
            self.word_setting(value, "passthrough", &words, items);
        }
        if let Some(value) = integration.get("contentHandling") {
            self.content_handling(value, items);
        }
        if let Some(value) = integration.get("responseTransferMode") {
            self.word_setting(
                value,
                "stream",
                &[("BUFFERED", ""), ("STREAM", "true")],
                items,
            );
        }
        if let Some(value) = integration.get("payloadFormatVersion") {
            if self.kind == ApiKind::Http {
                self.text_setting(value, "payload", Holes::Import, items);
            } else {
                value.take();
                self.finding(
                    FindingKind::Unused,
                    value,
                    "`payloadFormatVersion` is not used by REST APIs",
                );
            }
        }
        if let Some(value) = integration.get("integrationTarget") {
            self.text_setting(value, "target", Holes::Stage, items);
        }
        if let Some(tls) = integration.get("tlsConfig") {
            self.tls(kind, tls, items);
        }
    }

    /// `tls { insecure_skip_verification: true }`
    fn tls(&mut self, kind: Type, tls: Cursor<'d>, items: &mut Vec<Item>) {
        let span = tls.node().span();
        if !matches!(kind, Type::Http | Type::HttpProxy) || tls.kind() != Kind::Mapping {
            tls.take();
            return self.finding(
                FindingKind::Unused,
                tls,
                "`tlsConfig` is used by HTTP integrations only",
            );
        }
        let mut settings = Vec::new();
        if self.boolean(tls, "insecureSkipVerification") == Some(true) {
            settings.push(self.set(span, "insecure_skip_verification", |this| {
                this.word(span, "true")
            }));
        }
        if let Some(name) = tls.get("serverNameToVerify") {
            self.text_setting(name, "server_name", Holes::Import, &mut settings);
        }
        if settings.is_empty() {
            return;
        }
        let item = self.say(span, "tls", |this, sentence| {
            sentence.block = Some(this.block(span, |_, items| items.extend(settings)));
        });
        items.push(item);
    }

    /// `header.X = …`, `query.x = …`, `path.id = …`
    fn request_parameters(
        &mut self,
        here: Here<'_>,
        integration: Cursor<'d>,
        uri: &[Part<Hole>],
        items: &mut Vec<Item>,
    ) {
        let placeholders = if self.kind == ApiKind::Rest {
            placeholders(uri)
        } else {
            IndexSet::new()
        };
        let mut mapped: HashSet<&str> = HashSet::new();
        let parameters = integration
            .get("requestParameters")
            .filter(|parameters| parameters.kind() == Kind::Mapping);
        for (key, value) in parameters.into_iter().flat_map(Cursor::members) {
            if self.kind == ApiKind::Http && !key.text().starts_with("integration.request.") {
                items.extend(self.http_parameter(key.text(), value, Side::Request));
                continue;
            }
            let target = ["header", "path", "querystring"].iter().find_map(|place| {
                let name = key
                    .text()
                    .strip_prefix("integration.request.")?
                    .strip_prefix(place)?
                    .strip_prefix('.')?;
                (!name.is_empty()).then_some((*place, name))
            });
            let Some((place, name)) = target else {
                value.take();
                let message = format!(
                    "`{}` is no header, path or query string of an integration request",
                    shortened(key.text())
                );
                let finding =
                    Finding::new(FindingKind::BadMapping, key.span(), key.path(), message);
                let words = format!(
                    "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: {}]",
                    key.text()
                );
                self.findings.push(finding.reference(words));
                continue;
            };
            let place = if place == "querystring" {
                "query"
            } else {
                place
            };
            if place == "path" {
                // A placeholder is bound to the path parameter of its name without saying so.
                let own = value.node().text() == format!("method.request.path.{name}");
                if own && placeholders.contains(name) {
                    value.take();
                    mapped.insert(name);
                    continue;
                }
            }
            let target = at(&[place, name]);
            let item = self.mapping(
                here,
                "requestParameters",
                key.text(),
                &target,
                value,
                Side::Request,
            );
            if place == "path" && item.is_some() {
                mapped.insert(name);
            }
            items.extend(item);
        }
        for placeholder in placeholders {
            if !mapped.contains(placeholder.as_str()) {
                let span = integration
                    .get("uri")
                    .map_or(integration.node().span(), |uri| uri.node().span());
                items.push(
                    self.entry(span, &at(&["path", &placeholder]), Op::Map, |this| {
                        this.word(span, "none")
                    }),
                );
            }
        }
    }

    /// `append:header.x`, `overwrite:path`, `remove:querystring.y`, or a parameter of a service by its own name.
    fn http_parameter(&mut self, key: &str, value: Cursor<'d>, side: Side) -> Option<Item> {
        let span = value.node().span();
        let (op, target) = match key.split_once(':') {
            Some(("append", target)) => (Op::Append, target),
            Some(("overwrite" | "remove", target)) => (Op::Map, target),
            _ => (Op::Map, key),
        };
        let place = match target.split_once('.') {
            Some(("header", name)) => at(&["header", name]),
            Some(("querystring", name)) => at(&["query", name]),
            None if target == "path" => at(&["path"]),
            None if target == "statuscode" => at(&["status"]),
            _ => at(&[target]),
        };
        if key.starts_with("remove:") {
            value.take();
            return Some(self.entry(span, &place, op, |this| this.word(span, "none")));
        }
        let parts = match value.kind() {
            Kind::Null => {
                value.take();
                return None;
            }
            _ => self.parts(value, Holes::Import),
        };
        let Some(parts) = parts else {
            // A service's parameter may be an object; services take its JSON.
            let parts = self.json(value, &mut |_, _, _| None);
            return Some(self.entry(span, &place, op, |this| this.text_from(span, parts)));
        };
        Some(self.entry(span, &place, op, |this| match parts.as_slice() {
            [Part::Literal(text)] => {
                let text = text.clone();
                this.http_source(span, &text, side)
            }
            _ => this.text_from(span, parts),
        }))
    }

    /// `respond 200 { header.x += response.header.y }`: the response mappings of HTTP APIs.
    fn http_responses(&mut self, integration: Cursor<'d>, items: &mut Vec<Item>) {
        let parameters = integration
            .get("responseParameters")
            .filter(|parameters| parameters.kind() == Kind::Mapping);
        for (key, mappings) in parameters.into_iter().flat_map(Cursor::members) {
            let (Some(status), Kind::Mapping) =
                (super::responses::status(key.text()), mappings.kind())
            else {
                self.bad_value(mappings, "mappings under a status");
                continue;
            };
            let span = key.span();
            items.push(self.say(span, "respond", |this, sentence| {
                sentence.operands.push(this.quantity(span, status, ""));
                sentence.block = this.block_if_any(span, |this, items| {
                    for (key, value) in mappings.members() {
                        items.extend(this.http_parameter(key.text(), value, Side::Response));
                    }
                });
            }));
        }
    }

    /// `cache by [path.id] in "namespace"`
    fn cache(&mut self, integration: Cursor<'d>) -> Option<Item> {
        let keys = integration.get("cacheKeyParameters");
        let namespace = integration.get("cacheNamespace");
        let span = keys.or(namespace)?.node().span();
        let keys: Vec<Cursor<'d>> = keys.into_iter().flat_map(Cursor::elements).collect();
        if keys.is_empty() && namespace.is_none() {
            return None;
        }
        Some(self.say(span, "cache", |this, sentence| {
            sentence.operands.push(this.word(span, "by"));
            let list = this.list(span, |this, values| {
                for key in keys {
                    let at = key.node().span();
                    match key
                        .scalar()
                        .and_then(|text| mapping::place(text, Side::Request))
                    {
                        Some(place) => values.push(this.place_value(at, &place)),
                        None => this.bad_value(key, "a parameter such as `method.request.path.id`"),
                    }
                }
            });
            sentence.operands.push(list);
            if let Some(namespace) = namespace {
                let at = namespace.node().span();
                if let Some(value) = this.text_value(namespace, Holes::Import) {
                    sentence.operands.push(this.word(at, "in"));
                    sentence.operands.push(value);
                } else {
                    this.bad_value(namespace, "text");
                }
            }
        }))
    }
}

/// Whether the templates of a mock are what gate makes for one that has none: JSON that names
/// the status of the default response.
fn is_usual(templates: Cursor<'_>, answers: &Answers<'_>) -> bool {
    let mut members = templates.node().members();
    let only = members.next().filter(|_| members.next().is_none());
    let usual = format!("{{\"statusCode\": {}}}", answers.mock_status());
    only.is_some_and(|(key, template)| {
        key.text() == "application/json"
            && template.kind() == Kind::String
            && template.text() == usual
    })
}

fn name(kind: Type) -> &'static str {
    match kind {
        Type::Aws => "aws",
        Type::AwsProxy => "aws_proxy",
        Type::Http => "http",
        Type::HttpProxy => "http_proxy",
        Type::Mock => "mock",
    }
}
