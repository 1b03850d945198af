//! CEL's optionals.

use super::{Constant, Found, error, find, no_overload};

/// `a.b` and `a[b]`; through an optional what is found is optional, too.
pub(super) fn access(operand: Constant, key: &Constant) -> Found {
    match operand {
        Constant::Optional(_) => select(operand, key),
        operand => match find(operand, key)? {
            Some(value) => Ok(value),
            None => error("there is no such key"),
        },
    }
}

/// `a.?b` and `a[?b]`.
pub(super) fn select(operand: Constant, key: &Constant) -> Found {
    let operand = match operand {
        Constant::Optional(None) => return Ok(Constant::Optional(None)),
        Constant::Optional(Some(value)) => *value,
        operand => operand,
    };
    Ok(Constant::Optional(find(operand, key)?.map(Box::new)))
}

/// The functions of optionals.
pub(super) fn call(name: &str, values: &[Constant]) -> Found {
    let some = |value: &Constant| Constant::Optional(Some(Box::new(value.clone())));
    match (name, values) {
        ("?." | "?[]", [operand, key]) => select(operand.clone(), key),
        ("optional.none", []) => Ok(Constant::Optional(None)),
        ("optional.of", [value]) => Ok(some(value)),
        ("optional.ofNonZeroValue", [value]) => Ok(match is_zero(value) {
            true => Constant::Optional(None),
            false => some(value),
        }),
        ("optional.unwrap" | "unwrapOpt", [Constant::List(items)]) => {
            let mut values = Vec::with_capacity(items.len());
            for item in items {
                match item {
                    Constant::Optional(Some(value)) => values.push((**value).clone()),
                    Constant::Optional(None) => {}
                    _ => return no_overload(name),
                }
            }
            Ok(Constant::List(values))
        }
        ("hasValue", [Constant::Optional(value)]) => Ok(Constant::Bool(value.is_some())),
        ("value", [Constant::Optional(value)]) => match value {
            Some(value) => Ok((**value).clone()),
            None => error("the optional has no value"),
        },
        _ => no_overload(name),
    }
}

/// Whether a value is its type's zero.
fn is_zero(value: &Constant) -> bool {
    match value {
        Constant::Null | Constant::Optional(None) => true,
        Constant::Bool(value) => !value,
        Constant::Int(0) | Constant::Uint(0) | Constant::Duration(0) | Constant::Time(0) => true,
        Constant::Double(value) => *value == 0.0,
        Constant::Text(text) => text.is_empty(),
        Constant::Bytes(bytes) => bytes.is_empty(),
        Constant::List(items) => items.is_empty(),
        Constant::Map(entries) => entries.is_empty(),
        _ => false,
    }
}
