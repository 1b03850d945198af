//! Content conversion: what a payload is, and what becomes of it.

use crate::json::{JsonError, Mode, parse};
use crate::jsonpath::{self, PathError};
use crate::machine::{Halt, Machine, OutBody};
use crate::response_type::ResponseType;
use crate::text::{base64, print};
use crate::value::{Src, Text, Value};

/// A body after conversion.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Converted {
    pub(crate) text: Text,
    /// Whether it is bytes, which no template can take.
    pub(crate) bytes: bool,
}

const NONE: u8 = 0;
const TO_BINARY: u8 = 1;

impl Machine<'_, '_> {
    /// The request body after conversion. A text that is not UTF-8 goes on with U+FFFD, as recorded.
    pub(crate) fn request_body(&mut self) -> Result<Converted, Halt> {
        let handling = self.integration().map_or(NONE, |i| i.content);
        let body = Text::whole(Src::Body, self.world.body.unwrap_or(&[]));
        let binary = self.is_binary(self.lent(self.media_of_request()));
        match (binary, handling) {
            (true, NONE | TO_BINARY) => Ok(Converted {
                text: body,
                bytes: true,
            }),
            (true, _) => Ok(Converted {
                text: self.base64(body)?,
                bytes: false,
            }),
            (false, TO_BINARY) => self.unbase64(body),
            (false, _) => Ok(Converted {
                text: self.as_text(body)?,
                bytes: false,
            }),
        }
    }

    /// The backend's body after conversion, for the integration response with this handling.
    pub(crate) fn answer_body(&mut self, handling: u8) -> Result<Converted, Halt> {
        let Some(body) = self.backend().and_then(|b| b.body) else {
            return Ok(Converted {
                text: Text::EMPTY,
                bytes: false,
            });
        };
        let body = Text::whole(Src::Backend, body);
        let binary = self.is_binary(self.lent(self.media_of_answer()));
        let wanted = self.wants_binary();
        match (binary, wanted, handling) {
            (true, true, NONE) | (true, _, TO_BINARY) => Ok(Converted {
                text: body,
                bytes: true,
            }),
            (true, ..) => Ok(Converted {
                text: self.base64(body)?,
                bytes: false,
            }),
            (false, true, NONE) | (false, _, TO_BINARY) => self.unbase64(body),
            (false, ..) => Ok(Converted {
                text: self.as_text(body)?,
                bytes: false,
            }),
        }
    }

    /// Whether the first media type that the client accepts is in the list of those that are bytes.
    pub(crate) fn wants_binary(&self) -> bool {
        self.is_binary(self.lent(self.media_wanted()))
    }

    fn unbase64(&mut self, text: Text) -> Result<Converted, Halt> {
        let decoded = base64::decode(self.scratch, self.lent(text))?;
        match decoded {
            Some(text) => Ok(Converted { text, bytes: true }),
            None => Err(Halt::new(ResponseType::ApiConfigurationError)),
        }
    }

    /// The same text if it is UTF-8, else a copy with U+FFFD.
    pub(crate) fn as_text(&mut self, text: Text) -> Result<Text, Halt> {
        let bytes = self.lent(text);
        if core::str::from_utf8(bytes).is_ok() {
            return Ok(text);
        }
        let start = self.scratch.text_len();
        print::lossy(self.scratch, bytes)?;
        Ok(self.scratch.since(start))
    }

    /// `method.request.body` of a mapping; an empty body is `{}`, as recorded.
    pub(crate) fn body_value(&mut self) -> Result<Value, Halt> {
        let body = Text::whole(Src::Body, self.world.body.unwrap_or(&[]));
        let broken = self.broken_body()?;
        self.whole_body(body, broken)
    }

    /// `integration.response.body` of a mapping.
    pub(crate) fn answer_body_value(&mut self) -> Result<Value, Halt> {
        let body = self.backend().and_then(|b| b.body).unwrap_or(&[]);
        self.whole_body(Text::whole(Src::Backend, body), Halt::INTERNAL)
    }

    fn broken_body(&mut self) -> Result<Halt, Halt> {
        let message = self.scratch.push(b"Invalid JSON in request body")?;
        Ok(Halt::new(ResponseType::Default4xx).message(message))
    }

    fn whole_body(&mut self, body: Text, broken: Halt) -> Result<Value, Halt> {
        if body.is_empty() {
            return Ok(Value::Text(self.scratch.push(b"{}")?));
        }
        self.document(body, broken)?;
        Ok(Value::Text(self.as_text(body)?))
    }

    /// The body as JSON. A body is taken for JSON only if it starts like it; then it must be.
    fn document(&mut self, body: Text, broken: Halt) -> Result<Option<Value>, Halt> {
        match self.lent(body).trim_ascii_start().first() {
            Some(b'{' | b'[' | b'"' | b'\'') => {}
            _ => return Ok(None),
        }
        match parse(&mut self.heap(), body, Mode::Strict) {
            Ok(value) => Ok(Some(value)),
            Err(JsonError::Syntax(_)) => Err(broken),
            Err(JsonError::Bound(bound)) => Err(bound.into()),
        }
    }

    /// `method.request.body.PATH` of a mapping.
    pub(crate) fn body_at(&mut self, path: &[u8]) -> Result<Value, Halt> {
        let body = Text::whole(Src::Body, self.world.body.unwrap_or(&[]));
        let broken = self.broken_body()?;
        let document = self.document(body, broken)?;
        self.value_at(document, path)
    }

    /// `integration.response.body.PATH` of a mapping. The message of a failed function is read as JSON first.
    pub(crate) fn answer_body_at(&mut self, path: &[u8]) -> Result<Value, Halt> {
        let body = Text::whole(
            Src::Backend,
            self.backend().and_then(|b| b.body).unwrap_or(&[]),
        );
        let document = self.document(body, Halt::INTERNAL)?;
        if let Some(map @ Value::Map(_)) = document {
            let message = self.heap().member(map, b"errorMessage")?;
            if let Some(Value::Text(text)) = message {
                let parsed = parse(&mut self.heap(), text, Mode::Strict);
                if let Ok(value @ (Value::Map(_) | Value::List(_))) = parsed {
                    self.heap().put_member(map, b"errorMessage", value)?;
                }
            }
        }
        self.value_at(document, path)
    }

    fn value_at(&mut self, document: Option<Value>, path: &[u8]) -> Result<Value, Halt> {
        let Some(document) = document else {
            return Ok(Value::Missing);
        };
        match jsonpath::find(&mut self.heap(), path, document) {
            Ok(found) => Ok(found.unwrap_or_default()),
            Err(PathError::Bound(bound)) => Err(bound.into()),
            Err(_) => Ok(Value::Missing),
        }
    }

    /// The bytes that a message's body stands for now.
    pub(crate) fn out_body(&self, body: OutBody) -> Text {
        match body {
            OutBody::Empty => Text::EMPTY,
            OutBody::Text(text) => text,
            OutBody::PassRequest => Text::whole(Src::Body, self.world.body.unwrap_or(&[])),
            OutBody::PassBackend => Text::whole(
                Src::Backend,
                self.backend().and_then(|b| b.body).unwrap_or(&[]),
            ),
        }
    }
}
