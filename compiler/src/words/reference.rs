//! The reference of the language, printed from the table.

use super::table::CONTEXTS;
use super::{Status, Word};
use crate::cel::FIELDS;

/// The functions of conditions: form and meaning.
const FUNCTIONS: [(&str, &str); 9] = [
    (
        "`a.startsWith(b)`, `a.endsWith(b)`, `a.contains(b)`",
        "compares parts of text",
    ),
    (
        "`a.matches(\"…\")`",
        "whether a regular expression (RE2's) finds something in a text",
    ),
    (
        "`address in cidr(\"…\", …)`",
        "whether an address is in one of these ranges",
    ),
    (
        "`a in [b, c]`, `key in map`",
        "whether a list holds a value, or a map a key",
    ),
    ("`timestamp(\"…\")`", "a moment: `2026-11-23T10:00:00Z`"),
    (
        "`duration(\"…\")`",
        "a length of time: `90s`, `1h30m`; it can be added to a moment",
    ),
    ("`size(a)`", "how long a text, a list or a map is"),
    ("`has(claims.x)`", "whether a key is there"),
    (
        "`list.exists(x, …)`, `all`, `exists_one`, `filter`, `map`",
        "walks a list",
    ),
];

/// The generated part of `docs/language.md`: every word, and what conditions may read.
pub fn reference_page() -> String {
    let mut page = String::from("## Words\n\n");
    for context in CONTEXTS {
        page.push_str(&format!(
            "### In {}\n\n{}\n\n",
            context.title,
            context.doc()
        ));
        page.push_str("| Form | Meaning | Example |\n|---|---|---|\n");
        for word in context.words {
            page.push_str(&row(word));
        }
        page.push('\n');
    }
    page.push_str(
        "## Conditions\n\nConditions are CEL, with types. An absent header, query parameter or claim is `null`: \
         it equals only `null`, is in no list, and makes `<` and functions fail. A condition that fails \
         never lets a request through. A `param.` that is known when the program is built may be read too.\n\n\
         | Field | What it is |\n|---|---|\n",
    );
    for field in FIELDS {
        page.push_str(&format!("| `{}` | {} |\n", field.name, field.doc));
    }
    page.push_str("\nBeside `&&`, `||`, `!`, `?:`, `==`, `!=`, `<`, `<=`, `>` and `>=`:\n\n| Form | Meaning |\n|---|---|\n");
    for (form, meaning) in FUNCTIONS {
        page.push_str(&format!("| {form} | {meaning} |\n"));
    }
    page
}

fn row(word: &Word) -> String {
    let often = if word.many { " May be repeated." } else { "" };
    let (meaning, example) = match word.status {
        Status::Supported => (
            format!("{}{often}", word.doc()),
            format!("`{}`", cell(word.example)),
        ),
        Status::NotYet => (
            format!("{} *Not supported yet.*", word.doc()),
            String::new(),
        ),
    };
    format!(
        "| `{}` | {} | {} |\n",
        cell(word.form),
        cell(&meaning),
        example
    )
}

/// A vertical bar would end the cell.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
