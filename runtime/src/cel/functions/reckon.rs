//! Arithmetic. Whole numbers that leave their range fail; doubles do as IEEE 754 says.

use super::super::code::Function;
use super::super::value::{Cel, Found, Span, error, no_overload};
use super::super::work::Work;
use super::time::{in_range, length_in_range, ns};

pub(super) fn call(work: &mut Work<'_>, function: Function, operands: &[Cel]) -> Found {
    use Cel::{Bytes, Double, Duration, Int, List, Text, Time, Uint};
    use Function::{Add, Divide, Multiply, Remainder, Subtract};
    match (function, operands) {
        (Subtract, [Int(value)]) => whole(value.checked_neg(), Int),
        (Subtract, [Double(value)]) => Ok(Double(-value)),
        (Divide | Remainder, [_, Int(0) | Uint(0)]) => error("it divides by zero"),
        (_, [Int(left), Int(right)]) => {
            let value = match function {
                Add => left.checked_add(*right),
                Subtract => left.checked_sub(*right),
                Multiply => left.checked_mul(*right),
                Divide => left.checked_div(*right),
                _ => left.checked_rem(*right),
            };
            whole(value, Int)
        }
        (_, [Uint(left), Uint(right)]) => {
            let value = match function {
                Add => left.checked_add(*right),
                Subtract => left.checked_sub(*right),
                Multiply => left.checked_mul(*right),
                Divide => left.checked_div(*right),
                _ => left.checked_rem(*right),
            };
            whole(value, Uint)
        }
        (Add, [Double(left), Double(right)]) => Ok(Double(left + right)),
        (Subtract, [Double(left), Double(right)]) => Ok(Double(left - right)),
        (Multiply, [Double(left), Double(right)]) => Ok(Double(left * right)),
        (Divide, [Double(left), Double(right)]) => Ok(Double(left / right)),
        (Add, [Text(left), Text(right)]) => joined(work, *left, *right).map(Text),
        (Add, [Bytes(left), Bytes(right)]) => joined(work, *left, *right).map(Bytes),
        (Add, [List(left), List(right)]) => {
            let height = work.space.height();
            work.space.push_run(*left)?;
            work.space.push_run(*right)?;
            work.list(height)
        }
        (Add, [Time(a, b), Duration(c, d)] | [Duration(c, d), Time(a, b)]) => {
            in_range(ns(*a, *b) + ns(*c, *d))
        }
        (Subtract, [Time(a, b), Duration(c, d)]) => in_range(ns(*a, *b) - ns(*c, *d)),
        (Subtract, [Time(a, b), Time(c, d)]) => length_in_range(ns(*a, *b) - ns(*c, *d)),
        (Add, [Duration(a, b), Duration(c, d)]) => length_in_range(ns(*a, *b) + ns(*c, *d)),
        (Subtract, [Duration(a, b), Duration(c, d)]) => length_in_range(ns(*a, *b) - ns(*c, *d)),
        _ => no_overload(),
    }
}

fn whole<T>(value: Option<T>, kind: fn(T) -> Cel) -> Found {
    match value {
        Some(value) => Ok(kind(value)),
        None => error("the number overflows"),
    }
}

fn joined(work: &mut Work<'_>, left: Span, right: Span) -> Result<Span, super::super::value::Fail> {
    let start = work.space.start();
    work.put(left)?;
    work.put(right)?;
    Ok(work.space.since(start))
}
