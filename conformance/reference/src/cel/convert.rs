//! Conversions between types, and base64.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use num_bigint::BigInt;
use num_traits::{FromPrimitive, ToPrimitive};

use super::{Cel, Failed, Found, times};

pub(super) fn apply(name: &str, values: &[Cel]) -> Found {
    let [value] = values else {
        return Err(Failed);
    };
    match (name, value) {
        ("bool", Cel::Bool(value)) => Ok(Cel::Bool(*value)),
        ("bool", Cel::Text(text)) => {
            let yes = ["1", "t", "T", "true", "TRUE", "True"];
            let no = ["0", "f", "F", "false", "FALSE", "False"];
            match (yes.contains(&text.as_str()), no.contains(&text.as_str())) {
                (true, _) => Ok(Cel::Bool(true)),
                (_, true) => Ok(Cel::Bool(false)),
                _ => Err(Failed),
            }
        }
        ("int", Cel::Duration(ns)) => (ns / times::SECOND).to_i64().map(Cel::Int).ok_or(Failed),
        ("int", value) => match whole(value)? {
            // A double at the very edge may have been rounded there.
            whole if matches!(value, Cel::Double(_)) && whole == BigInt::from(i64::MIN) => {
                Err(Failed)
            }
            whole => whole.to_i64().map(Cel::Int).ok_or(Failed),
        },
        ("uint", Cel::Time(_)) => Err(Failed),
        ("uint", value) => whole(value)?.to_u64().map(Cel::Uint).ok_or(Failed),
        ("double", Cel::Double(value)) => Ok(Cel::Double(*value)),
        ("double", Cel::Int(value)) => Ok(Cel::Double(*value as f64)),
        ("double", Cel::Uint(value)) => Ok(Cel::Double(*value as f64)),
        ("double", Cel::Text(text)) => text.parse().map(Cel::Double).map_err(|_| Failed),
        ("bytes", Cel::Bytes(bytes)) => Ok(Cel::Bytes(bytes.clone())),
        ("bytes", Cel::Text(text)) => Ok(Cel::Bytes(text.as_bytes().to_vec())),
        ("string", value) => string(value).map(Cel::Text).ok_or(Failed),
        ("base64.encode", Cel::Bytes(bytes)) => Ok(Cel::Text(STANDARD.encode(bytes))),
        ("base64.decode", Cel::Text(text)) => STANDARD
            .decode(text)
            .or_else(|_| STANDARD_NO_PAD.decode(text))
            .map(Cel::Bytes)
            .map_err(|_| Failed),
        _ => Err(Failed),
    }
}

/// A value as a whole number, what is behind the point cut off.
fn whole(value: &Cel) -> Result<BigInt, Failed> {
    match value {
        Cel::Int(value) => Ok(BigInt::from(*value)),
        Cel::Uint(value) => Ok(BigInt::from(*value)),
        Cel::Double(value) if *value > -1.0 || *value < 0.0 => {
            BigInt::from_f64(value.trunc()).ok_or(Failed)
        }
        Cel::Text(text) => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            match !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                true => text.parse().map_err(|_| Failed),
                false => Err(Failed),
            }
        }
        Cel::Time(ns) => Ok(BigInt::from(ns.div_euclid(times::SECOND))),
        _ => Err(Failed),
    }
}

fn string(value: &Cel) -> Option<String> {
    Some(match value {
        Cel::Text(text) | Cel::Type(text) => text.clone(),
        Cel::Bool(value) => value.to_string(),
        Cel::Int(value) => value.to_string(),
        Cel::Uint(value) => value.to_string(),
        Cel::Double(value) => match *value {
            value if value.is_nan() => "NaN".into(),
            f64::INFINITY => "+Inf".into(),
            f64::NEG_INFINITY => "-Inf".into(),
            value if value == 0.0 => format!("{value}"),
            value if value.abs() < 1e-4 || value.abs() >= 1e21 => {
                let written = format!("{value:e}");
                let (digits, power) = written.split_once('e')?;
                let power: i32 = power.parse().ok()?;
                format!("{digits}e{power:+03}")
            }
            value => format!("{value}"),
        },
        Cel::Bytes(bytes) => std::str::from_utf8(bytes).ok()?.to_owned(),
        Cel::Time(ns) => times::moment_text(*ns)?,
        Cel::Duration(ns) => times::duration_text(*ns),
        Cel::Ip(address) => address.to_string(),
        Cel::Network(network) => network.to_string(),
        _ => return None,
    })
}
