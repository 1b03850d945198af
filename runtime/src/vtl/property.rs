//! Members: `.name`, `[index]`, and setting them.

use super::arithmetic;
use super::fault::Failure;
use super::isa::Str;
use super::machine::{INPUT, Machine, UTIL};
use super::methods::Method;
use crate::json::Kind;
use crate::value::Value;

impl Machine<'_> {
    /// `object.name`: a map's member, else what a getter gives.
    pub(super) fn property(&mut self, object: Value, name: Str) -> Result<Value, Failure> {
        if let Value::Map(_) = object {
            return Ok(self
                .heap
                .member(object, self.name(name))?
                .unwrap_or_default());
        }
        let kind = self.heap.object(object).map(|object| object.kind());
        if kind == Some(Kind::Loop) {
            return self.loop_member(object, name);
        }
        let getter = match (object, kind, self.name(name)) {
            (INPUT, _, b"body") => Method::GetBody,
            (UTIL, ..) | (INPUT, ..) => return Ok(Value::Missing),
            (Value::Text(_) | Value::List(_), _, b"empty") => Method::IsEmpty,
            (Value::Text(_), _, b"blank") => Method::IsBlank,
            (Value::Text(_), _, b"bytes") => Method::GetBytes,
            (_, Some(Kind::Entry), b"key") => Method::GetKey,
            (_, Some(Kind::Entry), b"value") => Method::GetValue,
            (Value::Double(_), _, b"infinite") => Method::IsInfinite,
            (Value::Double(_), _, b"naN") => Method::IsNaN,
            _ => return Ok(Value::Missing),
        };
        self.call(object, getter, &[])
    }

    fn loop_member(&mut self, state: Value, name: Str) -> Result<Value, Failure> {
        let method = match self.name(name) {
            // What every round asks is read in place: the first cells of the state.
            b"hasNext" => return Ok(self.loop_cell(state, 1)),
            b"count" => return Ok(self.loop_cell(state, 0)),
            b"index" => Method::GetIndex,
            b"first" => Method::IsFirst,
            b"last" => Method::IsLast,
            b"parent" => Method::GetParent,
            b"topmost" => Method::GetTopmost,
            _ => return Ok(Value::Missing),
        };
        self.call(state, method, &[])
    }

    fn loop_cell(&self, state: Value, index: u32) -> Value {
        let cell = self.heap.object(state).and_then(|header| {
            let at = header.start.checked_add(index)?;
            self.heap.scratch.cell(at)
        });
        cell.unwrap_or_default()
    }

    /// `object[index]`.
    pub(super) fn index(&mut self, object: Value, index: Value) -> Result<Value, Failure> {
        match object {
            Value::List(_) => self.call(object, Method::Get, &[self.counted(object, index)]),
            Value::Map(_) => Ok(self.heap.get(object, index)?.unwrap_or_default()),
            // Velocity asks for the size to count from the end; what has none is an error.
            Value::Missing | Value::Null => Ok(Value::Missing),
            _ if matches!(index, Value::Int(at) if at < 0) => Err(Failure::OutOfBounds),
            _ => Ok(Value::Missing),
        }
    }

    /// An index of a list; negative ones count from its end.
    fn counted(&self, list: Value, index: Value) -> Value {
        match (index, self.heap.object(list)) {
            (Value::Int(at), Some(object)) if at < 0 => {
                Value::Int(at.saturating_add(object.len().into()))
            }
            _ => index,
        }
    }

    /// `#set(object.key = value)`. Null, and an object without members, change nothing.
    pub(super) fn set_member(
        &mut self,
        object: Value,
        key: Value,
        value: Value,
    ) -> Result<(), Failure> {
        if matches!(value, Value::Missing | Value::Null) {
            return Ok(());
        }
        let Value::Map(_) = object else { return Ok(()) };
        self.assign_once(object, key)?;
        self.heap.put(object, key, value)?;
        Ok(())
    }

    /// An override is assigned once; a group of overrides, which is a map, is none itself.
    pub(super) fn assign_once(&mut self, object: Value, key: Value) -> Result<(), Failure> {
        let once = self
            .heap
            .object(object)
            .is_some_and(|object| object.kind() == Kind::OnceMap);
        if once && !matches!(self.heap.get(object, key)?, None | Some(Value::Map(_))) {
            return Err(Failure::AssignedTwice);
        }
        Ok(())
    }

    /// `#set(object[index] = value)`.
    pub(super) fn set_index(
        &mut self,
        object: Value,
        index: Value,
        value: Value,
    ) -> Result<(), Failure> {
        match object {
            Value::Map(_) => self.set_member(object, index, value),
            _ if matches!(value, Value::Missing | Value::Null) => Ok(()),
            Value::List(_) => {
                let index = self.counted(object, index);
                if arithmetic::int_value(&self.heap, index).is_some() {
                    self.call(object, Method::Set, &[index, value])?;
                }
                Ok(())
            }
            _ => self.index(object, index).map(|_| ()),
        }
    }
}
