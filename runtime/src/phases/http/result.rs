//! What a function's result means.

use crate::json::{Mode, parse};
use crate::machine::{Halt, List, Machine, Message, OutBody};
use crate::phases::Next;
use crate::response_type::ResponseType;
use crate::text::base64;
use crate::value::{Src, Text, Value};

/// A result that is not of the allowed shape, or a function that failed.
const MALFORMED: Halt = Halt::INTERNAL;

impl Machine<'_, '_> {
    /// Of format 2.0, what has no `statusCode` is the body of a 200.
    pub(in crate::phases) fn function_result(&mut self, second: bool) -> Result<Next, Halt> {
        let backend = self.backend().ok_or(Halt::INTERNAL)?;
        let failed = backend
            .headers
            .iter()
            .any(|h| h.name.eq_ignore_ascii_case(b"X-Amz-Function-Error"));
        if backend.status == 429 {
            // The service has no room for the call.
            return Err(Halt::new(ResponseType::IntegrationFailure));
        }
        if backend.status >= 300 || failed {
            return Err(MALFORMED);
        }
        let body = Text::whole(Src::Backend, backend.body.ok_or(MALFORMED)?);
        let result = parse(&mut self.heap(), body, Mode::Strict).ok();
        let status = match result {
            Some(map @ Value::Map(_)) => self.heap().member(map, b"statusCode")?,
            _ => None,
        };
        match (result, status) {
            (Some(map), Some(status)) => self.full_result(map, status, second)?,
            (result, _) if second => self.bare_result(result)?,
            _ => return Err(MALFORMED),
        }
        self.respond()
    }

    /// The payload as it is; a JSON text without its quotes.
    fn bare_result(&mut self, result: Option<Value>) -> Result<(), Halt> {
        self.core.answer = Message {
            status: 200,
            body: match result {
                Some(Value::Text(text)) => OutBody::Text(text),
                _ => OutBody::PassBackend,
            },
            ..Message::default()
        };
        let mut list = List::default();
        let json = self.scratch.push(b"application/json")?;
        self.put(&mut list, b"Content-Type", json)?;
        self.core.answer.headers = list;
        Ok(())
    }

    /// A result that says everything itself. Members that mean nothing are passed over.
    fn full_result(&mut self, result: Value, status: Value, second: bool) -> Result<(), Halt> {
        self.core.answer = Message {
            status: self.lambda_status(status).ok_or(MALFORMED)?,
            ..Message::default()
        };
        let headers = self.result_map(result, b"headers")?;
        let several = if second {
            Value::Missing
        } else {
            self.result_map(result, b"multiValueHeaders")?
        };
        self.lambda_headers(several, headers).map_err(|halt| Halt {
            status: None,
            ..halt
        })?;
        self.drop_from_answer(true);
        if second {
            self.set_cookies(result)?;
        }
        let encoded = match self.heap().member(result, b"isBase64Encoded")? {
            Some(Value::Bool(encoded)) => encoded,
            None | Some(Value::Null) => false,
            Some(_) => return Err(MALFORMED),
        };
        let body = match self.heap().member(result, b"body")? {
            None | Some(Value::Null) => None,
            Some(Value::Text(text)) => Some(text),
            Some(Value::List(_) | Value::Map(_)) => return Err(MALFORMED),
            Some(scalar) => self.printed(scalar)?,
        };
        self.core.answer.body = match body {
            None => OutBody::Empty,
            Some(text) if encoded => {
                let decoded = match text.src {
                    Src::Scratch => self.decode_scratch(text)?,
                    _ => base64::decode(self.scratch, self.lent(text))?,
                };
                OutBody::Text(decoded.ok_or(MALFORMED)?)
            }
            Some(text) => OutBody::Text(text),
        };
        let mut list = self.core.answer.headers;
        let plain = self.scratch.push(b"text/plain;charset=UTF-8")?;
        self.add_default(&mut list, b"Content-Type", plain)?;
        self.core.answer.headers = list;
        Ok(())
    }

    fn result_map(&mut self, result: Value, name: &[u8]) -> Result<Value, Halt> {
        match self.heap().member(result, name)? {
            None | Some(Value::Null) => Ok(Value::Missing),
            Some(map @ Value::Map(_)) => Ok(map),
            Some(_) => Err(MALFORMED),
        }
    }

    /// One `set-cookie` for each of `cookies`.
    fn set_cookies(&mut self, result: Value) -> Result<(), Halt> {
        let cookies = match self.heap().member(result, b"cookies")? {
            None | Some(Value::Null) => return Ok(()),
            Some(list @ Value::List(_)) => list,
            Some(_) => return Err(MALFORMED),
        };
        let count = self.heap().object(cookies).map_or(0, |o| o.len());
        let mut list = self.core.answer.headers;
        for i in 0..count {
            let Some(Value::Text(cookie)) = self.heap().item(cookies, i) else {
                return Err(MALFORMED);
            };
            let cookie = self.one_line(cookie)?;
            let name = self.scratch.push(b"set-cookie")?;
            list.push(self.scratch, name, Value::Text(cookie))?;
        }
        self.core.answer.headers = list;
        Ok(())
    }
}
