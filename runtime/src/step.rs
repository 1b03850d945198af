//! Steps and outcomes: what the session asks of its host, and what the host answers.

use crate::policy::Policy;
use crate::scratch::Scratch;
use crate::trust::Trust;
use crate::value::Value;
use crate::world::World;

/// What happened outside that a session is begun for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// An HTTP request to a REST or HTTP API.
    Http,
    /// The handshake of a WebSocket connection.
    WsConnect,
    /// A frame from a WebSocket client.
    WsMessage,
    /// A WebSocket connection that is gone.
    WsDisconnect {
        /// The close code of RFC 6455.
        code: u16,
    },
    /// A call of the `@connections` management API.
    WsManage,
}

/// A body on its way out. What the runtime did not change never enters it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyOut<'v> {
    /// No body.
    Empty,
    /// These bytes.
    Bytes(&'v [u8]),
    /// The request body as received.
    PassRequest,
    /// The backend's body as received.
    PassBackend,
    /// The backend's body in base64.
    PassBackendBase64,
}

/// An ordered list of outgoing headers: pairs of texts in the scratch, resolved as they are read.
#[derive(Clone, Copy)]
pub struct Fields<'v> {
    pub(crate) cells: &'v [Value],
    pub(crate) world: &'v World<'v>,
    pub(crate) scratch: &'v Scratch,
}

impl<'v> Fields<'v> {
    /// The number of headers.
    #[must_use]
    pub fn len(&self) -> usize {
        self.cells.len() / 2
    }

    /// Whether there is no header.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The headers as (name, value), in the order in which they are to be sent.
    pub fn iter(&self) -> impl Iterator<Item = (&'v [u8], &'v [u8])> + use<'v> {
        let (world, scratch) = (self.world, self.scratch);
        let text = move |v: Value| match v {
            Value::Text(t) => world.resolve(scratch, t),
            _ => None,
        };
        self.cells
            .chunks_exact(2)
            .filter_map(move |pair| match pair {
                [name, value] => Some((text(*name)?, text(*value)?)),
                _ => None,
            })
    }

    /// The first value of the header `name`, whose letter case does not matter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&'v [u8]> {
        self.iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, v)| v)
    }
}

impl core::fmt::Debug for Fields<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // Values may be credentials: names only.
        f.debug_list()
            .entries(self.iter().map(|(n, _)| n.escape_ascii()))
            .finish()
    }
}

/// What kind of service a [`Call`] goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CallKind<'v> {
    /// An HTTP backend; [`Call::uri`] is its URL with the query.
    Http,
    /// A Lambda function; [`Call::uri`] is the integration's ARN, the body is the payload.
    Lambda {
        /// The function's ARN out of the integration's ARN.
        function: &'v [u8],
        /// Whether the answer is awaited, or the event only handed over (`X-Amz-Invocation-Type: Event`).
        asynchronous: bool,
    },
    /// Another AWS service; [`Call::uri`] is the integration's ARN.
    AwsService {
        /// The Region of the ARN.
        region: &'v [u8],
        /// The service of the ARN, with its subdomain if there is one: `sqs`, `bucket.s3`.
        service: &'v [u8],
        /// Whether `target` is an action name (`true`) or a path.
        action: bool,
        /// What follows `action/` or `path/`; the query parameters of the call are behind a `?`.
        target: &'v [u8],
    },
}

/// A call of an integration or of an authorizer.
#[derive(Clone, Copy, Debug)]
pub struct Call<'v> {
    /// What is called.
    pub kind: CallKind<'v>,
    /// The verb.
    pub method: &'v [u8],
    /// The URL or ARN, see [`CallKind`].
    pub uri: &'v [u8],
    /// The query parameters of a call to an AWS service, already encoded, without `?`; for HTTP part of `uri`.
    pub query: &'v [u8],
    /// The headers. `Host` and `Content-Length` are the host's unless they are here.
    pub headers: Fields<'v>,
    /// The body.
    pub body: BodyOut<'v>,
    /// Milliseconds until [`Fault::Timeout`].
    pub timeout_ms: u32,
    /// The role to sign with: an ARN, or `arn:aws:iam::*:user/*` for the caller's own.
    pub credentials: Option<&'v [u8]>,
    /// The VPC link to go through.
    pub vpc_link: Option<&'v [u8]>,
    /// Whether the server's certificate is not checked (`tlsConfig.insecureSkipVerification`).
    pub insecure: bool,
    /// Whether the answer's body may be passed on as it comes, without [`World::backend`]'s body.
    pub stream_back: bool,
}

/// The answer to the client.
#[derive(Clone, Copy, Debug)]
pub struct Response<'v> {
    /// The status.
    pub status: u16,
    /// The headers; `Content-Length` is the host's unless it is here.
    pub headers: Fields<'v>,
    /// The body.
    pub body: BodyOut<'v>,
    /// Compress a body of at least so many bytes if the client accepts it; `None`: never.
    pub compress_from: Option<u32>,
}

/// Which limit a [`Charge`] is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// A token bucket.
    Rate {
        /// Tokens per second, in millionths.
        rate_micro: u64,
        /// Capacity in tokens.
        burst: u32,
    },
    /// A count per calendar period, UTC.
    Quota {
        /// Requests in one period.
        limit: u64,
        /// The period.
        period: Period,
        /// Requests subtracted in the first period.
        offset: u64,
    },
}

/// The calendar period of a quota, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// From midnight.
    Day,
    /// From Sunday, or Monday under the switch `quota.week-start`.
    Week,
    /// From the first.
    Month,
}

/// One unit to be spent from one bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Names the bucket: stable over reloads of the edge image, unique in one bundle's project.
    pub bucket: u64,
    /// The limit.
    pub limit: Limit,
}

/// Something that needs cryptography to be decided; see crate `auth`.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Verify<'v> {
    /// The request's AWS signature, version 4, for the service `execute-api`.
    SigV4 {
        /// The region that it must be for.
        region: &'v [u8],
        /// Whether the client may leave the body's hash out (`sigv4.unsigned-payload`).
        unsigned_payload: bool,
    },
    /// An API key, to be digested and looked up in the bundle's [`Keyring`](crate::bundle::Keyring) →
    /// [`Outcome::Key`] or [`Outcome::Miss`].
    ApiKey {
        /// The key as the client sent it.
        value: &'v [u8],
    },
    /// A JSON web token of this authorizer.
    Token {
        /// The authorizer's index in the deployment image.
        authorizer: u16,
        /// The token without `Bearer`.
        token: &'v [u8],
        /// Whose tokens are good, and for whom.
        trust: Trust<'v>,
    },
}

/// What the host is to do next. Everything lent in a step is valid until the next call of the session.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Step<'v> {
    /// Read the request body, up to `max` bytes → [`Outcome::Body`], or [`Fault::TooLarge`].
    ReadBody {
        /// Bytes.
        max: u32,
    },
    /// Verify a signature or token → [`Outcome::Verified`] or [`Outcome::Denied`].
    Verify(Verify<'v>),
    /// Look up an authorizer's earlier answer → [`Outcome::Hit`] or [`Outcome::Miss`].
    AuthorizerCache {
        /// The authorizer's index in the deployment image.
        authorizer: u16,
        /// The key, compared whole.
        key: &'v [u8],
    },
    /// Call an authorizer's function → [`Outcome::Backend`] or [`Outcome::Failed`].
    Authorizer {
        /// The call.
        call: Call<'v>,
        /// The authorizer's index in the deployment image.
        authorizer: u16,
    },
    /// Lend this record as [`World::identity`] from now on; with a key, also put it into the authorizer's
    /// cache → [`Outcome::Kept`].
    KeepIdentity {
        /// The compiled policy and context, or a WebSocket connection's record.
        record: &'v [u8],
        /// Seconds in the cache.
        ttl_s: u32,
        /// The cache key; `None`: this session only.
        key: Option<&'v [u8]>,
    },
    /// Spend all of these or none → [`Outcome::Spent`] or [`Outcome::Refused`] with the first that refuses.
    Spend {
        /// In the reference's order.
        charges: &'v [Charge],
    },
    /// Look up an answer → [`Outcome::Hit`] or [`Outcome::Miss`].
    CacheGet {
        /// The key, compared whole.
        key: &'v [u8],
        /// Whether equal requests that miss at the same time may wait for the first one's answer.
        coalesce: bool,
    },
    /// Store the record of the answer just sent → [`Outcome::Kept`].
    CachePut {
        /// The key, compared whole.
        key: &'v [u8],
        /// What [`Outcome::Hit`] gives back later.
        record: &'v [u8],
        /// Seconds.
        ttl_s: u32,
    },
    /// Call the integration → [`Outcome::Backend`] or [`Outcome::Failed`].
    Integrate(Call<'v>),
    /// Answer the client → [`Outcome::Sent`]. Not the end.
    Respond(Response<'v>),
    /// Accept a WebSocket handshake → [`Outcome::Sent`].
    Accept {
        /// The chosen subprotocol.
        protocol: Option<&'v [u8]>,
    },
    /// Send a frame → [`Outcome::Sent`] or [`Outcome::Failed`].
    Send {
        /// The connection's id.
        connection: &'v [u8],
        /// The payload.
        frame: BodyOut<'v>,
    },
    /// Close the WebSocket connection → [`Outcome::Sent`].
    Close {
        /// The close code of RFC 6455.
        code: u16,
    },
    /// Write one line of the access log → [`Outcome::Kept`].
    Log {
        /// Without a newline at its end.
        line: &'v [u8],
    },
    /// The end; the session may be begun anew.
    Done,
}

/// What came of a step.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Outcome<'v> {
    /// The first call of a session.
    Begin(Event),
    /// The body is read and lent as [`World::body`].
    Body,
    /// The signature or token is good.
    Verified {
        /// The caller's claims as a JSON object. A token's claim that is a list or an object may be
        /// `{"text": "…", "value": …}`: what context variables show of it, and what it is.
        claims: &'v [u8],
        /// The policies that bound and allow a caller who signs. Of no use for tokens.
        policies: &'v [Policy<'v>],
    },
    /// The signature or token is not good.
    Denied {
        /// Why; the codes are those of [`Denial`](crate::Denial).
        code: u16,
        /// What the client is told: the text of a REST API's gateway response, `error_description` of an
        /// HTTP API. Empty: the gateway response's own text.
        message: &'v [u8],
    },
    /// The API key's index, as the bundle's [`Keyring`](crate::bundle::Keyring) says.
    Key(u32),
    /// Found; the bytes as they were stored.
    Hit(&'v [u8]),
    /// Not found.
    Miss,
    /// Done as asked.
    Kept,
    /// All charges are spent.
    Spent,
    /// Nothing is spent.
    Refused {
        /// The index of the first charge that refused.
        index: u8,
    },
    /// The answer is there and lent as [`World::backend`].
    Backend,
    /// The answer, frame or close is on its way.
    Sent {
        /// Bytes of the body sent.
        bytes: u64,
        /// Microseconds since the request came in.
        latency_us: u32,
    },
    /// It could not be done.
    Failed(Fault),
}

/// Why a step could not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// No answer in time.
    Timeout,
    /// No connection, TLS failed, or the connection was reset.
    Connect,
    /// The service refused the call: no permission, no such function, an address that is none.
    Rejected,
    /// The request body is larger than asked for.
    TooLarge,
    /// The answer is larger than 10 MB.
    AnswerTooLarge,
    /// The request body could not be read: bad encoding, connection lost.
    Unreadable,
    /// The host cannot do this step.
    Unsupported,
    /// A store (cache, counters) is not available.
    Store,
}
