//! The intermediate representation: what a bundle says, as plain data with names instead of offsets.
//!
//! [`lower`](crate::lower) makes it from the model, [`optimize`](crate::optimize) changes it, and
//! [`emit`](crate::emit) writes it down. Nothing here evaluates or knows how bytes are laid out.

mod condition;
mod index;
mod program;

pub(crate) use condition::{Condition, Leaf, PatternPiece, Test};
pub(crate) use index::{Effect, Filed, Indexed, Key as IndexKey};
pub(crate) use program::{ContextVariable, Instruction, LabelId, Load, Program};

use tollgate_model::text::Text;

/// A whole bundle.
#[derive(Clone, Debug)]
pub(crate) struct Bundle {
    /// The behaviour date as `yyyymm`.
    pub(crate) behaviour: u32,
    /// Numbers and values of the switches that are not at their defaults, in order.
    pub(crate) switches: Vec<(u16, u32)>,
    /// One deployment per API, in the program's order.
    pub(crate) deployments: Vec<Deployment>,
    /// The stages.
    pub(crate) edge: Edge,
}

/// What one API's image holds. Nothing of it depends on a stage, save through `slots`.
#[derive(Clone, Debug)]
pub(crate) struct Deployment {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) kind: u8,
    pub(crate) private: bool,
    pub(crate) keys_from_authorizer: bool,
    pub(crate) default_endpoint: bool,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) partition: String,
    pub(crate) compress_from: Option<u32>,
    pub(crate) binary: Vec<String>,
    /// As [`tollgate_runtime::bundle::records::Api::cors`] lists it; empty: none.
    pub(crate) cors: Vec<String>,
    /// The resource policy's statements, if the API has one.
    pub(crate) policy: Option<Vec<Statement>>,
    pub(crate) routes: Vec<Route>,
    pub(crate) authorizers: Vec<Authorizer>,
    /// One per type, in the order of `ResponseType::ALL`.
    pub(crate) gateway_responses: Vec<Option<GatewayResponse>>,
    /// Texts that a stage fills; each is one constant.
    pub(crate) slots: Vec<Text>,
    /// Residual policies, shared by routes; made by the optimizer.
    pub(crate) classes: Vec<Program>,
}

/// One statement of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Statement {
    /// Counted from 0 over the whole program.
    pub(crate) id: u32,
    pub(crate) deny: bool,
    pub(crate) who: Who,
    /// Whether it is about `execute-api:Invoke`.
    pub(crate) invoke: bool,
    /// Whether it is about `execute-api:InvalidateCache`.
    pub(crate) invalidate: bool,
    /// Globs over `API/STAGE/VERB/PATH`.
    pub(crate) resources: Vec<String>,
    /// The same with policy variables.
    pub(crate) patterns: Vec<Vec<PatternPiece>>,
    /// Whether the globs are those that it is not about.
    pub(crate) except: bool,
    pub(crate) condition: Condition,
}

/// Whom a statement is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Who {
    /// Everybody, also without credentials.
    Anyone,
    /// Callers who sign, by ARN or unique id, and all callers of accounts. Ordered.
    Only {
        named: Vec<String>,
        accounts: Vec<String>,
    },
    /// Everybody but callers of whose names all are here. Ordered.
    Except(Vec<String>),
    /// Nobody.
    Nobody,
}

/// One method of one resource.
#[derive(Clone, Debug)]
pub(crate) struct Route {
    pub(crate) segments: Vec<Segment>,
    /// The template as written.
    pub(crate) path: String,
    /// By number; 7 is ANY.
    pub(crate) verb: u8,
    /// Whether it takes what no other route takes: `$default`, which has no place in the tree.
    pub(crate) default: bool,
    pub(crate) resource_id: String,
    pub(crate) auth: u8,
    /// Index in [`Deployment::authorizers`].
    pub(crate) authorizer: Option<u16>,
    /// Scopes, of which a token must hold one.
    pub(crate) scopes: Vec<String>,
    pub(crate) api_key: bool,
    pub(crate) body_plan: BodyPlan,
    /// Index in [`Deployment::classes`].
    pub(crate) policy: Option<usize>,
    /// The same of what is left of the policy about passing the cache by, for callers who sign.
    pub(crate) fresh: Option<usize>,
    pub(crate) validate: Option<Program>,
    /// Media type (or `$default`) and compiled schema of the bodies that are checked.
    pub(crate) models: Vec<(String, Vec<u8>)>,
    pub(crate) integration: Integration,
    /// The route's own wishes for what a stage sets.
    pub(crate) wishes: Wishes,
    /// The cache's namespace.
    pub(crate) namespace: String,
    /// Appends what the cache key holds beside the method.
    pub(crate) cache_key: Option<Program>,
    pub(crate) operation: Option<String>,
}

/// An authorizer.
#[derive(Clone, Debug)]
pub(crate) struct Authorizer {
    pub(crate) name: String,
    /// As [`tollgate_runtime::bundle::records::Authorizer::kind`] counts.
    pub(crate) kind: u8,
    pub(crate) ttl_s: u32,
    pub(crate) uri: Option<u16>,
    pub(crate) credentials: Option<u16>,
    /// Leaves what identifies the caller in the accumulator, part by part.
    pub(crate) identity: Program,
    /// What a token must fit.
    pub(crate) validation: Option<String>,
    /// Pools, or issuer and audiences, as slots.
    pub(crate) trust: Vec<u16>,
}

/// What a route asks of a stage that says nothing about it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Wishes {
    pub(crate) throttle: Option<Throttle>,
    pub(crate) cache_ttl_s: Option<u32>,
}

/// A segment of a path template.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Segment {
    Literal(String),
    Parameter(String),
    Greedy(String),
}

/// How a route's request body is treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyPlan {
    None = 0,
    Stream = 1,
    Buffer = 2,
}

#[derive(Clone, Debug)]
pub(crate) struct Integration {
    pub(crate) kind: IntegrationKind,
    pub(crate) insecure: bool,
    pub(crate) stream: bool,
    pub(crate) client_verb: bool,
    pub(crate) caller: bool,
    /// Every call is a configuration error.
    pub(crate) broken: bool,
    /// Whether the request's path is appended to the URI.
    pub(crate) appends_path: bool,
    pub(crate) content: u8,
    pub(crate) method: String,
    pub(crate) timeout_ms: u32,
    pub(crate) request: Program,
    pub(crate) uri: Option<Program>,
    pub(crate) credentials: Option<u16>,
    pub(crate) vpc_link: Option<u16>,
    /// In the order in which patterns are tried; the default response is last.
    pub(crate) responses: Vec<Response>,
    /// Statuses that the method declares.
    pub(crate) declared: Vec<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IntegrationKind {
    Mock = 0,
    Http = 1,
    HttpProxy = 2,
    Lambda = 3,
    LambdaProxy = 4,
    Service = 5,
    LambdaProxy2 = 6,
}

#[derive(Clone, Debug)]
pub(crate) struct Response {
    /// The regular expression; `None` for the default response.
    pub(crate) pattern: Option<String>,
    pub(crate) status: u16,
    pub(crate) content: u8,
    pub(crate) program: Program,
}

#[derive(Clone, Debug)]
pub(crate) struct GatewayResponse {
    /// `None`: the type's own.
    pub(crate) status: Option<u16>,
    /// Whether it was inherited from `DEFAULT_4XX` or `DEFAULT_5XX`.
    pub(crate) inherited: bool,
    pub(crate) program: Program,
}

/// What the edge image holds.
#[derive(Clone, Debug, Default)]
pub(crate) struct Edge {
    /// Ordered by API id, then name.
    pub(crate) stages: Vec<Stage>,
    /// The account's own throttle.
    pub(crate) account: Option<Throttle>,
    /// In the order of their names.
    pub(crate) keys: Vec<Key>,
}

#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) name: String,
    /// Index in [`Bundle::deployments`].
    pub(crate) deployment: usize,
    pub(crate) stage: Side,
    pub(crate) canary: Option<Canary>,
    pub(crate) tracing: bool,
    pub(crate) cache: bool,
    /// What usage plans grant here.
    pub(crate) plans: Vec<Plan>,
    pub(crate) log: Option<Program>,
}

/// What one side of a stage lends to a deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Side {
    /// One text per slot of the deployment.
    pub(crate) constants: Vec<String>,
    /// Ordered by name.
    pub(crate) variables: Vec<(String, String)>,
    /// One per route of the deployment.
    pub(crate) settings: Vec<Setting>,
}

#[derive(Clone, Debug)]
pub(crate) struct Canary {
    /// Index in [`Bundle::deployments`].
    pub(crate) deployment: usize,
    /// In hundredths of a percent.
    pub(crate) share: u16,
    pub(crate) shares_cache: bool,
    pub(crate) side: Side,
}

/// A token bucket's rate, in thousandths of a request per second, and size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Throttle {
    pub(crate) rate_milli: u64,
    pub(crate) burst: u64,
}

/// What a stage sets for a route.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Setting {
    pub(crate) throttle: Option<Throttle>,
    /// Seconds that answers are kept; `None`: not at all.
    pub(crate) cache_ttl_s: Option<u32>,
    pub(crate) invalidation_auth: bool,
    /// What a client without rights meets: 0 403, 1 a warning, 2 nothing.
    pub(crate) unauthorized: u8,
    /// Names the bucket of a plan's method.
    pub(crate) bucket: u64,
}

/// What a usage plan grants at one stage.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) name: String,
    /// In the order of names.
    pub(crate) number: u32,
    pub(crate) throttle: Option<Throttle>,
    pub(crate) quota: Option<Quota>,
    /// Throttles of single methods, one per route of the stage's deployment; empty: none.
    pub(crate) methods: Vec<Option<Setting>>,
    /// The same for the canary's deployment.
    pub(crate) canary_methods: Vec<Option<Setting>>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota {
    pub(crate) limit: u64,
    pub(crate) offset: u64,
    /// 0 day, 1 week, 2 month.
    pub(crate) period: u8,
}

/// An API key without its value.
#[derive(Clone, Debug)]
pub(crate) struct Key {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) enabled: bool,
    /// The numbers of its plans.
    pub(crate) plans: Vec<u32>,
}
