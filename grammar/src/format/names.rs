//! Names and places.

use super::Printer;
use crate::ast::{Place, Step};
use crate::parse::RESERVED;

impl Printer<'_> {
    pub(super) fn place(&mut self, place: &Place) {
        write_place(&mut self.out, place);
    }
}

/// Writes a place as it stands among operands and in holes.
pub(super) fn write_place(out: &mut String, place: &Place) {
    for (at, step) in place.steps.iter().enumerate() {
        match step {
            Step::Name(name) if at == 0 && RESERVED.contains(&name.text.as_str()) => {
                write_quoted(out, &name.text);
            }
            Step::Name(name) => {
                if at > 0 {
                    out.push('.');
                }
                write_name(out, &name.text);
            }
            Step::Index(index) => {
                out.push('[');
                out.push_str(&index.to_string());
                out.push(']');
            }
            Step::Key(text) => {
                out.push('[');
                super::strings::write_escaped(out, &text.pieces);
                out.push(']');
            }
        }
    }
}

/// Writes a name, with backticks if it needs them.
pub(super) fn write_name(out: &mut String, name: &str) {
    if is_bare(name) {
        out.push_str(name);
    } else {
        write_quoted(out, name);
    }
}

/// Whether a name needs no backticks.
pub(super) fn is_bare(name: &str) -> bool {
    let first = |c: char| c.is_ascii_alphabetic() || matches!(c, '$' | '_');
    let rest = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let mut chars = name.chars();
    chars.next().is_some_and(first) && chars.all(rest)
}

fn write_quoted(out: &mut String, name: &str) {
    out.push('`');
    for c in name.chars() {
        super::strings::write_char(out, c, '`');
    }
    out.push('`');
}
