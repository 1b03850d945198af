//! Integrations: what is sent to a backend, what becomes of its answer, and the
//! mappings and templates on both ways.

use tollgate_grammar::Span;

use crate::NodeId;
use crate::text::Text;

/// What happens to a request that passed every check.
#[derive(Clone, Debug, PartialEq)]
pub struct Integration {
    /// Where it goes.
    pub target: Target,
    /// The role that the gateway takes on, or the caller's own.
    pub credentials: Option<Credentials>,
    /// How long it may take, in milliseconds: 50–29000 and 29000 if not set; of an HTTP API 50–30000 and 30000.
    pub timeout_ms: u32,
    /// What happens to a body that no template fits. Ignored by proxies.
    pub passthrough: Passthrough,
    /// Conversion of the request body.
    pub content: ContentHandling,
    /// Headers, query strings and path placeholders of the backend request.
    pub mappings: Vec<RequestMapping>,
    /// Request templates by media type, in the order of the program.
    pub templates: Vec<(String, Template)>,
    /// What becomes of the backend's answer, in the order of the program. Ignored by proxies.
    pub responses: Vec<IntegrationResponse>,
    /// What the cache key holds beside the method: parameter sources, in order.
    pub cache_key: Vec<Source>,
    /// The cache's namespace; none: the resource's own.
    pub cache_namespace: Option<String>,
    /// Whether an insecure certificate of the backend is accepted.
    pub skip_verification: bool,
    /// Whether the answer is streamed.
    pub stream: bool,
    /// Where it is declared.
    pub node: NodeId,
}

/// Where an [`Integration`] goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// Nowhere: the request template's `statusCode` selects the answer.
    Mock,
    /// An HTTP endpoint.
    Http {
        /// Whether request and answer pass through.
        proxy: bool,
        /// The backend's verb; none: the client's.
        method: Option<String>,
        /// The URL, with `{name}` placeholders.
        uri: Text,
        /// A link to go through.
        via: Option<Text>,
    },
    /// A Lambda function.
    Lambda {
        /// Whether the event is the whole request and the result the whole answer.
        proxy: bool,
        /// The verb of the invocation; anything but `POST` makes every call fail.
        method: String,
        /// The integration ARN: `arn:aws:apigateway:…:lambda:path/…/functions/…/invocations`.
        uri: Text,
        /// The name of a declared [`crate::Function`], where the program named one.
        function: Option<String>,
        /// The format of a proxy's event and result. REST APIs know the first alone.
        payload: Payload,
    },
    /// Another service.
    Aws {
        /// The verb of the call.
        method: String,
        /// The integration ARN.
        uri: Text,
        /// `AWS_PROXY` to a service other than Lambda (Firehose).
        proxy: bool,
    },
}

/// The format of what a function gets and returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Payload {
    /// `1.0`.
    #[default]
    V1,
    /// `2.0`: HTTP APIs.
    V2,
}

/// Whose rights an integration uses.
#[derive(Clone, Debug, PartialEq)]
pub enum Credentials {
    /// A role's, by ARN.
    Role(Text),
    /// The caller's own (`arn:aws:iam::*:user/*`).
    Caller,
}

/// What happens to a body that no template fits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Passthrough {
    /// Passed on if no template fits its type.
    #[default]
    WhenNoMatch,
    /// Passed on only if there is no template at all.
    WhenNoTemplates,
    /// Refused with 415.
    Never,
}

/// Conversion of a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum ContentHandling {
    /// As the media types say.
    #[default]
    None,
    /// To bytes: base64 text is decoded.
    Binary,
    /// To text: bytes are encoded as base64.
    Text,
}

/// One header, query string or placeholder of the backend request.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestMapping {
    /// Where the value goes.
    pub target: RequestTarget,
    /// Where it comes from.
    pub source: Source,
    /// How it is put there. REST only replaces.
    pub op: MappingOp,
    /// Where it is declared.
    pub node: NodeId,
}

/// Where a request mapping's value goes.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RequestTarget {
    /// A header.
    Header(String),
    /// A query string parameter.
    Query(String),
    /// A `{name}` of the URI.
    Path(String),
}

/// How a mapping changes its target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MappingOp {
    /// `=`.
    Overwrite,
    /// `+=` (HTTP APIs).
    Append,
    /// `= none` (HTTP APIs).
    Remove,
}

/// A header of a response.
#[derive(Clone, Debug, PartialEq)]
pub struct HeaderMapping {
    /// The header's name.
    pub name: String,
    /// Where its value comes from.
    pub source: Source,
    /// How it is put there. REST only replaces.
    pub op: MappingOp,
    /// Where it is declared.
    pub node: NodeId,
}

/// Where a mapped value comes from. Names keep their letter case.
#[derive(Clone, Debug, PartialEq)]
pub enum Source {
    /// Text that no request changes (a stage variable may).
    Static(Text),
    /// A request header: its last value.
    RequestHeader(String),
    /// A request header: all values, joined with `,`.
    RequestHeaders(String),
    /// A query string parameter, decoded: its last value.
    RequestQuery(String),
    /// A query string parameter: all values; one value is itself.
    RequestQueries(String),
    /// A path parameter, as captured, undecoded.
    RequestPath(String),
    /// The request body whole, or at a JSONPath (without `$.`).
    RequestBody(Option<String>),
    /// A header of the backend's answer: its last value.
    ResponseHeader(String),
    /// A header of the backend's answer: all values, joined with `,`.
    ResponseHeaders(String),
    /// The backend's body whole, or at a JSONPath (without `$.`).
    ResponseBody(Option<String>),
    /// The backend's status (HTTP APIs).
    ResponseStatus,
    /// A context variable: `identity.sourceIp`, `authorizer.claims.sub`; its steps.
    Context(Vec<String>),
    /// A whole stage variable.
    StageVariable(String),
}

/// What becomes of a backend's answer, if its pattern selects it.
#[derive(Clone, Debug, PartialEq)]
pub struct IntegrationResponse {
    /// The client's status, 100–599.
    pub status: u16,
    /// What selects it: a regular expression (Java's) that must fit the whole status code or
    /// Lambda error message; none: the default response.
    pub pattern: Option<String>,
    /// Conversion of the body.
    pub content: ContentHandling,
    /// Headers.
    pub headers: Vec<HeaderMapping>,
    /// Templates by media type, in the order of the program.
    pub templates: Vec<(String, Template)>,
    /// Where it is declared.
    pub node: NodeId,
}

/// A response that a route declares.
#[derive(Clone, Debug, PartialEq)]
pub struct MethodResponse {
    /// Its status, 100–599.
    pub status: u16,
    /// Headers that mappings may set, with whether clients may rely on them.
    pub headers: Vec<(String, bool)>,
    /// Models by media type, by name.
    pub models: Vec<(String, String)>,
    /// Where it is declared.
    pub node: NodeId,
}

/// A template, as text and as what it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Template {
    /// The text after build-time holes were filled.
    pub text: String,
    /// Whether the text has holes that only a stage fills (`@{stage.x}`): then these are the pieces.
    pub pieces: Option<Text>,
    /// Where it is written.
    pub node: NodeId,
    /// Where it stands in a source byte for byte: offsets of the text, ascending, each with the place of
    /// the part that begins there. Empty where an escape or a hole made the text another one.
    pub verbatim: Vec<(u32, Span)>,
}

impl Template {
    /// The place of the bytes `start..end` of the text; none where they do not stand in a source as they are.
    #[must_use]
    pub fn place(&self, start: u32, end: u32) -> Option<Span> {
        let at = |offset: u32, inside: u32| {
            let after = self.verbatim.partition_point(|(from, _)| *from <= inside);
            let (from, part) = self.verbatim.get(after.checked_sub(1)?)?;
            let place = part.start + offset.checked_sub(*from)?;
            (place <= part.end).then_some((part.file, place))
        };
        let (file, first) = at(start, start)?;
        // The end belongs to the part of the last byte: the next part begins on another line.
        let (_, last) = at(end, end.saturating_sub(1).max(start))?;
        Some(Span::new(file, first, last))
    }
}
