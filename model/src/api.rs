//! APIs, routes, and what a route asks of a request before it is integrated.

use crate::authorizer::{Auth, Authorizer};
use crate::integration::{HeaderMapping, Integration, MethodResponse, Template};
use crate::policy::Policy;
use crate::{NodeId, ScalarType};

/// One API.
#[derive(Clone, Debug, PartialEq)]
pub struct Api {
    /// Its name in the program; unique.
    pub name: String,
    /// The id that appears in ARNs and host names: ten lower-case letters and digits,
    /// derived from the name unless one is given.
    pub id: String,
    /// REST, HTTP or WebSocket.
    pub kind: ApiKind,
    /// The title for people; the name if none is given.
    pub title: String,
    /// The version for people.
    pub version: Option<String>,
    /// The description.
    pub doc: String,
    /// Where it is reached.
    pub endpoint: Endpoint,
    /// Whether the default host answers at all (false: `disable_execute_api_endpoint`).
    pub default_endpoint: bool,
    /// Media types that are bytes, as written: `image/*`, `*/*`.
    pub binary: Vec<String>,
    /// Where API keys are read.
    pub key_source: KeySource,
    /// Smallest response in bytes that is compressed, 0–10485760; none: never.
    pub compress: Option<u32>,
    /// Tags, in order.
    pub tags: Vec<(String, String)>,
    /// The stage variables that every stage must or may give.
    pub variables: Vec<Variable>,
    /// Authorizers, in the order of their names.
    pub authorizers: Vec<Authorizer>,
    /// The resource policy.
    pub policy: Option<Policy>,
    /// Every route, ordered by path template, then by verb. A resource without methods has none.
    pub routes: Vec<Route>,
    /// Gateway responses that the program sets, in the order of their types.
    pub gateway_responses: Vec<GatewayResponse>,
    /// Who of another origin may call an HTTP API. Of a REST API it became routes and headers.
    pub cors: Option<Cors>,
    /// Where it is declared.
    pub node: NodeId,
}

/// Who of another origin may call an HTTP API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cors {
    /// Origins, `*`, `https://*` or `http://*`; at least one.
    pub origins: Vec<String>,
    /// Verbs, or `*`.
    pub methods: Vec<String>,
    /// Request headers, or `*`.
    pub headers: Vec<String>,
    /// Response headers that a script may read, or `*`.
    pub expose: Vec<String>,
    /// How long a browser keeps a preflight's answer, in seconds, 0–86400.
    pub max_age_s: Option<u32>,
    /// Whether cookies and credentials are sent; never beside `*`.
    pub credentials: bool,
}

/// The three kinds of API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ApiKind {
    /// REST (v1).
    Rest,
    /// HTTP (v2).
    Http,
    /// WebSocket (v2).
    WebSocket,
}

/// Endpoint types of an API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// Through the reference's edge network. The default of imported documents.
    Edge,
    /// In one region. The default.
    Regional,
    /// Only from private networks, through these VPC endpoints (any, if empty).
    Private(Vec<String>),
}

/// Where API keys are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeySource {
    /// The header `x-api-key`.
    Header,
    /// The authorizer's `usageIdentifierKey`.
    Authorizer,
}

/// A declared stage variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Variable {
    /// Its name: letters, digits, `_`.
    pub name: String,
    /// The type of its values.
    pub ty: ScalarType,
    /// Whether a stage may leave it out although it has no default.
    pub optional: bool,
    /// Its value where a stage gives none.
    pub default: Option<String>,
    /// Where it is declared.
    pub node: NodeId,
}

/// One method of one resource, or one route of an HTTP or WebSocket API.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// What requests it serves.
    pub key: RouteKey,
    /// The description.
    pub doc: String,
    /// How callers prove who they are.
    pub auth: Auth,
    /// Whether an API key is required.
    pub api_key: bool,
    /// What is validated before the integration.
    pub validate: Validate,
    /// Request parameters, in the order of declaration.
    pub parameters: Vec<Parameter>,
    /// Request models by media type (`application/json`, `$default`), by name.
    pub body: Vec<(String, String)>,
    /// What a stage's method settings start from.
    pub settings: MethodSettings,
    /// What happens to a request that came so far.
    pub integration: Integration,
    /// Declared method responses, in the order of their status codes.
    pub responses: Vec<MethodResponse>,
    /// The operation's name for people and SDKs.
    pub operation: Option<String>,
    /// A few words that importers and exporters carry.
    pub tags: Vec<String>,
    /// Where it is declared.
    pub node: NodeId,
}

/// What requests a route serves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RouteKey {
    /// A verb and a path template.
    Http {
        /// The path template.
        path: PathTemplate,
        /// The verb.
        method: Method,
    },
    /// `$default` of an HTTP API, or a route key of a WebSocket API.
    Named(String),
}

impl RouteKey {
    /// `GET /orders/{id}`, as AWS and people write it.
    pub fn display(&self) -> String {
        match self {
            RouteKey::Http { path, method } => format!("{} {}", method.as_str(), path.text()),
            RouteKey::Named(name) => name.clone(),
        }
    }
}

/// A path template: segments from the root.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PathTemplate {
    /// The segments; none for `/`.
    pub segments: Vec<Segment>,
}

/// One segment of a [`PathTemplate`].
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segment {
    /// Matches itself, byte for byte, undecoded.
    Literal(String),
    /// `{name}`: one non-empty segment.
    Parameter(String),
    /// `{name+}`: one or more segments; always the last.
    Greedy(String),
}

impl PathTemplate {
    /// Takes apart what is known to be well written: `/orders/{id}`, `/{rest+}`. Checks nothing; empty segments
    /// are left out.
    pub fn of(text: &str) -> PathTemplate {
        let segments = text.split('/').filter(|part| !part.is_empty());
        let inner = |part: &'_ str| Some(part.strip_prefix('{')?.strip_suffix('}')?.to_owned());
        let segments = segments.map(|part| match inner(part) {
            None => Segment::Literal(part.to_owned()),
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Segment::Greedy(name.to_owned()),
                None => Segment::Parameter(name),
            },
        });
        PathTemplate {
            segments: segments.collect(),
        }
    }

    /// The template as written: `/orders/{id}`.
    pub fn text(&self) -> String {
        if self.segments.is_empty() {
            return "/".into();
        }
        let mut text = String::new();
        for segment in &self.segments {
            text.push('/');
            match segment {
                Segment::Literal(literal) => text.push_str(literal),
                Segment::Parameter(name) => text.extend(["{", name, "}"]),
                Segment::Greedy(name) => text.extend(["{", name, "+}"]),
            }
        }
        text
    }
}

/// The verbs of routes. `Any` stands for the other seven, never for more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)] // each is what it says
pub enum Method {
    Delete,
    Get,
    Head,
    Options,
    Patch,
    Post,
    Put,
    Any,
}

impl Method {
    /// All of them, `Any` last.
    pub const ALL: [Method; 8] = [
        Method::Delete,
        Method::Get,
        Method::Head,
        Method::Options,
        Method::Patch,
        Method::Post,
        Method::Put,
        Method::Any,
    ];

    /// `GET`, or `ANY`.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Delete => "DELETE",
            Method::Get => "GET",
            Method::Head => "HEAD",
            Method::Options => "OPTIONS",
            Method::Patch => "PATCH",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Any => "ANY",
        }
    }

    /// The verb written so, in upper case; none for any other text.
    pub fn parse(text: &str) -> Option<Method> {
        Method::ALL
            .into_iter()
            .find(|method| method.as_str() == text)
    }
}

/// What is validated before the integration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Validate {
    /// Required parameters must be there.
    pub parameters: bool,
    /// The body must fit its model.
    pub body: bool,
}

/// A declared request parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Where it stands in the request.
    pub place: ParameterPlace,
    /// Its name, in the letter case in which it is looked up.
    pub name: String,
    /// Whether a request without it is refused (where parameters are validated).
    pub required: bool,
    /// Its type, for people and exports: the reference checks presence only.
    pub ty: ScalarType,
    /// Where it is declared.
    pub node: NodeId,
}

/// Where a [`Parameter`] stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ParameterPlace {
    /// A request header.
    Header,
    /// A path parameter.
    Path,
    /// The query string.
    Query,
}

impl ParameterPlace {
    /// `header`, `path`, `querystring`: as the reference spells it.
    pub fn as_str(self) -> &'static str {
        match self {
            ParameterPlace::Header => "header",
            ParameterPlace::Path => "path",
            ParameterPlace::Query => "querystring",
        }
    }
}

/// A route's own wishes for what is set per stage; a stage's `method` wins over them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MethodSettings {
    /// Its throttle.
    pub throttle: Option<crate::traffic::Throttle>,
    /// How long responses are kept, in seconds, 0–3600; none: as the stage says.
    pub cache_ttl_s: Option<u32>,
}

/// A gateway response as the program sets it. What it leaves open takes the type's own
/// default, never `DEFAULT_4XX`'s or `DEFAULT_5XX`'s.
#[derive(Clone, Debug, PartialEq)]
pub struct GatewayResponse {
    /// The type.
    pub ty: GatewayResponseType,
    /// The status, 100–599; none: the type's own.
    pub status: Option<u16>,
    /// Response headers.
    pub headers: Vec<HeaderMapping>,
    /// Templates by media type, in the order of the program; none: the default template.
    /// Not VTL: plain substitution.
    pub templates: Vec<(String, Template)>,
    /// Where it is declared.
    pub node: NodeId,
}

macro_rules! gateway_response_types {
    ($($variant:ident $name:literal $status:literal $message:literal $error:literal)*) => {
        /// The types of gateway response, with the reference's built-in status, message and
        /// `x-amzn-ErrorType`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs)] // each is described by its own row
        pub enum GatewayResponseType { $($variant),* }

        impl GatewayResponseType {
            /// All of them.
            pub const ALL: &'static [GatewayResponseType] = &[$(GatewayResponseType::$variant),*];

            /// The reference's name: `ACCESS_DENIED`.
            pub fn name(self) -> &'static str {
                match self { $(GatewayResponseType::$variant => $name),* }
            }

            /// The built-in status; of `DEFAULT_4XX` and `DEFAULT_5XX` the class's first.
            pub fn status(self) -> u16 {
                match self { $(GatewayResponseType::$variant => $status),* }
            }

            /// The built-in message; empty where the reference prints `null`.
            pub fn message(self) -> &'static str {
                match self { $(GatewayResponseType::$variant => $message),* }
            }

            /// The built-in `x-amzn-ErrorType`.
            pub fn error_type(self) -> &'static str {
                match self { $(GatewayResponseType::$variant => $error),* }
            }
        }
    };
}

gateway_response_types! {
    AccessDenied "ACCESS_DENIED" 403 "User is not authorized to access this resource" "AccessDeniedException"
    ApiConfigurationError "API_CONFIGURATION_ERROR" 500 "Internal server error" "InternalServerErrorException"
    AuthorizerConfigurationError "AUTHORIZER_CONFIGURATION_ERROR" 500 "" "AuthorizerConfigurationException"
    AuthorizerFailure "AUTHORIZER_FAILURE" 500 "" "AuthorizerFailureException"
    BadRequestBody "BAD_REQUEST_BODY" 400 "Invalid request body" "BadRequestException"
    BadRequestParameters "BAD_REQUEST_PARAMETERS" 400 "Missing required request parameters" "BadRequestException"
    Default4xx "DEFAULT_4XX" 400 "" "BadRequestException"
    Default5xx "DEFAULT_5XX" 500 "Internal server error" "InternalServerErrorException"
    ExpiredToken "EXPIRED_TOKEN" 403 "The security token included in the request is expired" "ExpiredTokenException"
    IntegrationFailure "INTEGRATION_FAILURE" 504 "Network error communicating with endpoint" "InternalServerErrorException"
    IntegrationTimeout "INTEGRATION_TIMEOUT" 504 "Endpoint request timed out" "InternalServerErrorException"
    InvalidApiKey "INVALID_API_KEY" 403 "Forbidden" "ForbiddenException"
    InvalidSignature "INVALID_SIGNATURE" 403 "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details." "InvalidSignatureException"
    MissingAuthenticationToken "MISSING_AUTHENTICATION_TOKEN" 403 "Missing Authentication Token" "MissingAuthenticationTokenException"
    QuotaExceeded "QUOTA_EXCEEDED" 429 "Limit Exceeded" "LimitExceededException"
    RequestTooLarge "REQUEST_TOO_LARGE" 413 "HTTP content length exceeded 10485760 bytes." "RequestTooLargeException"
    ResourceNotFound "RESOURCE_NOT_FOUND" 404 "Not Found" "NotFoundException"
    Throttled "THROTTLED" 429 "Too Many Requests" "TooManyRequestsException"
    Unauthorized "UNAUTHORIZED" 401 "Unauthorized" "UnauthorizedException"
    UnsupportedMediaType "UNSUPPORTED_MEDIA_TYPE" 415 "Unsupported Media Type" "BadRequestException"
    WafFiltered "WAF_FILTERED" 403 "Forbidden" "ForbiddenException"
}
