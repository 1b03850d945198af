//! What a template reads of a body, against the body's model.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashMap};

use serde_json::Value as Json;
use tollgate_grammar::Span;
use tollgate_grammar::vtl::{Access, Expr, ExprKind, Node, Reference, Template, VtlSpan};
use tollgate_model::Program;

use crate::diagnostic::codes::{VtlLoopOverScalar, VtlNotInModel};
use crate::diagnostic::{Diagnostic, Finding, nearest};
use crate::template::visit::{Visitor, walk_block, walk_node, walk_path};

/// References that lead to references are followed this far.
const MAX_REFERENCES: usize = 32;

/// The schemas of a program, read when they are asked for.
pub(super) struct Models<'a> {
    all: BTreeMap<&'a str, (&'a str, OnceCell<Option<Json>>)>,
}

impl<'a> Models<'a> {
    pub(super) fn of(program: &'a Program) -> Models<'a> {
        let all = program
            .models
            .iter()
            .map(|model| {
                let schema = (model.schema.as_str(), OnceCell::new());
                (model.name.as_str(), schema)
            })
            .collect();
        Models { all }
    }

    fn schema(&self, name: &str) -> Option<&Json> {
        let (text, read) = self.all.get(name)?;
        read.get_or_init(|| serde_json::from_str(text).ok())
            .as_ref()
    }
}

/// A subschema, and the schema that its references are relative to.
#[derive(Clone, Copy)]
struct At<'m> {
    root: &'m Json,
    here: &'m Json,
}

/// What a schema says of a member.
enum Step<'m> {
    Is(At<'m>),
    /// No body that fits has it; the members that there are.
    Lacks(Vec<&'m str>),
    Unknown,
}

impl<'m> At<'m> {
    /// Behind references. What several schemas say together is not followed.
    fn resolved(mut self, models: &'m Models<'_>) -> Option<At<'m>> {
        for _ in 0..MAX_REFERENCES {
            let Some(reference) = self.here.get("$ref").and_then(Json::as_str) else {
                let several = ["allOf", "anyOf", "oneOf", "not"];
                let alone = several.iter().all(|word| self.here.get(word).is_none());
                return alone.then_some(self);
            };
            self = if let Some(name) = reference.strip_prefix("#/models/") {
                let root = models.schema(name)?;
                At { root, here: root }
            } else {
                let pointer = reference.strip_prefix('#')?;
                At {
                    here: self.root.pointer(pointer)?,
                    ..self
                }
            };
        }
        None
    }

    fn with(self, here: &'m Json) -> At<'m> {
        At { here, ..self }
    }

    fn is_only(self, models: &'m Models<'_>, ty: &[&str]) -> bool {
        self.resolved(models).is_some_and(|at| {
            let named = |name: &Json| name.as_str().is_some_and(|name| ty.contains(&name));
            match at.here.get("type") {
                Some(Json::Array(all)) => !all.is_empty() && all.iter().all(named),
                Some(one) => named(one),
                None => false,
            }
        })
    }

    fn member(self, models: &'m Models<'_>, name: &str) -> Step<'m> {
        let Some(at) = self.resolved(models) else {
            return Step::Unknown;
        };
        let members = at.here.get("properties").and_then(Json::as_object);
        if let Some(found) = members.and_then(|members| members.get(name)) {
            return Step::Is(at.with(found));
        }
        let closed = at.here.get("additionalProperties") == Some(&Json::Bool(false))
            && at.here.get("patternProperties").is_none()
            && at.is_only(models, &["object"]);
        match closed {
            true => Step::Lacks(
                members
                    .into_iter()
                    .flat_map(|members| members.keys().map(String::as_str))
                    .collect(),
            ),
            false => Step::Unknown,
        }
    }

    fn item(self, models: &'m Models<'_>) -> Option<At<'m>> {
        let at = self.resolved(models)?;
        let items = at.here.get("items").filter(|items| items.is_object())?;
        at.is_only(models, &["array"]).then(|| at.with(items))
    }
}

/// A finding that waits for its place.
pub(super) type Waiting = Box<dyn FnOnce(Span) -> Diagnostic>;

/// What a template reads that its body's model has not, and what it walks that is no list.
pub(super) fn findings(
    models: &Models<'_>,
    name: &str,
    template: &Template,
) -> Vec<(VtlSpan, Waiting)> {
    let Some(schema) = models.schema(name) else {
        return Vec::new();
    };
    let mut sets = Sets::default();
    walk_block(&mut sets, &template.block);
    let mut reader = Reader {
        models,
        model: name,
        body: At {
            root: schema,
            here: schema,
        },
        sets: sets.0,
        variables: HashMap::new(),
        found: Vec::new(),
    };
    walk_block(&mut reader, &template.block);
    reader.found
}

/// How often each variable is set.
#[derive(Default)]
struct Sets(HashMap<String, usize>);

impl Visitor for Sets {
    fn node(&mut self, node: &Node) {
        let name = match node {
            Node::Set { target, .. } => Some(&target.name),
            Node::Foreach { item, .. } => Some(item),
            Node::Define { name, .. } => Some(name),
            _ => None,
        };
        if let Some(name) = name {
            *self.0.entry(name.text.clone()).or_default() += 1;
        }
        walk_node(self, node);
    }
}

struct Reader<'m> {
    models: &'m Models<'m>,
    model: &'m str,
    body: At<'m>,
    sets: HashMap<String, usize>,
    /// Variables that are set once, to a part of the body.
    variables: HashMap<String, At<'m>>,
    found: Vec<(VtlSpan, Waiting)>,
}

impl Visitor for Reader<'_> {
    fn node(&mut self, node: &Node) {
        match node {
            Node::Set { target, value, .. } => {
                walk_path(self, &target.path);
                let at = self.value(value);
                if target.path.is_empty() {
                    self.bind(&target.name.text, at);
                }
            }
            Node::Foreach {
                item, items, body, ..
            } => {
                let at = self.value(items);
                if let Some(at) = at
                    && at.is_only(self.models, &["string", "number", "integer", "boolean"])
                {
                    let model = self.model.to_owned();
                    let finding = move |span| VtlLoopOverScalar { model }.at(span);
                    self.found.push((items.span, Box::new(finding)));
                }
                self.bind(&item.text, at.and_then(|at| at.item(self.models)));
                walk_block(self, body);
            }
            _ => walk_node(self, node),
        }
    }

    fn reference(&mut self, reference: &Reference) {
        self.part(reference);
    }
}

impl<'m> Reader<'m> {
    fn bind(&mut self, name: &str, at: Option<At<'m>>) {
        if let (Some(at), Some(1)) = (at, self.sets.get(name)) {
            self.variables.insert(name.to_owned(), at);
        }
    }

    /// The part of the body that an expression is.
    fn value(&mut self, expr: &Expr) -> Option<At<'m>> {
        match &expr.kind {
            ExprKind::Reference(reference) => self.part(reference),
            _ => {
                self.expr(expr);
                None
            }
        }
    }

    /// The part of the body that a reference leads to; reports a step that leads nowhere.
    fn part(&mut self, reference: &Reference) -> Option<At<'m>> {
        walk_path(self, &reference.path);
        let mut path = reference.path.as_slice();
        let mut at = match self.variables.get(&reference.name.text) {
            Some(at) => *at,
            None => {
                let [
                    Access::Method {
                        name, arguments, ..
                    },
                    rest @ ..,
                ] = path
                else {
                    return None;
                };
                let ([argument], true) = (
                    arguments.as_slice(),
                    reference.name.text == "input"
                        && !self.sets.contains_key("input")
                        && matches!(name.text.as_str(), "path" | "json"),
                ) else {
                    return None;
                };
                path = rest;
                let at = self.json_path(argument)?;
                if name.text == "json" {
                    return None;
                }
                at
            }
        };
        for access in path {
            at = match access {
                Access::Property(name) => self.member(at, &name.text, name.span)?,
                Access::Index { index, .. } => match &index.kind {
                    ExprKind::Integer(_) => at.item(self.models)?,
                    ExprKind::Text(name) => self.member(at, name, index.span)?,
                    _ => return None,
                },
                _ => return None,
            };
        }
        Some(at)
    }

    fn member(&mut self, at: At<'m>, name: &str, span: VtlSpan) -> Option<At<'m>> {
        match at.member(self.models, name) {
            Step::Is(at) => Some(at),
            Step::Lacks(known) => {
                let near = nearest(name, known.iter().copied());
                let help = near.map(|near| format!("did you mean `{near}`?"));
                let finding = VtlNotInModel {
                    model: self.model.to_owned(),
                    member: name.to_owned(),
                };
                let finding = move |span| finding.at(span).maybe_help(help);
                self.found.push((span, Box::new(finding)));
                None
            }
            Step::Unknown => None,
        }
    }

    /// The part of the body that a constant JSONPath leads to, as far as it names one member after the other.
    fn json_path(&mut self, argument: &Expr) -> Option<At<'m>> {
        let ExprKind::Text(text) = &argument.kind else {
            return None;
        };
        let mut rest = text.strip_prefix('$').unwrap_or(text);
        let mut at = self.body;
        while !rest.is_empty() {
            let (name, after) = if let Some(inner) = rest.strip_prefix('[') {
                let (inside, after) = inner.split_once(']')?;
                let quote = inside.chars().next().filter(|c| matches!(c, '\'' | '"'));
                let name = match quote {
                    Some(quote) => inside.get(1..)?.strip_suffix(quote)?,
                    None => {
                        inside.parse::<u32>().ok()?;
                        at = at.item(self.models)?;
                        rest = after;
                        continue;
                    }
                };
                (name, after)
            } else {
                let inner = rest.strip_prefix('.').unwrap_or(rest);
                inner.split_at(inner.find(['.', '[']).unwrap_or(inner.len()))
            };
            // Wildcards, deep scans and functions are not followed; a quoted name may hold anything.
            let plain =
                !name.is_empty() && !name.contains(['*', '(', '?', '@', ',', '\'', '"', '\\', ' ']);
            if !plain {
                return None;
            }
            at = self.member(at, name, argument.span)?;
            rest = after;
        }
        Some(at)
    }
}
