//! The reference of the language, printed from the table.

use super::table::CONTEXTS;
use super::{Status, Word};

/// `docs/language.md`'s list of words.
pub fn reference_page() -> String {
    let mut page = String::new();
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
