//! JSON, read strictly (RFC 8259) in one pass over the bytes.
//!
//! Total: any text gives a document or one error with its place. A byte order mark before
//! the text and blanks around it are fine; an unpaired surrogate escape becomes U+FFFD.

use tollgate_grammar::FileId;

use super::tape::Tape;
use super::{Document, Kind, Limits, ReadError};

/// Reads a JSON text.
///
/// # Errors
///
/// One error at the first byte that is not JSON, or at a bound of `limits`.
pub fn read(file: FileId, text: &str, limits: &Limits) -> Result<Document, ReadError> {
    let tape = Tape::new(file, text, limits)?;
    let mut reader = Reader {
        text,
        bytes: text.as_bytes(),
        at: 0,
        tape,
    };
    if text.starts_with('\u{feff}') {
        reader.at = '\u{feff}'.len_utf8();
    }
    reader.document()?;
    Ok(reader.tape.finish())
}

struct Reader<'t, 'l> {
    text: &'t str,
    bytes: &'t [u8],
    at: usize,
    tape: Tape<'l>,
}

/// Bytes at which text within quotes is not as it is written, or ends.
const ENDS_PLAIN: [bool; 256] = {
    let mut ends = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        ends[byte] = true;
        byte += 1;
    }
    ends[b'"' as usize] = true;
    ends[b'\\' as usize] = true;
    ends
};

/// What may come next.
#[derive(Clone, Copy, PartialEq)]
enum Expect {
    /// A value.
    Value,
    /// A value, or the end of the list that has just begun.
    FirstElement,
    /// A key, or the end of the object that has just begun.
    FirstKey,
    /// A key after a comma.
    Key,
    /// A comma, or the end of what is open.
    Next,
}

impl Reader<'_, '_> {
    fn document(&mut self) -> Result<(), ReadError> {
        let mut expect = Expect::Value;
        // Whether each open container is an object.
        let mut open: Vec<bool> = Vec::new();
        loop {
            self.blanks();
            let at = self.at;
            match (self.peek(), expect) {
                (None, Expect::Next) if open.is_empty() => return Ok(()),
                (Some(b'}'), Expect::FirstKey) => {
                    self.close(&mut open);
                    expect = Expect::Next;
                }
                (Some(b']'), Expect::FirstElement) => {
                    self.close(&mut open);
                    expect = Expect::Next;
                }
                (Some(b'"'), Expect::FirstKey | Expect::Key) => {
                    self.string()?;
                    self.blanks();
                    if self.peek() != Some(b':') {
                        return Err(self.unexpected("`:` after the key"));
                    }
                    self.at += 1;
                    expect = Expect::Value;
                }
                (Some(b'{'), Expect::Value | Expect::FirstElement) => {
                    self.tape.enter(true, at)?;
                    open.push(true);
                    self.at += 1;
                    expect = Expect::FirstKey;
                }
                (Some(b'['), Expect::Value | Expect::FirstElement) => {
                    self.tape.enter(false, at)?;
                    open.push(false);
                    self.at += 1;
                    expect = Expect::FirstElement;
                }
                (Some(_), Expect::Value | Expect::FirstElement) => {
                    self.scalar()?;
                    expect = Expect::Next;
                }
                (Some(b','), Expect::Next) if !open.is_empty() => {
                    self.at += 1;
                    expect = if open.last() == Some(&true) {
                        Expect::Key
                    } else {
                        Expect::Value
                    };
                }
                (Some(b'}'), Expect::Next) if open.last() == Some(&true) => self.close(&mut open),
                (Some(b']'), Expect::Next) if open.last() == Some(&false) => self.close(&mut open),
                (_, Expect::Key | Expect::FirstKey) => {
                    return Err(self.unexpected("a key in double quotes"));
                }
                (_, Expect::Value | Expect::FirstElement) => return Err(self.unexpected("a value")),
                (_, Expect::Next) => {
                    let wanted = match open.last() {
                        Some(true) => "`,` or `}`",
                        Some(false) => "`,` or `]`",
                        None => "the end of the text",
                    };
                    return Err(self.unexpected(wanted));
                }
            }
        }
    }

    fn close(&mut self, open: &mut Vec<bool>) {
        self.at += 1;
        open.pop();
        self.tape.leave(self.at);
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn blanks(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn scalar(&mut self) -> Result<(), ReadError> {
        let start = self.at;
        match self.peek() {
            Some(b'"') => return self.string(),
            Some(b'-' | b'0'..=b'9') => {
                self.number()?;
                return self
                    .tape
                    .scalar(Kind::Number, start, self.at, start, self.at)
                    .map(|_| ());
            }
            _ => {}
        }
        let words = [
            ("true", Kind::Bool),
            ("false", Kind::Bool),
            ("null", Kind::Null),
        ];
        for (word, kind) in words {
            if self.bytes[start..].starts_with(word.as_bytes()) {
                self.at += word.len();
                return self
                    .tape
                    .scalar(kind, start, self.at, start, self.at)
                    .map(|_| ());
            }
        }
        Err(self.unexpected("a value"))
    }

    fn digits(&mut self) -> Result<(), ReadError> {
        if !matches!(self.peek(), Some(b'0'..=b'9')) {
            return Err(self.unexpected("a digit"));
        }
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        Ok(())
    }

    fn number(&mut self) -> Result<(), ReadError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), Some(b'e' | b'E')) {
            self.at += 1;
            if matches!(self.peek(), Some(b'+' | b'-')) {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    /// At the opening quote.
    fn string(&mut self) -> Result<(), ReadError> {
        let start = self.at;
        self.at += 1;
        let mut plain = self.at;
        let mut buffer = None;
        loop {
            let rest = &self.bytes[self.at..];
            let length = rest.iter().position(|byte| ENDS_PLAIN[usize::from(*byte)]);
            self.at += length.unwrap_or(rest.len());
            match self.peek() {
                None => return Err(self.tape.syntax(start, self.at, "this text is not closed")),
                Some(b'"') => {
                    let end = self.at;
                    self.at += 1;
                    return match buffer {
                        None => self
                            .tape
                            .scalar(Kind::String, start, self.at, plain, end)
                            .map(|_| ()),
                        Some(from) => {
                            self.keep(plain, end);
                            self.tape
                                .decoded(Kind::String, start, self.at, from)
                                .map(|_| ())
                        }
                    };
                }
                Some(b'\\') => {
                    buffer.get_or_insert(self.tape.document.decoded.len());
                    self.keep(plain, self.at);
                    self.escape()?;
                    plain = self.at;
                }
                Some(byte) => {
                    let message = format!("a text holds the raw control character U+{byte:04X}");
                    return Err(self.tape.syntax(self.at, self.at + 1, message));
                }
            }
        }
    }

    fn keep(&mut self, from: usize, to: usize) {
        self.tape
            .document
            .decoded
            .push_str(self.text.get(from..to).unwrap_or_default());
    }

    /// At the backslash.
    fn escape(&mut self) -> Result<(), ReadError> {
        let start = self.at;
        self.at += 1;
        let decoded = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                self.at += 1;
                let decoded = self.unicode(start)?;
                self.tape.document.decoded.push(decoded);
                return Ok(());
            }
            _ => {
                return Err(self.tape.syntax(
                    start,
                    (self.at + 1).min(self.bytes.len()),
                    "JSON has no such escape",
                ));
            }
        };
        self.at += 1;
        self.tape.document.decoded.push(decoded);
        Ok(())
    }

    fn hex(&mut self, start: usize) -> Result<u32, ReadError> {
        let digits = self
            .text
            .get(self.at..self.at + 4)
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let Some(value) = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()) else {
            return Err(self
                .tape
                .syntax(start, self.at, "`\\u` needs four hexadecimal digits"));
        };
        self.at += 4;
        Ok(value)
    }

    fn unicode(&mut self, start: usize) -> Result<char, ReadError> {
        let high = self.hex(start)?;
        if (0xd800..0xdc00).contains(&high) && self.bytes[self.at..].starts_with(b"\\u") {
            let back = self.at;
            self.at += 2;
            let low = self.hex(start)?;
            if (0xdc00..0xe000).contains(&low) {
                let joined = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(joined).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            self.at = back;
        }
        Ok(char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn unexpected(&self, wanted: &str) -> ReadError {
        match self
            .text
            .get(self.at..)
            .and_then(|rest| rest.chars().next())
        {
            None => self.tape.syntax(
                self.at,
                self.at,
                format!("the text ends where {wanted} should stand"),
            ),
            Some(found) => {
                let shown = if found.is_control() {
                    found.escape_unicode().to_string()
                } else {
                    found.to_string()
                };
                let message = format!("found `{shown}` where {wanted} should stand");
                self.tape
                    .syntax(self.at, self.at + found.len_utf8(), message)
            }
        }
    }
}
