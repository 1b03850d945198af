//! Findings for people and for tools: a terminal, JSON, SARIF 2.1.0, GitHub annotations.
//!
//! Each is a function from findings to text; nothing is printed here. Lines and columns
//! count from 1, columns in characters.

mod github;
mod human;
mod json;
mod sarif;

use tollgate_grammar::Span;
use tollgate_model::Places;

pub use github::github;
pub use human::{Color, human, summary};
pub use json::{SCHEMA_VERSION, json, schema};
pub use sarif::sarif;

use crate::source::SourceMap;

/// A span as people count.
struct Range {
    start: (u32, u32),
    end: (u32, u32),
}

fn range(map: &SourceMap, span: Span) -> Range {
    let start = map.line_column(span.file, span.start);
    let end = map.line_column(span.file, span.end);
    Range {
        start: (start.line, start.column),
        end: (end.line, end.column),
    }
}

fn file_name(map: &SourceMap, span: Span) -> &str {
    map.name(span.file)
}
