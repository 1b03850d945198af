//! Events and answers of authorizers, and how a caller is told what is wrong with its token.

use crate::bundle::Section;
use crate::bundle::records as r;
use crate::denial::Denial;
use crate::json::{Mode, Style, parse};
use crate::machine::{Halt, Machine, Variable};
use crate::phases::authorize::MISCONFIGURED;
use crate::phases::lambda::Writer;
use crate::policy::Record;
use crate::value::{Text, Value};

/// Kinds of a record: events of format 2.0, and those whose answer is no policy.
const SECOND: u8 = 4;
const SIMPLE: u8 = 5;

/// What a truth value says, as the policy that says the same.
const ALLOW: &[u8] =
    br#"{"Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]}"#;
const DENY: &[u8] =
    br#"{"Statement":[{"Effect":"Deny","Action":"execute-api:Invoke","Resource":"*"}]}"#;

impl Machine<'_, '_> {
    pub(in crate::phases) fn http_authorizer_event(
        &mut self,
        authorizer: &r::Authorizer,
    ) -> Result<Text, Halt> {
        let second = authorizer.kind >= SECOND;
        let mut event = Writer::new(self);
        event.open(self, b"{")?;
        event.key(self, "version")?;
        event.raw(self, if second { b"\"2.0\"" } else { b"\"1.0\"" })?;
        event.key(self, "type")?;
        event.raw(self, b"\"REQUEST\"")?;
        event.key(self, if second { "routeArn" } else { "methodArn" })?;
        let start = self.scratch.text_len();
        self.append_arn(false)?;
        let arn = self.scratch.since(start);
        event.string(self, arn)?;
        if second {
            event.key(self, "identitySource")?;
            self.identity_sources(&mut event)?;
            self.second_head(&mut event)?;
            event.key(self, "requestContext")?;
            self.second_context(&mut event, false)?;
        } else {
            let joined = self.joined_sources()?;
            for name in ["identitySource", "authorizationToken"] {
                event.key(self, name)?;
                event.string(self, joined)?;
            }
            // Unlike a proxy's, its empty maps are empty objects.
            event.empty = b"{}";
            self.first_head(&mut event, false)?;
            event.key(self, "requestContext")?;
            self.authorizer_context(&mut event)?;
        }
        event.close(self, b"}")?;
        Ok(self.scratch.cut_out(event.start))
    }

    /// `requestContext` of an authorizer's event of format 1.0.
    fn authorizer_context(&mut self, event: &mut Writer) -> Result<(), Halt> {
        event.open(self, b"{")?;
        for variable in [
            Variable::Path,
            Variable::AccountId,
            Variable::Stage,
            Variable::RequestId,
            Variable::ResourcePath,
            Variable::HttpMethod,
            Variable::ApiId,
        ] {
            event.key(self, variable.name())?;
            let value = self.context(variable)?;
            event.value(self, value)?;
        }
        event.key(self, "resourceId")?;
        event.raw(self, b"null")?;
        event.key(self, "identity")?;
        event.open(self, b"{")?;
        event.key(self, "sourceIp")?;
        let address = self.context(Variable::IdentitySourceIp)?;
        event.value(self, address)?;
        event.close(self, b"}")?;
        event.close(self, b"}")
    }

    /// The part of the caller's identity at `at`, and where the next one is.
    fn source(&self, at: u32) -> Option<(Text, u32)> {
        let identity = self.core.caller?;
        // Behind a mark, each part has its length in four bytes.
        let head = self.bytes(identity.slice(at.checked_add(1)?, at.checked_add(5)?));
        let len = u32::from_le_bytes(*head.first_chunk()?);
        let from = at.checked_add(5)?;
        let to = from.checked_add(len)?;
        (to <= identity.len).then(|| (identity.slice(from, to), to))
    }

    /// The values of the identity sources; `null` if none are asked for.
    fn identity_sources(&mut self, event: &mut Writer) -> Result<(), Halt> {
        let Some((mut value, mut next)) = self.source(0) else {
            return event.raw(self, b"null");
        };
        event.open(self, b"[")?;
        loop {
            event.item(self)?;
            event.string(self, value)?;
            match self.source(next) {
                Some(more) => (value, next) = more,
                None => return event.close(self, b"]"),
            }
        }
    }

    fn joined_sources(&mut self) -> Result<Text, Halt> {
        let start = self.scratch.text_len();
        let mut at = 0;
        while let Some((value, next)) = self.source(at) {
            if at > 0 {
                self.scratch.append_byte(b',')?;
            }
            self.append(value)?;
            at = next;
        }
        Ok(self.scratch.since(start))
    }

    /// What a function answered: a truth value or a policy, and a context. Members keep their types as JSON.
    pub(in crate::phases) fn http_record(&mut self, output: Value) -> Result<Record, Halt> {
        let kind = self.authorizer().ok_or(MISCONFIGURED)?.kind;
        let mut record = if kind == SIMPLE {
            let document = match self.heap().member(output, b"isAuthorized")? {
                Some(Value::Bool(true)) => ALLOW,
                Some(Value::Bool(false)) => DENY,
                _ => return Err(MISCONFIGURED),
            };
            let text = self.scratch.push(document)?;
            let document =
                parse(&mut self.heap(), text, Mode::Strict).map_err(|_| MISCONFIGURED)?;
            let mut record = Record::default();
            record.caller(b"", b"");
            self.identity_policy(document, &mut record)?;
            record
        } else {
            self.policy_record(output)?
        };
        let map = match self.heap().member(output, b"context")? {
            None | Some(Value::Null) => return Ok(record),
            Some(map @ Value::Map(_)) => map,
            Some(_) => return Err(MISCONFIGURED),
        };
        let mut at = 0;
        while let Some((Value::Text(name), value)) = self.heap().pair(map, at) {
            at += 1;
            let first = kind < SECOND;
            if first
                && (self.bytes(name) == b"claims"
                    || matches!(value, Value::List(_) | Value::Map(_)))
            {
                return Err(MISCONFIGURED);
            }
            let json = self.heap().to_text(value, Style::Json)?;
            record
                .member(self.bytes(name), self.bytes(json))
                .map_err(|_| MISCONFIGURED)?;
        }
        Ok(record)
    }

    /// A member of a function's context; a token's claims are texts.
    pub(in crate::phases) fn typed_member(&mut self, kept: Value) -> Result<Value, Halt> {
        match kept {
            Value::Text(json) if !self.holds_tokens() => {
                parse(&mut self.heap(), json, Mode::Strict).map_err(|_| Halt::INTERNAL)
            }
            other => Ok(other),
        }
    }

    /// `www-authenticate`: what is wrong with the token, and the scopes that the route asks for.
    pub(in crate::phases) fn challenge(
        &mut self,
        halt: Halt,
        code: u16,
        message: &[u8],
    ) -> Result<Halt, Halt> {
        let start = self.scratch.text_len();
        self.scratch.append(b"Bearer")?;
        let error: &[u8] = match Denial::from_code(code) {
            Some(Denial::MissingToken) => b"",
            Some(Denial::ScopeForbidden) => {
                self.scratch.append(b" scope=\"")?;
                let range = self.route().map(|route| route.scopes).unwrap_or_default();
                let scopes = self.image.records::<r::Item>(Section::Lists, range);
                for (i, scope) in scopes.enumerate() {
                    if i > 0 {
                        self.scratch.append(b" ")?;
                    }
                    self.append_quoted(self.image.bytes(scope.text))?;
                }
                b"\" error=\"insufficient_scope\""
            }
            Some(Denial::InvalidToken | Denial::ExpiredToken | Denial::KeySource) => {
                b" scope=\"\" error=\"invalid_token\""
            }
            // Signatures have no challenge.
            _ => return Ok(halt),
        };
        if !error.is_empty() {
            self.scratch.append(error)?;
            self.scratch.append(b" error_description=\"")?;
            self.append_quoted(message)?;
            self.scratch.append(b"\"")?;
        }
        Ok(Halt {
            detail: Some(self.scratch.since(start)),
            ..halt
        })
    }

    /// What may stand in a quoted value of a header.
    fn append_quoted(&mut self, text: &[u8]) -> Result<(), Halt> {
        for byte in text {
            if matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\') {
                self.scratch.append_byte(*byte)?;
            }
        }
        Ok(())
    }
}
