//! The integration request: mappings, template choice, content conversion, template, overrides, URI, headers.

use super::Next;
use super::headers::{Kind, dropped_from_request, passes_to_proxy};
use crate::machine::{
    Called, CalledKind, Halt, List, Machine, Message, OutBody, Output, Target, Waiting,
};
use crate::response_type::ResponseType;
use crate::session::Phase;
use crate::text::percent;
use crate::value::{Src, Text, Value};

const ACCEPT_INSECURE: u8 = 1;
const STREAM: u8 = 2;
const CLIENT_VERB: u8 = 4;
const CALLER: u8 = 8;
const BROKEN: u8 = 16;

impl Machine<'_, '_> {
    pub(crate) fn integration_request(&mut self) -> Result<Next, Halt> {
        self.enter(Phase::Request);
        let integration = self.integration().ok_or(Halt::INTERNAL)?;
        let kind = Kind::numbered(integration.kind).ok_or(Halt::INTERNAL)?;
        self.core.request = Message::default();
        self.run(self.image, integration.request, Target::Request)?;
        if integration.flags & BROKEN != 0 {
            return Err(Halt::new(ResponseType::ApiConfigurationError));
        }
        if kind == Kind::Mock {
            return self.mock();
        }
        self.apply_request_overrides()?;
        self.convert_passed(kind)?;
        self.core.called = Called {
            method: if integration.flags & CLIENT_VERB != 0 {
                self.core.method
            } else {
                self.image.text(integration.method)
            },
            timeout_ms: integration.timeout_ms,
            insecure: integration.flags & ACCEPT_INSECURE != 0,
            // An answer that is to be kept is read whole.
            stream_back: (integration.flags & STREAM != 0 || kind == Kind::HttpProxy)
                && self.core.cache_key.is_none(),
            credentials: self.constant(integration.credentials),
            vpc_link: self.constant(integration.vpc_link),
            ..Called::default()
        };
        if integration.flags & CALLER != 0 {
            let caller = self.scratch.push(b"arn:aws:iam::*:user/*")?;
            self.core.called.credentials = Some(caller);
        }
        let ended = self.run(self.image, integration.uri, Target::Request)?;
        let Value::Text(uri) = ended.accumulator else {
            return Err(Halt::new(ResponseType::ApiConfigurationError));
        };
        self.core.called.uri = uri;
        match kind {
            Kind::Mock => return Err(Halt::INTERNAL),
            Kind::Http => self.http_request(kind)?,
            Kind::HttpProxy => self.proxy_request(&integration)?,
            Kind::Lambda | Kind::LambdaProxy | Kind::Service | Kind::LambdaProxy2 => {
                self.aws_request(kind)?;
            }
        }
        self.enter(Phase::Integrate);
        self.core.waiting = Waiting::Integration;
        Ok(Next::Integrate)
    }

    /// A body that is passed on goes through the content conversion; a proxy's never enters.
    fn convert_passed(&mut self, kind: Kind) -> Result<(), Halt> {
        if self.core.request.body != OutBody::PassRequest || kind == Kind::HttpProxy {
            return Ok(());
        }
        let converted = self.request_body()?;
        self.core.request.body = match converted.text {
            text if text.is_empty() => OutBody::Empty,
            text if text.src == Src::Body => OutBody::PassRequest,
            text => OutBody::Text(text),
        };
        Ok(())
    }

    pub(super) fn http_request(&mut self, kind: Kind) -> Result<(), Halt> {
        self.http_uri(kind)?;
        let verb = self.bytes(self.core.called.method);
        if matches!(verb, b"GET" | b"HEAD" | b"OPTIONS") {
            self.core.request.body = OutBody::Empty;
        }
        let mapped = self.core.request.headers;
        let mut list = List::default();
        if kind == Kind::HttpProxy {
            for (i, header) in self.world.head.headers.iter().enumerate() {
                let Ok(i) = u16::try_from(i) else { break };
                // A mapped header replaces the client's of that name.
                if passes_to_proxy(header.name) && self.find(mapped, header.name).is_none() {
                    let name = Text::whole(Src::HeaderName(i), header.name);
                    let value = Text::whole(Src::HeaderValue(i), header.value);
                    list.push(self.scratch, name, Value::Text(value))?;
                }
            }
        }
        self.append_mapped(kind, mapped, &mut list)?;
        let json = self.scratch.push(b"application/json")?;
        self.add_default(&mut list, b"Accept", json)?;
        let agent = self.user_agent()?;
        self.add_default(&mut list, b"User-Agent", agent)?;
        self.copy_content_type(&mut list)?;
        let trace = self.trace_id()?;
        self.put(&mut list, b"X-Amzn-Trace-Id", trace)?;
        let api = self.api().ok_or(Halt::INTERNAL)?;
        self.put(
            &mut list,
            b"X-Amzn-Apigateway-Api-Id",
            self.image.text(api.id),
        )?;
        self.core.request.headers = list;
        Ok(())
    }

    fn append_mapped(&mut self, kind: Kind, mapped: List, list: &mut List) -> Result<(), Halt> {
        for i in 0..mapped.len {
            let Some((name, value)) = mapped.get(self.scratch, i) else {
                continue;
            };
            if !dropped_from_request(kind, self.bytes(name)) {
                list.push(self.scratch, name, value)?;
            }
        }
        Ok(())
    }

    fn user_agent(&mut self) -> Result<Text, Halt> {
        let api = self.api().ok_or(Halt::INTERNAL)?;
        let start = self.scratch.text_len();
        self.scratch.append(b"AmazonAPIGateway_")?;
        self.scratch.append(self.image.bytes(api.id))?;
        Ok(self.scratch.since(start))
    }

    /// The client's content type goes along, but not for methods that have no body.
    fn copy_content_type(&mut self, list: &mut List) -> Result<(), Halt> {
        if matches!(self.lent(self.core.method), b"GET" | b"HEAD" | b"OPTIONS") {
            return Ok(());
        }
        match self.header_folded(b"Content-Type") {
            Some(value) => self.add_default(list, b"Content-Type", value),
            None => Ok(()),
        }
    }

    /// Appends the query: the URI's own, then the client's (of a proxy), then what is mapped.
    pub(super) fn http_uri(&mut self, kind: Kind) -> Result<(), Halt> {
        let uri = self.core.called.uri;
        let mapped = self.core.request.query;
        let client = if kind == Kind::HttpProxy {
            self.query()
        } else {
            &[]
        };
        if !has_host(self.bytes(uri)) {
            return Err(Halt::new(ResponseType::ApiConfigurationError));
        }
        if client.is_empty() && mapped.len == 0 {
            return Ok(());
        }
        let open = !self.bytes(uri).contains(&b'?');
        let out = Output::begin(self.scratch);
        self.out_text(out, uri)?;
        let mut separator = if open {
            b'?'
        } else if matches!(self.bytes(uri).last(), Some(b'?' | b'&')) {
            0
        } else {
            b'&'
        };
        for (name, value) in percent::pairs(client) {
            self.separate(&mut separator)?;
            for (i, part) in [name, value].into_iter().enumerate() {
                if i == 1 {
                    self.scratch.emit(b"=")?;
                }
                // Decoded and encoded again, as the reference does.
                self.encode_decoded(part)?;
            }
        }
        self.append_query(mapped, &mut separator)?;
        self.core.called.uri = out.done(self.scratch);
        Ok(())
    }

    fn separate(&mut self, separator: &mut u8) -> Result<(), Halt> {
        if *separator != 0 {
            self.scratch.emit(&[*separator])?;
        }
        *separator = b'&';
        Ok(())
    }

    fn encode_decoded(&mut self, part: &[u8]) -> Result<(), Halt> {
        for byte in percent::decoded(part) {
            self.scratch.emit(percent::encoded(byte).as_bytes())?;
        }
        Ok(())
    }

    /// Appends mapped query parameters, encoded; a list gives one parameter for each item.
    fn append_query(&mut self, list: List, separator: &mut u8) -> Result<(), Halt> {
        for i in 0..list.len {
            let Some((name, value)) = list.get(self.scratch, i) else {
                continue;
            };
            let Value::List(_) = value else {
                self.query_item(name, value, separator)?;
                continue;
            };
            let count = self.heap().object(value).map_or(0, |o| o.len());
            for k in 0..count {
                let item = self.heap().item(value, k).unwrap_or_default();
                self.query_item(name, item, separator)?;
            }
        }
        Ok(())
    }

    fn query_item(&mut self, name: Text, value: Value, separator: &mut u8) -> Result<(), Halt> {
        // The query grows in the output, so that a printed value does not land in its middle.
        let Some(value) = self.printed(value)?.filter(|v| !v.is_empty()) else {
            return Ok(());
        };
        self.separate(separator)?;
        self.encode_text(name)?;
        self.scratch.emit(b"=")?;
        self.encode_text(value)
    }

    fn encode_text(&mut self, text: Text) -> Result<(), Halt> {
        if text.src != Src::Scratch {
            for byte in self.lent(text) {
                self.scratch.emit(percent::encoded(*byte).as_bytes())?;
            }
            return Ok(());
        }
        for i in 0..text.len {
            let byte = self
                .scratch
                .bytes(text.off + i, 1)
                .and_then(|b| b.first().copied())
                .unwrap_or(b'?');
            self.scratch.emit(percent::encoded(byte).as_bytes())?;
        }
        Ok(())
    }

    fn aws_request(&mut self, kind: Kind) -> Result<(), Halt> {
        let broken = Halt::new(ResponseType::ApiConfigurationError);
        let parts = split_arn(self.bytes(self.core.called.uri)).ok_or(broken)?;
        let uri = self.core.called.uri;
        let slice = |(from, to): (usize, usize)| uri.slice(from as u32, to as u32);
        self.core.called.region = slice(parts.region);
        self.core.called.service = slice(parts.service);
        self.core.called.target = slice(parts.target);
        let mapped = self.core.request.headers;
        let mut list = List::default();
        self.append_mapped(kind, mapped, &mut list)?;
        if kind == Kind::Service {
            let json = self.scratch.push(b"application/json")?;
            self.add_default(&mut list, b"Accept", json)?;
            let agent = self.user_agent()?;
            self.add_default(&mut list, b"User-Agent", agent)?;
            self.copy_content_type(&mut list)?;
            let trace = self.trace_id()?;
            self.put(&mut list, b"X-Amzn-Trace-Id", trace)?;
            self.core.called.kind = CalledKind::Service {
                action: parts.action,
            };
            let out = Output::begin(self.scratch);
            let query = self.core.request.query;
            self.append_query(query, &mut 0)?;
            self.core.called.query = out.done(self.scratch);
            self.core.request.headers = list;
            return Ok(());
        }
        let function = lambda_function(self.bytes(self.core.called.target)).ok_or(broken)?;
        self.core.called.target = self
            .core
            .called
            .target
            .slice(function.0 as u32, function.1 as u32);
        let asynchronous = self.find(list, b"X-Amz-Invocation-Type").is_some_and(|at| {
            matches!(list.get(self.scratch, at), Some((_, Value::Text(v))) if self.bytes(v) == b"Event")
        });
        self.core.called.kind = CalledKind::Lambda {
            asynchronous: asynchronous && kind == Kind::Lambda,
        };
        if matches!(kind, Kind::LambdaProxy | Kind::LambdaProxy2) {
            list = List::default();
            let event = self.proxy_event(kind == Kind::LambdaProxy2)?;
            self.core.request.body = OutBody::Text(event);
        }
        let trace = self.invocation_trace()?;
        self.put(&mut list, b"X-Amzn-Trace-Id", trace)?;
        self.core.request.headers = list;
        Ok(())
    }
}

/// Whether a URL has `http` or `https` and a host, or is the host's own echo.
fn has_host(uri: &[u8]) -> bool {
    if uri.starts_with(b"echo:") {
        return true;
    }
    let rest = match uri
        .strip_prefix(b"https://")
        .or_else(|| uri.strip_prefix(b"http://"))
    {
        Some(rest) => rest,
        None => return false,
    };
    let end = rest
        .iter()
        .position(|b| matches!(b, b'/' | b'?' | b'#'))
        .unwrap_or(rest.len());
    let host = rest.get(..end).unwrap_or(&[]);
    !host.is_empty() && !host.starts_with(b":") && host.iter().all(|b| b.is_ascii_graphic())
}

struct ArnParts {
    region: (usize, usize),
    service: (usize, usize),
    action: bool,
    target: (usize, usize),
}

/// The parts of `arn:PARTITION:apigateway:REGION:SERVICE:path|action/TARGET`, as offsets.
fn split_arn(arn: &[u8]) -> Option<ArnParts> {
    let mut colons = arn
        .iter()
        .enumerate()
        .filter(|(_, b)| **b == b':')
        .map(|(i, _)| i);
    let (first, second, third, fourth, fifth) = (
        colons.next()?,
        colons.next()?,
        colons.next()?,
        colons.next()?,
        colons.next()?,
    );
    if arn.get(..first)? != b"arn" || arn.get(second + 1..third)? != b"apigateway" {
        return None;
    }
    let rest = arn.get(fifth + 1..)?;
    let (action, skip) = if rest.starts_with(b"action/") {
        (true, 7)
    } else if rest.starts_with(b"path/") {
        (false, 5)
    } else {
        return None;
    };
    if fourth + 1 == fifth {
        return None;
    }
    Some(ArnParts {
        region: (third + 1, fourth),
        service: (fourth + 1, fifth),
        action,
        target: (fifth + 1 + skip, arn.len()),
    })
}

/// Where the function's ARN stands in an integration's ARN.
pub(super) fn function_of(arn: &[u8]) -> Option<(u32, u32)> {
    let parts = split_arn(arn)?;
    let (from, to) = lambda_function(arn.get(parts.target.0..parts.target.1)?)?;
    let at = |offset: usize| u32::try_from(parts.target.0 + offset).ok();
    Some((at(from)?, at(to)?))
}

/// The function's ARN within `2015-03-31/functions/ARN/invocations`.
fn lambda_function(target: &[u8]) -> Option<(usize, usize)> {
    let word = b"/functions/";
    let from = target.windows(word.len()).position(|w| w == word)? + word.len();
    let rest = target.get(from..)?;
    let end = rest.iter().rposition(|b| *b == b'/').unwrap_or(rest.len());
    let function = rest.get(..end)?;
    // A function's name that a stage variable left empty is no function.
    (!function.is_empty() && !function.ends_with(b":")).then_some((from, from + end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_needs_a_host() {
        for (url, want) in [
            ("https://example.com/a", true),
            ("http://h:8080?x", true),
            ("https:///a", false),
            ("https://", false),
            ("ftp://x", false),
            ("https://:80/", false),
            ("https://a b/", false),
        ] {
            assert_eq!(has_host(url.as_bytes()), want, "{url}");
        }
    }

    #[test]
    fn an_integration_arn_splits() {
        let arn = b"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:f/invocations";
        let parts = split_arn(arn).unwrap();
        assert_eq!(&arn[parts.region.0..parts.region.1], b"us-east-1");
        assert_eq!(&arn[parts.service.0..parts.service.1], b"lambda");
        let target = &arn[parts.target.0..parts.target.1];
        let (from, to) = lambda_function(target).unwrap();
        assert_eq!(&target[from..to], b"arn:aws:lambda:us-east-1:1:function:f");
        assert!(split_arn(b"arn:aws:apigateway:us-east-1:sqs:queue").is_none());
        assert!(
            lambda_function(
                b"2015-03-31/functions/arn:aws:lambda:us-east-1:1:function:/invocations"
            )
            .is_none()
        );
    }
}
