//! The encoding of a compiled path: one table of tokens, written by `compile`, read by `find`.
//!
//! A path is `u32` length, a flag byte (bit 0: definite), and tokens. A filter is an expression in prefix
//! form; its operands hold paths again.

use alloc::vec::Vec;

/// A compiled path in somebody's bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Code<'c> {
    pub(super) definite: bool,
    pub(super) tokens: &'c [u8],
}

/// One step of a path.
#[derive(Clone, Copy, Debug)]
pub(super) enum Token<'c> {
    /// `.name`, `['name']`.
    Property(&'c [u8]),
    /// `['a', 'b']`: each a `u16` length and its bytes.
    Properties(&'c [u8]),
    /// `[1]`.
    Index(i32),
    /// `[1, 2]`: four bytes each.
    Indices(&'c [u8]),
    /// `[from:to]`.
    Slice(Option<i32>, Option<i32>),
    /// `[*]`.
    Wildcard,
    /// `..`.
    Scan,
    /// `[?(…)]`: the expression.
    Filter(&'c [u8]),
    /// `.name(…)`: the function's number and its arguments.
    Function(u8, &'c [u8]),
}

fn u16_at(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let (head, rest) = bytes.split_first_chunk()?;
    Some((u16::from_le_bytes(*head).into(), rest))
}

fn i32_at(bytes: &[u8]) -> Option<(i32, &[u8])> {
    let (head, rest) = bytes.split_first_chunk()?;
    Some((i32::from_le_bytes(*head), rest))
}

/// A run of bytes behind its `u32` length.
pub(super) fn run(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (head, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u32::from_le_bytes(*head) as usize)
}

/// A run of bytes behind its `u16` length.
pub(super) fn short_run(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = u16_at(bytes)?;
    rest.split_at_checked(len)
}

/// The path at the front of `bytes`, and what follows it.
pub(super) fn path(bytes: &[u8]) -> Option<(Code<'_>, &[u8])> {
    let (inside, rest) = run(bytes)?;
    let (flags, tokens) = inside.split_first()?;
    Some((
        Code {
            definite: flags & 1 != 0,
            tokens,
        },
        rest,
    ))
}

/// The first token, and the tokens after it.
pub(super) fn token(bytes: &[u8]) -> Option<(Token<'_>, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    Some(match tag {
        1 => short_run(rest).map(|(name, rest)| (Token::Property(name), rest))?,
        2 => run(rest).map(|(names, rest)| (Token::Properties(names), rest))?,
        3 => i32_at(rest).map(|(index, rest)| (Token::Index(index), rest))?,
        4 => run(rest).map(|(indices, rest)| (Token::Indices(indices), rest))?,
        5 => {
            let (flags, rest) = rest.split_first()?;
            let (from, rest) = i32_at(rest)?;
            let (to, rest) = i32_at(rest)?;
            (
                Token::Slice(
                    (flags & 1 != 0).then_some(from),
                    (flags & 2 != 0).then_some(to),
                ),
                rest,
            )
        }
        6 => (Token::Wildcard, rest),
        7 => (Token::Scan, rest),
        8 => run(rest).map(|(filter, rest)| (Token::Filter(filter), rest))?,
        9 => {
            let (function, rest) = rest.split_first()?;
            run(rest).map(|(arguments, rest)| (Token::Function(*function, arguments), rest))?
        }
        _ => return None,
    })
}

impl Token<'_> {
    /// Whether it leads to at most one value. `leaf`: nothing follows it.
    pub(super) fn definite(self, leaf: bool) -> bool {
        match self {
            Token::Property(_) | Token::Index(_) | Token::Function(..) => true,
            Token::Properties(_) => leaf,
            Token::Indices(_)
            | Token::Slice(..)
            | Token::Wildcard
            | Token::Scan
            | Token::Filter(_) => false,
        }
    }
}

/// Whether all of a path can be read.
pub(super) fn check(path: Code<'_>, depth: u32) -> bool {
    if depth > super::MAX_DEPTH {
        return false;
    }
    let mut rest = path.tokens;
    while !rest.is_empty() {
        let Some((found, tail)) = token(rest) else {
            return false;
        };
        let sound = match found {
            Token::Filter(filter) => expression(filter, depth + 1).is_some_and(<[u8]>::is_empty),
            Token::Function(_, arguments) => {
                let mut arguments = arguments;
                while let Some((argument, more)) = self::argument(arguments) {
                    if let Argument::Path(path) = argument
                        && !check(path, depth + 1)
                    {
                        return false;
                    }
                    arguments = more;
                }
                arguments.is_empty()
            }
            _ => true,
        };
        if !sound {
            return false;
        }
        rest = tail;
    }
    true
}

/// An argument of a function.
#[derive(Clone, Copy, Debug)]
pub(super) enum Argument<'c> {
    /// JSON text.
    Json(&'c [u8]),
    /// A path from the root.
    Path(Code<'c>),
}

pub(super) fn argument(bytes: &[u8]) -> Option<(Argument<'_>, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    match tag {
        0 => run(rest).map(|(json, rest)| (Argument::Json(json), rest)),
        _ => path(rest).map(|(path, rest)| (Argument::Path(path), rest)),
    }
}

/// An expression of a filter: a node and what its parts begin with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Node<'c> {
    And,
    Or,
    Not,
    /// A comparison; two operands follow.
    Compare(u8),
    /// Whether a path is there (or is not); an operand follows.
    Exists(bool),
    /// Nothing more: an operand.
    Operand(Operand<'c>),
}

/// One side of a comparison.
#[derive(Clone, Copy, Debug)]
pub(super) enum Operand<'c> {
    Current(Code<'c>),
    Root(Code<'c>),
    Text(&'c [u8]),
    Number(&'c [u8]),
    Bool(bool),
    Null,
    Json(&'c [u8]),
    Pattern(&'c [u8]),
}

pub(super) fn node(bytes: &[u8]) -> Option<(Node<'_>, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    Some(match tag {
        0 => (Node::And, rest),
        1 => (Node::Or, rest),
        2 => (Node::Not, rest),
        3 => {
            let (operator, rest) = rest.split_first()?;
            (Node::Compare(*operator), rest)
        }
        4 => (Node::Exists(true), rest),
        5 => (Node::Exists(false), rest),
        10 => path(rest).map(|(path, rest)| (Node::Operand(Operand::Current(path)), rest))?,
        11 => path(rest).map(|(path, rest)| (Node::Operand(Operand::Root(path)), rest))?,
        12 => run(rest).map(|(text, rest)| (Node::Operand(Operand::Text(text)), rest))?,
        13 => run(rest).map(|(text, rest)| (Node::Operand(Operand::Number(text)), rest))?,
        14 => (Node::Operand(Operand::Bool(true)), rest),
        15 => (Node::Operand(Operand::Bool(false)), rest),
        16 => (Node::Operand(Operand::Null), rest),
        17 => run(rest).map(|(text, rest)| (Node::Operand(Operand::Json(text)), rest))?,
        18 => run(rest).map(|(text, rest)| (Node::Operand(Operand::Pattern(text)), rest))?,
        _ => return None,
    })
}

/// Checks one expression; what follows it.
fn expression(bytes: &[u8], depth: u32) -> Option<&[u8]> {
    if depth > super::MAX_DEPTH * 8 {
        return None;
    }
    let (found, rest) = node(bytes)?;
    match found {
        Node::And | Node::Or | Node::Compare(_) => {
            expression(expression(rest, depth + 1)?, depth + 1)
        }
        Node::Not | Node::Exists(_) => expression(rest, depth + 1),
        Node::Operand(Operand::Current(path) | Operand::Root(path)) => {
            check(path, depth + 1).then_some(rest)
        }
        Node::Operand(_) => Some(rest),
    }
}

/// What follows an expression that was checked or made here.
pub(super) fn skip(bytes: &[u8]) -> &[u8] {
    expression(bytes, 0).unwrap_or(&[])
}

// ---- writing

pub(super) fn put_run(bytes: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
    out.extend_from_slice(bytes);
}

/// Begins a run whose length is not known yet.
pub(super) fn begin(out: &mut Vec<u8>) -> usize {
    out.extend_from_slice(&[0; 4]);
    out.len()
}

/// Ends it.
pub(super) fn end(start: usize, out: &mut [u8]) {
    let len = (out.len() - start) as u32;
    if let Some(slot) = out.get_mut(start.wrapping_sub(4)..start) {
        slot.copy_from_slice(&len.to_le_bytes());
    }
}
