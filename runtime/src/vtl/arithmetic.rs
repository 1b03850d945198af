//! Numbers as Velocity calculates with them: whole ones stay whole and grow, a decimal makes all decimal.

use core::cmp::Ordering;

use super::fault::Failure;
use super::wide::{self, Wide};
use crate::json::{Heap, TextBuffer};
use crate::value::{Text, Value};

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
    /// The digits of a whole number of more than 128 bits.
    Wide(Text),
    Decimal(f64),
}

impl Number {
    pub(super) fn decimal(self, heap: &Heap<'_>) -> f64 {
        match self {
            Number::Whole(number) => number as f64,
            Number::Wide(digits) => core::str::from_utf8(heap.bytes(digits))
                .ok()
                .and_then(|digits| digits.parse().ok())
                .unwrap_or(f64::NAN),
            Number::Decimal(number) => number,
        }
    }

    fn is_whole(self) -> bool {
        !matches!(self, Number::Decimal(_))
    }

    /// A whole number with room to grow.
    fn wide(self, heap: &Heap<'_>) -> Result<Wide, Failure> {
        match self {
            Number::Wide(digits) => Wide::read(heap.bytes(digits)),
            Number::Whole(number) => Wide::read(TextBuffer::of(number).as_bytes()),
            Number::Decimal(_) => Err(Failure::BadArgument),
        }
    }
}

/// The number that a value is; texts are none.
pub(super) fn number(heap: &Heap<'_>, value: Value) -> Option<Number> {
    match value {
        Value::Int(number) => Some(Number::Whole(number.into())),
        Value::Double(number) => Some(Number::Decimal(number)),
        Value::Big(digits) => {
            let text = core::str::from_utf8(heap.bytes(digits)).ok()?;
            Some(text.parse().map_or(Number::Wide(digits), Number::Whole))
        }
        _ => None,
    }
}

/// The result, or nothing where one side is no number or the divisor is zero. Whole numbers are exact.
///
/// # Errors
/// [`Failure::TooWide`] where a whole number has more digits than may be reckoned with.
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
            Operation::Divide | Operation::Remainder if right == 0 => return Ok(Value::Missing),
            Operation::Divide => left.checked_div(right),
            Operation::Remainder => left.checked_rem(right),
        };
        if let Some(number) = result {
            return whole(heap, number);
        }
    }
    if left.is_whole() && right.is_whole() {
        let (left, right) = (left.wide(heap)?, right.wide(heap)?);
        return wide::apply(heap, operation, &left, &right);
    }
    let (left, right) = (left.decimal(heap), right.decimal(heap));
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
        // Numbers that are too long to reckon with are as good as equal where their decimals are.
        (left, right) => match (left.wide(heap), right.wide(heap)) {
            (Ok(left), Ok(right)) => Some(left.order(&right)),
            _ => left.decimal(heap).partial_cmp(&right.decimal(heap)),
        },
    }
}

/// Java's `int` of a number: decimals are cut, what is too large wraps as `intValue` does.
pub(super) fn int_value(heap: &Heap<'_>, value: Value) -> Option<i32> {
    Some(match number(heap, value)? {
        Number::Whole(number) => number as i32,
        number => number.decimal(heap) as i32,
    })
}
