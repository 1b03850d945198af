//! Conversions between types.

use super::super::code::Function;
use super::super::value::{Cel, Fail, Found, Span, error, no_overload};
use super::super::work::Work;
use super::time::{Lasting, Written};

pub(super) fn call(work: &mut Work<'_>, function: Function, value: Cel) -> Found {
    match function {
        Function::Type => Ok(Cel::Type(work.written(value.type_name().as_bytes())?)),
        Function::Bool => bool(work, value),
        Function::Int => int(work, value),
        Function::Uint => uint(work, value),
        Function::Double => double(work, value),
        Function::String => string(work, value),
        _ => match value {
            Cel::Bytes(bytes) | Cel::Text(bytes) => Ok(Cel::Bytes(bytes)),
            _ => no_overload(),
        },
    }
}

fn bool(work: &Work<'_>, value: Cel) -> Found {
    let text = match value {
        Cel::Bool(_) => return Ok(value),
        Cel::Text(text) => text,
        _ => return no_overload(),
    };
    match work.str(text) {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Ok(Cel::Bool(true)),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Ok(Cel::Bool(false)),
        _ => error("the text is no truth value"),
    }
}

/// The first double beyond the range of an int.
const BEYOND_INT: f64 = 9_223_372_036_854_775_808.0;
/// The first double beyond the range of a uint.
const BEYOND_UINT: f64 = 18_446_744_073_709_551_616.0;

fn int(work: &Work<'_>, value: Cel) -> Found {
    let found = match value {
        Cel::Int(value) => Some(value),
        Cel::Uint(value) => i64::try_from(value).ok(),
        // The least int is out of range as a double, which may stand for a lesser number.
        Cel::Double(value) if value > -BEYOND_INT && value < BEYOND_INT => Some(value as i64),
        Cel::Double(_) => None,
        Cel::Text(text) => digits(work.str(text)).and_then(|text| text.parse().ok()),
        Cel::Time(seconds, _) => Some(seconds),
        // Towards zero.
        Cel::Duration(seconds, nanos) => Some(seconds + i64::from(seconds < 0 && nanos > 0)),
        _ => return no_overload(),
    };
    match found {
        Some(value) => Ok(Cel::Int(value)),
        None => error("it is no int, or out of its range"),
    }
}

fn uint(work: &Work<'_>, value: Cel) -> Found {
    let found = match value {
        Cel::Uint(value) => Some(value),
        Cel::Int(value) => u64::try_from(value).ok(),
        Cel::Double(value) if (0.0..BEYOND_UINT).contains(&value) => Some(value as u64),
        Cel::Double(_) => None,
        Cel::Text(text) => digits(work.str(text)).and_then(|text| text.parse().ok()),
        _ => return no_overload(),
    };
    match found {
        Some(value) => Ok(Cel::Uint(value)),
        None => error("it is no uint, or out of its range"),
    }
}

/// A text of a number, which has no plus sign.
fn digits(text: &str) -> Option<&str> {
    (!text.starts_with('+')).then_some(text)
}

fn double(work: &Work<'_>, value: Cel) -> Found {
    Ok(Cel::Double(match value {
        Cel::Double(value) => value,
        Cel::Int(value) => value as f64,
        Cel::Uint(value) => value as f64,
        Cel::Text(text) => match work.str(text).parse() {
            Ok(value) => value,
            Err(_) => return error("the text is no number"),
        },
        _ => return no_overload(),
    }))
}

fn string(work: &mut Work<'_>, value: Cel) -> Found {
    Ok(Cel::Text(match value {
        Cel::Text(text) | Cel::Type(text) => text,
        Cel::Bool(value) => work.printed(format_args!("{value}"))?,
        Cel::Int(value) => work.printed(format_args!("{value}"))?,
        Cel::Uint(value) => work.printed(format_args!("{value}"))?,
        Cel::Double(value) => double_written(work, value)?,
        Cel::Bytes(bytes) => match core::str::from_utf8(work.bytes(bytes)) {
            Ok(_) => bytes,
            Err(_) => return error("the bytes are no UTF-8"),
        },
        Cel::Time(seconds, nanos) => work.printed(format_args!("{}", Written(seconds, nanos)))?,
        Cel::Duration(seconds, nanos) => {
            work.printed(format_args!("{}", Lasting(seconds, nanos)))?
        }
        Cel::Ip(span) => match work.view().address(span) {
            Some(address) => work.printed(format_args!("{address}"))?,
            None => return no_overload(),
        },
        Cel::Cidr(span) => match work.view().network(span) {
            Some((address, prefix)) => work.printed(format_args!("{address}/{prefix}"))?,
            None => return no_overload(),
        },
        _ => return no_overload(),
    }))
}

/// The shortest digits that read back as the same double; with an exponent where they would be many.
fn double_written(work: &mut Work<'_>, value: f64) -> Result<Span, Fail> {
    if value.is_nan() {
        return work.written(b"NaN");
    }
    if value.is_infinite() {
        return work.written(if value > 0.0 { b"+Inf" } else { b"-Inf" });
    }
    if value == 0.0 || (1e-4..1e21).contains(&value.abs()) {
        return work.printed(format_args!("{value}"));
    }
    let start = work.space.start();
    work.print(format_args!("{value:e}"))?;
    exponent(work, start)?;
    Ok(work.space.since(start))
}

/// What was printed since `start` in Rust's notation, with two digits at least in its exponent, and its sign.
pub(super) fn exponent(work: &mut Work<'_>, start: usize) -> Result<(), Fail> {
    let shown = work.space.since(start);
    let text = work.str(shown);
    let Some((mantissa, exponent)) = text.split_once('e') else {
        return Ok(());
    };
    let (kept, exponent) = (mantissa.len(), exponent.parse::<i32>().unwrap_or(0));
    work.space.cut(start + kept);
    let sign = if exponent < 0 { '-' } else { '+' };
    work.print(format_args!("e{sign}{:02}", exponent.unsigned_abs()))
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// `base64.encode` of bytes and `base64.decode` of a text; padding may be left out.
pub(super) fn base64(work: &mut Work<'_>, value: Cel) -> Found {
    let start = work.space.start();
    match value {
        Cel::Bytes(bytes) => {
            for at in (0..bytes.len as usize).step_by(3) {
                let chunk = bytes.slice(at, at + 3);
                let count = chunk.len as usize;
                let chunk = work.bytes(chunk);
                let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
                let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
                let mut out = [b'='; 4];
                for (place, digit) in out.iter_mut().enumerate().take(count + 1) {
                    let at = bits >> (18 - 6 * place) & 63;
                    *digit = ALPHABET.get(at as usize).copied().unwrap_or(b'=');
                }
                work.space.write(&out)?;
            }
            Ok(Cel::Text(work.space.since(start)))
        }
        Cel::Text(text) => {
            let end = work.str(text).trim_end_matches('=').len();
            let padding = text.len as usize - end;
            if padding > 2 || padding > 0 && text.len % 4 != 0 || end % 4 == 1 {
                return error("it is no base64");
            }
            for at in (0..end).step_by(4) {
                let chunk = text.slice(at, (at + 4).min(end));
                let count = chunk.len as usize;
                let mut bits = 0_u32;
                for digit in work.bytes(chunk) {
                    match ALPHABET.iter().position(|other| other == digit) {
                        Some(value) => bits = bits << 6 | value as u32,
                        None => return error("it is no base64"),
                    }
                }
                let [_, bytes @ ..] = (bits << (6 * (4 - count))).to_be_bytes();
                work.space
                    .write(bytes.get(..count.saturating_sub(1)).unwrap_or(&[]))?;
            }
            Ok(Cel::Bytes(work.space.since(start)))
        }
        _ => no_overload(),
    }
}
