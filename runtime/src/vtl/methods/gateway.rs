//! `$input` and `$util`.

use super::super::fault::Failure;
use super::super::host::Place;
use super::super::machine::{INPUT, Machine};
use super::{Method, text};
use crate::json::{JsonError, Mode, parse};
use crate::value::{Text, Value};

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

impl Machine<'_> {
    pub(super) fn gateway_method(
        &mut self,
        object: Value,
        method: Method,
        arguments: &[Value],
    ) -> Result<Value, Failure> {
        if object == INPUT {
            return self.input_method(method, arguments);
        }
        let [argument] = arguments else {
            return Ok(Value::Missing);
        };
        let known = matches!(
            method,
            Method::EscapeJavaScript
                | Method::ParseJson
                | Method::UrlEncode
                | Method::UrlDecode
                | Method::Base64Encode
                | Method::Base64Decode
        );
        if !known || matches!(argument, Value::Missing | Value::Null) {
            return Ok(Value::Missing);
        }
        let source = self.text_of(*argument)?;
        self.heap.spend(u64::from(source.len / 4))?;
        match method {
            Method::EscapeJavaScript => self.built(|machine| machine.escape_java_script(source)),
            Method::UrlEncode => self.built(|machine| machine.url_encode(source)),
            Method::UrlDecode => self.built(|machine| machine.url_decode(source)),
            Method::Base64Encode => self.built(|machine| machine.base64_encode(source)),
            Method::Base64Decode => self.built(|machine| machine.base64_decode(source)),
            _ => match parse(&mut self.heap, source, Mode::Lenient) {
                Ok(value) => Ok(value),
                Err(JsonError::Bound(bound)) => Err(bound.into()),
                Err(JsonError::Syntax(_)) => Err(Failure::BadJson),
            },
        }
    }

    fn input_method(&mut self, method: Method, arguments: &[Value]) -> Result<Value, Failure> {
        match (method, arguments) {
            (Method::GetBody | Method::Body, []) => {
                // The reference shows the body of an empty request as an empty object.
                let body = self.host.body();
                if body.is_empty() {
                    Ok(self.heap.text(b"{}")?)
                } else {
                    Ok(Value::Text(body))
                }
            }
            (Method::Params, []) => self.params(),
            (Method::Params, [name]) => match text(name) {
                Some(name) => self.parameter(name),
                None => Ok(Value::Missing),
            },
            (Method::Path | Method::Json, [path]) => {
                let Some(path) = text(path) else {
                    return Ok(Value::Missing);
                };
                let found = self.find_text(path)?;
                if method == Method::Json {
                    self.json_text(found)
                } else {
                    Ok(found)
                }
            }
            _ => Ok(Value::Missing),
        }
    }

    /// `$input.params(name)`: the first of path, query string and header; the empty text if none has it.
    fn parameter(&mut self, name: Text) -> Result<Value, Failure> {
        let params = self.params()?;
        for place in Place::ALL {
            let map = self
                .heap
                .member(params, place.key().as_bytes())?
                .unwrap_or_default();
            let mut found = self.heap.get(map, Value::Text(name))?;
            if found.is_none() && place == Place::Header && self.settings.fold_headers {
                let mut index = 0;
                while let (None, Some((key, value))) = (found, self.heap.pair(map, index)) {
                    let same = text(&key).is_some_and(|key| {
                        self.heap
                            .bytes(key)
                            .eq_ignore_ascii_case(self.heap.bytes(name))
                    });
                    found = same.then_some(value);
                    index += 1;
                }
            }
            if let Some(found) =
                found.filter(|found| !matches!(found, Value::Missing | Value::Null))
            {
                return Ok(Value::Text(self.text_of(found)?));
            }
        }
        Ok(Value::Text(Text::EMPTY))
    }

    fn find_text(&mut self, path: Text) -> Result<Value, Failure> {
        let mut code = core::mem::take(self.heap.scratch.path_code());
        code.clear();
        let compiled = crate::jsonpath::compile(self.heap.bytes(path), &mut code);
        let found = match compiled {
            Ok(()) => self.find(&code),
            Err(_) if self.document()?.is_none() => Ok(Value::Missing),
            Err(_) => Err(Failure::BadPath),
        };
        *self.heap.scratch.path_code() = code;
        found
    }

    /// commons-lang's rules: `'` and `/` too, everything beyond ASCII as `\uXXXX`.
    fn escape_java_script(&mut self, source: Text) -> Result<(), Failure> {
        let mut at = 0;
        while at < source.len {
            let rest = self.heap.bytes(source).get(at as usize..).unwrap_or(&[]);
            let plain = rest
                .iter()
                .take_while(|byte| {
                    matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\'' | b'\\' | b'/')
                })
                .count() as u32;
            if plain > 0 {
                self.heap.append(source.slice(at, at + plain))?;
                at += plain;
                continue;
            }
            let Some(&byte) = rest.first() else { break };
            let short = match byte {
                8 => b'b',
                b'\t' => b't',
                b'\n' => b'n',
                12 => b'f',
                b'\r' => b'r',
                b'"' | b'\'' | b'\\' | b'/' => byte,
                _ => 0,
            };
            if short != 0 {
                self.heap.scratch.append(&[b'\\', short])?;
                at += 1;
                continue;
            }
            let (character, used) = first_char(rest);
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let mut escape = *b"\\u0000";
                for (slot, shift) in escape.iter_mut().skip(2).zip([12, 8, 4, 0]) {
                    *slot = hex((*unit >> shift) as u8 & 0xF);
                }
                self.heap.scratch.append(&escape)?;
            }
            at += used;
        }
        Ok(())
    }

    /// `application/x-www-form-urlencoded`, as `java.net.URLEncoder`.
    fn url_encode(&mut self, source: Text) -> Result<(), Failure> {
        for at in 0..source.len {
            let Some(&byte) = self.heap.bytes(source).get(at as usize) else {
                break;
            };
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'*' | b'_' => {
                    self.heap.scratch.append_byte(byte)?
                }
                b' ' => self.heap.scratch.append_byte(b'+')?,
                _ => self
                    .heap
                    .scratch
                    .append(&[b'%', hex(byte >> 4), hex(byte & 0xF)])?,
            }
        }
        Ok(())
    }

    fn url_decode(&mut self, source: Text) -> Result<(), Failure> {
        let mut at = 0;
        while at < source.len {
            let rest = self.heap.bytes(source).get(at as usize..).unwrap_or(&[]);
            let (byte, used) = match rest {
                [b'%', high, low, ..] => {
                    let digit =
                        |byte: &u8| (*byte as char).to_digit(16).ok_or(Failure::BadEncoding);
                    ((digit(high)? * 16 + digit(low)?) as u8, 3)
                }
                [b'%', ..] => return Err(Failure::BadEncoding),
                [b'+', ..] => (b' ', 1),
                [byte, ..] => (*byte, 1),
                [] => break,
            };
            self.heap.scratch.append_byte(byte)?;
            at += used;
        }
        Ok(())
    }

    fn base64_encode(&mut self, source: Text) -> Result<(), Failure> {
        let mut at = 0;
        while at < source.len {
            let rest = self.heap.bytes(source).get(at as usize..).unwrap_or(&[]);
            let take = |index: usize| rest.get(index).copied().map_or(0, u32::from);
            let bits = take(0) << 16 | take(1) << 8 | take(2);
            let digit = |shift: u32| {
                DIGITS
                    .get((bits >> shift) as usize & 63)
                    .copied()
                    .unwrap_or(b'A')
            };
            let mut group = [digit(18), digit(12), digit(6), digit(0)];
            for pad in group.iter_mut().skip(rest.len().saturating_add(1)) {
                *pad = b'=';
            }
            self.heap.scratch.append(&group)?;
            at += 3;
        }
        Ok(())
    }

    /// As `java.util.Base64`: padding may lack, anything else foreign is a fault. The result is read as UTF-8.
    fn base64_decode(&mut self, source: Text) -> Result<(), Failure> {
        let bytes = self.heap.bytes(source);
        let padding = bytes.iter().rev().take_while(|byte| **byte == b'=').count();
        let digits = bytes.len() - padding;
        if padding > 2 || padding > 0 && !bytes.len().is_multiple_of(4) || digits % 4 == 1 {
            return Err(Failure::BadEncoding);
        }
        let mut bits = 0u32;
        for at in 0..digits {
            let byte = self.heap.bytes(source).get(at).copied().unwrap_or(0);
            let digit = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return Err(Failure::BadEncoding),
            };
            bits = bits << 6 | u32::from(digit);
            match at % 4 {
                1 => self.heap.scratch.append_byte((bits >> 4) as u8)?,
                2 => self.heap.scratch.append_byte((bits >> 2) as u8)?,
                3 => self.heap.scratch.append_byte(bits as u8)?,
                _ => {}
            }
        }
        Ok(())
    }
}

fn hex(digit: u8) -> u8 {
    match digit {
        0..=9 => b'0' + digit,
        _ => b'A' + digit - 10,
    }
}

/// The first character of a text and its length; U+FFFD for a byte that is none.
fn first_char(bytes: &[u8]) -> (char, u32) {
    let head = bytes.get(..bytes.len().min(4)).unwrap_or(&[]);
    let valid = match core::str::from_utf8(head) {
        Ok(text) => text,
        Err(error) => head
            .get(..error.valid_up_to())
            .and_then(|valid| core::str::from_utf8(valid).ok())
            .unwrap_or(""),
    };
    match valid.chars().next() {
        Some(character) => (character, character.len_utf8() as u32),
        None => (char::REPLACEMENT_CHARACTER, 1),
    }
}
