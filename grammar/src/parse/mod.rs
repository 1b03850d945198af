//! From text to tree: the scanner's items, each head parsed by itself, in document order.

mod head;
mod item;
mod shape;
mod text;
mod tokens;
mod trivia;
mod value;

pub(crate) use value::RESERVED;

use crate::ast::{Ix, Tree};
use crate::scan::{self, MAX_ERRORS, MAX_SIZE};
use crate::source::{FileId, Span, SyntaxError, SyntaxErrorKind};

/// A tree, and what could not be read of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    /// The tree. What could not be read is a [`crate::ast::ItemKind::Broken`] item.
    pub tree: Tree,
    /// What a person is told, in the order of the text; at most [`MAX_ERRORS`].
    pub errors: Vec<SyntaxError>,
}

/// Parses a text. Total: any text gives a tree, and every error is in the list.
///
/// Items are independent: an error in one leaves all others as they would be without it.
/// Cost: O(length), about 40 ms a megabyte on one core; the items of a large text are
/// parsed in parallel, with the same result at every number of threads. A text of more
/// than [`MAX_SIZE`] bytes gives one error and no items; brackets nested deeper than
/// [`crate::MAX_DEPTH`] give an error in place of what is inside.
///
/// ```
/// use tollgate_grammar::{FileId, parse};
///
/// let parsed = parse(FileId(0), "throttle 50/s burst 100\nGET /x {");
/// assert_eq!(parsed.tree.items.len(), 2);
/// assert_eq!(parsed.errors[0].message, "this `{` is never closed");
/// ```
pub fn parse(file: FileId, text: &str) -> Parsed {
    if let Some(refused) = too_large(file, text.len()) {
        return refused;
    }
    let scanned = scan::scan(file, text);
    let mut told: Vec<u32> = scanned.errors.iter().map(|it| it.span.start).collect();
    told.sort_unstable();
    let mut out = item::Builder::new(file, text, &told);
    let items = out.items(&scanned.items);
    out.closing(Ix::MAX, &scanned.closing);
    let mut errors = scanned.errors;
    errors.append(&mut out.errors);
    errors.sort_by_key(|error| (error.span.start, error.span.end));
    errors.dedup();
    errors.truncate(MAX_ERRORS);
    let tree = Tree {
        file,
        items,
        origins: out.origins,
        trivia: out.trivia,
    };
    Parsed { tree, errors }
}

/// Parses bytes. Where they are not UTF-8, there is one error more, at the first such
/// byte, and what stands before the line of that byte is parsed.
pub fn parse_bytes(file: FileId, bytes: &[u8]) -> Parsed {
    if let Some(refused) = too_large(file, bytes.len()) {
        return refused;
    }
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return parse(file, text),
        Err(error) => error,
    };
    let at = error.valid_up_to();
    let sound = bytes
        .get(..at)
        .and_then(|sound| std::str::from_utf8(sound).ok())
        .unwrap_or("");
    let lines = sound.rfind('\n').map_or(0, |newline| newline + 1);
    let mut parsed = parse(file, &sound[..lines]);
    let length = error.error_len().unwrap_or(1);
    let byte = bytes.get(at).copied().unwrap_or(0);
    parsed.errors.push(SyntaxError {
        kind: SyntaxErrorKind::NotUtf8,
        span: Span::new(file, at as u32, (at + length) as u32),
        message: format!("byte {at} (0x{byte:02x}) is not UTF-8"),
        also: None,
        help: Some("save the file as UTF-8".to_owned()),
    });
    parsed
}

fn too_large(file: FileId, length: usize) -> Option<Parsed> {
    (length > MAX_SIZE).then(|| Parsed {
        tree: Tree {
            file,
            ..Tree::default()
        },
        errors: vec![SyntaxError {
            kind: SyntaxErrorKind::TooLarge,
            span: Span::new(file, 0, 0),
            message: format!("the file has {length} bytes, the limit is {MAX_SIZE}"),
            also: None,
            help: Some("split the program into several files of one directory".to_owned()),
        }],
    })
}
