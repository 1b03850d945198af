//! JSON web tokens, by the rules of the three kinds of authorizer that take them.
//!
//! A host reads the token ([`Token::read`]), asks the rules whose keys it needs ([`Rules::issuer`]), has them
//! from a [`KeyCache`](crate::jwks::KeyCache), and verifies ([`Rules::verify`]). The order is the reference's:
//! token, algorithm and signature, claims, scopes.

mod claims;
mod refusal;

use std::fmt;

use serde_json::{Map, Value};

pub use claims::Flatten;
pub use refusal::Refusal;

use crate::json;
use crate::jwks::{KeySet, NoKey};
use crate::jws::{Algorithm, Algorithms, Compact};

/// A token with its claims, not yet verified.
pub struct Token<'a> {
    compact: Compact<'a>,
    claims: Map<String, Value>,
}

impl<'a> Token<'a> {
    /// Reads a token as it stands in its identity source: bare, or after `Bearer` in any letter case.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn read(source: &'a [u8]) -> Result<Token<'a>, Refusal> {
        let token = without_scheme(source);
        if token.is_empty() {
            return Err(Refusal::Missing);
        }
        let compact = Compact::parse(token).map_err(Refusal::Signature)?;
        let claims = json::object(compact.payload()).ok_or(Refusal::Claims)?;
        Ok(Token { compact, claims })
    }

    /// The id of the key that it names.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.compact.key_id()
    }

    /// What it says that it is for (`aud`), if that is one text.
    #[must_use]
    pub fn audience(&self) -> Option<&str> {
        self.claims.get("aud")?.as_str()
    }
}

impl fmt::Debug for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Claims are about people.
        self.compact.fmt(f)
    }
}

/// The token of an identity source's value, without `Bearer`.
#[must_use]
pub fn without_scheme(source: &[u8]) -> &[u8] {
    let source = source.trim_ascii();
    match source.split_at_checked(6) {
        Some((scheme, rest))
            if scheme.eq_ignore_ascii_case(b"bearer")
                && rest.first().is_none_or(u8::is_ascii_whitespace) =>
        {
            rest.trim_ascii()
        }
        _ => source,
    }
}

/// What a token is held to.
#[derive(Clone, Copy)]
pub struct Rules<'a> {
    /// The kind of authorizer.
    pub kind: Kind<'a>,
    /// The scopes of the route, of which a token must hold one; none: any token.
    pub scopes: &'a [String],
    /// Seconds that the issuer's clock may differ from ours. The reference's tolerance is not documented; we
    /// take 0.
    pub leeway_s: u32,
}

/// The kinds of authorizer that take tokens.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Kind<'a> {
    /// The JWT authorizer of an HTTP API: one issuer, RSA without PSS.
    Http {
        /// What `iss` must be.
        issuer: &'a str,
        /// What `aud`, or without it `client_id`, must be one of.
        audience: &'a [String],
    },
    /// The JWT authorizer of a REST API.
    Rest {
        /// Whose tokens are taken.
        issuers: &'a [Issuer],
    },
    /// The Cognito authorizer of a REST API. Without scopes on the method it takes ID tokens, with scopes access
    /// tokens.
    Cognito {
        /// The issuers of the user pools ([`UserPool::issuer`](crate::jwks::UserPool::issuer)).
        issuers: &'a [String],
        /// Whether a text is a good `aud` (`identityValidationExpression`); `None`: any. An access token has no
        /// `aud`, and is refused if this is there.
        audience: Option<&'a (dyn Fn(&str) -> bool + Sync)>,
    },
}

/// One issuer of a REST API's JWT authorizer.
#[derive(Clone, Debug)]
pub struct Issuer {
    /// What `iss` must be, letter by letter.
    pub issuer: String,
    /// What `aud`, or without it `client_id`, must be one of.
    pub audience: Vec<String>,
    /// The algorithms that are taken. HMAC never is.
    pub algorithms: Algorithms,
    /// Claims that must be there, with the texts that they may be; none: any.
    pub required: Vec<(String, Vec<String>)>,
}

/// A good token.
#[derive(Clone)]
pub struct Verified {
    claims: Map<String, Value>,
    flatten: Flatten,
    scopes: Vec<String>,
}

impl Verified {
    /// The record for [`Outcome::Verified`](tollgate_runtime::Outcome::Verified): the claims as one JSON
    /// object of texts, in the form of the authorizer's kind.
    #[must_use]
    pub fn record(&self) -> Vec<u8> {
        claims::flatten(&self.claims, self.flatten)
    }

    /// The claims as the issuer wrote them.
    #[must_use]
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }

    /// The token's scopes, in its order.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        &self.scopes
    }
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Claims are about people.
        f.debug_struct("Verified")
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}

impl<'a> Rules<'a> {
    /// The issuer whose keys the token needs. It is one of the configured ones, whatever the token says.
    ///
    /// # Errors
    /// The token is of none of the issuers.
    pub fn issuer(&self, token: &Token<'_>) -> Result<&'a str, Refusal> {
        let claimed = token.claims.get("iss").and_then(Value::as_str);
        let is = |issuer: &&str| Some(*issuer) == claimed;
        match self.kind {
            // With one issuer the signature is judged first, as in the reference's order.
            Kind::Http { issuer, .. } => Some(issuer),
            Kind::Rest { issuers } => issuers.iter().map(|i| i.issuer.as_str()).find(is),
            Kind::Cognito { issuers, .. } => issuers.iter().map(String::as_str).find(is),
        }
        .ok_or(Refusal::Issuer)
    }

    /// Verifies a token with the keys of its [`issuer`](Rules::issuer). `now_ms` is milliseconds since 1970.
    ///
    /// # Errors
    /// Why the token is not good.
    pub fn verify(
        &self,
        token: Token<'_>,
        keys: &KeySet,
        now_ms: u64,
    ) -> Result<Verified, Refusal> {
        let issuer = self.issuer(&token)?;
        self.check_signature(&token, keys, issuer)?;
        let claims = token.claims;
        if claims.get("iss").and_then(Value::as_str) != Some(issuer) {
            return Err(Refusal::Issuer);
        }
        self.check_audience(&claims, issuer)?;
        self.check_time(&claims, now_ms)?;
        let (scopes, unauthorized) = match self.kind {
            Kind::Cognito { .. } => (words(claims.get("scope")), true),
            Kind::Http { .. } | Kind::Rest { .. } => (scopes(&claims), false),
        };
        if !self.scopes.is_empty() && !self.scopes.iter().any(|s| scopes.contains(s)) {
            return Err(Refusal::Scope { unauthorized });
        }
        let flatten = match self.kind {
            Kind::Http { .. } => Flatten::Http,
            Kind::Rest { .. } => Flatten::Rest,
            Kind::Cognito { .. } => Flatten::Cognito,
        };
        Ok(Verified {
            claims,
            flatten,
            scopes,
        })
    }

    /// The message of [`Outcome::Denied`](tollgate_runtime::Outcome::Denied) for a refusal under these rules: the
    /// client's text of a REST API, `error_description` of an HTTP API.
    #[must_use]
    pub fn message(&self, refusal: &Refusal) -> String {
        match self.kind {
            Kind::Http { .. } => refusal.to_string(),
            Kind::Rest { .. } | Kind::Cognito { .. } => refusal.message().to_owned(),
        }
    }

    fn algorithms(&self, issuer: &str) -> Algorithms {
        match self.kind {
            Kind::Http { .. } => Algorithms::RSA,
            Kind::Cognito { .. } => Algorithms::RS256,
            Kind::Rest { issuers } => issuers
                .iter()
                .find(|i| i.issuer == issuer)
                .map_or(Algorithms::of(&[]), |i| {
                    i.algorithms.and(Algorithms::ASYMMETRIC)
                }),
        }
    }

    fn check_signature(
        &self,
        token: &Token<'_>,
        keys: &KeySet,
        issuer: &str,
    ) -> Result<(), Refusal> {
        let accepted = self.algorithms(issuer);
        let algorithm: Algorithm = token
            .compact
            .algorithm(accepted)
            .map_err(Refusal::Signature)?;
        let id = token.key_id().ok_or(Refusal::NoKeyId)?;
        let key = keys.choose(id, algorithm).map_err(|none| match none {
            NoKey::Unknown => Refusal::UnknownKey,
            NoKey::Ambiguous => Refusal::AmbiguousKey,
        })?;
        token
            .compact
            .verify(key, accepted)
            .map_err(Refusal::Signature)
    }

    fn check_audience(&self, claims: &Map<String, Value>, issuer: &str) -> Result<(), Refusal> {
        match self.kind {
            Kind::Http { audience, .. } => named_in(claims, audience),
            Kind::Rest { issuers } => {
                let rules = issuers
                    .iter()
                    .find(|i| i.issuer == issuer)
                    .ok_or(Refusal::Issuer)?;
                named_in(claims, &rules.audience)?;
                for (name, values) in &rules.required {
                    let held = texts(claims.get(name));
                    let good = match values.as_slice() {
                        [] => claims.get(name).is_some_and(|v| !v.is_null()),
                        values => values.iter().any(|v| held.contains(&v.as_str())),
                    };
                    if !good {
                        return Err(Refusal::RequiredClaim(name.clone()));
                    }
                }
                Ok(())
            }
            Kind::Cognito { audience, .. } => {
                let wanted = if self.scopes.is_empty() {
                    "id"
                } else {
                    "access"
                };
                if claims.get("token_use").and_then(Value::as_str) != Some(wanted) {
                    return Err(Refusal::TokenUse);
                }
                let aud = claims.get("aud").and_then(Value::as_str);
                match (aud, audience) {
                    (Some(aud), Some(good)) if !good(aud) => Err(Refusal::Audience),
                    (None, Some(_)) => Err(Refusal::Audience),
                    (None, None) if self.scopes.is_empty() => Err(Refusal::Audience),
                    _ => Ok(()),
                }
            }
        }
    }

    fn check_time(&self, claims: &Map<String, Value>, now_ms: u64) -> Result<(), Refusal> {
        // A double holds every millisecond of the next 280,000 years.
        let now_s = now_ms as f64 / 1000.0;
        let leeway_s = f64::from(self.leeway_s);
        let date = |name: &str| match claims.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => number.as_f64().map(Some).ok_or(Refusal::Claims),
            Some(_) => Err(Refusal::Claims),
        };
        match date("exp")? {
            Some(exp) if now_s < exp + leeway_s => {}
            _ => return Err(Refusal::Expired),
        }
        if date("nbf")?.is_some_and(|nbf| nbf > now_s + leeway_s) {
            return Err(Refusal::NotYetValid);
        }
        let checks_iat = !matches!(self.kind, Kind::Cognito { .. });
        if checks_iat && date("iat")?.is_some_and(|iat| iat > now_s + leeway_s) {
            return Err(Refusal::IssuedLater);
        }
        Ok(())
    }
}

/// Whether `aud`, or `client_id` if there is no `aud`, names one of `audience`.
fn named_in(claims: &Map<String, Value>, audience: &[String]) -> Result<(), Refusal> {
    let named = texts(claims.get("aud").or_else(|| claims.get("client_id")));
    if audience.iter().any(|a| named.contains(&a.as_str())) {
        Ok(())
    } else {
        Err(Refusal::Audience)
    }
}

/// The texts of a claim that is a text or a list of texts.
fn texts(claim: Option<&Value>) -> Vec<&str> {
    match claim {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// `scope`, words parted by blanks; without it `scp`, a text of words or a list.
fn scopes(claims: &Map<String, Value>) -> Vec<String> {
    match (claims.get("scope"), claims.get("scp")) {
        (None, Some(Value::Array(items))) => items
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
        (None, scp) => words(scp),
        (scope, _) => words(scope),
    }
}

fn words(claim: Option<&Value>) -> Vec<String> {
    let text = claim.and_then(Value::as_str).unwrap_or_default();
    text.split_ascii_whitespace().map(str::to_owned).collect()
}
