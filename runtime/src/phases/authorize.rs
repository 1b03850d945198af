//! Lambda authorizers: what identifies the caller, the cache, the function, and what its policy says.
//!
//! An answer is compiled once into a record, which the host keeps and lends; a cached record is evaluated again
//! for the method at hand.

use super::Next;
use super::lambda::Writer;
use crate::bundle::records as r;
use crate::bundle::wire::{Label, Range};
use crate::bundle::{Image, Section};
use crate::json::{Heap, JsonError, Mode, Style, parse};
use crate::machine::{Called, CalledKind, Halt, List, Machine, Message, OutBody, Target, Waiting};
use crate::policy::{Kind, Place, Record, Verdict};
use crate::response_type::ResponseType;
use crate::session::Phase;
use crate::step::Fault;
use crate::text::pattern;
use crate::value::{Text, Value};
use crate::vtl::Limits;

const TOKEN: u8 = 0;

pub(super) const UNAUTHORIZED: Halt = Halt::new(ResponseType::Unauthorized);
pub(super) const MISCONFIGURED: Halt = Halt::new(ResponseType::AuthorizerConfigurationError);

impl<'v> Machine<'_, 'v> {
    pub(crate) fn authorizer(&self) -> Option<r::Authorizer> {
        self.image
            .record(Section::Authorizers, u32::from(self.route()?.authorizer))
    }

    pub(crate) fn authorize_by_function(&mut self) -> Result<Next, Halt> {
        self.enter(Phase::Authorize);
        let authorizer = self.authorizer().ok_or(MISCONFIGURED)?;
        // Nobody is asked about a caller who does not say who it is.
        let ended = self.run(self.image, authorizer.identity, Target::Request)?;
        let (Value::Text(identity), false) = (ended.accumulator, ended.incomplete) else {
            return Err(UNAUTHORIZED);
        };
        if authorizer.kind == TOKEN && !authorizer.validation.is_empty() {
            let token = token(identity);
            let pattern = self.image.bytes(authorizer.validation);
            let mut heap = Heap::new(self.world, self.scratch, Limits::default().work);
            if !pattern::fits_in(&mut heap, pattern, token)? {
                return Err(UNAUTHORIZED);
            }
        }
        self.core.caller = Some(identity);
        self.core.authorizer = self.route().map_or(u16::MAX, |r| r.authorizer);
        self.core.authorizer_ttl_s = authorizer.ttl_s;
        // Kept per stage: another stage's, or another API's, authorizer of the same number is another.
        let stage = self.stage().ok_or(Halt::INTERNAL)?;
        let start = self.scratch.text_len();
        self.scratch.append(&stage.bucket.to_le_bytes())?;
        self.append(identity)?;
        self.core.authorizer_key = Some(self.scratch.since(start));
        if authorizer.ttl_s == 0 {
            return self.call_authorizer();
        }
        self.core.waiting = Waiting::AuthorizerCache;
        Ok(Next::AuthorizerCache)
    }

    /// Calls the authorizer's function.
    pub(crate) fn call_authorizer(&mut self) -> Result<Next, Halt> {
        let authorizer = self.authorizer().ok_or(MISCONFIGURED)?;
        let event = self.authorizer_event(&authorizer)?;
        self.core.request = Message {
            body: OutBody::Text(event),
            ..Message::default()
        };
        self.core.called = Called {
            kind: CalledKind::Lambda {
                asynchronous: false,
            },
            method: self.scratch.push(b"POST")?,
            uri: self.constant(authorizer.uri).ok_or(MISCONFIGURED)?,
            timeout_ms: self.authorizer_timeout(),
            credentials: self.constant(authorizer.credentials),
            ..Called::default()
        };
        self.lambda_target().ok_or(MISCONFIGURED)?;
        let mut list = List::default();
        let json = self.scratch.push(b"application/json")?;
        self.put(&mut list, b"Content-Type", json)?;
        let trace = self.invocation_trace()?;
        self.put(&mut list, b"X-Amzn-Trace-Id", trace)?;
        self.core.request.headers = list;
        self.core.waiting = Waiting::Authorizer;
        Ok(Next::Authorizer)
    }

    /// The event of a REST API's authorizer.
    pub(super) fn method_event(&mut self, authorizer: &r::Authorizer) -> Result<Text, Halt> {
        let mut event = Writer::new(self);
        event.open(self, b"{")?;
        event.key(self, "type")?;
        event.raw(
            self,
            if authorizer.kind == TOKEN {
                b"\"TOKEN\""
            } else {
                b"\"REQUEST\""
            },
        )?;
        event.key(self, "methodArn")?;
        let start = self.scratch.text_len();
        self.append_arn(false)?;
        let arn = self.scratch.since(start);
        event.string(self, arn)?;
        if authorizer.kind == TOKEN {
            event.key(self, "authorizationToken")?;
            let token = self.core.caller.map_or(Text::EMPTY, token);
            event.string(self, token)?;
        } else {
            // Unlike a proxy's, its empty maps are empty objects.
            event.empty = b"{}";
            self.event_head(&mut event)?;
            event.key(self, "requestContext")?;
            self.request_context(&mut event)?;
        }
        event.close(self, b"}")?;
        Ok(self.scratch.cut_out(event.start))
    }

    /// The function could not be called.
    pub(crate) fn authorizer_failed(&self, _: Fault) -> Halt {
        MISCONFIGURED
    }

    /// The function answered: its answer becomes a record.
    pub(crate) fn authorizer_answered(&mut self) -> Result<Next, Halt> {
        let backend = self.world.backend.ok_or(MISCONFIGURED)?;
        if backend
            .headers
            .iter()
            .any(|h| h.name.eq_ignore_ascii_case(b"X-Amz-Function-Error"))
        {
            let message = self.lambda_error()?;
            let unauthorized = message.is_some_and(|m| self.bytes(m) == b"Unauthorized");
            return Err(if unauthorized {
                UNAUTHORIZED
            } else {
                MISCONFIGURED
            });
        }
        if backend.status >= 300 {
            return Err(MISCONFIGURED);
        }
        let body = Text::whole(crate::Src::Backend, backend.body.unwrap_or(&[]));
        let output = match parse(&mut self.heap(), body, Mode::Strict) {
            Ok(map @ Value::Map(_)) => map,
            Ok(_) | Err(JsonError::Syntax(_)) => return Err(MISCONFIGURED),
            Err(JsonError::Bound(bound)) => return Err(bound.into()),
        };
        let record = self.authorizer_record(output)?;
        let bytes = record.finish().map_err(|_| MISCONFIGURED)?;
        self.core.record = Some(self.scratch.push(&bytes)?);
        self.core.waiting = Waiting::Identity;
        Ok(Next::KeepIdentity)
    }

    pub(super) fn member_text(&mut self, map: Value, name: &[u8]) -> Result<Option<Text>, Halt> {
        match self.heap().member(map, name)? {
            Some(Value::Text(text)) if !text.is_empty() => Ok(Some(text)),
            _ => Ok(None),
        }
    }

    /// Principal, policy and usage key, as the host keeps them.
    pub(super) fn policy_record(&mut self, output: Value) -> Result<Record, Halt> {
        let principal = self
            .member_text(output, b"principalId")?
            .ok_or(MISCONFIGURED)?;
        let usage_key = self
            .member_text(output, b"usageIdentifierKey")?
            .unwrap_or(Text::EMPTY);
        let mut record = Record::default();
        record.caller(self.bytes(principal), self.bytes(usage_key));
        let document = self
            .heap()
            .member(output, b"policyDocument")?
            .ok_or(MISCONFIGURED)?;
        self.identity_policy(document, &mut record)?;
        Ok(record)
    }

    /// Adds what a policy says of the caller.
    pub(super) fn identity_policy(
        &mut self,
        document: Value,
        record: &mut Record,
    ) -> Result<(), Halt> {
        let api = self.api().ok_or(Halt::INTERNAL)?;
        let place = Place::of_api(
            self.image.bytes(api.partition),
            self.image.bytes(api.region),
            self.image.bytes(api.account),
        );
        let policies = [((Kind::Identity, 0), document)];
        record
            .policies(&self.heap(), &policies, &place)
            .map_err(|_| MISCONFIGURED)
    }

    /// What a REST API's authorizer answers: a policy, and a context of flat values.
    pub(super) fn method_record(&mut self, output: Value) -> Result<Record, Halt> {
        let mut record = self.policy_record(output)?;
        let context = self.heap().member(output, b"context")?;
        match context {
            None | Some(Value::Null) => {}
            Some(map @ Value::Map(_)) => {
                let mut at = 0;
                while let Some((Value::Text(name), value)) = self.heap().pair(map, at) {
                    at += 1;
                    // Flat values only, every one as text.
                    let text = match value {
                        Value::Text(_)
                        | Value::Bool(_)
                        | Value::Int(_)
                        | Value::Double(_)
                        | Value::Big(_) => self.heap().to_text(value, Style::Java)?,
                        _ => return Err(MISCONFIGURED),
                    };
                    record
                        .member(self.bytes(name), self.bytes(text))
                        .map_err(|_| MISCONFIGURED)?;
                }
            }
            Some(_) => return Err(MISCONFIGURED),
        }
        Ok(record)
    }

    /// The record that the host lends.
    pub(crate) fn identity(&self) -> Option<Image<'v>> {
        self.world.identity.map(Image::of_identity)
    }

    /// The record is lent: what its policy says of this method, with the resource policy's verdict.
    pub(crate) fn judge(&mut self) -> Result<Next, Halt> {
        let identity = self.identity().ok_or(MISCONFIGURED)?;
        let said = self.verdict(identity, Label(0));
        let verdict = said.map_or(Verdict::Deny(0), |(verdict, _)| verdict);
        match (verdict, self.core.resource) {
            (Verdict::Deny(_), _) => Err(self.refused_by_authorizer(b" with an explicit deny")?),
            (Verdict::Allow(_), _) | (_, Some(Verdict::Allow(_))) => self.authorized(),
            (Verdict::None | Verdict::Role(_) | Verdict::Delegate(_), _) => {
                Err(self.refused_by_authorizer(b"")?)
            }
        }
    }

    fn refused_by_authorizer(&mut self, suffix: &[u8]) -> Result<Halt, Halt> {
        let start = self.scratch.text_len();
        self.scratch
            .append(b"User is not authorized to access this resource")?;
        self.scratch.append(suffix)?;
        let message = self.scratch.since(start);
        Ok(Halt::new(ResponseType::AccessDenied).message(message))
    }

    fn identity_item(&self, index: u32) -> Option<Text> {
        let identity = self.identity()?;
        let item: r::Item = identity.record(Section::Lists, index)?;
        Some(identity.text(item.text)).filter(|text| !text.is_empty())
    }

    /// The key that the authorizer's answer names.
    pub(crate) fn usage_key(&self) -> Option<Text> {
        self.identity_item(1)
    }

    /// A member of the authorizer's context.
    pub(crate) fn authorizer_value(&mut self, name: &[u8]) -> Result<Value, Halt> {
        if name == b"principalId" && !self.signs() {
            return Ok(self.identity_item(0).map_or(Value::Missing, Value::Text));
        }
        let members = self.authorizer_members();
        let mut found = Value::Missing;
        for i in 0..members.len {
            if let Some((key, value)) = members.get(self.scratch, i)
                && self.bytes(key) == name
            {
                found = value;
            }
        }
        self.authorizer_member(found)
    }

    /// The authorizer's context: its own members, then the principal.
    pub(crate) fn authorizer_members(&mut self) -> List {
        let mut list = List::default();
        let Some(identity) = self.identity().filter(|_| !self.signs()) else {
            return list;
        };
        let all = Range {
            off: 0,
            len: u32::MAX,
        };
        for member in identity.records::<r::Variable>(Section::Variables, all) {
            let value = Value::Text(identity.text(member.value));
            if list
                .push(self.scratch, identity.text(member.name), value)
                .is_err()
            {
                return List::default();
            }
        }
        list
    }

    /// Where the call of a function goes, out of its integration's ARN.
    pub(crate) fn lambda_target(&mut self) -> Option<()> {
        let uri = self.core.called.uri;
        let (from, to) = super::request::function_of(self.bytes(uri))?;
        self.core.called.target = uri.slice(from, to);
        Some(())
    }
}

/// The only part of an identity: the token, behind its length.
pub(super) fn token(identity: Text) -> Text {
    identity.slice(5, identity.len)
}
