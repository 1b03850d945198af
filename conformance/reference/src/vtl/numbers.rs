//! Numbers: Java's `Integer`, `Long`, `Double` and their static helpers.

use num_bigint::BigInt;
use num_traits::ToPrimitive;

use crate::number::Number;
use crate::value::Value;

use super::failed;
use super::methods::Called;

pub(super) fn property(number: &Number, name: &str) -> Option<Value> {
    match (number, name) {
        (Number::Double(value), "naN") => Some(Value::Bool(value.is_nan())),
        (Number::Double(value), "infinite") => Some(Value::Bool(value.is_infinite())),
        _ => None,
    }
}

/// Java's narrowing to 64 bits: whole numbers wrap, fractions are cut and saturate.
fn to_long(number: &Number) -> i64 {
    match number.to_big() {
        Some(value) => {
            let low: BigInt = value & BigInt::from(u64::MAX);
            low.to_u64().unwrap_or(0) as i64
        }
        None => number.to_f64() as i64,
    }
}

pub(super) fn call(number: &Number, name: &str, arguments: &[Value]) -> Called {
    let long = |value: i64| Some(Value::Number(Number::Long(value)));
    let double = |value: f64| Some(Value::Number(Number::Double(value)));
    Ok(match (name, arguments) {
        ("intValue", []) => Some(Value::int(match number {
            Number::Double(value) => *value as i32,
            other => to_long(other) as i32,
        })),
        ("longValue", []) => long(to_long(number)),
        ("doubleValue", []) => double(number.to_f64()),
        ("isNaN", []) => match number {
            Number::Double(value) => Some(Value::Bool(value.is_nan())),
            _ => None,
        },
        ("compareTo", [Value::Number(other)]) if number.class() == other.class() => Some(
            Value::int(number.compare(other).map_or(0, |order| order as i32)),
        ),
        // The class's own signature is there, and throws.
        ("compareTo", [_]) => return failed("`compareTo` of another class"),
        ("parseInt" | "valueOf", [Value::Text(text)]) if matches!(number, Number::Int(_)) => {
            match text.parse::<i32>() {
                Ok(value) => Some(Value::int(value)),
                Err(_) => return failed("`parseInt` of a text that is no number"),
            }
        }
        ("parseLong" | "valueOf", [Value::Text(text)]) if matches!(number, Number::Long(_)) => {
            match text.parse::<i64>() {
                Ok(value) => long(value),
                Err(_) => return failed("`parseLong` of a text that is no number"),
            }
        }
        ("parseDouble" | "valueOf", [Value::Text(text)]) if matches!(number, Number::Double(_)) => {
            match text.trim().parse::<f64>() {
                Ok(value) => double(value),
                Err(_) => return failed("`parseDouble` of a text that is no number"),
            }
        }
        ("toString", [Value::Number(other @ Number::Int(_))])
            if matches!(number, Number::Int(_)) =>
        {
            Some(Value::text(other.print()))
        }
        ("valueOf", [Value::Number(other)]) if number.class() == other.class() => {
            Some(Value::Number(other.clone()))
        }
        ("toHexString", [Value::Number(Number::Int(value))])
            if matches!(number, Number::Int(_)) =>
        {
            Some(Value::text(format!("{value:x}")))
        }
        ("toBinaryString", [Value::Number(Number::Int(value))])
            if matches!(number, Number::Int(_)) =>
        {
            Some(Value::text(format!("{value:b}")))
        }
        ("max", [Value::Number(Number::Int(a)), Value::Number(Number::Int(b))])
            if matches!(number, Number::Int(_)) =>
        {
            Some(Value::int(*a.max(b)))
        }
        ("min", [Value::Number(Number::Int(a)), Value::Number(Number::Int(b))])
            if matches!(number, Number::Int(_)) =>
        {
            Some(Value::int(*a.min(b)))
        }
        _ => None,
    })
}
