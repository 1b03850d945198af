//! Who calls: signatures and tokens are verified here with crate `auth`; the runtime decides what a verdict means.

pub(crate) mod issuers;

use tollgate_auth::jwks::UserPool;
use tollgate_auth::jwt::{Kind, Refusal, Rules, Token};
use tollgate_auth::sigv4::{self, CallerPolicy, CanonicalPath, CredentialStore, Payload};
use tollgate_runtime::{Denial, Head, TokenKind, Trust};

use crate::flight::wall_ms;
use crate::program::{KeysAt, Program};
use crate::worker::Worker;
use issuers::Source;

/// What was found, owned until it is lent to the session.
pub(crate) enum Verdict {
    /// The caller's claims, and the policies that bound and allow it.
    Good {
        claims: Vec<u8>,
        policies: Vec<CallerPolicy>,
    },
    /// A denial's code, and what the client is told.
    Bad(u16, String),
}

impl From<(Denial, String)> for Verdict {
    fn from((denial, message): (Denial, String)) -> Verdict {
        Verdict::Bad(denial as u16, message)
    }
}

/// Verifies a request's signature.
pub(crate) fn signature(
    head: &Head<'_>,
    body: &[u8],
    region: &[u8],
    unsigned_payload: bool,
    store: Option<&dyn CredentialStore>,
    now_ms: u64,
) -> Verdict {
    let request = sigv4::Request {
        method: head.method,
        target: head.target,
        headers: head.headers,
        payload: Payload::Bytes(body),
    };
    let rules = sigv4::Rules {
        region: std::str::from_utf8(region).unwrap_or_default(),
        service: "execute-api",
        skew_s: 300,
        unsigned_payload,
        path: CanonicalPath::Normalized,
    };
    match sigv4::verify(&request, &rules, store.unwrap_or(&Nobody), now_ms) {
        Ok(caller) => Verdict::Good {
            claims: caller.claims,
            policies: caller.credential.policies.clone(),
        },
        Err(refusal) => (refusal.denial(), refusal.message()).into(),
    }
}

/// A gateway without credentials knows no access key.
struct Nobody;

impl CredentialStore for Nobody {
    fn find(
        &self,
        _: &str,
    ) -> Result<Option<std::sync::Arc<sigv4::Credential>>, sigv4::StoreFailed> {
        Ok(None)
    }
}

/// A token with what it is held to, owned: keys may have to be fetched first.
pub(crate) struct Held {
    token: Vec<u8>,
    kind: TokenKind,
    /// Issuers, of which a Cognito authorizer may have several.
    issuers: Vec<String>,
    sources: Vec<Source>,
    audience: Vec<String>,
    scopes: Vec<String>,
    /// Whether the token's `aud` fits the authorizer's expression, if it has one.
    fits: Option<bool>,
}

impl Held {
    /// Takes what is lent.
    pub(crate) fn new(token: &[u8], trust: Trust<'_>) -> Held {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let kind = trust.kind();
        let mut names = trust.names().map(text);
        let (mut issuers, mut sources, mut audience) = (Vec::new(), Vec::new(), Vec::new());
        match kind {
            TokenKind::Cognito => {
                for pool in names.by_ref().filter_map(|arn| UserPool::of_arn(&arn)) {
                    issuers.push(pool.issuer);
                    sources.push(Source::Keys(pool.jwks_uri));
                }
            }
            _ => {
                issuers.extend(names.next());
                sources.extend(issuers.iter().cloned().map(Source::Issuer));
                audience.extend(names);
            }
        }
        // The expression is the bundle's, which is lent only now.
        let read = Token::read(token).ok();
        let aud = read.as_ref().and_then(Token::audience).unwrap_or_default();
        Held {
            token: token.to_vec(),
            kind,
            issuers,
            sources,
            audience,
            scopes: trust.scopes().map(text).collect(),
            fits: trust.audience(aud.as_bytes()),
        }
    }

    /// Verifies the token, fetching its issuer's keys where they are not known.
    pub(crate) async fn verify(&self, worker: &Worker, program: &Program) -> Verdict {
        let fits = self.fits;
        let audience = move |_: &str| fits.unwrap_or(true);
        let rules = Rules {
            kind: match self.kind {
                TokenKind::Cognito => Kind::Cognito {
                    issuers: &self.issuers,
                    audience: fits
                        .is_some()
                        .then_some(&audience as &(dyn Fn(&str) -> bool + Sync)),
                },
                _ => Kind::Http {
                    issuer: self.issuers.first().map_or("", String::as_str),
                    audience: &self.audience,
                },
            },
            scopes: &self.scopes,
            leeway_s: 0,
        };
        match self.verified(&rules, worker, program).await {
            Ok(claims) => Verdict::Good {
                claims,
                policies: Vec::new(),
            },
            Err(refusal) => (refusal.denial(), rules.message(&refusal)).into(),
        }
    }

    async fn verified(
        &self,
        rules: &Rules<'_>,
        worker: &Worker,
        program: &Program,
    ) -> Result<Vec<u8>, Refusal> {
        let token = Token::read(&self.token)?;
        let issuer = rules.issuer(&token)?;
        let kid = token.key_id().ok_or(Refusal::NoKeyId)?;
        let source = self
            .issuers
            .iter()
            .position(|known| known == issuer)
            .and_then(|at| self.sources.get(at))
            .ok_or(Refusal::Issuer)?;
        let keys = match program.keys_of(issuer) {
            Some(KeysAt::Set(keys)) => keys.clone(),
            Some(KeysAt::Url(url)) => {
                let source = Source::Keys(url.clone());
                issuers::keys(issuer, &source, kid, worker).await?
            }
            None => issuers::keys(issuer, source, kid, worker).await?,
        };
        Ok(rules.verify(token, &keys, wall_ms())?.record())
    }
}
