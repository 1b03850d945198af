//! The parser: one pass over the bytes, into cells.

use crate::json::{Bound, Heap, Kind};
use crate::value::{Src, Text, Value};

/// How deep arrays and objects may nest.
pub const MAX_DEPTH: u32 = 400;

/// Which JSON is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// RFC 8259, nothing else.
    Strict,
    /// json-smart's permissive mode: bare and single-quoted texts, needless commas, text after the value.
    Lenient,
}

/// Why a text is not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JsonError {
    /// It is not JSON; the offset of the first wrong byte.
    Syntax(u32),
    /// A bound was met.
    Bound(Bound),
}

impl From<Bound> for JsonError {
    fn from(bound: Bound) -> JsonError {
        JsonError::Bound(bound)
    }
}

impl From<crate::scratch::Exhausted> for JsonError {
    fn from(_: crate::scratch::Exhausted) -> JsonError {
        JsonError::Bound(Bound::Memory)
    }
}

/// Reads the whole of `text`. Numbers: whole ones of up to 64 bits are [`Value::Int`], larger ones and
/// decimals of more than 18 characters keep their digits as [`Value::Big`]. A repeated key keeps its first
/// place and its last value, as a `LinkedHashMap` filled in order does.
///
/// Costs a unit of work per eight bytes, 16 bytes of scratch per value or key.
///
/// # Errors
/// [`JsonError::Syntax`] with the offset, or the bound that was met. The stack is left as it was.
pub fn parse(heap: &mut Heap<'_>, text: Text, mode: Mode) -> Result<Value, JsonError> {
    heap.spend(u64::from(text.len / 8 + 1))?;
    let height = heap.scratch.height();
    let lent = heap.lent;
    let source = if text.src == Src::Scratch {
        None
    } else {
        lent.lent(text)
    };
    let mut parser = Parser {
        text,
        source,
        at: 0,
        mode,
    };
    let result = parser.document(heap);
    if result.is_err() {
        heap.scratch.lower(height);
    }
    result
}

struct Parser<'s> {
    text: Text,
    /// The bytes, where they are not in the arena that grows meanwhile.
    source: Option<&'s [u8]>,
    at: u32,
    mode: Mode,
}

impl Parser<'_> {
    fn peek(&self, heap: &Heap<'_>) -> Option<u8> {
        self.byte(heap, self.at)
    }

    fn byte(&self, heap: &Heap<'_>, at: u32) -> Option<u8> {
        self.rest(heap, at).first().copied()
    }

    /// The bytes from `at` on.
    fn rest<'a>(&'a self, heap: &'a Heap<'_>, at: u32) -> &'a [u8] {
        let bytes = self.source.unwrap_or_else(|| heap.bytes(self.text));
        bytes.get(at as usize..).unwrap_or(&[])
    }

    fn wrong<T>(&self) -> Result<T, JsonError> {
        Err(JsonError::Syntax(self.at))
    }

    fn blanks(&mut self, heap: &Heap<'_>) {
        let lenient = self.mode == Mode::Lenient;
        let rest = self.rest(heap, self.at);
        let n = rest
            .iter()
            .take_while(|b| {
                matches!(b, b' ' | b'\t' | b'\n' | b'\r') || lenient && matches!(b, 0x0C | 0x0B)
            })
            .count();
        self.at += n as u32;
    }

    fn document(&mut self, heap: &mut Heap<'_>) -> Result<Value, JsonError> {
        self.blanks(heap);
        if self.peek(heap).is_none() && self.mode == Mode::Lenient {
            return Ok(Value::Text(Text::EMPTY));
        }
        let value = self.value(heap, 0, Stop::End)?;
        self.blanks(heap);
        // Permissive json-smart stops behind the value.
        if self.mode == Mode::Strict && self.peek(heap).is_some() {
            return self.wrong();
        }
        Ok(value)
    }

    fn value(&mut self, heap: &mut Heap<'_>, depth: u32, stop: Stop) -> Result<Value, JsonError> {
        if depth > MAX_DEPTH {
            return Err(JsonError::Bound(Bound::Depth));
        }
        self.blanks(heap);
        match self.peek(heap) {
            Some(b'{') => self.object(heap, depth),
            Some(b'[') => self.array(heap, depth),
            Some(b'"') => Ok(Value::Text(self.string(heap, b'"')?)),
            Some(b'\'') if self.mode == Mode::Lenient => Ok(Value::Text(self.string(heap, b'\'')?)),
            Some(_) => self.scalar(heap, stop),
            None => self.wrong(),
        }
    }

    fn array(&mut self, heap: &mut Heap<'_>, depth: u32) -> Result<Value, JsonError> {
        self.at += 1;
        let height = heap.scratch.height();
        let mut wants_value = false;
        loop {
            self.blanks(heap);
            match self.peek(heap) {
                Some(b']') if !wants_value || self.mode == Mode::Lenient => {
                    self.at += 1;
                    return Ok(heap.list_above(Kind::JsonList, height)?);
                }
                Some(b',') if self.mode == Mode::Lenient => {
                    self.at += 1;
                    continue;
                }
                None => return self.wrong(),
                _ => {}
            }
            let item = self.value(heap, depth + 1, Stop::Array)?;
            heap.scratch.push_value(item)?;
            self.blanks(heap);
            match self.peek(heap) {
                Some(b',') => self.at += 1,
                Some(b']') => {}
                _ => return self.wrong(),
            }
            wants_value = self.byte(heap, self.at.saturating_sub(1)) == Some(b',');
        }
    }

    fn object(&mut self, heap: &mut Heap<'_>, depth: u32) -> Result<Value, JsonError> {
        self.at += 1;
        let height = heap.scratch.height();
        let mut wants_key = false;
        loop {
            self.blanks(heap);
            match self.peek(heap) {
                Some(b'}') if !wants_key || self.mode == Mode::Lenient => {
                    self.at += 1;
                    return Ok(heap.map_above(Kind::Map, height)?);
                }
                Some(b',') if self.mode == Mode::Lenient => {
                    self.at += 1;
                    continue;
                }
                None => return self.wrong(),
                _ => {}
            }
            let key = self.key(heap)?;
            self.blanks(heap);
            if self.peek(heap) != Some(b':') {
                return self.wrong();
            }
            self.at += 1;
            let value = self.value(heap, depth + 1, Stop::Object)?;
            heap.scratch.push_value(Value::Text(key))?;
            heap.scratch.push_value(value)?;
            self.blanks(heap);
            match self.peek(heap) {
                Some(b',') => {
                    self.at += 1;
                    wants_key = true;
                }
                Some(b'}') => wants_key = false,
                _ => return self.wrong(),
            }
        }
    }

    fn key(&mut self, heap: &mut Heap<'_>) -> Result<Text, JsonError> {
        match self.peek(heap) {
            Some(b'"') => self.string(heap, b'"'),
            Some(b'\'') if self.mode == Mode::Lenient => self.string(heap, b'\''),
            Some(b'{' | b'[' | b'}' | b']' | b':' | b',') | None => self.wrong(),
            Some(_) if self.mode == Mode::Lenient => {
                let bare = self.bare(heap, Stop::Key);
                Ok(bare)
            }
            Some(_) => self.wrong(),
        }
    }

    /// A text in quotes: a piece of the source, unless it holds escapes.
    fn string(&mut self, heap: &mut Heap<'_>, quote: u8) -> Result<Text, JsonError> {
        self.at += 1;
        let start = self.at;
        let strict = self.mode == Mode::Strict;
        let plain = self
            .rest(heap, start)
            .iter()
            .position(|b| *b == quote || *b == b'\\' || strict && *b < 0x20);
        let Some(plain) = plain else {
            self.at = self.text.len;
            return self.wrong();
        };
        self.at += plain as u32;
        if self.peek(heap) == Some(quote) {
            let end = self.at;
            self.at += 1;
            return Ok(self.text.slice(start, end));
        }
        let from = heap.scratch.text_len();
        heap.append(self.text.slice(start, self.at))?;
        loop {
            let at = self.at;
            match self.peek(heap) {
                Some(b'\\') => self.escape(heap)?,
                Some(b) if b == quote => {
                    self.at += 1;
                    return Ok(heap.scratch.since(from));
                }
                Some(b) if strict && b < 0x20 => return self.wrong(),
                Some(_) => {
                    let run = self
                        .rest(heap, at)
                        .iter()
                        .take_while(|b| **b != quote && **b != b'\\' && !(strict && **b < 0x20))
                        .count() as u32;
                    heap.append(self.text.slice(at, at + run))?;
                    self.at += run;
                }
                None => return self.wrong(),
            }
        }
    }

    fn escape(&mut self, heap: &mut Heap<'_>) -> Result<(), JsonError> {
        let byte = self.byte(heap, self.at + 1);
        let plain = match byte {
            Some(b @ (b'"' | b'\\' | b'/')) => b,
            Some(b'b') => 8,
            Some(b't') => b'\t',
            Some(b'n') => b'\n',
            Some(b'f') => 12,
            Some(b'r') => b'\r',
            Some(b'u') => {
                let character = self.unit(heap)?;
                let mut buffer = [0; 4];
                heap.scratch
                    .append(character.encode_utf8(&mut buffer).as_bytes())?;
                return Ok(());
            }
            Some(b'\'') if self.mode == Mode::Lenient => b'\'',
            // json-smart drops the backslash of an escape that it does not know.
            Some(b) if self.mode == Mode::Lenient => b,
            _ => return self.wrong(),
        };
        heap.scratch.append_byte(plain)?;
        self.at += 2;
        Ok(())
    }

    /// `\uXXXX`, or two of them that make one character. Half a character becomes U+FFFD.
    fn unit(&mut self, heap: &Heap<'_>) -> Result<char, JsonError> {
        let Some(first) = hex4(self.rest(heap, self.at + 2)) else {
            return self.wrong();
        };
        self.at += 6;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        let rest = self.rest(heap, self.at);
        if first < 0xDC00
            && let Some(low) = rest.strip_prefix(b"\\u").and_then(hex4)
            && (0xDC00..0xE000).contains(&low)
            && let Some(character) =
                char::from_u32(0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00))
        {
            self.at += 6;
            return Ok(character);
        }
        Ok(char::REPLACEMENT_CHARACTER)
    }

    /// What stands without quotes, up to what ends it there.
    fn bare(&mut self, heap: &Heap<'_>, stop: Stop) -> Text {
        let start = self.at;
        let rest = self.rest(heap, start);
        let n = rest.iter().position(|b| stop.at(*b)).unwrap_or(rest.len());
        let blank = rest
            .get(..n)
            .unwrap_or(&[])
            .iter()
            .rev()
            .take_while(|b| b.is_ascii_whitespace())
            .count();
        self.at += n as u32;
        self.text.slice(start, start + (n - blank) as u32)
    }

    fn scalar(&mut self, heap: &mut Heap<'_>, stop: Stop) -> Result<Value, JsonError> {
        let start = self.at;
        let bare = if self.mode == Mode::Lenient {
            self.bare(heap, stop)
        } else {
            let rest = self.rest(heap, start);
            let n = rest
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'))
                .count() as u32;
            self.at += n;
            self.text.slice(start, start + n)
        };
        let bytes = heap.bytes(bare);
        let found = match bytes {
            b"null" => Some(Value::Null),
            b"true" => Some(Value::Bool(true)),
            b"false" => Some(Value::Bool(false)),
            b"NaN" if self.mode == Mode::Lenient => Some(Value::Double(f64::NAN)),
            b"" => None,
            _ => number(bytes, self.mode == Mode::Strict, bare),
        };
        match found {
            Some(value) => Ok(value),
            None if self.mode == Mode::Lenient && bare.len > 0 => Ok(Value::Text(bare)),
            None => {
                self.at = start;
                self.wrong()
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Stop {
    End,
    Array,
    Object,
    Key,
}

impl Stop {
    fn at(self, byte: u8) -> bool {
        match self {
            Stop::End => false,
            Stop::Array => matches!(byte, b',' | b']'),
            Stop::Object => matches!(byte, b',' | b'}'),
            Stop::Key => byte == b':',
        }
    }
}

fn hex4(bytes: &[u8]) -> Option<u32> {
    let digits = bytes.get(..4)?;
    digits.iter().try_fold(0, |sum, digit| {
        Some(sum * 16 + (*digit as char).to_digit(16)?)
    })
}

/// A JSON number, or nothing. Leading zeros and a missing fraction pass where not `strict`.
fn number(bytes: &[u8], strict: bool, text: Text) -> Option<Value> {
    let unsigned = bytes.strip_prefix(b"-").unwrap_or(bytes);
    let whole = unsigned.iter().take_while(|b| b.is_ascii_digit()).count();
    let rest = unsigned.get(whole..)?;
    if whole == 0 || strict && whole > 1 && unsigned.first() == Some(&b'0') {
        return None;
    }
    let digits = core::str::from_utf8(bytes).ok()?;
    if rest.is_empty() {
        if let Ok(number) = digits.parse() {
            return Some(Value::Int(number));
        }
        let zeros = unsigned.iter().take_while(|b| **b == b'0').count();
        return if zeros == 0 {
            Some(Value::Big(text))
        } else {
            digits.parse().ok().map(Value::Double)
        };
    }
    let (fraction, exponent) = match rest.strip_prefix(b".") {
        Some(tail) => {
            let n = tail.iter().take_while(|b| b.is_ascii_digit()).count();
            if strict && n == 0 {
                return None;
            }
            (n, tail.get(n..)?)
        }
        None => (0, rest),
    };
    if let Some((e, power)) = exponent.split_first() {
        let power = power
            .strip_prefix(b"+")
            .or(power.strip_prefix(b"-"))
            .unwrap_or(power);
        if !matches!(e, b'e' | b'E') || power.is_empty() || !power.iter().all(u8::is_ascii_digit) {
            return None;
        }
    }
    // More digits than a double can tell: Java's BigDecimal, which prints as written.
    if bytes.len() > 18 && exponent.is_empty() && fraction > 0 {
        return Some(Value::Big(text));
    }
    digits.parse().ok().map(Value::Double)
}
