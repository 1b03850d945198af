//! Stages: what changes without a new deployment.

use crate::NodeId;
use crate::api::{Method, RouteKey};
use crate::integration::Source;
use crate::text::Text;
use crate::traffic::Throttle;

/// A stage of an API.
#[derive(Clone, Debug, PartialEq)]
pub struct Stage {
    /// Its name: letters, digits, `_`, `-`; or `$default` of an HTTP API.
    pub name: String,
    /// The API's name.
    pub api: String,
    /// The description.
    pub doc: String,
    /// Every variable that has a value here, defaults included, in the order of their names.
    pub variables: Vec<(String, Text)>,
    /// Settings of all methods.
    pub settings: Settings,
    /// Settings of single methods; each is complete and used alone. `*` stands for all
    /// methods of a path, `~1` is not used: paths are written plainly.
    pub methods: Vec<(MethodSelector, Settings)>,
    /// The cache cluster's size in gigabytes; none: no cache.
    pub cache_gb: Option<f64>,
    /// A share of requests that another deployment or other variables serve.
    pub canary: Option<Canary>,
    /// Access logs.
    pub access_log: Option<AccessLog>,
    /// Whether traces are recorded.
    pub tracing: bool,
    /// The certificate that the gateway shows to backends.
    pub client_certificate: Option<String>,
    /// Tags, in order.
    pub tags: Vec<(String, String)>,
    /// Where it is declared.
    pub node: NodeId,
}

/// Which methods a setting is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MethodSelector {
    /// The path template as written.
    pub path: String,
    /// The verb, or `*`.
    pub method: String,
}

impl MethodSelector {
    /// What selects a route alone.
    pub fn of(key: &RouteKey) -> MethodSelector {
        let (path, method) = match key {
            RouteKey::Http { path, method } => (path.text(), *method),
            RouteKey::Named(name) => (name.clone(), Method::Any),
        };
        MethodSelector {
            path,
            method: method.as_str().to_owned(),
        }
    }
}

/// Settings of a method at a stage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// Its throttle; none: only the account's.
    pub throttle: Option<Throttle>,
    /// Whether responses are cached.
    pub caching: bool,
    /// How long, in seconds, 0–3600.
    pub cache_ttl_s: u32,
    /// Whether cached responses are encrypted.
    pub cache_encrypted: bool,
    /// Whether a client needs rights to pass the cache by.
    pub invalidation_auth: bool,
    /// What a client without them meets.
    pub unauthorized_invalidation: UnauthorizedInvalidation,
    /// Execution logs.
    pub log_level: LogLevel,
    /// Whether bodies are logged.
    pub data_trace: bool,
    /// Whether metrics per method are kept.
    pub metrics: bool,
}

/// What a client meets that wants to pass the cache by without the right to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum UnauthorizedInvalidation {
    /// 403.
    Fail,
    /// Its wish is ignored, with a `Warning` header.
    #[default]
    IgnoreWithWarning,
    /// Its wish is ignored.
    Ignore,
}

/// How much is written to execution logs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum LogLevel {
    /// Nothing.
    #[default]
    Off,
    /// Failures.
    Error,
    /// Everything.
    Info,
}

/// A canary.
#[derive(Clone, Debug, PartialEq)]
pub struct Canary {
    /// Share of requests in hundredths of a percent, 0–10000.
    pub share: u16,
    /// Variables that differ, merged on top of the stage's.
    pub variables: Vec<(String, Text)>,
    /// Whether it shares the stage's cache.
    pub use_stage_cache: bool,
    /// The API whose routes it serves; none: the stage's own.
    pub deployment: Option<String>,
    /// Where it is declared.
    pub node: NodeId,
}

/// Where and how requests are logged.
#[derive(Clone, Debug, PartialEq)]
pub struct AccessLog {
    /// `stdout`, a file, or an ARN.
    pub destination: Text,
    /// The line.
    pub format: AccessLogFormat,
    /// Where it is declared.
    pub node: NodeId,
}

/// The line of an [`AccessLog`].
#[derive(Clone, Debug, PartialEq)]
pub enum AccessLogFormat {
    /// The reference's own: text with `$context.…`.
    Text(String),
    /// Members of a JSON object, in order.
    Json(Vec<(String, Source)>),
}
