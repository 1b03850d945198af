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
            Intrinsic::Ref("AWS::NoValue") => {}
            Intrinsic::Ref(name) => parts.push(self.named(name, node.span())),
            Intrinsic::GetAtt(argument) => {
                parts.push(self.param_hole(&dotted(argument), node.span()))
            }
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
                                parts.push(self.named(name.trim(), node.span()));
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
                parts.push(self.param_hole(&format!("{name}.{}", dotted(argument)), node.span()));
            }
        }
    }

    fn nested(&mut self, node: Node<'_>, parts: &mut Vec<Part<Hole>>) {
        match intrinsic(node) {
            Some(function) => self.function(function, node, parts),
            None if matches!(node.kind(), Kind::Mapping | Kind::Sequence) => {
                let message = "a part of a text must be text";
                self.findings.push(Finding::new(
                    FindingKind::BadValue,
                    node.span(),
                    node.path(),
                    message,
                ));
            }
            None => parts.push(Part::Literal(node.text().into())),
        }
    }

    /// A hole for a parameter, which the program declares then.
    fn param_hole(&mut self, name: &str, span: Span) -> Part<Hole> {
        if !self.parameters.contains_key(name) {
            self.parameters.insert(name.to_owned(), span);
        }
        Part::Hole(vec!["param".into(), name.into()])
    }

    /// What `Ref` or `${…}` of `Fn::Sub` names.
    fn named(&mut self, name: &str, span: Span) -> Part<Hole> {
        match pseudo(name) {
            Some(hole) => Part::Hole(hole),
            None => self.param_hole(name, span),
        }
    }

    /// A string of the tree, fenced where that reads better and changes no byte.
    pub(super) fn text_of(&mut self, span: Span, parts: Vec<Part<Hole>>) -> Text {
        self.text_in(span, parts, false)
    }

    /// The same; `raw` if the string knows no escapes (`r"…"`).
    fn text_in(&mut self, span: Span, parts: Vec<Part<Hole>>, raw: bool) -> Text {
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
        let form = form(&pieces, raw);
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
        let raw = tag == "r";
        let tag = Name {
            id: self.node(span),
            text: tag.into(),
        };
        let text = self.text_in(span, parts, raw);
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
    let mut parts: Vec<Part<Hole>> = Vec::new();
    for piece in holes::pieces(text) {
        let literal = match piece {
            holes::Piece::Literal(text) => text,
            holes::Piece::Hole { name, written } => {
                let stage = name
                    .strip_prefix("stageVariables.")
                    .filter(|name| holes == Holes::Stage && is_variable(name));
                let stage = stage.map(|name| vec!["stage".into(), name.into()]);
                match stage.or_else(|| pseudo(name)) {
                    Some(hole) => {
                        parts.push(Part::Hole(hole));
                        continue;
                    }
                    None => written,
                }
            }
        };
        match parts.last_mut() {
            Some(Part::Literal(last)) => last.push_str(literal),
            _ => parts.push(Part::Literal(literal.into())),
        }
    }
    parts
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
fn form(pieces: &[Piece], raw: bool) -> TextForm {
    let literal;
    let text = match pieces {
        [] => return TextForm::Quoted,
        [Piece::Literal(text)] => text.as_str(),
        _ => {
            let texts = pieces.iter().map(|piece| match piece {
                Piece::Literal(text) => text.as_str(),
                Piece::Hole(_) => "x",
            });
            literal = texts.collect::<String>();
            literal.as_str()
        }
    };
    if text.contains("\"\"\"") {
        return TextForm::Quoted;
    }
    if !text.contains('\n') {
        // On one line a fence spares escapes, unless a quote stands beside its own.
        let escapes = text.contains('"') || !raw && text.contains('\\');
        let bare =
            !text.starts_with('"') && !text.ends_with('"') && !text.bytes().any(|byte| byte < 0x20);
        return if escapes && bare {
            TextForm::Fence(3)
        } else {
            TextForm::Quoted
        };
    }
    let has_control = text
        .bytes()
        .any(|byte| byte < 0x20 && byte != b'\n' && byte != b'\t');
    let mut margin = false;
    for line in text.split('\n') {
        let begins = line.trim_start().len();
        if !line.is_empty() && begins == 0 {
            return TextForm::Quoted;
        }
        margin |= begins > 0 && begins == line.len();
    }
    if has_control || !margin {
        TextForm::Quoted
    } else {
        TextForm::Fence(3)
    }
}
