//! Text with holes: which holes a place may have, and what they become.

use tollgate_grammar::Span;
use tollgate_grammar::ast::{self, Place, Step, Value, ValueKind};
use tollgate_model::text::{Piece, Text};

use super::cx::Cx;
use super::source::Side;
use crate::diagnostic::codes::{
    DollarBrace, HoleNotHere, HoleUnknown, UnknownName, UnknownVariable,
};
use crate::diagnostic::{Finding, Fix, did_you_mean};

/// Which holes a text may have.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Holes {
    /// What is known when the program is built: `param.`, `aws.`.
    Build,
    /// That, filled at load at the latest, and `stage.`.
    Stage,
    /// That, and `{name}` placeholders.
    Uri,
}

/// What stands in a text's hole.
pub(crate) enum Hole {
    Known(String),
    Param(String),
    Variable(String),
    StageName,
}

impl<'a> Cx<'a> {
    /// A value that must be text known at build.
    pub(crate) fn literal(&mut self, value: &'a Value) -> Option<String> {
        match &value.kind {
            ValueKind::Text(text) if !value.optional => self.literal_text(text),
            ValueKind::Place(place) if !value.optional && place.head() == "param" => {
                let hole = self.hole(place)?;
                self.known(place, hole)
            }
            _ => self.wrong_type(value, "text"),
        }
    }

    /// Text that must be known at build: parameters are replaced by their values.
    pub(crate) fn literal_text(&mut self, text: &'a ast::Text) -> Option<String> {
        for piece in &text.pieces {
            if let ast::Piece::Literal(literal) = piece {
                self.no_dollar_brace(text, literal);
            }
        }
        self.foreign_text(text)
    }

    /// Text of another language, which may have a use for `${…}` of its own, known at build.
    pub(crate) fn foreign_text(&mut self, text: &'a ast::Text) -> Option<String> {
        let mut known = String::new();
        for piece in &text.pieces {
            match piece {
                ast::Piece::Literal(literal) => known.push_str(literal),
                ast::Piece::Hole(place) => {
                    let hole = self.hole(place)?;
                    known.push_str(&self.known(place, hole)?);
                }
            }
        }
        Some(known)
    }

    /// Text that only people read: a parameter without a value shows its name.
    pub(crate) fn shown(&mut self, value: &'a Value) -> Option<String> {
        let ValueKind::Text(text) = &value.kind else {
            return self.literal(value);
        };
        let mut shown = String::new();
        for piece in &text.pieces {
            match piece {
                ast::Piece::Literal(literal) => {
                    self.no_dollar_brace(text, literal);
                    shown.push_str(literal);
                }
                ast::Piece::Hole(place) => match self.hole(place)? {
                    Hole::Param(name) => match self.param_value(&name) {
                        Some(value) => shown.push_str(value),
                        None => shown.push_str(&format!("{{{name}}}")),
                    },
                    hole => shown.push_str(&self.known(place, hole)?),
                },
            }
        }
        Some(shown)
    }

    fn known(&mut self, place: &Place, hole: Hole) -> Option<String> {
        let why = match hole {
            Hole::Known(text) => return Some(text),
            Hole::Param(name) => match self.param_value(&name) {
                Some(value) => return Some(value.to_owned()),
                None => "a value that is known when the program is built",
            },
            Hole::Variable(_) | Hole::StageName => "text that is the same at every stage",
        };
        let span = self.span(place.id);
        self.report(
            HoleNotHere {
                hole: self.written(place.id).to_owned(),
                expected: why,
            }
            .at(span),
        );
        None
    }

    /// A value that is text, perhaps with holes.
    pub(crate) fn text(&mut self, value: &'a Value, holes: Holes) -> Option<Text> {
        match &value.kind {
            ValueKind::Text(text) if !value.optional => self.text_pieces(text, holes),
            ValueKind::Place(place)
                if !value.optional && matches!(place.head(), "param" | "aws" | "stage") =>
            {
                let mut pieces = Vec::new();
                self.push_hole(place, holes, &mut pieces)?;
                Some(Text {
                    pieces,
                    node: self.node(value.id),
                })
            }
            _ => self.wrong_type(value, "text"),
        }
    }

    /// The pieces of a text, its holes resolved.
    pub(crate) fn text_pieces(&mut self, text: &'a ast::Text, holes: Holes) -> Option<Text> {
        let mut pieces = Vec::with_capacity(text.pieces.len());
        for piece in &text.pieces {
            match piece {
                ast::Piece::Literal(literal) if holes == Holes::Uri => {
                    self.no_dollar_brace(text, literal);
                    placeholders(literal, &mut pieces);
                }
                ast::Piece::Literal(literal) => {
                    self.no_dollar_brace(text, literal);
                    push_literal(&mut pieces, literal);
                }
                ast::Piece::Hole(place) => self.push_hole(place, holes, &mut pieces)?,
            }
        }
        Some(Text {
            pieces,
            node: self.node(text.id),
        })
    }

    fn push_hole(&mut self, place: &'a Place, holes: Holes, pieces: &mut Vec<Piece>) -> Option<()> {
        match self.hole(place)? {
            Hole::Known(text) => push_literal(pieces, &text),
            Hole::Param(name) => pieces.push(Piece::Param(name)),
            hole @ (Hole::Variable(_) | Hole::StageName) if holes == Holes::Build => {
                self.known(place, hole)?;
            }
            Hole::Variable(name) => pieces.push(Piece::Variable(name)),
            Hole::StageName => pieces.push(Piece::StageName),
        }
        Some(())
    }

    /// What a hole names.
    pub(crate) fn hole(&mut self, place: &'a Place) -> Option<Hole> {
        let span = self.span(place.id);
        let name = match place.steps.as_slice() {
            [Step::Name(_), Step::Name(name)] => name.text.as_str(),
            [Step::Name(_), Step::Key(key)] => key.literal().unwrap_or_default(),
            _ => "",
        };
        let params = &self.world.params;
        match place.head() {
            "param" if !name.is_empty() => {
                if params.iter().any(|param| param.name == name) {
                    return Some(Hole::Param(name.to_owned()));
                }
                let help = did_you_mean(name, params.iter().map(|param| param.name.as_str()));
                self.report(
                    UnknownName {
                        kind: "parameter",
                        name: name.to_owned(),
                    }
                    .at(span)
                    .maybe_help(help),
                );
                None
            }
            "aws" => {
                let account = &self.names.account;
                let known = match name {
                    "account" => account.id.as_str(),
                    "region" => account.region.as_str(),
                    "partition" => account.partition.as_str(),
                    "url_suffix" if account.partition == "aws-cn" => "amazonaws.com.cn",
                    "url_suffix" => "amazonaws.com",
                    _ => {
                        self.report(
                            HoleUnknown {
                                hole: self.written(place.id).to_owned(),
                            }
                            .at(span)
                            .maybe_help(did_you_mean(
                                name,
                                ["account", "region", "partition", "url_suffix"],
                            )),
                        );
                        return None;
                    }
                };
                Some(Hole::Known(known.to_owned()))
            }
            "stage" if !name.is_empty() => self.variable(name, span),
            "path" | "query" | "header" | "body" | "context" | "response" => {
                self.report(
                    HoleNotHere {
                        hole: self.written(place.id).to_owned(),
                        expected: "text that no request changes",
                    }
                    .at(span)
                    .with_help(Side::Request.no_concatenation()),
                );
                None
            }
            _ => {
                self.report(
                    HoleUnknown {
                        hole: self.written(place.id).to_owned(),
                    }
                    .at(span)
                    .with_help("a hole starts with `param.`, `aws.` or `stage.`"),
                );
                None
            }
        }
    }

    /// The value of a parameter that is known at build: the given one, else its default.
    pub(crate) fn param_value(&self, name: &str) -> Option<&'a str> {
        let param = self.world.params.iter().find(|param| param.name == name)?;
        param.value.as_deref().or(param.default.as_deref())
    }

    /// A stage variable, or the stage's own name.
    pub(crate) fn variable(&mut self, name: &str, span: Span) -> Option<Hole> {
        let Some(api) = self.api else {
            self.report(
                HoleNotHere {
                    hole: format!("stage.{name}"),
                    expected: "text that belongs to no stage",
                }
                .at(span),
            );
            return None;
        };
        if api.variable(name).is_some() {
            return Some(Hole::Variable(name.to_owned()));
        }
        if name == "name" {
            return Some(Hole::StageName);
        }
        let known = api.variables.iter().map(|variable| variable.name.as_str());
        let help = did_you_mean(name, known)
            .unwrap_or_else(|| format!("declare it: `variables {{ {name}: String }}` in the API"));
        self.report(
            UnknownVariable {
                variable: name.to_owned(),
                api: api.name.to_owned(),
            }
            .at(span)
            .with_help(help),
        );
        None
    }

    /// `${…}` belongs to other languages; in a plain string it would stay as it is.
    fn no_dollar_brace(&mut self, text: &ast::Text, literal: &str) {
        let Some(at) = literal.find("${") else { return };
        // A foreign text keeps what the reference leaves as it is.
        if self.is_foreign() {
            return;
        }
        let name = literal[at + 2..].split('}').next().unwrap_or("");
        let replacement = match name {
            "AWS::AccountId" => "@{aws.account}".to_owned(),
            "AWS::Region" => "@{aws.region}".to_owned(),
            "AWS::Partition" => "@{aws.partition}".to_owned(),
            _ => match name.strip_prefix("stageVariables.") {
                Some(variable) => format!("@{{stage.{variable}}}"),
                None => format!("@{{param.{name}}}"),
            },
        };
        let span = self.span(text.id);
        let written = self.written(text.id);
        let hole = format!("${{{name}}}");
        let mut diagnostic = DollarBrace { hole: hole.clone() }.at(span);
        if let Some(found) = written.find(&hole) {
            let start = span.start + found as u32;
            let at = Span::new(span.file, start, start + hole.len() as u32);
            diagnostic = diagnostic.with_fix(Fix::replace(
                format!("write `{replacement}`"),
                at,
                replacement,
            ));
        }
        self.report(diagnostic);
    }
}

/// Adds a literal; two in a row become one.
pub(crate) fn push_literal(pieces: &mut Vec<Piece>, literal: &str) {
    if literal.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(Piece::Literal(last)) => last.push_str(literal),
        _ => pieces.push(Piece::Literal(literal.to_owned())),
    }
}

/// Splits `…{name}…`; braces that hold no name are text.
fn placeholders(literal: &str, pieces: &mut Vec<Piece>) {
    let mut rest = literal;
    while let Some(open) = rest.find('{') {
        let inner = &rest[open + 1..];
        let close = inner
            .find(['{', '}'])
            .filter(|at| inner.as_bytes()[*at] == b'}');
        match close {
            Some(close) if is_placeholder(&inner[..close]) && !rest[..open].ends_with('$') => {
                push_literal(pieces, &rest[..open]);
                pieces.push(Piece::Placeholder(inner[..close].to_owned()));
                rest = &inner[close + 1..];
            }
            _ => {
                push_literal(pieces, &rest[..=open]);
                rest = inner;
            }
        }
    }
    push_literal(pieces, rest);
}

fn is_placeholder(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._$-".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_names_in_braces() {
        let split = |text: &str| {
            let mut pieces = Vec::new();
            placeholders(text, &mut pieces);
            pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Literal(text) => text.clone(),
                    Piece::Placeholder(name) => format!("<{name}>"),
                    _ => String::new(),
                })
                .collect::<Vec<_>>()
                .join("|")
        };
        for (text, expected) in [
            ("https://h/{id}/x", "https://h/|<id>|/x"),
            ("{a}{b}", "<a>|<b>"),
            ("a{}b", "a{}b"),
            ("a{{b}}", "a{|<b>|}"),
            ("${x}", "${x}"),
            ("a{b", "a{b"),
        ] {
            assert_eq!(split(text), expected, "{text}");
        }
    }
}
