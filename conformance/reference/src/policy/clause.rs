//! IAM's condition operators.

use std::net::IpAddr;

use ipnet::IpNet;
use tollgate_model::condition::{Clause, Operator, Quantifier};

use super::arn::fits_arn;
use super::glob::{Piece, fits, pieces};
use super::{Question, Truth};
use crate::number::{Number, parse_decimal};

/// The value of a condition key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyValue {
    /// One value.
    One(String),
    /// Any number of values.
    Many(Vec<String>),
}

impl KeyValue {
    fn values(&self) -> &[String] {
        match self {
            KeyValue::One(value) => std::slice::from_ref(value),
            KeyValue::Many(values) => values,
        }
    }
}

/// The value of a key; names compare without regard to case.
fn value<'q>(question: &'q Question, key: &str) -> Option<&'q KeyValue> {
    question
        .keys
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| value)
}

/// Whether an operator says what is not.
fn is_negated(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::StringNotEquals
            | Operator::StringNotEqualsIgnoreCase
            | Operator::StringNotLike
            | Operator::NumericNotEquals
            | Operator::DateNotEquals
            | Operator::NotIpAddress
            | Operator::ArnNotEquals
            | Operator::ArnNotLike
    )
}

/// A clause's value.
///
/// Several values of the policy are alternatives; a negated operator must differ from all of
/// them. An absent key makes positive operators false and negated ones true.
pub fn evaluate(clause: &Clause, question: &Question) -> Truth {
    let found = value(question, &clause.key);
    if clause.operator == Operator::Null {
        let absent = found.is_none_or(|value| value.values().is_empty());
        let wanted = clause.values.iter().any(|value| {
            if absent {
                value.eq_ignore_ascii_case("true")
            } else {
                value.eq_ignore_ascii_case("false")
            }
        });
        return wanted.into();
    }
    let negated = is_negated(clause.operator);
    let Some(found) = found.filter(|value| !value.values().is_empty()) else {
        if clause.if_exists {
            return Truth::True;
        }
        return match clause.quantifier {
            Some(Quantifier::ForAllValues) => true,
            Some(Quantifier::ForAnyValue) => false,
            None => negated,
        }
        .into();
    };
    // Whether one value of the request satisfies the operator against the policy's values.
    let satisfies = |value: &String| {
        let mut any = Truth::False;
        for expected in &clause.values {
            match compare(clause.operator, value, expected, question) {
                Compared::Fits => any = Truth::True,
                Compared::BadPolicy if any == Truth::False => any = Truth::Error,
                Compared::BadPolicy | Compared::Differs => {}
            }
        }
        if negated { any.negated() } else { any }
    };
    // Without a quantifier several values count as they do for the weaker one of each side.
    let all = match clause.quantifier {
        Some(Quantifier::ForAllValues) => true,
        Some(Quantifier::ForAnyValue) => false,
        None => negated,
    };
    // All of no value satisfy it, and none of no value does.
    let found = found.values().iter().map(satisfies);
    if all {
        found.fold(Truth::True, Truth::and)
    } else {
        found.fold(Truth::False, |any, one| {
            any.negated().and(one.negated()).negated()
        })
    }
}

enum Compared {
    Fits,
    Differs,
    /// The policy's own value is none of the operator's type.
    BadPolicy,
}

impl From<bool> for Compared {
    fn from(fits: bool) -> Compared {
        if fits {
            Compared::Fits
        } else {
            Compared::Differs
        }
    }
}

/// The positive comparison of an operator or of its negation. A request's value that is none of
/// the operator's type fits nothing.
fn compare(operator: Operator, value: &str, expected: &str, question: &Question) -> Compared {
    use std::cmp::Ordering::{Equal, Greater, Less};
    if question.variables && is_open(expected) && takes_variables(operator) {
        return Compared::BadPolicy;
    }
    match operator {
        Operator::StringEquals | Operator::StringNotEquals => literal(expected, question)
            .is_some_and(|text| text == value)
            .into(),
        Operator::StringEqualsIgnoreCase | Operator::StringNotEqualsIgnoreCase => {
            literal(expected, question)
                .is_some_and(|text| text.to_lowercase() == value.to_lowercase())
                .into()
        }
        Operator::StringLike | Operator::StringNotLike => expand(expected, question)
            .is_some_and(|pattern| fits(&pattern, value))
            .into(),
        Operator::ArnEquals | Operator::ArnLike | Operator::ArnNotEquals | Operator::ArnNotLike => {
            let is_arn = value.split(':').count() >= 6 && value.starts_with("arn:");
            expand(expected, question)
                .is_some_and(|pattern| is_arn && fits_arn(&pattern, value))
                .into()
        }
        Operator::Bool => literal(expected, question)
            .is_some_and(|text| {
                matches!(text.to_lowercase().as_str(), "true" | "false")
                    && text.eq_ignore_ascii_case(value)
            })
            .into(),
        Operator::BinaryEquals => {
            let expected = crate::base64::decode(expected.as_bytes());
            (expected.is_some() && crate::base64::decode(value.as_bytes()) == expected).into()
        }
        Operator::IpAddress | Operator::NotIpAddress => {
            let Some(net) = network(expected) else {
                return Compared::BadPolicy;
            };
            value
                .parse::<IpAddr>()
                .is_ok_and(|address| net.contains(&address))
                .into()
        }
        Operator::NumericEquals
        | Operator::NumericNotEquals
        | Operator::NumericLessThan
        | Operator::NumericLessThanEquals
        | Operator::NumericGreaterThan
        | Operator::NumericGreaterThanEquals => {
            let Some(expected) = number(expected) else {
                return Compared::BadPolicy;
            };
            let Some(order) = number(value).and_then(|value| value.compare(&expected)) else {
                return Compared::Differs;
            };
            match operator {
                Operator::NumericLessThan => order == Less,
                Operator::NumericLessThanEquals => order != Greater,
                Operator::NumericGreaterThan => order == Greater,
                Operator::NumericGreaterThanEquals => order != Less,
                _ => order == Equal,
            }
            .into()
        }
        Operator::DateEquals
        | Operator::DateNotEquals
        | Operator::DateLessThan
        | Operator::DateLessThanEquals
        | Operator::DateGreaterThan
        | Operator::DateGreaterThanEquals => {
            let Some(expected) = moment(expected) else {
                return Compared::BadPolicy;
            };
            let Some(value) = moment(value) else {
                return Compared::Differs;
            };
            let order = value.cmp(&expected);
            match operator {
                Operator::DateLessThan => order == Less,
                Operator::DateLessThanEquals => order != Greater,
                Operator::DateGreaterThan => order == Greater,
                Operator::DateGreaterThanEquals => order != Less,
                _ => order == Equal,
            }
            .into()
        }
        // Decided before any comparison.
        Operator::Null => Compared::Differs,
    }
}

/// Whether an operator's values may hold variables.
fn takes_variables(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::StringEquals
            | Operator::StringNotEquals
            | Operator::StringEqualsIgnoreCase
            | Operator::StringNotEqualsIgnoreCase
            | Operator::StringLike
            | Operator::StringNotLike
            | Operator::ArnEquals
            | Operator::ArnLike
            | Operator::ArnNotEquals
            | Operator::ArnNotLike
            | Operator::Bool
    )
}

/// Whether nothing closes a `${`.
pub(super) fn is_open(text: &str) -> bool {
    text.split("${").skip(1).any(|inside| !inside.contains('}'))
}

/// A range of addresses; a bare address is a range of one.
pub(crate) fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>()
        .ok()
        .or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

/// A number as IAM reads it: an integer or a decimal fraction.
fn number(text: &str) -> Option<Number> {
    let text = text.trim();
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    let first = digits.chars().next()?;
    if !(first.is_ascii_digit() || first == '.') {
        return None;
    }
    parse_decimal(text.strip_prefix('+').unwrap_or(text))
        .map(|(unscaled, scale)| Number::Decimal(unscaled, scale))
}

/// A moment in milliseconds since 1970: ISO 8601 in any of its usual lengths, or epoch seconds.
pub(crate) fn moment(text: &str) -> Option<i128> {
    let text = text.trim();
    if let Some(seconds) =
        number(text).filter(|_| text.parse::<f64>().is_ok() && !looks_like_date(text))
    {
        return Some((seconds.to_f64() * 1000.0).round() as i128);
    }
    if let Ok(timestamp) = text.parse::<jiff::Timestamp>() {
        return Some(timestamp.as_nanosecond() / 1_000_000);
    }
    let millis = |date: jiff::civil::DateTime| {
        date.to_zoned(jiff::tz::TimeZone::UTC)
            .ok()
            .map(|zoned| zoned.timestamp().as_nanosecond() / 1_000_000)
    };
    if let Ok(date) = text.parse::<jiff::civil::DateTime>() {
        return millis(date);
    }
    if let Ok(date) = text.parse::<jiff::civil::Date>() {
        return millis(date.to_datetime(jiff::civil::Time::midnight()));
    }
    // `2024-06` and times without seconds, as W3C's profile of ISO 8601 has them.
    if let Ok(date) = format!("{text}-01").parse::<jiff::civil::Date>() {
        return millis(date.to_datetime(jiff::civil::Time::midnight()));
    }
    None
}

/// Four digits alone are a year to some and seconds to others; IAM reads seconds.
fn looks_like_date(text: &str) -> bool {
    text.contains(':') || text.trim_start_matches('-').contains('-')
}

/// A text with its variables filled, no character of it standing for others. None: a variable
/// has no value.
fn literal(text: &str, question: &Question) -> Option<String> {
    let mut out = String::new();
    for part in parts(text, question)? {
        match part {
            Part::Text(text) | Part::Value(text) => out.push_str(&text),
            Part::Escaped(c) => out.push(c),
        }
    }
    Some(out)
}

/// A pattern with its variables filled; what they bring in are literals, stars included.
pub(super) fn expand(text: &str, question: &Question) -> Option<Vec<Piece>> {
    let mut out = Vec::new();
    for part in parts(text, question)? {
        match part {
            Part::Text(text) => out.extend(pieces(&text)),
            Part::Value(text) => out.extend(text.chars().map(Piece::Literal)),
            Part::Escaped(c) => out.push(Piece::Literal(c)),
        }
    }
    Some(out)
}

enum Part {
    /// As written.
    Text(String),
    /// What a variable stands for.
    Value(String),
    /// `${*}`, `${?}`, `${$}`.
    Escaped(char),
}

fn parts(text: &str, question: &Question) -> Option<Vec<Part>> {
    if !question.variables {
        return Some(vec![Part::Text(text.to_owned())]);
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        parts.push(Part::Text(rest[..start].to_owned()));
        let inside = &rest[start + 2..];
        let end = inside.find('}')?;
        let name = &inside[..end];
        rest = &inside[end + 1..];
        match name {
            "*" | "?" | "$" => {
                parts.extend(name.chars().next().map(Part::Escaped));
                continue;
            }
            _ => {}
        }
        let (key, default) = match name.split_once(',') {
            Some((key, default)) => (
                key.trim(),
                default
                    .trim()
                    .strip_prefix('\'')
                    .and_then(|text| text.strip_suffix('\'')),
            ),
            None => (name.trim(), None),
        };
        let found = match value(question, key) {
            Some(KeyValue::One(value)) => Some(value.clone()),
            // Only keys with one value can stand here.
            Some(KeyValue::Many(values)) if values.len() == 1 => values.first().cloned(),
            Some(KeyValue::Many(_)) | None => default.map(str::to_owned),
        };
        parts.push(Part::Value(found?));
    }
    parts.push(Part::Text(rest.to_owned()));
    Some(parts)
}
