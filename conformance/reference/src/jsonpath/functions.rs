//! The functions at the end of a path.

use crate::number::Number;
use crate::value::Value;

use super::{PathError, double};

/// Calls a function on a value.
pub(super) fn call(name: &str, value: &Value, given: &[Value]) -> Result<Value, PathError> {
    Ok(match name {
        "min" | "max" | "sum" | "avg" | "stddev" => {
            let numbers = numbers(value, given);
            if numbers.is_empty() {
                return Err(PathError::Other(format!("`{name}` of nothing")));
            }
            let count = numbers.len() as f64;
            let sum: f64 = numbers.iter().sum();
            double(match name {
                "min" => numbers.iter().copied().fold(f64::INFINITY, f64::min),
                "max" => numbers.iter().copied().fold(f64::NEG_INFINITY, f64::max),
                "sum" => sum,
                "avg" => sum / count,
                _ => {
                    let squares: f64 = numbers.iter().map(|number| number * number).sum();
                    (squares / count - sum * sum / count / count).sqrt()
                }
            })
        }
        "length" | "size" => {
            let counted = given.first().unwrap_or(value);
            let length = match counted {
                Value::List(list) => list.items.borrow().len(),
                Value::Map(map) => map.entries.borrow().len(),
                _ => return Ok(Value::Null),
            };
            Value::int(i32::try_from(length).unwrap_or(i32::MAX))
        }
        "keys" => match value {
            Value::Map(map) => Value::json_list(
                map.entries
                    .borrow()
                    .keys()
                    .map(|key| Value::text(key.print()))
                    .collect(),
            ),
            _ => Value::Null,
        },
        "concat" => {
            let mut text = String::new();
            // The texts of a list, and the arguments; an argument may be a list of texts.
            let own = match value {
                Value::List(_) => std::slice::from_ref(value),
                _ => &[],
            };
            for part in own.iter().chain(given) {
                match part {
                    Value::List(list) => {
                        for item in list.items.borrow().iter() {
                            text.push_str(item.as_text().unwrap_or_default());
                        }
                    }
                    Value::Text(part) => text.push_str(part),
                    Value::Number(_) => text.push_str(&part.print()),
                    _ => {}
                }
            }
            Value::text(text)
        }
        "append" => match value {
            Value::List(list) => {
                let mut items = list.items.borrow().clone();
                items.extend(given.iter().cloned());
                Value::json_list(items)
            }
            other => other.clone(),
        },
        "first" | "last" | "index" => {
            let Value::List(list) = value else {
                return Err(PathError::Other(format!("`{name}` of what is no list")));
            };
            let items = list.items.borrow();
            let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
            let at = match (name, given) {
                ("first", _) => 0,
                ("last", _) => length - 1,
                (_, [Value::Number(Number::Int(at))]) => i64::from(*at),
                _ => return Err(PathError::Other("`index` of what is no number".into())),
            };
            let at = if at < 0 { length + at } else { at };
            match usize::try_from(at).ok().and_then(|at| items.get(at)) {
                Some(item) => item.clone(),
                None => return Err(PathError::Other(format!("`{name}` of too short a list"))),
            }
        }
        _ => return Err(PathError::Invalid(format!("there is no function `{name}`"))),
    })
}

/// The numbers of a list and of the arguments.
fn numbers(value: &Value, given: &[Value]) -> Vec<f64> {
    let mut numbers = Vec::new();
    for value in std::iter::once(value).chain(given) {
        match value {
            Value::List(list) => {
                for item in list.items.borrow().iter() {
                    if let Value::Number(number) = item {
                        numbers.push(number.to_f64());
                    }
                }
            }
            Value::Number(number) if given.iter().any(|other| std::ptr::eq(other, value)) => {
                numbers.push(number.to_f64());
            }
            _ => {}
        }
    }
    numbers
}
