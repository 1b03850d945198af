//! What the host lends at every call: the bundle, the request, the bodies, clock and randomness.

use core::net::IpAddr;

use crate::bundle::Bundle;
use crate::scratch::Scratch;
use crate::value::{Src, Text};

/// One header, as received: letter case and repeats are observable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'v> {
    /// The name as received.
    pub name: &'v [u8],
    /// The value, without the blanks around it.
    pub value: &'v [u8],
}

/// The head of a request and what is known of its connection.
#[derive(Clone, Copy, Debug)]
pub struct Head<'v> {
    /// The verb as received, for example `GET`.
    pub method: &'v [u8],
    /// The raw request target: path with stage or mapping, `?` and query; no fragment.
    pub target: &'v [u8],
    /// The headers in the order received. At most 65,535 are looked at.
    pub headers: &'v [Header<'v>],
    /// The domain name that the request was resolved by, without port (`$context.domainName`).
    pub domain: &'v [u8],
    /// What `$context.protocol` prints: `HTTP/1.1` in the reference, whatever the client spoke.
    pub protocol: &'v [u8],
    /// Whether the client used TLS (`aws:SecureTransport`, `X-Forwarded-Proto`).
    pub secure: bool,
    /// The client's address.
    pub peer: IpAddr,
    /// The VPC endpoint that the request came through.
    pub vpce: Option<&'v [u8]>,
    /// The client's certificate, DER, if mutual TLS verified one.
    pub client_cert: Option<&'v [u8]>,
}

impl<'v> Head<'v> {
    /// A request without headers from 127.0.0.1 over TLS, for tests and tools.
    #[must_use]
    pub fn plain(method: &'v [u8], target: &'v [u8]) -> Head<'v> {
        Head {
            method,
            target,
            headers: &[],
            domain: b"localhost",
            protocol: b"HTTP/1.1",
            secure: true,
            peer: IpAddr::V4(core::net::Ipv4Addr::LOCALHOST),
            vpce: None,
            client_cert: None,
        }
    }
}

/// The answer of an integration or of a Lambda authorizer.
///
/// A Lambda function's payload is [`body`](Backend::body) under status 200; a function that failed has the
/// header `X-Amz-Function-Error`, as the Lambda service sends it.
#[derive(Clone, Copy, Debug)]
pub struct Backend<'v> {
    /// The status.
    pub status: u16,
    /// The headers in the order received.
    pub headers: &'v [Header<'v>],
    /// The whole body; `None` while it is not read, for example when it is streamed back.
    pub body: Option<&'v [u8]>,
    /// Microseconds from the call to the whole answer.
    pub latency_us: u32,
}

/// Everything a session may look at, lent again at every call. Plain references: building one costs nothing.
#[derive(Clone, Copy, Debug)]
pub struct World<'v> {
    /// The bundle that the session began with.
    pub bundle: Bundle<'v>,
    /// The request.
    pub head: Head<'v>,
    /// The whole request body; `None` while it is not read. A request without a body has `Some(&[])`.
    pub body: Option<&'v [u8]>,
    /// The answer of the latest call, once there is one.
    pub backend: Option<Backend<'v>>,
    /// The identity record: what [`Step::KeepIdentity`](crate::Step::KeepIdentity) handed out, or a hit of
    /// the authorizer cache.
    pub identity: Option<&'v [u8]>,
    /// The present time, milliseconds since 1970-01-01 UTC.
    pub now_ms: u64,
    /// The request's UUID (`$context.requestId`), the same at every call of one session.
    pub request_id: [u8; 16],
    /// What `$context.extendedRequestId` prints, the same at every call of one session.
    pub extended_request_id: &'v [u8],
    /// 20 random bytes, the same at every call of one session: twelve for a trace root, eight for a parent.
    pub trace_seed: [u8; 20],
    /// 64 random bits, new for every request: the canary draw.
    pub random: u64,
}

impl<'v> World<'v> {
    /// A request whose body is not read and that nothing answered yet, without identity, at time zero and
    /// with zeros for what is random; for tests and tools.
    #[must_use]
    pub const fn plain(bundle: Bundle<'v>, head: Head<'v>) -> World<'v> {
        World {
            bundle,
            head,
            body: None,
            backend: None,
            identity: None,
            now_ms: 0,
            request_id: [0; 16],
            extended_request_id: b"",
            trace_seed: [0; 20],
            random: 0,
        }
    }

    /// The bytes of `text`; `None` if it does not resolve in what is lent now.
    #[must_use]
    #[inline]
    pub fn resolve(&self, scratch: &'v Scratch, text: Text) -> Option<&'v [u8]> {
        if text.src == Src::Scratch {
            return scratch.bytes(text.off, text.len);
        }
        self.resolve_lent(text)
    }

    /// The bytes of a `text` that is not in the scratch.
    #[must_use]
    pub fn resolve_lent(&self, text: Text) -> Option<&'v [u8]> {
        let source: &'v [u8] = match text.src {
            Src::Bundle => self.bundle.bytes(),
            Src::Method => self.head.method,
            Src::Target => self.head.target,
            Src::HeaderName(n) => self.head.headers.get(usize::from(n))?.name,
            Src::HeaderValue(n) => self.head.headers.get(usize::from(n))?.value,
            Src::Domain => self.head.domain,
            Src::Protocol => self.head.protocol,
            Src::Vpce => self.head.vpce?,
            Src::ExtendedRequestId => self.extended_request_id,
            Src::Body => self.body?,
            Src::BackendName(n) => self.backend?.headers.get(usize::from(n))?.name,
            Src::BackendValue(n) => self.backend?.headers.get(usize::from(n))?.value,
            Src::Backend => self.backend?.body?,
            Src::Identity => self.identity?,
            Src::Scratch => return None,
        };
        source.get(text.off as usize..)?.get(..text.len as usize)
    }
}
