//! HTTP proxies: the whole request there, the whole answer back.

use super::event::of_connection;
use crate::bundle::records as r;
use crate::machine::{Halt, List, Machine, Output};
use crate::phases::Next;
use crate::phases::headers::Kind;
use crate::text::print;
use crate::value::{Src, Text, Value};

/// An integration's flag: the request's path is appended to its URI.
const APPENDS_PATH: u8 = 32;

/// The gateway's name for itself on the way.
const VIA: &[u8] = b"HTTP/1.1 AmazonAPIGateway";

impl Machine<'_, '_> {
    /// The client's headers and body pass; the backend learns where they come from.
    pub(in crate::phases) fn pass_on(&mut self, integration: &r::Integration) -> Result<(), Halt> {
        if integration.flags & APPENDS_PATH != 0 {
            self.append_path()?;
        }
        self.http_uri(Kind::HttpProxy)?;
        let mut list = List::default();
        for (i, header) in self.world.head.headers.iter().enumerate() {
            let Ok(i) = u16::try_from(i) else { break };
            if of_connection(header.name)
                || header.name.eq_ignore_ascii_case(b"Host")
                || header.name.eq_ignore_ascii_case(b"Content-Length")
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
        let forwarded = self.forwarded()?;
        self.put(&mut list, b"Forwarded", forwarded)?;
        let start = self.scratch.text_len();
        if let Some(before) = self.header_folded(b"Via") {
            self.append(before)?;
            self.scratch.append(b", ")?;
        }
        self.scratch.append(VIA)?;
        let via = self.scratch.since(start);
        self.put(&mut list, b"Via", via)?;
        let trace = self.trace_root_id()?;
        self.put(&mut list, b"X-Amzn-Trace-Id", trace)?;
        self.core.request.headers = list;
        Ok(())
    }

    /// `Forwarded`, behind what the client says itself. The gateway's own address is nobody's business.
    fn forwarded(&mut self) -> Result<Text, Halt> {
        let start = self.scratch.text_len();
        if let Some(before) = self.header_folded(b"Forwarded") {
            self.append(before)?;
            self.scratch.append(b", ")?;
        }
        self.scratch.append(b"by=unknown;for=")?;
        let peer = self.world.head.peer;
        // An IPv6 address has colons, which must be quoted.
        let (open, close): (&[u8], &[u8]) = match peer.is_ipv6() {
            true => (b"\"[", b"]\""),
            false => (b"", b""),
        };
        self.scratch.append(open)?;
        print::address(self.scratch, peer)?;
        self.scratch.append(close)?;
        self.scratch.append(b";host=")?;
        self.scratch.append(self.world.head.domain)?;
        self.scratch.append(b";proto=")?;
        let secure = self.world.head.secure;
        self.scratch
            .append(if secure { b"https" } else { b"http" })?;
        Ok(self.scratch.since(start))
    }

    /// Appends the request's path to that of the URI, before its query.
    fn append_path(&mut self) -> Result<(), Halt> {
        let uri = self.core.called.uri;
        let bytes = self.bytes(uri);
        let cut = bytes.iter().position(|b| *b == b'?').unwrap_or(bytes.len());
        let base = bytes.get(..cut).unwrap_or(&[]);
        let base = base.len() - usize::from(base.ends_with(b"/"));
        let (from, to) = self.core.routed;
        let out = Output::begin(self.scratch);
        self.out_text(out, uri.slice(0, base as u32))?;
        self.scratch.emit(b"/")?;
        self.out_text(out, Text::new(Src::Target, from, to.saturating_sub(from)))?;
        self.out_text(out, uri.slice(cut as u32, uri.len))?;
        self.core.called.uri = out.done(self.scratch);
        Ok(())
    }

    /// Status, headers and body pass.
    pub(in crate::phases) fn pass_back(&mut self) -> Result<Next, Halt> {
        self.take_answer()?;
        self.drop_from_answer(false);
        self.respond()
    }

    /// Takes out what belongs to a connection or to the gateway; of a function also what the service may say.
    pub(super) fn drop_from_answer(&mut self, function: bool) {
        let mut list = self.core.answer.headers;
        let mut at = 0;
        while let Some((name, _)) = list.get(self.scratch, at) {
            let name = self.bytes(name);
            let own = name
                .get(..7)
                .is_some_and(|n| n.eq_ignore_ascii_case(b"x-amzn-"));
            if of_connection(name)
                || name.eq_ignore_ascii_case(b"Content-Length")
                || name.eq_ignore_ascii_case(b"apigw-requestid")
                || function && own
            {
                list.remove(self.scratch, at);
            } else {
                at += 1;
            }
        }
        self.core.answer.headers = list;
    }
}
