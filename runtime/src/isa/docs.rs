//! `docs/bytecode.md`, generated.

use alloc::string::String;
use core::fmt::Write;

use super::TABLE;
use crate::bundle::records::RECORDS;
use crate::bundle::{FORMAT, SECTIONS};
use crate::cel;

fn sentence(lines: &[&str]) -> String {
    let mut out = String::new();
    for line in lines {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(line.trim());
    }
    out.replace('|', "\\|")
}

/// The documentation of sections, records and instructions, as Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut out = String::new();
    out.push_str("# The bundle and its bytecode\n\n");
    out.push_str("Generated from `runtime/src/isa` and `runtime/src/bundle`; the test `docs` of the runtime writes it.\n\n");
    let _ = writeln!(
        out,
        "Format version {FORMAT}. All numbers are little-endian and unaligned; all offsets count from the start of \
         the section that they name. Every read is checked, so that no bundle can make the runtime fail in another \
         way than by an answer that denies.\n"
    );
    out.push_str("## Sections of an image\n\nAn image starts with a table of (offset, length), one per section.\n\n");
    out.push_str("| | section | holds |\n|---|---|---|\n");
    for (i, (_, name, doc)) in SECTIONS.iter().enumerate() {
        let _ = writeln!(out, "| {i} | `{name}` | {} |", sentence(doc));
    }
    out.push_str("\n## Records\n");
    for record in RECORDS {
        let _ = writeln!(
            out,
            "\n### {} ({} bytes)\n\n{}\n",
            record.name,
            record.size,
            sentence(record.doc)
        );
        out.push_str("| field | type | meaning |\n|---|---|---|\n");
        for (name, ty, doc) in record.fields {
            let _ = writeln!(out, "| `{name}` | {ty} | {} |", sentence(doc));
        }
    }
    out.push_str(
        "\n## Instructions\n\nA program runs forward until `end`. The machine has an accumulator (a value, or \
         *missing*), a stack of 31 truth values (false, true, error) and an output text. A leaf that pushes says \
         itself what an absent key means; connectives are Kleene's; a statement applies the polarity: a denial \
         takes an error for true, an allowance for false.\n\n",
    );
    out.push_str("| code | instruction | operands | |\n|---|---|---|---|\n");
    for op in TABLE {
        let mut operands = String::new();
        for (name, ty) in op.operands {
            let _ = write!(
                operands,
                "{}{name}: {ty}",
                if operands.is_empty() { "" } else { ", " }
            );
        }
        let _ = writeln!(
            out,
            "| {:02x} | `{}` | {operands} | {} |",
            op.code,
            op.mnemonic,
            sentence(op.doc)
        );
    }
    conditions(&mut out);
    out
}

/// The code of conditions in CEL.
fn conditions(out: &mut String) {
    out.push_str(
        "\n## Conditions in CEL\n\nWhat `computed` evaluates: a byte that says what an expression is, and its parts behind \
         it. Numbers that count (`n`) are in LEB128; `…` is a part behind its length, which may be passed over.\n\n\
         | code | | |\n|---|---|---|\n",
    );
    for (node, doc) in cel::NODES {
        let (code, doc) = (*node as u8, sentence(doc));
        let _ = writeln!(out, "| {code:02x} | `{node:?}` | {doc} |");
    }
    numbered(out, "Fields", cel::FIELDS.iter().map(|(_, name)| *name));
    numbered(out, "Macros", cel::MACROS.iter().map(|(_, name)| *name));
    numbered(
        out,
        "Functions",
        cel::FUNCTIONS.iter().map(|(_, name)| *name),
    );
}

/// Names by their numbers, from 0.
fn numbered(out: &mut String, what: &str, names: impl Iterator<Item = &'static str>) {
    let _ = write!(out, "\n{what}, by number:");
    for (number, name) in names.enumerate() {
        let _ = write!(
            out,
            "{} {number:02x} `{name}`",
            if number > 0 { "," } else { "" }
        );
    }
    out.push_str(".\n");
}
