//! Limits, usage plans, keys.

use crate::NodeId;

/// A token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Throttle {
    /// Steady rate, in thousandths of a request per second.
    pub rate_milli: u64,
    /// Size of the bucket, in requests.
    pub burst: u64,
}

/// A usage plan.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Its name.
    pub name: String,
    /// The API stages that it opens: API, stage, and limits of single methods.
    pub stages: Vec<PlanStage>,
    /// A throttle for each of its keys.
    pub throttle: Option<Throttle>,
    /// A quota for each of its keys.
    pub quota: Option<Quota>,
    /// Where it is declared.
    pub node: NodeId,
}

/// One stage of a [`Plan`].
#[derive(Clone, Debug, PartialEq)]
pub struct PlanStage {
    /// The API's name.
    pub api: String,
    /// The stage's name.
    pub stage: String,
    /// Limits of single methods.
    pub methods: Vec<(crate::stage::MethodSelector, Throttle)>,
}

/// A quota.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Quota {
    /// Requests in a period.
    pub limit: u64,
    /// Requests subtracted in the first period.
    pub offset: u64,
    /// The period.
    pub period: Period,
}

/// The period of a [`Quota`], by the UTC calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs)] // each is what it says
pub enum Period {
    Day,
    Week,
    Month,
}

/// An API key. Its value never appears here in clear unless a test gave it.
#[derive(Clone, Debug, PartialEq)]
pub struct Key {
    /// Its name.
    pub name: String,
    /// Its id.
    pub id: String,
    /// Whether it opens anything.
    pub enabled: bool,
    /// The plans that it belongs to, by name.
    pub plans: Vec<String>,
    /// Where its value is read when a bundle is loaded.
    pub value: Secret,
    /// Where it is declared.
    pub node: NodeId,
}

/// A secret by reference. The host resolves it at load, never the compiler.
#[derive(Clone, PartialEq, Eq, Hash)]
pub enum Secret {
    /// A variable of the environment.
    Env(String),
    /// A file.
    File(String),
    /// A name in the host's own store.
    Named(String),
    /// The value itself: only of cases and tests; a program with one is refused.
    Clear(String),
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Secret::Env(name) => f.debug_tuple("Env").field(name).finish(),
            Secret::File(name) => f.debug_tuple("File").field(name).finish(),
            Secret::Named(name) => f.debug_tuple("Named").field(name).finish(),
            Secret::Clear(_) => f.write_str("Clear(…)"),
        }
    }
}
