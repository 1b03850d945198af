//! Which file has which function.

use super::{
    Constant, Found, convert, error, format, lists, math, network, no_overload, optional, reckon,
    text, time,
};
use crate::cel::value::at;

/// What a function or operator gives.
pub(super) fn call(name: &str, values: &[Constant]) -> Found {
    let bool = |value| Ok(Constant::Bool(value));
    match (name, values) {
        ("==", [left, right]) => bool(left.equals(right)),
        ("!=", [left, right]) => bool(!left.equals(right)),
        ("<" | "<=" | ">" | ">=", [left, right]) => compare(name, left, right),
        ("!", [Constant::Bool(value)]) => bool(!value),
        ("in", [element, Constant::List(items)]) => {
            bool(items.iter().any(|item| item.equals(element)))
        }
        ("in", [key, Constant::Map(entries)]) => bool(at(entries, key).is_some()),
        ("+" | "-" | "*" | "/" | "%", _) => reckon::call(name, values),
        ("dyn", [value]) => Ok(value.clone()),
        ("size", [value]) => size(value),
        ("bool" | "int" | "uint" | "double" | "string" | "bytes" | "type", [value]) => {
            convert::call(name, value)
        }
        ("timestamp" | "duration", _) => time::call(name, values),
        (name, [Constant::Time(_) | Constant::Duration(_), ..]) if name.starts_with("get") => {
            time::call(name, values)
        }
        ("format", [Constant::Text(pattern), Constant::List(values)]) => {
            format::format(pattern, values).map(Constant::Text)
        }
        ("reverse", [Constant::List(_)])
        | (
            "join" | "slice" | "flatten" | "sort" | "distinct" | "first" | "last" | "lists.range",
            _,
        ) => lists::call(name, values),
        (name, _) if name.starts_with("math.") => math::call(name, values),
        (name, _) if name.starts_with("optional.") => optional::call(name, values),
        ("?." | "?[]" | "hasValue" | "value" | "unwrapOpt", _) => optional::call(name, values),
        (
            "ip"
            | "cidr"
            | "isIP"
            | "isCIDR"
            | "ip.isCanonical"
            | "family"
            | "isLoopback"
            | "isUnspecified"
            | "isGlobalUnicast"
            | "isLinkLocalMulticast"
            | "isLinkLocalUnicast"
            | "containsIP"
            | "containsCIDR"
            | "masked"
            | "prefixLength",
            _,
        ) => network::call(name, values),
        ("base64.encode" | "base64.decode", [value]) => convert::base64(name, value),
        _ => text::call(name, values),
    }
}

fn compare(name: &str, left: &Constant, right: &Constant) -> Found {
    let Some(order) = left.order(right) else {
        return no_overload(name);
    };
    Ok(Constant::Bool(match name {
        "<" => order.is_lt(),
        "<=" => order.is_le(),
        ">" => order.is_gt(),
        _ => order.is_ge(),
    }))
}

fn size(value: &Constant) -> Found {
    let size = match value {
        Constant::Text(text) => text.chars().count(),
        Constant::Bytes(bytes) => bytes.len(),
        Constant::List(items) => items.len(),
        Constant::Map(entries) => entries.len(),
        _ => return no_overload("size"),
    };
    match i64::try_from(size) {
        Ok(size) => Ok(Constant::Int(size)),
        Err(_) => error("it is too large"),
    }
}
