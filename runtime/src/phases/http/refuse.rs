//! The gateway's own answers, and what every answer carries.

use crate::behaviour::Switch;
use crate::machine::{Halt, Machine, Message, OutBody};
use crate::phases::Next;
use crate::phases::headers::Kind;
use crate::response_type::ResponseType;
use crate::step::Fault;

/// Status and message of a refusal. HTTP APIs have no gateway responses to be configured.
fn told(halt: Halt) -> (u16, &'static str) {
    use ResponseType as T;
    match halt.ty {
        T::Unauthorized => (401, "Unauthorized"),
        T::AccessDenied
        | T::ExpiredToken
        | T::InvalidApiKey
        | T::InvalidSignature
        | T::MissingAuthenticationToken
        | T::WafFiltered => (403, "Forbidden"),
        T::ResourceNotFound => (404, "Not Found"),
        T::RequestTooLarge => (413, "Request Entity Too Large"),
        T::Throttled | T::QuotaExceeded => (429, "Too Many Requests"),
        T::IntegrationTimeout if halt.status == Some(504) => (504, "Endpoint request timed out"),
        T::IntegrationFailure | T::IntegrationTimeout => (503, "Service Unavailable"),
        T::Default4xx | T::BadRequestBody | T::BadRequestParameters | T::UnsupportedMediaType => {
            match halt.status {
                Some(403) => (403, "Forbidden"),
                Some(414) => (414, "Request URI too long"),
                Some(431) => (431, "Request Header Fields Too Large"),
                _ => (400, "Bad Request"),
            }
        }
        T::ApiConfigurationError
        | T::AuthorizerConfigurationError
        | T::AuthorizerFailure
        | T::Default5xx => (500, "Internal Server Error"),
    }
}

impl Machine<'_, '_> {
    pub(in crate::phases) fn http_integration_fault(&mut self, fault: Fault) -> Halt {
        use ResponseType as T;
        let kind = self.integration().and_then(|i| Kind::numbered(i.kind));
        match fault {
            Fault::Timeout => Halt::new(T::IntegrationTimeout).status(
                match (self.switch(Switch::HttpTimeoutStatus), kind) {
                    (0, Some(Kind::HttpProxy)) | (2, _) => 504,
                    _ => 503,
                },
            ),
            Fault::Connect => Halt::new(T::IntegrationFailure),
            // A streamed request body shows its faults only now.
            Fault::TooLarge => Halt::new(T::RequestTooLarge),
            Fault::Unreadable => Halt::new(T::Default4xx),
            _ => Halt::INTERNAL,
        }
    }

    /// `{"message":"…"}`.
    pub(in crate::phases) fn refusal(&mut self, halt: Halt) -> Result<Next, Halt> {
        let (status, message) = told(halt);
        let message = self.scratch.push(message.as_bytes())?;
        self.halted(Halt {
            detail: None,
            ..halt.status(status).message(message)
        });
        self.core.answer = Message {
            status,
            ..Message::default()
        };
        let start = self.scratch.text_len();
        self.scratch.append(b"{\"message\":\"")?;
        self.append(message)?;
        self.scratch.append(b"\"}")?;
        self.core.answer.body = OutBody::Text(self.scratch.since(start));
        let mut list = self.core.answer.headers;
        let json = self.scratch.push(b"application/json")?;
        self.put(&mut list, b"Content-Type", json)?;
        if let Some(challenge) = halt.detail {
            self.put(&mut list, b"www-authenticate", challenge)?;
        }
        self.core.answer.headers = list;
        self.respond()
    }

    /// Every answer names its request.
    pub(in crate::phases) fn finish_http(&mut self) -> Result<(), Halt> {
        let mut list = self.core.answer.headers;
        self.finish_cors(&mut list)?;
        let id = self.request_id()?;
        self.put(&mut list, b"apigw-requestid", id)?;
        self.core.answer.headers = list;
        Ok(())
    }
}
