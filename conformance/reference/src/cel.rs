//! Conditions in CEL, walked over typed expressions.
//!
//! An absent key is `null`: `null` equals only itself, is in nothing, and makes `<` and
//! functions fail. A failure is a value of its own, and `&&`, `||` decide without it where
//! they can.

use std::cmp::Ordering;
use std::net::IpAddr;

use ipnet::IpNet;
use tollgate_model::condition::{Expr, ExprKind, Macro};

use crate::policy::Truth;
use crate::policy::clause::{moment, network};

/// A value of CEL.
#[derive(Clone, Debug, PartialEq)]
pub enum Cel {
    /// `null`, and what is absent.
    Null,
    /// A truth value.
    Bool(bool),
    /// A signed number.
    Int(i64),
    /// An unsigned number.
    Uint(u64),
    /// A floating-point number.
    Double(f64),
    /// Text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// An address.
    Ip(IpAddr),
    /// Ranges of addresses.
    Ranges(Vec<IpNet>),
    /// Milliseconds since 1970 UTC.
    Time(i128),
    /// Nanoseconds.
    Duration(i128),
    /// A list.
    List(Vec<Cel>),
    /// A map from texts.
    Map(Vec<(String, Cel)>),
    /// A map from texts that are compared without regard to case.
    Folded(Vec<(String, Cel)>),
}

/// Why an expression has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

type Found = Result<Cel, Failed>;

/// What a condition can read, by the names that it uses: `source.ip`, `request.headers`.
pub type Fields = Vec<(String, Cel)>;

/// The truth of a condition.
pub fn truth(expression: &Expr, fields: &Fields) -> Truth {
    match evaluate(expression, fields) {
        Ok(Cel::Bool(value)) => value.into(),
        _ => Truth::Error,
    }
}

/// The smallest part of a condition that keeps it from being `wanted`; none if nothing does. A conjunction is kept
/// from being true by its first operand that is not, a disjunction by all of it; and the other way round.
pub fn blame<'e>(expression: &'e Expr, fields: &Fields, wanted: bool) -> Option<&'e Expr> {
    let is = |part: &Expr, value: bool| truth(part, fields) == Truth::from(value);
    if is(expression, wanted) {
        return None;
    }
    let part = match &expression.kind {
        ExprKind::Call(operator, operands) => match operator.as_str() {
            "&&" if wanted => operands.iter().find_map(|part| blame(part, fields, true)),
            "||" if !wanted => operands.iter().find_map(|part| blame(part, fields, false)),
            "!" => operands
                .iter()
                .find_map(|part| blame(part, fields, !wanted)),
            _ => None,
        },
        _ => None,
    };
    Some(part.unwrap_or(expression))
}

/// The value of an expression.
///
/// # Errors
///
/// An operand is none that its operator takes.
pub fn evaluate(expression: &Expr, fields: &Fields) -> Found {
    Walk {
        fields,
        locals: Vec::new(),
    }
    .value(expression)
}

struct Walk<'a> {
    fields: &'a Fields,
    locals: Vec<(String, Cel)>,
}

impl Walk<'_> {
    fn value(&mut self, expression: &Expr) -> Found {
        Ok(match &expression.kind {
            ExprKind::Null => Cel::Null,
            ExprKind::Bool(value) => Cel::Bool(*value),
            ExprKind::Int(value) => Cel::Int(*value),
            ExprKind::Uint(value) => Cel::Uint(*value),
            ExprKind::Double(value) => Cel::Double(*value),
            ExprKind::Text(text) => Cel::Text(text.clone()),
            ExprKind::Bytes(bytes) => Cel::Bytes(bytes.clone()),
            ExprKind::List(items) => Cel::List(
                items
                    .iter()
                    .map(|item| self.value(item))
                    .collect::<Result<_, _>>()?,
            ),
            ExprKind::Map(entries) => {
                let mut map = Vec::new();
                for (key, value) in entries {
                    let Cel::Text(key) = self.value(key)? else {
                        return Err(Failed);
                    };
                    map.push((key, self.value(value)?));
                }
                Cel::Map(map)
            }
            ExprKind::Field(name) => self
                .fields
                .iter()
                .find(|(other, _)| other == name)
                .map_or(Cel::Null, |(_, value)| value.clone()),
            ExprKind::Local(name) => self
                .locals
                .iter()
                .rev()
                .find(|(other, _)| other == name)
                .map(|(_, value)| value.clone())
                .ok_or(Failed)?,
            ExprKind::Member(operand, name) => member(&self.value(operand)?, name)?,
            ExprKind::Has(operand, name) => {
                Cel::Bool(member(&self.value(operand)?, name)? != Cel::Null)
            }
            ExprKind::Index(operand, index) => match (self.value(operand)?, self.value(index)?) {
                (Cel::List(items), Cel::Int(at)) => usize::try_from(at)
                    .ok()
                    .and_then(|at| items.get(at).cloned())
                    .ok_or(Failed)?,
                (Cel::List(items), Cel::Uint(at)) => usize::try_from(at)
                    .ok()
                    .and_then(|at| items.get(at).cloned())
                    .ok_or(Failed)?,
                (map, Cel::Text(key)) => member(&map, &key)?,
                _ => return Err(Failed),
            },
            ExprKind::Call(name, operands) => self.call(name, operands)?,
            ExprKind::Comprehension(which, range, variable, body) => {
                self.comprehension(*which, range, variable, body)?
            }
        })
    }

    fn bool(&mut self, expression: &Expr) -> Result<bool, Failed> {
        match self.value(expression)? {
            Cel::Bool(value) => Ok(value),
            _ => Err(Failed),
        }
    }

    fn call(&mut self, name: &str, operands: &[Expr]) -> Found {
        match (name, operands) {
            ("&&", [left, right]) => {
                let (a, b) = (self.bool(left), self.bool(right));
                match (a, b) {
                    (Ok(false), _) | (_, Ok(false)) => Ok(Cel::Bool(false)),
                    (Ok(true), Ok(true)) => Ok(Cel::Bool(true)),
                    _ => Err(Failed),
                }
            }
            ("||", [left, right]) => {
                let (a, b) = (self.bool(left), self.bool(right));
                match (a, b) {
                    (Ok(true), _) | (_, Ok(true)) => Ok(Cel::Bool(true)),
                    (Ok(false), Ok(false)) => Ok(Cel::Bool(false)),
                    _ => Err(Failed),
                }
            }
            ("!", [operand]) => Ok(Cel::Bool(!self.bool(operand)?)),
            ("?:", [condition, then, otherwise]) => {
                if self.bool(condition)? {
                    self.value(then)
                } else {
                    self.value(otherwise)
                }
            }
            _ => {
                let values: Vec<Cel> = operands
                    .iter()
                    .map(|operand| self.value(operand))
                    .collect::<Result<_, _>>()?;
                apply(name, &values)
            }
        }
    }

    fn comprehension(&mut self, which: Macro, range: &Expr, variable: &str, body: &Expr) -> Found {
        let items = match self.value(range)? {
            Cel::List(items) => items,
            // A map is walked by its keys.
            Cel::Map(map) | Cel::Folded(map) => {
                map.into_iter().map(|(key, _)| Cel::Text(key)).collect()
            }
            _ => return Err(Failed),
        };
        let mut results = Vec::with_capacity(items.len());
        for item in &items {
            self.locals.push((variable.to_owned(), item.clone()));
            let result = self.value(body);
            self.locals.pop();
            results.push(result);
        }
        let bools = || {
            results.iter().map(|result| match result {
                Ok(Cel::Bool(value)) => Ok(*value),
                _ => Err(Failed),
            })
        };
        match which {
            // As a chain of `&&`, and of `||`: one value may decide beside failures.
            Macro::All if bools().any(|value| value == Ok(false)) => Ok(Cel::Bool(false)),
            Macro::All => bools()
                .collect::<Result<Vec<_>, _>>()
                .map(|_| Cel::Bool(true)),
            Macro::Exists if bools().any(|value| value == Ok(true)) => Ok(Cel::Bool(true)),
            Macro::Exists => bools()
                .collect::<Result<Vec<_>, _>>()
                .map(|_| Cel::Bool(false)),
            Macro::ExistsOne => {
                let values = bools().collect::<Result<Vec<_>, _>>()?;
                Ok(Cel::Bool(
                    values.into_iter().filter(|value| *value).count() == 1,
                ))
            }
            Macro::Filter => {
                let values = bools().collect::<Result<Vec<_>, _>>()?;
                Ok(Cel::List(
                    items
                        .into_iter()
                        .zip(values)
                        .filter_map(|(item, kept)| kept.then_some(item))
                        .collect(),
                ))
            }
            Macro::Map => Ok(Cel::List(results.into_iter().collect::<Result<_, _>>()?)),
        }
    }
}

/// A member of a map; what is absent is null, and so is a member of null.
fn member(value: &Cel, name: &str) -> Found {
    Ok(match value {
        Cel::Map(map) => map
            .iter()
            .find(|(key, _)| key == name)
            .map_or(Cel::Null, |(_, value)| value.clone()),
        Cel::Folded(map) => map
            .iter()
            .rev()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map_or(Cel::Null, |(_, value)| value.clone()),
        Cel::Null => Cel::Null,
        _ => return Err(Failed),
    })
}

fn apply(name: &str, values: &[Cel]) -> Found {
    let bool = |value| Ok(Cel::Bool(value));
    match (name, values) {
        ("==", [a, b]) => bool(equal(a, b)),
        ("!=", [a, b]) => bool(!equal(a, b)),
        ("<", [a, b]) => bool(order(a, b)? == Ordering::Less),
        ("<=", [a, b]) => bool(order(a, b)? != Ordering::Greater),
        (">", [a, b]) => bool(order(a, b)? == Ordering::Greater),
        (">=", [a, b]) => bool(order(a, b)? != Ordering::Less),
        ("in", [Cel::Null, Cel::Ranges(_) | Cel::Map(_) | Cel::Folded(_)]) => bool(false),
        ("in", [Cel::Ip(ip), Cel::Ranges(ranges)]) => {
            bool(ranges.iter().any(|range| range.contains(ip)))
        }
        ("in", [item, Cel::List(items)]) => bool(items.iter().any(|other| equal(item, other))),
        ("in", [Cel::Text(key), map @ (Cel::Map(_) | Cel::Folded(_))]) => {
            bool(member(map, key)? != Cel::Null)
        }
        ("in", [_, Cel::Null]) => bool(false),
        ("+", [Cel::Time(a), Cel::Duration(b)]) | ("+", [Cel::Duration(b), Cel::Time(a)]) => {
            Ok(Cel::Time(a + b / 1_000_000))
        }
        ("-", [Cel::Time(a), Cel::Duration(b)]) => Ok(Cel::Time(a - b / 1_000_000)),
        ("-", [Cel::Time(a), Cel::Time(b)]) => Ok(Cel::Duration((a - b) * 1_000_000)),
        ("+", [Cel::Duration(a), Cel::Duration(b)]) => Ok(Cel::Duration(a + b)),
        ("-", [Cel::Duration(a), Cel::Duration(b)]) => Ok(Cel::Duration(a - b)),
        ("-", [Cel::Int(a)]) => a.checked_neg().map(Cel::Int).ok_or(Failed),
        ("-", [Cel::Double(a)]) => Ok(Cel::Double(-a)),
        ("+", [Cel::Text(a), Cel::Text(b)]) => Ok(Cel::Text(format!("{a}{b}"))),
        ("+", [Cel::Bytes(a), Cel::Bytes(b)]) => Ok(Cel::Bytes([a.as_slice(), b].concat())),
        ("+", [Cel::List(a), Cel::List(b)]) => Ok(Cel::List([a.as_slice(), b].concat())),
        ("+" | "-" | "*" | "/" | "%", [Cel::Int(a), Cel::Int(b)]) => match name {
            "+" => a.checked_add(*b),
            "-" => a.checked_sub(*b),
            "*" => a.checked_mul(*b),
            "/" => a.checked_div(*b),
            _ => a.checked_rem(*b),
        }
        .map(Cel::Int)
        .ok_or(Failed),
        ("+" | "-" | "*" | "/" | "%", [Cel::Uint(a), Cel::Uint(b)]) => match name {
            "+" => a.checked_add(*b),
            "-" => a.checked_sub(*b),
            "*" => a.checked_mul(*b),
            "/" => a.checked_div(*b),
            _ => a.checked_rem(*b),
        }
        .map(Cel::Uint)
        .ok_or(Failed),
        ("+", [Cel::Double(a), Cel::Double(b)]) => Ok(Cel::Double(a + b)),
        ("-", [Cel::Double(a), Cel::Double(b)]) => Ok(Cel::Double(a - b)),
        ("*", [Cel::Double(a), Cel::Double(b)]) => Ok(Cel::Double(a * b)),
        ("/", [Cel::Double(a), Cel::Double(b)]) => Ok(Cel::Double(a / b)),
        ("startsWith", [Cel::Text(a), Cel::Text(b)]) => bool(a.starts_with(b.as_str())),
        ("endsWith", [Cel::Text(a), Cel::Text(b)]) => bool(a.ends_with(b.as_str())),
        ("contains", [Cel::Text(a), Cel::Text(b)]) => bool(a.contains(b.as_str())),
        // A match anywhere, in RE2's syntax.
        ("matches", [Cel::Text(text), Cel::Text(pattern)]) => {
            let regex = fancy_regex::Regex::new(pattern).map_err(|_| Failed)?;
            bool(regex.is_match(text.as_str()).map_err(|_| Failed)?)
        }
        ("size", [Cel::Text(text)]) => Ok(size(text.chars().count())),
        ("size", [Cel::Bytes(bytes)]) => Ok(size(bytes.len())),
        ("size", [Cel::List(items)]) => Ok(size(items.len())),
        ("size", [Cel::Map(map) | Cel::Folded(map)]) => Ok(size(map.len())),
        ("cidr", ranges) => ranges
            .iter()
            .map(|range| match range {
                Cel::Text(text) => network(text).ok_or(Failed),
                _ => Err(Failed),
            })
            .collect::<Result<_, _>>()
            .map(Cel::Ranges),
        ("timestamp", [Cel::Text(text)]) => moment(text).map(Cel::Time).ok_or(Failed),
        ("duration", [Cel::Text(text)]) => duration(text).map(Cel::Duration).ok_or(Failed),
        _ => Err(Failed),
    }
}

fn size(count: usize) -> Cel {
    Cel::Int(i64::try_from(count).unwrap_or(i64::MAX))
}

/// Numbers by value; other values of one type by content; `null` only with itself.
fn equal(a: &Cel, b: &Cel) -> bool {
    match (a, b) {
        (Cel::Null, Cel::Null) => true,
        (Cel::List(a), Cel::List(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b))
        }
        _ => match (number(a), number(b)) {
            (Some(_), Some(_)) => order(a, b) == Ok(Ordering::Equal),
            _ => a == b,
        },
    }
}

fn number(value: &Cel) -> Option<f64> {
    match value {
        Cel::Int(value) => Some(*value as f64),
        Cel::Uint(value) => Some(*value as f64),
        Cel::Double(value) => Some(*value),
        _ => None,
    }
}

fn order(a: &Cel, b: &Cel) -> Result<Ordering, Failed> {
    match (a, b) {
        (Cel::Text(a), Cel::Text(b)) => Ok(a.chars().cmp(b.chars())),
        (Cel::Bytes(a), Cel::Bytes(b)) => Ok(a.cmp(b)),
        (Cel::Bool(a), Cel::Bool(b)) => Ok(a.cmp(b)),
        (Cel::Time(a), Cel::Time(b)) | (Cel::Duration(a), Cel::Duration(b)) => Ok(a.cmp(b)),
        (Cel::Int(a), Cel::Int(b)) => Ok(a.cmp(b)),
        (Cel::Uint(a), Cel::Uint(b)) => Ok(a.cmp(b)),
        (Cel::Int(a), Cel::Uint(b)) => Ok(i128::from(*a).cmp(&i128::from(*b))),
        (Cel::Uint(a), Cel::Int(b)) => Ok(i128::from(*a).cmp(&i128::from(*b))),
        _ => match (number(a), number(b)) {
            (Some(a), Some(b)) => a.partial_cmp(&b).ok_or(Failed),
            _ => Err(Failed),
        },
    }
}

/// `90s`, `1h30m`, `1.5h`, in nanoseconds.
fn duration(text: &str) -> Option<i128> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let (unit, scale) = [
            ("ms", 1e6),
            ("us", 1e3),
            ("ns", 1.0),
            ("h", 3.6e12),
            ("m", 6e10),
            ("s", 1e9),
        ]
        .into_iter()
        .find(|(unit, _)| rest.starts_with(unit))?;
        total += number * scale;
        rest = &rest[unit.len()..];
    }
    Some((sign * total).round() as i128)
}
