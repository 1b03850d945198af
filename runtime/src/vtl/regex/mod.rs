//! Java's regular expressions, as far as they can be matched in linear time.
//!
//! [`compile`] reads a pattern of `java.util.regex` into the bytes of a small program; [`find`] and [`whole`]
//! run it over all alternatives at once, so no pattern makes a text expensive. What only backtracking
//! can match is refused when it is compiled: back-references, captures in look-around, possessive quantifiers and
//! atomic groups around what matches in more than one way.

mod class;
mod compile;
mod look;
mod parse;
mod run;

pub use compile::compile;
pub use run::{Captures, MAX_GROUPS, Space, find, named, whole};

use crate::json::Bound;

/// How a pattern is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags {
    /// `(?i)`: ASCII letters match in both cases.
    pub ignore_case: bool,
    /// `(?s)`: `.` matches line terminators too.
    pub dot_all: bool,
    /// `(?m)`: `^` and `$` match at lines.
    pub multi_line: bool,
    /// ECMAScript's `$`: the very end, not before a line terminator there.
    pub ecma: bool,
    /// `(?x)`: blanks and comments in the pattern mean nothing.
    pub comments: bool,
    /// `(?u)`: with `(?i)`, letters beyond ASCII match in both cases too.
    pub unicode_case: bool,
    /// `(?d)`: only a line feed ends a line.
    pub unix_lines: bool,
}

/// Why a pattern is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BadPattern {
    /// It is no pattern; the offset at which reading it failed.
    Syntax(u32),
    /// It needs backtracking, or something of Java's that is not known here; the offset of that.
    Unsupported(u32),
    /// Its program would be too large.
    TooLarge,
}

/// Why a run ended without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunError {
    /// The work or memory is used up.
    Bound(Bound),
    /// The program is none.
    Corrupt,
}

impl From<Bound> for RunError {
    fn from(bound: Bound) -> RunError {
        RunError::Bound(bound)
    }
}

#[cfg(test)]
mod tests;
