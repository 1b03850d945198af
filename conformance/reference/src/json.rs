//! JSON as the reference reads and writes it: json-smart's permissive reader (unquoted and
//! single-quoted texts, superfluous commas, the last of duplicate keys) and its two writers.

use num_bigint::BigInt;

use crate::number::{Number, parse_decimal};
use crate::value::{Key, Value};

/// A document deeper than this is refused, whoever sends it.
const DEPTH: usize = 400;

/// Reads a document leniently; none if even json-smart would refuse it.
pub fn read(text: &str) -> Option<Value> {
    let mut reader = Reader {
        chars: text.chars().collect(),
        at: 0,
    };
    reader.skip_blanks();
    reader.value(Stop::End, 0)
}

/// Where an unquoted text ends.
#[derive(Clone, Copy, PartialEq)]
enum Stop {
    Key,
    Member,
    Item,
    End,
}

impl Stop {
    fn at(self, c: char) -> bool {
        match self {
            Stop::Key => c == ':',
            Stop::Member => matches!(c, ',' | '}'),
            Stop::Item => matches!(c, ',' | ']'),
            Stop::End => false,
        }
    }
}

struct Reader {
    chars: Vec<char>,
    at: usize,
}

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while self
            .peek()
            .is_some_and(|c| matches!(c, ' ' | '\t' | '\n' | '\r'))
        {
            self.at += 1;
        }
    }

    fn value(&mut self, stop: Stop, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        self.skip_blanks();
        match self.peek() {
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            Some('"' | '\'') => self.quoted().map(Value::text),
            Some('-' | '0'..='9') => Some(self.number(stop)),
            // A missing value is refused, except where an array ends or a member is empty.
            Some(':' | '}' | ']') | None => None,
            _ => {
                let word = self.unquoted(stop);
                Some(match word.as_str() {
                    "null" => Value::Null,
                    "true" => Value::Bool(true),
                    "false" => Value::Bool(false),
                    "NaN" => Value::Number(Number::Double(f64::NAN)),
                    _ => Value::text(word),
                })
            }
        }
    }

    fn object(&mut self, depth: usize) -> Option<Value> {
        self.at += 1;
        let object = Value::map::<&str>([]);
        loop {
            self.skip_blanks();
            let key = match self.peek()? {
                // An entry may not open with these.
                ':' | ']' | '[' | '{' => return None,
                '}' => {
                    self.at += 1;
                    return Some(object);
                }
                ',' => {
                    self.at += 1;
                    continue;
                }
                '"' | '\'' => self.quoted()?,
                _ => self.unquoted(Stop::Key),
            };
            self.skip_blanks();
            if self.peek()? != ':' {
                return None;
            }
            self.at += 1;
            let value = self.value(Stop::Member, depth + 1)?;
            object.set_member(&key, value);
            self.skip_blanks();
            match self.peek()? {
                ',' | '}' => {}
                _ => return None,
            }
        }
    }

    fn array(&mut self, depth: usize) -> Option<Value> {
        self.at += 1;
        let mut items = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek()? {
                ']' => {
                    self.at += 1;
                    return Some(Value::json_list(items));
                }
                ',' => self.at += 1,
                ':' | '}' => return None,
                _ => {
                    items.push(self.value(Stop::Item, depth + 1)?);
                    self.skip_blanks();
                    if !matches!(self.peek()?, ',' | ']') {
                        return None;
                    }
                }
            }
        }
    }

    /// A quoted text; the same quote ends it.
    fn quoted(&mut self) -> Option<String> {
        let quote = self.peek()?;
        self.at += 1;
        let mut units: Vec<u16> = Vec::new();
        loop {
            let c = self.peek()?;
            self.at += 1;
            if c == quote {
                return Some(String::from_utf16_lossy(&units));
            }
            let mut push = |c: char| units.extend(c.encode_utf16(&mut [0; 2]).iter());
            if c != '\\' {
                push(c);
                continue;
            }
            let escape = self.peek()?;
            self.at += 1;
            match escape {
                't' => push('\t'),
                'n' => push('\n'),
                'r' => push('\r'),
                'f' => push('\u{c}'),
                'b' => push('\u{8}'),
                'u' => units.push(self.hex(4)?),
                'x' => units.push(self.hex(2)?),
                other => push(other),
            }
        }
    }

    fn hex(&mut self, digits: usize) -> Option<u16> {
        let mut value = 0;
        for _ in 0..digits {
            value = value * 16 + self.peek()?.to_digit(16)? as u16;
            self.at += 1;
        }
        Some(value)
    }

    fn unquoted(&mut self, stop: Stop) -> String {
        let start = self.at;
        while self.peek().is_some_and(|c| !stop.at(c)) {
            self.at += 1;
        }
        let text: String = self.chars[start..self.at].iter().collect();
        text.trim_matches(|c: char| c <= ' ').to_owned()
    }

    /// A number, or an unquoted text that only begins like one.
    fn number(&mut self, stop: Stop) -> Value {
        let text = self.unquoted(stop);
        read_number(&text).map_or_else(|| Value::text(text), Value::Number)
    }
}

/// A number's text as json-smart classes it: whole numbers by size, fractions as doubles up to
/// 18 characters and as exact decimals beyond.
fn read_number(text: &str) -> Option<Number> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if digits(unsigned) {
        return text.parse::<BigInt>().ok().map(Number::whole);
    }
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let fits = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && (fraction.is_empty() || digits(fraction)),
        None => digits(mantissa),
    } && exponent
        .is_none_or(|text| digits(text.strip_prefix(['-', '+']).unwrap_or(text)));
    if !fits {
        return None;
    }
    if text.len() > 18 {
        return parse_decimal(text).map(|(unscaled, scale)| Number::Decimal(unscaled, scale));
    }
    text.parse().ok().map(Number::Double)
}

/// Writes compact JSON. json-smart's own `toString` of a list escapes `/`; `$input.json` does not.
pub fn write(value: &Value, escape_slash: bool) -> String {
    let mut out = String::new();
    write_into(value, escape_slash, &mut out);
    out
}

fn write_into(value: &Value, escape_slash: bool, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(Number::Double(double)) if !double.is_finite() => out.push_str("null"),
        Value::Number(number) => out.push_str(&number.print()),
        Value::Text(text) => quote_into(text, escape_slash, out),
        Value::List(list) => {
            out.push('[');
            for (index, item) in list.items.borrow().iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                write_into(item, escape_slash, out);
            }
            out.push(']');
        }
        Value::Map(map) => {
            out.push('{');
            for (index, (key, value)) in map.entries.borrow().iter().enumerate() {
                if index > 0 {
                    out.push(',');
                }
                quote_into(key.print(), escape_slash, out);
                out.push(':');
                write_into(value, escape_slash, out);
            }
            out.push('}');
        }
        Value::Object(_) => quote_into(&value.print(), escape_slash, out),
    }
}

/// A JSON string.
pub fn quote(text: &str) -> String {
    let mut out = String::new();
    quote_into(text, false, &mut out);
    out
}

fn quote_into(text: &str, escape_slash: bool, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '/' if escape_slash => out.push_str("\\/"),
            // json-smart escapes the control characters of both blocks and some punctuation.
            '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2000}'..='\u{20ff}' => {
                out.push_str(&format!("\\u{:04X}", u32::from(c)));
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}

/// The same document for serde.
pub fn to_serde(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Bool(value) => (*value).into(),
        Value::Number(number) => serde_json::from_str(&number.print())
            .unwrap_or_else(|_| serde_json::Value::String(number.print())),
        Value::Text(text) => text.as_ref().into(),
        Value::List(list) => list.items.borrow().iter().map(to_serde).collect(),
        Value::Map(map) => serde_json::Value::Object(
            map.entries
                .borrow()
                .iter()
                .map(|(key, value)| (key.print().to_owned(), to_serde(value)))
                .collect(),
        ),
        Value::Object(_) => value.print().into(),
    }
}

/// The same document as a template's value.
pub fn from_serde(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => {
            let text = number.to_string();
            read_number(&text).map_or_else(|| Value::text(text), Value::Number)
        }
        serde_json::Value::String(text) => Value::text(text),
        serde_json::Value::Array(items) => Value::json_list(items.iter().map(from_serde).collect()),
        serde_json::Value::Object(members) => {
            Value::map(members.iter().map(|(key, value)| (key, from_serde(value))))
        }
    }
}

/// The keys of a map as texts, in order.
pub fn keys(value: &Value) -> Vec<Key> {
    match value {
        Value::Map(map) => map.entries.borrow().keys().cloned().collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_forgives_what_json_smart_forgives() {
        for (text, expected) in [
            (r#"{"a":1,"a":2}"#, Some("{a=2}")),
            ("{ statusCode: 200 }", Some("{statusCode=200}")),
            (
                "{s: 200,u{ f}oo: [ba r]}",
                Some(r#"{s=200, u{ f}oo=["ba r"]}"#),
            ),
            ("{s: 200, }foo: ''}", Some("{s=200}")),
            ("{'s': 200 ,, '': ''}", Some("{s=200, =}")),
            ("{s: 200, {foo: 1}", None),
            (r#"{"s': 200 }"#, None),
            ("{'s: 200 }", None),
            ("not json", Some("not json")),
            (r#"{"a":"#, None),
            (
                r#"{"a":1.50,"b":1e3,"c":12345678901234567890,"d":-0.0}"#,
                Some("{a=1.5, b=1000.0, c=12345678901234567890, d=-0.0}"),
            ),
            (r#"["a\/bA",null,[]]"#, Some(r#"["a\/bA",null,[]]"#)),
        ] {
            assert_eq!(
                read(text).map(|value| value.print()).as_deref(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn input_json_leaves_slashes_alone() {
        let value = read(r#"{"a":"x/y","b":["\u2028"]}"#).expect("a document");
        assert_eq!(write(&value, false), r#"{"a":"x/y","b":["\u2028"]}"#);
    }
}
