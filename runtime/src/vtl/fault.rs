//! What ends a rendering without a result.

use core::fmt;

use crate::json::Bound;

/// A rendering that failed. The reference answers it with a 500.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Why.
    pub failure: Failure,
    /// The offset of the instruction in the program's code.
    pub at: u32,
}

/// Why a rendering fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Failure {
    /// A bound was met: memory, work or depth.
    Bound(Bound),
    /// The output is larger than [`Limits::output`](super::Limits::output).
    Output,
    /// A loop has more rounds than it may, and `vtl.foreach-limit` says so.
    Rounds,
    /// An index outside of a list or text.
    OutOfBounds,
    /// A list or map changed its size while a loop walked it.
    ChangedInLoop,
    /// A member of an override was assigned twice.
    AssignedTwice,
    /// `$util.parseJson` of something that is not JSON.
    BadJson,
    /// `$util.urlDecode` of a broken escape, or `$util.base64Decode` of something else.
    BadEncoding,
    /// A JSONPath that is none.
    BadPath,
    /// A pattern that is none, or one that only backtracking could match.
    BadPattern,
    /// A whole number of more than [`MAX_DIGITS`](super::MAX_DIGITS) digits that is to be reckoned with, or would
    /// come of it.
    TooWide,
    /// A number that cannot be read, or a format that does not fit its arguments.
    BadArgument,
    /// A method that the object does not allow, such as `add` on an array.
    NotAllowed,
    /// The program is no program.
    Corrupt,
}

impl Failure {
    /// What a person is told.
    #[must_use]
    pub const fn message(self) -> &'static str {
        match self {
            Failure::Bound(Bound::Memory) => "the template needs more memory than it may have",
            Failure::Bound(Bound::Work) => "the template does more work than it may",
            Failure::Bound(Bound::Depth) => "values or blocks nest too deeply",
            Failure::Output => "the output is larger than it may be",
            Failure::Rounds => "a `#foreach` has more than 1,000 rounds",
            Failure::OutOfBounds => "an index is out of bounds",
            Failure::ChangedInLoop => "a list or map changed while a `#foreach` walked it",
            Failure::AssignedTwice => "an override is assigned twice",
            Failure::BadJson => "`$util.parseJson` was given something that is not JSON",
            Failure::BadEncoding => "the text is not in that encoding",
            Failure::BadPath => "the JSONPath cannot be read",
            Failure::BadPattern => "the pattern cannot be used",
            Failure::TooWide => "a whole number has more than 999 digits",
            Failure::BadArgument => "an argument does not fit",
            Failure::NotAllowed => "the object does not allow that change",
            Failure::Corrupt => "the compiled template is damaged",
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl From<Bound> for Failure {
    fn from(bound: Bound) -> Failure {
        Failure::Bound(bound)
    }
}

impl From<crate::scratch::Exhausted> for Failure {
    fn from(_: crate::scratch::Exhausted) -> Failure {
        Failure::Bound(Bound::Memory)
    }
}
