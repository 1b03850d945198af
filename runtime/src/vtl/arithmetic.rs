//! Numbers as Velocity calculates with them: whole ones stay whole and grow, a decimal makes all decimal.

use core::cmp::Ordering;

use super::fault::Failure;
use crate::json::{Heap, TextBuffer};
use crate::value::Value;

/// What two numbers are joined by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

#[derive(Clone, Copy)]
pub(super) enum Number {
    Whole(i128),
    Decimal(f64),
}

impl Number {
    fn decimal(self) -> f64 {
        match self {
            Number::Whole(number) => number as f64,
            Number::Decimal(number) => number,
        }
    }
}

/// The number that a value is; texts are none.
pub(super) fn number(heap: &Heap<'_>, value: Value) -> Option<Number> {
    match value {
        Value::Int(number) => Some(Number::Whole(number.into())),
        Value::Double(number) => Some(Number::Decimal(number)),
        Value::Big(digits) => {
            let digits = core::str::from_utf8(heap.bytes(digits)).ok()?;
            digits
                .parse()
                .map(Number::Whole)
                .or_else(|_| digits.parse().map(Number::Decimal))
                .ok()
        }
        _ => None,
    }
}

/// The result, or nothing where one side is no number or the divisor is zero. Whole numbers are exact up to
/// 128 bits; what is larger has no result.
pub(super) fn apply(
    heap: &mut Heap<'_>,
    operation: Operation,
    left: Value,
    right: Value,
) -> Result<Value, Failure> {
    let (Some(left), Some(right)) = (number(heap, left), number(heap, right)) else {
        return Ok(Value::Missing);
    };
    if let (Number::Whole(left), Number::Whole(right)) = (left, right) {
        let result = match operation {
            Operation::Add => left.checked_add(right),
            Operation::Subtract => left.checked_sub(right),
            Operation::Multiply => left.checked_mul(right),
            Operation::Divide => left.checked_div(right),
            Operation::Remainder => left.checked_rem(right),
        };
        return result.map_or(Ok(Value::Missing), |number| whole(heap, number));
    }
    let (left, right) = (left.decimal(), right.decimal());
    if right == 0.0 && matches!(operation, Operation::Divide | Operation::Remainder) {
        return Ok(Value::Missing);
    }
    Ok(Value::Double(match operation {
        Operation::Add => left + right,
        Operation::Subtract => left - right,
        Operation::Multiply => left * right,
        Operation::Divide => left / right,
        Operation::Remainder => left % right,
    }))
}

/// A whole number as a value.
pub(super) fn whole(heap: &mut Heap<'_>, number: i128) -> Result<Value, Failure> {
    match i64::try_from(number) {
        Ok(number) => Ok(Value::Int(number)),
        Err(_) => Ok(Value::Big(
            heap.scratch.push(TextBuffer::of(number).as_bytes())?,
        )),
    }
}

/// How two numbers compare; nothing where one side is no number.
pub(super) fn order(heap: &Heap<'_>, left: Value, right: Value) -> Option<Ordering> {
    match (number(heap, left)?, number(heap, right)?) {
        (Number::Whole(left), Number::Whole(right)) => Some(left.cmp(&right)),
        (left, right) => left.decimal().partial_cmp(&right.decimal()),
    }
}

/// Java's `int` of a number: decimals are cut, what is too large wraps as `intValue` does.
pub(super) fn int_value(heap: &Heap<'_>, value: Value) -> Option<i32> {
    Some(match number(heap, value)? {
        Number::Whole(number) => number as i32,
        Number::Decimal(number) => number as i32,
    })
}
