//! `#foreach`: what a loop keeps, and when it ends.
//!
//! On the stack: the list, the next index, the object whose change is a fault with the changes seen, the
//! state that `$foreach` shows, and the four variables to restore.

use super::fault::Failure;
use super::machine::Machine;
use crate::json::{Kind, OF_MAP, Object};
use crate::value::Value;

const FOREACH: usize = 4;
const COUNT: usize = 5;
const HAS_NEXT: usize = 6;

/// Values that a loop keeps on the stack.
pub(super) const FRAME: usize = 9;
/// Which of them is the state.
pub(super) const STATE: usize = 4;

/// Cells of the state: rounds begun, whether there is a next, the loop around, and the end of a walk that
/// was fixed when it began.
const CELLS: u32 = 4;

impl Machine<'_> {
    /// Takes what is walked from the stack and begins; false if there is nothing to walk.
    pub(super) fn begin(&mut self, item: usize) -> Result<bool, Failure> {
        let walked = self.pop()?;
        let Some(mut object) = self.heap.object(walked) else {
            return Ok(false);
        };
        let mut list = walked;
        let mut first = Value::Int(0);
        match (walked, object.kind) {
            (Value::List(_) | Value::Map(_), _) => {}
            (_, Kind::Iterator) => {
                list = self.heap.scratch.cell(object.start).unwrap_or_default();
                first = self.heap.scratch.cell(object.start + 1).unwrap_or_default();
                match self.heap.object(list) {
                    Some(inner) => object = inner,
                    None => return Ok(false),
                }
            }
            _ => return Ok(false),
        }
        if first == Value::Int(object.len.into()) || self.settings.limits.rounds == 0 {
            return Ok(false);
        }
        // Java's iterators over maps and their views know the last entry when they come to it; those over
        // lists compare with the size of the moment.
        let of_map = matches!(list, Value::Map(_)) || object.room == OF_MAP;
        let watched = match object.room {
            OF_MAP => self
                .heap
                .scratch
                .cell(object.start.saturating_sub(1))
                .unwrap_or_default(),
            _ => list,
        };
        let changes = self.heap.object(watched).map_or(0, |object| object.changes);
        let saved = [
            self.local(item),
            self.local(FOREACH),
            self.local(COUNT),
            self.local(HAS_NEXT),
        ];
        let end = if of_map {
            Value::Int(object.len.into())
        } else {
            Value::Missing
        };
        let start = self.heap.scratch.push_cell(Value::Int(0))?;
        for cell in [Value::Bool(true), saved[1], end] {
            self.heap.scratch.push_cell(cell)?;
        }
        let id = self.heap.scratch.push_object(Object {
            kind: Kind::Loop,
            start,
            len: CELLS,
            room: CELLS,
            ..Object::default()
        })?;
        for value in [
            list,
            first,
            watched,
            Value::Int(changes.into()),
            Value::Object(id),
        ] {
            self.push(value)?;
        }
        for value in saved {
            self.push(value)?;
        }
        self.advance(item)
    }

    /// Goes on with the next item; false at the end.
    pub(super) fn advance(&mut self, item: usize) -> Result<bool, Failure> {
        let frame = self
            .heap
            .scratch
            .height()
            .checked_sub(FRAME)
            .ok_or(Failure::Corrupt)?;
        let Some(
            &[
                list,
                Value::Int(index),
                watched,
                Value::Int(changes),
                Value::Object(id),
                ..,
            ],
        ) = self.heap.scratch.stack().get(frame..)
        else {
            return Err(Failure::Corrupt);
        };
        let (Some(object), Some(state)) = (self.heap.object(list), self.heap.scratch.object(id))
        else {
            return Err(Failure::Corrupt);
        };
        let end = match self.heap.scratch.cell(state.start + 3) {
            Some(Value::Int(end)) => end,
            _ => object.len.into(),
        };
        if index == end {
            return Ok(false);
        }
        if self
            .heap
            .object(watched)
            .is_none_or(|object| i64::from(object.changes) != changes)
        {
            return Err(Failure::ChangedInLoop);
        }
        let Some(Value::Int(rounds)) = self.heap.scratch.cell(state.start) else {
            return Err(Failure::Corrupt);
        };
        if rounds >= i64::from(self.settings.limits.rounds) {
            return if self.settings.loop_limit_is_fault {
                Err(Failure::Rounds)
            } else {
                Ok(false)
            };
        }
        let at = u32::try_from(index).map_err(|_| Failure::Corrupt)?;
        let value = match list {
            Value::Map(_) => self.heap.pair(list, at).map(|(_, value)| value),
            _ => self.heap.item(list, at),
        };
        if let Some(slot) = self.heap.scratch.stack_mut().get_mut(frame + 1) {
            *slot = Value::Int(index + 1);
        }
        let more = Value::Bool(index + 1 != end);
        self.heap
            .scratch
            .set_cell(state.start, Value::Int(rounds + 1));
        self.heap.scratch.set_cell(state.start + 1, more);
        self.set_local(item, value.unwrap_or_default());
        self.set_local(FOREACH, Value::Object(id));
        self.set_local(COUNT, Value::Int(rounds + 1));
        self.set_local(HAS_NEXT, more);
        Ok(true)
    }

    /// Ends the loop: its variables are what they were before it.
    pub(super) fn end_loop(&mut self, item: usize, floor: usize) -> Result<(), Failure> {
        let frame = self.operands(FRAME, floor)?;
        let Some(&[_, _, _, _, _, saved, outer, count, next]) =
            self.heap.scratch.stack().get(frame..)
        else {
            return Err(Failure::Corrupt);
        };
        self.heap.scratch.lower(frame);
        self.set_local(item, saved);
        self.set_local(FOREACH, outer);
        self.set_local(COUNT, count);
        self.set_local(HAS_NEXT, next);
        Ok(())
    }
}
