//! `java.util.List`, arrays, and the views of maps.

use super::super::fault::Failure;
use super::super::machine::Machine;
use super::{Method, NOTHING_TO_SAY, int};
use crate::json::Kind;
use crate::value::Value;

impl Machine<'_> {
    pub(super) fn list_method(
        &mut self,
        list: Value,
        method: Method,
        arguments: &[Value],
    ) -> Result<Value, Failure> {
        let Some(header) = self.heap.object(list) else {
            return Err(Failure::Corrupt);
        };
        let kind = header.kind();
        let len = header.len();
        let nothing = Ok(Value::Missing);
        // Arrays and views answer no call that would change them.
        let fixed = matches!(kind, Kind::Array | Kind::View);
        Ok(match (method, arguments) {
            (Method::Size | Method::Count, []) => Value::Int(len.into()),
            (Method::IsEmpty, []) => Value::Bool(len == 0),
            (Method::Get, [index]) => match int(index) {
                Some(_) if kind == Kind::View => Value::Missing,
                Some(index) => self.at(list, index)?,
                None => Value::Missing,
            },
            (Method::Set, [index, value]) => {
                let Some(index) = int(index) else {
                    return nothing;
                };
                if kind == Kind::View {
                    return nothing;
                }
                let old = self.at(list, index)?;
                self.heap.set_item(list, index as u32, *value);
                old
            }
            (Method::Contains, [value]) => Value::Bool(self.position(list, *value)?.is_some()),
            (Method::IndexOf, [value]) if kind != Kind::View => {
                Value::Int(self.position(list, *value)?.map_or(-1, i64::from))
            }
            (Method::LastIndexOf, [value]) if kind != Kind::View => {
                let mut found = -1;
                for index in (0..len).rev() {
                    let item = self.heap.item(list, index).unwrap_or_default();
                    if self.equals(*value, item, 0)? {
                        found = index.into();
                        break;
                    }
                }
                Value::Int(found)
            }
            (Method::ContainsAll, [other @ Value::List(_)]) => {
                let count = self.heap.object(*other).map_or(0, |other| other.len());
                for index in 0..count {
                    let item = self.heap.item(*other, index).unwrap_or_default();
                    if self.position(list, item)?.is_none() {
                        return Ok(Value::Bool(false));
                    }
                }
                Value::Bool(true)
            }
            (Method::Add | Method::AddAll, [_]) if kind == Kind::View => {
                return Err(Failure::NotAllowed);
            }
            (Method::Add, [value]) if !fixed => {
                self.heap.insert_item(list, len, *value)?;
                Value::Bool(true)
            }
            (Method::Add, [index, value]) if !fixed => {
                let Some(index) = int(index) else {
                    return nothing;
                };
                let index = u32::try_from(index)
                    .ok()
                    .filter(|index| *index <= len)
                    .ok_or(Failure::OutOfBounds)?;
                self.heap.insert_item(list, index, *value)?;
                NOTHING_TO_SAY
            }
            (Method::AddAll, [other @ Value::List(_)]) if !fixed => {
                let count = self.heap.object(*other).map_or(0, |other| other.len());
                for index in 0..count {
                    let item = self.heap.item(*other, index).unwrap_or_default();
                    let end = self.heap.object(list).map_or(0, |list| list.len());
                    self.heap.insert_item(list, end, item)?;
                }
                Value::Bool(count > 0)
            }
            (Method::Remove, [index @ Value::Int(_)]) if !fixed => {
                let index = int(index)
                    .and_then(|index| u32::try_from(index).ok())
                    .ok_or(Failure::OutOfBounds)?;
                self.heap
                    .remove_item(list, index)?
                    .ok_or(Failure::OutOfBounds)?
            }
            (Method::Remove, [value]) if !fixed => match self.position(list, *value)? {
                Some(index) => {
                    self.heap.remove_item(list, index)?;
                    Value::Bool(true)
                }
                None => Value::Bool(false),
            },
            (Method::RemoveAll | Method::RetainAll, [other @ Value::List(_)]) if !fixed => {
                let mut index = 0;
                let mut changed = false;
                while let Some(item) = self.heap.item(list, index) {
                    let there = self.position(*other, item)?.is_some();
                    if there == (method == Method::RemoveAll) {
                        self.heap.remove_item(list, index)?;
                        changed = true;
                    } else {
                        index += 1;
                    }
                }
                Value::Bool(changed)
            }
            (Method::Clear, []) if !fixed => {
                self.heap.clear(list);
                NOTHING_TO_SAY
            }
            (Method::SubList, [from, to]) if kind != Kind::View => {
                let (Some(from), Some(to)) = (int(from), int(to)) else {
                    return nothing;
                };
                let bounds = u32::try_from(from)
                    .ok()
                    .zip(u32::try_from(to).ok())
                    .filter(|(from, to)| from <= to && *to <= len);
                let (from, to) = bounds.ok_or(Failure::OutOfBounds)?;
                // A part of a list from JSON is an ordinary list of Java's, and prints as one.
                self.copy(list, Kind::List, from, to)?
            }
            (Method::Stream, []) => self.copy(list, Kind::View, 0, len)?,
            (Method::ToArray, []) => self.copy(list, Kind::Array, 0, len)?,
            (Method::Iterator, []) => self.two_cells(Kind::Iterator, list, Value::Int(0))?,
            _ => Value::Missing,
        })
    }

    fn at(&self, list: Value, index: i32) -> Result<Value, Failure> {
        u32::try_from(index)
            .ok()
            .and_then(|index| self.heap.item(list, index))
            .ok_or(Failure::OutOfBounds)
    }

    fn position(&mut self, list: Value, value: Value) -> Result<Option<u32>, Failure> {
        let count = self.heap.object(list).map_or(0, |list| list.len());
        for index in 0..count {
            let item = self.heap.item(list, index).unwrap_or_default();
            if self.equals(value, item, 0)? {
                return Ok(Some(index));
            }
        }
        Ok(None)
    }

    fn copy(&mut self, list: Value, kind: Kind, from: u32, to: u32) -> Result<Value, Failure> {
        let height = self.heap.scratch.height();
        self.heap.spend(u64::from(to - from))?;
        for index in from..to {
            let item = self.heap.item(list, index).unwrap_or_default();
            self.heap.scratch.push_value(item)?;
        }
        Ok(self.heap.list_above(kind, height)?)
    }
}
