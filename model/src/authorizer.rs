//! How callers prove who they are.

use crate::NodeId;
use crate::integration::{Credentials, Payload, Source};
use crate::text::Text;

/// What a route asks of its callers.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Auth {
    /// Nothing.
    #[default]
    None,
    /// A SigV4 signature and IAM's consent.
    Iam,
    /// An authorizer of the API, by name, with the scopes that the route asks for.
    Authorizer {
        /// The authorizer's name.
        name: String,
        /// Scopes, of which a token must hold at least one; none: any token.
        scopes: Vec<String>,
    },
}

/// An authorizer of an API.
#[derive(Clone, Debug, PartialEq)]
pub struct Authorizer {
    /// Its name.
    pub name: String,
    /// How it decides.
    pub kind: AuthorizerKind,
    /// What people and exports call it: `custom` or `cognito_user_pools` unless the program
    /// says otherwise. Nothing is decided by it.
    pub auth_type: String,
    /// Where it is declared.
    pub node: NodeId,
}

/// The kinds of authorizer.
#[derive(Clone, Debug, PartialEq)]
pub enum AuthorizerKind {
    /// A function that sees one header (Lambda TOKEN).
    Token {
        /// The function's integration ARN.
        uri: Text,
        /// The declared function's name, where the program named one.
        function: Option<String>,
        /// The header that holds the token.
        header: String,
        /// A regular expression (Java's) that the whole token must fit.
        validation: Option<String>,
        /// How long a result is kept, in seconds, 0–3600; 0: not at all.
        ttl_s: u32,
        /// Whose rights invoke it.
        credentials: Option<Credentials>,
    },
    /// A function that sees the request (Lambda REQUEST).
    Request {
        /// The function's integration ARN.
        uri: Text,
        /// The declared function's name, where the program named one.
        function: Option<String>,
        /// What identifies a caller, in order; also the key under which results are kept.
        identity: Vec<Source>,
        /// How long a result is kept, in seconds, 0–3600; 0: not at all.
        ttl_s: u32,
        /// Whose rights invoke it.
        credentials: Option<Credentials>,
        /// HTTP APIs: whether the answer is `isAuthorized` instead of a policy.
        simple: bool,
        /// The event's format. REST APIs know the first alone.
        payload: Payload,
    },
    /// Tokens of Cognito user pools.
    Cognito {
        /// The pools, by ARN.
        pools: Vec<Text>,
        /// The header that holds the token.
        header: String,
        /// A regular expression that the token's `aud` must fit.
        validation: Option<String>,
        /// How long a result is kept, in seconds.
        ttl_s: u32,
    },
    /// Tokens of any OpenID provider.
    Jwt {
        /// The issuer, a URL.
        issuer: Text,
        /// Audiences, of which a token must name one.
        audience: Vec<Text>,
        /// Where the token stands.
        identity: Source,
    },
}
