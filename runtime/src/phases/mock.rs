//! The mock integration: the request template's `statusCode` selects the answer.
//!
//! The reference reads the template's text with a lenient reader, as recorded: keys may be bare or in single
//! quotes, a comma may trail, other members do not matter; quotes that do not pair, a missing brace and an
//! object in the place of a key are refused.

use super::Next;
use super::headers::Kind;
use crate::behaviour::Switch;
use crate::machine::{Halt, Machine, OutBody};
use crate::session::Phase;

impl Machine<'_, '_> {
    pub(crate) fn mock(&mut self) -> Result<Next, Halt> {
        let body = match self.core.request.body {
            OutBody::PassRequest => {
                let converted = self.request_body()?;
                converted.text
            }
            other => self.out_body(other),
        };
        let status = status_code(self.bytes(body));
        self.enter(Phase::Response);
        match status {
            Some(status) => {
                let start = self.scratch.text_len();
                crate::text::print::signed(self.scratch, status)?;
                let text = self.scratch.since(start);
                self.integration_response(Kind::Mock, Some(text))
            }
            None if self.switch(Switch::MockNoStatus) == 1 => {
                self.integration_response(Kind::Mock, None)
            }
            None => Err(Halt::INTERNAL),
        }
    }
}

/// The integer under `statusCode` in the text of a lenient JSON object.
fn status_code(text: &[u8]) -> Option<i64> {
    let mut reader = Reader {
        rest: text.trim_ascii(),
        depth: 0,
    };
    let status = reader.object()?;
    if !reader.rest.trim_ascii().is_empty() {
        return None;
    }
    status
}

struct Reader<'t> {
    rest: &'t [u8],
    depth: u8,
}

impl<'t> Reader<'t> {
    fn blank(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn peek(&mut self) -> Option<u8> {
        self.blank();
        self.rest.first().copied()
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.blank();
        self.rest = self.rest.strip_prefix(&[byte])?;
        Some(())
    }

    /// An object; gives the integer under `statusCode`, if it has one. The outer `None` refuses the text.
    #[allow(clippy::option_option)]
    fn object(&mut self) -> Option<Option<i64>> {
        self.take(b'{')?;
        let mut status = None;
        loop {
            if self.peek()? == b'}' {
                break;
            }
            let key = self.key()?;
            self.take(b':')?;
            let integer = self.value()?;
            if key == b"statusCode" {
                // A status that is no integer is no status, whatever came before.
                status = integer;
            }
            match self.peek()? {
                b',' => self.take(b',')?,
                b'}' => break,
                _ => return None,
            }
        }
        self.take(b'}')?;
        Some(status)
    }

    fn quoted(&mut self, quote: u8) -> Option<&'t [u8]> {
        self.take(quote)?;
        let mut at = 0;
        loop {
            match self.rest.get(at)? {
                b'\\' => at += 2,
                b if *b == quote => break,
                _ => at += 1,
            }
        }
        let text = self.rest.get(..at)?;
        self.rest = self.rest.get(at + 1..)?;
        Some(text)
    }

    fn key(&mut self) -> Option<&'t [u8]> {
        match self.peek()? {
            quote @ (b'"' | b'\'') => self.quoted(quote),
            _ => {
                let word = |b: &u8| !(b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'-'));
                let end = self.rest.iter().position(word).unwrap_or(self.rest.len());
                let (key, rest) = self
                    .rest
                    .split_at_checked(end)
                    .filter(|(k, _)| !k.is_empty())?;
                self.rest = rest;
                Some(key)
            }
        }
    }

    /// A value; gives it if it is an integer. The outer `None` refuses the text.
    #[allow(clippy::option_option)]
    fn value(&mut self) -> Option<Option<i64>> {
        match self.peek()? {
            quote @ (b'"' | b'\'') => self.quoted(quote).map(|_| None),
            b'{' => self.nested(Self::object).map(|_| None),
            b'[' => self.nested(Self::array).map(|()| None),
            _ => {
                let stop =
                    |b: &u8| matches!(b, b',' | b'}' | b']' | b':' | b'{' | b'[' | b'"' | b'\'');
                let end = self.rest.iter().position(stop).unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at_checked(end)?;
                self.rest = rest;
                let word = core::str::from_utf8(word.trim_ascii())
                    .ok()
                    .filter(|w| !w.is_empty())?;
                Some(word.parse().ok())
            }
        }
    }

    fn array(&mut self) -> Option<()> {
        self.take(b'[')?;
        while self.peek()? != b']' {
            self.value()?;
            match self.peek()? {
                b',' => self.take(b',')?,
                b']' => break,
                _ => return None,
            }
        }
        self.take(b']')
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth >= 32 {
            return None;
        }
        self.depth += 1;
        let read = read(self);
        self.depth -= 1;
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_leniently_and_refuses_what_is_broken() {
        for (text, want) in [
            (r#"{"statusCode": 200}"#, Some(200)),
            (r"{statusCode: 200}", Some(200)),
            (r"{'statusCode': 200}", Some(200)),
            (r#"{"statusCode": 200 , }"#, Some(200)),
            (r#"{"statusCode": 200, "a": {"b": [1, "x"]}}"#, Some(200)),
            (r#" {"a": "}", "statusCode":-1000} "#, Some(-1000)),
            (r#"{"statusCode": "200"}"#, None),
            (r#"{"statusCode": 200.0}"#, None),
            (r#"{"statusCode': 200}"#, None),
            (r#"{"statusCode": 200"#, None),
            (r#""statusCode": 200}"#, None),
            (r#"{ {"statusCode": 200}}"#, None),
            ("{}", None),
            ("", None),
            ("200", None),
        ] {
            assert_eq!(status_code(text.as_bytes()), want, "{text}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let mut text = alloc::string::String::from("{a:");
        text.push_str(&"[".repeat(100_000));
        assert_eq!(status_code(text.as_bytes()), None);
    }
}
