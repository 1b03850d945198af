//! Conditions of three values.
//!
//! A leaf says itself what an absent key means; connectives are Kleene's; whether an error helps or harms is
//! the statement's business, never a condition's. All of IAM lowers to this, and so does CEL.

use tollgate_runtime::isa::{Absent, Comparison, Manner, Part};
use tollgate_runtime::policy::Ranges;

use super::Load;

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Condition {
    /// Known before any request.
    Known(bool),
    /// Cannot be evaluated.
    Error,
    Not(Box<Condition>),
    /// All of these; none: true.
    And(Vec<Condition>),
    /// Any of these; none: false.
    Or(Vec<Condition>),
    Leaf(Leaf),
}

/// A test of one attribute of the request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Leaf {
    /// The client's address is in the set; it is absent but behind a VPC endpoint (`vpc`), or but elsewhere.
    SourceIn {
        set: Ranges,
        vpc: bool,
        absent: Absent,
    },
    /// The client's address is in the set, behind a VPC endpoint or not.
    PeerIn(Ranges),
    /// `API/STAGE/VERB/PATH` fits one of the globs.
    ArnLike(Vec<String>),
    /// `PATH` of that fits one of the globs.
    PathLike(Vec<String>),
    /// A loaded value passes a test.
    Test {
        load: Load,
        test: Test,
        absent: Absent,
    },
    /// A loaded value is missing.
    Missing(Load),
    /// Two loaded texts compare so; what is missing is equal to what is missing, and else an error.
    Compare {
        left: Load,
        right: Load,
        comparison: Comparison,
    },
    /// What the runtime's evaluator of CEL makes of its code.
    Computed(Vec<u8>),
    /// A loaded text is a part of another.
    Part { whole: Load, text: Load, part: Part },
    /// A loaded value fits a text with policy variables.
    Fits {
        load: Load,
        pattern: Vec<PatternPiece>,
        manner: Manner,
        absent: Absent,
    },
    /// `API/STAGE/VERB/PATH` fits a glob with policy variables.
    ArnFits(Vec<PatternPiece>),
    /// One of these means the caller who signs.
    PrincipalIn(Vec<String>),
    /// A name of the caller who signs is none of these, or it has a permissions boundary.
    PrincipalBeyond(Vec<String>),
}

/// A piece of a text with policy variables.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum PatternPiece {
    /// As written: in a glob, `*` and `?` stand for others.
    Text(String),
    /// Itself and nothing else.
    Literal(String),
    /// What a condition key holds; without a value and a default, the whole fits nothing.
    Variable { load: Load, default: Option<String> },
}

/// What a loaded value is tested for. Sets are ordered and without repeats.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    OneOf(Vec<String>),
    /// Whatever the letter case.
    OneOfFolded(Vec<String>),
    Like(Vec<String>),
    /// Part by part between colons.
    Arn(Vec<String>),
    /// The table of an automaton.
    Matches(Vec<u8>),
    /// An `f64`'s bits.
    Number(Comparison, u64),
    /// Milliseconds since 1970.
    Moment(Comparison, i64),
    Boolean(bool),
    AddressIn(Ranges),
}

impl Condition {
    /// The number of leaves and connectives: what a copy costs.
    pub(crate) fn size(&self) -> usize {
        match self {
            Condition::Known(_) | Condition::Error | Condition::Leaf(_) => 1,
            Condition::Not(inner) => 1 + inner.size(),
            Condition::And(all) | Condition::Or(all) => {
                1 + all.iter().map(Condition::size).sum::<usize>()
            }
        }
    }
}
