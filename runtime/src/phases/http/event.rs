//! What functions are told: events of formats 1.0 and 2.0.

use crate::machine::{Halt, List, Machine, Variable};
use crate::phases::identity::CLAIMS;
use crate::phases::lambda::{IDENTITY, Writer};
use crate::text::{media, print};
use crate::value::{Src, Text, Value};
use crate::vtl::Place;

/// Members of `requestContext` that are texts in both formats.
const COMMON: [Variable; 5] = [
    Variable::AccountId,
    Variable::ApiId,
    Variable::DomainName,
    Variable::DomainPrefix,
    Variable::Stage,
];

/// Headers of one connection alone.
pub(super) fn of_connection(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 9] = [
        b"Connection",
        b"Keep-Alive",
        b"Proxy-Authenticate",
        b"Proxy-Authorization",
        b"TE",
        b"Trailer",
        b"Trailers",
        b"Transfer-Encoding",
        b"Upgrade",
    ];
    NAMES.iter().any(|n| n.eq_ignore_ascii_case(name))
}

/// Whether a body of this media type is text.
fn is_text(media: &[u8]) -> bool {
    let is = |name: &[u8]| media.eq_ignore_ascii_case(name);
    let starts = |prefix: &[u8]| {
        media
            .get(..prefix.len())
            .is_some_and(|m| m.eq_ignore_ascii_case(prefix))
    };
    let ends = |suffix: &[u8]| {
        media
            .len()
            .checked_sub(suffix.len())
            .and_then(|at| media.get(at..))
            .is_some_and(|m| m.eq_ignore_ascii_case(suffix))
    };
    starts(b"text/")
        || is(b"application/json")
        || is(b"application/xml")
        || is(b"application/javascript")
        || starts(b"application/") && (ends(b"+json") || ends(b"+xml"))
}

/// Whether a name is the cookies'.
fn is_cookie(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"Cookie")
}

impl Machine<'_, '_> {
    /// The event of format 2.0.
    pub(in crate::phases) fn second_event(&mut self) -> Result<Text, Halt> {
        let mut event = Writer::new(self);
        event.open(self, b"{")?;
        event.key(self, "version")?;
        event.raw(self, b"\"2.0\"")?;
        self.second_head(&mut event)?;
        event.key(self, "requestContext")?;
        self.second_context(&mut event, true)?;
        if let Some((text, encoded)) = self.event_body()? {
            event.key(self, "body")?;
            event.string(self, text)?;
            event.key(self, "isBase64Encoded")?;
            event.raw(self, if encoded { b"true" } else { b"false" })?;
        } else {
            event.key(self, "isBase64Encoded")?;
            event.raw(self, b"false")?;
        }
        event.close(self, b"}")?;
        Ok(self.scratch.cut_out(event.start))
    }

    /// What events of format 2.0 for integrations and authorizers have in common before `requestContext`.
    pub(super) fn second_head(&mut self, event: &mut Writer) -> Result<(), Halt> {
        event.key(self, "routeKey")?;
        let key = self.route_key()?.unwrap_or(Text::EMPTY);
        event.string(self, key)?;
        event.key(self, "rawPath")?;
        let path = self.raw_path()?;
        event.string(self, path)?;
        event.key(self, "rawQueryString")?;
        let (from, to) = self.core.query;
        event.string(self, Text::new(Src::Target, from, to.saturating_sub(from)))?;
        self.cookies(event)?;
        event.key(self, "headers")?;
        let headers = self.sent_headers()?;
        self.joined_map(event, headers, true)?;
        let query = self.parameter_list(Place::Query)?;
        let path = self.parameter_list(Place::Path)?;
        let variables = self.variable_list()?;
        for (name, list) in [
            ("queryStringParameters", query),
            ("pathParameters", path),
            ("stageVariables", variables),
        ] {
            if list.len > 0 {
                event.key(self, name)?;
                self.joined_map(event, list, false)?;
            }
        }
        Ok(())
    }

    /// `requestContext` of format 2.0; an authorizer's has no `authorizer`.
    pub(super) fn second_context(
        &mut self,
        event: &mut Writer,
        authorized: bool,
    ) -> Result<(), Halt> {
        event.open(self, b"{")?;
        self.variables(event, &COMMON)?;
        if authorized {
            self.second_authorizer(event)?;
        }
        event.key(self, "http")?;
        event.open(self, b"{")?;
        for (name, variable) in [
            ("method", Variable::HttpMethod),
            ("path", Variable::Path),
            ("protocol", Variable::Protocol),
            ("sourceIp", Variable::IdentitySourceIp),
            ("userAgent", Variable::IdentityUserAgent),
        ] {
            event.key(self, name)?;
            let value = self.context(variable)?;
            let value = if value == Value::Missing {
                Value::Text(Text::EMPTY)
            } else {
                value
            };
            event.value(self, value)?;
        }
        event.close(self, b"}")?;
        self.variables(event, &[Variable::RequestId, Variable::RouteKey])?;
        for (name, variable) in [
            ("time", Variable::RequestTime),
            ("timeEpoch", Variable::RequestTimeEpoch),
        ] {
            event.key(self, name)?;
            let value = self.context(variable)?;
            event.value(self, value)?;
        }
        event.close(self, b"}")
    }

    /// The event of format 1.0.
    pub(in crate::phases) fn first_event(&mut self) -> Result<Text, Halt> {
        let mut event = Writer::new(self);
        event.open(self, b"{")?;
        event.key(self, "version")?;
        event.raw(self, b"\"1.0\"")?;
        self.first_head(&mut event, true)?;
        event.key(self, "requestContext")?;
        self.first_context(&mut event)?;
        let body = self.event_body()?;
        event.key(self, "body")?;
        match body {
            Some((text, _)) => event.string(self, text)?,
            None => event.raw(self, b"null")?,
        }
        event.key(self, "isBase64Encoded")?;
        let encoded = body.is_some_and(|(_, encoded)| encoded);
        event.raw(self, if encoded { b"true" } else { b"false" })?;
        event.close(self, b"}")?;
        Ok(self.scratch.cut_out(event.start))
    }

    /// What events of format 1.0 for integrations and authorizers have in common before `requestContext`;
    /// maps of several values are the integrations' alone.
    pub(super) fn first_head(&mut self, event: &mut Writer, several: bool) -> Result<(), Halt> {
        event.key(self, "resource")?;
        let resource = self.context(Variable::ResourcePath)?;
        event.value(self, resource)?;
        event.key(self, "path")?;
        let path = self.raw_path()?;
        event.string(self, path)?;
        event.key(self, "httpMethod")?;
        event.string(self, self.core.method)?;
        let headers = self.sent_headers()?;
        event.key(self, "headers")?;
        self.single_map(event, headers)?;
        if several {
            event.key(self, "multiValueHeaders")?;
            self.multi_map(event, headers)?;
        }
        let query = self.parameter_list(Place::Query)?;
        event.key(self, "queryStringParameters")?;
        self.single_map(event, query)?;
        if several {
            event.key(self, "multiValueQueryStringParameters")?;
            self.multi_map(event, query)?;
        }
        event.key(self, "pathParameters")?;
        let path = self.parameter_list(Place::Path)?;
        self.single_map(event, path)?;
        event.key(self, "stageVariables")?;
        let variables = self.variable_list()?;
        self.single_map(event, variables)
    }

    fn first_context(&mut self, event: &mut Writer) -> Result<(), Halt> {
        event.open(self, b"{")?;
        self.variables(event, &COMMON)?;
        self.variables(
            event,
            &[
                Variable::ExtendedRequestId,
                Variable::HttpMethod,
                Variable::Path,
                Variable::Protocol,
                Variable::RequestId,
                Variable::RequestTime,
                Variable::RequestTimeEpoch,
                Variable::ResourcePath,
            ],
        )?;
        event.key(self, "resourceId")?;
        event.raw(self, b"null")?;
        event.key(self, "authorizer")?;
        self.first_authorizer(event)?;
        event.key(self, "identity")?;
        event.open(self, b"{")?;
        for variable in IDENTITY {
            let value = self.context(variable)?;
            let name = variable.name();
            event.key(self, name.strip_prefix("identity.").unwrap_or(name))?;
            event.value(self, value)?;
        }
        event.close(self, b"}")?;
        event.close(self, b"}")
    }

    fn variables(&mut self, event: &mut Writer, list: &[Variable]) -> Result<(), Halt> {
        for variable in list {
            event.key(self, variable.name())?;
            let value = self.context(*variable)?;
            event.value(self, value)?;
        }
        Ok(())
    }

    /// `authorizer` of format 2.0, by its kind.
    fn second_authorizer(&mut self, event: &mut Writer) -> Result<(), Halt> {
        if self.identity().is_none() {
            return Ok(());
        }
        event.key(self, "authorizer")?;
        event.open(self, b"{")?;
        if self.signs() {
            event.key(self, "iam")?;
            event.open(self, b"{")?;
            for (name, variable) in [
                ("accessKey", Variable::IdentityAccessKey),
                ("accountId", Variable::IdentityAccountId),
                ("callerId", Variable::IdentityCaller),
                ("principalOrgId", Variable::IdentityPrincipalOrgId),
                ("userArn", Variable::IdentityUserArn),
                ("userId", Variable::IdentityUser),
            ] {
                event.key(self, name)?;
                let value = self.context(variable)?;
                event.value(self, value)?;
            }
            event.key(self, "cognitoIdentity")?;
            event.raw(self, b"null")?;
            event.close(self, b"}")?;
        } else if self.holds_tokens() {
            event.key(self, "jwt")?;
            event.open(self, b"{")?;
            self.claims_and_scopes(event)?;
            event.close(self, b"}")?;
        } else {
            event.key(self, "lambda")?;
            event.open(self, b"{")?;
            self.typed_members(event)?;
            event.close(self, b"}")?;
        }
        event.close(self, b"}")
    }

    /// `authorizer` of format 1.0: a token's claims and scopes, or what a function said.
    fn first_authorizer(&mut self, event: &mut Writer) -> Result<(), Halt> {
        event.open(self, b"{")?;
        if self.holds_tokens() || self.signs() || self.identity().is_none() {
            self.claims_and_scopes(event)?;
        } else {
            self.typed_members(event)?;
            let principal = self.authorizer_value(b"principalId")?;
            if principal != Value::Missing {
                event.key(self, "principalId")?;
                event.value(self, principal)?;
            }
        }
        event.close(self, b"}")
    }

    fn claims_and_scopes(&mut self, event: &mut Writer) -> Result<(), Halt> {
        let tokens = self.holds_tokens() && self.identity().is_some();
        event.key(self, "claims")?;
        if !tokens {
            event.raw(self, b"null")?;
        } else {
            event.open(self, b"{")?;
            let members = self.authorizer_members();
            for i in 0..members.len {
                if let Some((name, value)) = members.get(self.scratch, i) {
                    event.member(self, name.slice(CLAIMS.len() as u32, name.len))?;
                    event.value(self, value)?;
                }
            }
            event.close(self, b"}")?;
        }
        event.key(self, "scopes")?;
        let asks = self.route().is_some_and(|route| route.scopes.len > 0);
        if !tokens || !asks {
            return event.raw(self, b"null");
        }
        // The token's own: `scope` is one text, `scp` may have been a list.
        let held = match self.authorizer_value(b"claims.scope")? {
            Value::Text(text) => text,
            _ => match self.authorizer_value(b"claims.scp")? {
                Value::Text(text) => self.inside_brackets(text),
                _ => Text::EMPTY,
            },
        };
        event.open(self, b"[")?;
        let mut at = 0;
        while at < held.len {
            let rest = self.bytes(held.slice(at, held.len));
            let end = rest.iter().position(|b| *b == b' ').unwrap_or(rest.len()) as u32;
            if end > 0 {
                event.item(self)?;
                event.string(self, held.slice(at, at + end))?;
            }
            at += end + 1;
        }
        event.close(self, b"]")
    }

    /// `[a b]` without its brackets.
    fn inside_brackets(&self, text: Text) -> Text {
        match self.bytes(text) {
            [b'[', .., b']'] => text.slice(1, text.len - 1),
            _ => text,
        }
    }

    /// The members of a function's context, with their types.
    fn typed_members(&mut self, event: &mut Writer) -> Result<(), Halt> {
        let members = self.authorizer_members();
        for i in 0..members.len {
            if let Some((name, Value::Text(json))) = members.get(self.scratch, i) {
                event.member(self, name)?;
                // Kept as JSON.
                event.json(self, json)?;
            }
        }
        Ok(())
    }

    /// The client's headers, and what the gateway adds to them.
    fn sent_headers(&mut self) -> Result<List, Halt> {
        let trace = self.trace_root_id()?;
        let forwarded = self.forwarded_for()?;
        let secure = self.world.head.secure;
        let port = self.scratch.push(if secure { b"443" } else { b"80" })?;
        let scheme = self.scratch.push(if secure { b"https" } else { b"http" })?;
        let own: [(&[u8], Text); 4] = [
            (b"X-Amzn-Trace-Id", trace),
            (b"X-Forwarded-For", forwarded),
            (b"X-Forwarded-Port", port),
            (b"X-Forwarded-Proto", scheme),
        ];
        let mut list = List::default();
        for (i, header) in self.world.head.headers.iter().enumerate() {
            let Ok(i) = u16::try_from(i) else { break };
            if of_connection(header.name)
                || own.iter().any(|(n, _)| n.eq_ignore_ascii_case(header.name))
            {
                continue;
            }
            let value = Value::Text(Text::whole(Src::HeaderValue(i), header.value));
            list.push(
                self.scratch,
                Text::whole(Src::HeaderName(i), header.name),
                value,
            )?;
        }
        for (name, value) in own {
            let name = self.scratch.push(name)?;
            list.push(self.scratch, name, Value::Text(value))?;
        }
        Ok(list)
    }

    /// The pairs of all `Cookie` headers; absent if there is none.
    fn cookies(&mut self, event: &mut Writer) -> Result<(), Halt> {
        let mut any = false;
        for header in self.world.head.headers.iter().filter(|h| is_cookie(h.name)) {
            for pair in header.value.split(|b| *b == b';') {
                let pair = pair.trim_ascii();
                if pair.is_empty() {
                    continue;
                }
                if !core::mem::replace(&mut any, true) {
                    event.key(self, "cookies")?;
                    event.open(self, b"[")?;
                }
                event.item(self)?;
                let text = self.scratch.push(pair)?;
                event.string(self, text)?;
            }
        }
        if any {
            event.close(self, b"]")?;
        }
        Ok(())
    }

    /// An object with all values of each name, joined with `,`. Header names are in lower case, and cookies are
    /// elsewhere.
    fn joined_map(&mut self, event: &mut Writer, list: List, headers: bool) -> Result<(), Halt> {
        event.open(self, b"{")?;
        for i in 0..list.len {
            let Some((name, _)) = list.get(self.scratch, i) else {
                continue;
            };
            let same = |m: &Self, k: u32| {
                list.get(m.scratch, k).is_some_and(|(other, _)| {
                    if headers {
                        m.bytes(other).eq_ignore_ascii_case(m.bytes(name))
                    } else {
                        m.bytes(other) == m.bytes(name)
                    }
                })
            };
            if (headers && is_cookie(self.bytes(name))) || (0..i).any(|k| same(self, k)) {
                continue;
            }
            let shown = if headers { self.lower(name)? } else { name };
            event.member(self, shown)?;
            if !(i + 1..list.len).any(|k| same(self, k)) {
                let (_, value) = list.get(self.scratch, i).unwrap_or_default();
                event.value(self, value)?;
                continue;
            }
            let start = self.scratch.text_len();
            for k in i..list.len {
                if !same(self, k) {
                    continue;
                }
                if k > i {
                    self.scratch.append_byte(b',')?;
                }
                if let Some((_, Value::Text(value))) = list.get(self.scratch, k) {
                    self.append(value)?;
                }
            }
            let joined = self.scratch.since(start);
            event.string(self, joined)?;
        }
        event.close(self, b"}")
    }

    fn lower(&mut self, name: Text) -> Result<Text, Halt> {
        if !self.bytes(name).iter().any(u8::is_ascii_uppercase) {
            return Ok(name);
        }
        let start = self.scratch.text_len();
        self.append(name)?;
        let copy = self.scratch.since(start);
        if let Some(bytes) = self.scratch.bytes_mut(copy.off, copy.len) {
            bytes.make_ascii_lowercase();
        }
        Ok(copy)
    }

    /// The body as text, or in base64 where it may be bytes; none if it is empty.
    fn event_body(&mut self) -> Result<Option<(Text, bool)>, Halt> {
        let body = self.world.body.unwrap_or(&[]);
        if body.is_empty() {
            return Ok(None);
        }
        let ty = self
            .header_folded(b"Content-Type")
            .map_or(&[][..], |t| media::first(self.lent(t)));
        let packed = self
            .header_folded(b"Content-Encoding")
            .map(|t| self.lent(t).trim_ascii())
            .is_some_and(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case(b"identity"));
        let text = Text::whole(Src::Body, body);
        if is_text(ty) && !packed && core::str::from_utf8(body).is_ok() {
            return Ok(Some((text, false)));
        }
        Ok(Some((self.base64(text)?, true)))
    }
}

impl Machine<'_, '_> {
    /// The client's address behind those that it names itself.
    pub(in crate::phases) fn forwarded_for(&mut self) -> Result<Text, Halt> {
        let start = self.scratch.text_len();
        if let Some(before) = self.header_folded(b"X-Forwarded-For") {
            self.append(before)?;
            self.scratch.append(b", ")?;
        }
        print::address(self.scratch, self.world.head.peer)?;
        Ok(self.scratch.since(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_told_from_bytes_by_their_type() {
        for (media, text) in [
            ("text/plain", true),
            ("Application/JSON", true),
            ("application/problem+json", true),
            ("application/atom+XML", true),
            ("application/xml", true),
            ("application/javascript", true),
            ("image/svg+xml", false),
            ("application/x-www-form-urlencoded", false),
            ("multipart/form-data", false),
            ("application/octet-stream", false),
            ("", false),
        ] {
            assert_eq!(is_text(media.as_bytes()), text, "{media}");
        }
    }
}
