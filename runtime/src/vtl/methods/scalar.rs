//! Numbers and truth values, with the static methods that Velocity reaches through any value of a class.

use super::super::arithmetic::{self, Number, Operation};
use super::super::fault::Failure;
use super::super::machine::Machine;
use super::{Method, int, text};
use crate::json::TextBuffer;
use crate::value::Value;
use core::cmp::Ordering;
use core::fmt::Write;

impl Machine<'_> {
    pub(super) fn scalar_method(
        &mut self,
        own: Value,
        method: Method,
        arguments: &[Value],
    ) -> Result<Value, Failure> {
        if let Value::Bool(truth) = own {
            return self.bool_method(truth, method, arguments);
        }
        let Some(number) = arithmetic::number(&self.heap, own) else {
            return Ok(Value::Missing);
        };
        let whole = match number {
            Number::Whole(number) => number,
            Number::Wide(digits) => low_bits(self.heap.bytes(digits)),
            Number::Decimal(number) => number as i128,
        };
        let double = number.decimal(&self.heap);
        let decimal = matches!(own, Value::Double(_));
        Ok(match (method, arguments) {
            (Method::IntValue, []) => Value::Int(match number {
                Number::Decimal(number) => i64::from(number as i32),
                _ => i64::from(whole as i32),
            }),
            (Method::LongValue, []) => Value::Int(match number {
                Number::Decimal(number) => number as i64,
                _ => whole as i64,
            }),
            (Method::ShortValue, []) => Value::Int(i64::from(whole as i16)),
            (Method::ByteValue, []) => Value::Int(i64::from(whole as i8)),
            (Method::DoubleValue, []) => Value::Double(double),
            (Method::FloatValue, []) => Value::Double(match number {
                Number::Decimal(number) => f64::from(number as f32),
                _ => double,
            }),
            (Method::HashCode, []) => match (own, number) {
                (Value::Int(own), _) => Value::Int(
                    i32::try_from(own)
                        .map_or_else(|_| i64::from((own ^ (own >> 32)) as i32), i64::from),
                ),
                (Value::Double(own), _) => {
                    let bits = own.to_bits();
                    Value::Int(i64::from((bits ^ (bits >> 32)) as u32 as i32))
                }
                _ => Value::Missing,
            },
            (Method::IsNaN, []) if decimal => {
                Value::Bool(matches!(own, Value::Double(own) if own.is_nan()))
            }
            (Method::IsInfinite, []) if decimal => {
                Value::Bool(matches!(own, Value::Double(own) if own.is_infinite()))
            }
            (Method::CompareTo, [other]) => match (own, other) {
                (Value::Int(_), Value::Int(_))
                | (Value::Double(_), Value::Double(_))
                | (Value::Big(_), Value::Big(_)) => {
                    Value::Int(sign(arithmetic::order(&self.heap, own, *other)))
                }
                // Java casts, and throws.
                _ => return Err(Failure::BadArgument),
            },
            (
                Method::Compare | Method::Max | Method::Min | Method::Sum,
                [Value::Int(a), Value::Int(b)],
            ) if !decimal => match method {
                Method::Compare => Value::Int(sign(Some(a.cmp(b)))),
                Method::Max => Value::Int(*a.max(b)),
                Method::Min => Value::Int(*a.min(b)),
                _ => Value::Int(i64::from((*a as i32).wrapping_add(*b as i32))),
            },
            (
                Method::Compare | Method::Max | Method::Min | Method::Sum,
                [Value::Double(a), Value::Double(b)],
            ) if decimal => match method {
                Method::Compare => Value::Int(sign(a.partial_cmp(b))),
                Method::Max => Value::Double(a.max(*b)),
                Method::Min => Value::Double(a.min(*b)),
                _ => Value::Double(a + b),
            },
            (Method::Signum, [Value::Int(of)]) if !decimal => Value::Int(of.signum()),
            (Method::ParseInt | Method::ParseLong | Method::ValueOf, [value]) if !decimal => {
                match (value, text(value)) {
                    (_, Some(digits)) => {
                        let digits = core::str::from_utf8(self.heap.bytes(digits)).unwrap_or("");
                        let number: i64 = digits.parse().map_err(|_| Failure::BadArgument)?;
                        if i32::try_from(number).is_err() && method != Method::ParseLong {
                            return Err(Failure::BadArgument);
                        }
                        Value::Int(number)
                    }
                    (Value::Int(number), _) if method == Method::ValueOf => Value::Int(*number),
                    _ => Value::Missing,
                }
            }
            (Method::ParseInt, [digits, radix]) if !decimal => {
                let (Some(digits), Some(radix)) = (text(digits), int(radix)) else {
                    return Ok(Value::Missing);
                };
                let radix = u32::try_from(radix)
                    .ok()
                    .filter(|radix| (2..=36).contains(radix))
                    .ok_or(Failure::BadArgument)?;
                let digits = core::str::from_utf8(self.heap.bytes(digits)).unwrap_or("");
                Value::Int(
                    i32::from_str_radix(digits, radix)
                        .map_err(|_| Failure::BadArgument)?
                        .into(),
                )
            }
            (Method::ParseDouble | Method::ValueOf, [digits]) if decimal => {
                match (digits, text(digits)) {
                    (_, Some(digits)) => {
                        let digits = core::str::from_utf8(self.heap.bytes(digits))
                            .unwrap_or("")
                            .trim();
                        let plain = digits.strip_suffix(['d', 'D', 'f', 'F']).unwrap_or(digits);
                        Value::Double(plain.parse().map_err(|_| Failure::BadArgument)?)
                    }
                    (Value::Double(number), None) => Value::Double(*number),
                    _ => Value::Missing,
                }
            }
            (Method::ToString, [value]) => match (value, decimal) {
                (Value::Int(_), false) | (Value::Double(_), true) => {
                    Value::Text(self.text_of(*value)?)
                }
                _ => Value::Missing,
            },
            (Method::ToHexString | Method::ToBinaryString | Method::ToOctalString, [value])
                if !decimal =>
            {
                let Some(bits) = int(value) else {
                    return Ok(Value::Missing);
                };
                let mut digits = TextBuffer::default();
                let written = match method {
                    Method::ToHexString => write!(digits, "{bits:x}"),
                    Method::ToBinaryString => write!(digits, "{bits:b}"),
                    _ => write!(digits, "{bits:o}"),
                };
                written.map_err(|_| Failure::Corrupt)?;
                self.heap.text(digits.as_bytes())?
            }
            (Method::Abs | Method::Negate, []) if matches!(own, Value::Big(_)) => {
                let zero = Value::Int(0);
                match arithmetic::order(&self.heap, own, zero) {
                    Some(Ordering::Greater) if method == Method::Abs => own,
                    _ => arithmetic::apply(&mut self.heap, Operation::Subtract, zero, own)?,
                }
            }
            _ => Value::Missing,
        })
    }

    fn bool_method(
        &mut self,
        own: bool,
        method: Method,
        arguments: &[Value],
    ) -> Result<Value, Failure> {
        Ok(match (method, arguments) {
            (Method::BooleanValue, []) => Value::Bool(own),
            (Method::HashCode, []) => Value::Int(if own { 1231 } else { 1237 }),
            (Method::CompareTo, [Value::Bool(other)]) => Value::Int(sign(Some(own.cmp(other)))),
            // Java casts, and throws.
            (Method::CompareTo, [_]) => return Err(Failure::BadArgument),
            (Method::ParseBoolean | Method::ValueOf, [value]) => match (value, text(value)) {
                (_, Some(word)) => Value::Bool(self.heap.bytes(word).eq_ignore_ascii_case(b"true")),
                (Value::Bool(truth), _) if method == Method::ValueOf => Value::Bool(*truth),
                _ => Value::Missing,
            },
            (Method::ToString, [Value::Bool(truth)]) => {
                self.heap.text(if *truth { b"true" } else { b"false" })?
            }
            _ => Value::Missing,
        })
    }
}

fn sign(order: Option<Ordering>) -> i64 {
    match order {
        Some(Ordering::Less) => -1,
        Some(Ordering::Greater) => 1,
        _ => 0,
    }
}

/// The low bits of a whole number that decimal digits say, as Java's `BigInteger` gives them.
fn low_bits(digits: &[u8]) -> i128 {
    let (negative, digits) = match digits.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, digits),
    };
    let magnitude = digits.iter().fold(0i128, |number, digit| {
        let digit = i128::from(digit.wrapping_sub(b'0') % 10);
        number.wrapping_mul(10).wrapping_add(digit)
    });
    match negative {
        true => magnitude.wrapping_neg(),
        false => magnitude,
    }
}
