//! Maps: Java's `LinkedHashMap`.

use std::rc::Rc;

use crate::value::{Key, Map, MapKind, Object, Value};

use super::methods::Called;
use super::{Interrupt, failed};

/// Sets a member and gives the one that was there.
///
/// A member of an override map is assigned once; the second assignment ends the rendering.
pub(super) fn put(map: &Rc<Map>, key: Key, value: Value) -> Result<Option<Value>, Interrupt> {
    if map.kind == MapKind::Override {
        let taken = match map.entries.borrow().get(&key) {
            None | Some(Value::Map(_)) => false,
            Some(_) => true,
        };
        if taken {
            return failed(format!("the override `{}` is assigned twice", key.print()));
        }
    }
    let old = map.entries.borrow_mut().insert(key, value);
    if old.is_none() {
        map.changes.set(map.changes.get() + 1);
    }
    Ok(old)
}

pub(super) fn call(map: &Rc<Map>, name: &str, arguments: &[Value]) -> Called {
    let view = |items: Vec<Value>| Some(Value::view(items, map));
    Ok(match (name, arguments) {
        ("get", [key]) => map.entries.borrow().get(&key.key()).cloned(),
        ("getOrDefault", [key, other]) => {
            let found = map.entries.borrow().get(&key.key()).cloned();
            Some(found.unwrap_or_else(|| other.clone()))
        }
        ("put", [key, value]) => put(map, key.key(), value.clone())?,
        ("putIfAbsent", [key, value]) => {
            let found = map.entries.borrow().get(&key.key()).cloned();
            match found {
                None | Some(Value::Null) => {
                    put(map, key.key(), value.clone())?;
                    None
                }
                found => found,
            }
        }
        ("putAll", [Value::Map(other)]) => {
            let entries: Vec<(Key, Value)> = other
                .entries
                .borrow()
                .iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect();
            for (key, value) in entries {
                put(map, key, value)?;
            }
            Some(Value::text(""))
        }
        ("remove", [key]) => {
            let removed = map.entries.borrow_mut().shift_remove(&key.key());
            if removed.is_some() {
                map.changes.set(map.changes.get() + 1);
            }
            removed
        }
        ("clear", []) => {
            map.changes.set(map.changes.get() + 1);
            map.entries.borrow_mut().clear();
            Some(Value::text(""))
        }
        ("containsKey", [key]) => Some(Value::Bool(map.entries.borrow().contains_key(&key.key()))),
        ("containsValue", [value]) => Some(Value::Bool(
            map.entries.borrow().values().any(|other| other.same(value)),
        )),
        ("size", []) => Some(Value::int(
            i32::try_from(map.entries.borrow().len()).unwrap_or(i32::MAX),
        )),
        ("isEmpty", []) => Some(Value::Bool(map.entries.borrow().is_empty())),
        ("keySet", []) => view(map.entries.borrow().keys().map(Key::value).collect()),
        ("values", []) => view(map.entries.borrow().values().cloned().collect()),
        ("entrySet", []) => view(
            map.entries
                .borrow()
                .iter()
                .map(|(key, value)| {
                    Value::Object(Rc::new(Object::Entry(key.clone(), value.clone())))
                })
                .collect(),
        ),
        _ => None,
    })
}
