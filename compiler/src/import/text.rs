//! Text of a document as text of gate: `${…}` and intrinsic functions become holes.

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Name, Piece, Place, Step, Text, TextForm, Value, ValueKind};

use super::findings::{Finding, FindingKind};
use super::openapi::Import;
use crate::document::holes::{self, Intrinsic, intrinsic};
use crate::document::write::{self, Part};
use crate::document::{Cursor, Kind, Node};

/// What a hole is filled with: the steps of a place, `["stage", "alias"]`.
pub(super) type Hole = Vec<String>;

/// Gives a text for a value within JSON, or leaves it.
pub(super) type ReplaceText<'r, 'c, I> =
    dyn FnMut(&mut I, &[&'c str], Node<'c>) -> Option<String> + 'r;

/// Which `${…}` of a text are the reference's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holes {
    /// `${AWS::Region}` and its like, which the reference fills in anywhere at import.
    Import,
    /// `${stageVariables.x}` as well: URIs, ARNs, links.
    Stage,
}

impl Import<'_> {
    /// The text of a scalar or of an intrinsic function. None of anything else.
    pub(super) fn parts(&mut self, cursor: Cursor<'_>, holes: Holes) -> Option<Vec<Part<Hole>>> {
        if let Some(function) = intrinsic(cursor.node()) {
            let node = cursor.take();
            let mut parts = Vec::new();
            self.function(function, node, &mut parts);
            return Some(refine(parts, holes));
        }
        Some(plain(cursor.scalar()?, holes))
    }

    /// What an intrinsic function stands for.
    fn function(&mut self, function: Intrinsic<'_>, node: Node<'_>, parts: &mut Vec<Part<Hole>>) {
        match function {
            Intrinsic::Ref(name) => parts.push(named(name)),
            Intrinsic::GetAtt(argument) => parts.push(Part::Hole(parameter(&dotted(argument)))),
            Intrinsic::Sub(text, locals) => {
                for piece in holes::pieces(text) {
                    match piece {
                        holes::Piece::Literal(text) => parts.push(Part::Literal(text.into())),
                        holes::Piece::Hole { name, .. } => {
                            if let Some(rest) = name.strip_prefix('!') {
                                parts.push(Part::Literal(format!("${{{rest}}}")));
                            } else if let Some(local) =
                                locals.and_then(|locals| locals.get(name.trim()))
                            {
                                self.nested(local, parts);
                            } else {
                                parts.push(named(name.trim()));
                            }
                        }
                    }
                }
            }
            Intrinsic::Join(separator, list) => {
                for (count, element) in list.elements().enumerate() {
                    if count > 0 && !separator.is_empty() {
                        parts.push(Part::Literal(separator.into()));
                    }
                    self.nested(element, parts);
                }
            }
            Intrinsic::Other(name, argument) => {
                let message = format!("`Fn::{name}` is not evaluated; a parameter takes its place");
                let property = node.path();
                self.findings.push(Finding::new(
                    FindingKind::NotCarried,
                    node.span(),
                    property,
                    message,
                ));
                parts.push(Part::Hole(parameter(&format!(
                    "{name}.{}",
                    dotted(argument)
                ))));
            }
        }
    }

    fn nested(&mut self, node: Node<'_>, parts: &mut Vec<Part<Hole>>) {
        match intrinsic(node) {
            Some(function) => self.function(function, node, parts),
            None if node.text().is_empty() => {}
            None => parts.push(Part::Literal(node.text().into())),
        }
    }

    /// The parameters that the intrinsic functions of a document need, in document order.
    pub(super) fn parameters(&self) -> Vec<(String, Span)> {
        let mut found: Vec<(String, Span)> = Vec::new();
        let text = self.document.text();
        if !text.contains("Fn::") && !text.contains("Ref") && !text.contains('!') {
            return found;
        }
        let mut seen = std::collections::HashSet::new();
        for node in self.document.nodes() {
            let names = match intrinsic(node) {
                Some(Intrinsic::Ref(name)) => vec![name.to_owned()],
                Some(Intrinsic::GetAtt(argument)) => vec![dotted(argument)],
                Some(Intrinsic::Sub(text, locals)) => holes::pieces(text)
                    .into_iter()
                    .filter_map(|piece| match piece {
                        holes::Piece::Hole { name, .. } if !name.starts_with('!') => {
                            Some(name.trim())
                        }
                        _ => None,
                    })
                    .filter(|name| locals.is_none_or(|locals| locals.get(name).is_none()))
                    .map(str::to_owned)
                    .collect(),
                Some(Intrinsic::Other(name, argument)) if name != "Transform" => {
                    vec![format!("{name}.{}", dotted(argument))]
                }
                _ => Vec::new(),
            };
            for name in names {
                if pseudo(&name).is_none() && seen.insert(name.clone()) {
                    found.push((name, node.span()));
                }
            }
        }
        found
    }

    /// A string of the tree. Fenced if that changes no byte and it has several lines.
    pub(super) fn text_of(&mut self, span: Span, parts: Vec<Part<Hole>>) -> Text {
        let id = self.node(span);
        let mut pieces: Vec<Piece> = Vec::new();
        for part in parts {
            match (part, pieces.last_mut()) {
                (Part::Literal(text), Some(Piece::Literal(last))) => last.push_str(&text),
                (Part::Literal(text), _) if text.is_empty() => {}
                (Part::Literal(text), _) => pieces.push(Piece::Literal(text)),
                (Part::Hole(steps), _) => {
                    let place = self.hole_place(span, steps);
                    pieces.push(Piece::Hole(place));
                }
            }
        }
        let form = form(&pieces);
        Text { id, pieces, form }
    }

    fn hole_place(&mut self, span: Span, steps: Hole) -> Place {
        let id = self.node(span);
        let steps = steps
            .into_iter()
            .map(|text| {
                Step::Name(Name {
                    id: self.node(span),
                    text,
                })
            })
            .collect();
        Place { id, steps }
    }

    /// A text value of a scalar or intrinsic function. None of anything else.
    pub(super) fn text_value(&mut self, cursor: Cursor<'_>, holes: Holes) -> Option<Value> {
        let parts = self.parts(cursor, holes)?;
        Some(self.text_from(cursor.node().span(), parts))
    }

    /// A text value.
    pub(super) fn text_from(&mut self, span: Span, parts: Vec<Part<Hole>>) -> Value {
        let id = self.node(span);
        let text = self.text_of(span, parts);
        Value {
            id,
            optional: false,
            kind: ValueKind::Text(text),
        }
    }

    /// A tagged text value: `vtl"…"`.
    pub(super) fn tagged(&mut self, span: Span, tag: &str, parts: Vec<Part<Hole>>) -> Value {
        let id = self.node(span);
        let tag = Name {
            id: self.node(span),
            text: tag.into(),
        };
        let text = self.text_of(span, parts);
        Value {
            id,
            optional: false,
            kind: ValueKind::Tagged(tag, text),
        }
    }

    /// A node as JSON text, in which `replace` may rewrite texts; holes as in any text.
    pub(super) fn json<'c>(
        &mut self,
        cursor: Cursor<'c>,
        replace: &mut ReplaceText<'_, 'c, Self>,
    ) -> Vec<Part<Hole>> {
        let node = cursor.take();
        write::json(node, &mut |keys, node| {
            if let Some(text) = replace(self, keys, node) {
                return Some(vec![Part::Literal(text)]);
            }
            if let Some(function) = intrinsic(node) {
                let mut parts = Vec::new();
                self.function(function, node, &mut parts);
                return Some(refine(parts, Holes::Import));
            }
            let filled = node.kind() == Kind::String && node.text().contains("${AWS::");
            filled.then(|| plain(node.text(), Holes::Import))
        })
    }
}

/// What `Ref` or `${…}` of `Fn::Sub` names.
fn named(name: &str) -> Part<Hole> {
    match pseudo(name) {
        Some(hole) => Part::Hole(hole),
        None => Part::Hole(parameter(name)),
    }
}

fn parameter(name: &str) -> Hole {
    vec!["param".into(), name.into()]
}

/// The holes that stand for AWS's own variables.
fn pseudo(name: &str) -> Option<Hole> {
    let name = match name.strip_prefix("AWS::")? {
        "AccountId" => "account",
        "Region" => "region",
        "Partition" => "partition",
        _ => return None,
    };
    Some(vec!["aws".into(), name.into()])
}

/// The scalars of a node, joined with dots: `Function.Arn`.
fn dotted(node: Node<'_>) -> String {
    let mut names = Vec::new();
    let mut waiting = vec![node];
    while let Some(node) = waiting.pop() {
        match node.kind() {
            Kind::Sequence => {
                let elements: Vec<_> = node.elements().collect();
                waiting.extend(elements.into_iter().rev());
            }
            Kind::Mapping => {
                let members: Vec<_> = node.members().map(|(_, value)| value).collect();
                waiting.extend(members.into_iter().rev());
            }
            _ => names.push(node.text()),
        }
    }
    names.join(".")
}

/// A text that stands in the document as it is.
pub(super) fn plain(text: &str, holes: Holes) -> Vec<Part<Hole>> {
    if !text.contains("${") {
        return vec![Part::Literal(text.into())];
    }
    let pieces = holes::pieces(text).into_iter().map(|piece| match piece {
        holes::Piece::Literal(text) => Part::Literal(text.into()),
        holes::Piece::Hole { name, written } => {
            let stage = name
                .strip_prefix("stageVariables.")
                .filter(|name| holes == Holes::Stage && is_variable(name));
            match stage
                .map(|name| vec!["stage".into(), name.into()])
                .or_else(|| pseudo(name))
            {
                Some(hole) => Part::Hole(hole),
                None => Part::Literal(written.into()),
            }
        }
    });
    pieces.collect()
}

/// Looks for holes in the literal parts of what an intrinsic function gave.
fn refine(parts: Vec<Part<Hole>>, holes: Holes) -> Vec<Part<Hole>> {
    let mut joined: Vec<Part<Hole>> = Vec::new();
    for part in parts {
        match (part, joined.last_mut()) {
            (Part::Literal(text), Some(Part::Literal(last))) => last.push_str(&text),
            (part, _) => joined.push(part),
        }
    }
    let refined = joined.into_iter().flat_map(|part| match part {
        Part::Literal(text) => plain(&text, holes),
        hole => vec![hole],
    });
    refined.collect()
}

/// Whether a name can be a stage variable's: letters, digits, `_`.
pub(super) fn is_variable(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A fence drops the first and last newline and the indent that all lines share, so text
/// survives it if it has several lines of which one begins at the margin, and holds nothing
/// that only an escape can say.
fn form(pieces: &[Piece]) -> TextForm {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Hole(_) => text.push('x'),
        }
    }
    let printable = text
        .chars()
        .all(|character| character == '\n' || character == '\t' || !character.is_control());
    let margin = text
        .lines()
        .any(|line| line.starts_with(|first: char| !first.is_whitespace()));
    let blank_lines_empty = text
        .lines()
        .all(|line| line.is_empty() || !line.trim().is_empty());
    if text.contains('\n') && printable && margin && blank_lines_empty && !text.contains("\"\"\"") {
        TextForm::Fence(3)
    } else {
        TextForm::Quoted
    }
}
