//! Method responses and integration responses as `respond`.

use std::collections::HashSet;

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Item, Op};

use super::Kind as ApiKind;
use super::build::{At, at};
use super::findings::{Finding, FindingKind, Severity};
use super::mapping::Side;
use super::method::Here;
use super::models::model_name;
use super::openapi::{Import, shortened};
use super::text::Holes;
use crate::document::write::Part;
use crate::document::{Cursor, Kind, Node};

/// What an integration says about answers.
#[derive(Debug)]
pub(super) struct Answers<'d> {
    /// Whether the backend's answer goes through as it is.
    proxy: bool,
    list: Vec<Answer<'d>>,
}

/// One integration response.
#[derive(Clone, Copy, Debug)]
struct Answer<'d> {
    status: u16,
    /// None: the default.
    pattern: Option<(Span, &'d str)>,
    cursor: Cursor<'d>,
}

impl<'d> Answers<'d> {
    /// The status that a mock answers with if nothing else is said: the default response's,
    /// else the first one's.
    pub(super) fn mock_status(&self) -> u16 {
        let default = self.list.iter().find(|answer| answer.pattern.is_none());
        default
            .or(self.list.first())
            .map_or(200, |answer| answer.status)
    }

    pub(super) fn none() -> Answers<'d> {
        Answers {
            proxy: true,
            list: Vec::new(),
        }
    }
}

/// A declared status of a method.
struct Declared<'d> {
    span: Span,
    status: u16,
    cursor: Option<Cursor<'d>>,
}

impl<'d> Import<'d> {
    /// Reads the `responses` of an integration.
    pub(super) fn answers(&mut self, integration: Cursor<'d>, proxy: bool) -> Answers<'d> {
        let mut list: Vec<Answer<'d>> = Vec::new();
        let Some(responses) = integration.get("responses") else {
            return Answers { proxy, list };
        };
        if responses.kind() != Kind::Mapping {
            self.bad_value(responses, "a mapping from patterns to responses");
            return Answers { proxy, list };
        }
        let has_default = responses.node().get("default").is_some();
        for (key, answer) in responses.members() {
            if answer.kind() != Kind::Mapping {
                self.bad_value(answer, "an integration response");
                continue;
            }
            let status = match answer.get("statusCode") {
                // The reference takes a missing status for 200.
                None => 200,
                Some(code) => match code.scalar().and_then(status) {
                    Some(status) => status,
                    None => {
                        self.bad_value(code, "a status from 100 to 599");
                        answer.take();
                        continue;
                    }
                },
            };
            let is_default = key.text() == "default" || key.text().is_empty() && !has_default;
            let pattern = (!is_default).then(|| (key.span(), key.text()));
            if let Some(earlier) = list.iter().position(|answer| answer.status == status) {
                let earlier = list.remove(earlier);
                earlier.cursor.take();
                let replaced = earlier.pattern.map_or("default", |(_, pattern)| pattern);
                let message = format!(
                    "`{}` and `{}` both answer with {status}; the reference keeps the later one",
                    shortened(replaced),
                    shortened(key.text())
                );
                let finding = Finding::new(FindingKind::Changed, key.span(), key.path(), message);
                self.findings.push(finding.help("join the patterns by `|`"));
            }
            list.push(Answer {
                status,
                pattern,
                cursor: answer,
            });
        }
        Answers { proxy, list }
    }

    /// The `respond` items of a method.
    pub(super) fn responses(
        &mut self,
        here: Here<'_>,
        operation: Cursor<'d>,
        answers: Answers<'d>,
        items: &mut Vec<Item>,
    ) {
        let declared = self.declared(operation);
        let mut undeclared: Vec<Answer<'d>> = Vec::new();
        for answer in &answers.list {
            if !declared
                .iter()
                .any(|declared| declared.status == answer.status)
            {
                undeclared.push(*answer);
            }
        }
        for one in &declared {
            let answer = answers
                .list
                .iter()
                .find(|answer| answer.status == one.status)
                .copied();
            items.push(self.respond(here, operation, Some(one), answer, answers.proxy));
        }
        for answer in undeclared {
            items.push(self.respond(here, operation, None, Some(answer), answers.proxy));
        }
    }

    /// The statuses that an operation declares.
    fn declared(&mut self, operation: Cursor<'d>) -> Vec<Declared<'d>> {
        let mut declared: Vec<Declared<'d>> = Vec::new();
        let Some(responses) = operation.get("responses") else {
            return declared;
        };
        if self.kind == ApiKind::Http {
            responses.take();
            self.finding(
                FindingKind::Unused,
                responses,
                "HTTP APIs declare no responses: `responses` of operations is not used",
            );
            return declared;
        }
        if responses.kind() != Kind::Mapping {
            self.bad_value(responses, "a mapping from statuses to responses");
            return declared;
        }
        for (key, response) in responses.members() {
            if key.text().starts_with("x-") {
                continue;
            }
            let Some(status) = status(key.text()) else {
                response.take();
                let (message, severity) = match key.text() {
                    "default" => (
                        "the reference has no default method response".to_owned(),
                        Severity::Note,
                    ),
                    other => (
                        format!("`{}` is no status from 100 to 599", shortened(other)),
                        Severity::Warning,
                    ),
                };
                if !self.findings.again(FindingKind::Unused, &message) {
                    let finding =
                        Finding::new(FindingKind::Unused, key.span(), key.path(), message);
                    self.findings.push(finding.severity(severity));
                }
                continue;
            };
            let referenced =
                response.kind() == Kind::Mapping && response.node().get("$ref").is_some();
            if referenced && self.is_swagger() {
                self.finding(
                    FindingKind::Changed,
                    response,
                    "the reference does not follow `$ref`s of responses; they are followed here",
                );
            }
            let cursor = match response.kind() {
                Kind::Null => {
                    response.take();
                    None
                }
                _ => self.resolve(response),
            };
            let cursor = cursor.filter(|cursor| cursor.kind() == Kind::Mapping);
            declared.push(Declared {
                span: key.span(),
                status,
                cursor,
            });
        }
        declared
    }

    fn respond(
        &mut self,
        here: Here<'_>,
        operation: Cursor<'d>,
        declared: Option<&Declared<'d>>,
        answer: Option<Answer<'d>>,
        proxy: bool,
    ) -> Item {
        let span = declared.map_or_else(
            || {
                answer.map_or(operation.node().span(), |answer| {
                    answer.cursor.node().span()
                })
            },
            |one| one.span,
        );
        let status = declared.map_or_else(
            || answer.map_or(0, |answer| answer.status),
            |one| one.status,
        );
        let mut item = self.say(span, "respond", |this, sentence| {
            sentence.operands.push(this.quantity(span, status, ""));
            if declared.is_none() {
                sentence.operands.push(this.word(span, "undeclared"));
            }
            let pattern = match (answer, proxy) {
                (
                    Some(Answer {
                        pattern: Some((at, pattern)),
                        ..
                    }),
                    _,
                ) => Some((at, Some(pattern))),
                (Some(_), true) => Some((span, None)),
                (None, false) => Some((span, Some(""))),
                (Some(_), false) | (None, true) => None,
            };
            if let Some((at, pattern)) = pattern {
                sentence.operands.push(this.word(at, "matching"));
                let value = match (pattern, answer) {
                    (Some(pattern), Some(_)) => {
                        this.tagged(at, "r", vec![Part::Literal(pattern.to_owned())])
                    }
                    (None, _) => this.word(at, "default"),
                    (Some(_), None) => this.word(at, "none"),
                };
                sentence.operands.push(value);
            }
            sentence.block = this.block_if_any(span, |this, items| {
                let maps = answer.map(|answer| answer.cursor);
                if let Some(cursor) = declared.and_then(|declared| declared.cursor) {
                    this.method_response(here, operation, status, cursor, maps, items);
                }
                if let Some(cursor) = maps {
                    this.integration_response(here, cursor, items);
                }
            });
        });
        if let Some(cursor) = declared.and_then(|declared| declared.cursor) {
            let description = self.description(cursor);
            if !says_nothing(&description, status) {
                item.docs = description;
            }
        }
        item
    }

    /// Declared headers and models.
    fn method_response(
        &mut self,
        here: Here<'_>,
        operation: Cursor<'d>,
        status: u16,
        response: Cursor<'d>,
        maps: Option<Cursor<'d>>,
        items: &mut Vec<Item>,
    ) {
        let parameters = maps.and_then(|maps| maps.node().get("responseParameters"));
        let mapped: HashSet<&str> = parameters
            .into_iter()
            .flat_map(Node::members)
            .filter(|(_, value)| {
                value.kind() == Kind::String
                    && super::mapping::is_source(value.text(), Side::Response)
            })
            .filter_map(|(key, _)| key.text().strip_prefix("method.response.header."))
            .collect();
        if let Some(headers) = response
            .get("headers")
            .filter(|headers| headers.kind() == Kind::Mapping)
        {
            for (name, header) in headers.members() {
                let docs = match self.resolve(header) {
                    Some(header) if header.kind() == Kind::Mapping => self.description(header),
                    Some(header) => {
                        header.take();
                        Vec::new()
                    }
                    None => Vec::new(),
                };
                // A mapping declares its header as well.
                if docs.is_empty() && mapped.contains(name.text()) {
                    continue;
                }
                let span = name.span();
                let mut item = self.declare(span, &at(&["header", name.text()]), |this| {
                    this.string_type(span, false)
                });
                item.docs = docs;
                items.push(item);
            }
        }
        let name = || {
            model_name(
                &here.verb.to_ascii_lowercase(),
                here.path,
                &status.to_string(),
            )
        };
        if self.is_swagger() {
            let Some(schema) = response.get("schema") else {
                return;
            };
            let types = self.media_types(operation, "produces");
            let Some(model) = self.schema_model(schema, name) else {
                return;
            };
            let span = schema.node().span();
            for media_type in types {
                items.push(self.declare(span, &Self::body_place(&media_type), |this| {
                    this.word(span, &model)
                }));
            }
            return;
        }
        let Some(content) = response
            .get("content")
            .filter(|content| content.kind() == Kind::Mapping)
        else {
            return;
        };
        for (key, media) in content.members() {
            if !self.media_type(key) {
                media.take();
                continue;
            }
            if media.kind() == Kind::Null {
                media.take();
                continue;
            }
            let Some(schema) = media.get("schema") else {
                continue;
            };
            if let Some(model) = self.schema_model(schema, name) {
                let span = schema.node().span();
                items.push(self.declare(span, &Self::body_place(key.text()), |this| {
                    this.word(span, &model)
                }));
            }
        }
    }

    /// What becomes of the backend's answer.
    fn integration_response(&mut self, here: Here<'_>, answer: Cursor<'d>, items: &mut Vec<Item>) {
        if let Some(value) = answer.get("contentHandling") {
            self.content_handling(value, items);
        }
        if let Some(parameters) = answer.get("responseParameters") {
            for (key, value) in parameters.members() {
                let Some(name) = key.text().strip_prefix("method.response.header.") else {
                    value.take();
                    let message = format!(
                        "`{}` is no header of a method response",
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
                items.extend(self.mapping(
                    here,
                    "responseParameters",
                    key.text(),
                    &at(&["header", name]),
                    value,
                    Side::Response,
                ));
            }
        }
        if let Some(templates) = answer.get("responseTemplates") {
            self.templates(templates, "vtl", items);
        }
    }

    /// One entry of a parameter mapping: `target = source`.
    pub(super) fn mapping(
        &mut self,
        here: Here<'_>,
        kind: &str,
        key: &str,
        target: &[At],
        value: Cursor<'d>,
        side: Side,
    ) -> Option<Item> {
        let span = value.node().span();
        if value.kind() != Kind::String && crate::document::holes::intrinsic(value.node()).is_none()
        {
            let node = value.take();
            let message = format!(
                "a mapping's source is text, not `{}`; the reference drops it",
                shortened(node.text())
            );
            let words = format!(
                "Invalid format for '{kind}'. Expected type string for property '{key}' of resource '{}' and method '{}' but got '{}'",
                here.path,
                here.verb,
                node.text()
            );
            let finding = Finding::new(FindingKind::MappingNotText, span, value.path(), message);
            self.findings.push(finding.reference(words));
            return None;
        }
        let parts = self.parts(value, Holes::Import)?;
        let text = match parts.as_slice() {
            [] => "",
            [Part::Literal(text)] => text.as_str(),
            // An intrinsic function fills in part of a literal, or all of an expression.
            _ => return self.mapping_with_holes(span, target, parts),
        };
        let source = match self.source(span, text, side) {
            Some(source) => source,
            None => {
                let message = format!("`{}` is no source of a mapping", shortened(text));
                let finding = Finding::new(FindingKind::BadMapping, span, value.path(), message);
                let finding = finding.help("literal text stands in single quotes: `'text'`");
                let words = format!(
                    "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: {text}]"
                );
                self.findings.push(finding.reference(words));
                return None;
            }
        };
        Some(self.entry(span, target, Op::Map, |_| source))
    }

    fn mapping_with_holes(
        &mut self,
        span: Span,
        target: &[At],
        mut parts: Vec<Part<super::text::Hole>>,
    ) -> Option<Item> {
        let quoted = matches!(parts.first(), Some(Part::Literal(text)) if text.starts_with('\''))
            && matches!(parts.last(), Some(Part::Literal(text)) if text.ends_with('\''));
        if quoted {
            if let Some(Part::Literal(text)) = parts.first_mut() {
                text.remove(0);
            }
            if let Some(Part::Literal(text)) = parts.last_mut() {
                text.pop();
            }
        }
        Some(self.entry(span, target, Op::Map, |this| this.text_from(span, parts)))
    }

    /// Templates by media type: `body = vtl"…"`.
    pub(super) fn templates(&mut self, templates: Cursor<'d>, tag: &str, items: &mut Vec<Item>) {
        if templates.kind() != Kind::Mapping {
            return self.bad_value(templates, "a mapping from media types to templates");
        }
        for (key, template) in templates.members() {
            if !self.media_type(key) {
                template.take();
                continue;
            }
            let span = template.node().span();
            let parts = match template.kind() {
                // What exports write for an empty template.
                Kind::Null => {
                    template.take();
                    Some(Vec::new())
                }
                _ => self.parts(template, Holes::Import),
            };
            let parts = match parts {
                Some(parts) => parts,
                None => {
                    // A mapping or list in place of JSON text: what its author meant is plain.
                    let message = "a template is text; this one is written out as JSON";
                    self.finding(FindingKind::Changed, template, message);
                    self.json(template, &mut |_, _, _| None)
                }
            };
            let place = Self::body_place(key.text());
            items.push(self.entry(span, &place, Op::Map, |this| this.tagged(span, tag, parts)));
        }
    }

    /// `content: text`, `content: binary`.
    pub(super) fn content_handling(&mut self, value: Cursor<'d>, items: &mut Vec<Item>) {
        self.word_setting(
            value,
            "content",
            &[("CONVERT_TO_TEXT", "text"), ("CONVERT_TO_BINARY", "binary")],
            items,
        );
    }
}

/// A status code.
pub(super) fn status(text: &str) -> Option<u16> {
    text.parse::<u16>()
        .ok()
        .filter(|status| text.len() == 3 && (100..600).contains(status))
}

/// Whether a description only repeats its status, as generated ones do.
fn says_nothing(description: &[String], status: u16) -> bool {
    let [line] = description else { return false };
    let line = line.to_ascii_lowercase();
    let status = status.to_string();
    let reason = line.trim_end_matches(['.', '!']);
    let words = [
        "ok",
        "success",
        "successful operation",
        "successful response",
        "default response",
        "response",
    ];
    line.is_empty()
        || words.contains(&reason)
        || reason == status
        || reason == format!("{status} response")
}
