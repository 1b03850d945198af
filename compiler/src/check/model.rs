//! Models of bodies: JSON Schema (draft 4) as it is, or fields with types, which are
//! written as such.
//!
//! `String(min: 1, max: 9, pattern: r"…", format: "email")`, `Int(1..100)`, `Number(0..)`,
//! `Bool`, `Null`, `Any`, texts and their alternatives (`"a" | "b"`), other models by name,
//! lists (`[Line](min: 1, max: 9, unique: true)`), objects (`{ a: String }`). `T?` may be absent.

use std::collections::HashMap;

use tollgate_grammar::ast::{Arg, Field, Item, Quantity, Value, ValueKind};
use tollgate_grammar::{FileId, Span};
use tollgate_model::schema::Model;

use super::body::push_json;
use super::cx::{Cx, second};
use super::names::Decl;
use super::operands::{Operands, name_of};
use crate::diagnostic::codes::{
    BadModel, BadName, RepeatedWord, UnknownArgument, UnknownChoice, UnreadableData,
};
use crate::diagnostic::{Diagnostic, Finding, did_you_mean, one_of};
use crate::document::{Kind, Limits, Node, json};
use crate::words::{FileWord, Vocabulary};

/// The types that have names of their own.
const TYPES: [&str; 6] = ["String", "Int", "Number", "Bool", "Null", "Any"];

/// Reads one model.
pub(crate) fn model<'a>(cx: &Cx<'a>, decl: &Decl<'a>) -> (Option<Model>, Vec<Diagnostic>) {
    let mut cx = cx.of_tree(decl.tree);
    let model = cx.model(decl);
    (model, cx.found)
}

impl<'a> Cx<'a> {
    /// The name of a declared model.
    pub(crate) fn model_name(&mut self, value: &'a Value) -> Option<String> {
        let Some(name) = name_of(value) else {
            return self.wrong_type(value, "the name of a model");
        };
        self.known_model(name, self.span(value.id))?;
        Some(name.to_owned())
    }

    fn known_model(&mut self, name: &str, span: Span) -> Option<()> {
        if self.names.models.get(name).is_none() {
            let known: Vec<&str> = self.names.models.names().collect();
            self.unknown_name("model", name, span, known);
            return None;
        }
        Some(())
    }

    fn model(&mut self, decl: &Decl<'a>) -> Option<Model> {
        if !self.is_foreign() && !decl.name.chars().all(|c| c.is_ascii_alphanumeric()) {
            self.report(
                BadName {
                    kind: "model",
                    name: decl.name.to_owned(),
                    rule: "a model has letters and digits only",
                }
                .at(decl.span),
            );
        }
        let sentence = decl.sentence;
        let schema = match (&sentence.equals, &sentence.block) {
            (Some(equals), None) => {
                let form = FileWord::Model.word().form;
                let mut operands = Operands::over(equals, "model", form, decl.span);
                let value = operands.need(self, "a schema")?;
                operands.refuse_rest(self);
                self.schema(value)?
            }
            (None, Some(block)) => {
                let mut out = String::new();
                self.object_of_items(&block.items, &mut out)?;
                out
            }
            _ => {
                self.missing("model", "its fields, or `= schema(…)`", decl.span);
                return None;
            }
        };
        Some(Model {
            name: decl.name.to_owned(),
            doc: decl.item.docs.join("\n"),
            content_type: "application/json".to_owned(),
            schema,
            node: self.node(decl.item.id),
        })
    }

    /// `schema"…"`, `schema(file("…"))`.
    fn schema(&mut self, value: &'a Value) -> Option<String> {
        let whole = self.span(value.id);
        let (text, verbatim) = match &value.kind {
            ValueKind::Tagged(tag, text) if tag.text == "schema" => {
                let literal = self.literal_text(text)?;
                let verbatim = self.verbatim(text, &literal);
                (literal, verbatim)
            }
            ValueKind::Call(call) if call.place.name() == Some("schema") => {
                let (text, file) = self.file_argument(call, value)?;
                (text, Some(Span::new(file, 0, 0)))
            }
            _ => {
                return self.wrong_type(
                    value,
                    "a schema `schema\"\"\"…\"\"\"` or `schema(file(\"…\"))`",
                );
            }
        };
        let place = |span: Span| match verbatim {
            Some(base) => Span::new(base.file, base.start + span.start, base.start + span.end),
            None => whole,
        };
        let document = match json::read(FileId(0), &text, &Limits::default()) {
            Ok(document) => document,
            Err(error) => {
                self.report(
                    UnreadableData {
                        what: "JSON",
                        why: error.message,
                    }
                    .at(place(error.span)),
                );
                return None;
            }
        };
        self.schema_node(document.root(), &place);
        Some(text)
    }

    /// What a schema cannot say, whatever document it came from.
    fn schema_node(&mut self, node: Node<'_>, place: &dyn Fn(Span) -> Span) {
        match node.kind() {
            Kind::Mapping => {
                for (key, value) in node.members() {
                    self.schema_keyword(key, value, place);
                    // What stands in `enum` and `default` are values, not schemas.
                    if !matches!(key.text(), "enum" | "default" | "example" | "examples") {
                        self.schema_node(value, place);
                    }
                }
            }
            Kind::Sequence => node
                .elements()
                .for_each(|element| self.schema_node(element, place)),
            _ => {}
        }
    }

    fn schema_keyword(&mut self, key: Node<'_>, value: Node<'_>, place: &dyn Fn(Span) -> Span) {
        let text = value.text();
        let why = match (key.text(), value.kind()) {
            ("$ref", Kind::String) => {
                if let Some(name) = text.strip_prefix("#/models/") {
                    let name = name.split('/').next().unwrap_or(name);
                    self.known_model(name, place(value.span()));
                }
                return;
            }
            ("exclusiveMinimum" | "exclusiveMaximum", Kind::Number) => {
                "in draft 4 it is true or false, beside `minimum` or `maximum`".to_owned()
            }
            ("type", Kind::String) => {
                let types = [
                    "string", "number", "integer", "boolean", "object", "array", "null",
                ];
                if types.contains(&text) {
                    return;
                }
                format!("`{text}` is none of its types: {}", one_of(types))
            }
            ("pattern", Kind::String) if super::pattern::ecma(text) => return,
            ("pattern", Kind::String) => {
                format!("`{text}` is no regular expression that the gateway can run")
            }
            ("required", Kind::Sequence) if value.is_empty() => {
                "in draft 4 the list is not empty".to_owned()
            }
            _ => return,
        };
        let span = place(value.span());
        self.report(
            BadModel {
                keyword: key.text().to_owned(),
                why,
            }
            .at(span),
        );
    }

    /// The fields of a model's block.
    fn object_of_items(&mut self, items: &'a [Item], out: &mut String) -> Option<()> {
        let mut flat = Vec::new();
        self.flatten(items, &mut flat);
        let mut fields = Vec::with_capacity(flat.len());
        for item in flat {
            let (place, value, _) = self.declaration(item)?;
            let name = match place.name() {
                Some(name) => name.to_owned(),
                None => second(place)
                    .map_or_else(String::new, |name| format!("{}.{name}", place.head())),
            };
            fields.push((name, value, self.span(place.id), item.docs.join(" ")));
        }
        self.object(fields, out)
    }

    fn object_of_fields(&mut self, fields: &'a [Field], out: &mut String) -> Option<()> {
        let mut members = Vec::with_capacity(fields.len());
        for field in fields {
            let name = self.key(&field.key)?;
            let span = self.span(field.id);
            match &field.value {
                Some(value) => members.push((name, value, span, String::new())),
                None => {
                    self.missing(&name, "its type", span);
                    return None;
                }
            }
        }
        self.object(members, out)
    }

    fn object(
        &mut self,
        fields: Vec<(String, &'a Value, Span, String)>,
        out: &mut String,
    ) -> Option<()> {
        let mut places: HashMap<&str, Span> = HashMap::new();
        out.push_str("{\"type\":\"object\",\"properties\":{");
        let mut required = Vec::new();
        let mut good = Some(());
        for (at, (name, value, span, doc)) in fields.iter().enumerate() {
            if let Some(first) = places.insert(name, *span) {
                self.report(
                    RepeatedWord { word: name.clone() }
                        .at(*span)
                        .also(first, "first here"),
                );
                good = None;
            }
            if at > 0 {
                out.push(',');
            }
            quoted(name, out);
            out.push(':');
            let start = out.len();
            if self.ty(value, out).is_none() {
                good = None;
                out.truncate(start);
                out.push_str("{}");
            }
            if !doc.is_empty() && out.ends_with('}') {
                out.pop();
                out.push_str(if out.ends_with('{') {
                    "\"description\":"
                } else {
                    ",\"description\":"
                });
                quoted(doc, out);
                out.push('}');
            }
            if !is_optional(value) {
                required.push(name.as_str());
            }
        }
        out.push('}');
        if !required.is_empty() {
            out.push_str(",\"required\":[");
            for (at, name) in required.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                quoted(name, out);
            }
            out.push(']');
        }
        out.push('}');
        good
    }

    /// A type as a schema.
    fn ty(&mut self, value: &'a Value, out: &mut String) -> Option<()> {
        match &value.kind {
            ValueKind::Place(place) => {
                let name = place.name().unwrap_or_default();
                self.named_type(name, &[], value, out)
            }
            ValueKind::Call(call) => {
                let name = call.place.name().unwrap_or_default();
                self.named_type(name, &call.args, value, out)
            }
            ValueKind::Text(text) => {
                let text = self.literal_text(text)?;
                out.push_str("{\"enum\":[");
                quoted(&text, out);
                out.push_str("]}");
                Some(())
            }
            ValueKind::Union(values) => self.union(values, out),
            ValueKind::List(elements) => self.list_type(elements, &[], value, out),
            ValueKind::ListCall(elements, args) => self.list_type(elements, args, value, out),
            ValueKind::Object(fields) => self.object_of_fields(fields, out),
            _ => self.wrong_type(value, "a type"),
        }
    }

    fn union(&mut self, values: &'a [Value], out: &mut String) -> Option<()> {
        let texts = values
            .iter()
            .all(|value| matches!(value.kind, ValueKind::Text(_)));
        out.push_str(if texts { "{\"enum\":[" } else { "{\"anyOf\":[" });
        for (at, value) in values.iter().enumerate() {
            if at > 0 {
                out.push(',');
            }
            match texts {
                true => {
                    if let ValueKind::Text(text) = &value.kind {
                        let text = self.literal_text(text)?;
                        quoted(&text, out);
                    }
                }
                false => self.ty(value, out)?,
            }
        }
        out.push_str("]}");
        Some(())
    }

    fn list_type(
        &mut self,
        elements: &'a [Value],
        args: &'a [Arg],
        value: &'a Value,
        out: &mut String,
    ) -> Option<()> {
        let [element] = elements else {
            return self.wrong_type(value, "a list of one type: `[Line]`");
        };
        out.push_str("{\"type\":\"array\",\"items\":");
        self.ty(element, out)?;
        for arg in args {
            match self.arg_name(arg, &["min", "max", "unique"])? {
                "min" => self.number_arg("minItems", arg, out)?,
                "max" => self.number_arg("maxItems", arg, out)?,
                _ => {
                    let unique = self.truth(&arg.value)?;
                    out.push_str(&format!(",\"uniqueItems\":{unique}"));
                }
            }
        }
        out.push('}');
        Some(())
    }

    fn named_type(
        &mut self,
        name: &str,
        args: &'a [Arg],
        value: &'a Value,
        out: &mut String,
    ) -> Option<()> {
        let known: &[&str] = match name {
            "String" => &["min", "max", "pattern", "format"],
            "Int" | "Number" => &["min", "max", "above", "below", "multiple"],
            _ => &[],
        };
        let ty = match name {
            "String" => "string",
            "Int" => "integer",
            "Number" => "number",
            "Bool" => "boolean",
            "Null" => "null",
            "Any" => "",
            _ if args.is_empty() && self.names.models.get(name).is_some() => {
                out.push_str("{\"$ref\":");
                quoted(&format!("#/models/{name}"), out);
                out.push('}');
                return Some(());
            }
            _ => {
                let span = self.span(value.id);
                let models: Vec<&str> = self.names.models.names().collect();
                let help = did_you_mean(name, TYPES.into_iter().chain(models));
                self.report(
                    UnknownChoice {
                        written: name.to_owned(),
                        expected: format!(
                            "{} or the name of a model",
                            TYPES.map(|ty| format!("`{ty}`")).join(", ")
                        ),
                    }
                    .at(span)
                    .maybe_help(help),
                );
                return None;
            }
        };
        out.push('{');
        if !ty.is_empty() {
            out.push_str(&format!("\"type\":\"{ty}\""));
        }
        for arg in args {
            if let (None, ValueKind::Range(low, high)) = (&arg.name, &arg.value.kind)
                && matches!(name, "Int" | "Number" | "String")
            {
                let (min, max) = match name {
                    "String" => ("minLength", "maxLength"),
                    _ => ("minimum", "maximum"),
                };
                self.bound(min, low.as_deref(), &arg.value, out)?;
                self.bound(max, high.as_deref(), &arg.value, out)?;
                continue;
            }
            let text = name == "String";
            match self.arg_name(arg, known)? {
                "min" => self.number_arg(if text { "minLength" } else { "minimum" }, arg, out)?,
                "max" => self.number_arg(if text { "maxLength" } else { "maximum" }, arg, out)?,
                "above" => {
                    self.number_arg("minimum", arg, out)?;
                    out.push_str(",\"exclusiveMinimum\":true");
                }
                "below" => {
                    self.number_arg("maximum", arg, out)?;
                    out.push_str(",\"exclusiveMaximum\":true");
                }
                "multiple" => self.number_arg("multipleOf", arg, out)?,
                "pattern" => {
                    let ValueKind::Tagged(tag, text) = &arg.value.kind else {
                        return self.wrong_type(&arg.value, "a pattern `r\"…\"`");
                    };
                    if tag.text != "r" {
                        return self.wrong_type(&arg.value, "a pattern `r\"…\"`");
                    }
                    let pattern = self.pattern_text(text)?;
                    out.push_str(",\"pattern\":");
                    quoted(&pattern, out);
                }
                _ => {
                    let format = self.literal(&arg.value)?;
                    out.push_str(",\"format\":");
                    quoted(&format, out);
                }
            }
        }
        out.push('}');
        Some(())
    }

    fn arg_name(&mut self, arg: &'a Arg, known: &[&'static str]) -> Option<&'static str> {
        let written = arg.name.as_ref().map_or("", |name| name.text.as_str());
        if let Some(name) = known.iter().find(|name| **name == written) {
            return Some(name);
        }
        let span = self.span(arg.name.as_ref().map_or(arg.value.id, |name| name.id));
        let help = did_you_mean(written, known.iter().copied());
        self.report(
            UnknownArgument {
                written: written.to_owned(),
                known: match known {
                    [] => "it takes none".to_owned(),
                    known => format!("it takes {}", one_of(known.iter().copied())),
                },
            }
            .at(span)
            .maybe_help(help),
        );
        None
    }

    fn number_arg(&mut self, keyword: &str, arg: &'a Arg, out: &mut String) -> Option<()> {
        match &arg.value.kind {
            ValueKind::Quantity(quantity) => self.bound(keyword, Some(quantity), &arg.value, out),
            _ => self.wrong_type(&arg.value, "a number"),
        }
    }

    fn bound(
        &mut self,
        keyword: &str,
        bound: Option<&Quantity>,
        value: &Value,
        out: &mut String,
    ) -> Option<()> {
        let Some(bound) = bound else { return Some(()) };
        let whole = keyword.ends_with("Length") || keyword.ends_with("Items");
        let fits = bound.unit.is_empty()
            && bound.per.is_none()
            && (!whole || bound.number.bytes().all(|byte| byte.is_ascii_digit()));
        if !fits {
            return self.wrong_type(value, if whole { "a whole number" } else { "a number" });
        }
        out.push_str(&format!(",\"{keyword}\":{}", bound.number));
        Some(())
    }
}

/// `T?`, or alternatives of which the last has a `?`.
fn is_optional(value: &Value) -> bool {
    value.optional
        || match &value.kind {
            ValueKind::Union(values) => values.last().is_some_and(|value| value.optional),
            _ => false,
        }
}

/// A JSON string.
pub(crate) fn quoted(text: &str, out: &mut String) {
    out.push('"');
    push_json(text, None, out);
    out.push('"');
}
