//! Conditions of both languages as one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use tollgate_model::condition::{Clause, Condition as Source, Operator, Quantifier};
use tollgate_runtime::Variable;
use tollgate_runtime::isa::{Absent, Comparison};

use super::Lowering;
use crate::ir::{Condition, ContextVariable, Leaf, Load, Ranges, Test};

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
        // A negated operator holds for an absent key, with or without `IfExists`.
        let inner_absent = if negated {
            Absent::False
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

fn has_variable(value: &str) -> bool {
    // `${*}`, `${?}` and `${$}` are the characters themselves.
    let mut rest = value;
    while let Some(at) = rest.find("${") {
        let inner = rest.get(at + 2..).unwrap_or_default();
        if !["*}", "?}", "$}"]
            .iter()
            .any(|escape| inner.starts_with(escape))
        {
            return true;
        }
        rest = inner;
    }
    false
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

/// The load of a condition key; `None`: callers without IAM credentials never have it.
fn key(name: &str) -> Option<Load> {
    let context = |v| Some(Load::Context(ContextVariable(v)));
    match name.to_ascii_lowercase().as_str() {
        "aws:sourceip" | "aws:vpcsourceip" => context(Variable::IdentitySourceIp),
        "aws:sourcevpce" => context(Variable::IdentityVpceId),
        "aws:sourcevpc" => context(Variable::IdentityVpcId),
        "aws:referer" => Some(Load::HeaderFolded("Referer".into())),
        "aws:useragent" => Some(Load::HeaderFolded("User-Agent".into())),
        "aws:currenttime" | "aws:epochtime" => Some(Load::Now),
        "aws:securetransport" => Some(Load::Secure),
        _ => None,
    }
}

fn test(positive: Positive, clause: &Clause, absent: Absent) -> Condition {
    let load = key(&clause.key);
    let values = || -> Vec<String> {
        let mut values = clause.values.clone();
        values.sort();
        values.dedup();
        values
    };
    if positive == Positive::Null {
        let wanted = clause.values.iter().any(|v| v.eq_ignore_ascii_case("true"));
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
            let Some(set) = ranges(&clause.values) else {
                return Condition::Error;
            };
            let vpc = clause.key.eq_ignore_ascii_case("aws:VpcSourceIp");
            match load {
                Load::Context(ContextVariable(Variable::IdentitySourceIp)) => {
                    Condition::Leaf(Leaf::SourceIn { set, vpc, absent })
                }
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

/// Addresses and CIDR blocks as ranges; `None` if one cannot be read.
pub(crate) fn ranges(values: &[String]) -> Option<Ranges> {
    let (mut four, mut six) = (Vec::new(), Vec::new());
    for value in values {
        let (address, bits) = match value.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u32>().ok()?)),
            None => (value.as_str(), None),
        };
        match address.parse().ok()? {
            IpAddr::V4(ip) => four.push(block_four(ip, bits.unwrap_or(32))?),
            IpAddr::V6(ip) => six.push(block_six(ip, bits.unwrap_or(128))?),
        }
    }
    Some(Ranges::new(four, six))
}

fn block_four(ip: Ipv4Addr, bits: u32) -> Option<(u32, u32)> {
    if bits > 32 {
        return None;
    }
    let host = u32::MAX.checked_shr(bits).unwrap_or(0);
    let first = u32::from(ip) & !host;
    Some((first, first | host))
}

fn block_six(ip: Ipv6Addr, bits: u32) -> Option<(u128, u128)> {
    if bits > 128 {
        return None;
    }
    let host = u128::MAX.checked_shr(bits).unwrap_or(0);
    let first = u128::from(ip) & !host;
    Some((first, first | host))
}

/// A moment of ISO 8601, or seconds since 1970, in milliseconds.
fn moment(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(seconds) = text.parse::<i64>() {
        // Four digits are a year.
        if text.len() != 4 {
            return seconds.checked_mul(1000);
        }
    }
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year: i64 = parts.next()?.parse().ok()?;
    let month: i64 = parts.next().map_or(Some(1), |m| m.parse().ok())?;
    let day: i64 = parts.next().map_or(Some(1), |d| d.parse().ok())?;
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let mut ms = days(year, month, day).checked_mul(86_400_000)?;
    if let Some(time) = time {
        let (clock, offset) = zone(time)?;
        let mut parts = clock.split(':');
        let hour: i64 = parts.next()?.parse().ok()?;
        let minute: i64 = parts.next().map_or(Some(0), |m| m.parse().ok())?;
        let second: f64 = parts.next().map_or(Some(0.0), |s| s.parse().ok())?;
        if !(0..=24).contains(&hour) || !(0..60).contains(&minute) || !(0.0..61.0).contains(&second)
        {
            return None;
        }
        ms += (hour * 60 + minute - offset) * 60_000 + (second * 1000.0) as i64;
    }
    Some(ms)
}

/// The clock and the minutes that its zone is ahead of UTC.
fn zone(time: &str) -> Option<(&str, i64)> {
    if let Some(clock) = time.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = time.rfind(['+', '-']) else {
        return Some((time, 0));
    };
    let (clock, offset) = time.split_at_checked(at)?;
    let digits: String = offset.chars().filter(char::is_ascii_digit).collect();
    let (hours, minutes) = (
        digits.get(..2)?.parse::<i64>().ok()?,
        digits.get(2..4).map_or(Some(0), |m| m.parse().ok())?,
    );
    let minutes = hours * 60 + minutes;
    Some((
        clock,
        if offset.starts_with('-') {
            -minutes
        } else {
            minutes
        },
    ))
}

/// Days since 1970-01-01.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read() {
        for (text, ms) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("2000-02-29", Some(951_782_400_000)),
            ("2013-08-16T12:00:00+02:00", Some(1_376_647_200_000)),
            ("2013-08-16T12:00:00.5Z", Some(1_376_654_400_500)),
            ("2013", Some(1_356_998_400_000)),
            ("1376654400", Some(1_376_654_400_000)),
            ("2013-13-01", None),
            ("yesterday", None),
        ] {
            assert_eq!(moment(text), ms, "{text}");
        }
    }

    #[test]
    fn blocks_are_ranges() {
        let set = ranges(&[
            "10.0.0.0/8".into(),
            "192.168.1.7".into(),
            "2001:db8::/32".into(),
        ])
        .unwrap();
        assert_eq!(
            set.four,
            [(0x0a00_0000, 0x0aff_ffff), (0xc0a8_0107, 0xc0a8_0107)]
        );
        assert_eq!(
            set.six,
            [(0x2001_0db8_u128 << 96, (0x2001_0db9_u128 << 96) - 1)]
        );
        assert_eq!(ranges(&["0.0.0.0/0".into()]).unwrap().four, [(0, u32::MAX)]);
        assert!(ranges(&["10.0.0.0/33".into()]).is_none());
        assert!(ranges(&["nonsense".into()]).is_none());
    }
}
