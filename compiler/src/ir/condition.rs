//! Conditions of three values.
//!
//! A leaf says itself what an absent key means; connectives are Kleene's; whether an error helps or harms is
//! the statement's business, never a condition's. All of IAM lowers to this, and so does CEL.

use tollgate_runtime::isa::{Absent, Comparison};

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
    /// The client's address is in the set; behind a VPC endpoint (`vpc`) or elsewhere it is absent.
    SourceIn {
        set: Ranges,
        vpc: bool,
        absent: Absent,
    },
    /// `API/STAGE/VERB/PATH` fits one of the globs.
    ArnLike(Vec<String>),
    /// A loaded value passes a test.
    Test {
        load: Load,
        test: Test,
        absent: Absent,
    },
    /// A loaded value is missing.
    Missing(Load),
}

/// What a loaded value is tested for. Sets are ordered and without repeats.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Test {
    OneOf(Vec<String>),
    /// Whatever the letter case.
    OneOfFolded(Vec<String>),
    Like(Vec<String>),
    /// An `f64`'s bits.
    Number(Comparison, u64),
    /// Milliseconds since 1970.
    Moment(Comparison, i64),
    Boolean(bool),
    AddressIn(Ranges),
}

/// A set of addresses: first and last, ordered, apart.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Ranges {
    pub(crate) four: Vec<(u32, u32)>,
    pub(crate) six: Vec<(u128, u128)>,
}

impl Ranges {
    /// The set of these ranges: ordered, overlapping and adjacent ones joined.
    pub(crate) fn new(mut four: Vec<(u32, u32)>, mut six: Vec<(u128, u128)>) -> Ranges {
        four.sort_unstable();
        six.sort_unstable();
        let mut set = Ranges::default();
        for (first, last) in four {
            match set.four.last_mut() {
                Some(before) if before.1 == u32::MAX || first <= before.1 + 1 => {
                    before.1 = before.1.max(last)
                }
                _ => set.four.push((first, last)),
            }
        }
        for (first, last) in six {
            match set.six.last_mut() {
                Some(before) if before.1 == u128::MAX || first <= before.1 + 1 => {
                    before.1 = before.1.max(last)
                }
                _ => set.six.push((first, last)),
            }
        }
        set
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_joined() {
        let set = Ranges::new(
            vec![
                (10, 20),
                (0, 3),
                (21, 30),
                (15, 18),
                (40, u32::MAX),
                (50, 60),
            ],
            vec![],
        );
        assert_eq!(set.four, [(0, 3), (10, 30), (40, u32::MAX)]);
    }
}
