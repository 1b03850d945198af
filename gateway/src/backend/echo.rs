//! The built-in echo backend: answers with what it was sent, as JSON.

use bytes::Bytes;
use serde_json::{Map, Value, json};
use tollgate_runtime::Call;

use super::{Answer, Body, Work};

/// What the echo has to say of a request whose body is still to come.
pub(crate) struct Echo(Map<String, Value>);

/// The answer of an HTTP backend: method, path, query, headers and body of the request.
pub(crate) fn http(call: &Call<'_>, body: Body) -> Work {
    let target = String::from_utf8_lossy(call.uri);
    let target = target
        .get(5..)
        .filter(|_| target.starts_with("echo:"))
        .unwrap_or(&target);
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = Map::new();
    for (name, value) in call.headers.iter() {
        let value = Value::String(String::from_utf8_lossy(value).into_owned());
        push(&mut headers, &String::from_utf8_lossy(name), value);
    }
    let mut parameters = Map::new();
    for pair in query.split('&').filter(|p| !p.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        push(&mut parameters, &decode(name), Value::String(decode(value)));
    }
    let method = String::from_utf8_lossy(call.method).into_owned();
    let echo = Echo(Map::from_iter([
        ("method".to_owned(), Value::String(method)),
        ("path".to_owned(), Value::String(path.to_owned())),
        ("query".to_owned(), Value::Object(parameters)),
        ("headers".to_owned(), Value::Object(headers)),
    ]));
    match body {
        Body::Known(bytes) => Work::Done(Ok(echo.answer(&bytes))),
        Body::Client => Work::Echo(echo),
    }
}

impl Echo {
    /// The answer, now that the body is known.
    pub(crate) fn answer(mut self, body: &[u8]) -> Answer {
        let (body, base64) = text_or_base64(body);
        self.0.insert("body".into(), body);
        if base64 {
            self.0.insert("isBase64Encoded".into(), Value::Bool(true));
        }
        let echo = Value::Object(self.0).to_string();
        Answer::whole(200, &[("Content-Type", "application/json")], echo)
    }
}

/// The result of a function that answers every event with the event, in the shape that a proxy integration asks
/// of a function.
pub(crate) fn function(event: &Bytes) -> Answer {
    let (event, _) = text_or_base64(event);
    let result = json!({
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": event,
    });
    Answer::whole(200, &[], result.to_string())
}

/// A repeated name has a list of values.
fn push(map: &mut Map<String, Value>, name: &str, value: Value) {
    match map.get_mut(name) {
        None => {
            map.insert(name.to_owned(), value);
        }
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

fn text_or_base64(bytes: &[u8]) -> (Value, bool) {
    match std::str::from_utf8(bytes) {
        Ok(text) => (Value::String(text.to_owned()), false),
        Err(_) => {
            let text = crate::answer::base64(bytes);
            (
                Value::String(String::from_utf8_lossy(&text).into_owned()),
                true,
            )
        }
    }
}

fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = |n: usize| tail.get(n).and_then(|b| (*b as char).to_digit(16));
        rest = match (first, hex(0), hex(1)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                tail.get(2..).unwrap_or_default()
            }
            (b'+', ..) => {
                out.push(b' ');
                tail
            }
            _ => {
                out.push(*first);
                tail
            }
        };
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_query_is_decoded_once() {
        for (text, wanted) in [
            ("a+b", "a b"),
            ("%41%2B", "A+"),
            ("%4", "%4"),
            ("100%", "100%"),
            ("%zz", "%zz"),
        ] {
            assert_eq!(super::decode(text), wanted);
        }
    }
}
