//! What expressions print, as far as their text tells.

use tollgate_grammar::vtl::{Access, Block, Expr, ExprKind, Node, Operator, Reference};
use tollgate_runtime::Variable;

use super::Walk;

/// What an expression prints.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Exactly this.
    Known(String),
    Number,
    /// A JSON value, whole.
    Json,
    /// Text without quotes, backslashes and line breaks.
    Plain,
    /// Text through `$util.escapeJavaScript`: its `\'` is no escape of JSON.
    Escaped,
    Any,
}

impl Walk {
    /// Notes what each variable holds. One that may not be assigned at all can hold anything.
    pub(super) fn collect(&mut self, block: &Block, certain: bool) {
        for node in &block.nodes {
            match node {
                Node::Set { target, value, .. }
                    if target.path.is_empty() && !target.formal && !target.quiet =>
                {
                    let kind = self.kind(value);
                    self.hold(&target.name.text, kind, certain);
                }
                Node::If {
                    arms, otherwise, ..
                } => {
                    arms.iter().for_each(|(_, body)| self.collect(body, false));
                    otherwise.iter().for_each(|body| self.collect(body, false));
                }
                Node::Foreach { item, body, .. } => {
                    self.hold(&item.text, Kind::Any, false);
                    self.collect(body, false);
                }
                Node::Define { name, body, .. } => {
                    self.hold(&name.text, Kind::Any, false);
                    self.collect(body, false);
                }
                _ => {}
            }
        }
    }

    fn hold(&mut self, name: &str, kind: Kind, certain: bool) {
        match self.kinds.get_mut(name) {
            Some(known) if *known != kind => *known = Kind::Any,
            Some(_) => {}
            None => {
                let kind = if certain { kind } else { Kind::Any };
                self.kinds.insert(name.to_owned(), kind);
            }
        }
    }

    fn kind(&self, expr: &Expr) -> Kind {
        match &expr.kind {
            ExprKind::Text(text) => Kind::Known(text.clone()),
            ExprKind::Bool(value) => Kind::Known(value.to_string()),
            ExprKind::Integer(text) | ExprKind::Decimal(text) => match text.parse::<f64>() {
                Ok(_) => Kind::Number,
                Err(_) => Kind::Any,
            },
            ExprKind::Interpolated(block) => match block.nodes.as_slice() {
                [] => Kind::Known(String::new()),
                [Node::Text { text, .. }] => Kind::Known(text.clone()),
                [
                    Node::Print {
                        reference,
                        escaped: false,
                        before,
                        ..
                    },
                ] if before.is_empty() => self.printed(reference),
                _ => Kind::Any,
            },
            ExprKind::Reference(reference) => self.printed(reference),
            // A number, or nothing where the operation fails.
            ExprKind::Binary(
                Operator::Subtract | Operator::Multiply | Operator::Divide | Operator::Remainder,
                ..,
            ) => Kind::Plain,
            _ => Kind::Any,
        }
    }

    pub(super) fn printed(&self, reference: &Reference) -> Kind {
        if let Some(kind) = self.kinds.get(&reference.name.text) {
            return match reference.path.last() {
                None => kind.clone(),
                Some(access) => of_value(access),
            };
        }
        let root = reference.name.text.as_str();
        match root {
            "velocityCount" => return Kind::Number,
            "input" | "util" | "context" | "stageVariables" | "foreach" => {}
            // Nobody sets it: nothing is printed, or what another tool puts in its place.
            _ => return Kind::Plain,
        }
        let first = match reference.path.first() {
            Some(Access::Property(name) | Access::Method { name, .. }) => name.text.as_str(),
            _ => return Kind::Any,
        };
        let alone = reference.path.len() == 1;
        if is_json_escape(reference) {
            return Kind::Plain;
        }
        match (root, first) {
            ("input", "json") if alone => Kind::Json,
            ("util", "escapeJavaScript") if alone => Kind::Escaped,
            ("util", "base64Encode" | "urlEncode") if alone => Kind::Plain,
            ("stageVariables", _) if alone => Kind::Plain,
            ("foreach", "index" | "count") => Kind::Number,
            ("context", "requestTimeEpoch") => Kind::Number,
            ("context", _) => of_context(&reference.path),
            _ => match reference.path.last() {
                Some(access) => of_value(access),
                None => Kind::Any,
            },
        }
    }
}

/// What a member of `$context` prints. Some hold what a client, an authorizer or a backend chose.
fn of_context(path: &[Access]) -> Kind {
    let mut name = String::new();
    for access in path {
        let Access::Property(step) = access else {
            return Kind::Any;
        };
        if !name.is_empty() {
            name.push('.');
        }
        name.push_str(&step.text);
    }
    let chosen = [
        "path",
        "identity.userAgent",
        "identity.apiKey",
        "integrationErrorMessage",
    ]
    .contains(&name.as_str())
        || ["identity.clientCert.", "error.", "integration."]
            .iter()
            .any(|map| name.starts_with(map));
    match Variable::ALL.iter().any(|known| known.name() == name) && !chosen {
        true => Kind::Plain,
        false => Kind::Any,
    }
}

/// What a member or method of a value prints.
fn of_value(access: &Access) -> Kind {
    match access {
        Access::Method { name, .. } => match name.text.as_str() {
            // A number or truth value, or nothing where the value has no such method.
            "size" | "length" | "count" | "indexOf" | "hashCode" | "isEmpty" | "contains"
            | "containsKey" | "equals" | "matches" | "startsWith" | "endsWith" => Kind::Plain,
            _ => Kind::Any,
        },
        _ => Kind::Any,
    }
}

/// `$util.escapeJavaScript(…).replaceAll("\\'", "'")`: the one escape of JavaScript that is none of JSON is taken back.
fn is_json_escape(reference: &Reference) -> bool {
    let [
        Access::Method { name: escape, .. },
        Access::Method {
            name: replace,
            arguments,
            ..
        },
    ] = reference.path.as_slice()
    else {
        return false;
    };
    let text = |at: usize| match arguments.get(at).map(|argument| &argument.kind) {
        Some(ExprKind::Text(text)) => text.as_str(),
        _ => "",
    };
    reference.name.text == "util"
        && (escape.text.as_str(), replace.text.as_str()) == ("escapeJavaScript", "replaceAll")
        && (text(0), text(1)) == (r"\\'", "'")
}
