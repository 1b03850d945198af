//! JSONPath as Jayway's library reads it: the dialect of `$input.path`, `$input.json` and parameter mappings.
//!
//! [`compile`] turns a path into bytes, at build time for constants and at request time for the rest; [`find`]
//! walks a value by them. A definite path gives the value itself, any other a list. What Jayway does that
//! no standard asks for is kept: a path without `$` gets `$.` in front, a single character behind the last
//! bracket is ignored, `$..a.length()` is the length of what `$..a` gives.

mod code;
mod compile;
mod filter;
mod find;
mod function;
mod prepared;
mod reader;

pub use compile::compile;
pub use find::find;

use crate::json::Bound;

/// How deep brackets, filters and function arguments may nest.
pub(crate) const MAX_DEPTH: u32 = 24;

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathError {
    /// The path is none; the offset at which reading it failed.
    Syntax(u32),
    /// It can be read but not applied: a filter on a scalar, a sum of nothing, an unknown function.
    Invalid,
    /// A bound was met.
    Bound(Bound),
}

impl From<Bound> for PathError {
    fn from(bound: Bound) -> PathError {
        PathError::Bound(bound)
    }
}

impl From<crate::scratch::Exhausted> for PathError {
    fn from(_: crate::scratch::Exhausted) -> PathError {
        PathError::Bound(Bound::Memory)
    }
}

/// Whether `code` begins with a compiled path. Reading one that does not only finds nothing; this is for
/// those who want to know before.
#[must_use]
pub fn verify(code: &[u8]) -> bool {
    code::path(code).is_some_and(|(path, _)| code::check(path, 0))
}

/// Whether a compiled path leads to one value, not to a list.
#[must_use]
pub fn is_definite(code: &[u8]) -> bool {
    code::path(code).is_some_and(|(path, _)| path.definite)
}

#[cfg(test)]
mod tests;
