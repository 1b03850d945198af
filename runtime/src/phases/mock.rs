//! The mock integration: the request template's `statusCode` selects the answer.
//!
//! The reference reads the template's text with a lenient reader, as recorded: keys may be bare or in single
//! quotes, commas may trail, other members do not matter.

use super::Next;
use super::headers::Kind;
use crate::behaviour::Switch;
use crate::json::{JsonError, Mode, parse};
use crate::machine::{Halt, Machine, OutBody};
use crate::session::Phase;
use crate::value::{Text, Value};

impl Machine<'_, '_> {
    pub(crate) fn mock(&mut self) -> Result<Next, Halt> {
        let body = match self.core.request.body {
            OutBody::PassRequest => self.request_body()?.text,
            other => self.out_body(other),
        };
        let status = self.status_code(body)?;
        self.enter(Phase::Response);
        match status {
            Some(status) => {
                let text = self.printed(Value::Int(status))?;
                self.integration_response(Kind::Mock, text)
            }
            None if self.switch(Switch::MockNoStatus) == 1 => {
                self.integration_response(Kind::Mock, None)
            }
            None => Err(Halt::INTERNAL),
        }
    }

    /// The integer under `statusCode`. A text, a decimal or nothing is no status.
    fn status_code(&mut self, text: Text) -> Result<Option<i64>, Halt> {
        let read = match parse(&mut self.heap(), text, Mode::Lenient) {
            Ok(read @ Value::Map(_)) => read,
            Ok(_) | Err(JsonError::Syntax(_)) => return Ok(None),
            Err(JsonError::Bound(bound)) => return Err(bound.into()),
        };
        match self.heap().member(read, b"statusCode")? {
            Some(Value::Int(status)) => Ok(Some(status)),
            _ => Ok(None),
        }
    }
}
