//! `java.util.Map`.

use super::super::fault::Failure;
use super::super::machine::Machine;
use super::{Method, NOTHING_TO_SAY};
use crate::json::Kind;
use crate::value::Value;

impl Machine<'_> {
    pub(super) fn map_method(
        &mut self,
        map: Value,
        method: Method,
        arguments: &[Value],
    ) -> Result<Value, Failure> {
        let Some(header) = self.heap.object(map) else {
            return Err(Failure::Corrupt);
        };
        let len = header.len();
        Ok(match (method, arguments) {
            (Method::Size, []) => Value::Int(len.into()),
            (Method::IsEmpty, []) => Value::Bool(len == 0),
            (Method::Get, [key]) => self.heap.get(map, *key)?.unwrap_or_default(),
            (Method::GetOrDefault, [key, default]) => self.heap.get(map, *key)?.unwrap_or(*default),
            (Method::Put, [key, value]) => self.put(map, *key, *value)?,
            (Method::PutIfAbsent, [key, value]) => match self.heap.get(map, *key)? {
                Some(found) if !matches!(found, Value::Missing | Value::Null) => found,
                _ => {
                    self.put(map, *key, *value)?;
                    Value::Missing
                }
            },
            (Method::PutAll, [other @ Value::Map(_)]) => {
                let mut index = 0;
                while let Some((key, value)) = self.heap.pair(*other, index) {
                    self.put(map, key, value)?;
                    index += 1;
                }
                NOTHING_TO_SAY
            }
            (Method::Remove, [key]) => self.heap.remove(map, *key)?.unwrap_or_default(),
            (Method::Clear, []) => {
                self.heap.clear(map);
                NOTHING_TO_SAY
            }
            (Method::ContainsKey, [key]) => Value::Bool(self.heap.find(map, *key)?.is_some()),
            (Method::ContainsValue, [value]) => {
                for index in 0..len {
                    let Some((_, own)) = self.heap.pair(map, index) else {
                        break;
                    };
                    if self.equals(*value, own, 0)? {
                        return Ok(Value::Bool(true));
                    }
                }
                Value::Bool(false)
            }
            (Method::KeySet | Method::Values | Method::EntrySet, []) => {
                let height = self.heap.scratch.height();
                self.heap.spend(len.into())?;
                for index in 0..len {
                    let Some((key, value)) = self.heap.pair(map, index) else {
                        break;
                    };
                    let item = match method {
                        Method::KeySet => key,
                        Method::Values => value,
                        _ => self.two_cells(Kind::Entry, key, value)?,
                    };
                    self.heap.scratch.push_value(item)?;
                }
                self.heap.view_above(map, height)?
            }
            _ => Value::Missing,
        })
    }

    /// `put`: the old value.
    fn put(&mut self, map: Value, key: Value, value: Value) -> Result<Value, Failure> {
        let old = self.heap.get(map, key)?.unwrap_or_default();
        self.assign_once(map, key)?;
        self.heap.put(map, key, value)?;
        Ok(old)
    }
}
