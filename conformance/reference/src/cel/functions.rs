//! Operators and functions over values.

use std::cmp::Ordering;

use super::value::{equal, order};
use super::{Cel, Failed, Found, convert, lists, network, numbers, optional_access, texts, times};

/// The value of an operator or function.
pub(super) fn apply(name: &str, values: &[Cel]) -> Found {
    let against = |other: &Cel| {
        matches!(
            other,
            Cel::Int(_) | Cel::Uint(_) | Cel::Double(_) | Cel::Bool(_)
        )
    };
    let compares = matches!(name, "==" | "!=" | "<" | "<=" | ">" | ">=" | "in");
    let has_parts = |value: &Cel| {
        matches!(
            value,
            Cel::List(_) | Cel::Entries(_) | Cel::Map(_) | Cel::Folded(_)
        )
    };
    let of_parts = [
        "size", "join", "slice", "flatten", "distinct", "sort", "first", "last", "?.", "?[]",
    ];
    // A claim with parts is meant by them where parts are asked for, and else is the text that it is shown as.
    let searched = name == "in";
    let opened = |at: usize| match (compares, at) {
        (true, 0) => !searched && has_parts(&values[1]),
        (true, _) => searched || has_parts(&values[0]),
        (false, at) => at == 0 && of_parts.contains(&name),
    };
    let values: Vec<Cel> = values
        .iter()
        .enumerate()
        .map(|(at, value)| match value {
            Cel::Structured(_, parts) if opened(at) => (**parts).clone(),
            Cel::Structured(text, _) => Cel::Text(text.clone()),
            value => value.clone(),
        })
        .collect();
    let values: Vec<Cel> = match values.as_slice() {
        // A claim against a number is the number that it says.
        [Cel::Claim(text), other] | [other, Cel::Claim(text)] if compares && against(other) => {
            let said = match other {
                Cel::Bool(_) => super::claimed(text).map(Cel::Bool),
                _ => text.parse().ok().map(Cel::Double),
            };
            let said = said.unwrap_or(Cel::Text(text.clone()));
            match values.as_slice() {
                [Cel::Claim(_), other] => vec![said, other.clone()],
                _ => vec![values[0].clone(), said],
            }
        }
        // A claim in a list may be any of the numbers there.
        [Cel::Claim(_), Cel::List(items)] if name == "in" => {
            let is = |item: &Cel| apply("==", &[values[0].clone(), item.clone()]);
            let found: Result<Vec<Cel>, Failed> = items.iter().map(is).collect();
            return Ok(Cel::Bool(found?.contains(&Cel::Bool(true))));
        }
        values => values
            .iter()
            .map(|value| match value {
                Cel::Claim(text) => Cel::Text(text.clone()),
                value => value.clone(),
            })
            .collect(),
    };
    plain(name, &values)
}

fn plain(name: &str, values: &[Cel]) -> Found {
    let bool = |value| Ok(Cel::Bool(value));
    let is = |a: &Cel, b: &Cel, wanted: &[Ordering]| {
        let ordered = order(a, b)?.ok_or(Failed)?;
        bool(wanted.contains(&ordered))
    };
    match (name, values) {
        ("==", [a, b]) => bool(equal(a, b)),
        ("!=", [a, b]) => bool(!equal(a, b)),
        ("<", [a, b]) => is(a, b, &[Ordering::Less]),
        ("<=", [a, b]) => is(a, b, &[Ordering::Less, Ordering::Equal]),
        (">", [a, b]) => is(a, b, &[Ordering::Greater]),
        (">=", [a, b]) => is(a, b, &[Ordering::Greater, Ordering::Equal]),
        ("in", [Cel::Null, Cel::Map(_) | Cel::Folded(_)]) => bool(false),
        ("in", [item, Cel::List(items)]) => bool(items.iter().any(|other| equal(item, other))),
        ("in", [key, Cel::Entries(map)]) => bool(map.iter().any(|(other, _)| equal(key, other))),
        ("in", [key @ Cel::Text(_), map @ (Cel::Map(_) | Cel::Folded(_))]) => {
            bool(super::access(map.clone(), key)? != Cel::Null)
        }
        ("in", [_, Cel::Null]) => bool(false),
        ("+" | "-" | "*" | "/" | "%", values) => numbers::reckon(name, values)
            .or_else(|Failed| times::reckon(name, values))
            .or_else(|Failed| joined(name, values)),
        ("dyn", [value]) => Ok(value.clone()),
        ("type", [value]) => Ok(Cel::Type(value.type_name().to_owned())),
        ("size", [value]) => {
            let size = match value {
                Cel::Text(text) => text.chars().count(),
                Cel::Bytes(bytes) => bytes.len(),
                Cel::List(items) => items.len(),
                Cel::Entries(map) => map.len(),
                Cel::Map(map) | Cel::Folded(map) => map.len(),
                _ => return Err(Failed),
            };
            Ok(Cel::Int(i64::try_from(size).map_err(|_| Failed)?))
        }
        ("?." | "?[]", [operand, key]) => optional_access(operand.clone(), key),
        ("optional.none", []) => Ok(Cel::Optional(None)),
        ("optional.of", [value]) => Ok(Cel::Optional(Some(Box::new(value.clone())))),
        ("optional.ofNonZeroValue", [value]) => Ok(Cel::Optional(
            (!is_zero(value)).then(|| Box::new(value.clone())),
        )),
        ("hasValue", [Cel::Optional(value)]) => bool(value.is_some()),
        ("value", [Cel::Optional(Some(value))]) => Ok((**value).clone()),
        ("optional.unwrap" | "unwrapOpt", [Cel::List(items)]) => {
            let mut held = Vec::new();
            for item in items {
                match item {
                    Cel::Optional(value) => {
                        held.extend(value.iter().map(|value| (**value).clone()))
                    }
                    _ => return Err(Failed),
                }
            }
            Ok(Cel::List(held))
        }
        (name, values) => convert::apply(name, values)
            .or_else(|Failed| times::apply(name, values))
            .or_else(|Failed| texts::apply(name, values))
            .or_else(|Failed| lists::apply(name, values))
            .or_else(|Failed| numbers::apply(name, values))
            .or_else(|Failed| network::apply(name, values)),
    }
}

fn joined(name: &str, values: &[Cel]) -> Found {
    match (name, values) {
        ("+", [Cel::Text(a), Cel::Text(b)]) => Ok(Cel::Text(format!("{a}{b}"))),
        ("+", [Cel::Bytes(a), Cel::Bytes(b)]) => Ok(Cel::Bytes([a.as_slice(), b].concat())),
        ("+", [Cel::List(a), Cel::List(b)]) => Ok(Cel::List([a.as_slice(), b].concat())),
        _ => Err(Failed),
    }
}

fn is_zero(value: &Cel) -> bool {
    let zeros = [
        Cel::Null,
        Cel::Bool(false),
        Cel::Int(0),
        Cel::Text(String::new()),
        Cel::Bytes(Vec::new()),
        Cel::List(Vec::new()),
        Cel::Entries(Vec::new()),
        Cel::Optional(None),
        Cel::Time(0),
        Cel::Duration(0),
    ];
    zeros.iter().any(|zero| equal(zero, value))
}
