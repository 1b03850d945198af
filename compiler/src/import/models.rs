//! Schemas as models.

use std::collections::{HashMap, HashSet};

use tollgate_grammar::Span;
use tollgate_grammar::ast::Item;

use super::findings::{Finding, FindingKind, Severity};
use super::openapi::{Import, Version, shortened, unescape};
use crate::document::{Cursor, Kind};

/// The models of a document, and those that inline schemas become.
#[derive(Debug, Default)]
pub(super) struct Models<'d> {
    named: Vec<(&'d str, Cursor<'d>)>,
    names: HashSet<String>,
    inline: Vec<(String, Cursor<'d>)>,
    /// How many models were given this name.
    counts: HashMap<String, usize>,
    /// So that a schema which several places share becomes one model.
    by_place: HashMap<Span, String>,
}

impl<'d> Import<'d> {
    pub(super) fn read_models(&mut self) {
        let schemas = match self.version {
            Version::Swagger2 => self.root.get("definitions"),
            Version::OpenApi3 => self
                .root
                .get("components")
                .and_then(|components| components.get("schemas")),
        };
        let Some(schemas) = schemas.filter(|schemas| schemas.kind() == Kind::Mapping) else {
            return;
        };
        for (name, schema) in schemas.members() {
            self.models.names.insert(name.text().to_owned());
            self.models.named.push((name.text(), schema));
        }
    }

    /// The items for all models, those of inline schemas last.
    pub(super) fn model_items(&mut self) -> Vec<Item> {
        let named: Vec<(String, Cursor<'d>)> = std::mem::take(&mut self.models.named)
            .into_iter()
            .map(|(name, schema)| (name.to_owned(), schema))
            .collect();
        let inline = std::mem::take(&mut self.models.inline);
        named
            .into_iter()
            .chain(inline)
            .map(|(name, schema)| self.model(&name, schema))
            .collect()
    }

    fn model(&mut self, name: &str, schema: Cursor<'d>) -> Item {
        let span = schema.node().span();
        let description = schema
            .node()
            .get("description")
            .filter(|text| text.kind() == Kind::String)
            .map(|text| text.text());
        let mut item = self.say(span, "model", |this, sentence| {
            sentence.operands.push(this.word(span, name));
            let version = this.version;
            let parts = this.json(schema, &mut |this, keys, node| match (
                schema_key(keys),
                node.kind(),
            ) {
                ("$ref", Kind::String) => {
                    let renamed = this.schema_reference(node.text(), version);
                    match &renamed {
                        Some(Renamed::Unknown(name)) => {
                            let message = format!("there is no model `{}`", shortened(name));
                            if !this.findings.again(FindingKind::UnknownModel, &message) {
                                let finding = Finding::new(
                                    FindingKind::UnknownModel,
                                    node.span(),
                                    node.path(),
                                    message,
                                );
                                // Of a model that a method names the reference refuses; of one within a schema it warns.
                                this.findings.push(finding.severity(Severity::Warning));
                            }
                        }
                        Some(Renamed::External) => {
                            let message =
                                format!("`{}` is in another document", shortened(node.text()));
                            if !this
                                .findings
                                .again(FindingKind::ExternalReference, &message)
                            {
                                this.findings.push(Finding::new(
                                    FindingKind::ExternalReference,
                                    node.span(),
                                    node.path(),
                                    message,
                                ));
                            }
                        }
                        _ => {}
                    }
                    match renamed {
                        Some(Renamed::Model(text)) => Some(text),
                        _ => None,
                    }
                }
                ("nullable", Kind::Bool) if node.text() == "true" => {
                    let message = "`nullable` has no effect in models: a null is refused";
                    if !this.findings.again(FindingKind::Unused, message) {
                        let finding =
                            Finding::new(FindingKind::Unused, node.span(), node.path(), message);
                        let finding = finding.help("say `type: [string, \"null\"]`");
                        this.findings.push(finding.severity(Severity::Warning));
                    }
                    None
                }
                _ => None,
            });
            let value = this.tagged(span, "schema", parts);
            sentence.equals = Some(vec![value]);
        });
        item.docs = super::build::docs(&[description]);
        item
    }

    /// The model that a body's schema names, or the one that its inline schema becomes.
    pub(super) fn schema_model(
        &mut self,
        schema: Cursor<'d>,
        suggest: impl FnOnce() -> String,
    ) -> Option<String> {
        if schema.kind() != Kind::Mapping {
            self.bad_value(schema, "a schema");
            return None;
        }
        let Some(reference) = schema.get("$ref") else {
            return Some(self.inline_model(schema, suggest));
        };
        let pointer = reference.scalar()?;
        match self.schema_reference(pointer, self.version) {
            Some(Renamed::Model(text)) => match text.strip_prefix("#/models/") {
                Some(name) if !name.contains('/') => Some(unescape(name)),
                // Below a model: a model of its own.
                _ => {
                    let target = self.resolve(schema)?;
                    Some(self.inline_model(target, suggest))
                }
            },
            Some(Renamed::Unknown(name)) => {
                let message = format!("there is no model `{}`", shortened(&name));
                let finding = Finding::new(
                    FindingKind::UnknownModel,
                    reference.node().span(),
                    reference.path(),
                    message,
                );
                self.findings
                    .push(finding.reference(format!("Invalid model identifier specified: {name}")));
                None
            }
            Some(Renamed::External) | None => {
                let target = self.resolve(schema)?;
                Some(self.inline_model(target, suggest))
            }
        }
    }

    fn inline_model(&mut self, schema: Cursor<'d>, suggest: impl FnOnce() -> String) -> String {
        let span = schema.node().span();
        if let Some(name) = self.models.by_place.get(&span) {
            return name.clone();
        }
        let suggested = suggest();
        let mut name = suggested.clone();
        while !self.models.names.insert(name.clone()) {
            let count = self.models.counts.entry(suggested.clone()).or_insert(1);
            *count += 1;
            name = format!("{suggested}{count}");
        }
        self.models.inline.push((name.clone(), schema));
        self.models.by_place.insert(span, name.clone());
        name
    }

    /// What a `$ref` of a schema becomes. None: it stays as it is.
    fn schema_reference(&self, reference: &str, version: Version) -> Option<Renamed> {
        let rest = match version {
            Version::Swagger2 => reference.strip_prefix("#/definitions/"),
            Version::OpenApi3 => reference.strip_prefix("#/components/schemas/"),
        };
        let rest = rest.or_else(|| {
            let url = reference.strip_prefix("https://apigateway.amazonaws.com/restapis/")?;
            url.split_once("/models/").map(|(_, name)| name)
        });
        match rest {
            Some(rest) => {
                let name = unescape(rest.split('/').next().unwrap_or_default());
                if self.models.names.contains(&name) {
                    Some(Renamed::Model(format!("#/models/{rest}")))
                } else {
                    Some(Renamed::Unknown(name))
                }
            }
            None if reference.starts_with('#') => None,
            // What Swagger 1.2 wrote, and readers of 2.0 still take.
            None if self.models.names.contains(reference) => {
                Some(Renamed::Model(format!("#/models/{reference}")))
            }
            None => Some(Renamed::External),
        }
    }
}

/// The key that a value of a schema stands under; empty where it is data (`example`), or the
/// name of a property.
fn schema_key<'k>(keys: &[&'k str]) -> &'k str {
    const NAMES: &[&str] = &[
        "properties",
        "patternProperties",
        "definitions",
        "dependencies",
    ];
    let mut is_name = false;
    for (count, key) in keys.iter().enumerate() {
        let last = count + 1 == keys.len();
        if is_name {
            is_name = false;
        } else if matches!(*key, "example" | "examples" | "enum" | "default") {
            return "";
        } else if last {
            return key;
        } else {
            is_name = NAMES.contains(key);
        }
    }
    ""
}

enum Renamed {
    /// The new text.
    Model(String),
    /// No such model.
    Unknown(String),
    /// Another document's.
    External,
}

/// `GetPetsPetId200`: a model's name from a verb, a path and what it is for.
pub(super) fn model_name(verb: &str, path: &str, tail: &str) -> String {
    let mut name = String::new();
    let words = [verb]
        .into_iter()
        .chain(path.split(|other: char| !other.is_ascii_alphanumeric()))
        .chain([tail]);
    for word in words.filter(|word| !word.is_empty()) {
        name.extend(word.chars().next().map(|first| first.to_ascii_uppercase()));
        name.push_str(word.get(1..).unwrap_or_default());
    }
    name
}
