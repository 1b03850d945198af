//! `$input`, `$util`, `$foreach`, and the entries of maps.

use std::rc::Rc;

use crate::json;
use crate::jsonpath;
use crate::value::{Object, Value};

use super::methods::Called;
use super::{Walk, failed};

impl Walk<'_> {
    pub(super) fn object_property(&mut self, object: &Rc<Object>, name: &str) -> Option<Value> {
        match object.as_ref() {
            Object::Input => match name {
                // An empty payload reads as an empty object.
                "body" if self.host.body.is_empty() => Some(Value::text("{}")),
                "body" => Some(Value::text(&self.host.body)),
                _ => None,
            },
            Object::Util | Object::Iterator(..) | Object::Define(..) => None,
            Object::Foreach(state) => match name {
                "index" => Some(Value::int(state.index.get())),
                "count" => Some(Value::int(state.index.get() + 1)),
                "hasNext" => Some(Value::Bool(state.has_next.get())),
                "first" => Some(Value::Bool(state.index.get() == 0)),
                "last" => Some(Value::Bool(!state.has_next.get())),
                "parent" => state.parent.clone(),
                "topmost" => Some(topmost(object)),
                _ => None,
            },
            Object::Entry(key, value) => match name {
                "key" => Some(key.value()),
                "value" => Some(value.clone()),
                _ => None,
            },
        }
    }

    pub(super) fn object_call(
        &mut self,
        object: &Rc<Object>,
        name: &str,
        arguments: &[Value],
    ) -> Called {
        let property = match (object.as_ref(), name, arguments) {
            (Object::Foreach(_), "hasNext", []) => Some("hasNext"),
            (Object::Foreach(_), "isFirst", []) => Some("first"),
            (Object::Foreach(_), "isLast", []) => Some("last"),
            (Object::Foreach(_), "getIndex", []) => Some("index"),
            (Object::Foreach(_), "getCount", []) => Some("count"),
            (Object::Foreach(_), "getParent", []) => Some("parent"),
            (Object::Foreach(_), "getTopmost", []) => Some("topmost"),
            (Object::Entry(..), "getKey", []) => Some("key"),
            (Object::Entry(..), "getValue", []) => Some("value"),
            _ => None,
        };
        if let Some(property) = property {
            return Ok(self.object_property(object, property));
        }
        match (object.as_ref(), name, arguments) {
            (Object::Iterator(items, taken), "hasNext", []) => {
                Ok(Some(Value::Bool(taken.get() < items.len())))
            }
            (Object::Iterator(items, taken), "next", []) => match items.get(taken.get()) {
                Some(item) => {
                    taken.set(taken.get() + 1);
                    Ok(Some(item.clone()))
                }
                None => failed("`next` of an iterator that is at its end"),
            },
            _ => Ok(None),
        }
    }

    /// `$input.…(…)`.
    pub(super) fn input(&mut self, name: &str, arguments: &[Value]) -> Called {
        match (name, arguments) {
            ("getBody", []) => Ok(self.object_property(&Rc::new(Object::Input), "body")),
            ("path", [Value::Text(path)]) => self.path(path),
            ("json", [Value::Text(path)]) => Ok(Some(match self.path(path)? {
                // What is missing, and null, are an empty JSON string.
                None | Some(Value::Null) => Value::text("\"\""),
                Some(value) => Value::text(json::write(&value, false)),
            })),
            ("params", []) => Ok(Some(self.host.params.clone())),
            ("params", [Value::Text(name)]) => {
                // The first place that has it: path, query string, header.
                let found = ["path", "querystring", "header"]
                    .into_iter()
                    .find_map(
                        |place| match self.host.params.member(place)?.member(name)? {
                            Value::Null => None,
                            value => Some(value.print()),
                        },
                    );
                Ok(Some(Value::text(found.unwrap_or_default())))
            }
            _ => Ok(None),
        }
    }

    /// The payload at a path; nothing if the payload is no JSON or the path leads nowhere.
    fn path(&mut self, path: &str) -> Called {
        if self.host.body.trim().is_empty() {
            return Ok(None);
        }
        let Some(document) = json::read(&self.host.body) else {
            return Ok(None);
        };
        if matches!(document, Value::Null) {
            return failed("a path into a payload that is `null`");
        }
        match jsonpath::read(&document, path) {
            Ok(found) => Ok(found),
            Err(error) => failed(error),
        }
    }

    /// `$util.…(…)`.
    pub(super) fn util(&mut self, name: &str, arguments: &[Value]) -> Called {
        let [argument] = arguments else {
            return Ok(None);
        };
        let text = self.text_of(argument)?;
        if name == "parseJson" && text.trim().is_empty() {
            return Ok(None);
        }
        Ok(Some(match name {
            "escapeJavaScript" => Value::text(escape_java_script(&text)),
            "urlEncode" => Value::text(url_encode(&text)),
            "urlDecode" => match url_decode(&text) {
                Some(text) => Value::text(text),
                None => return failed("`urlDecode` of a text that is not encoded"),
            },
            "base64Encode" => Value::text(crate::base64::encode(text.as_bytes())),
            "base64Decode" => match crate::base64::decode(text.as_bytes()) {
                Some(bytes) => Value::text(String::from_utf8_lossy(&bytes)),
                None => return failed("`base64Decode` of a text that is no base64"),
            },
            "parseJson" => match json::read(&text) {
                Some(value) => value,
                None => return failed("`parseJson` of a text that is no JSON"),
            },
            _ => return Ok(None),
        }))
    }
}

/// The outermost loop.
fn topmost(object: &Rc<Object>) -> Value {
    match object.as_ref() {
        Object::Foreach(state) => match &state.parent {
            Some(Value::Object(parent)) if matches!(**parent, Object::Foreach(_)) => {
                topmost(parent)
            }
            _ => Value::Object(object.clone()),
        },
        _ => Value::Object(object.clone()),
    }
}

/// commons-lang 2's rules: quotes, slashes, control characters and everything beyond ASCII.
fn escape_java_script(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for unit in text.encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some('\u{8}') => out.push_str("\\b"),
            Some('\n') => out.push_str("\\n"),
            Some('\t') => out.push_str("\\t"),
            Some('\u{c}') => out.push_str("\\f"),
            Some('\r') => out.push_str("\\r"),
            Some(c @ ('\'' | '"' | '\\' | '/')) => {
                out.push('\\');
                out.push(c);
            }
            Some(c) if (' '..='\u{7f}').contains(&c) => out.push(c),
            _ => out.push_str(&format!("\\u{unit:04X}")),
        }
    }
    out
}

/// Java's `URLEncoder`: letters, digits, `.-*_` stay, a blank becomes `+`.
fn url_encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => {
                out.push(char::from(byte));
            }
            b' ' => out.push('+'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

/// Java's `URLDecoder`, which throws at a `%` that begins no escape.
fn url_decode(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'+' => out.push(b' '),
            b'%' => {
                let digit = |i: usize| char::from(*bytes.get(i)?).to_digit(16);
                let (high, low) = (digit(at + 1)?, digit(at + 2)?);
                out.push((high * 16 + low) as u8);
                at += 2;
            }
            byte => out.push(byte),
        }
        at += 1;
    }
    Some(String::from_utf8_lossy(&out).into_owned())
}
