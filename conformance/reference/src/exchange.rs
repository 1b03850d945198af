//! What goes in and what comes out: the request, the answer, and the calls to the world in
//! between. Everything is owned and plain, so that a test can compare it.

use std::net::{IpAddr, Ipv4Addr};

use tollgate_model::NodeId;
use tollgate_model::api::GatewayResponseType;
use tollgate_model::policy::Effect;
use tollgate_model::traffic::{Quota, Throttle};

use crate::policy::together::Kind;

/// A request as the gateway receives it.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The verb as received.
    pub method: String,
    /// The raw request target: path with stage, `?` and query.
    pub target: String,
    /// The headers in the order received; letter case and repeats are observable.
    pub headers: Vec<(String, String)>,
    /// The body; empty if there is none.
    pub body: Vec<u8>,
    /// The client's address.
    pub source_ip: IpAddr,
    /// The host name that the request was resolved by (`$context.domainName`).
    pub domain: String,
    /// Whether the client used TLS.
    pub secure: bool,
    /// The VPC endpoint that the request came through.
    pub vpce: Option<String>,
}

impl Request {
    /// A request without headers and body from 127.0.0.1 over TLS.
    pub fn new(method: impl Into<String>, target: impl Into<String>) -> Request {
        Request {
            method: method.into(),
            target: target.into(),
            headers: Vec::new(),
            body: Vec::new(),
            source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
            domain: "localhost".into(),
            secure: true,
            vpce: None,
        }
    }

    /// The last value of a header whose name means something to the gateway itself; such
    /// names are compared without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .rev()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// What the client gets.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers in the order in which they are sent; `Content-Length` is the transport's.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The gateway response that this is, if the gateway itself answered.
    pub refusal: Option<GatewayResponseType>,
}

impl Answer {
    /// The values of a header, without regard to the name's case, in order.
    pub fn header<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.headers
            .iter()
            .filter(move |(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

/// A caller whose signature is good.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signer {
    /// The account's twelve digits.
    pub account: String,
    /// The user's or session's ARN.
    pub arn: String,
    /// The role's ARN, of a session.
    pub role: Option<String>,
    /// `AIDA…`, `AROA…:session`.
    pub unique_id: String,
    /// The access key id.
    pub access_key: String,
    /// Condition keys with their values, among them `aws:PrincipalArn` and its like.
    pub keys: Vec<(String, Vec<String>)>,
    /// The policies that bound and allow it: kind, level, and document.
    pub policies: Vec<(Kind, u8, serde_json::Value)>,
}

/// What kind of service a [`Call`] goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CallKind {
    /// An HTTP backend.
    Http,
    /// A Lambda function; the body is its payload.
    Lambda,
    /// Another AWS service.
    Service,
}

/// A call of an integration or of an authorizer.
#[derive(Clone, Debug, PartialEq)]
pub struct Call {
    /// What is called.
    pub kind: CallKind,
    /// The verb.
    pub method: String,
    /// The URL without its query, or the integration's ARN, both with every hole filled.
    pub uri: String,
    /// Query parameters, decoded, in order: the URL's own, the client's (for proxies), the mapped ones.
    pub query: Vec<(String, String)>,
    /// The headers. `Host` and `Content-Length` are the transport's unless they are here.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Milliseconds until the call counts as timed out.
    pub timeout_ms: u32,
    /// The role to sign with, or `arn:aws:iam::*:user/*` for the caller's own rights.
    pub credentials: Option<String>,
}

impl Call {
    /// The whole URL, query included, every query name and value encoded.
    pub fn url(&self) -> String {
        let mut url = self.uri.clone();
        for (index, (name, value)) in self.query.iter().enumerate() {
            url.push(if index == 0 { '?' } else { '&' });
            url.push_str(&crate::target::encode(name));
            url.push('=');
            url.push_str(&crate::target::encode(value));
        }
        url
    }
}

/// What came of a [`Call`].
///
/// A Lambda function's result is the body under status 200; a function that failed has the
/// header `X-Amz-Function-Error`, as the Lambda service sends it.
#[derive(Clone, Debug, PartialEq)]
pub enum BackendAnswer {
    /// An answer.
    Answered {
        /// The status.
        status: u16,
        /// The headers in the order received.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// No answer in time.
    TimedOut,
    /// No connection, TLS failed, or the connection was reset.
    Unreachable,
    /// The service refused the call: no permission, no such function, an address that is none.
    Rejected,
}

/// One unit to be spent from one limit.
#[derive(Clone, Debug, PartialEq)]
pub struct Charge {
    /// Which limit it is, in words that are the same for every request that shares it.
    pub bucket: String,
    /// What it allows.
    pub limit: Limit,
}

/// What a [`Charge`]'s limit allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// A token bucket.
    Rate(Throttle),
    /// A count per period.
    Quota(Quota),
}

/// The world around the gateway. Calls come in the order of the lifecycle.
pub trait World {
    /// Milliseconds since 1970 UTC, the same throughout a request.
    fn now_ms(&mut self) -> u64;
    /// The request's UUID (`$context.requestId`), the same throughout a request.
    fn request_id(&mut self) -> String;
    /// `$context.extendedRequestId`, the same throughout a request.
    fn extended_request_id(&mut self) -> String;
    /// Twenty random bytes: twelve for a trace root, eight for a parent.
    fn trace_seed(&mut self) -> [u8; 20];
    /// 64 random bits: the canary draw.
    fn random(&mut self) -> u64;
    /// The value of a secret; none if the host cannot resolve it.
    fn secret(&mut self, secret: &tollgate_model::traffic::Secret) -> Option<String>;
    /// Looks up an authorizer's earlier output under a key.
    fn authorizer_cached(&mut self, authorizer: &str, key: &[u8]) -> Option<Vec<u8>>;
    /// Calls an authorizer's function.
    fn authorizer(&mut self, authorizer: &str, call: Call) -> BackendAnswer;
    /// The claims of a JSON web token that an authorizer is shown; none if signature, issuer or times are not good.
    /// A world without tokens has none.
    fn claims(
        &mut self,
        authorizer: &str,
        token: &str,
    ) -> Option<serde_json::Map<String, serde_json::Value>> {
        let _ = (authorizer, token);
        None
    }
    /// Who signed the request; none if nobody did, or the signature is not good. A world without credentials
    /// has none.
    fn signer(&mut self, request: &Request) -> Option<Signer> {
        let _ = request;
        None
    }
    /// Keeps an authorizer's output under a key for some seconds.
    fn keep_authorizer(&mut self, authorizer: &str, key: &[u8], output: &[u8], ttl_s: u32);
    /// Spends all of these or none; the index of the first that refuses.
    fn spend(&mut self, charges: &[Charge]) -> Result<(), usize>;
    /// Looks up an answer in the stage's cache.
    fn cache_get(&mut self, key: &[u8]) -> Option<Answer>;
    /// Stores an answer for some seconds.
    fn cache_put(&mut self, key: &[u8], answer: &Answer, ttl_s: u32);
    /// Calls the integration.
    fn integrate(&mut self, call: Call) -> BackendAnswer;
}

/// A phase of the lifecycle, in the order in which the reference goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Limits of size and shape, and the stage.
    Site,
    /// Which deployment serves: the stage's, or its canary's.
    Canary,
    /// Resource and method.
    Route,
    /// Resource policy.
    Policy,
    /// Authorizer, token or signature.
    Authorize,
    /// API key.
    Key,
    /// Throttles and quotas.
    Limits,
    /// Parameters and body.
    Validate,
    /// Cache lookup.
    Cache,
    /// Mapping and templates towards the backend.
    IntegrationRequest,
    /// The backend.
    Integration,
    /// Mapping and templates towards the client.
    IntegrationResponse,
    /// The declared response, its headers.
    MethodResponse,
}

/// One thing that the reference can say about how it came to an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// A phase let the request through.
    Passed {
        /// The phase.
        phase: Phase,
        /// What it found, in a few words.
        finding: String,
        /// The node that decided, where one did.
        node: Option<NodeId>,
    },
    /// A phase ended the request's way.
    Refused {
        /// The phase.
        phase: Phase,
        /// The gateway response.
        response: GatewayResponseType,
        /// Why, in a few words.
        reason: String,
        /// The node that decided, where one did.
        node: Option<NodeId>,
    },
    /// The integration is called.
    Called {
        /// With this.
        call: Call,
    },
    /// The integration answered.
    Received {
        /// The status.
        status: u16,
        /// The headers.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// A policy statement was looked at.
    Statement {
        /// The statement.
        node: NodeId,
        /// Its `Sid`, where it has one.
        sid: Option<String>,
        /// What it does if it matches.
        effect: Effect,
        /// Whether it matched.
        matched: Matched,
    },
}

/// Whether a policy statement matches a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matched {
    /// It does.
    Yes,
    /// It does not: what failed first.
    No(Why),
    /// Its condition cannot be evaluated: what failed first. A denial takes effect then, an allowance does not.
    Failed(Why),
}

/// What keeps a statement from matching.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Why {
    /// In a few words.
    pub text: String,
    /// The clause, or the statement.
    pub node: NodeId,
    /// Of a condition in CEL, the expression that decided: first byte and one past the last, in the condition's text.
    pub at: Option<(u32, u32)>,
}

/// Hears how an answer comes about.
pub trait Recorder {
    /// One thing that happened.
    fn record(&mut self, event: Event);
}

/// Hears nothing.
impl Recorder for () {
    fn record(&mut self, _: Event) {}
}

/// Keeps everything, in order.
impl Recorder for Vec<Event> {
    fn record(&mut self, event: Event) {
        self.push(event);
    }
}
