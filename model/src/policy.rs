//! Policies in the IAM language, whether written as JSON or as sentences.

use crate::NodeId;
use crate::condition::Condition;

/// A policy document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// The statements, in order.
    pub statements: Vec<Statement>,
    /// Length of the JSON document in characters, where it was written as one.
    pub json_length: Option<usize>,
    /// Where it is declared.
    pub node: NodeId,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its `Sid`.
    pub sid: Option<String>,
    /// What it does if it matches.
    pub effect: Effect,
    /// Whom it is about.
    pub principals: Principals,
    /// What is done.
    pub actions: Patterns,
    /// To what.
    pub resources: Resources,
    /// When.
    pub condition: Condition,
    /// Where it is declared.
    pub node: NodeId,
}

/// What a statement does if it matches. A failed evaluation never helps the caller:
/// an allow does not match then, a deny does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    /// Lets through, unless something denies.
    Allow,
    /// Refuses, whatever allows.
    Deny,
}

/// Whom a statement is about.
#[derive(Clone, Debug, PartialEq)]
pub enum Principals {
    /// `*`: everybody, also without credentials.
    Anyone,
    /// These.
    Only(Vec<Principal>),
    /// Everybody but these (`NotPrincipal`).
    Except(Vec<Principal>),
    /// The document has no principal element: the policy of an identity.
    Implied,
}

/// A principal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// `{"AWS": "*"}`.
    Any,
    /// An account, by its twelve digits (or `arn:aws:iam::…:root`).
    Account(String),
    /// A user, role or session, by ARN.
    Arn(String),
    /// `{"AWS": "AIDA…"}`: a unique id.
    UniqueId(String),
    /// A service, a federated provider, a canonical user: type and value.
    Other(String, String),
}

/// Actions: glob patterns, case-insensitive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Patterns {
    /// Any of these.
    Only(Vec<String>),
    /// None of these (`NotAction`).
    Except(Vec<String>),
}

/// Resources: glob patterns over ARNs, case-sensitive, that may hold policy variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resources {
    /// Any of these.
    Only(Vec<ResourcePattern>),
    /// None of these (`NotResource`).
    Except(Vec<ResourcePattern>),
}

/// A pattern over method ARNs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourcePattern {
    /// `*`.
    Any,
    /// What follows the API's own ARN: `STAGE/VERB/PATH`, each a glob (`*` crosses `/`).
    /// `execute-api:/prod/GET/pets` and the native `GET /pets` become this.
    OfApi {
        /// The stage's glob.
        stage: String,
        /// The rest after `stage/`: `GET/pets/*`, or `*`.
        rest: String,
    },
    /// A whole ARN, verbatim, with globs and `${…}` policy variables.
    Arn(String),
}
