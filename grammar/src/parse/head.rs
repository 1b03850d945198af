//! The pest parser of an item's head, and its errors in a person's words.

use pest::Parser as _;
use pest::error::InputLocation;
use pest::iterators::Pairs;

use crate::source::{FileId, Span, SyntaxError, SyntaxErrorKind};

#[allow(missing_docs)]
mod generated {
    #[derive(pest_derive::Parser)]
    #[grammar = "parse/gate.pest"]
    pub(crate) struct Gate;
}

pub(crate) use generated::Rule;

/// Parses the signs of one item's head. Err says at which token it goes wrong.
pub(crate) fn parse_head(signs: &str) -> Result<Pairs<'_, Rule>, usize> {
    generated::Gate::parse(Rule::head, signs).map_err(|error| match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    })
}

/// What a person is told of a head that goes wrong at `at` of the file; `start` is its place.
pub(crate) fn explain(file: FileId, head: &str, start: u32, at: u32) -> SyntaxError {
    let at = (at.saturating_sub(start) as usize).min(head.len());
    let blanks = |text: &str| text.len() - text.trim_start_matches([' ', '\t', '\r']).len();
    let at = at + blanks(head.get(at..).unwrap_or(""));
    let found = token(head.get(at..).unwrap_or(""));
    // a comment ends the line
    let found = if found.starts_with('#') { "" } else { found };
    let before = head.get(..at).unwrap_or("").trim_end();
    let sign = ["+=", ":", "="]
        .into_iter()
        .find(|sign| before.ends_with(sign));
    let (message, help) = match (sign, found) {
        (Some(sign), "") => (format!("a value is missing after `{sign}`"), None),
        (Some(_), found) => (format!("`{found}` is not a value"), quote_help(found)),
        (None, "") => ("the item ends too early".to_owned(), None),
        (None, found) if before.is_empty() => (
            format!("an item begins with a word, not with `{found}`"),
            None,
        ),
        (None, found) => (format!("unexpected `{found}`"), quote_help(found)),
    };
    // where something is missing, what stands before it is pointed at
    let (from, end) = if found.is_empty() {
        let last = before.chars().next_back().map_or(0, char::len_utf8);
        (before.len() - last, before.len())
    } else {
        (at, at + found.len())
    };
    let (from, end) = (start + from as u32, start + end as u32);
    SyntaxError {
        kind: SyntaxErrorKind::BadItem,
        span: Span::new(file, from, end),
        message,
        also: None,
        help,
    }
}

fn quote_help(found: &str) -> Option<String> {
    let name = found.starts_with(|c: char| c.is_alphabetic());
    let number = found.starts_with(|c: char| c.is_ascii_digit());
    if name {
        Some(
            "quote a name that has other than letters, digits, `_` and `-` with backticks"
                .to_owned(),
        )
    } else if number {
        Some("a quantity is a number, a unit, and perhaps `/` and a unit of time: `60s`, `50/s`; anything else is a string".to_owned())
    } else {
        None
    }
}

/// The token at the start of `rest`, for a message: at most 24 characters.
fn token(rest: &str) -> &str {
    let stops = |c: char| c.is_whitespace() || "{}[](),\"`:=|".contains(c);
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let first = if rest.starts_with(['\n', '\r']) {
        0
    } else {
        first
    };
    if rest.starts_with(stops) {
        return &rest[..first];
    }
    let end = rest.find(stops).unwrap_or(rest.len());
    let most = rest.char_indices().nth(24).map_or(rest.len(), |(at, _)| at);
    &rest[..end.min(most)]
}
