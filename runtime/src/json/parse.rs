//! The parser: one pass over the bytes, into cells.

use crate::json::keys::Pairs;
use crate::json::written::{number, short_number};
use crate::json::{Bound, Heap, Kind, Object};
use crate::scratch::Growing;
use crate::text::scan::plain;
use crate::value::{Src, Text, Value};

/// How deep arrays and objects may nest.
pub const MAX_DEPTH: u32 = 400;

/// Which JSON is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// RFC 8259, nothing else.
    Strict,
    /// As [`Mode::Strict`], but every number that is no whole one of 64 bits keeps its text as [`Value::Big`].
    Exact,
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
/// Costs a unit of work per eight bytes, 16 bytes of scratch per value or key; an object with many keys that may
/// be the same also a unit per comparison.
///
/// # Errors
/// [`JsonError::Syntax`] with the offset, or the bound that was met. The stack is left as it was.
pub fn parse(heap: &mut Heap<'_>, text: Text, mode: Mode) -> Result<Value, JsonError> {
    heap.spend(u64::from(text.len / 8 + 1))?;
    let height = heap.scratch.height();
    let start = heap.scratch.out_len();
    let result = if text.src == Src::Scratch {
        // Taken out of the way of what grows meanwhile.
        let own = heap.scratch.take_text();
        let bytes = own
            .get(text.off as usize..)
            .and_then(|rest| rest.get(..text.len as usize))
            .unwrap_or(&[]);
        let growing = heap.scratch.growing(own.len());
        let mut parser = Parser::new(bytes, text, mode, own.len(), growing, &mut heap.work);
        let result = parser.document();
        heap.scratch.put_text(own);
        result
    } else {
        let bytes = heap.lent.lent(text).unwrap_or(&[]);
        let base = heap.scratch.text_len() as usize;
        let growing = heap.scratch.growing(0);
        Parser::new(bytes, text, mode, base, growing, &mut heap.work).document()
    };
    if result.is_ok() {
        heap.scratch.cut_out(start);
    } else {
        heap.scratch.truncate_out(start);
        heap.scratch.lower(height);
    }
    result
}

/// Keys that are held against all before them where their marks collide; past them the object is sorted.
const COMPARED: usize = 32;

struct Parser<'p> {
    /// The bytes of `text`.
    bytes: &'p [u8],
    text: Text,
    at: usize,
    mode: Mode,
    growing: Growing<'p>,
    work: &'p mut u64,
    /// Where the text arena ends: unescaped texts come there, and wait in the output from `start` on.
    base: usize,
    start: usize,
}

impl<'p> Parser<'p> {
    fn new(
        bytes: &'p [u8],
        text: Text,
        mode: Mode,
        base: usize,
        growing: Growing<'p>,
        work: &'p mut u64,
    ) -> Parser<'p> {
        Parser {
            bytes,
            text,
            at: 0,
            mode,
            start: growing.out.len(),
            growing,
            work,
            base,
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// The bytes from here on.
    #[inline]
    fn rest(&self) -> &'p [u8] {
        self.bytes.get(self.at..).unwrap_or(&[])
    }

    #[cold]
    fn wrong<T>(&self) -> Result<T, JsonError> {
        Err(JsonError::Syntax(self.at as u32))
    }

    /// The next byte that is no blank.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            let blank = match byte {
                b'!'.. => false,
                b' ' | b'\t' | b'\n' | b'\r' => true,
                0x0B | 0x0C => self.mode == Mode::Lenient,
                _ => false,
            };
            if !blank {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    /// Bytes `from..to` of the source.
    #[inline]
    fn piece(&self, from: usize, to: usize) -> Text {
        Text {
            src: self.text.src,
            off: self.text.off.wrapping_add(from as u32),
            len: to.wrapping_sub(from) as u32,
        }
    }

    fn document(&mut self) -> Result<Value, JsonError> {
        if self.next().is_none() && self.mode == Mode::Lenient {
            return Ok(Value::Text(Text::EMPTY));
        }
        let value = self.value(0, Stop::End)?;
        // Permissive json-smart stops behind the value.
        if self.mode != Mode::Lenient && self.next().is_some() {
            return self.wrong();
        }
        Ok(value)
    }

    /// The next value; most are texts.
    #[inline(always)]
    fn value(&mut self, depth: u32, stop: Stop) -> Result<Value, JsonError> {
        match self.next() {
            Some(b'"') if depth <= MAX_DEPTH => Ok(Value::Text(self.string(b'"')?)),
            Some(byte) => self.other(byte, depth, stop),
            None => self.wrong(),
        }
    }

    #[inline(never)]
    fn other(&mut self, byte: u8, depth: u32, stop: Stop) -> Result<Value, JsonError> {
        if depth > MAX_DEPTH {
            return Err(JsonError::Bound(Bound::Depth));
        }
        match byte {
            b'{' => self.object(depth),
            b'[' => self.array(depth),
            b'\'' if self.mode == Mode::Lenient => Ok(Value::Text(self.string(b'\'')?)),
            byte => match self.short(byte, stop) {
                Some(value) => Ok(value),
                None => self.scalar(stop),
            },
        }
    }

    fn array(&mut self, depth: u32) -> Result<Value, JsonError> {
        self.at += 1;
        let height = self.growing.stack.len();
        let mut wants_value = false;
        loop {
            match self.next() {
                Some(b']') if !wants_value || self.mode == Mode::Lenient => {
                    self.at += 1;
                    let (start, len) = self.growing.settle(height);
                    let id = self.growing.push_object(Object {
                        kind: Kind::JsonList,
                        changes: 0,
                        start,
                        len,
                        room: len,
                    })?;
                    return Ok(Value::List(id));
                }
                Some(b',') if self.mode == Mode::Lenient => {
                    self.at += 1;
                    continue;
                }
                None => return self.wrong(),
                _ => {}
            }
            let item = self.value(depth + 1, Stop::Array)?;
            self.growing.push(item)?;
            match self.next() {
                Some(b',') => {
                    self.at += 1;
                    wants_value = true;
                }
                Some(b']') => wants_value = false,
                _ => return self.wrong(),
            }
        }
    }

    fn object(&mut self, depth: u32) -> Result<Value, JsonError> {
        self.at += 1;
        let height = self.growing.stack.len();
        let mut wants_key = false;
        let mut marks = 0u64;
        let mut to_sort = false;
        loop {
            match self.next() {
                Some(b'}') if !wants_key || self.mode == Mode::Lenient => {
                    self.at += 1;
                    return self.map(height, to_sort);
                }
                Some(b',') if self.mode == Mode::Lenient => {
                    self.at += 1;
                    continue;
                }
                None => return self.wrong(),
                _ => {}
            }
            let (key, mark) = match self.plain_text(b'"') {
                Some(key) => (self.closed(key), mark(key)),
                None => {
                    let key = self.key()?;
                    (key, mark(self.resolve(key)))
                }
            };
            if self.next() != Some(b':') {
                return self.wrong();
            }
            self.at += 1;
            let known = if marks & mark == 0 {
                marks |= mark;
                None
            } else {
                let pairs = (self.growing.stack.len() - height) / 2;
                to_sort |= pairs > COMPARED;
                if to_sort {
                    None
                } else {
                    self.known(height, key)
                }
            };
            let value = self.value(depth + 1, Stop::Object)?;
            match known.and_then(|at| self.growing.stack.get_mut(at)) {
                Some(slot) => *slot = value,
                None => self.growing.push_pair(Value::Text(key), value)?,
            }
            match self.next() {
                Some(b',') => {
                    self.at += 1;
                    wants_key = true;
                }
                Some(b'}') => wants_key = false,
                _ => return self.wrong(),
            }
        }
    }

    /// Where the value of an earlier `key` stands on the stack.
    fn known(&self, height: usize, key: Text) -> Option<usize> {
        let wanted = self.resolve(key);
        let pairs = self.growing.stack.get(height..)?;
        let at = pairs.iter().step_by(2).position(|other| {
            matches!(other, Value::Text(other) if other.len == key.len && self.resolve(*other) == wanted)
        })?;
        Some(height + at * 2 + 1)
    }

    /// The bytes of a key: a piece of the source, or one that waits in the output.
    #[inline]
    fn resolve(&self, key: Text) -> &[u8] {
        resolve(self.bytes, self.text, self.base, self.waiting(), key)
    }

    fn waiting(&self) -> &[u8] {
        self.growing.out.get(self.start..).unwrap_or(&[])
    }

    fn map(&mut self, height: usize, to_sort: bool) -> Result<Value, JsonError> {
        let mut len = (self.growing.stack.len().saturating_sub(height) / 2) as u32;
        if to_sort {
            let cost = u64::from(len) * u64::from(len.max(1).ilog2() + 1);
            *self.work = self.work.checked_sub(cost).ok_or(Bound::Work)?;
            // The numbers that are sorted are gone before anything else comes.
            if self.growing.room < len as usize * size_of::<Value>() {
                return Err(JsonError::Bound(Bound::Memory));
            }
            let (bytes, text, base) = (self.bytes, self.text, self.base);
            let waiting = self.growing.out.get(self.start..).unwrap_or(&[]);
            len = Pairs::unique(self.growing.stack, height, |key| {
                resolve(bytes, text, base, waiting, key)
            });
        }
        let (start, cells) = self.growing.settle(height);
        let id = self.growing.push_object(Object {
            kind: Kind::Map,
            changes: 0,
            start,
            len,
            room: cells / 2,
        })?;
        Ok(Value::Map(id))
    }

    fn key(&mut self) -> Result<Text, JsonError> {
        match self.peek() {
            Some(b'"') => self.string(b'"'),
            Some(b'\'') if self.mode == Mode::Lenient => self.string(b'\''),
            Some(b'{' | b'[' | b'}' | b']' | b':' | b',') | None => self.wrong(),
            Some(_) if self.mode == Mode::Lenient => Ok(self.bare(Stop::Key)),
            Some(_) => self.wrong(),
        }
    }

    /// The bytes of the text that comes next, if it stands in these quotes and holds no escapes.
    #[inline(always)]
    fn plain_text(&mut self, quote: u8) -> Option<&'p [u8]> {
        let text = self.rest().strip_prefix(&[quote])?;
        let len = plain(text, quote, self.mode != Mode::Lenient);
        let (text, behind) = text.split_at_checked(len)?;
        if behind.first() != Some(&quote) {
            return None;
        }
        self.at += len + 2;
        Some(text)
    }

    /// The text of these bytes, whose closing quote was read just now.
    #[inline]
    fn closed(&self, bytes: &[u8]) -> Text {
        let end = self.at.wrapping_sub(1);
        self.piece(end.wrapping_sub(bytes.len()), end)
    }

    /// A text in quotes: a piece of the source, unless it holds escapes.
    #[inline(always)]
    fn string(&mut self, quote: u8) -> Result<Text, JsonError> {
        match self.plain_text(quote) {
            Some(text) => Ok(self.closed(text)),
            None => self.escaped(quote),
        }
    }

    /// A text in quotes that is no piece of the source.
    #[inline(never)]
    fn escaped(&mut self, quote: u8) -> Result<Text, JsonError> {
        self.at += 1;
        let first = self.growing.out.len();
        loop {
            match self.peek() {
                Some(b'\\') => self.escape()?,
                Some(b) if b == quote => {
                    self.at += 1;
                    return Ok(Text {
                        src: Src::Scratch,
                        off: (self.base + first - self.start) as u32,
                        len: (self.growing.out.len() - first) as u32,
                    });
                }
                None => return self.wrong(),
                Some(b) if b < 0x20 && self.mode != Mode::Lenient => return self.wrong(),
                Some(_) => {
                    let rest = self.rest();
                    let run = plain(rest, quote, self.mode != Mode::Lenient);
                    self.append(rest.get(..run).unwrap_or(&[]))?;
                    self.at += run;
                }
            }
        }
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), JsonError> {
        self.growing.take(bytes.len())?;
        self.growing.out.extend_from_slice(bytes);
        Ok(())
    }

    fn escape(&mut self) -> Result<(), JsonError> {
        let plain = match self.bytes.get(self.at + 1) {
            Some(b @ (b'"' | b'\\' | b'/')) => *b,
            Some(b'b') => 8,
            Some(b't') => b'\t',
            Some(b'n') => b'\n',
            Some(b'f') => 12,
            Some(b'r') => b'\r',
            Some(b'u') => {
                let character = self.unit()?;
                return self.append(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            // json-smart drops the backslash of an escape that it does not know.
            Some(b) if self.mode == Mode::Lenient => *b,
            _ => return self.wrong(),
        };
        self.growing.take(1)?;
        self.growing.out.push(plain);
        self.at += 2;
        Ok(())
    }

    /// `\uXXXX`, or two of them that make one character. Half a character becomes U+FFFD.
    fn unit(&mut self) -> Result<char, JsonError> {
        let Some(first) = self.bytes.get(self.at + 2..).and_then(hex4) else {
            return self.wrong();
        };
        self.at += 6;
        if let Some(character) = char::from_u32(first) {
            return Ok(character);
        }
        if first < 0xDC00
            && let Some(low) = self.rest().strip_prefix(b"\\u").and_then(hex4)
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
    fn bare(&mut self, stop: Stop) -> Text {
        let rest = self.rest();
        let n = rest.iter().position(|b| stop.at(*b)).unwrap_or(rest.len());
        let text = rest.get(..n).unwrap_or(&[]).trim_ascii_end();
        let piece = self.piece(self.at, self.at + text.len());
        self.at += n;
        piece
    }

    /// A word or short number right before what ends it; anything longer is [`scalar`](Parser::scalar)'s.
    #[inline]
    fn short(&mut self, first: u8, stop: Stop) -> Option<Value> {
        let rest = self.rest();
        let (value, len) = match first {
            b't' if rest.starts_with(b"true") => (Value::Bool(true), 4),
            b'f' if rest.starts_with(b"false") => (Value::Bool(false), 5),
            b'n' if rest.starts_with(b"null") => (Value::Null, 4),
            b'-' | b'0'..=b'9' => short_number(rest)?,
            _ => return None,
        };
        if self.mode == Mode::Exact && matches!(value, Value::Double(_)) {
            return None;
        }
        let ends =
            |byte: u8| stop.at(byte) || self.mode != Mode::Lenient && byte.is_ascii_whitespace();
        if !rest.get(len).is_some_and(|byte| ends(*byte)) {
            return None;
        }
        self.at += len;
        Some(value)
    }

    #[inline(never)]
    fn scalar(&mut self, stop: Stop) -> Result<Value, JsonError> {
        let start = self.at;
        let strict = self.mode != Mode::Lenient;
        let bare = if strict {
            let n = self
                .rest()
                .iter()
                .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b'.'))
                .count();
            self.at += n;
            self.piece(start, start + n)
        } else {
            self.bare(stop)
        };
        let bytes = self.bytes.get(start..start + bare.len as usize);
        let found = match bytes.unwrap_or(&[]) {
            b"null" => Some(Value::Null),
            b"true" => Some(Value::Bool(true)),
            b"false" => Some(Value::Bool(false)),
            b"NaN" if !strict => Some(Value::Double(f64::NAN)),
            b"" => None,
            bytes => number(bytes, strict, bare),
        };
        let found = match found {
            Some(Value::Double(_)) if self.mode == Mode::Exact => Some(Value::Big(bare)),
            found => found,
        };
        match found {
            Some(value) => Ok(value),
            None if !strict && bare.len > 0 => Ok(Value::Text(bare)),
            None => {
                self.at = start;
                self.wrong()
            }
        }
    }
}

/// One bit of 64, by a key's length and ends: keys without a common bit are different.
#[inline]
fn mark(key: &[u8]) -> u64 {
    let first = key.first().copied().unwrap_or(0);
    let last = key.last().copied().unwrap_or(0);
    let mixed = u32::from(first)
        .wrapping_mul(0x9E37_79B1)
        .wrapping_add(u32::from(last).wrapping_mul(0x85EB_CA77))
        .wrapping_add((key.len() as u32).wrapping_mul(0xC2B2_AE3D));
    1 << (mixed >> 26)
}

/// The bytes of a key that was read from `text`.
#[inline]
fn resolve<'b>(bytes: &'b [u8], text: Text, base: usize, waiting: &'b [u8], key: Text) -> &'b [u8] {
    let from = key.off as usize;
    let found = if key.src == Src::Scratch && from >= base {
        waiting.get(from - base..)
    } else {
        bytes.get(from.wrapping_sub(text.off as usize)..)
    };
    found
        .and_then(|rest| rest.get(..key.len as usize))
        .unwrap_or(&[])
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

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::bundle::Bundle;
    use crate::json::Style;
    use crate::scratch::Scratch;
    use crate::world::{Head, World};

    /// What is read, printed as JSON.
    fn read(text: &[u8], mode: Mode) -> Result<Vec<u8>, JsonError> {
        let world = World::plain(Bundle::NOTHING, Head::plain(b"GET", b"/"));
        let mut scratch = Scratch::new(1 << 20);
        let text = scratch.push(text).unwrap();
        let mut heap = Heap::new(&world, &mut scratch, 1_000_000);
        let value = parse(&mut heap, text, mode)?;
        let printed = heap.to_text(value, Style::Json).unwrap();
        Ok(heap.bytes(printed).to_vec())
    }

    #[test]
    fn texts_are_read_with_and_without_escapes() {
        for (text, want) in [
            (r#""""#, r#""""#),
            (
                r#"["a", "\u0061bcdefghij", "abcdefgh\n", "\\", "\""]"#,
                r#"["a","abcdefghij","abcdefgh\n","\\","\""]"#,
            ),
            (
                r#"{"ab": 1, "\u0061b": 2, "c\u0064": 3, "cd": 4}"#,
                r#"{"ab":2,"cd":4}"#,
            ),
            (
                r#"{"": "x", "k" : "" , "l":[ "" ]}"#,
                r#"{"":"x","k":"","l":[""]}"#,
            ),
        ] {
            for mode in [Mode::Strict, Mode::Exact, Mode::Lenient] {
                assert_eq!(read(text.as_bytes(), mode), Ok(want.into()), "{text}");
            }
        }
        let single = read(br#"{'a': 'it\'s', "b": 'x"y'}"#, Mode::Lenient);
        assert_eq!(single, Ok(br#"{"a":"it's","b":"x\"y"}"#.to_vec()));
    }

    #[test]
    fn a_wrong_byte_is_named_by_its_place() {
        for (text, at) in [
            (&b""[..], 0),
            (b"\"abc", 4),
            (b"\"abc\n\"", 4),
            (b"\"ab\\n\x01\"", 5),
            (b"\"ab\\x\"", 3),
            (b"{\"a", 3),
            (b"{\"a\x02\": 1}", 3),
            (b"{a: 1}", 1),
            (b"{'a': 1}", 1),
            (b"['a']", 1),
            (b"{\"a\" 1}", 5),
            (b"{\"a\": }", 6),
            (b"[1, ]", 4),
            (b"[\"a\" \"b\"]", 5),
            (b"\"a\" x", 4),
        ] {
            assert_eq!(
                read(text, Mode::Strict),
                Err(JsonError::Syntax(at)),
                "{text:?}"
            );
        }
    }

    #[test]
    fn values_nest_as_deep_as_they_may() {
        for inner in ["1", "\"\"", "{}"] {
            for (depth, good) in [(MAX_DEPTH, true), (MAX_DEPTH + 1, false)] {
                let text = [
                    "[".repeat(depth as usize),
                    inner.into(),
                    "]".repeat(depth as usize),
                ];
                let found = read(text.concat().as_bytes(), Mode::Strict);
                assert_eq!(found.is_ok(), good, "{depth} {inner}");
                let bound = Err(JsonError::Bound(Bound::Depth));
                assert!(good || found == bound, "{depth} {inner}");
            }
        }
    }
}
