//! Reading of documents that were parsed.

use alloc::vec::Vec;

use super::record::{Done, MAX_PARTS, Malformed};
use crate::json::Heap;
use crate::value::{Text, Value};

pub(super) fn get(heap: &mut Heap<'_>, map: Value, name: &str) -> Option<Value> {
    match map {
        Value::Map(_) => heap.member(map, name.as_bytes()).ok().flatten(),
        _ => None,
    }
}

pub(super) fn items(heap: &mut Heap<'_>, list: Value) -> Done<Vec<Value>> {
    let len = heap.object(list).map_or(0, |o| o.len());
    if len as usize > MAX_PARTS {
        return Err(Malformed);
    }
    (0..len)
        .map(|i| heap.item(list, i).ok_or(Malformed))
        .collect()
}

/// A text, a number, a truth value, or a list of these.
pub(super) fn texts(heap: &mut Heap<'_>, value: Value) -> Done<Vec<Vec<u8>>> {
    let values = match value {
        Value::List(_) => items(heap, value)?,
        one => Vec::from([one]),
    };
    values
        .into_iter()
        .map(|value| match value {
            Value::Text(_) | Value::Bool(_) | Value::Int(_) | Value::Double(_) | Value::Big(_) => {
                let text: Text = heap
                    .to_text(value, crate::json::Style::Java)
                    .map_err(|_| Malformed)?;
                Ok(heap.bytes(text).to_vec())
            }
            _ => Err(Malformed),
        })
        .collect()
}

/// The texts under one of two names, and whether it was the second.
pub(super) fn either(
    heap: &mut Heap<'_>,
    map: Value,
    only: &str,
    except: &str,
) -> Done<(Vec<Vec<u8>>, bool)> {
    match (get(heap, map, only), get(heap, map, except)) {
        (Some(value), None) => Ok((texts(heap, value)?, false)),
        (None, Some(value)) => Ok((texts(heap, value)?, true)),
        _ => Err(Malformed),
    }
}
