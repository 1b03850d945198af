//! What other tools fill in before, or when, a document is deployed.
//!
//! `${name}` in a text belongs to whoever fills it: API Gateway (`${stageVariables.x}`,
//! `${AWS::Region}`), CloudFormation inside `Fn::Sub`, Terraform. This module only finds
//! them; what a name means is for the importer. CloudFormation's intrinsic functions come in
//! two spellings, as a mapping with one key and as a YAML tag, which are one here.

use super::{Kind, Node};

/// A piece of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Text as it stands.
    Literal(&'t str),
    /// `${name}`: the name, and the whole hole as written.
    Hole {
        /// What stands between the braces.
        name: &'t str,
        /// With `${` and `}`.
        written: &'t str,
    },
}

/// Splits a text at its `${…}`. A hole that is not closed, or that holds a `{` or a line's end,
/// is literal text. The pieces joined as written are the text again; no two literals
/// stand in a row.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut literal = 0;
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find("${")) {
        let start = from + found;
        let inside = &text[start + 2..];
        let end = inside
            .find(['}', '{', '\n'])
            .filter(|end| inside[*end..].starts_with('}'));
        let Some(end) = end else {
            from = start + 2;
            continue;
        };
        if literal < start {
            pieces.push(Piece::Literal(&text[literal..start]));
        }
        let after = start + 2 + end + 1;
        pieces.push(Piece::Hole {
            name: &inside[..end],
            written: &text[start..after],
        });
        literal = after;
        from = after;
    }
    if literal < text.len() {
        pieces.push(Piece::Literal(&text[literal..]));
    }
    pieces
}

/// One of CloudFormation's functions, as it stands in a document.
#[derive(Clone, Copy, Debug)]
pub enum Intrinsic<'d> {
    /// `Ref`: a parameter, a pseudo parameter, or a resource.
    Ref(&'d str),
    /// `Fn::GetAtt` of a list or a dotted text: the node that names resource and attribute.
    GetAtt(Node<'d>),
    /// `Fn::Sub`: the text, and the mapping of local names if there is one.
    Sub(&'d str, Option<Node<'d>>),
    /// `Fn::Join`: the separator and the list of parts.
    Join(&'d str, Node<'d>),
    /// Any other: its name without `Fn::`, and its argument.
    Other(&'d str, Node<'d>),
}

/// The intrinsic function that a node is, if it is one.
pub fn intrinsic(node: Node<'_>) -> Option<Intrinsic<'_>> {
    if let Some(tag) = node.tag() {
        return Some(function(tag.strip_prefix('!')?, node));
    }
    if node.kind() != Kind::Mapping || node.len() != 1 {
        return None;
    }
    let (key, value) = node.members().next()?;
    match key.text() {
        "Ref" => Some(function("Ref", value)),
        "Condition" => None,
        name => Some(function(name.strip_prefix("Fn::")?, value)),
    }
}

fn function<'d>(name: &'d str, argument: Node<'d>) -> Intrinsic<'d> {
    let is_list = argument.kind() == Kind::Sequence;
    let mut elements = argument.elements();
    match name {
        "Ref" if argument.kind() == Kind::String => Intrinsic::Ref(argument.text()),
        "GetAtt" => Intrinsic::GetAtt(argument),
        "Sub" if argument.kind() == Kind::String => Intrinsic::Sub(argument.text(), None),
        "Sub" if is_list => match elements.next().map(|text| (text, elements.next())) {
            Some((text, locals)) if text.kind() == Kind::String => {
                Intrinsic::Sub(text.text(), locals)
            }
            _ => Intrinsic::Other(name, argument),
        },
        "Join" if is_list => match (elements.next(), elements.next()) {
            (Some(separator), Some(parts)) if parts.kind() == Kind::Sequence => {
                Intrinsic::Join(separator.text(), parts)
            }
            _ => Intrinsic::Other(name, argument),
        },
        _ => Intrinsic::Other(name, argument),
    }
}
