//! From the text of a path to its code.

use alloc::vec::Vec;

use super::code::{self, begin, end, put_run};
use super::function::Function;
use super::reader::{Reader, trim};
use super::{MAX_DEPTH, PathError, filter};

/// The longest path, in bytes.
const MAX_BYTES: usize = 16 * 1024;

/// Appends the code of a path to `out`. Linear in its length.
///
/// # Errors
/// [`PathError::Syntax`] with an offset in `path`; `out` is as before then.
pub fn compile(path: &[u8], out: &mut Vec<u8>) -> Result<(), PathError> {
    let start = out.len();
    let result = whole(path, out);
    if result.is_err() {
        out.truncate(start);
    }
    result
}

fn whole(path: &[u8], out: &mut Vec<u8>) -> Result<(), PathError> {
    let trimmed = trim(path);
    if trimmed.is_empty() || path.len() > MAX_BYTES {
        return Err(PathError::Syntax(0));
    }
    let mut rooted;
    let text = if matches!(trimmed.first(), Some(b'$' | b'@')) {
        trimmed
    } else {
        // Jayway puts it in front of the text as given, so `.a` becomes a deep scan.
        rooted = Vec::with_capacity(path.len() + 2);
        rooted.extend_from_slice(b"$.");
        rooted.extend_from_slice(path);
        trim(&rooted)
    };
    nested(text, 0, out)
}

/// Compiles a path that stands inside another: a filter's operand, a function's argument.
pub(super) fn nested(text: &[u8], depth: u32, out: &mut Vec<u8>) -> Result<(), PathError> {
    let mut reader = Reader::new(text);
    if text.last() == Some(&b'.') || depth > MAX_DEPTH {
        return Err(PathError::Syntax(text.len() as u32));
    }
    reader.blanks();
    if !matches!(reader.now(), Some(b'$' | b'@')) {
        return Err(PathError::Syntax(reader.at as u32));
    }
    let start = begin(out);
    out.push(0);
    let tokens = out.len();
    if !reader.is_tail() {
        reader.at += 1;
        if !matches!(reader.now(), Some(b'.' | b'[')) {
            return Err(PathError::Syntax(reader.at as u32));
        }
        let mut compiler = Compiler { reader, depth, out };
        compiler.tokens()?;
    }
    invert(tokens, out);
    let definite = is_definite(out.get(tokens..).unwrap_or(&[]));
    if let Some(flags) = out.get_mut(start) {
        *flags = u8::from(definite);
    }
    end(start, out);
    Ok(())
}

fn is_definite(mut tokens: &[u8]) -> bool {
    while let Some((token, rest)) = code::token(tokens) {
        if !token.definite(rest.is_empty()) {
            return false;
        }
        tokens = rest;
    }
    true
}

/// `$..a.length()` means `$.length($..a)`.
fn invert(start: usize, out: &mut Vec<u8>) {
    let tokens = out.get(start..).unwrap_or(&[]);
    let mut rest = tokens;
    let mut last = None;
    while let Some((token, tail)) = code::token(rest) {
        last = Some((token, tokens.len() - rest.len()));
        rest = tail;
    }
    let (Some((code::Token::Scan, _)), Some((code::Token::Function(function, arguments), at))) =
        (code::token(tokens), last)
    else {
        return;
    };
    if !arguments.is_empty() || at == 0 {
        return;
    }
    let scanned: Vec<u8> = tokens.get(..at).unwrap_or(&[]).into();
    out.truncate(start);
    out.extend_from_slice(&[9, function]);
    let argument = begin(out);
    out.push(1);
    let path = begin(out);
    out.push(0);
    out.extend_from_slice(&scanned);
    end(path, out);
    end(argument, out);
}

struct Compiler<'t, 'o> {
    reader: Reader<'t>,
    depth: u32,
    out: &'o mut Vec<u8>,
}

impl Compiler<'_, '_> {
    fn wrong<T>(&self) -> Result<T, PathError> {
        Err(PathError::Syntax(self.reader.at as u32))
    }

    /// Tokens up to the last character, which may be a needless one.
    fn tokens(&mut self) -> Result<(), PathError> {
        loop {
            match self.reader.now() {
                Some(b'[') => self.bracket()?,
                Some(b'.') => {
                    self.dots()?;
                    continue;
                }
                Some(b'*') => {
                    self.reader.at += 1;
                    self.out.push(6);
                }
                Some(_) => self.property()?,
                None => return self.wrong(),
            }
            if self.reader.is_tail() {
                return Ok(());
            }
        }
    }

    fn dots(&mut self) -> Result<(), PathError> {
        if self.reader.byte(self.reader.at + 1) == Some(b'.') {
            self.out.push(7);
            self.reader.at += 2;
        } else {
            self.reader.at += 1;
        }
        if matches!(self.reader.now(), Some(b'.') | None) {
            self.wrong()
        } else {
            Ok(())
        }
    }

    fn property(&mut self) -> Result<(), PathError> {
        let start = self.reader.at;
        let rest = self.reader.text.get(start..).unwrap_or(&[]);
        let len = rest
            .iter()
            .position(|byte| matches!(byte, b' ' | b'.' | b'[' | b'('))
            .unwrap_or(rest.len());
        let name = self.reader.slice(start, start + len);
        match self.reader.byte(start + len) {
            Some(b' ') => return self.wrong(),
            Some(b'(') => return self.function(name, start + len),
            _ if len == 0 => return self.wrong(),
            _ => {}
        }
        self.reader.at = start + len;
        self.put_property(name)
    }

    fn put_property(&mut self, name: &[u8]) -> Result<(), PathError> {
        let Ok(len) = u16::try_from(name.len()) else {
            return self.wrong();
        };
        self.out.push(1);
        self.out.extend_from_slice(&len.to_le_bytes());
        self.out.extend_from_slice(name);
        Ok(())
    }

    fn function(&mut self, name: &[u8], open: usize) -> Result<(), PathError> {
        let Some(close) = self.reader.closing(open, b'(', b')', false) else {
            return self.wrong();
        };
        self.out.extend_from_slice(&[9, Function::named(name)]);
        let start = begin(self.out);
        self.arguments(self.reader.slice(open + 1, close))?;
        end(start, self.out);
        self.reader.at = close + 1;
        Ok(())
    }

    /// Paths and JSON between commas.
    fn arguments(&mut self, text: &[u8]) -> Result<(), PathError> {
        let reader = Reader::new(text);
        let mut from = 0;
        let mut at = 0;
        while at <= text.len() {
            match reader.byte(at) {
                Some(quote @ (b'"' | b'\'')) => {
                    at = reader.closing_quote(at, quote).unwrap_or(text.len())
                }
                Some(open @ (b'(' | b'[' | b'{')) => {
                    let close = match open {
                        b'(' => b')',
                        b'[' => b']',
                        _ => b'}',
                    };
                    match reader.closing(at, open, close, false) {
                        Some(closing) => at = closing,
                        None => return self.wrong(),
                    }
                }
                Some(b',') | None => {
                    let argument = trim(reader.slice(from, at));
                    match argument.first() {
                        Some(b'$' | b'@') => {
                            self.out.push(1);
                            nested(argument, self.depth + 1, self.out)?;
                        }
                        Some(b'{' | b'"' | b'-' | b'0'..=b'9') => {
                            self.out.push(0);
                            put_run(argument, self.out);
                        }
                        _ => {}
                    }
                    from = at + 1;
                }
                Some(_) => {}
            }
            at += 1;
        }
        Ok(())
    }

    fn bracket(&mut self) -> Result<(), PathError> {
        let inside = self.reader.next_place(self.reader.at);
        match self.reader.byte(inside) {
            Some(quote @ (b'\'' | b'"')) => self.names(quote),
            Some(b'0'..=b'9' | b'-' | b':') => self.numbers(),
            Some(b'*') => {
                let Some(close) = self.reader.next_is(inside, b']') else {
                    return self.wrong();
                };
                self.reader.at = close + 1;
                self.out.push(6);
                Ok(())
            }
            Some(b'?') => self.filter(inside),
            _ => self.wrong(),
        }
    }

    fn names(&mut self, quote: u8) -> Result<(), PathError> {
        let mut names: Vec<Vec<u8>> = Vec::new();
        let mut at = self.reader.at;
        loop {
            let Some(open) = self.reader.next_is(at, quote) else {
                return self.wrong();
            };
            let Some(close) = self.reader.closing_quote(open, quote) else {
                return self.wrong();
            };
            names.push(unescape(self.reader.slice(open + 1, close)));
            at = self.reader.next_place(close);
            match self.reader.byte(at) {
                Some(b',') => {}
                Some(b']') => break,
                _ => return self.wrong(),
            }
        }
        self.reader.at = at + 1;
        if let [name] = names.as_slice() {
            return self.put_property(name);
        }
        self.out.push(2);
        let start = begin(self.out);
        for name in &names {
            let Ok(len) = u16::try_from(name.len()) else {
                return self.wrong();
            };
            self.out.extend_from_slice(&len.to_le_bytes());
            self.out.extend_from_slice(name);
        }
        end(start, self.out);
        Ok(())
    }

    fn numbers(&mut self) -> Result<(), PathError> {
        let from = self.reader.at + 1;
        let Some(len) = self
            .reader
            .text
            .get(from..)
            .and_then(|rest| rest.iter().position(|byte| *byte == b']'))
        else {
            return self.wrong();
        };
        let text = trim(self.reader.slice(from, from + len));
        let number = |text: &[u8]| {
            core::str::from_utf8(text)
                .ok()
                .and_then(|text| text.parse::<i32>().ok())
        };
        if text.contains(&b':') {
            // A third number, the step, is read and ignored.
            let mut parts = text.split(|byte| *byte == b':');
            let mut end = || match parts.next() {
                None | Some([]) => Ok(None),
                Some(digits) => number(digits)
                    .map(Some)
                    .ok_or(PathError::Syntax(from as u32)),
            };
            let (first, last) = (end()?, end()?);
            if first.is_none() && last.is_none()
                || !text
                    .iter()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'-' | b':'))
            {
                return self.wrong();
            }
            self.out
                .extend_from_slice(&[5, u8::from(first.is_some()) | u8::from(last.is_some()) << 1]);
            for end in [first, last] {
                self.out.extend_from_slice(&end.unwrap_or(0).to_le_bytes());
            }
        } else {
            let mut numbers = Vec::new();
            for part in text.split(|byte| *byte == b',') {
                let Some(number) = number(trim(part)) else {
                    return self.wrong();
                };
                numbers.push(number);
            }
            if let [index] = numbers.as_slice() {
                self.out.push(3);
                self.out.extend_from_slice(&index.to_le_bytes());
            } else {
                self.out.push(4);
                let start = begin(self.out);
                for number in &numbers {
                    self.out.extend_from_slice(&number.to_le_bytes());
                }
                end(start, self.out);
            }
        }
        self.reader.at = from + len + 1;
        Ok(())
    }

    fn filter(&mut self, question: usize) -> Result<(), PathError> {
        let open = self.reader.next_is(question, b'(');
        let close = open.and_then(|open| self.reader.closing(open, b'(', b')', true));
        let Some((open, close)) = open.zip(close) else {
            return self.wrong();
        };
        let Some(bracket) = self.reader.next_is(close, b']') else {
            return self.wrong();
        };
        self.out.push(8);
        let start = begin(self.out);
        filter::compile(self.reader.slice(open, close + 1), self.depth + 1, self.out).map_err(
            |error| match error {
                PathError::Syntax(at) => PathError::Syntax(at + open as u32),
                other => other,
            },
        )?;
        end(start, self.out);
        self.reader.at = bracket + 1;
        Ok(())
    }
}

/// A quoted name or text: backslash escapes as in JSON, any other escaped character is itself.
pub(super) fn unescape(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        if byte != b'\\' {
            plain.push(byte);
            continue;
        }
        let Some((&escaped, tail)) = rest.split_first() else {
            break;
        };
        rest = tail;
        match escaped {
            b'b' => plain.push(8),
            b't' => plain.push(b'\t'),
            b'n' => plain.push(b'\n'),
            b'f' => plain.push(12),
            b'r' => plain.push(b'\r'),
            b'u' => {
                let unit = rest
                    .get(..4)
                    .and_then(|hex| u32::from_str_radix(core::str::from_utf8(hex).ok()?, 16).ok());
                if let Some(character) = unit.and_then(char::from_u32) {
                    let mut buffer = [0; 4];
                    plain.extend_from_slice(character.encode_utf8(&mut buffer).as_bytes());
                    rest = rest.get(4..).unwrap_or(&[]);
                }
            }
            other => plain.push(other),
        }
    }
    plain
}
