//! Properties and methods: which values offer what.
//!
//! A method that does not exist for these arguments is no error: the reference leads to
//! nothing. A method that throws ends the rendering.

use crate::value::{Object, Value};

use super::{Interrupt, Walk, failed, lists, maps, numbers, texts};

/// What a call gives: a value, or nothing where there is no such method or it returns null.
pub(super) type Called = Result<Option<Value>, Interrupt>;

impl Walk<'_> {
    /// `value.name`.
    pub(super) fn property(&mut self, value: &Value, name: &str) -> Option<Value> {
        match value {
            // On a map it is a key, whatever else it might be.
            Value::Map(map) => map.entries.borrow().get(&Value::text(name).key()).cloned(),
            Value::Text(text) => texts::property(text, name),
            Value::List(list) => match name {
                "empty" => Some(Value::Bool(list.items.borrow().is_empty())),
                _ => None,
            },
            Value::Number(number) => numbers::property(number, name),
            Value::Object(object) => self.object_property(object, name),
            Value::Null | Value::Bool(_) => None,
        }
    }

    /// `value.name(arguments)`.
    pub(super) fn call(&mut self, value: &Value, name: &str, arguments: &[Value]) -> Called {
        // Texts print their arguments.
        let prints = name == "toString" && value.is_endless()
            || matches!(value, Value::Text(_)) && arguments.iter().any(Value::is_endless);
        if prints {
            return failed("a value that holds itself has no text");
        }
        match (name, arguments) {
            ("toString", []) => {
                let text = match value {
                    // A map of the context prints as nothing, yet an object has a text.
                    Value::Object(_) => self.text_of(value)?,
                    _ => value.print(),
                };
                return Ok(Some(Value::text(text)));
            }
            ("equals", [other]) => return Ok(Some(Value::Bool(value.same(other)))),
            _ => {}
        }
        match value {
            Value::Text(text) => texts::call(text, name, arguments),
            Value::List(list) => lists::call(list, name, arguments),
            Value::Map(map) => maps::call(map, name, arguments),
            Value::Number(number) => numbers::call(number, name, arguments),
            Value::Bool(_) if name == "compareTo" && !matches!(arguments, [Value::Bool(_)]) => {
                // The class's own signature is there, and throws.
                super::failed("`compareTo` of another class")
            }
            Value::Bool(value) => Ok(bool_call(*value, name, arguments)),
            Value::Object(object) => match object.as_ref() {
                Object::Input => self.input(name, arguments),
                Object::Util => self.util(name, arguments),
                _ => self.object_call(object, name, arguments),
            },
            Value::Null => Ok(None),
        }
    }
}

fn bool_call(value: bool, name: &str, arguments: &[Value]) -> Option<Value> {
    match (name, arguments) {
        ("booleanValue", []) => Some(Value::Bool(value)),
        ("compareTo" | "compare", [Value::Bool(other)]) => {
            Some(Value::int(i32::from(value) - i32::from(*other)))
        }
        ("parseBoolean" | "valueOf", [Value::Text(text)]) => {
            Some(Value::Bool(text.eq_ignore_ascii_case("true")))
        }
        _ => None,
    }
}
