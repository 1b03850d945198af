//! Text ⇄ syntax tree, for gate and for VTL. No meaning lives here: a word is a
//! name, a unit is a suffix, and whether `GET /x { colour: 3 }` makes sense is the
//! compiler's business.
//!
//! [`parse`] is total: it returns a [`Tree`] and a list of [`SyntaxError`]s, whatever
//! the bytes were. One bad item never hides the next, because a small hand-written
//! scanner splits the text into items first and pest then parses each by itself.
//!
//! [`format()`] prints a tree and its trivia back; `parse ∘ format` is the identity on
//! meaning and `format ∘ format = format`.

pub mod ast;
mod format;
mod meaning;
mod parse;
mod scan;
pub mod source;
mod visit;
pub mod vtl;

pub use ast::Tree;
pub use format::{format, format_text};
pub use meaning::{same_meaning, strip};
pub use parse::{Parsed, parse, parse_bytes};
pub use scan::{MAX_DEPTH, MAX_ERRORS, MAX_SIZE, is_path};
pub use source::{FileId, LineColumn, Lines, NodeId, Origins, Span, SyntaxError, SyntaxErrorKind};
