//! What a template is refused for.

use super::ast::VtlSpan;

/// A mistake in a template, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VtlError {
    /// Which mistake it is.
    pub kind: VtlErrorKind,
    /// Where it is.
    pub span: VtlSpan,
    /// What a person is told: lower case, no full stop, the template's text in backticks.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// The mistakes of templates. Each has one diagnostic code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum VtlErrorKind {
    /// Blocks, strings or brackets nest deeper than [`super::MAX_DEPTH`].
    TooDeep,
    /// The text is larger than [`super::MAX_BYTES`].
    TooLarge,
    /// A directive that cannot be read, such as `#set` with a wrong assignment.
    BadDirective,
    /// A reference that cannot be read, such as `${name` without its brace.
    BadReference,
    /// `#[[` without `]]#`, or a `#*` at the very end.
    Unclosed,
    /// `#if`, `#foreach` or `#define` without its `#end`.
    UnclosedBlock,
    /// `#end`, `#else` or `#elseif` that belongs to nothing.
    StrayDirective,
    /// `#macro`, `#parse`, `#include`, `#evaluate`, `#literal` or a block macro: API Gateway has none of them.
    RefusedDirective,
    /// A range whose ends are neither whole numbers nor references.
    BadRange,
    /// A word where a value must stand.
    BareWord,
    /// A `$` or `#` as the last character of a template.
    LoneAtEnd,
}
