//! Paths and operations as methods.

use indexmap::IndexMap;
use tollgate_grammar::Span;
use tollgate_grammar::ast::Item;

use super::Kind as ApiKind;
use super::build::{at, docs};
use super::findings::{Finding, FindingKind, Severity};
use super::models::model_name;
use super::openapi::{Import, Version, shortened};
use crate::document::{Cursor, Kind, Node};

/// The method that an operation is, for the parts that need to say where they are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Here<'a> {
    /// `GET`, `ANY`.
    pub(super) verb: &'a str,
    /// With the base path.
    pub(super) path: &'a str,
}

/// A key of a path item and the verb that it is.
const VERBS: &[(&str, &str)] = &[
    ("get", "GET"),
    ("put", "PUT"),
    ("post", "POST"),
    ("delete", "DELETE"),
    ("options", "OPTIONS"),
    ("head", "HEAD"),
    ("patch", "PATCH"),
    ("x-amazon-apigateway-any-method", "ANY"),
];

impl<'d> Import<'d> {
    pub(super) fn methods(&mut self, items: &mut Vec<Item>) {
        let prefix = self.path_prefix();
        let Some(paths) = self.root.get("paths") else {
            return;
        };
        if paths.kind() != Kind::Mapping {
            return self.bad_value(paths, "a mapping from paths to operations");
        }
        for (key, item) in paths.members() {
            if key.text().starts_with("x-") {
                continue;
            }
            if item.kind() == Kind::Null {
                item.take();
                self.without_methods(key, item);
                continue;
            }
            let Some(item) = self.resolve(item) else {
                continue;
            };
            if item.kind() != Kind::Mapping {
                self.bad_value(item, "a mapping from verbs to operations");
                continue;
            }
            let path = self.full_path(&prefix, key);
            self.path_item(key, &path, item, items);
        }
    }

    fn full_path(&mut self, prefix: &str, key: Node<'d>) -> String {
        let path = key.text();
        if path == "/" && !prefix.is_empty() {
            return prefix.to_owned();
        }
        if path.starts_with('/') || self.kind == ApiKind::Http && path == "$default" {
            return format!("{prefix}{path}");
        }
        let message = format!(
            "path `{}` has no leading slash; it gets one",
            shortened(path)
        );
        self.findings.push(Finding::new(
            FindingKind::Changed,
            key.span(),
            key.path(),
            message,
        ));
        format!("{prefix}/{path}")
    }

    fn without_methods(&mut self, key: Node<'d>, item: Cursor<'d>) {
        let message = "a path without operations serves nothing, and is not carried over";
        if !self.findings.again(FindingKind::NotCarried, message) {
            let finding = Finding::new(FindingKind::NotCarried, key.span(), item.path(), message);
            self.findings.push(finding.severity(Severity::Note));
        }
    }

    fn path_item(&mut self, key: Node<'d>, path: &str, item: Cursor<'d>, items: &mut Vec<Item>) {
        let shared = item.get("parameters");
        let mut any = false;
        for (name, operation) in item.members() {
            let Some((_, verb)) = VERBS.iter().find(|(key, _)| *key == name.text()) else {
                if matches!(name.text(), "trace" | "connect") {
                    operation.take();
                    let message = format!(
                        "the reference has no methods for `{}`",
                        name.text().to_ascii_uppercase()
                    );
                    self.findings.push(Finding::new(
                        FindingKind::NotCarried,
                        name.span(),
                        name.path(),
                        message,
                    ));
                }
                continue;
            };
            any = true;
            if operation.kind() == Kind::Null {
                operation.take();
            } else if operation.kind() != Kind::Mapping {
                self.bad_value(operation, "an operation");
                continue;
            }
            items.push(self.method(
                Here { verb, path },
                name.span(),
                key.span(),
                shared,
                operation,
            ));
        }
        if !any {
            self.without_methods(key, item);
        }
    }

    fn method(
        &mut self,
        here: Here<'_>,
        span: Span,
        path_span: Span,
        shared: Option<Cursor<'d>>,
        operation: Cursor<'d>,
    ) -> Item {
        let default_route =
            self.kind == ApiKind::Http && matches!(here.path, "/$default" | "$default");
        let word = if default_route { "route" } else { here.verb };
        let mut item = self.say(span, word, |this, sentence| {
            let path = match default_route {
                true => this.word(path_span, "$default"),
                false => this.path_value(path_span, here.path),
            };
            sentence.operands.push(path);
            sentence.block = this.block_if_any(span, |this, items| {
                if operation.kind() == Kind::Mapping {
                    this.operation(here, shared, operation, items);
                }
            });
        });
        if operation.kind() == Kind::Mapping {
            let summary = operation.get("summary").and_then(Cursor::scalar);
            let description = operation.get("description").and_then(Cursor::scalar);
            item.docs = docs(&[summary, description.filter(|text| Some(*text) != summary)]);
        }
        item
    }

    fn operation(
        &mut self,
        here: Here<'_>,
        shared: Option<Cursor<'d>>,
        operation: Cursor<'d>,
        items: &mut Vec<Item>,
    ) {
        if let Some((span, name)) = self.scalar(operation, "operationId") {
            items.push(self.set(span, "operation", |this| this.literal(span, name)));
        }
        if let Some(tags) = operation.get("tags") {
            let span = tags.node().span();
            if !tags.node().is_empty() {
                items.push(self.set(span, "tags", |this| {
                    this.text_list(tags, super::text::Holes::Import)
                }));
            } else {
                tags.take();
            }
        }
        self.method_security(operation, items);
        if let Some(value) = operation.get("x-amazon-apigateway-request-validator") {
            let span = value.node().span();
            if let Some(validator) = self.validator(value)
                && self.default_validator.unwrap_or("none") != validator
            {
                items.push(self.set(span, "validate", |this| this.word(span, validator)));
            }
        }
        self.parameters_and_body(here, shared, operation, items);
        // True where the operation says so, and nothing without the path that HTTP APIs have for it.
        operation.get("isDefaultRoute").map(Cursor::take);
        let integration = operation.get("x-amazon-apigateway-integration");
        let integration = integration.and_then(|integration| self.integration(here, integration));
        let mut answers = super::responses::Answers::none();
        if let Some(integration) = integration {
            items.extend(integration.cache);
            items.push(integration.item);
            items.extend(integration.http_responses);
            answers = integration.answers;
        }
        self.responses(here, operation, answers, items);
    }

    fn parameters_and_body(
        &mut self,
        here: Here<'_>,
        shared: Option<Cursor<'d>>,
        operation: Cursor<'d>,
        items: &mut Vec<Item>,
    ) {
        // An operation's parameter stands in for the path's of the same name and place.
        let mut parameters: IndexMap<(&'d str, &'d str), Cursor<'d>> = IndexMap::new();
        for list in [shared, operation.get("parameters")].into_iter().flatten() {
            if list.kind() != Kind::Sequence {
                self.bad_value(list, "a list of parameters");
                continue;
            }
            for element in list.elements() {
                let Some(parameter) = self.resolve(element) else {
                    continue;
                };
                if parameter.kind() != Kind::Mapping {
                    self.bad_value(parameter, "a parameter");
                    continue;
                }
                let name = self.scalar(parameter, "name");
                let place = self.scalar(parameter, "in");
                let (Some((_, name)), Some((_, place))) = (name, place) else {
                    self.bad_value(parameter, "a parameter with `name` and `in`");
                    continue;
                };
                parameters.insert((name, place), parameter);
            }
        }
        let mut bodies = Vec::new();
        for ((name, place), parameter) in parameters {
            match place {
                "body" => bodies.push(parameter),
                "query" | "header" | "path" => {
                    items.extend(self.parameter(here, name, place, parameter))
                }
                _ => {
                    parameter.take();
                    let message = format!(
                        "the reference does not know parameters in `{}`",
                        shortened(place)
                    );
                    self.finding(FindingKind::Unused, parameter, message);
                }
            }
        }
        for body in bodies {
            self.body_parameter(here, operation, body, items);
        }
        if let Some(body) = operation
            .get("requestBody")
            .and_then(|body| self.resolve(body))
        {
            self.request_body(here, body, items);
        }
    }

    fn parameter(
        &mut self,
        here: Here<'_>,
        name: &str,
        place: &str,
        parameter: Cursor<'d>,
    ) -> Option<Item> {
        let span = parameter.node().span();
        let description = self.description(parameter);
        let required = self.boolean(parameter, "required").unwrap_or(false);
        let in_path = place == "path"
            && [format!("{{{name}}}"), format!("{{{name}+}}")]
                .iter()
                .any(|part| here.path.contains(part));
        if in_path && description.is_empty() {
            return None;
        }
        // A path parameter is always required, whatever the document says.
        let optional = !required && place != "path";
        let mut item = self.declare(span, &at(&[place, name]), |this| {
            this.string_type(span, optional)
        });
        item.docs = description;
        Some(item)
    }

    /// Swagger 2.0: a parameter in the body, for each type that the operation consumes.
    fn body_parameter(
        &mut self,
        here: Here<'_>,
        operation: Cursor<'d>,
        body: Cursor<'d>,
        items: &mut Vec<Item>,
    ) {
        let Some(schema) = body.get("schema") else {
            return;
        };
        let types = self.media_types(operation, "consumes");
        let Some(model) = self.schema_model(schema, || {
            model_name(&here.verb.to_ascii_lowercase(), here.path, "Body")
        }) else {
            return;
        };
        for media_type in types {
            let place = Self::body_place(&media_type);
            let span = schema.node().span();
            items.push(self.declare(span, &place, |this| this.word(span, &model)));
        }
    }

    /// OpenAPI 3: a schema for each media type.
    fn request_body(&mut self, here: Here<'_>, body: Cursor<'d>, items: &mut Vec<Item>) {
        if self.kind == ApiKind::Http {
            body.take();
            return self.finding(
                FindingKind::Unused,
                body,
                "HTTP APIs have no models: `requestBody` is not used",
            );
        }
        let Some(content) = body.get("content") else {
            return;
        };
        for (key, media) in content.members() {
            if !self.media_type(key) {
                media.take();
                continue;
            }
            let Some(schema) = media.get("schema") else {
                continue;
            };
            let name = || model_name(&here.verb.to_ascii_lowercase(), here.path, "Body");
            if let Some(model) = self.schema_model(schema, name) {
                let span = schema.node().span();
                items.push(self.declare(span, &Self::body_place(key.text()), |this| {
                    this.word(span, &model)
                }));
            }
        }
    }

    /// Swagger 2.0: what an operation, or else the document, consumes or produces.
    pub(super) fn media_types(&mut self, operation: Cursor<'d>, key: &str) -> Vec<String> {
        let list = operation.get(key).or_else(|| self.root.get(key));
        let mut types = Vec::new();
        for element in list.into_iter().flat_map(Cursor::elements) {
            if self.media_type(element.node())
                && let Some(text) = element.scalar()
            {
                types.push(text.to_owned());
            } else {
                element.take();
            }
        }
        if types.is_empty() {
            types.push("application/json".into());
        }
        types
    }

    /// Whether the document is Swagger 2.0.
    pub(super) fn is_swagger(&self) -> bool {
        self.version == Version::Swagger2
    }
}
