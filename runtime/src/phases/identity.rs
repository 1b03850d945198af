//! Signatures and tokens: the host verifies, and what it finds becomes the caller's record.

use alloc::vec::Vec;

use super::Next;
use super::authorize::token;
use super::begin::MAX_BODY;
use crate::behaviour::Switch;
use crate::denial::Denial;
use crate::json::{JsonError, Mode, Style, parse};
use crate::machine::{Halt, List, Machine, Target, Waiting};
use crate::policy::{Place, Policy, Record};
use crate::response_type::ResponseType;
use crate::session::Phase;
use crate::text::percent;
use crate::value::{Text, Value};

/// What stands before the names of a token's claims in the caller's record.
pub(super) const CLAIMS: &[u8] = b"claims.";

impl<'v> Machine<'_, 'v> {
    /// The signature covers the body, so that is read first.
    pub(crate) fn authorize_by_signature(&mut self) -> Result<Next, Halt> {
        self.enter(Phase::Authorize);
        if !self.claims_signature() {
            return Err(Halt::new(ResponseType::MissingAuthenticationToken));
        }
        if self.world.body.is_none() {
            self.core.waiting = Waiting::SignedBody;
            return Ok(Next::ReadBody(MAX_BODY));
        }
        self.verify_signature()
    }

    /// The body is there, or needs no reading.
    pub(crate) fn verify_signature(&mut self) -> Result<Next, Halt> {
        if self.world.body.is_some_and(|b| b.len() > MAX_BODY as usize) {
            return Err(Halt::new(ResponseType::RequestTooLarge));
        }
        self.core.unsigned_payload = self.switch(Switch::SigV4UnsignedPayload) == 1;
        self.core.waiting = Waiting::Signature;
        Ok(Next::VerifySignature)
    }

    /// Whether anything in the request looks like a signature; else nobody is asked.
    fn claims_signature(&self) -> bool {
        self.header_folded(b"Authorization")
            .is_some_and(|value| !value.is_empty())
            || percent::pairs(self.query()).any(|(name, _)| {
                matches!(
                    name,
                    b"X-Amz-Algorithm" | b"X-Amz-Credential" | b"X-Amz-Signature"
                )
            })
    }

    pub(crate) fn authorize_by_token(&mut self) -> Result<Next, Halt> {
        self.enter(Phase::Authorize);
        let unauthorized = Halt::new(ResponseType::Unauthorized);
        let missing = Denial::MissingToken.code();
        let route = self.route().ok_or(Halt::INTERNAL)?;
        let authorizer = self.authorizer().ok_or(unauthorized)?;
        let ended = self.run(self.image, authorizer.identity, Target::Request)?;
        let (Value::Text(identity), false) = (ended.accumulator, ended.incomplete) else {
            return Err(self.challenged(unauthorized, missing, b""));
        };
        let token = self.without_scheme(token(identity));
        if token.is_empty() {
            return Err(self.challenged(unauthorized, missing, b""));
        }
        self.core.caller = Some(token);
        self.core.authorizer = route.authorizer;
        self.core.waiting = Waiting::Token;
        Ok(Next::VerifyToken)
    }

    /// A token without `Bearer` and the blanks around it.
    fn without_scheme(&self, token: Text) -> Text {
        const SCHEME: &[u8] = b"Bearer";
        let trimmed = self.trimmed(token);
        match self.bytes(trimmed).split_at_checked(SCHEME.len()) {
            Some((scheme, rest))
                if scheme.eq_ignore_ascii_case(SCHEME)
                    && rest.first().is_none_or(u8::is_ascii_whitespace) =>
            {
                self.trimmed(trimmed.slice(SCHEME.len() as u32, trimmed.len))
            }
            _ => trimmed,
        }
    }

    fn trimmed(&self, text: Text) -> Text {
        let bytes = self.bytes(text);
        let end = bytes.trim_ascii_end().len();
        let start = end.min(bytes.len() - bytes.trim_ascii_start().len());
        text.slice(start as u32, end as u32)
    }

    /// The host found the signature or token good: who it is becomes a record, for the host to lend.
    pub(crate) fn verified(
        &mut self,
        claims: &[u8],
        policies: &[Policy<'_>],
    ) -> Result<Next, Halt> {
        let signed = self.core.waiting == Waiting::Signature;
        let claims = self.object(claims)?;
        let mut record = Record::default();
        record.caller(b"", b"");
        let mut structured = Vec::new();
        let mut at = 0;
        while let Some((Value::Text(name), value)) = self.heap().pair(claims, at) {
            at += 1;
            if let (true, Value::List(_)) = (signed, value) {
                let values = self.each(value)?;
                record
                    .members(self.bytes(name), values)
                    .map_err(|_| Halt::INTERNAL)?;
                continue;
            }
            let value = match value {
                Value::Missing | Value::Null => continue,
                Value::List(_) | Value::Map(_) => {
                    let (text, value) = self.shown(value);
                    let json = self.heap().to_text(value, Style::Json)?;
                    structured.push((name, json));
                    text.unwrap_or(json)
                }
                _ => self.heap().to_text(value, Style::Java)?,
            };
            let name = if signed {
                name
            } else {
                let start = self.scratch.text_len();
                self.scratch.append(CLAIMS)?;
                self.append(name)?;
                self.scratch.since(start)
            };
            record
                .member(self.bytes(name), self.bytes(value))
                .map_err(|_| Halt::INTERNAL)?;
        }
        // A policy that cannot be read could be one that denies.
        let mut documents = List::default();
        for policy in policies {
            let document = self.object(policy.document)?;
            documents.push(self.scratch, Text::EMPTY, document)?;
        }
        let mut read = Vec::new();
        for (at, policy) in (0..).zip(policies) {
            let (_, document) = documents.get(self.scratch, at).ok_or(Halt::INTERNAL)?;
            read.push(((policy.kind, policy.level), document));
        }
        let api = self.api().ok_or(Halt::INTERNAL)?;
        let place = Place::of_api(
            self.image.bytes(api.partition),
            self.image.bytes(api.region),
            self.image.bytes(api.account),
        );
        record
            .policies(&self.heap(), &read, &place)
            .map_err(|_| Halt::INTERNAL)?;
        if !structured.is_empty() {
            // Nothing was asked.
            record.list(b"");
            for (name, json) in structured {
                record.list(self.bytes(name));
                record.list(self.bytes(json));
            }
        }
        let bytes = record.finish().map_err(|_| Halt::INTERNAL)?;
        self.core.record = Some(self.scratch.push(&bytes)?);
        self.core.authorizer_ttl_s = 0;
        self.core.authorizer_key = None;
        self.core.waiting = Waiting::Identity;
        Ok(Next::KeepIdentity)
    }

    /// A claim that is a list or an object, and the text that it is shown as, if the host says one.
    fn shown(&mut self, claim: Value) -> (Option<Text>, Value) {
        let heap = self.heap();
        let members = (
            heap.pair(claim, 0),
            heap.pair(claim, 1),
            heap.pair(claim, 2),
        );
        if let (
            Some((Value::Text(text), Value::Text(shown))),
            Some((Value::Text(value), held)),
            None,
        ) = members
            && self.bytes(text) == b"text"
            && self.bytes(value) == b"value"
        {
            return (Some(shown), held);
        }
        (None, claim)
    }

    /// The texts of a list: a condition key of several values.
    fn each(&mut self, list: Value) -> Result<Vec<Vec<u8>>, Halt> {
        let len = self.heap().object(list).map_or(0, |o| o.len());
        let mut values = Vec::new();
        for at in 0..len {
            let value = self.heap().item(list, at).ok_or(Halt::INTERNAL)?;
            let text = self.heap().to_text(value, Style::Java)?;
            values.push(self.bytes(text).to_vec());
        }
        Ok(values)
    }

    fn object(&mut self, json: &[u8]) -> Result<Value, Halt> {
        let text = self.scratch.push(json)?;
        match parse(&mut self.heap(), text, Mode::Strict) {
            Ok(map @ Value::Map(_)) => Ok(map),
            Ok(_) | Err(JsonError::Syntax(_) | JsonError::Bound(_)) => Err(Halt::INTERNAL),
        }
    }

    /// The host found it not good, and says why.
    pub(crate) fn not_verified(&mut self, code: u16, message: &[u8]) -> Halt {
        let Some(denial) = Denial::from_code(code) else {
            return Halt::INTERNAL;
        };
        let ty = ResponseType::named(denial.gateway_response());
        let halt = Halt::new(ty.unwrap_or(ResponseType::Default5xx))
            .status(denial.status())
            .error(denial.error_type());
        let halt = self.challenged(halt, code, message);
        if message.is_empty() {
            return halt;
        }
        match self.scratch.push(message) {
            Ok(text) => halt.message(text),
            Err(_) => Halt::INTERNAL,
        }
    }

    /// The record is lent: on to what the caller may do.
    pub(crate) fn identified(&mut self) -> Result<Next, Halt> {
        match self.route().map(|route| route.auth) {
            Some(1) => self.admit_signer(),
            Some(3 | 4) => self.admit_holder(),
            _ => self.judge(),
        }
    }
}
