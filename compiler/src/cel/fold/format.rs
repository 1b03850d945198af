//! `"%s".format([…])`.

use super::{Constant, Failure, error, time};

/// The most digits behind a point.
const MOST_DIGITS: usize = 1000;
/// How many digits there are where nothing else is said.
const DIGITS: usize = 6;

/// Each clause `%[.digits]letter` takes the next value; `%%` is a percent sign.
pub(super) fn format(pattern: &str, values: &[Constant]) -> Result<String, Failure> {
    let mut out = String::new();
    let mut values = values.iter();
    let mut rest = pattern;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let (digits, after) = precision(after)?;
        let mut letters = after.chars();
        let letter = letters.next();
        rest = letters.as_str();
        let Some(value) = values.next() else {
            return error("there are fewer values than clauses");
        };
        let written = match letter {
            Some('s') => plain(value),
            Some('d') => decimal(value),
            Some('f') => number(value)
                .map(|n| not_finite(n).map_or_else(|| format!("{n:.digits$}"), str::to_owned)),
            Some('e') => number(value)
                .map(|n| not_finite(n).map_or_else(|| scientific(n, digits), str::to_owned)),
            Some('b') => match value {
                Constant::Bool(value) => Some(u8::from(*value).to_string()),
                value => in_base(value, |n| format!("{n:b}")),
            },
            Some('o') => in_base(value, |n| format!("{n:o}")),
            Some('x') => hexadecimal(value),
            Some('X') => hexadecimal(value).map(|text| text.to_ascii_uppercase()),
            _ => return error("a clause of the format is unknown"),
        };
        match written {
            Some(written) => out.push_str(&written),
            None => {
                return error(format!(
                    "`%{}` does not take a value of the type {}",
                    letter.unwrap_or(' '),
                    value.type_name()
                ));
            }
        }
        if out.len() > super::LONGEST {
            return error("it makes too large a value");
        }
    }
    out.push_str(rest);
    Ok(out)
}

fn precision(text: &str) -> Result<(usize, &str), Failure> {
    let Some(rest) = text.strip_prefix('.') else {
        return Ok((DIGITS, text));
    };
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    let (digits, rest) = rest.split_at(end);
    match digits.parse::<usize>() {
        Ok(digits) if digits <= MOST_DIGITS => Ok((digits, rest)),
        _ => error("a clause of the format has no number of digits, or too large a one"),
    }
}

fn number(value: &Constant) -> Option<f64> {
    match value {
        Constant::Int(value) => Some(*value as f64),
        Constant::Uint(value) => Some(*value as f64),
        Constant::Double(value) => Some(*value),
        _ => None,
    }
}

fn not_finite(value: f64) -> Option<&'static str> {
    if value.is_nan() {
        Some("NaN")
    } else if value.is_infinite() {
        Some(if value > 0.0 { "Infinity" } else { "-Infinity" })
    } else {
        None
    }
}

fn double(value: f64) -> String {
    not_finite(value).map_or_else(|| value.to_string(), str::to_owned)
}

/// `1.052033e+03`.
fn scientific(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = match exponent.strip_prefix('-') {
        Some(exponent) => ('-', exponent),
        None => ('+', exponent),
    };
    format!("{mantissa}e{sign}{exponent:0>2}")
}

fn decimal(value: &Constant) -> Option<String> {
    match value {
        Constant::Int(value) => Some(value.to_string()),
        Constant::Uint(value) => Some(value.to_string()),
        Constant::Double(value) => Some(double(*value)),
        _ => None,
    }
}

/// A whole number in another base, with a minus sign before its digits.
fn in_base(value: &Constant, digits: fn(u64) -> String) -> Option<String> {
    match value {
        Constant::Int(value) => {
            let sign = if *value < 0 { "-" } else { "" };
            Some(format!("{sign}{}", digits(value.unsigned_abs())))
        }
        Constant::Uint(value) => Some(digits(*value)),
        _ => None,
    }
}

fn hexadecimal(value: &Constant) -> Option<String> {
    let bytes = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    match value {
        Constant::Text(text) => Some(bytes(text.as_bytes())),
        Constant::Bytes(value) => Some(bytes(value)),
        value => in_base(value, |n| format!("{n:x}")),
    }
}

/// `%s`: a list in brackets, a map in braces by the order of its written keys.
fn plain(value: &Constant) -> Option<String> {
    Some(match value {
        Constant::Null => "null".to_owned(),
        Constant::Bool(value) => value.to_string(),
        Constant::Text(text) => text.clone(),
        Constant::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Constant::Time(ns) => time::written(*ns),
        Constant::Duration(ns) => time::length_written(*ns),
        Constant::Type(name) => name.clone(),
        Constant::List(items) => {
            let items: Option<Vec<String>> = items.iter().map(plain).collect();
            format!("[{}]", items?.join(", "))
        }
        Constant::Map(entries) => {
            let entries: Option<Vec<(String, String)>> = entries
                .iter()
                .map(|(key, value)| Some((plain(key)?, plain(value)?)))
                .collect();
            let mut entries = entries?;
            entries.sort();
            let entries: Vec<String> = entries
                .into_iter()
                .map(|(key, value)| format!("{key}: {value}"))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => return decimal(other),
    })
}
