//! Who has an access key.

use std::sync::Arc;

use serde_json::{Map, Value};
use tollgate_runtime::policy::{Kind, Policy};

use crate::secret::Secret;
use crate::time;

/// Knows access keys. An embedder implements it; looking up must not block for long, as it does no I/O here:
/// a host with a remote store calls [`parse`](super::parse) first, fetches what
/// [`access_key_id`](super::Signed::access_key_id) names, and then [`verify`](super::Signed::verify).
pub trait CredentialStore {
    /// The credential of this access key id; `None` if nobody has it.
    ///
    /// # Errors
    /// [`StoreFailed`] if the store cannot say. The request is then denied with 500.
    fn find(&self, access_key_id: &str) -> Result<Option<Arc<Credential>>, StoreFailed>;
}

/// The store cannot say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StoreFailed;

/// What belongs to one access key.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The secret access key.
    pub secret_access_key: Secret,
    /// The session token of a temporary key. A request must then carry it; without one, it must carry none.
    pub session_token: Option<Secret>,
    /// When a temporary key ends, milliseconds since 1970.
    pub expires_ms: Option<u64>,
    /// Who it is.
    pub identity: Identity,
    /// The policies that bound and allow the caller.
    pub policies: Vec<CallerPolicy>,
}

/// A policy that bounds or allows a caller: of its own, its boundary, its session, its organisation, or of the
/// VPC endpoint that it comes through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CallerPolicy {
    /// What it is to the caller.
    pub kind: Kind,
    /// The level of the organisation, from its root on, of control policies; else 0.
    pub level: u8,
    /// The document, IAM JSON.
    pub document: Vec<u8>,
}

impl CallerPolicy {
    /// An identity policy.
    #[must_use]
    pub fn identity(document: impl Into<Vec<u8>>) -> CallerPolicy {
        CallerPolicy {
            kind: Kind::Identity,
            level: 0,
            document: document.into(),
        }
    }

    /// The policy, lent as the runtime takes it.
    #[must_use]
    pub fn lend(&self) -> Policy<'_> {
        Policy {
            kind: self.kind,
            level: self.level,
            document: &self.document,
        }
    }
}

/// Whose key it is, as context variables and condition keys show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The account id, twelve digits.
    pub account_id: String,
    /// The ARN of the user or session, for example `arn:aws:sts::111122223333:assumed-role/r/s`.
    pub user_arn: String,
    /// The unique id: `AIDA…`, or `AROA…:session`.
    pub user_id: String,
    /// The kind of principal.
    pub principal_type: PrincipalType,
    /// The ARN that `aws:PrincipalArn` shows if it is not the user ARN: the role of a session.
    pub principal_arn: Option<String>,
    /// The friendly name of a user (`aws:username`).
    pub user_name: Option<String>,
    /// The organisation (`aws:PrincipalOrgID`).
    pub organization_id: Option<String>,
    /// Where in the organisation the account is, as `o-x/r-x/ou-x/` (`aws:PrincipalOrgPaths`).
    pub organization_paths: Vec<String>,
    /// Tags of the principal and its session, in order (`aws:PrincipalTag/…`).
    pub tags: Vec<(String, String)>,
    /// When a temporary key was issued, milliseconds since 1970 (`aws:TokenIssueTime`).
    pub issued_ms: Option<u64>,
    /// When the caller showed a second factor, milliseconds since 1970 (`aws:MultiFactorAuth…`).
    pub mfa_ms: Option<u64>,
}

/// What `aws:PrincipalType` shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrincipalType {
    /// The root user of an account.
    Account,
    /// An IAM user.
    User,
    /// A federated user's session.
    FederatedUser,
    /// A role's session.
    AssumedRole,
}

impl PrincipalType {
    /// The value of `aws:PrincipalType`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            PrincipalType::Account => "Account",
            PrincipalType::User => "User",
            PrincipalType::FederatedUser => "FederatedUser",
            PrincipalType::AssumedRole => "AssumedRole",
        }
    }
}

impl Identity {
    /// An IAM user without tags or organisation.
    #[must_use]
    pub fn user(account_id: &str, name: &str, user_id: &str) -> Identity {
        Identity {
            account_id: account_id.to_owned(),
            user_arn: format!("arn:aws:iam::{account_id}:user/{name}"),
            user_id: user_id.to_owned(),
            principal_type: PrincipalType::User,
            principal_arn: None,
            user_name: Some(name.to_owned()),
            organization_id: None,
            organization_paths: Vec::new(),
            tags: Vec::new(),
            issued_ms: None,
            mfa_ms: None,
        }
    }

    /// The record that [`Outcome::Verified`](tollgate_runtime::Outcome::Verified) carries: one flat JSON object
    /// of texts, and of lists of texts for keys of several values. `accessKey`, `accountId`, `caller`, `user`, `userArn`, `principalOrgId` are the members of
    /// `$context.identity`; the others are condition keys by their own names (`aws:PrincipalArn`, …). A key that
    /// the caller does not have is not there.
    #[must_use]
    pub fn claims(&self, access_key_id: &str, now_ms: u64) -> Vec<u8> {
        let mut claims = Map::new();
        let mut put = |name: &str, value: &str| {
            claims.insert(name.to_owned(), Value::from(value));
        };
        put("accessKey", access_key_id);
        put("accountId", &self.account_id);
        put("caller", &self.user_id);
        put("user", &self.user_id);
        put("userArn", &self.user_arn);
        put("aws:PrincipalAccount", &self.account_id);
        put(
            "aws:PrincipalArn",
            self.principal_arn.as_ref().unwrap_or(&self.user_arn),
        );
        put("aws:PrincipalType", self.principal_type.name());
        put("aws:userid", &self.user_id);
        if let Some(name) = &self.user_name {
            put("aws:username", name);
        }
        if let Some(id) = &self.organization_id {
            put("principalOrgId", id);
            put("aws:PrincipalOrgID", id);
        }
        for (name, value) in &self.tags {
            put(&format!("aws:PrincipalTag/{name}"), value);
        }
        if let Some(issued_ms) = self.issued_ms {
            put("aws:TokenIssueTime", &time::extended(issued_ms));
            put(
                "aws:MultiFactorAuthPresent",
                if self.mfa_ms.is_some() {
                    "true"
                } else {
                    "false"
                },
            );
        }
        if let Some(mfa_ms) = self.mfa_ms {
            put(
                "aws:MultiFactorAuthAge",
                &(now_ms.saturating_sub(mfa_ms) / 1000).to_string(),
            );
        }
        if !self.organization_paths.is_empty() {
            let paths = self.organization_paths.iter().map(String::as_str);
            claims.insert("aws:PrincipalOrgPaths".to_owned(), paths.collect());
        }
        Value::Object(claims).to_string().into_bytes()
    }
}
