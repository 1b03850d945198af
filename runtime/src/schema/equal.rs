//! When two JSON values are the same: numbers by value, objects whatever their order.

use crate::json::{Bound, Heap};
use crate::value::Value;

pub(super) fn same(
    heap: &mut Heap<'_>,
    left: Value,
    right: Value,
    depth: u32,
) -> Result<bool, Bound> {
    if depth > super::MAX_DEPTH * 4 {
        return Err(Bound::Depth);
    }
    heap.spend(1)?;
    match (left, right) {
        (Value::List(_), Value::List(_)) | (Value::Map(_), Value::Map(_)) => {
            let (Some(a), Some(b)) = (heap.object(left), heap.object(right)) else {
                return Ok(false);
            };
            if a.len() != b.len() {
                return Ok(false);
            }
            for index in 0..a.len() {
                let (ours, theirs) = match left {
                    Value::List(_) => (heap.item(left, index), heap.item(right, index)),
                    _ => {
                        let Some((key, value)) = heap.pair(left, index) else {
                            return Ok(false);
                        };
                        (Some(value), heap.get(right, key)?)
                    }
                };
                let (Some(ours), Some(theirs)) = (ours, theirs) else {
                    return Ok(false);
                };
                if !same(heap, ours, theirs, depth + 1)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (
            Value::Int(_) | Value::Double(_) | Value::Big(_),
            Value::Int(_) | Value::Double(_) | Value::Big(_),
        ) => Ok(heap.same_key(left, right)
            || matches!((number(heap, left), number(heap, right)), (Some(a), Some(b)) if a == b && !both_whole(left, right))),
        _ => Ok(heap.same_key(left, right)),
    }
}

/// Whole numbers of 64 bits are told apart exactly, beyond what doubles can.
fn both_whole(left: Value, right: Value) -> bool {
    matches!((left, right), (Value::Int(_), Value::Int(_)))
}

/// A number as a double.
pub(super) fn number(heap: &Heap<'_>, value: Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(number as f64),
        Value::Double(number) => Some(number),
        Value::Big(digits) => core::str::from_utf8(heap.bytes(digits)).ok()?.parse().ok(),
        _ => None,
    }
}
