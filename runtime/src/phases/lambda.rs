//! Lambda: the proxy event, format 1.0, what a proxy's result means, and the errors of a plain integration.

use super::Next;
use super::headers::Kind as Integration;
use super::identity::CLAIMS;
use super::template::CONTEXT;
use crate::json::{JsonError, Mode, Style, parse};
use crate::machine::{Halt, List, Machine, Message, OutBody, Variable, visible};
use crate::response_type::ResponseType;
use crate::text::{base64, print};
use crate::value::{Src, Text, Value};
use crate::vtl::Place;

/// A result that is not of the allowed shape.
const MALFORMED: Halt = Halt::INTERNAL.status(502);

/// Members of `requestContext.identity` that are there even if they are null.
pub(super) const IDENTITY: [Variable; 12] = [
    Variable::IdentityCognitoIdentityPoolId,
    Variable::IdentityAccountId,
    Variable::IdentityCognitoIdentityId,
    Variable::IdentityCaller,
    Variable::IdentitySourceIp,
    Variable::IdentityPrincipalOrgId,
    Variable::IdentityAccessKey,
    Variable::IdentityCognitoAuthenticationType,
    Variable::IdentityCognitoAuthenticationProvider,
    Variable::IdentityUserArn,
    Variable::IdentityUserAgent,
    Variable::IdentityUser,
];

impl Machine<'_, '_> {
    /// The event of a proxy integration.
    pub(crate) fn lambda_event(&mut self) -> Result<Text, Halt> {
        let body = self.world.body.unwrap_or(&[]);
        let binary = self.is_binary(self.lent(self.media_of_request()))
            || core::str::from_utf8(body).is_err();
        let mut event = Writer::new(self);
        event.open(self, b"{")?;
        self.event_head(&mut event)?;
        event.key(self, "requestContext")?;
        self.request_context(&mut event)?;
        event.key(self, "body")?;
        if body.is_empty() {
            event.raw(self, b"null")?;
        } else {
            let text = Text::whole(Src::Body, body);
            let text = if binary { self.base64(text)? } else { text };
            event.string(self, text)?;
        }
        event.key(self, "isBase64Encoded")?;
        event.raw(
            self,
            if binary && !body.is_empty() {
                b"true"
            } else {
                b"false"
            },
        )?;
        event.close(self, b"}")?;
        Ok(self.scratch.cut_out(event.start))
    }

    /// What a proxy event and an authorizer's event have in common before `requestContext`.
    pub(crate) fn event_head(&mut self, event: &mut Writer) -> Result<(), Halt> {
        event.key(self, "resource")?;
        let resource = self.context(Variable::ResourcePath)?;
        event.value(self, resource)?;
        event.key(self, "path")?;
        let path = self.event_path()?;
        event.string(self, path)?;
        event.key(self, "httpMethod")?;
        event.string(self, self.core.method)?;
        self.event_headers(event)?;
        self.event_query(event)?;
        self.event_parameters(event)?;
        self.event_variables(event)
    }

    /// The path behind the stage; leading slashes collapse, as recorded.
    pub(crate) fn event_path(&mut self) -> Result<Text, Halt> {
        let path = self.path();
        let slashes = path.iter().take_while(|b| **b == b'/').count() as u32;
        let (from, to) = self.core.path;
        if slashes == 0 {
            return Ok(self.scratch.push(b"/")?);
        }
        // A mapping of a custom domain is part of the path; a stage is not.
        Ok(Text::new(
            Src::Target,
            from + slashes - 1,
            to - (from + slashes - 1),
        ))
    }

    fn event_headers(&mut self, event: &mut Writer) -> Result<(), Halt> {
        let trace = self.trace_id()?;
        let start = self.scratch.text_len();
        print::address(self.scratch, self.world.head.peer)?;
        let mut forwarded = self.scratch.since(start);
        if let Some(before) = self.header_folded(b"X-Forwarded-For") {
            let start = self.scratch.text_len();
            self.append(before)?;
            self.scratch.append(b", ")?;
            self.scratch.append_within(forwarded.off, forwarded.len)?;
            forwarded = self.scratch.since(start);
        }
        let secure = self.world.head.secure;
        let port = self.scratch.push(if secure { b"443" } else { b"80" })?;
        let scheme = self.scratch.push(if secure { b"https" } else { b"http" })?;
        let names: [&[u8]; 4] = [
            b"X-Amzn-Trace-Id",
            b"X-Forwarded-For",
            b"X-Forwarded-Port",
            b"X-Forwarded-Proto",
        ];
        let mut list = List::default();
        for (i, header) in self.world.head.headers.iter().enumerate() {
            let Ok(i) = u16::try_from(i) else { break };
            if !visible(header.name) || names.iter().any(|n| n.eq_ignore_ascii_case(header.name)) {
                continue;
            }
            let name =
                self.event_name(header.name, Text::whole(Src::HeaderName(i), header.name))?;
            list.push(
                self.scratch,
                name,
                Value::Text(Text::whole(Src::HeaderValue(i), header.value)),
            )?;
        }
        for (name, value) in names.into_iter().zip([trace, forwarded, port, scheme]) {
            let name = self.scratch.push(name)?;
            list.push(self.scratch, name, Value::Text(value))?;
        }
        event.key(self, "headers")?;
        self.single_map(event, list)?;
        event.key(self, "multiValueHeaders")?;
        self.multi_map(event, list)
    }

    /// Names keep their letter case, but for these, as recorded.
    fn event_name(&mut self, name: &[u8], text: Text) -> Result<Text, Halt> {
        for known in [b"Authorization".as_slice(), b"User-Agent", b"Host"] {
            if known.eq_ignore_ascii_case(name) {
                return Ok(self.scratch.push(known)?);
            }
        }
        Ok(text)
    }

    fn event_query(&mut self, event: &mut Writer) -> Result<(), Halt> {
        let list = self.parameter_list(Place::Query)?;
        event.key(self, "queryStringParameters")?;
        self.single_map(event, list)?;
        event.key(self, "multiValueQueryStringParameters")?;
        self.multi_map(event, list)
    }

    fn event_parameters(&mut self, event: &mut Writer) -> Result<(), Halt> {
        event.key(self, "pathParameters")?;
        let list = self.parameter_list(Place::Path)?;
        self.single_map(event, list)
    }

    fn event_variables(&mut self, event: &mut Writer) -> Result<(), Halt> {
        event.key(self, "stageVariables")?;
        let list = self.variable_list()?;
        self.single_map(event, list)
    }

    /// An object of the last value of each name; `null` if there is none.
    pub(super) fn single_map(&mut self, event: &mut Writer, list: List) -> Result<(), Halt> {
        if list.len == 0 {
            return event.raw(self, event.empty);
        }
        event.open(self, b"{")?;
        for i in 0..list.len {
            let Some((name, _)) = list.get(self.scratch, i) else {
                continue;
            };
            if self.earlier(list, name, i) {
                continue;
            }
            let last = (i..list.len).rev().find_map(|k| {
                let (n, v) = list.get(self.scratch, k)?;
                (self.bytes(n) == self.bytes(name)).then_some(v)
            });
            event.member(self, name)?;
            event.value(self, last.unwrap_or_default())?;
        }
        event.close(self, b"}")
    }

    /// An object of all values of each name; `null` if there is none.
    pub(super) fn multi_map(&mut self, event: &mut Writer, list: List) -> Result<(), Halt> {
        if list.len == 0 {
            return event.raw(self, event.empty);
        }
        event.open(self, b"{")?;
        for i in 0..list.len {
            let Some((name, _)) = list.get(self.scratch, i) else {
                continue;
            };
            if self.earlier(list, name, i) {
                continue;
            }
            event.member(self, name)?;
            event.open(self, b"[")?;
            for k in i..list.len {
                if let Some((n, v)) = list.get(self.scratch, k)
                    && self.bytes(n) == self.bytes(name)
                {
                    event.item(self)?;
                    event.value(self, v)?;
                }
            }
            event.close(self, b"]")?;
        }
        event.close(self, b"}")
    }

    fn earlier(&self, list: List, name: Text, before: u32) -> bool {
        (0..before).any(|i| {
            list.get(self.scratch, i)
                .is_some_and(|(n, _)| self.bytes(n) == self.bytes(name))
        })
    }

    /// `requestContext`.
    pub(crate) fn request_context(&mut self, event: &mut Writer) -> Result<(), Halt> {
        event.open(self, b"{")?;
        for variable in CONTEXT {
            let value = self.context(variable)?;
            event.key(self, variable.name())?;
            event.value(self, value)?;
        }
        let canary = self.context(Variable::IsCanaryRequest)?;
        if let Value::Text(text) = canary {
            event.key(self, "isCanaryRequest")?;
            let word = if self.bytes(text) == b"true" {
                b"true".as_slice()
            } else {
                b"false"
            };
            event.raw(self, word)?;
        }
        if self.identity().is_some() && !self.signs() {
            event.key(self, "authorizer")?;
            event.open(self, b"{")?;
            let members = self.authorizer_members();
            let mut claims = false;
            for i in 0..members.len {
                let Some((name, value)) = members.get(self.scratch, i) else {
                    continue;
                };
                // All members of a token's record are claims.
                let claim = self.holds_tokens() && self.bytes(name).starts_with(CLAIMS);
                if claim && !claims {
                    event.key(self, "claims")?;
                    event.open(self, b"{")?;
                    claims = true;
                }
                let name = if claim {
                    name.slice(CLAIMS.len() as u32, name.len)
                } else {
                    name
                };
                event.member(self, name)?;
                event.value(self, value)?;
            }
            if claims {
                event.close(self, b"}")?;
            }
            let principal = self.authorizer_value(b"principalId")?;
            if principal != Value::Missing {
                event.key(self, "principalId")?;
                event.value(self, principal)?;
            }
            event.close(self, b"}")?;
        }
        event.key(self, "identity")?;
        event.open(self, b"{")?;
        for variable in IDENTITY {
            let value = self.context(variable)?;
            let (_, name) = variable
                .name()
                .split_once('.')
                .unwrap_or(("", variable.name()));
            event.key(self, name)?;
            event.value(self, value)?;
        }
        for (variable, name) in [
            (Variable::IdentityApiKey, "apiKey"),
            (Variable::IdentityApiKeyId, "apiKeyId"),
            (Variable::IdentityVpceId, "vpceId"),
        ] {
            let value = self.context(variable)?;
            if value != Value::Missing {
                event.key(self, name)?;
                event.value(self, value)?;
            }
        }
        event.close(self, b"}")?;
        event.close(self, b"}")
    }

    /// The result of a proxy integration: an object of allowed members only.
    pub(crate) fn lambda_answer(&mut self) -> Result<Next, Halt> {
        let result = self.lambda_result().ok_or(MALFORMED)?;
        let Value::Map(_) = result else {
            return Err(MALFORMED);
        };
        self.core.answer = Message {
            status: 200,
            ..Message::default()
        };
        let (mut body, mut encoded) = (None, false);
        let (mut single, mut multi) = (Value::Missing, Value::Missing);
        let mut at = 0;
        while let Some((Value::Text(key), value)) = self.heap().pair(result, at) {
            at += 1;
            match (self.bytes(key), value) {
                (b"statusCode", Value::Null) => {}
                (b"statusCode", value) => {
                    self.core.answer.status = self.lambda_status(value).ok_or(MALFORMED)?
                }
                (b"headers", value @ (Value::Map(_) | Value::Null)) => single = value,
                (b"multiValueHeaders", value @ (Value::Map(_) | Value::Null)) => multi = value,
                (b"body", Value::Null) => {}
                (b"body", Value::Text(text)) => body = Some(text),
                (
                    b"body",
                    value @ (Value::Int(_) | Value::Double(_) | Value::Bool(_) | Value::Big(_)),
                ) => {
                    body = self.printed(value)?;
                }
                (b"isBase64Encoded", Value::Bool(b)) => encoded = b,
                (b"isBase64Encoded", Value::Null) => {}
                _ => return Err(MALFORMED),
            }
        }
        self.lambda_headers(multi, single)?;
        self.core.answer.body = match body {
            None => OutBody::Empty,
            Some(text) if encoded && self.wants_binary() => {
                let decoded = match text.src {
                    Src::Scratch => self.decode_scratch(text)?,
                    _ => base64::decode(self.scratch, self.lent(text))?,
                };
                // Bad base64 is 500, not 502, as recorded.
                OutBody::Text(decoded.ok_or(Halt::new(ResponseType::ApiConfigurationError))?)
            }
            Some(text) => OutBody::Text(text),
        };
        self.remap_answer(Integration::LambdaProxy)?;
        let mut list = self.core.answer.headers;
        let json = self.scratch.push(b"application/json")?;
        self.add_default(&mut list, b"Content-Type", json)?;
        self.core.answer.headers = list;
        self.core.traced = true;
        self.respond()
    }

    /// The payload of the function, if it is JSON and the function did not fail.
    fn lambda_result(&mut self) -> Option<Value> {
        let backend = self.backend()?;
        let failed = backend
            .headers
            .iter()
            .any(|h| h.name.eq_ignore_ascii_case(b"X-Amz-Function-Error"));
        if failed || backend.status >= 300 {
            return None;
        }
        let body = Text::whole(Src::Backend, backend.body?);
        parse(&mut self.heap(), body, Mode::Strict).ok()
    }

    /// An integer, or its text.
    pub(super) fn lambda_status(&mut self, value: Value) -> Option<u16> {
        let status = match value {
            Value::Int(n) => u16::try_from(n).ok()?,
            Value::Text(text) => core::str::from_utf8(self.bytes(text)).ok()?.parse().ok()?,
            _ => return None,
        };
        (100..=599).contains(&status).then_some(status)
    }

    /// Values of both maps: the multi map's first, names joined whatever their letter case, its case printed.
    pub(super) fn lambda_headers(&mut self, multi: Value, single: Value) -> Result<(), Halt> {
        let mut list = List::default();
        let mut at = 0;
        while let Some((Value::Text(name), values)) = self.heap().pair(multi, at) {
            at += 1;
            let Some(object) = self
                .heap()
                .object(values)
                .filter(|_| matches!(values, Value::List(_)))
            else {
                return Err(MALFORMED);
            };
            for i in 0..object.len() {
                let item = self.heap().item(values, i).unwrap_or_default();
                let text = self.lambda_header(item)?;
                list.push(self.scratch, name, Value::Text(text))?;
            }
        }
        let mut at = 0;
        while let Some((Value::Text(name), value)) = self.heap().pair(single, at) {
            at += 1;
            let text = self.lambda_header(value)?;
            let spelled = self
                .find(list, self.bytes(name))
                .and_then(|i| list.get(self.scratch, i));
            list.push(
                self.scratch,
                spelled.map_or(name, |(n, _)| n),
                Value::Text(text),
            )?;
        }
        self.core.answer.headers = list;
        Ok(())
    }

    fn lambda_header(&mut self, value: Value) -> Result<Text, Halt> {
        match value {
            Value::Text(_) | Value::Bool(_) => {
                let text = self.printed(value)?.unwrap_or(Text::EMPTY);
                self.one_line(text)
            }
            _ => Err(MALFORMED),
        }
    }

    pub(super) fn decode_scratch(&mut self, text: Text) -> Result<Option<Text>, Halt> {
        // The decoder reads while it appends: quads of at most 64 characters at a time.
        let bytes = self.bytes(text);
        let body = bytes.len()
            - bytes
                .iter()
                .rev()
                .take(2)
                .take_while(|b| **b == b'=')
                .count();
        if (body < bytes.len() && !bytes.len().is_multiple_of(4)) || body % 4 == 1 {
            return Ok(None);
        }
        let start = self.scratch.text_len();
        let mut at = 0;
        while (at as usize) < body {
            let len = (body as u32 - at).min(64);
            let mut chunk = [0u8; 64];
            let from = self
                .scratch
                .bytes(text.off + at, len)
                .ok_or(Halt::INTERNAL)?;
            let to = chunk.get_mut(..len as usize).ok_or(Halt::INTERNAL)?;
            to.copy_from_slice(from);
            if to.contains(&b'=') || base64::decode(self.scratch, to)?.is_none() {
                return Ok(None);
            }
            at += len;
        }
        Ok(Some(self.scratch.since(start)))
    }

    /// The message of a failed function; `None` after a success, which no pattern fits.
    pub(crate) fn lambda_error(&mut self) -> Result<Option<Text>, Halt> {
        let Some(backend) = self.world.backend else {
            return Ok(None);
        };
        if !backend
            .headers
            .iter()
            .any(|h| h.name.eq_ignore_ascii_case(b"X-Amz-Function-Error"))
        {
            return Ok(None);
        }
        let body = Text::whole(Src::Backend, backend.body.unwrap_or(&[]));
        let parsed = match parse(&mut self.heap(), body, Mode::Strict) {
            Ok(value @ Value::Map(_)) => value,
            Ok(_) | Err(JsonError::Syntax(_)) => return Ok(None),
            Err(JsonError::Bound(bound)) => return Err(bound.into()),
        };
        match self.heap().member(parsed, b"errorMessage")? {
            Some(value @ Value::Text(_)) => self.printed(value),
            _ => Ok(None),
        }
    }
}

/// Writes JSON to the scratch's output.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Writer {
    pub(crate) start: usize,
    comma: bool,
    /// How a map without members is written.
    pub(crate) empty: &'static [u8],
}

impl Writer {
    pub(crate) fn new(machine: &Machine<'_, '_>) -> Writer {
        Writer {
            start: machine.scratch.out_len(),
            comma: false,
            empty: b"null",
        }
    }

    pub(crate) fn raw(&mut self, m: &mut Machine<'_, '_>, bytes: &[u8]) -> Result<(), Halt> {
        self.comma = true;
        Ok(m.scratch.emit(bytes)?)
    }

    pub(crate) fn open(&mut self, m: &mut Machine<'_, '_>, bracket: &[u8]) -> Result<(), Halt> {
        self.comma = false;
        Ok(m.scratch.emit(bracket)?)
    }

    pub(crate) fn close(&mut self, m: &mut Machine<'_, '_>, bracket: &[u8]) -> Result<(), Halt> {
        self.raw(m, bracket)
    }

    /// Before an item of an array.
    pub(crate) fn item(&mut self, m: &mut Machine<'_, '_>) -> Result<(), Halt> {
        if self.comma {
            m.scratch.emit(b",")?;
        }
        self.comma = true;
        Ok(())
    }

    /// A member's key that needs no escape.
    pub(crate) fn key(&mut self, m: &mut Machine<'_, '_>, name: &str) -> Result<(), Halt> {
        self.item(m)?;
        m.scratch.emit(b"\"")?;
        m.scratch.emit(name.as_bytes())?;
        Ok(m.scratch.emit(b"\":")?)
    }

    /// A member's key.
    pub(crate) fn member(&mut self, m: &mut Machine<'_, '_>, name: Text) -> Result<(), Halt> {
        self.item(m)?;
        self.string(m, name)?;
        Ok(m.scratch.emit(b":")?)
    }

    pub(crate) fn string(&mut self, m: &mut Machine<'_, '_>, text: Text) -> Result<(), Halt> {
        self.comma = true;
        m.heap().print(Value::Text(text), Style::Json)?;
        Ok(())
    }

    /// What is JSON already.
    pub(crate) fn json(&mut self, m: &mut Machine<'_, '_>, text: Text) -> Result<(), Halt> {
        self.comma = true;
        let bytes = m.lent(text);
        Ok(m.scratch.emit(bytes)?)
    }

    /// A scalar; what is missing is `null`.
    pub(crate) fn value(&mut self, m: &mut Machine<'_, '_>, value: Value) -> Result<(), Halt> {
        self.comma = true;
        match value {
            Value::Missing => Ok(m.scratch.emit(b"null")?),
            value => Ok(m.heap().print(value, Style::Json)?),
        }
    }
}
