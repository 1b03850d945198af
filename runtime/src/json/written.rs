//! Numbers as JSON writes them.

use crate::value::{Text, Value};

/// Powers of ten that doubles hold exactly.
const POWERS: [f64; 16] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
];

/// The number at the front, if it has up to 15 digits and no exponent, and its length.
#[inline]
pub(crate) fn short_number(bytes: &[u8]) -> Option<(Value, usize)> {
    let negative = bytes.first() == Some(&b'-');
    let start = usize::from(negative);
    let mut at = start;
    let mut sum = 0i64;
    while let Some(digit @ b'0'..=b'9') = bytes.get(at) {
        sum = sum.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
        at += 1;
    }
    let whole = at - start;
    if whole == 0 || whole > 15 || whole > 1 && bytes.get(start) == Some(&b'0') {
        return None;
    }
    if bytes.get(at) != Some(&b'.') {
        return Some((Value::Int(if negative { -sum } else { sum }), at));
    }
    let point = at;
    at += 1;
    while let Some(digit @ b'0'..=b'9') = bytes.get(at) {
        sum = sum.wrapping_mul(10).wrapping_add(i64::from(digit - b'0'));
        at += 1;
    }
    let places = at - point - 1;
    if places == 0 || whole + places > 15 {
        return None;
    }
    // Both are exact, so the quotient is rounded once: the double next to the decimal.
    let value = sum as f64 / POWERS.get(places)?;
    Some((Value::Double(if negative { -value } else { value }), at))
}

/// A JSON number, or nothing. Leading zeros and a missing fraction pass where not `strict`.
pub(super) fn number(bytes: &[u8], strict: bool, text: Text) -> Option<Value> {
    let unsigned = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let whole = unsigned.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = unsigned.get(whole..)?;
    if whole == 0 || strict && whole > 1 && unsigned.first() == Some(&b'0') {
        return None;
    }
    let digits = core::str::from_utf8(bytes).ok()?;
    if rest.is_empty() {
        if let Ok(number) = digits.parse() {
            return Some(Value::Int(number));
        }
        let zeros = unsigned.iter().take_while(|b| **b == b'0').count();
        return if zeros == 0 {
            Some(Value::Big(text))
        } else {
            digits.parse().ok().map(Value::Double)
        };
    }
    let (fraction, exponent) = match rest.strip_prefix(b".") {
        Some(tail) => {
            let n = tail.iter().take_while(|b| b.is_ascii_digit()).count();
            if strict && n == 0 {
                return None;
            }
            (n, tail.get(n..)?)
        }
        None => (0, rest),
    };
    if let Some((e, power)) = exponent.split_first() {
        let power = power
            .strip_prefix(b"+")
            .or(power.strip_prefix(b"-"))
            .unwrap_or(power);
        if !matches!(e, b'e' | b'E') || power.is_empty() || !power.iter().all(u8::is_ascii_digit) {
            return None;
        }
    }
    // More digits than a double can tell: Java's BigDecimal, which prints as written.
    if bytes.len() > 18 && exponent.is_empty() && fraction > 0 {
        return Some(Value::Big(text));
    }
    digits.parse().ok().map(Value::Double)
}
