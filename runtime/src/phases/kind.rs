//! Where the kinds of API part ways: one step each, told apart here and nowhere else.
//!
//! Everything that is not here is the same for all of them. What HTTP APIs do is in `http`; what REST APIs do
//! stands with the phase that it belongs to.

use super::Next;
use super::headers::Kind as Integration;
use crate::behaviour::Switch;
use crate::bundle::records as r;
use crate::machine::{ApiKind, Halt, Machine, visible};
use crate::policy::Record;
use crate::scratch::Exhausted;
use crate::step::Fault;
use crate::value::{Src, Text, Value};

/// Milliseconds that an authorizer's function may take.
const AUTHORIZER_MS: [u32; 2] = [30_000, 10_000];

impl Machine<'_, '_> {
    fn is_http(&self) -> bool {
        self.core.kind == ApiKind::Http
    }

    /// The verb that routes are looked up by.
    pub(super) fn verb_in_force(&self) -> Text {
        match self.core.kind {
            ApiKind::Rest => self.overridden_verb(),
            ApiKind::Http => self.core.method,
        }
    }

    /// Sizes and shapes that are refused before a route is looked for.
    pub(super) fn limits(&mut self) -> Result<(), Halt> {
        match self.core.kind {
            ApiKind::Rest => self.rest_limits(),
            ApiKind::Http => self.http_limits(),
        }
    }

    /// The route, as its index.
    pub(super) fn find_route(&mut self) -> Result<u32, Halt> {
        match self.core.kind {
            ApiKind::Rest => self.find_method(),
            ApiKind::Http => self.find_http_route(),
        }
    }

    /// What the gateway answers to a request that came this far, before anybody is asked.
    pub(super) fn own_answer(&mut self, arrived: &Result<(), Halt>) -> Result<Option<Next>, Halt> {
        match self.core.kind {
            ApiKind::Rest => Ok(None),
            ApiKind::Http => self.preflight(arrived),
        }
    }

    /// Whether the limits of stage and account are spent before anybody asks who calls.
    pub(super) fn throttles_first(&self) -> bool {
        self.is_http() || self.switch(Switch::ThrottleBeforeAuthorizer) == 1
    }

    /// Whether the letter case of header names never matters.
    pub(crate) fn folds_names(&self) -> bool {
        self.is_http() || self.switch(Switch::HeaderNames) == 1
    }

    /// Whether anybody behind the gateway sees a client's header of this name.
    pub(crate) fn sees_header(&self, name: &[u8]) -> bool {
        self.is_http() || visible(name)
    }

    /// A path parameter's value, as those behind the gateway see it.
    pub(crate) fn parameter(&mut self, captured: Text) -> Result<Text, Exhausted> {
        match self.core.kind {
            ApiKind::Rest => Ok(captured),
            ApiKind::Http => self.decoded_path(captured),
        }
    }

    /// A value on its way into the path of a URI.
    pub(crate) fn placed(&mut self, value: Value) -> Result<Value, Halt> {
        match (self.core.kind, value) {
            (ApiKind::Http, Value::Text(text)) => Ok(Value::Text(self.encoded_path(text)?)),
            _ => Ok(value),
        }
    }

    pub(super) fn authorizer_timeout(&self) -> u32 {
        let [rest, http] = AUTHORIZER_MS;
        if self.is_http() { http } else { rest }
    }

    /// What an authorizer's function is told.
    pub(super) fn authorizer_event(&mut self, authorizer: &r::Authorizer) -> Result<Text, Halt> {
        match self.core.kind {
            ApiKind::Rest => self.method_event(authorizer),
            ApiKind::Http => self.http_authorizer_event(authorizer),
        }
    }

    /// What an authorizer's function answered, as the host keeps it.
    pub(super) fn authorizer_record(&mut self, output: Value) -> Result<Record, Halt> {
        match self.core.kind {
            ApiKind::Rest => self.method_record(output),
            ApiKind::Http => self.http_record(output),
        }
    }

    /// A member of an authorizer's context, out of its record.
    pub(super) fn authorizer_member(&mut self, kept: Value) -> Result<Value, Halt> {
        match self.core.kind {
            ApiKind::Rest => Ok(kept),
            ApiKind::Http => self.typed_member(kept),
        }
    }

    /// What is wrong with a token, as an HTTP API tells it.
    pub(super) fn challenged(&mut self, halt: Halt, code: u16, message: &[u8]) -> Halt {
        match self.core.kind {
            ApiKind::Rest => halt,
            ApiKind::Http => self
                .challenge(halt, code, message)
                .unwrap_or(Halt::INTERNAL),
        }
    }

    /// The request of an HTTP proxy.
    pub(super) fn proxy_request(&mut self, integration: &r::Integration) -> Result<(), Halt> {
        match self.core.kind {
            ApiKind::Rest => self.http_request(Integration::HttpProxy),
            ApiKind::Http => self.pass_on(integration),
        }
    }

    /// The answer of an HTTP proxy.
    pub(super) fn proxy_answer(&mut self) -> Result<Next, Halt> {
        match self.core.kind {
            ApiKind::Rest => self.passed_through(),
            ApiKind::Http => self.pass_back(),
        }
    }

    /// The event of a Lambda proxy.
    pub(super) fn proxy_event(&mut self, second: bool) -> Result<Text, Halt> {
        match (self.core.kind, second) {
            (ApiKind::Rest, _) => self.lambda_event(),
            (ApiKind::Http, false) => self.first_event(),
            (ApiKind::Http, true) => self.second_event(),
        }
    }

    /// The header that carries the trace, for a function.
    pub(super) fn invocation_trace(&mut self) -> Result<Text, Exhausted> {
        match self.core.kind {
            ApiKind::Rest => self.trace_id(),
            ApiKind::Http => self.trace_root_id(),
        }
    }

    /// What the result of a Lambda proxy means.
    pub(super) fn proxy_result(&mut self, second: bool) -> Result<Next, Halt> {
        match self.core.kind {
            ApiKind::Rest => self.lambda_answer(),
            ApiKind::Http => self.function_result(second),
        }
    }

    /// The backend did not answer.
    pub(crate) fn unanswered(&mut self, fault: Fault) -> Halt {
        match self.core.kind {
            ApiKind::Rest => self.integration_fault(fault),
            ApiKind::Http => self.http_integration_fault(fault),
        }
    }

    /// The answer of a request that does not reach its backend, or whose answer cannot be passed on.
    pub(crate) fn gateway_response(&mut self, halt: Halt) -> Result<Next, Halt> {
        match self.core.kind {
            ApiKind::Rest => self.configured_response(halt),
            ApiKind::Http => self.refusal(halt),
        }
    }

    /// Adds what every answer carries, and hands it out.
    pub(crate) fn respond(&mut self) -> Result<Next, Halt> {
        match self.core.kind {
            ApiKind::Rest => self.finish_rest()?,
            ApiKind::Http => self.finish_http()?,
        }
        Ok(self.hand_out())
    }

    /// Whether the client may name the request.
    pub(crate) fn takes_request_ids(&self) -> bool {
        !self.is_http()
    }

    /// The id that the client cannot set.
    pub(crate) fn extended_request_id(&mut self) -> Result<Text, Exhausted> {
        match self.core.kind {
            ApiKind::Rest => Ok(Text::whole(
                Src::ExtendedRequestId,
                self.world.extended_request_id,
            )),
            // HTTP APIs have one id alone.
            ApiKind::Http => self.request_id(),
        }
    }

    /// What `$context.path` prints.
    pub(crate) fn shown_path(&mut self) -> Result<Text, Exhausted> {
        match self.core.kind {
            ApiKind::Rest => self.context_path(),
            ApiKind::Http => self.raw_path(),
        }
    }
}
