//! Conversions between types.

use super::{Constant, Found, error, network, no_overload, time};

pub(super) fn call(name: &str, value: &Constant) -> Found {
    match name {
        "type" => Ok(Constant::Type(value.type_name().to_owned())),
        "bool" => bool(value),
        "int" => int(value),
        "uint" => uint(value),
        "double" => double(value),
        "string" => string(value),
        _ => match value {
            Constant::Bytes(bytes) => Ok(Constant::Bytes(bytes.clone())),
            Constant::Text(text) => Ok(Constant::Bytes(text.clone().into_bytes())),
            _ => no_overload(name),
        },
    }
}

fn bool(value: &Constant) -> Found {
    let text = match value {
        Constant::Bool(value) => return Ok(Constant::Bool(*value)),
        Constant::Text(text) => text,
        _ => return no_overload("bool"),
    };
    match text.as_str() {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Constant::Bool(true)),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Constant::Bool(false)),
        _ => error(format!("`{text}` is no truth value")),
    }
}

/// The first double beyond the range of an int.
const BEYOND_INT: f64 = 9_223_372_036_854_775_808.0;
/// The first double beyond the range of a uint.
const BEYOND_UINT: f64 = 18_446_744_073_709_551_616.0;

fn int(value: &Constant) -> Found {
    let found = match value {
        Constant::Int(value) => Some(*value),
        Constant::Uint(value) => i64::try_from(*value).ok(),
        // The least int is out of range as a double, which may stand for a lesser number.
        Constant::Double(value) if *value > -BEYOND_INT && *value < BEYOND_INT => {
            Some(*value as i64)
        }
        Constant::Double(_) => None,
        Constant::Text(text) if !text.starts_with('+') => text.parse().ok(),
        Constant::Text(_) => None,
        Constant::Time(ns) => i64::try_from(ns.div_euclid(time::SECOND)).ok(),
        Constant::Duration(ns) => i64::try_from(ns / time::SECOND).ok(),
        _ => return no_overload("int"),
    };
    match found {
        Some(value) => Ok(Constant::Int(value)),
        None => error("it is no int, or out of its range"),
    }
}

fn uint(value: &Constant) -> Found {
    let found = match value {
        Constant::Uint(value) => Some(*value),
        Constant::Int(value) => u64::try_from(*value).ok(),
        Constant::Double(value) if *value >= 0.0 && *value < BEYOND_UINT => Some(*value as u64),
        Constant::Double(_) => None,
        Constant::Text(text) if !text.starts_with('+') => text.parse().ok(),
        Constant::Text(_) => None,
        _ => return no_overload("uint"),
    };
    match found {
        Some(value) => Ok(Constant::Uint(value)),
        None => error("it is no uint, or out of its range"),
    }
}

fn double(value: &Constant) -> Found {
    Ok(Constant::Double(match value {
        Constant::Double(value) => *value,
        Constant::Int(value) => *value as f64,
        Constant::Uint(value) => *value as f64,
        Constant::Text(text) => match text.parse() {
            Ok(value) => value,
            Err(_) => return error(format!("`{text}` is no number")),
        },
        _ => return no_overload("double"),
    }))
}

fn string(value: &Constant) -> Found {
    Ok(Constant::Text(match value {
        Constant::Text(text) => text.clone(),
        Constant::Bool(value) => value.to_string(),
        Constant::Int(value) => value.to_string(),
        Constant::Uint(value) => value.to_string(),
        Constant::Double(value) => double_written(*value),
        Constant::Bytes(bytes) => match String::from_utf8(bytes.clone()) {
            Ok(text) => text,
            Err(_) => return error("the bytes are no UTF-8"),
        },
        Constant::Time(ns) => time::written(*ns),
        Constant::Duration(ns) => time::length_written(*ns),
        Constant::Ip(address) => address.to_string(),
        Constant::Cidr(address, prefix) => network::range_written(*address, *prefix),
        Constant::Type(name) => name.clone(),
        _ => return no_overload("string"),
    }))
}

/// The shortest digits that read back as the same double; with an exponent where they would be many.
pub(super) fn double_written(value: f64) -> String {
    if value.is_nan() {
        "NaN".to_owned()
    } else if value.is_infinite() {
        if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
    } else if value != 0.0 && !(1e-4..1e21).contains(&value.abs()) {
        let text = format!("{value:e}");
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let exponent: i32 = exponent.parse().unwrap_or(0);
        let sign = if exponent < 0 { '-' } else { '+' };
        format!("{digits}e{sign}{:02}", exponent.abs())
    } else {
        format!("{value}")
    }
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `base64.encode` and `base64.decode`; padding may be left out.
pub(super) fn base64(name: &str, value: &Constant) -> Found {
    match (name, value) {
        ("base64.encode", Constant::Bytes(bytes)) => {
            let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
            for chunk in bytes.chunks(3) {
                let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
                let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
                for place in 0..4 {
                    out.push(match place <= chunk.len() {
                        true => char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]),
                        false => '=',
                    });
                }
            }
            Ok(Constant::Text(out))
        }
        ("base64.decode", Constant::Text(text)) => match decoded(text) {
            Some(bytes) => Ok(Constant::Bytes(bytes)),
            None => error("it is no base64"),
        },
        _ => no_overload(name),
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let padding = text.len() - digits.len();
    let is_whole = padding == 0 || text.len().is_multiple_of(4);
    if padding > 2 || !is_whole || digits.len() % 4 == 1 {
        return None;
    }
    let (mut out, mut bits, mut held) = (Vec::with_capacity(digits.len()), 0_u32, 0);
    for digit in digits.bytes() {
        let value = ALPHABET.iter().position(|other| *other == digit)?;
        bits = bits << 6 | value as u32;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held & 255) as u8);
        }
    }
    Some(out)
}
