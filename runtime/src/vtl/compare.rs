//! When two values are equal.

use super::arithmetic;
use super::fault::Failure;
use super::machine::Machine;
use crate::json::{Bound, Kind};
use crate::value::Value;

/// Lists and maps that hold themselves have no end.
const MAX_DEPTH: u32 = 200;

impl Machine<'_> {
    /// `==`: numbers by value, values of one class by `equals`, others by their texts.
    pub(super) fn equal(&mut self, left: Value, right: Value) -> Result<bool, Failure> {
        let nothing = |value| matches!(value, Value::Missing | Value::Null);
        if nothing(left) || nothing(right) {
            return Ok(nothing(left) && nothing(right));
        }
        if arithmetic::number(&self.heap, left).is_some()
            && arithmetic::number(&self.heap, right).is_some()
        {
            return Ok(
                arithmetic::order(&self.heap, left, right).is_some_and(core::cmp::Ordering::is_eq)
            );
        }
        if self.class(left) == self.class(right) {
            return self.equals(left, right, 0);
        }
        let left = self.text_of(left)?;
        let right = self.text_of(right)?;
        Ok(self.heap.bytes(left) == self.heap.bytes(right))
    }

    fn class(&self, value: Value) -> (u8, Kind) {
        let kind = self
            .heap
            .object(value)
            .map_or(Kind::List, |object| object.kind());
        let class = match value {
            Value::Missing | Value::Null => 0,
            Value::Bool(_) => 1,
            Value::Int(_) => 2,
            Value::Double(_) => 3,
            Value::Big(_) => 4,
            Value::Text(_) => 5,
            Value::List(_) => 6,
            Value::Map(_) => 7,
            Value::Object(_) => 8,
        };
        (
            class,
            if matches!(kind, Kind::OnceMap | Kind::Context) {
                Kind::Map
            } else {
                kind
            },
        )
    }

    /// Java's `equals`: no number equals one of another class, lists and maps equal by what they hold.
    pub(super) fn equals(
        &mut self,
        left: Value,
        right: Value,
        depth: u32,
    ) -> Result<bool, Failure> {
        if depth > MAX_DEPTH {
            return Err(Failure::Bound(Bound::Depth));
        }
        self.heap.spend(1)?;
        match (left, right) {
            (Value::List(_), Value::List(_)) if left != right => {
                let (Some(a), Some(b)) = (self.heap.object(left), self.heap.object(right)) else {
                    return Ok(false);
                };
                if a.len() != b.len() {
                    return Ok(false);
                }
                for index in 0..a.len() {
                    let (a, b) = (self.heap.item(left, index), self.heap.item(right, index));
                    if !self.equals(a.unwrap_or_default(), b.unwrap_or_default(), depth + 1)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            (Value::Map(_), Value::Map(_)) if left != right => {
                let (Some(a), Some(b)) = (self.heap.object(left), self.heap.object(right)) else {
                    return Ok(false);
                };
                if a.len() != b.len() {
                    return Ok(false);
                }
                for index in 0..a.len() {
                    let Some((key, value)) = self.heap.pair(left, index) else {
                        return Ok(false);
                    };
                    let Some(other) = self.heap.get(right, key)? else {
                        return Ok(false);
                    };
                    if !self.equals(value, other, depth + 1)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            _ => Ok(self.heap.same_key(left, right)),
        }
    }
}
