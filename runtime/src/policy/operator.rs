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

    pub(super) fn named(name: &[u8]) -> Option<Operator> {
        use Comparison as C;
        let (name, quantified) = match name.strip_prefix(b"For") {
            Some(rest) => match (
                rest.strip_prefix(b"AllValues:"),
                rest.strip_prefix(b"AnyValue:"),
            ) {
                (Some(rest), _) => (rest, Some(true)),
                (_, Some(rest)) => (rest, Some(false)),
                _ => return None,
            },
            None => (name, None),
        };
        let (name, if_exists) = match name.strip_suffix(b"IfExists") {
            Some(rest) => (rest, true),
            None => (name, false),
        };
        let (test, negated) = match name {
            b"StringEquals" | b"BinaryEquals" => (Test::Text, false),
            b"StringNotEquals" => (Test::Text, true),
            b"StringEqualsIgnoreCase" => (Test::Folded, false),
            b"StringNotEqualsIgnoreCase" => (Test::Folded, true),
            b"StringLike" => (Test::Like, false),
            b"StringNotLike" => (Test::Like, true),
            b"ArnLike" | b"ArnEquals" => (Test::Arn, false),
            b"ArnNotLike" | b"ArnNotEquals" => (Test::Arn, true),
            b"NumericEquals" => (Test::Number(C::Equal), false),
            b"NumericNotEquals" => (Test::Number(C::Equal), true),
            b"NumericLessThan" => (Test::Number(C::Less), false),
            b"NumericLessThanEquals" => (Test::Number(C::LessEqual), false),
            b"NumericGreaterThan" => (Test::Number(C::Greater), false),
            b"NumericGreaterThanEquals" => (Test::Number(C::GreaterEqual), false),
            b"DateEquals" => (Test::Moment(C::Equal), false),
            b"DateNotEquals" => (Test::Moment(C::Equal), true),
            b"DateLessThan" => (Test::Moment(C::Less), false),
            b"DateLessThanEquals" => (Test::Moment(C::LessEqual), false),
            b"DateGreaterThan" => (Test::Moment(C::Greater), false),
            b"DateGreaterThanEquals" => (Test::Moment(C::GreaterEqual), false),
            b"Bool" => (Test::Boolean, false),
            b"IpAddress" => (Test::Address, false),
            b"NotIpAddress" => (Test::Address, true),
            b"Null" => (Test::Null, false),
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
        let of =
            |name: &str| Operator::named(name.as_bytes()).map(|o| (o.test, o.negated, o.of_absent));
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
