//! What is known of a route's callers before any request.
//!
//! Only callers of `auth iam` have the condition keys of principals, and only those of token authorizers have
//! claims: for all others these are absent, and conditions over them are decided here.

use tollgate_runtime::isa::{Absent, Comparison};

use crate::ir::{Condition, Leaf, Load, PatternPiece, Route, Who};

/// How callers of a route show who they are, as far as policies can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Caller {
    /// Not at all, or to a function.
    Anonymous,
    /// By a signature.
    Signer,
    /// By a token.
    Holder,
}

impl Caller {
    pub(super) fn of(route: &Route) -> Caller {
        match route.auth {
            1 => Caller::Signer,
            3 | 4 => Caller::Holder,
            _ => Caller::Anonymous,
        }
    }

    fn never_has(self, load: &Load) -> bool {
        match load {
            Load::Principal(_) | Load::PrincipalEach(_) => self != Caller::Signer,
            Load::Authorizer(name) => self != Caller::Holder && name.starts_with("claims."),
            _ => false,
        }
    }

    /// The condition for these callers.
    pub(super) fn specialize(self, condition: &Condition) -> Condition {
        match condition {
            Condition::Known(_) | Condition::Error => condition.clone(),
            Condition::Not(inner) => Condition::Not(Box::new(self.specialize(inner))),
            Condition::And(all) => Condition::And(all.iter().map(|c| self.specialize(c)).collect()),
            Condition::Or(all) => Condition::Or(all.iter().map(|c| self.specialize(c)).collect()),
            Condition::Leaf(leaf) => self.leaf(leaf),
        }
    }

    fn leaf(self, leaf: &Leaf) -> Condition {
        match leaf {
            Leaf::Test { load, absent, .. } | Leaf::Fits { load, absent, .. }
                if self.never_has(load) =>
            {
                match absent {
                    Absent::False => Condition::Known(false),
                    Absent::True => Condition::Known(true),
                    Absent::Error => Condition::Error,
                }
            }
            Leaf::Missing(load) if self.never_has(load) => Condition::Known(true),
            Leaf::Compare {
                left,
                right,
                comparison,
            } => match (self.never_has(left), self.never_has(right)) {
                (false, false) => Condition::Leaf(leaf.clone()),
                (true, true) if *comparison == Comparison::Equal => Condition::Known(true),
                (true, false) if *comparison == Comparison::Equal => missing(right),
                (false, true) if *comparison == Comparison::Equal => missing(left),
                _ => Condition::Error,
            },
            Leaf::Part { whole, text, .. } if self.never_has(whole) || self.never_has(text) => {
                Condition::Error
            }
            Leaf::Fits {
                load,
                pattern,
                manner,
                absent,
            } => match self.pattern(pattern) {
                Some(pattern) => Condition::Leaf(Leaf::Fits {
                    load: load.clone(),
                    pattern,
                    manner: *manner,
                    absent: *absent,
                }),
                // It fits nothing, so only an absent key is left.
                None if *absent == Absent::True => Condition::Leaf(Leaf::Missing(load.clone())),
                None => Condition::Known(false),
            },
            Leaf::ArnFits(pattern) => match self.pattern(pattern) {
                Some(pattern) => Condition::Leaf(Leaf::ArnFits(pattern)),
                None => Condition::Known(false),
            },
            other => Condition::Leaf(other.clone()),
        }
    }

    /// The pattern with what stands in for absent keys; `None`: one has no default.
    fn pattern(self, pattern: &[PatternPiece]) -> Option<Vec<PatternPiece>> {
        pattern
            .iter()
            .map(|piece| match piece {
                PatternPiece::Variable { load, default } if self.never_has(load) => {
                    default.clone().map(PatternPiece::Literal)
                }
                other => Some(other.clone()),
            })
            .collect()
    }

    /// Whom of these callers a statement means: by a name of their own, and by their account alone.
    pub(super) fn meant(self, who: &Who, denied: bool) -> (Condition, Condition) {
        let never = || Condition::Known(false);
        let one_of = |names: &[String]| match names {
            [] => Condition::Known(false),
            names => Condition::Leaf(Leaf::PrincipalIn(names.to_vec())),
        };
        match (who, self) {
            (Who::Anyone, _) => (Condition::Known(true), never()),
            (Who::Nobody, _) => (never(), never()),
            (Who::Except(_), Caller::Anonymous | Caller::Holder) => {
                (Condition::Known(true), never())
            }
            (Who::Except(names), Caller::Signer) if names.is_empty() => {
                (Condition::Known(true), never())
            }
            (Who::Except(names), Caller::Signer) => {
                // A denial spares only whom all of its names spare; an allowance means nobody whom it names.
                let means = match denied {
                    true => Condition::Leaf(Leaf::PrincipalBeyond(names.clone())),
                    false => Condition::Not(Box::new(one_of(names))),
                };
                (means, never())
            }
            (Who::Only { .. }, Caller::Anonymous | Caller::Holder) => (never(), never()),
            (Who::Only { named, accounts }, Caller::Signer) => (one_of(named), one_of(accounts)),
        }
    }
}

fn missing(load: &Load) -> Condition {
    match load {
        Load::Text(_) => Condition::Known(false),
        load => Condition::Leaf(Leaf::Missing(load.clone())),
    }
}
