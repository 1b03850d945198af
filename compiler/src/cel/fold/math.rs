//! Functions of numbers: `math.…`.

use super::{Constant, Found, error, no_overload};

pub(super) fn call(name: &str, values: &[Constant]) -> Found {
    use Constant::{Bool, Double, Int, Uint};
    Ok(match (name, values) {
        ("math.greatest" | "math.least", [Constant::List(items)]) => return extreme(name, items),
        ("math.greatest" | "math.least", items) => return extreme(name, items),
        ("math.ceil", [Double(value)]) => Double(value.ceil()),
        ("math.floor", [Double(value)]) => Double(value.floor()),
        // Halves away from zero.
        ("math.round", [Double(value)]) => Double(value.round()),
        ("math.trunc", [Double(value)]) => Double(value.trunc()),
        ("math.abs", [Int(value)]) => match value.checked_abs() {
            Some(value) => Int(value),
            None => return error("the number overflows"),
        },
        ("math.abs", [Uint(value)]) => Uint(*value),
        ("math.abs", [Double(value)]) => Double(value.abs()),
        ("math.sign", [Int(value)]) => Int(value.signum()),
        ("math.sign", [Uint(value)]) => Uint(u64::from(*value > 0)),
        ("math.sign", [Double(value)]) => Double(match *value == 0.0 || value.is_nan() {
            true => *value,
            false => value.signum(),
        }),
        ("math.sqrt", [Double(value)]) => Double(value.sqrt()),
        ("math.sqrt", [Int(value)]) => Double((*value as f64).sqrt()),
        ("math.sqrt", [Uint(value)]) => Double((*value as f64).sqrt()),
        ("math.isNaN", [Double(value)]) => Bool(value.is_nan()),
        ("math.isInf", [Double(value)]) => Bool(value.is_infinite()),
        ("math.isFinite", [Double(value)]) => Bool(value.is_finite()),
        ("math.bitAnd", [Int(left), Int(right)]) => Int(left & right),
        ("math.bitAnd", [Uint(left), Uint(right)]) => Uint(left & right),
        ("math.bitOr", [Int(left), Int(right)]) => Int(left | right),
        ("math.bitOr", [Uint(left), Uint(right)]) => Uint(left | right),
        ("math.bitXor", [Int(left), Int(right)]) => Int(left ^ right),
        ("math.bitXor", [Uint(left), Uint(right)]) => Uint(left ^ right),
        ("math.bitNot", [Int(value)]) => Int(!value),
        ("math.bitNot", [Uint(value)]) => Uint(!value),
        ("math.bitShiftLeft" | "math.bitShiftRight", [Int(_) | Uint(_), Int(..=-1)]) => {
            return error("the shift is negative");
        }
        ("math.bitShiftLeft", [Int(value), Int(by)]) => {
            Int(shifted(*value as u64, *by, u64::checked_shl) as i64)
        }
        ("math.bitShiftLeft", [Uint(value), Int(by)]) => {
            Uint(shifted(*value, *by, u64::checked_shl))
        }
        // The sign is a bit as any other.
        ("math.bitShiftRight", [Int(value), Int(by)]) => {
            Int(shifted(*value as u64, *by, u64::checked_shr) as i64)
        }
        ("math.bitShiftRight", [Uint(value), Int(by)]) => {
            Uint(shifted(*value, *by, u64::checked_shr))
        }
        _ => return no_overload(name),
    })
}

/// No bit is left beyond 63 places.
fn shifted(value: u64, by: i64, shift: fn(u64, u32) -> Option<u64>) -> u64 {
    u32::try_from(by)
        .ok()
        .and_then(|by| shift(value, by))
        .unwrap_or(0)
}

/// The first of the greatest, or of the least.
fn extreme(name: &str, items: &[Constant]) -> Found {
    let wanted = match name {
        "math.greatest" => std::cmp::Ordering::Greater,
        _ => std::cmp::Ordering::Less,
    };
    let mut found: Option<&Constant> = None;
    for item in items {
        if !item.is_number() {
            return no_overload(name);
        }
        if found.is_none_or(|found| item.order(found) == Some(wanted)) {
            found = Some(item);
        }
    }
    match found {
        Some(found) => Ok(found.clone()),
        None => no_overload(name),
    }
}
