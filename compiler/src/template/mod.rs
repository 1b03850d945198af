//! From the tree of a mapping template to the program that the runtime runs.
//!
//! Texts are stored once, conditions become jumps, and JSONPaths that are constant are compiled here, so
//! that a wrong one is a note at build time and not a 500 at midnight.

mod json;
mod lower;
mod members;
mod survey;
mod targets;
pub(crate) mod visit;

pub use json::{JsonReport, JsonVerdict, json_report, json_verdict};
pub use lower::compile;
pub(crate) use members::stage_variables;

use tollgate_grammar::vtl::VtlSpan;

/// A compiled template.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// The program, for [`tollgate_runtime::vtl::Program::open`].
    pub blob: Vec<u8>,
    /// Where instructions come from: offsets of the code, ascending, with their places in the template.
    pub places: Vec<(u32, VtlSpan)>,
    /// What will go wrong at request time, though the template compiles.
    pub notes: Vec<TemplateNote>,
}

impl Compiled {
    /// The place in the template of the instruction at `at`, as a fault names it.
    #[must_use]
    pub fn place(&self, at: u32) -> Option<VtlSpan> {
        let after = self.places.partition_point(|(offset, _)| *offset <= at);
        self.places
            .get(after.checked_sub(1)?)
            .map(|(_, span)| *span)
    }
}

/// Something in a template that always fails when it is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateNote {
    /// Which mistake it is.
    pub kind: TemplateNoteKind,
    /// Where it stands.
    pub span: VtlSpan,
    /// What a person is told: lower case, no full stop, the template's text in backticks.
    pub message: String,
    /// What to write instead, where that is known.
    pub help: Option<String>,
}

/// The mistakes that notes tell of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum TemplateNoteKind {
    /// A constant JSONPath that cannot be read.
    BadPath,
    /// A constant pattern that cannot be read, or one that only backtracking could match.
    BadPattern,
    /// A member of `$context`, `$input` or `$util` that nothing has.
    UnknownMember,
    /// A `#set` whose left side nothing can be assigned to.
    SetsNothing,
}

/// A template that does not fit into a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooLarge {
    /// Where the first thing too many stands.
    pub span: VtlSpan,
    /// What there is too much of, for a person.
    pub message: String,
}
