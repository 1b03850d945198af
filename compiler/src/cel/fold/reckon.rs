//! Arithmetic. Whole numbers that leave their range fail; doubles do as IEEE 754 says.

use super::time::{in_range, length_in_range};
use super::{Constant, Found, error, no_overload};

pub(super) fn call(name: &str, values: &[Constant]) -> Found {
    use Constant::{Bytes, Double, Duration, Int, List, Text, Time, Uint};
    match (name, values) {
        ("-", [Int(value)]) => whole(value.checked_neg(), Int),
        ("-", [Double(value)]) => Ok(Double(-value)),
        ("/" | "%", [_, Int(0) | Uint(0)]) => error("it divides by zero"),
        (_, [Int(left), Int(right)]) => {
            let value = match name {
                "+" => left.checked_add(*right),
                "-" => left.checked_sub(*right),
                "*" => left.checked_mul(*right),
                "/" => left.checked_div(*right),
                _ => left.checked_rem(*right),
            };
            whole(value, Int)
        }
        (_, [Uint(left), Uint(right)]) => {
            let value = match name {
                "+" => left.checked_add(*right),
                "-" => left.checked_sub(*right),
                "*" => left.checked_mul(*right),
                "/" => left.checked_div(*right),
                _ => left.checked_rem(*right),
            };
            whole(value, Uint)
        }
        ("+", [Double(left), Double(right)]) => Ok(Double(left + right)),
        ("-", [Double(left), Double(right)]) => Ok(Double(left - right)),
        ("*", [Double(left), Double(right)]) => Ok(Double(left * right)),
        ("/", [Double(left), Double(right)]) => Ok(Double(left / right)),
        ("+", [Text(left), Text(right)]) => Ok(Text(format!("{left}{right}"))),
        ("+", [Bytes(left), Bytes(right)]) => Ok(Bytes([left.as_slice(), right].concat())),
        ("+", [List(left), List(right)]) => Ok(List([left.as_slice(), right].concat())),
        ("+", [Time(time), Duration(length)]) | ("+", [Duration(length), Time(time)]) => {
            in_range(time.checked_add(*length))
        }
        ("-", [Time(time), Duration(length)]) => in_range(time.checked_sub(*length)),
        ("-", [Time(left), Time(right)]) => length_in_range(left.checked_sub(*right)),
        ("+", [Duration(left), Duration(right)]) => length_in_range(left.checked_add(*right)),
        ("-", [Duration(left), Duration(right)]) => length_in_range(left.checked_sub(*right)),
        _ => no_overload(name),
    }
}

fn whole<T>(value: Option<T>, kind: fn(T) -> Constant) -> Found {
    match value {
        Some(value) => Ok(kind(value)),
        None => error("the number overflows"),
    }
}
