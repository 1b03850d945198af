//! Mapping templates at request time: a small machine over compiled programs.
//!
//! [`render`] runs a [`Program`] for a [`Host`], which lends the payload and builds `$context`, `$input.params()`
//! and `$stageVariables`. Values live in the [`Scratch`](crate::Scratch); the result is a [`Text`](crate::Text) in it. Everything is
//! bounded by [`Limits`]; a fault names what went wrong and where.

mod arithmetic;
mod compare;
mod fault;
mod host;
mod isa;
mod loops;
mod machine;
mod methods;
mod pattern;
mod program;
mod property;
pub mod regex;
mod text;
mod wide;

pub use fault::{Failure, Fault};
pub use host::{Host, MapHost, Place, add_overrides};
pub use isa::{Op, Path, Slot, Str, Target};
pub use machine::render;
pub use methods::Method;
pub(crate) use pattern::Patterns;
pub use program::{BadProgram, Program, ROOTS, assemble};
pub(crate) use text::find;
pub use wide::MAX_DIGITS;

use crate::behaviour::{Behaviour, Switch};
use crate::value::Value;

/// Whether a text holds another.
pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    text::find(haystack, needle, 0).is_some()
}

/// What one rendering may use. Memory is bounded by the cap of the scratch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Instructions, items looked at, bytes looked at by eights, pattern steps.
    pub work: u64,
    /// Bytes of output.
    pub output: u32,
    /// Rounds of one `#foreach`: 1,000 in the reference.
    pub rounds: u32,
    /// Blocks rendering inside blocks.
    pub depth: u16,
}

impl Default for Limits {
    /// 20 million units of work (a fraction of a second), 10 MiB of output, 1,000 rounds, 32 blocks.
    fn default() -> Limits {
        Limits {
            work: 20_000_000,
            output: 10 << 20,
            rounds: 1000,
            depth: 32,
        }
    }
}

/// How a template is run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The bounds.
    pub limits: Limits,
    /// An unresolved reference is null, not `""`: `vtl.undefined`.
    pub undefined_is_null: bool,
    /// A loop of too many rounds is a fault and does not just end: `vtl.foreach-limit`.
    pub loop_limit_is_fault: bool,
    /// `$input.params(name)` ignores the case of header names: `header.names`.
    pub fold_headers: bool,
}

impl Settings {
    /// The settings that a bundle's behaviour asks for.
    #[must_use]
    pub fn of(behaviour: &Behaviour) -> Settings {
        Settings {
            limits: Limits::default(),
            undefined_is_null: behaviour.get(Switch::VtlUndefined) == 1,
            loop_limit_is_fault: behaviour.get(Switch::VtlForeachLimit) == 1,
            fold_headers: behaviour.get(Switch::HeaderNames) == 1,
        }
    }
}

/// What lives on from the request template to the response template of the same session.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Kept {
    /// `$context` with its overrides and whatever templates put there; missing until a template looks at it.
    pub context: Value,
}
