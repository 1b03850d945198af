//! Strings: which form keeps every byte, and is the most readable one that does.

use super::names::{is_bare, write_place};
use super::{Flat, Printer};
use crate::ast::{Name, Piece, Text, TextForm};

/// How a string can be written.
enum Form {
    /// `"…"`, with escapes unless raw.
    Quoted,
    /// `"""…"""` on one line.
    Fence(usize),
    /// `"""`, lines, `"""`.
    Lines(usize),
    /// Only as an argument: `tag("…")`.
    Argument,
}

impl Printer<'_> {
    /// A string that is on one line.
    pub(super) fn flat_text(&mut self, tag: Option<&Name>, text: &Text) -> Flat {
        match form(tag, text) {
            Form::Lines(_) => None,
            form => {
                self.text_as(tag, text, &form, 0);
                Some(())
            }
        }
    }

    /// A string; its lines are deeper than `indent`.
    pub(super) fn text(&mut self, tag: Option<&Name>, text: &Text, indent: usize) {
        self.text_as(tag, text, &form(tag, text), indent);
    }

    fn text_as(&mut self, tag: Option<&Name>, text: &Text, form: &Form, indent: usize) {
        if let Some(tag) = tag {
            super::names::write_name(&mut self.out, &tag.text);
        }
        let raw = is_raw(tag);
        match form {
            Form::Quoted if raw => {
                self.out.push('"');
                self.out.push_str(&plain(&text.pieces));
                self.out.push('"');
            }
            Form::Quoted => write_escaped(&mut self.out, &text.pieces),
            Form::Argument => {
                self.out.push('(');
                write_escaped(&mut self.out, &text.pieces);
                self.out.push(')');
            }
            Form::Fence(quotes) => {
                let fence = "\"".repeat(*quotes);
                self.out.push_str(&fence);
                self.out.push_str(&plain(&text.pieces));
                self.out.push_str(&fence);
            }
            Form::Lines(quotes) => {
                let fence = "\"".repeat(*quotes);
                self.out.push_str(&fence);
                for line in plain(&text.pieces).split('\n') {
                    self.newline(if line.is_empty() { 0 } else { indent + 2 });
                    self.out.push_str(line);
                }
                self.newline(indent + 2);
                self.out.push_str(&fence);
            }
        }
    }
}

fn is_raw(tag: Option<&Name>) -> bool {
    tag.is_some_and(|tag| tag.text == "r")
}

fn form(tag: Option<&Name>, text: &Text) -> Form {
    if tag.is_some_and(|tag| !is_bare(&tag.text)) {
        return Form::Argument;
    }
    let raw = is_raw(tag);
    let wants_fence = matches!(text.form, TextForm::Fence(_)) && !text.pieces.is_empty();
    let unescaped = can_be_plain(&text.pieces);
    if !raw && !wants_fence {
        return Form::Quoted;
    }
    let body = plain(&text.pieces);
    if raw && !wants_fence && unescaped && !body.contains(['"', '\n', '\r']) {
        return Form::Quoted;
    }
    let other = if raw { Form::Argument } else { Form::Quoted };
    let allowed = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    if !unescaped || !body.chars().all(allowed) {
        return other;
    }
    let quotes = match longest_run(&body) {
        0..3 => 3,
        3 => 4,
        _ => return other,
    };
    if body.contains('\n') || body.starts_with('"') {
        Form::Lines(quotes)
    } else {
        Form::Fence(quotes)
    }
}

/// Whether the pieces can be written without escapes: a literal `@` before a hole would
/// make it none.
fn can_be_plain(pieces: &[Piece]) -> bool {
    !pieces.windows(2).any(|pair| match pair {
        [Piece::Literal(text), Piece::Hole(_)] => text.ends_with('@'),
        _ => false,
    })
}

fn longest_run(body: &str) -> usize {
    let runs = body.split(|c| c != '"').map(str::len);
    runs.max().unwrap_or(0)
}

/// The pieces where nothing is escaped but `@{`.
fn plain(pieces: &[Piece]) -> String {
    let mut out = String::new();
    for piece in pieces {
        match piece {
            Piece::Literal(text) => out.push_str(&text.replace("@{", "@@{")),
            Piece::Hole(place) => {
                out.push_str("@{");
                write_place(&mut out, place);
                out.push('}');
            }
        }
    }
    out
}

/// The pieces between quotes, with escapes.
pub(super) fn write_escaped(out: &mut String, pieces: &[Piece]) {
    out.push('"');
    for (at, piece) in pieces.iter().enumerate() {
        match piece {
            Piece::Literal(text) => {
                let before_hole = matches!(pieces.get(at + 1), Some(Piece::Hole(_)));
                let (text, last) = match text.strip_suffix('@').filter(|_| before_hole) {
                    Some(text) => (text, "\\@"),
                    None => (text.as_str(), ""),
                };
                for c in text.replace("@{", "@@{").chars() {
                    write_char(out, c, '"');
                }
                out.push_str(last);
            }
            Piece::Hole(place) => {
                out.push_str("@{");
                let mut inner = String::new();
                write_place(&mut inner, place);
                for c in inner.chars() {
                    write_char(out, c, '"');
                }
                out.push('}');
            }
        }
    }
    out.push('"');
}

/// Writes a character between quotes.
pub(super) fn write_char(out: &mut String, c: char, quote: char) {
    match c {
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        c if c == quote => {
            out.push('\\');
            out.push(c);
        }
        c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
        c => out.push(c),
    }
}
