//! Gateway responses, the headers of every answer, the access log.

use super::Next;
use crate::bundle::Section;
use crate::bundle::records as r;
use crate::machine::{Halt, List, Machine, Message, OutBody, Target, Waiting};
use crate::response_type::ResponseType;
use crate::session::Phase;
use crate::value::{Text, Value};

const CONFIGURED: u8 = 1;

impl Machine<'_, '_> {
    /// Notes why the gateway itself answers.
    pub(super) fn halted(&mut self, halt: Halt) {
        if self.core.error.is_none() {
            self.core.decided = self.core.phase;
        }
        self.core.error = Some(halt);
        self.core.traced = false;
        self.core.cache_warning = false;
    }

    /// A REST API's gateway response.
    pub(super) fn configured_response(&mut self, mut halt: Halt) -> Result<Next, Halt> {
        if let Some(explicit) = halt.denied {
            halt = halt.message(self.denial(explicit)?);
        }
        self.halted(halt);
        let record: Option<r::GatewayResponse> = self
            .image
            .record(Section::GatewayResponses, halt.ty as u32)
            .filter(|g: &r::GatewayResponse| g.flags != 0);
        let status = match record {
            Some(g) if g.status != 0 => g.status,
            _ => halt.status.unwrap_or(halt.ty.status()),
        };
        self.core.answer = Message {
            status,
            ..Message::default()
        };
        self.core.content_type = None;
        if let Some(g) = record {
            self.run(self.image, g.program, Target::Answer)?;
        }
        if !self.core.answer.rendered {
            let body =
                self.default_body(halt, record.is_some_and(|g| g.flags & CONFIGURED != 0))?;
            self.core.answer.body = OutBody::Text(body);
        }
        let mut list = self.core.answer.headers;
        let media = match self.core.content_type {
            Some(media) => media,
            None => self.scratch.push(b"application/json")?,
        };
        self.add_default(&mut list, b"Content-Type", media)?;
        let error = self
            .scratch
            .push(halt.error.unwrap_or(halt.ty.error()).as_bytes())?;
        self.put(&mut list, b"x-amzn-ErrorType", error)?;
        self.core.answer.headers = list;
        self.respond()
    }

    /// `{"message":"…"}`. Of types that nobody configured, a denial writes `Message`, and what is found out behind
    /// the limits has a blank: another part of the reference writes it.
    fn default_body(&mut self, halt: Halt, configured: bool) -> Result<Text, Halt> {
        let message = self.error_string()?;
        let start = self.scratch.text_len();
        self.scratch.append(match (configured, halt.ty) {
            (true, _) => b"{\"message\":".as_slice(),
            (false, ResponseType::AccessDenied) => b"{\"Message\":",
            (
                false,
                ResponseType::ApiConfigurationError
                | ResponseType::BadRequestBody
                | ResponseType::BadRequestParameters
                | ResponseType::Default5xx
                | ResponseType::IntegrationFailure
                | ResponseType::IntegrationTimeout
                | ResponseType::UnsupportedMediaType,
            ) => b"{\"message\": ",
            (false, _) => b"{\"message\":",
        })?;
        self.scratch.append_within(message.off, message.len)?;
        self.scratch.append(b"}")?;
        Ok(self.scratch.since(start))
    }

    /// What every answer of a REST API carries.
    pub(super) fn finish_rest(&mut self) -> Result<(), Halt> {
        self.core.record = None;
        self.keep_answer()?;
        let mut list = self.core.answer.headers;
        if core::mem::take(&mut self.core.cache_warning) {
            let warning = self
                .scratch
                .push(b"199 - \"Cache-Control header ignored\"")?;
            self.put(&mut list, b"Warning", warning)?;
        }
        let id = self.request_id()?;
        self.put(&mut list, b"x-amzn-RequestId", id)?;
        let extended = Text::whole(
            crate::Src::ExtendedRequestId,
            self.world.extended_request_id,
        );
        self.put(&mut list, b"x-amz-apigw-id", extended)?;
        if self.core.traced {
            let trace = self.trace_id()?;
            self.put(&mut list, b"X-Amzn-Trace-Id", trace)?;
        }
        self.core.answer.headers = list;
        Ok(())
    }

    /// The answer is on its way.
    pub(super) fn hand_out(&mut self) -> Next {
        self.enter(Phase::Respond);
        self.core.waiting = Waiting::Sent;
        Next::Respond
    }

    /// The answer of last resort: no text, no header, but a denial.
    pub(crate) fn last_resort(&mut self) -> Next {
        self.core.answer = Message {
            status: 500,
            headers: List::default(),
            ..Message::default()
        };
        self.hand_out()
    }

    /// Writes the access log's line, if the stage has one.
    pub(crate) fn log(&mut self) -> Next {
        self.enter(Phase::Log);
        let Some(stage) = self.stage().filter(|stage| stage.log.is_some()) else {
            return self.done();
        };
        match self.run(self.edge, stage.log, Target::Answer) {
            Ok(ended) => {
                if let Value::Text(line) = ended.accumulator {
                    self.core.log_line = Some(line);
                    self.core.waiting = Waiting::Log;
                    return Next::Log;
                }
                self.done()
            }
            Err(_) => self.done(),
        }
    }

    pub(crate) fn done(&mut self) -> Next {
        self.enter(Phase::Done);
        self.core.waiting = Waiting::Done;
        Next::Done
    }
}
