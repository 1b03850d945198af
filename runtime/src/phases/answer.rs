//! The integration response: which one, its mappings and template, and the method response.

use super::Next;
use super::headers::Kind;
use crate::bundle::Section;
use crate::bundle::records as r;
use crate::json::{Bound, Heap};
use crate::machine::{Halt, Machine, Message, OutBody, Target};
use crate::response_type::ResponseType;
use crate::session::Phase;
use crate::step::Fault;
use crate::text::pattern;
use crate::value::{Src, Text, Value};
use crate::vtl::Limits;

const DEFAULT: u8 = 1;
const TAKES_MISSING: u8 = 2;

impl Machine<'_, '_> {
    /// The backend answered.
    pub(crate) fn answered(&mut self) -> Result<Next, Halt> {
        self.enter(Phase::Response);
        self.core.integrated = true;
        let backend = self.backend().ok_or(Halt::INTERNAL)?;
        self.core.integration_status = backend.status;
        self.core.integration_latency_us = backend.latency_us;
        let integration = self.integration().ok_or(Halt::INTERNAL)?;
        let kind = Kind::numbered(integration.kind).ok_or(Halt::INTERNAL)?;
        self.core.traced = kind.traced();
        match kind {
            Kind::HttpProxy => self.proxy_answer(),
            Kind::LambdaProxy | Kind::LambdaProxy2 => self.proxy_result(kind == Kind::LambdaProxy2),
            Kind::Lambda => {
                let error = self.lambda_error()?;
                self.integration_response(kind, error)
            }
            Kind::Http | Kind::Service => {
                let start = self.scratch.text_len();
                crate::text::print::number(self.scratch, u64::from(backend.status))?;
                let status = self.scratch.since(start);
                self.integration_response(kind, Some(status))
            }
            Kind::Mock => Err(Halt::INTERNAL),
        }
    }

    /// The backend of a REST API did not answer.
    pub(super) fn integration_fault(&mut self, fault: Fault) -> Halt {
        match fault {
            Fault::Timeout => Halt::new(ResponseType::IntegrationTimeout),
            Fault::Connect => Halt::new(ResponseType::IntegrationFailure),
            Fault::Rejected => Halt::new(ResponseType::ApiConfigurationError),
            // The reference has no backend that it cannot call.
            Fault::Unsupported | Fault::AnswerTooLarge => Halt::INTERNAL.status(502),
            // A streamed request body shows its faults only now.
            Fault::TooLarge => Halt::new(ResponseType::RequestTooLarge),
            Fault::Unreadable => Halt::new(ResponseType::UnsupportedMediaType),
            _ => Halt::INTERNAL,
        }
    }

    /// Status, headers and body of an HTTP proxy pass.
    pub(super) fn passed_through(&mut self) -> Result<Next, Halt> {
        self.take_answer()?;
        self.remap_answer(Kind::HttpProxy)?;
        self.default_content_type()?;
        self.respond()
    }

    /// The backend's status, headers and body, as they are.
    pub(super) fn take_answer(&mut self) -> Result<(), Halt> {
        let backend = self.backend().ok_or(Halt::INTERNAL)?;
        self.core.answer = Message {
            status: backend.status,
            body: OutBody::PassBackend,
            ..Message::default()
        };
        let mut list = self.core.answer.headers;
        for (i, header) in backend.headers.iter().enumerate() {
            let Ok(i) = u16::try_from(i) else { break };
            let name = Text::whole(Src::BackendName(i), header.name);
            list.push(
                self.scratch,
                name,
                Value::Text(Text::whole(Src::BackendValue(i), header.value)),
            )?;
        }
        self.core.answer.headers = list;
        Ok(())
    }

    /// The first response that is the default, or whose pattern fits.
    fn selected(
        &mut self,
        integration: &r::Integration,
        tested: Option<Text>,
    ) -> Result<Option<r::Response>, Bound> {
        let image = self.image;
        for response in image.records::<r::Response>(Section::Responses, integration.responses) {
            let fits = match tested {
                _ if response.flags & DEFAULT != 0 => true,
                Some(text) => {
                    let mut heap = Heap::new(self.world, self.scratch, Limits::default().work);
                    pattern::fits_in(&mut heap, image.bytes(response.pattern), text)?
                }
                None => response.flags & TAKES_MISSING != 0,
            };
            if fits {
                return Ok(Some(response));
            }
        }
        Ok(None)
    }

    /// The response whose pattern fits `tested`; `None`: there is nothing to test.
    pub(crate) fn integration_response(
        &mut self,
        kind: Kind,
        tested: Option<Text>,
    ) -> Result<Next, Halt> {
        let integration = self.integration().ok_or(Halt::INTERNAL)?;
        let selected = self
            .selected(&integration, tested)?
            .ok_or(Halt::new(ResponseType::ApiConfigurationError))?;
        let declared = self
            .image
            .records::<u16>(Section::Numbers, integration.declared)
            .any(|s| s == selected.status);
        if !declared {
            return Err(Halt::new(ResponseType::ApiConfigurationError));
        }
        self.core.answer = Message {
            status: selected.status,
            ..Message::default()
        };
        self.core.answer.body = OutBody::PassBackend;
        self.core.answer_content = selected.content;
        self.run(self.image, selected.program, Target::Answer)?;
        if self.core.answer.body == OutBody::PassBackend {
            let converted = self.answer_body(selected.content)?;
            self.core.answer.body = match converted.text {
                text if text.is_empty() => OutBody::Empty,
                text if text.src == Src::Backend => OutBody::PassBackend,
                text => OutBody::Text(text),
            };
        }
        self.apply_response_overrides()?;
        self.remap_answer(kind)?;
        self.default_content_type()?;
        self.core.traced = kind.traced();
        self.respond()
    }

    /// Every answer has a content type.
    pub(crate) fn default_content_type(&mut self) -> Result<(), Halt> {
        let mut list = self.core.answer.headers;
        if self.find(list, b"Content-Type").is_none() {
            let json = self.scratch.push(b"application/json")?;
            self.add_default(&mut list, b"Content-Type", json)?;
            self.core.answer.headers = list;
        }
        Ok(())
    }
}
