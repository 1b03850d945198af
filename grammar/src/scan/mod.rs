//! Splits a text into nested items by brackets, quotes, fences, comments and paths,
//! and knows no word but `if else when unless`.
//!
//! The scanner is total: it always gives a tree of [`RawItem`]s, and errors beside it.
//! [`lex`] walks the text once and writes a flat list of structural events; [`tree`]
//! folds the events into items. While brackets balance, the walk believes them and
//! nothing else. Where they do not, it goes back to the last item that began in the
//! first column and reads from there by indentation, so that the loss of one brace
//! costs one item and is told at the line where it happened.

mod lex;
mod quotes;
mod tree;

use crate::source::SyntaxError;

pub(crate) use lex::path_end;
pub(crate) use quotes::{Quoted, quoted, until};

/// How deep brackets may nest, blocks, values and conditions together.
pub const MAX_DEPTH: usize = 64;

/// How many bytes a source text may have: 64 MiB.
pub const MAX_SIZE: usize = 64 << 20;

/// How many errors of one text are kept; those after them would bury the first ones.
pub const MAX_ERRORS: usize = 1000;

/// A half-open range of bytes of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) start: u32,
    pub(crate) end: u32,
}

impl Range {
    pub(crate) fn new(start: u32, end: u32) -> Self {
        Range { start, end }
    }

    pub(crate) fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or("")
    }
}

/// Comments on lines of their own, and blank lines as `None`.
pub(crate) type Comments = Vec<Option<Range>>;

/// An item as its brackets show it.
#[derive(Debug)]
pub(crate) struct RawItem {
    /// All of it, the block included.
    pub(crate) span: Range,
    /// The texts of its `///` lines.
    pub(crate) docs: Vec<Range>,
    /// Comments before it.
    pub(crate) before: Comments,
    /// The comment at the end of its line.
    pub(crate) after: Option<Range>,
    /// What stands before the guard and the block. Without line ends outside brackets.
    pub(crate) head: Range,
    /// `when { … }` or `unless { … }`, or the `if { … }` of a choice.
    pub(crate) guard: Option<RawGuard>,
    /// The block.
    pub(crate) block: Option<RawBlock>,
    /// The `else` and its block.
    pub(crate) otherwise: Option<(Range, Option<RawBlock>)>,
    /// Text that no shape has a room for.
    pub(crate) stray: Option<Range>,
    /// An error inside it was told already.
    pub(crate) damaged: bool,
}

/// A condition's word and text.
#[derive(Debug)]
pub(crate) struct RawGuard {
    pub(crate) word: GuardWord,
    pub(crate) at: Range,
    /// The text between the braces.
    pub(crate) cel: Option<Range>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GuardWord {
    If,
    When,
    Unless,
}

/// `{ item… }`.
#[derive(Debug)]
pub(crate) struct RawBlock {
    /// From brace to brace.
    pub(crate) span: Range,
    pub(crate) items: Vec<RawItem>,
    /// Comments before the closing brace.
    pub(crate) closing: Comments,
}

impl RawBlock {
    /// Takes over the items of a block after this one.
    pub(crate) fn absorb(&mut self, other: RawBlock) {
        self.span.end = other.span.end;
        self.items.extend(other.items);
        self.closing.extend(other.closing);
    }
}

/// What the scanner found.
#[derive(Debug)]
pub(crate) struct Scanned {
    pub(crate) items: Vec<RawItem>,
    pub(crate) closing: Comments,
    pub(crate) errors: Vec<SyntaxError>,
}

/// Whether `text` can be written as a path: `/orders/{id}`, `/admin/*`.
pub fn is_path(text: &str) -> bool {
    text.starts_with('/')
        && !text.starts_with("//")
        && lex::path_end(text.as_bytes(), 0) == text.len()
}

/// Scans a text of at most [`MAX_SIZE`] bytes. O(length).
pub(crate) fn scan(file: crate::FileId, text: &str) -> Scanned {
    let lexed = lex::Lexer::new(file, text).run();
    let (items, closing) = tree::fold(text, &lexed.events, &lexed.damaged);
    Scanned {
        items,
        closing,
        errors: lexed.errors,
    }
}
