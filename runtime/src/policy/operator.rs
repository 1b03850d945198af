//! IAM's condition operators, as documents that arrive at request time name them.

use crate::isa::{Absent, Comparison, Manner, Op};

/// A truth value of a policy; one that is neither word fits nothing.
pub(super) fn boolean(value: &str, absent: Absent) -> Op {
    if value.eq_ignore_ascii_case("true") {
        Op::Boolean { value: 1, absent }
    } else if value.eq_ignore_ascii_case("false") {
        Op::Boolean { value: 0, absent }
    } else if absent == Absent::True {
        Op::Missing {}
    } else {
        Op::Push { truth: 0 }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Test {
    Text,
    Folded,
    Like,
    Arn,
    Number(Comparison),
    Moment(Comparison),
    Boolean,
    Address,
    Null,
}

impl Test {
    /// Whether values may hold policy variables.
    pub(super) fn takes_variables(self) -> bool {
        matches!(
            self,
            Test::Text | Test::Folded | Test::Like | Test::Arn | Test::Boolean
        )
    }

    pub(super) fn manner(self) -> Manner {
        match self {
            Test::Folded => Manner::Folded,
            Test::Like => Manner::Like,
            Test::Arn => Manner::Arn,
            Test::Boolean => Manner::Boolean,
            _ => Manner::Exact,
        }
    }
}

/// An operator of IAM's conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Operator {
    pub(super) test: Test,
    /// It holds where the test does not.
    pub(super) negated: bool,
    /// Of several values every one is to fit, below the negation; else one is enough.
    pub(super) every: bool,
    /// What it says of an absent key.
    of_absent: bool,
}

impl Operator {
    /// What the test below the negation says of an absent key.
    pub(super) fn absent(self) -> Absent {
        if self.of_absent != self.negated {
            Absent::True
        } else {
            Absent::False
        }
    }

    pub(super) fn named(name: &str) -> Option<Operator> {
        use Comparison as C;
        let (name, quantified) = match name.strip_prefix("For") {
            Some(rest) => match (
                rest.strip_prefix("AllValues:"),
                rest.strip_prefix("AnyValue:"),
            ) {
                (Some(rest), _) => (rest, Some(true)),
                (_, Some(rest)) => (rest, Some(false)),
                _ => return None,
            },
            None => (name, None),
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(rest) => (rest, true),
            None => (name, false),
        };
        let (test, negated) = match name {
            "StringEquals" | "BinaryEquals" => (Test::Text, false),
            "StringNotEquals" => (Test::Text, true),
            "StringEqualsIgnoreCase" => (Test::Folded, false),
            "StringNotEqualsIgnoreCase" => (Test::Folded, true),
            "StringLike" => (Test::Like, false),
            "StringNotLike" => (Test::Like, true),
            "ArnLike" | "ArnEquals" => (Test::Arn, false),
            "ArnNotLike" | "ArnNotEquals" => (Test::Arn, true),
            "NumericEquals" => (Test::Number(C::Equal), false),
            "NumericNotEquals" => (Test::Number(C::Equal), true),
            "NumericLessThan" => (Test::Number(C::Less), false),
            "NumericLessThanEquals" => (Test::Number(C::LessEqual), false),
            "NumericGreaterThan" => (Test::Number(C::Greater), false),
            "NumericGreaterThanEquals" => (Test::Number(C::GreaterEqual), false),
            "DateEquals" => (Test::Moment(C::Equal), false),
            "DateNotEquals" => (Test::Moment(C::Equal), true),
            "DateLessThan" => (Test::Moment(C::Less), false),
            "DateLessThanEquals" => (Test::Moment(C::LessEqual), false),
            "DateGreaterThan" => (Test::Moment(C::Greater), false),
            "DateGreaterThanEquals" => (Test::Moment(C::GreaterEqual), false),
            "Bool" => (Test::Boolean, false),
            "IpAddress" => (Test::Address, false),
            "NotIpAddress" => (Test::Address, true),
            "Null" => (Test::Null, false),
            _ => return None,
        };
        Some(Operator {
            test,
            negated,
            // Some value that does not fit: not every one does.
            every: quantified == Some(!negated),
            // All of no value fit, and none of no value does; a negated operator holds.
            of_absent: if_exists || quantified.unwrap_or(negated),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_read_with_their_prefix_and_suffix() {
        let of = |name| Operator::named(name).map(|o| (o.test, o.negated, o.of_absent));
        assert_eq!(of("StringEquals"), Some((Test::Text, false, false)));
        assert_eq!(
            of("ForAllValues:StringLikeIfExists"),
            Some((Test::Like, false, true))
        );
        assert_eq!(of("NotIpAddress"), Some((Test::Address, true, true)));
        assert_eq!(
            of("ForAnyValue:StringNotEquals"),
            Some((Test::Text, true, false))
        );
        assert_eq!(
            of("ForAnyValue:ArnNotLikeIfExists"),
            Some((Test::Arn, true, true))
        );
        assert_eq!(of("ForSome:StringLike"), None);
        assert_eq!(of("stringequals"), None);
    }
}
