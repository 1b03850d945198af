//! A filter that is asked of many items: what does not change from one to the next is worked out once.

use super::code::{self, Code, Node, Operand};
use super::find::{self, Rules};
use super::{PathError, filter};
use crate::json::Heap;
use crate::value::Value;

/// A filter, and its parts where it compares what a path finds in the item with a constant.
pub(super) struct Prepared<'c> {
    filter: &'c [u8],
    comparison: Option<Comparison<'c>>,
}

struct Comparison<'c> {
    operator: u8,
    path: Code<'c>,
    constant: Value,
}

/// The order of two numbers of machine words, as doubles.
fn plain_order(left: Value, right: Value) -> Option<core::cmp::Ordering> {
    let double = |value| match value {
        Value::Int(number) => Some(number as f64),
        Value::Double(number) => Some(number),
        _ => None,
    };
    double(left)?.partial_cmp(&double(right)?)
}

impl<'c> Prepared<'c> {
    /// Reads a filter. A constant text is put into the scratch.
    pub(super) fn of(heap: &mut Heap<'_>, filter: &'c [u8]) -> Result<Prepared<'c>, PathError> {
        Ok(Prepared {
            filter,
            comparison: Self::comparison(heap, filter)?,
        })
    }

    fn comparison(
        heap: &mut Heap<'_>,
        filter: &'c [u8],
    ) -> Result<Option<Comparison<'c>>, PathError> {
        let Some((Node::Compare(operator), rest)) = code::node(filter) else {
            return Ok(None);
        };
        let Some((Node::Operand(Operand::Current(path)), rest)) = code::node(rest) else {
            return Ok(None);
        };
        let Some((Node::Operand(operand), _)) = code::node(rest) else {
            return Ok(None);
        };
        let constant = match operand {
            Operand::Text(bytes) => heap.text(bytes)?,
            Operand::Number(digits) => filter::number(digits),
            Operand::Bool(truth) => Value::Bool(truth),
            Operand::Null => Value::Null,
            _ => return Ok(None),
        };
        Ok(Some(Comparison {
            operator,
            path,
            constant,
        }))
    }

    /// Whether `item` passes.
    pub(super) fn passes(
        &self,
        heap: &mut Heap<'_>,
        item: Value,
        root: Value,
        depth: u32,
    ) -> Result<bool, PathError> {
        let Some(Comparison {
            operator,
            path,
            constant,
        }) = self.comparison
        else {
            return filter::passes(heap, self.filter, item, root, depth);
        };
        heap.spend(1)?;
        let found = match find::straight(heap, path.tokens, item)? {
            Some(found) if path.definite => found,
            _ => {
                let rules = Rules {
                    required: false,
                    depth: depth + 1,
                };
                find::from(heap, path, item, root, rules)?
            }
        };
        // What most filters ask.
        if let (Some(Value::Int(_) | Value::Double(_)), 2..=5) = (found, operator)
            && let Some(order) = found.and_then(|found| plain_order(found, constant))
        {
            return Ok(match operator {
                2 => order.is_lt(),
                3 => order.is_le(),
                4 => order.is_gt(),
                _ => order.is_ge(),
            });
        }
        filter::compare(heap, operator, found, Some(constant))
    }
}
