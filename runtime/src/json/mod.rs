//! JSON and the mutable lists and maps it is read into.
//!
//! A text is parsed once into flat cells of the [`Scratch`](crate::Scratch): scalars are
//! [`Value`](crate::Value)s, texts without escapes point into the body, and a list or map is a run of
//! cells behind an [`Object`]. So `$input.path('$').put(…)` needs no second kind of container,
//! and whoever holds a handle sees the change, as in Java.
//!
//! Two dialects are read: [`Mode::Strict`] is RFC 8259, [`Mode::Exact`] too but for what becomes of numbers;
//! [`Mode::Lenient`] is json-smart's permissive mode,
//! which API Gateway's templates and MOCK integrations show.

mod heap;
mod keys;
mod number;
mod object;
mod parse;
mod print;
mod written;

pub use heap::{Heap, Lent};
pub use number::{TextBuffer, double_text};
pub(crate) use object::OF_MAP;
pub use object::{Kind, Object};
pub use parse::{JsonError, MAX_DEPTH, Mode, parse};
pub use print::Style;
pub(crate) use written::short_number;

use crate::scratch::Exhausted;

/// A bound on what one evaluation may use. Exceeding it is a fault that names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bound {
    /// Bytes of the scratch: texts, values and output together.
    Memory,
    /// Units of work: instructions, items looked at, pattern steps.
    Work,
    /// Nesting of values, blocks or patterns.
    Depth,
}

impl Bound {
    /// The bound's name in traces.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Bound::Memory => "memory",
            Bound::Work => "work",
            Bound::Depth => "depth",
        }
    }

    /// What a person is told.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Bound::Memory => "the request's values need more memory than they may have",
            Bound::Work => "the request takes more work than it may",
            Bound::Depth => "values nest too deeply",
        }
    }
}

impl From<Exhausted> for Bound {
    fn from(_: Exhausted) -> Bound {
        Bound::Memory
    }
}
