//! Values as text: as Java's `toString` writes them, and as JSON.

use crate::json::{Bound, Heap, Kind, Lent, Object, TextBuffer, double_text};
use crate::scratch::Split;
use crate::value::{Src, Text, Value};

/// Values may be nested as deep as JSON text, and once more by a template.
const MAX_DEPTH: u32 = crate::json::MAX_DEPTH * 2;

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// As `toString`: texts bare, maps `{k=v}`, lists of a template `[1, 2]`, lists from JSON as JSON.
    Java,
    /// Compact JSON, `/` as it is: `$input.json`.
    Json,
    /// Compact JSON as json-smart prints a list: `/` as `\/`.
    JsonSmart,
}

impl Heap<'_> {
    /// Appends a value to the output. Missing and null print nothing in Java style, `null` inside containers
    /// and in JSON.
    ///
    /// # Errors
    /// [`Bound::Memory`] at the cap, [`Bound::Depth`] for values that hold themselves, [`Bound::Work`].
    pub fn print(&mut self, value: Value, style: Style) -> Result<(), Bound> {
        match (value, style) {
            (Value::Text(text), Style::Java) => self.emit(text),
            (Value::Missing | Value::Null, Style::Java) => Ok(()),
            (Value::Int(number), _) => Ok(self.scratch.emit(TextBuffer::int(number).as_bytes())?),
            (Value::Double(number), Style::Java) => {
                Ok(self.scratch.emit(double_text(number).as_bytes())?)
            }
            _ => {
                let before = self.scratch.out_len();
                let result = Printer {
                    lent: self.lent,
                    split: self.scratch.split(),
                }
                .value(value, style, 0);
                let written = self.scratch.out_len().saturating_sub(before);
                self.spend(written as u64 / 8)?;
                result
            }
        }
    }

    /// The text of a value in the text arena, or where it is if it is one already.
    ///
    /// # Errors
    /// As [`print`](Heap::print).
    pub fn to_text(&mut self, value: Value, style: Style) -> Result<Text, Bound> {
        if let (Value::Text(text), Style::Java) = (value, style) {
            return Ok(text);
        }
        let start = self.scratch.out_len();
        match self.print(value, style) {
            Ok(()) => Ok(self.scratch.cut_out(start)),
            Err(bound) => {
                self.scratch.truncate_out(start);
                Err(bound)
            }
        }
    }
}

struct Printer<'p> {
    lent: &'p dyn Lent,
    split: Split<'p>,
}

impl Printer<'_> {
    fn write(&mut self, bytes: &[u8]) -> Result<(), Bound> {
        self.split.room = self
            .split
            .room
            .checked_sub(bytes.len())
            .ok_or(Bound::Memory)?;
        self.split.out.extend_from_slice(bytes);
        Ok(())
    }

    fn object(&self, id: u32) -> Object {
        self.split
            .objects
            .get(id as usize)
            .copied()
            .unwrap_or_default()
    }

    fn cell(&self, at: u32) -> Value {
        self.split
            .cells
            .get(at as usize)
            .copied()
            .unwrap_or_default()
    }

    fn value(&mut self, value: Value, style: Style, depth: u32) -> Result<(), Bound> {
        if depth > MAX_DEPTH {
            return Err(Bound::Depth);
        }
        match value {
            Value::Missing | Value::Null => self.write(b"null"),
            Value::Bool(truth) => self.write(if truth { b"true" } else { b"false" }),
            Value::Int(number) => self.write(TextBuffer::int(number).as_bytes()),
            Value::Double(number) if style != Style::Java && !number.is_finite() => {
                self.write(b"null")
            }
            Value::Double(number) => self.write(double_text(number).as_bytes()),
            Value::Big(digits) => self.text(digits, Style::Java),
            Value::Text(text) => self.text(text, style),
            Value::List(id) => self.list(id, style, depth),
            Value::Map(id) => self.map(id, style, depth),
            Value::Object(id) => self.other(id, style, depth),
        }
    }

    fn list(&mut self, id: u32, style: Style, depth: u32) -> Result<(), Bound> {
        let object = self.object(id);
        let inner = if object.kind == Kind::JsonList && style == Style::Java {
            Style::JsonSmart
        } else {
            style
        };
        let comma: &[u8] = if inner == Style::Java { b", " } else { b"," };
        self.write(b"[")?;
        for index in 0..object.len {
            if index > 0 {
                self.write(comma)?;
            }
            let item = self.cell(object.start.saturating_add(index));
            if item == Value::List(id) && inner == Style::Java {
                self.write(b"(this Collection)")?;
            } else {
                self.value(item, inner, depth + 1)?;
            }
        }
        self.write(b"]")
    }

    fn map(&mut self, id: u32, style: Style, depth: u32) -> Result<(), Bound> {
        let object = self.object(id);
        let java = style == Style::Java;
        if java && depth == 0 && matches!(object.kind, Kind::Context | Kind::OnceMap) {
            return Ok(());
        }
        self.write(b"{")?;
        for index in 0..object.len {
            if index > 0 {
                self.write(if java { b", " } else { b"," })?;
            }
            let at = object.start.saturating_add(index.saturating_mul(2));
            let (key, value) = (self.cell(at), self.cell(at.saturating_add(1)));
            match (java, key) {
                (true, _) | (false, Value::Text(_)) => self.value(key, style, depth + 1)?,
                (false, _) => {
                    self.write(b"\"")?;
                    self.value(key, Style::Java, depth + 1)?;
                    self.write(b"\"")?;
                }
            }
            self.write(if java { b"=" } else { b":" })?;
            if value == Value::Map(id) && java {
                self.write(b"(this Map)")?;
            } else {
                self.value(value, style, depth + 1)?;
            }
        }
        self.write(b"}")
    }

    /// Entries print `k=v`, loops `{}` as Velocity's scopes do; the rest has no text worth keeping.
    fn other(&mut self, id: u32, style: Style, depth: u32) -> Result<(), Bound> {
        let object = self.object(id);
        let quote: &[u8] = if style == Style::Java { b"" } else { b"\"" };
        self.write(quote)?;
        match object.kind {
            Kind::Entry => {
                self.value(self.cell(object.start), Style::Java, depth + 1)?;
                self.write(b"=")?;
                self.value(
                    self.cell(object.start.saturating_add(1)),
                    Style::Java,
                    depth + 1,
                )?;
            }
            Kind::Loop => self.write(b"{}")?,
            _ => {}
        }
        self.write(quote)
    }

    fn text(&mut self, text: Text, style: Style) -> Result<(), Bound> {
        // The lender outlives this call, the arena is borrowed beside the output: no copy either way.
        let bytes: &[u8] = if text.src == Src::Scratch {
            self.split
                .text
                .get(text.off as usize..)
                .and_then(|rest| rest.get(..text.len as usize))
                .unwrap_or(&[])
        } else {
            self.lent.lent(text).unwrap_or(&[])
        };
        let out = &mut *self.split.out;
        let before = out.len();
        // Six bytes for one is the worst that escaping does.
        if bytes
            .len()
            .saturating_mul(if style == Style::Java { 1 } else { 6 })
            .saturating_add(2)
            > self.split.room
        {
            return Err(Bound::Memory);
        }
        match style {
            Style::Java => out.extend_from_slice(bytes),
            Style::Json | Style::JsonSmart => {
                out.push(b'"');
                escape(bytes, style == Style::JsonSmart, out);
                out.push(b'"');
            }
        }
        self.split.room = self.split.room.saturating_sub(out.len() - before);
        Ok(())
    }
}

/// json-smart's escapes: the usual ones, and `\uXXXX` for controls, U+007F–U+009F and U+2000–U+20FF.
fn escape(bytes: &[u8], slash: bool, out: &mut alloc::vec::Vec<u8>) {
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        let plain = rest
            .iter()
            .take_while(|b| !matches!(b, 0..0x20 | b'"' | b'\\' | b'/' | 0x7F | 0xC2 | 0xE2))
            .count();
        if plain > 0 {
            let (run, tail) = rest.split_at(plain);
            out.extend_from_slice(run);
            rest = tail;
            continue;
        }
        rest = tail;
        let short = match byte {
            8 => b'b',
            b'\t' => b't',
            b'\n' => b'n',
            12 => b'f',
            b'\r' => b'r',
            b'"' | b'\\' => byte,
            b'/' if slash => byte,
            _ => 0,
        };
        if short != 0 {
            out.extend_from_slice(&[b'\\', short]);
            continue;
        }
        let (unit, used) = match (byte, tail) {
            (0..0x20 | 0x7F, _) => (Some(u32::from(byte)), 0),
            (0xC2, [low @ 0x80..=0x9F, ..]) => (Some(u32::from(*low)), 1),
            (0xE2, [mid @ 0x80..=0x83, low @ 0x80..=0xBF, ..]) => (
                Some(0x2000 | u32::from(mid & 0x3F) << 6 | u32::from(low & 0x3F)),
                2,
            ),
            _ => (None, 0),
        };
        match unit {
            Some(unit) => {
                out.extend_from_slice(b"\\u");
                unicode(unit, out);
                rest = tail.get(used..).unwrap_or(&[]);
            }
            None => out.push(byte),
        }
    }
}

/// Four upper-case hexadecimal digits.
pub(crate) fn unicode(unit: u32, out: &mut alloc::vec::Vec<u8>) {
    for shift in [12, 8, 4, 0] {
        let digit = (unit >> shift) & 0xF;
        out.push(char::from_digit(digit, 16).map_or(b'0', |c| c.to_ascii_uppercase() as u8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{JsonError, Mode, parse};
    use crate::scratch::Scratch;
    use std::string::{String, ToString};

    struct Body<'b>(&'b [u8]);

    impl Lent for Body<'_> {
        fn lent(&self, text: Text) -> Option<&[u8]> {
            self.0.get(text.off as usize..)?.get(..text.len as usize)
        }
    }

    fn round(source: &str, mode: Mode, style: Style) -> String {
        let mut scratch = Scratch::new(1 << 20);
        let body = Body(source.as_bytes());
        let mut heap = Heap::new(&body, &mut scratch, 1 << 20);
        match parse(&mut heap, Text::whole(Src::Body, source.as_bytes()), mode) {
            Ok(value) => {
                let text = heap.to_text(value, style).unwrap();
                String::from_utf8(heap.bytes(text).to_vec()).unwrap()
            }
            Err(JsonError::Syntax(at)) => std::format!("wrong at {at}"),
            Err(JsonError::Bound(bound)) => bound.name().to_string(),
        }
    }

    #[test]
    fn strict_json_is_read_and_nothing_else() {
        let cases = [
            (
                r#" {"a":[1,-2.50,1e3,true,false,null,"x\u0041\/\n"],"b":{}} "#,
                r#"{"a":[1,-2.5,1000.0,true,false,null,"xA/\n"],"b":{}}"#,
            ),
            (r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#),
            ("12345678901234567890", "12345678901234567890"),
            (r#""\ud83d\ude00\ud83d""#, "\"\u{1F600}\u{FFFD}\""),
            ("[1,]", "wrong at 3"),
            ("{\"a\":1,}", "wrong at 7"),
            ("{a:1}", "wrong at 1"),
            ("'a'", "wrong at 0"),
            ("01", "wrong at 0"),
            ("1.", "wrong at 0"),
            ("[1 2]", "wrong at 3"),
            ("\"a", "wrong at 2"),
            ("\"\\x\"", "wrong at 1"),
            ("", "wrong at 0"),
            ("1 1", "wrong at 2"),
            ("nul", "wrong at 0"),
            ("[\"\t\"]", "wrong at 2"),
            ("{\"a\" 1}", "wrong at 5"),
            ("[", "wrong at 1"),
        ];
        for (source, expected) in cases {
            assert_eq!(
                round(source, Mode::Strict, Style::Json),
                expected,
                "{source}"
            );
        }
    }

    #[test]
    fn lenient_json_is_what_json_smart_reads() {
        let cases = [
            ("{a:1,'b':'c',\"d\":e f,}", r#"{"a":1,"b":"c","d":"e f"}"#),
            ("[1,,2,]", "[1,2]"),
            ("abc", "\"abc\""),
            ("", "\"\""),
            ("12", "12"),
            ("tru", "\"tru\""),
            ("{\"a\":1} x", "{\"a\":1}"),
            (
                "{\"a\":01,\"b\":1.,\"c\":.5,\"d\":+1,\"e\":1.2345678901234567890123}",
                r#"{"a":1,"b":1.0,"c":".5","d":"+1","e":1.2345678901234567890123}"#,
            ),
            ("{\"a\":1", "wrong at 6"),
            ("[1", "wrong at 2"),
            ("{\"a\"}", "wrong at 4"),
        ];
        for (source, expected) in cases {
            assert_eq!(
                round(source, Mode::Lenient, Style::Json),
                expected,
                "{source}"
            );
        }
    }

    #[test]
    fn maps_print_as_java_and_lists_as_json() {
        let source = r#"{"foo":[{"n":"a/b\u2028"}],"k":null,"d":{"e":1.5}}"#;
        assert_eq!(
            round(source, Mode::Strict, Style::Java),
            r#"{foo=[{"n":"a\/b\u2028"}], k=null, d={e=1.5}}"#
        );
        assert_eq!(
            round(source, Mode::Strict, Style::Json),
            r#"{"foo":[{"n":"a/b\u2028"}],"k":null,"d":{"e":1.5}}"#
        );
    }

    #[test]
    fn many_repeated_keys_keep_first_place_and_last_value() {
        let mut source = String::from("{");
        let mut expected = source.clone();
        for n in 0..40 {
            source += &std::format!("\"k{}\":{n},", n % 20);
        }
        for n in 0..20 {
            expected += &std::format!("\"k{n}\":{},", n + 20);
        }
        let close = |text: String| std::format!("{}}}", text.trim_end_matches(','));
        assert_eq!(
            round(&close(source), Mode::Strict, Style::Json),
            close(expected)
        );
    }

    #[test]
    fn depth_and_memory_are_bounded() {
        assert_eq!(
            round(&"[".repeat(100_000), Mode::Strict, Style::Json),
            "depth"
        );
        let wide = std::format!("[{}1]", "1,".repeat(70_000));
        assert_eq!(round(&wide, Mode::Strict, Style::Json), "memory");
    }
}
