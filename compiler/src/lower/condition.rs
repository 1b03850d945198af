//! Conditions of both languages as one.

use tollgate_model::condition::{Clause, Condition as Source, Operator, Quantifier};
use tollgate_runtime::Variable;
use tollgate_runtime::isa::{Absent, Comparison, Manner};
use tollgate_runtime::policy::{Key, Piece, Ranges, is_principal_key, moment, pieces};

use super::Lowering;
use crate::ir::{Condition, ContextVariable, Leaf, Load, PatternPiece, Test};

impl Lowering {
    pub(super) fn condition(&mut self, condition: &Source) -> Condition {
        match condition {
            Source::Always => Condition::Known(true),
            Source::Iam(clauses) => {
                Condition::And(clauses.iter().map(|clause| self.clause(clause)).collect())
            }
            Source::Not(inner) => Condition::Not(Box::new(self.condition(inner))),
            Source::All(all) => Condition::And(all.iter().map(|c| self.condition(c)).collect()),
            Source::Cel(expression, node) => {
                self.cel_steps = super::cel::MAX_STEPS;
                self.cel_node = *node;
                self.cel(expression)
            }
        }
    }

    fn clause(&mut self, clause: &Clause) -> Condition {
        let (positive, negated) = operator(clause.operator);
        // All of no value fit, and none of no value does; a negated operator holds for an absent key.
        let of_absent = clause.if_exists
            || match clause.quantifier {
                Some(Quantifier::ForAllValues) => true,
                Some(Quantifier::ForAnyValue) => false,
                None => negated,
            };
        let absent = if of_absent != negated {
            Absent::True
        } else {
            Absent::False
        };
        // Some value that does not fit: not every one does.
        let every = match clause.quantifier {
            Some(Quantifier::ForAllValues) => !negated,
            Some(Quantifier::ForAnyValue) => negated,
            None => false,
        };
        let condition = test(positive, clause, absent, every);
        if negated {
            Condition::Not(Box::new(condition))
        } else {
            condition
        }
    }
}

/// The pieces of a text with policy variables; `None`: it fits nothing.
pub(super) fn pattern(text: &str) -> Option<Vec<PatternPiece>> {
    pieces(text)?
        .into_iter()
        .map(|piece| {
            Some(match piece {
                Piece::Text(text) => PatternPiece::Text(text.to_owned()),
                Piece::Escaped(text) => PatternPiece::Literal(text.to_owned()),
                Piece::Variable { key, default } => match (load(key), default) {
                    (Some(load), default) => PatternPiece::Variable {
                        load,
                        default: default.map(str::to_owned),
                    },
                    // Nobody has the key.
                    (None, default) => PatternPiece::Literal(default?.to_owned()),
                },
            })
        })
        .collect()
}

/// What an operator tests, and whether it holds where the test does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Positive {
    Text,
    TextFolded,
    Like,
    Arn,
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
        O::StringLike => (Positive::Like, false),
        O::StringNotLike => (Positive::Like, true),
        O::ArnEquals | O::ArnLike => (Positive::Arn, false),
        O::ArnNotEquals | O::ArnNotLike => (Positive::Arn, true),
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

/// The load of a condition key; `None`: nobody has it.
fn load(name: &str) -> Option<Load> {
    let context = |variable| Load::Context(ContextVariable(variable));
    if is_principal_key(name) {
        return Some(Load::Principal(name.to_ascii_lowercase()));
    }
    Some(match Key::named(name)? {
        Key::SourceIp | Key::VpcSourceIp => context(Variable::IdentitySourceIp),
        Key::SourceVpce => context(Variable::IdentityVpceId),
        Key::SourceVpc => context(Variable::IdentityVpcId),
        Key::Referer => Load::HeaderFolded("Referer".into()),
        Key::UserAgent => Load::HeaderFolded("User-Agent".into()),
        Key::Time => Load::Now,
        Key::SecureTransport => Load::Secure,
    })
}

/// How a value with policy variables is compared; `None`: its operator takes none.
fn manner(positive: Positive) -> Option<Manner> {
    match positive {
        Positive::Text => Some(Manner::Exact),
        Positive::TextFolded => Some(Manner::Folded),
        Positive::Like => Some(Manner::Like),
        Positive::Arn => Some(Manner::Arn),
        Positive::Boolean => Some(Manner::Boolean),
        _ => None,
    }
}

fn test(positive: Positive, clause: &Clause, absent: Absent, every: bool) -> Condition {
    let load = match load(&clause.key) {
        Some(Load::Principal(name)) if every => Some(Load::PrincipalEach(name)),
        load => load,
    };
    if positive == Positive::Null {
        let listed = |word: &str| clause.values.iter().any(|v| v.eq_ignore_ascii_case(word));
        let missing = match load {
            Some(load) => Condition::Leaf(Leaf::Missing(load)),
            None => Condition::Known(true),
        };
        return match (listed("true"), listed("false")) {
            (true, true) => Condition::Known(true),
            (false, false) => Condition::Known(false),
            (true, false) => missing,
            (false, true) => Condition::Not(Box::new(missing)),
        };
    }
    let Some(load) = load else {
        return Condition::Known(absent == Absent::True);
    };
    let Some(manner) = manner(positive) else {
        return fixed(positive, &clause.key, &load, &clause.values, absent);
    };
    let (varying, values): (Vec<&String>, Vec<&String>) =
        clause.values.iter().partition(|v| v.contains("${"));
    let mut any = Vec::new();
    if !values.is_empty() || varying.is_empty() {
        let values: Vec<String> = values.into_iter().cloned().collect();
        any.push(fixed(positive, &clause.key, &load, &values, absent));
    }
    for text in varying {
        any.push(match pattern(text) {
            Some(pattern) => Condition::Leaf(Leaf::Fits {
                load: load.clone(),
                pattern,
                manner,
                absent,
            }),
            None => only_if_absent(&load, absent),
        });
    }
    match any.len() {
        1 => any.remove(0),
        _ => Condition::Or(any),
    }
}

/// What nothing fits: true at most for an absent key.
fn only_if_absent(load: &Load, absent: Absent) -> Condition {
    match absent {
        Absent::True => Condition::Leaf(Leaf::Missing(load.clone())),
        _ => Condition::Known(false),
    }
}

/// The test of values without variables.
fn fixed(
    positive: Positive,
    key: &str,
    load: &Load,
    values: &[String],
    absent: Absent,
) -> Condition {
    let leaf = |test| {
        Condition::Leaf(Leaf::Test {
            load: load.clone(),
            test,
            absent,
        })
    };
    let sorted = |mut values: Vec<String>| {
        values.sort();
        values.dedup();
        values
    };
    match positive {
        Positive::Text | Positive::Binary => leaf(Test::OneOf(sorted(values.to_vec()))),
        Positive::TextFolded => leaf(Test::OneOfFolded(sorted(
            values.iter().map(|v| v.to_ascii_lowercase()).collect(),
        ))),
        Positive::Like => leaf(Test::Like(sorted(values.to_vec()))),
        Positive::Arn => leaf(Test::Arn(sorted(values.to_vec()))),
        Positive::Boolean => {
            let wanted = |word: &str| values.iter().any(|v| v.eq_ignore_ascii_case(word));
            match (wanted("true"), wanted("false")) {
                (true, true) => {
                    Condition::Or(vec![leaf(Test::Boolean(true)), leaf(Test::Boolean(false))])
                }
                (true, false) => leaf(Test::Boolean(true)),
                (false, true) => leaf(Test::Boolean(false)),
                (false, false) => only_if_absent(load, absent),
            }
        }
        Positive::Address => {
            let Some(set) = Ranges::parse(values.iter().map(String::as_str)) else {
                return Condition::Error;
            };
            match Key::named(key) {
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
        Positive::Number(comparison) => any(values, |value| {
            let number: f64 = value.trim().parse().ok()?;
            // The clock is in milliseconds; what is written are seconds.
            let number = if *load == Load::Now {
                number * 1000.0
            } else {
                number
            };
            Some(leaf(Test::Number(comparison, number.to_bits())))
        }),
        Positive::Moment(comparison) => any(values, |value| {
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
