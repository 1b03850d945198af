//! Lists: Java's `ArrayList`, json-smart's `JSONArray`, and the views of maps.

use std::cell::Cell;
use std::rc::Rc;

use crate::number::Number;
use crate::value::{List, ListKind, Object, Value};

use super::failed;
use super::methods::Called;

/// What `void` methods print.
fn void() -> Option<Value> {
    Some(Value::text(""))
}

fn count(number: usize) -> Value {
    Value::int(i32::try_from(number).unwrap_or(i32::MAX))
}

fn position(found: Option<usize>) -> Value {
    found.map_or_else(|| Value::int(-1), count)
}

pub(super) fn call(list: &Rc<List>, name: &str, arguments: &[Value]) -> Called {
    let changed = || list.changes.set(list.changes.get() + 1);
    let index = |number: i32| {
        usize::try_from(number)
            .ok()
            .filter(|index| *index < list.items.borrow().len())
    };
    let out_of_bounds = "an index that is out of bounds";
    let ordered = list.kind != ListKind::View;
    let int = |value: &Value| match value {
        Value::Number(Number::Int(number)) => Some(*number),
        _ => None,
    };
    Ok(match (name, arguments) {
        // `count` is the reference's own alias.
        ("size", []) => Some(count(list.items.borrow().len())),
        ("count", []) if ordered => Some(count(list.items.borrow().len())),
        ("isEmpty", []) => Some(Value::Bool(list.items.borrow().is_empty())),
        ("contains", [item]) => Some(Value::Bool(
            list.items.borrow().iter().any(|other| other.same(item)),
        )),
        ("containsAll", [Value::List(others)]) => {
            Some(Value::Bool(others.items.borrow().iter().all(|other| {
                list.items.borrow().iter().any(|item| item.same(other))
            })))
        }
        ("iterator" | "listIterator", []) => Some(Value::Object(Rc::new(Object::Iterator(
            list.items.borrow().clone(),
            Cell::new(0),
        )))),
        ("toArray", []) => Some(Value::list(list.items.borrow().clone())),
        ("clear", []) => {
            list.items.borrow_mut().clear();
            changed();
            void()
        }
        ("removeAll" | "retainAll", [Value::List(others)]) => {
            let others = others.items.borrow().clone();
            let before = list.items.borrow().len();
            let keep = name == "retainAll";
            list.items
                .borrow_mut()
                .retain(|item| others.iter().any(|other| other.same(item)) == keep);
            let differs = list.items.borrow().len() != before;
            if differs {
                changed();
            }
            Some(Value::Bool(differs))
        }
        ("get", [number]) if ordered => match int(number) {
            None => None,
            Some(number) => match index(number) {
                Some(index) => list.items.borrow().get(index).cloned(),
                None => return failed(out_of_bounds),
            },
        },
        ("set", [number, value]) if ordered => match int(number) {
            None => None,
            Some(number) => match index(number) {
                Some(index) => list
                    .items
                    .borrow_mut()
                    .get_mut(index)
                    .map(|item| std::mem::replace(item, value.clone())),
                None => return failed(out_of_bounds),
            },
        },
        ("add", [item]) if ordered => {
            list.items.borrow_mut().push(item.clone());
            changed();
            Some(Value::Bool(true))
        }
        ("add", [number, item]) if ordered => match int(number) {
            None => None,
            Some(number) => {
                let length = list.items.borrow().len();
                let Some(at) = usize::try_from(number).ok().filter(|at| *at <= length) else {
                    return failed(out_of_bounds);
                };
                list.items.borrow_mut().insert(at, item.clone());
                changed();
                void()
            }
        },
        ("addAll", [Value::List(others)]) if ordered => {
            let others = others.items.borrow().clone();
            changed();
            let any = !others.is_empty();
            list.items.borrow_mut().extend(others);
            Some(Value::Bool(any))
        }
        ("remove", [number]) if ordered && int(number).is_some() => {
            match int(number).and_then(index) {
                Some(index) => {
                    changed();
                    Some(list.items.borrow_mut().remove(index))
                }
                None => return failed(out_of_bounds),
            }
        }
        ("remove", [item]) => {
            let found = list
                .items
                .borrow()
                .iter()
                .position(|other| other.same(item));
            if let Some(index) = found {
                list.items.borrow_mut().remove(index);
                changed();
            }
            Some(Value::Bool(found.is_some()))
        }
        ("indexOf", [item]) if ordered => Some(position(
            list.items
                .borrow()
                .iter()
                .position(|other| other.same(item)),
        )),
        ("lastIndexOf", [item]) if ordered => Some(position(
            list.items
                .borrow()
                .iter()
                .rposition(|other| other.same(item)),
        )),
        ("subList", [from, to]) if ordered => match (int(from), int(to)) {
            (Some(from), Some(to)) => {
                let items = list.items.borrow();
                let range = usize::try_from(from)
                    .ok()
                    .zip(usize::try_from(to).ok())
                    .and_then(|(from, to)| items.get(from..to));
                match range {
                    // A part of a list is no longer json-smart's.
                    Some(items) => Some(Value::list(items.to_vec())),
                    None => return failed(out_of_bounds),
                }
            }
            _ => None,
        },
        ("toJSONString", []) if list.kind == ListKind::Json => {
            Some(Value::text(Value::List(list.clone()).print()))
        }
        _ => None,
    })
}
