//! Conditions of both languages as one.

use tollgate_model::condition::{Clause, Condition as Source, Operator, Quantifier};
use tollgate_runtime::Variable;
use tollgate_runtime::isa::{Absent, Comparison};
use tollgate_runtime::policy::{Key, Ranges, has_variable, moment};

use super::Lowering;
use crate::ir::{Condition, ContextVariable, Leaf, Load, Test};

impl Lowering {
    pub(super) fn condition(&mut self, condition: &Source) -> Condition {
        match condition {
            Source::Always => Condition::Known(true),
            Source::Iam(clauses) => {
                Condition::And(clauses.iter().map(|clause| self.clause(clause)).collect())
            }
            Source::Not(inner) => Condition::Not(Box::new(self.condition(inner))),
            Source::All(all) => Condition::And(all.iter().map(|c| self.condition(c)).collect()),
            Source::Cel(expression) => self.cel(expression),
        }
    }

    fn clause(&mut self, clause: &Clause) -> Condition {
        if clause.values.iter().any(|v| has_variable(v)) {
            self.unsupported(
                clause.node,
                "a policy variable in a resource policy's condition",
            );
            return Condition::Error;
        }
        let absent = match (clause.if_exists, clause.quantifier) {
            (true, _) | (_, Some(Quantifier::ForAllValues)) => true,
            (false, Some(Quantifier::ForAnyValue) | None) => false,
        };
        let (positive, negated) = operator(clause.operator);
        // A negated operator holds for an absent key, with or without `IfExists`; of no value,
        // though, not any one differs.
        let inner_absent = if negated {
            match clause.quantifier {
                Some(Quantifier::ForAnyValue) if !clause.if_exists => Absent::True,
                _ => Absent::False,
            }
        } else if absent {
            Absent::True
        } else {
            Absent::False
        };
        let condition = test(positive, clause, inner_absent);
        if negated {
            Condition::Not(Box::new(condition))
        } else {
            condition
        }
    }
}

/// What an operator tests, and whether it holds where the test does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Positive {
    Text,
    TextFolded,
    Like,
    Number(Comparison),
    Moment(Comparison),
    Boolean,
    Address,
    Null,
    Binary,
}

fn operator(operator: Operator) -> (Positive, bool) {
    use Comparison as C;
    use Operator as O;
    match operator {
        O::StringEquals => (Positive::Text, false),
        O::StringNotEquals => (Positive::Text, true),
        O::StringEqualsIgnoreCase => (Positive::TextFolded, false),
        O::StringNotEqualsIgnoreCase => (Positive::TextFolded, true),
        O::StringLike | O::ArnEquals | O::ArnLike => (Positive::Like, false),
        O::StringNotLike | O::ArnNotEquals | O::ArnNotLike => (Positive::Like, true),
        O::NumericEquals => (Positive::Number(C::Equal), false),
        O::NumericNotEquals => (Positive::Number(C::Equal), true),
        O::NumericLessThan => (Positive::Number(C::Less), false),
        O::NumericLessThanEquals => (Positive::Number(C::LessEqual), false),
        O::NumericGreaterThan => (Positive::Number(C::Greater), false),
        O::NumericGreaterThanEquals => (Positive::Number(C::GreaterEqual), false),
        O::DateEquals => (Positive::Moment(C::Equal), false),
        O::DateNotEquals => (Positive::Moment(C::Equal), true),
        O::DateLessThan => (Positive::Moment(C::Less), false),
        O::DateLessThanEquals => (Positive::Moment(C::LessEqual), false),
        O::DateGreaterThan => (Positive::Moment(C::Greater), false),
        O::DateGreaterThanEquals => (Positive::Moment(C::GreaterEqual), false),
        O::Bool => (Positive::Boolean, false),
        O::BinaryEquals => (Positive::Binary, false),
        O::IpAddress => (Positive::Address, false),
        O::NotIpAddress => (Positive::Address, true),
        O::Null => (Positive::Null, false),
    }
}

/// The load of a condition key.
fn load(key: Key) -> Load {
    let context = |variable| Load::Context(ContextVariable(variable));
    match key {
        Key::SourceIp | Key::VpcSourceIp => context(Variable::IdentitySourceIp),
        Key::SourceVpce => context(Variable::IdentityVpceId),
        Key::SourceVpc => context(Variable::IdentityVpcId),
        Key::Referer => Load::HeaderFolded("Referer".into()),
        Key::UserAgent => Load::HeaderFolded("User-Agent".into()),
        Key::Time => Load::Now,
        Key::SecureTransport => Load::Secure,
    }
}

fn test(positive: Positive, clause: &Clause, absent: Absent) -> Condition {
    let key = Key::named(&clause.key);
    let load = key.map(load);
    let values = || -> Vec<String> {
        let mut values = clause.values.clone();
        values.sort();
        values.dedup();
        values
    };
    if positive == Positive::Null {
        let listed = |word: &str| clause.values.iter().any(|v| v.eq_ignore_ascii_case(word));
        let wanted = listed("true");
        if wanted && listed("false") {
            return Condition::Known(true);
        }
        let missing = match load {
            Some(load) => Condition::Leaf(Leaf::Missing(load)),
            None => Condition::Known(true),
        };
        return if wanted {
            missing
        } else {
            Condition::Not(Box::new(missing))
        };
    }
    let Some(load) = load else {
        return match absent {
            Absent::True => Condition::Known(true),
            _ => Condition::Known(false),
        };
    };
    let leaf = |test| {
        Condition::Leaf(Leaf::Test {
            load: load.clone(),
            test,
            absent,
        })
    };
    match positive {
        Positive::Text | Positive::Binary => leaf(Test::OneOf(values())),
        Positive::TextFolded => {
            let mut folded: Vec<String> = clause
                .values
                .iter()
                .map(|v| v.to_ascii_lowercase())
                .collect();
            folded.sort();
            folded.dedup();
            leaf(Test::OneOfFolded(folded))
        }
        Positive::Like => leaf(Test::Like(values())),
        Positive::Boolean => {
            let wanted = |word: &str| clause.values.iter().any(|v| v.eq_ignore_ascii_case(word));
            match (wanted("true"), wanted("false")) {
                (true, true) => {
                    Condition::Or(vec![leaf(Test::Boolean(true)), leaf(Test::Boolean(false))])
                }
                (true, false) => leaf(Test::Boolean(true)),
                (false, true) => leaf(Test::Boolean(false)),
                (false, false) => Condition::Error,
            }
        }
        Positive::Address => {
            let Some(set) = Ranges::parse(clause.values.iter().map(String::as_str)) else {
                return Condition::Error;
            };
            match key {
                Some(Key::SourceIp) => Condition::Leaf(Leaf::SourceIn {
                    set,
                    vpc: false,
                    absent,
                }),
                Some(Key::VpcSourceIp) => Condition::Leaf(Leaf::SourceIn {
                    set,
                    vpc: true,
                    absent,
                }),
                _ => leaf(Test::AddressIn(set)),
            }
        }
        Positive::Number(comparison) => any(&clause.values, |value| {
            let number: f64 = value.trim().parse().ok()?;
            // The clock is in milliseconds; what is written are seconds.
            let number = if load == Load::Now {
                number * 1000.0
            } else {
                number
            };
            Some(leaf(Test::Number(comparison, number.to_bits())))
        }),
        Positive::Moment(comparison) => any(&clause.values, |value| {
            Some(leaf(Test::Moment(comparison, moment(value)?)))
        }),
        Positive::Null => Condition::Error,
    }
}

/// Any of the values; one that cannot be read is an error.
fn any(values: &[String], leaf: impl Fn(&str) -> Option<Condition>) -> Condition {
    let mut leaves: Vec<Condition> = values
        .iter()
        .map(|value| leaf(value).unwrap_or(Condition::Error))
        .collect();
    match leaves.len() {
        1 => leaves.remove(0),
        _ => Condition::Or(leaves),
    }
}
