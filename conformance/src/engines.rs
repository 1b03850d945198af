//! The languages inside a gateway, each asked on its own, so that third-party suites can be
//! run on them. What a subject does not offer is named as missing, never guessed.

use serde_json::Value as Json;

use tollgate_runtime::policy::Kind;

use crate::verdict::Missing;

/// A template with everything that it sees.
#[derive(Clone, Debug, Default)]
pub struct TemplateInput {
    /// The template.
    pub template: String,
    /// The payload.
    pub body: String,
    /// Path parameters.
    pub path: Vec<(String, Json)>,
    /// Query string parameters.
    pub query: Vec<(String, Json)>,
    /// Headers.
    pub headers: Vec<(String, Json)>,
    /// Members of `$context`; the override maps are there and empty if they are not named.
    pub context: Json,
    /// Members of `$stageVariables`.
    pub stage_variables: Json,
    /// Further variables.
    pub variables: Vec<(String, Json)>,
}

/// What a template rendered.
#[derive(Clone, Debug, PartialEq)]
pub enum TemplateOutput {
    /// A text.
    Rendered {
        /// The text.
        text: String,
        /// The members of `$context.requestOverride` and `responseOverride` that are not empty.
        overrides: Json,
    },
    /// It is no template.
    ParseError(String),
    /// Something that it calls throws.
    RuntimeError(String),
}

/// What a JSONPath found.
#[derive(Clone, Debug, PartialEq)]
pub enum PathOutput {
    /// A value.
    Value(Json),
    /// A definite path that leads nowhere.
    NotFound,
    /// The path is none.
    InvalidPath(String),
    /// It cannot be evaluated on this document.
    Other(String),
    /// The document is none.
    InvalidDocument,
}

/// A condition of a policy: an operator over a key, with the policy's values.
#[derive(Clone, Debug)]
pub struct ConditionClause {
    /// With its quantifier and `IfExists`: `ForAnyValue:StringLike`.
    pub operator: String,
    /// The key.
    pub key: String,
    /// One value or a list.
    pub values: Json,
}

/// Who asks policies.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum PolicyCaller {
    /// Nobody that IAM knows.
    #[default]
    Anonymous,
    /// A user, role or session, by ARN.
    Iam(String),
    /// A service, a federated provider, a canonical user: kind and name.
    Other(String, String),
}

impl PolicyCaller {
    /// The account of a caller by ARN; empty if there is none.
    #[must_use]
    pub fn account(&self) -> &str {
        match self {
            PolicyCaller::Iam(arn) => arn.split(':').nth(4).unwrap_or_default(),
            _ => "",
        }
    }

    /// The role of a session, as far as its ARN tells.
    #[must_use]
    pub fn role(&self) -> Option<String> {
        let PolicyCaller::Iam(arn) = self else {
            return None;
        };
        let name = arn.splitn(6, ':').nth(5)?.strip_prefix("assumed-role/")?;
        let role = name.split('/').next()?;
        let partition = arn.split(':').nth(1)?;
        Some(format!(
            "arn:{partition}:iam::{}:role/{role}",
            self.account()
        ))
    }
}

/// How the principals of a statement mean a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrincipalMatch {
    /// Not at all.
    No,
    /// By its account, whose own policies decide.
    Account,
    /// By the role of its session.
    Role,
    /// By its name, or everybody.
    Caller,
}

/// A policy among those that decide together.
#[derive(Clone, Debug)]
pub struct PolicyDocument {
    /// What it is to the request.
    pub kind: Kind,
    /// The level of the organisation, of control policies.
    pub level: u8,
    /// The document.
    pub document: Json,
}

/// What policies decide together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDecision {
    /// Whether it may be done.
    pub allowed: bool,
    /// Whether something denies, where not.
    pub explicit: bool,
    /// The kinds of policies that keep it out: those that deny, else those that bound and do not allow.
    pub blocked_by: Vec<Kind>,
}

/// What a policy is asked about.
#[derive(Clone, Debug, Default)]
pub struct PolicyRequest {
    /// Who asks.
    pub caller: PolicyCaller,
    /// The account that owns the resource.
    pub owner: String,
    /// The action.
    pub action: String,
    /// The resource's ARN.
    pub resource: String,
    /// Condition keys: a text each, or a list of texts.
    pub context: Vec<(String, Json)>,
    /// Whether `${…}` in the policy are variables.
    pub variables: bool,
}

/// An expression of CEL and what it may read.
#[derive(Clone, Debug, Default)]
pub struct CelInput {
    /// The expression.
    pub expression: String,
    /// What a host binds: dotted names, and values as [`CelOutput::Value`] has them.
    pub bound: Vec<(String, Json)>,
    /// Where names are looked up first.
    pub container: String,
    /// Whether types are not checked before the expression is evaluated.
    pub is_unchecked: bool,
}

/// What an expression of CEL is.
#[derive(Clone, Debug, PartialEq)]
pub enum CelOutput {
    /// A value, tagged with its type: `{"int": "1"}`, `{"list": [{"bool": true}]}`.
    Value(Json),
    /// None: it is refused, or fails.
    Error(String),
}

/// A signed request with the credentials that it should be signed with.
#[derive(Clone, Default)]
pub struct SignedRequest {
    /// The verb.
    pub method: String,
    /// The raw request target.
    pub target: String,
    /// Headers, in order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// The access key that exists.
    pub access_key_id: String,
    /// Its secret.
    pub secret_access_key: String,
    /// Its session token, if it is a temporary one.
    pub session_token: Option<String>,
    /// The region that signatures must be scoped to.
    pub region: String,
    /// The service that signatures must be scoped to.
    pub service: String,
    /// Whether the path enters the canonical request normalized.
    pub normalize_path: bool,
    /// The verifier's clock: milliseconds since 1970 UTC.
    pub now_ms: u64,
}

/// What a signer should have signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanonicalForm {
    /// The canonical request.
    pub request: String,
    /// The string to sign.
    pub string_to_sign: String,
}

/// What a subject's languages answer.
pub trait Engines {
    /// Renders a mapping template.
    ///
    /// # Errors
    ///
    /// The subject has no templates that can be asked alone.
    fn template(&mut self, _input: &TemplateInput) -> Result<TemplateOutput, Missing> {
        Err(Missing("templates alone".into()))
    }

    /// Evaluates a JSONPath on a document's text.
    ///
    /// # Errors
    ///
    /// The subject has no JSONPath that can be asked alone.
    fn json_path(&mut self, _document: &str, _path: &str) -> Result<PathOutput, Missing> {
        Err(Missing("JSONPath alone".into()))
    }

    /// Whether a whole text fits a Java pattern; none if the pattern is none.
    ///
    /// # Errors
    ///
    /// The subject has no patterns that can be asked alone.
    fn pattern_matches(&mut self, _pattern: &str, _text: &str) -> Result<Option<bool>, Missing> {
        Err(Missing("patterns alone".into()))
    }

    /// Java's `replaceAll` or `replaceFirst`; none where it throws.
    ///
    /// # Errors
    ///
    /// The subject has no replacement that can be asked alone.
    fn pattern_replace(
        &mut self,
        _pattern: &str,
        _text: &str,
        _with: &str,
        _all: bool,
    ) -> Result<Option<String>, Missing> {
        Err(Missing("replacement alone".into()))
    }

    /// Java's `split`; none where it throws.
    ///
    /// # Errors
    ///
    /// The subject has no splitting that can be asked alone.
    fn pattern_split(
        &mut self,
        _pattern: &str,
        _text: &str,
        _limit: i32,
    ) -> Result<Option<Vec<String>>, Missing> {
        Err(Missing("splitting alone".into()))
    }

    /// Whether clauses of a policy's condition hold; none for an error.
    ///
    /// # Errors
    ///
    /// The subject has no conditions that can be asked alone.
    fn condition_holds(
        &mut self,
        _clauses: &[ConditionClause],
        _request: &PolicyRequest,
    ) -> Result<Option<bool>, Missing> {
        Err(Missing("policy conditions alone".into()))
    }

    /// Whether one element of a statement (`Action`, `NotResource`, …) of a policy of this kind matches a
    /// request.
    ///
    /// # Errors
    ///
    /// The subject has no statements that can be asked alone.
    fn element_matches(
        &mut self,
        _element: &str,
        _value: &Json,
        _kind: Kind,
        _request: &PolicyRequest,
    ) -> Result<bool, Missing> {
        Err(Missing("policy elements alone".into()))
    }

    /// How a statement's `Principal` or `NotPrincipal` means a caller.
    ///
    /// # Errors
    ///
    /// The subject has no statements that can be asked alone.
    fn principal_matches(
        &mut self,
        _element: &str,
        _value: &Json,
        _request: &PolicyRequest,
    ) -> Result<PrincipalMatch, Missing> {
        Err(Missing("policy elements alone".into()))
    }

    /// What policies of several kinds decide together.
    ///
    /// # Errors
    ///
    /// The subject has no policies that can be asked alone, or one of these cannot be read.
    fn policies_decide(
        &mut self,
        _policies: &[PolicyDocument],
        _request: &PolicyRequest,
    ) -> Result<PolicyDecision, Missing> {
        Err(Missing("policies alone".into()))
    }

    /// Whether a text is an identity policy that IAM takes; why not.
    ///
    /// # Errors
    ///
    /// The subject does not read identity policies alone.
    fn identity_policy_reads(&mut self, _text: &str) -> Result<Result<(), String>, Missing> {
        Err(Missing("reading identity policies alone".into()))
    }

    /// Whether one ARN can fit both patterns.
    ///
    /// # Errors
    ///
    /// The subject does not compare patterns.
    fn arn_patterns_overlap(&mut self, _one: &str, _other: &str) -> Result<bool, Missing> {
        Err(Missing("overlap of two patterns".into()))
    }

    /// Whether a document fits a JSON Schema of draft 4.
    ///
    /// # Errors
    ///
    /// The subject has no schemas that can be asked alone, or not of this kind.
    fn schema_accepts(&mut self, _schema: &Json, _document: &Json) -> Result<bool, Missing> {
        Err(Missing("JSON Schema alone".into()))
    }

    /// Evaluates an expression of CEL that reads what a host binds, and nothing else.
    ///
    /// # Errors
    ///
    /// The subject has no expressions that can be asked alone, or not of this kind.
    fn cel(&mut self, _input: &CelInput) -> Result<CelOutput, Missing> {
        Err(Missing("CEL alone".into()))
    }

    /// Whether a request's AWS signature is good; why not.
    ///
    /// # Errors
    ///
    /// The subject verifies no signatures.
    fn signature_verifies(&mut self, _: &SignedRequest) -> Result<Result<(), String>, Missing> {
        Err(Missing("AWS signatures".into()))
    }

    /// What a request's signer should have signed: several forms where clients differ. Or why the
    /// request says nothing of a signature.
    ///
    /// # Errors
    ///
    /// The subject verifies no signatures.
    fn canonical_forms(
        &mut self,
        _: &SignedRequest,
    ) -> Result<Result<Vec<CanonicalForm>, String>, Missing> {
        Err(Missing("AWS signatures".into()))
    }

    /// Whether a compact token's signature is good, with a JWK or a set of them; why not. A detached
    /// payload stands beside its token.
    ///
    /// # Errors
    ///
    /// The subject verifies no tokens.
    fn token_verifies(
        &mut self,
        _token: &str,
        _detached: Option<&[u8]>,
        _key: &Json,
    ) -> Result<Result<(), String>, Missing> {
        Err(Missing("signatures of tokens".into()))
    }

    /// Whether a JWK is a key that tokens can be verified with; why not.
    ///
    /// # Errors
    ///
    /// The subject verifies no tokens.
    fn key_reads(&mut self, _key: &Json) -> Result<Result<(), String>, Missing> {
        Err(Missing("signatures of tokens".into()))
    }
}
