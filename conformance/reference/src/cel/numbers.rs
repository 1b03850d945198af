//! Numbers: arithmetic and `math.…`.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use super::value::order;
use super::{Cel, Failed, Found};

/// Arithmetic, exactly and then back into the range of its kind.
pub(super) fn reckon(name: &str, values: &[Cel]) -> Found {
    let int = |value: BigInt| value.to_i64().map(Cel::Int).ok_or(Failed);
    let uint = |value: BigInt| value.to_u64().map(Cel::Uint).ok_or(Failed);
    match values {
        [Cel::Int(a)] if name == "-" => int(-BigInt::from(*a)),
        [Cel::Double(a)] if name == "-" => Ok(Cel::Double(-a)),
        [Cel::Int(a), Cel::Int(b)] => {
            // A remainder is one of a quotient, which must be in range, too.
            if name == "%" {
                int(whole("/", BigInt::from(*a), BigInt::from(*b))?)?;
            }
            int(whole(name, BigInt::from(*a), BigInt::from(*b))?)
        }
        [Cel::Uint(a), Cel::Uint(b)] => uint(whole(name, BigInt::from(*a), BigInt::from(*b))?),
        [Cel::Double(a), Cel::Double(b)] => Ok(Cel::Double(match name {
            "+" => a + b,
            "-" => a - b,
            "*" => a * b,
            "/" => a / b,
            _ => return Err(Failed),
        })),
        _ => Err(Failed),
    }
}

fn whole(name: &str, a: BigInt, b: BigInt) -> Result<BigInt, Failed> {
    let zero = BigInt::from(0);
    Ok(match name {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        _ if b == zero => return Err(Failed),
        // Towards zero, with the sign of the dividend.
        "/" => a / b,
        _ => a % b,
    })
}

pub(super) fn apply(name: &str, values: &[Cel]) -> Found {
    let Some(name) = name.strip_prefix("math.") else {
        return Err(Failed);
    };
    match (name, values) {
        ("greatest" | "least", [Cel::List(items)]) => extreme(name, items),
        ("greatest" | "least", items) => extreme(name, items),
        ("ceil" | "floor" | "round" | "trunc", [Cel::Double(a)]) => Ok(Cel::Double(match name {
            "ceil" => a.ceil(),
            "floor" => a.floor(),
            "round" => a.round(),
            _ => a.trunc(),
        })),
        ("isNaN", [Cel::Double(a)]) => Ok(Cel::Bool(a.is_nan())),
        ("isInf", [Cel::Double(a)]) => Ok(Cel::Bool(a.is_infinite())),
        ("isFinite", [Cel::Double(a)]) => Ok(Cel::Bool(a.is_finite())),
        ("abs", [Cel::Int(a)]) => a.checked_abs().map(Cel::Int).ok_or(Failed),
        ("abs", [Cel::Uint(a)]) => Ok(Cel::Uint(*a)),
        ("abs", [Cel::Double(a)]) => Ok(Cel::Double(a.abs())),
        ("sign", [Cel::Int(a)]) => Ok(Cel::Int(a.signum())),
        ("sign", [Cel::Uint(a)]) => Ok(Cel::Uint((*a).min(1))),
        ("sign", [Cel::Double(a)]) => Ok(Cel::Double(if *a > 0.0 {
            1.0
        } else if *a < 0.0 {
            -1.0
        } else {
            *a
        })),
        ("sqrt", [Cel::Double(a)]) => Ok(Cel::Double(a.sqrt())),
        ("sqrt", [Cel::Int(a)]) => Ok(Cel::Double((*a as f64).sqrt())),
        ("sqrt", [Cel::Uint(a)]) => Ok(Cel::Double((*a as f64).sqrt())),
        ("bitNot", [Cel::Int(a)]) => Ok(Cel::Int(-1 - a)),
        ("bitNot", [Cel::Uint(a)]) => Ok(Cel::Uint(u64::MAX - a)),
        (_, [Cel::Int(a), Cel::Int(b)]) => {
            let bits = bitwise(name, *a as u64, *b as u64, *b)?;
            Ok(Cel::Int(bits as i64))
        }
        (_, [Cel::Uint(a), Cel::Uint(b)]) if !name.starts_with("bitShift") => {
            bitwise(name, *a, *b, 0).map(Cel::Uint)
        }
        ("bitShiftLeft" | "bitShiftRight", [Cel::Uint(a), Cel::Int(b)]) => {
            bitwise(name, *a, 0, *b).map(Cel::Uint)
        }
        _ => Err(Failed),
    }
}

fn bitwise(name: &str, a: u64, b: u64, places: i64) -> Result<u64, Failed> {
    Ok(match name {
        "bitAnd" => a & b,
        "bitOr" => a | b,
        "bitXor" => a ^ b,
        "bitShiftLeft" | "bitShiftRight" if places < 0 => return Err(Failed),
        "bitShiftLeft" | "bitShiftRight" if places > 63 => 0,
        "bitShiftLeft" => a << places,
        "bitShiftRight" => a >> places,
        _ => return Err(Failed),
    })
}

fn extreme(name: &str, items: &[Cel]) -> Found {
    let is_number = |item: &Cel| matches!(item, Cel::Int(_) | Cel::Uint(_) | Cel::Double(_));
    if items.is_empty() || !items.iter().all(is_number) {
        return Err(Failed);
    }
    let mut best = items[0].clone();
    for item in &items[1..] {
        let better = match name {
            "greatest" => order(&best, item)?.is_some_and(|o| o.is_lt()),
            _ => order(&best, item)?.is_some_and(|o| o.is_gt()),
        };
        if better {
            best = item.clone();
        }
    }
    Ok(best)
}
