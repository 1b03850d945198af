//! The API itself: what stands at the document's root.

use std::collections::HashSet;

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Item, Op};

use super::build::{At, at, docs, is_plain_name};
use super::findings::{Finding, FindingKind, Severity};
use super::openapi::{Import, shortened};
use super::text::{Holes, is_variable};
use super::{EndpointType, Kind as ApiKind, Mode};
use crate::document::{Cursor, Kind};

impl<'d> Import<'d> {
    /// `rest api NAME { … }`
    pub(super) fn api(&mut self) -> Item {
        let root = self.root;
        let info = root.get("info");
        let span = root.node().span();
        let title = info.and_then(|info| info.get("title"));
        let title_parts = title.and_then(|title| self.parts(title, Holes::Import));
        let title_span = title.map_or(span, |title| title.node().span());
        let title_text: String = title_parts
            .iter()
            .flatten()
            .map(|part| match part {
                crate::document::write::Part::Literal(text) => text.as_str(),
                crate::document::write::Part::Hole(_) => " ",
            })
            .collect();
        let name = self
            .options
            .name
            .clone()
            .unwrap_or_else(|| api_name(&title_text));
        let kind = match self.kind {
            ApiKind::Rest => "rest",
            ApiKind::Http => "http",
        };
        let mut item = self.say(span, kind, |this, sentence| {
            sentence.operands.push(this.word(span, "api"));
            sentence.operands.push(this.word(title_span, &name));
            let block = this.block(span, |this, items| {
                if let Some(parts) = title_parts.filter(|_| title_text != name) {
                    items.push(this.set(title_span, "title", |this| {
                        this.text_from(title_span, parts)
                    }));
                }
                this.settings(info, items);
                this.variables(items);
                this.defaults(items);
                this.authorizers(items);
                this.policy(items);
                this.cors(items);
                this.shared_integrations(items);
                this.methods(items);
                this.gateway_responses(items);
            });
            sentence.block = Some(block);
        });
        let summary = info
            .and_then(|info| info.get("summary"))
            .and_then(Cursor::scalar);
        let description = info
            .and_then(|info| info.get("description"))
            .and_then(Cursor::scalar);
        item.docs = docs(&[summary, description]);
        self.documentation();
        item
    }

    fn settings(&mut self, info: Option<Cursor<'d>>, items: &mut Vec<Item>) {
        let root = self.root;
        if let Some(version) = info.and_then(|info| info.get("version")) {
            self.text_setting(version, "version", Holes::Import, items);
        }
        if self.kind == ApiKind::Rest {
            self.endpoint(items);
        } else {
            self.http_endpoint(items);
        }
        for (key, name) in [("x-amazon-apigateway-security-policy", "tls")] {
            if let Some(value) = root.get(key) {
                self.text_setting(value, name, Holes::Import, items);
            }
        }
        let access = [("BASIC", "basic"), ("STRICT", "strict")];
        if let Some(value) = root.get("x-amazon-apigateway-endpoint-access-mode") {
            self.word_setting(value, "access_mode", &access, items);
        }
        if let Some(value) = root.get("x-amazon-apigateway-api-key-source") {
            self.word_setting(
                value,
                "key_source",
                &[("HEADER", "header"), ("AUTHORIZER", "authorizer")],
                items,
            );
        }
        self.binary(items);
        self.compression(items);
        self.tags(items);
        // Means nothing but which format the document has.
        root.get("x-amazon-apigateway-importexport-version")
            .map(Cursor::take);
    }

    /// `name: "text"`, or a finding if the value is no text.
    pub(super) fn text_setting(
        &mut self,
        value: Cursor<'_>,
        name: &str,
        holes: Holes,
        items: &mut Vec<Item>,
    ) {
        let span = value.node().span();
        match self.parts(value, holes) {
            Some(parts) => items.push(self.set(span, name, |this| this.text_from(span, parts))),
            None => self.bad_value(value, "text"),
        }
    }

    /// `name: word` for one of a few words in any letter case, or a finding.
    pub(super) fn word_setting(
        &mut self,
        value: Cursor<'_>,
        name: &str,
        words: &[(&str, &str)],
        items: &mut Vec<Item>,
    ) {
        let span = value.node().span();
        let text = value.scalar().unwrap_or_default();
        match words
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(text))
        {
            // The empty word is the default, which is not written.
            Some((_, "")) => {}
            Some((_, word)) => items.push(self.set(span, name, |this| this.word(span, word))),
            None => {
                let wanted: Vec<String> =
                    words.iter().map(|(word, _)| format!("`{word}`")).collect();
                self.bad_value(value, &wanted.join(" or "));
            }
        }
    }

    /// The endpoint configurations of the document: at the root, and in `servers`.
    fn endpoint_configurations(&mut self) -> Vec<Cursor<'d>> {
        const KEY: &str = "x-amazon-apigateway-endpoint-configuration";
        let mut found: Vec<Cursor<'d>> = self.root.get(KEY).into_iter().collect();
        if let Some(servers) = self.root.get("servers") {
            found.extend(servers.elements().filter_map(|server| server.get(KEY)));
        }
        found
    }

    fn endpoint(&mut self, items: &mut Vec<Item>) {
        let configurations = self.endpoint_configurations();
        let span = configurations
            .first()
            .map_or(self.root.node().span(), |first| first.node().span());
        let mut word = match self.options.endpoint {
            EndpointType::Edge => "edge",
            EndpointType::Regional => "regional",
            EndpointType::Private => "private",
        };
        let mut vpc_endpoints = None;
        let mut ip = None;
        for configuration in &configurations {
            if let Some(types) = configuration
                .get("types")
                .or_else(|| configuration.get("type"))
            {
                let list: Vec<Cursor<'d>> = if types.kind() == Kind::Sequence {
                    types.elements().collect()
                } else {
                    vec![types]
                };
                if list.len() > 1 {
                    let finding = Finding::new(
                        FindingKind::BadValue,
                        types.node().span(),
                        types.path(),
                        "an API has one endpoint type",
                    );
                    self.findings.push(
                        finding.reference("Cannot create an api with multiple Endpoint Types."),
                    );
                }
                for one in list {
                    match one.scalar().map(str::to_ascii_uppercase).as_deref() {
                        Some("EDGE") => word = "edge",
                        Some("REGIONAL") => word = "regional",
                        Some("PRIVATE") => word = "private",
                        _ => self.bad_value(one, "`EDGE`, `REGIONAL` or `PRIVATE`"),
                    }
                }
            }
            if let Some(ids) = configuration.get("vpcEndpointIds") {
                vpc_endpoints = Some(ids);
                // Only a private API has them.
                word = "private";
            }
            if let Some(value) = configuration.get("ipAddressType") {
                match value.scalar().map(str::to_ascii_lowercase).as_deref() {
                    Some("ipv4") => ip = Some((value.node().span(), "ipv4")),
                    Some("dualstack") => ip = Some((value.node().span(), "dualstack")),
                    _ => self.bad_value(value, "`ipv4` or `dualstack`"),
                }
            }
        }
        let default = if word == "private" {
            "dualstack"
        } else {
            "ipv4"
        };
        let ip = ip.filter(|(_, ip)| *ip != default);
        items.push(self.set(span, "endpoint", |this| {
            if vpc_endpoints.is_none() && ip.is_none() {
                return this.word(span, word);
            }
            this.call(span, &at(&[word]), |this, args| {
                if let Some(ids) = vpc_endpoints {
                    let value = this.text_list(ids, Holes::Import);
                    args.push(tollgate_grammar::ast::Arg { name: None, value });
                }
                if let Some((span, ip)) = ip {
                    args.push(this.arg(span, "ip", |this| this.word(span, ip)));
                }
            })
        }));
        self.default_endpoint(&configurations, items);
    }

    fn http_endpoint(&mut self, items: &mut Vec<Item>) {
        let configurations = self.endpoint_configurations();
        for configuration in &configurations {
            let Some(value) = configuration.get("ipAddressType") else {
                continue;
            };
            let span = value.node().span();
            match value.scalar().map(str::to_ascii_lowercase).as_deref() {
                Some("ipv4") => {}
                Some("dualstack") => items.push(self.set(span, "endpoint", |this| {
                    this.call(span, &at(&["regional"]), |this, args| {
                        args.push(this.arg(span, "ip", |this| this.word(span, "dualstack")));
                    })
                })),
                _ => self.bad_value(value, "`ipv4` or `dualstack`"),
            }
        }
        self.default_endpoint(&configurations, items);
    }

    fn default_endpoint(&mut self, configurations: &[Cursor<'d>], items: &mut Vec<Item>) {
        for configuration in configurations {
            let Some(value) = configuration.get("disableExecuteApiEndpoint") else {
                continue;
            };
            match value.boolean() {
                Some(true) => {
                    items.push(self.set(value.node().span(), "default_endpoint", |this| {
                        this.word(value.node().span(), "false")
                    }))
                }
                Some(false) => {}
                None => self.bad_value(value, "`true` or `false`"),
            }
        }
    }

    fn binary(&mut self, items: &mut Vec<Item>) {
        let types = self.root.get("x-amazon-apigateway-binary-media-types");
        let existing = match &self.options.mode {
            Mode::Merge { binary_media_types } => binary_media_types.clone(),
            _ => Vec::new(),
        };
        if types.is_none() && existing.is_empty() {
            return;
        }
        let span = types.map_or(self.root.node().span(), |types| types.node().span());
        let mut known: HashSet<String> = existing.iter().cloned().collect();
        let item = self.set(span, "binary", |this| {
            this.list(span, |this, values| {
                values.extend(existing.iter().map(|name| this.literal(span, name)));
                let Some(types) = types else { return };
                let elements: Vec<_> = if types.kind() == Kind::Sequence {
                    types.elements().collect()
                } else {
                    vec![types]
                };
                for element in elements {
                    match element.scalar() {
                        Some(name) if known.contains(name) => {}
                        Some(name) => {
                            known.insert(name.to_owned());
                            values.push(this.literal(element.node().span(), name));
                        }
                        None => this.bad_value(element, "a media type"),
                    }
                }
            })
        });
        items.push(item);
    }

    fn compression(&mut self, items: &mut Vec<Item>) {
        let Some(value) = self
            .root
            .get("x-amazon-apigateway-minimum-compression-size")
        else {
            return;
        };
        let span = value.node().span();
        let text = value.scalar().unwrap_or_default();
        match text.parse::<u32>().ok().filter(|size| *size <= 10_485_760) {
            Some(size) => {
                items.push(self.set(span, "compress", |this| this.quantity(span, size, "B")))
            }
            None => {
                let message = format!(
                    "`{}` is no number of bytes from 0 to 10485760",
                    shortened(text)
                );
                value.take();
                let finding =
                    Finding::new(FindingKind::BadCompressionSize, span, value.path(), message);
                self.findings.push(
                    finding.reference(
                        "Invalid minimum compression size, must be between 0 and 10485760",
                    ),
                );
            }
        }
    }

    /// Tags of the API (HTTP); elsewhere they only group operations for readers.
    fn tags(&mut self, items: &mut Vec<Item>) {
        let Some(tags) = self.root.get("tags") else {
            return;
        };
        let span = tags.node().span();
        if self.kind == ApiKind::Rest {
            tags.take();
            return self.findings.push(Finding::new(
                FindingKind::Unused,
                span,
                "tags",
                "root `tags` are not used by REST APIs",
            ));
        }
        let mut pairs = Vec::new();
        for tag in tags.elements() {
            let Some((span, name)) = self.scalar(tag, "name") else {
                continue;
            };
            let value = self
                .scalar(tag, "x-amazon-apigateway-tag-value")
                .map_or("", |(_, text)| text);
            pairs.push((span, name, value));
        }
        if pairs.is_empty() {
            return;
        }
        let item = self.set(span, "tags", |this| {
            let id = this.node(span);
            let fields = pairs.into_iter().map(|(span, name, value)| {
                this.field(span, name, |this| this.literal(span, value))
            });
            let kind = tollgate_grammar::ast::ValueKind::Object(fields.collect());
            tollgate_grammar::ast::Value {
                id,
                optional: false,
                kind,
            }
        });
        items.push(item);
    }

    /// `variables { x: String? }` for every stage variable that the document mentions.
    fn variables(&mut self, items: &mut Vec<Item>) {
        let names = self.stage_variables();
        let Some((_, first)) = names.first() else {
            return;
        };
        let span = *first;
        let item = self.say(span, "variables", |this, sentence| {
            let block = this.block(span, |this, items| {
                for (name, span) in names {
                    items.push(this.set(span, &name, |this| this.string_type(span, true)));
                }
            });
            sentence.block = Some(block);
        });
        items.push(item);
    }

    fn stage_variables(&self) -> Vec<(String, Span)> {
        const WORD: &str = "stageVariables";
        let mut found: Vec<(String, Span)> = Vec::new();
        if !self.document.text().contains(WORD) {
            return found;
        }
        let mut seen = HashSet::new();
        for node in self.document.nodes() {
            for (start, _) in node.text().match_indices(WORD) {
                let rest = &node.text()[start + WORD.len()..];
                let rest = ["['", "[\"", ".get('", ".get(\"", "."]
                    .iter()
                    .find_map(|before| rest.strip_prefix(before));
                let Some(rest) = rest else { continue };
                let name = &rest[..rest
                    .find(|other: char| !(other.is_ascii_alphanumeric() || other == '_'))
                    .unwrap_or(rest.len())];
                if is_variable(name)
                    && !matches!(name, "keySet" | "entrySet" | "get")
                    && seen.insert(name.to_owned())
                {
                    found.push((name.to_owned(), node.span()));
                }
            }
        }
        found
    }

    /// `defaults { auth: A, api_key: required, validate: all }`
    fn defaults(&mut self, items: &mut Vec<Item>) {
        let span = self.root.node().span();
        let mut settings = Vec::new();
        self.default_security(&mut settings);
        if let Some(value) = self.root.get("x-amazon-apigateway-request-validator") {
            let at = value.node().span();
            if let Some(validator) = self.validator(value) {
                settings.push(self.set(at, "validate", |this| this.word(at, validator)));
                self.default_validator = Some(validator);
            }
        }
        if settings.is_empty() {
            return;
        }
        let item = self.say(span, "defaults", |this, sentence| {
            sentence.block = Some(this.block(span, |_, items| items.extend(settings)));
        });
        items.push(item);
    }

    pub(super) fn read_validators(&mut self) {
        let Some(validators) = self.root.get("x-amazon-apigateway-request-validators") else {
            return;
        };
        for (name, validator) in validators.members() {
            if !matches!(validator.kind(), Kind::Mapping) {
                self.bad_value(validator, "a request validator");
                continue;
            }
            let body = self
                .boolean(validator, "validateRequestBody")
                .unwrap_or(false);
            let parameters = self
                .boolean(validator, "validateRequestParameters")
                .unwrap_or(false);
            let word = match (body, parameters) {
                (true, true) => "all",
                (true, false) => "body",
                (false, true) => "params",
                (false, false) => "none",
            };
            self.validators.insert(name.text(), word);
        }
    }

    /// Validators that no method names are not carried over.
    pub(super) fn name_unused_validators(&mut self) {
        let Some(validators) = self.root.get("x-amazon-apigateway-request-validators") else {
            return;
        };
        for (name, _) in validators.node().members() {
            if !self.used_validators.contains(name.text()) {
                let message = format!(
                    "no method uses the request validator `{}`",
                    shortened(name.text())
                );
                self.findings.push(Finding::new(
                    FindingKind::Unused,
                    name.span(),
                    name.path(),
                    message,
                ));
            }
        }
    }

    /// What a validator of this name checks, or a finding.
    pub(super) fn validator(&mut self, value: Cursor<'d>) -> Option<&'static str> {
        let name = value.scalar().unwrap_or_default();
        let found = self.validators.get(name).copied();
        self.used_validators.insert(name);
        if found.is_none() {
            value.take();
            let message = format!("there is no request validator `{}`", shortened(name));
            let finding = Finding::new(
                FindingKind::UnknownValidator,
                value.node().span(),
                value.path(),
                message,
            );
            let finding = finding.help("name it in `x-amazon-apigateway-request-validators`");
            self.findings
                .push(finding.reference("Invalid Request Validator identifier specified"));
        }
        found
    }

    fn policy(&mut self, items: &mut Vec<Item>) {
        let Some(policy) = self.root.get("x-amazon-apigateway-policy") else {
            return;
        };
        let span = policy.node().span();
        let parts = match policy.kind() {
            Kind::Mapping => self.json(policy, &mut |_, _, _| None),
            Kind::String => self.parts(policy, Holes::Import).unwrap_or_default(),
            _ => return self.bad_value(policy, "a policy document"),
        };
        items.push(self.set(span, "policy", |this| this.tagged(span, "iam", parts)));
    }

    /// `cors { … }` of HTTP APIs.
    fn cors(&mut self, items: &mut Vec<Item>) {
        if self.kind == ApiKind::Rest {
            return;
        }
        let Some(cors) = self.root.get("x-amazon-apigateway-cors") else {
            return;
        };
        let span = cors.node().span();
        let item = self.say(span, "cors", |this, sentence| {
            let block = this.block(span, |this, items| {
                for (key, name) in [
                    ("allowOrigins", "origins"),
                    ("allowHeaders", "headers"),
                    ("exposeHeaders", "expose"),
                ] {
                    if let Some(value) = cors.get(key) {
                        let span = value.node().span();
                        items.push(
                            this.set(span, name, |this| this.text_list(value, Holes::Import)),
                        );
                    }
                }
                if let Some(value) = cors.get("allowMethods") {
                    let span = value.node().span();
                    items.push(this.set(span, "methods", |this| this.verbs(value)));
                }
                if let Some(value) = cors.get("maxAge") {
                    let span = value.node().span();
                    match value.scalar().and_then(|text| text.parse::<u32>().ok()) {
                        Some(seconds) => items.push(this.set(span, "max_age", |this| {
                            this.duration(span, u64::from(seconds) * 1_000)
                        })),
                        None => this.bad_value(value, "a number of seconds"),
                    }
                }
                if this.boolean(cors, "allowCredentials") == Some(true) {
                    items.push(this.set(span, "credentials", |this| this.word(span, "true")));
                }
            });
            sentence.block = Some(block);
        });
        items.push(item);
    }

    fn verbs(&mut self, value: Cursor<'d>) -> tollgate_grammar::ast::Value {
        let span = value.node().span();
        self.list(span, |this, values| {
            let verbs: Vec<_> = if value.kind() == Kind::Sequence {
                value.elements().collect()
            } else {
                vec![value]
            };
            for verb in verbs {
                let at = verb.node().span();
                match verb.scalar() {
                    Some("*") => values.push(tollgate_grammar::ast::Value {
                        id: this.node(at),
                        optional: false,
                        kind: tollgate_grammar::ast::ValueKind::Star,
                    }),
                    Some(text) if is_plain_name(text) => {
                        values.push(this.word(at, &text.to_ascii_uppercase()))
                    }
                    _ => this.bad_value(verb, "a verb"),
                }
            }
        })
    }

    /// Documentation parts are a resource of their own, which gate has no words for yet.
    fn documentation(&mut self) {
        if let Some(parts) = self.root.get("x-amazon-apigateway-documentation") {
            let span = parts.take().span();
            let message = "documentation parts are not carried over";
            let finding = Finding::new(FindingKind::NotCarried, span, parts.path(), message)
                .severity(Severity::Note);
            self.findings.push(
                finding.help("descriptions of operations, parameters and models are kept as `///`"),
            );
        }
    }

    /// `target = source` or `target: value` under a media type: `body` for JSON, else `body["type"]`.
    pub(super) fn body_place(media_type: &str) -> Vec<At> {
        let mut place = at(&["body"]);
        if media_type != "application/json" {
            place.push(At::Key(media_type.to_owned()));
        }
        place
    }

    /// Whether a key can be a media type; a finding if not.
    pub(super) fn media_type(&mut self, key: crate::document::Node<'_>) -> bool {
        let name = key.text();
        let fits = name == "$default"
            || name
                .split_once('/')
                .is_some_and(|(kind, sub)| !kind.trim().is_empty() && !sub.trim().is_empty());
        if !fits {
            let message = format!("`{}` is no media type", shortened(name));
            let words = format!(
                "Validation Result: warnings : [], errors : [Invalid content type specified: {name}]"
            );
            let finding = Finding::new(FindingKind::BadMediaType, key.span(), key.path(), message);
            self.findings.push(finding.reference(words));
        }
        fits
    }

    /// `place: value`
    pub(super) fn declare(
        &mut self,
        span: Span,
        place: &[At],
        value: impl FnOnce(&mut Self) -> tollgate_grammar::ast::Value,
    ) -> Item {
        self.entry(span, place, Op::Set, value)
    }
}

/// A title as a name: itself if it is one, else its words run together.
fn api_name(title: &str) -> String {
    if is_plain_name(title) {
        return title.to_owned();
    }
    let mut name = String::new();
    for word in title
        .split(|other: char| !other.is_ascii_alphanumeric())
        .filter(|word| !word.is_empty())
    {
        name.extend(word.chars().next().map(|first| first.to_ascii_uppercase()));
        name.push_str(word.get(1..).unwrap_or_default());
    }
    match name.bytes().next() {
        None => "Api".into(),
        Some(first) if first.is_ascii_digit() => format!("Api{name}"),
        Some(_) => name,
    }
}
