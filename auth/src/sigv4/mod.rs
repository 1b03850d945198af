//! Verifies AWS signatures, version 4, in `Authorization` or in the query.
//!
//! [`verify`] does all at once with a [`CredentialStore`]. A host that must fetch credentials from afar calls
//! [`parse`], fetches what [`Signed::access_key_id`] names, and calls [`Signed::verify`].
//!
//! A third party cannot add a meaning to what was signed: `host` and every `x-amz-*` header must be signed, the
//! body's hash always enters the signature, and two readings of one element (repeated parameters, both forms)
//! are refused. What the canonical form folds, and so may differ from what was signed, is the case of header
//! names and of the method, blanks around and inside header values, dot segments and repeated slashes of the
//! path, the order of query parameters, and the spelling of their encoding.

mod canonical;
mod credential;
mod parse;
mod refusal;

use std::fmt;
use std::sync::Arc;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use tollgate_runtime::Header;
use tollgate_runtime::behaviour::{Behaviour, Switch};

pub use canonical::CanonicalPath;
pub use credential::{
    CallerPolicy, Credential, CredentialStore, Identity, PrincipalType, StoreFailed,
};
pub use parse::Form;
pub use refusal::{Refusal, Scope};

use crate::encoding::{hex, hex_decode_32, shown};
use crate::time;
use canonical::HeaderIndex;
use parse::{ALGORITHM, Claimed};

const TERMINATOR: &str = "aws4_request";
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";
/// Headers of the family `x-amz-` that a signature need not cover: the token may be added after signing, the
/// other is added on the way by the reference's own edge network.
const NEED_NOT_BE_SIGNED: [&[u8]; 2] = [b"x-amz-security-token", b"x-amz-cf-id"];

/// A request as it was received. Not printable: it may hold a session token.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The verb.
    pub method: &'a [u8],
    /// The raw request target, with stage or mapping and query.
    pub target: &'a [u8],
    /// The headers in the order received, with `Host` (of HTTP/2: from `:authority`).
    pub headers: &'a [Header<'a>],
    /// The body.
    pub payload: Payload<'a>,
}

/// The body of a request.
#[derive(Clone, Copy)]
pub enum Payload<'a> {
    /// All of it.
    Bytes(&'a [u8]),
    /// Its SHA-256, where the host has hashed it on the way.
    Sha256([u8; 32]),
}

/// What a signature is held to.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// The region that a credential must be scoped to.
    pub region: &'a str,
    /// The service that a credential must be scoped to.
    pub service: &'a str,
    /// Seconds that the signer's clock may differ from ours, and how old a signature without
    /// `X-Amz-Expires` may be.
    pub skew_s: u32,
    /// Whether a client may sign `UNSIGNED-PAYLOAD` instead of the body's hash.
    pub unsigned_payload: bool,
    /// How the path enters the canonical request.
    pub path: CanonicalPath,
}

impl<'a> Rules<'a> {
    /// What the reference holds a call of an API in `region` to: service `execute-api`, five minutes, a hashed
    /// body unless `sigv4.unsigned-payload` is `accept`.
    #[must_use]
    pub fn execute_api(region: &'a str, behaviour: &Behaviour) -> Rules<'a> {
        Rules {
            region,
            service: "execute-api",
            skew_s: 300,
            unsigned_payload: behaviour.get(Switch::SigV4UnsignedPayload) == 1,
            path: CanonicalPath::Normalized,
        }
    }
}

/// A caller whose signature is good.
#[derive(Clone, Debug)]
pub struct Caller {
    /// The access key that signed.
    pub access_key_id: String,
    /// What belongs to it.
    pub credential: Arc<Credential>,
    /// The record for [`Outcome::Verified`](tollgate_runtime::Outcome::Verified).
    pub claims: Vec<u8>,
}

/// Verifies a request's signature. `now_ms` is milliseconds since 1970.
///
/// Costs a sort of headers and parameters, five HMACs and the hash of the body.
///
/// # Errors
/// Why the signature is not good.
pub fn verify(
    request: &Request<'_>,
    rules: &Rules<'_>,
    store: &dyn CredentialStore,
    now_ms: u64,
) -> Result<Caller, Refusal> {
    let signed = parse(request)?;
    signed.check(rules, now_ms)?;
    let found = store
        .find(signed.access_key_id())
        .map_err(|StoreFailed| Refusal::StoreFailed)?;
    let credential = found.ok_or(Refusal::UnrecognizedClient)?;
    signed.verify(&credential, rules, now_ms)?;
    Ok(Caller {
        access_key_id: signed.access_key_id().to_owned(),
        claims: credential.identity.claims(signed.access_key_id(), now_ms),
        credential,
    })
}

/// Reads what a request says of its signature.
///
/// # Errors
/// The request is not signed, or its signature cannot be read.
pub fn parse<'a>(request: &'a Request<'a>) -> Result<Signed<'a>, Refusal> {
    let headers = canonical::index(request.headers);
    let claimed = parse::claimed(request, &headers)?;
    Ok(Signed {
        request,
        headers,
        claimed,
    })
}

/// A request that claims to be signed.
pub struct Signed<'a> {
    request: &'a Request<'a>,
    headers: HeaderIndex<'a>,
    claimed: Claimed,
}

impl fmt::Debug for Signed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signed")
            .field("form", &self.form())
            .field("access_key_id", &self.access_key_id())
            .finish_non_exhaustive()
    }
}

/// What was hashed and signed; for explaining a mismatch. Not printable: it repeats signed headers.
#[derive(Clone, PartialEq, Eq)]
pub struct Canonical {
    /// The canonical request.
    pub request: Vec<u8>,
    /// The string to sign.
    pub string_to_sign: String,
}

impl Signed<'_> {
    /// The access key id that the request names.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.claimed.credential.access_key_id
    }

    /// Where the signature stands.
    #[must_use]
    pub fn form(&self) -> Form {
        self.claimed.form
    }

    /// All that can be checked without a credential: scope, time, and which headers are signed.
    ///
    /// # Errors
    /// Why the signature is not good.
    pub fn check(&self, rules: &Rules<'_>, now_ms: u64) -> Result<(), Refusal> {
        let scope = self.scope_faults(rules);
        if !scope.fits() {
            return Err(Refusal::Scope(scope));
        }
        self.check_time(rules, now_ms)?;
        self.check_signed_headers()
    }

    /// Verifies against the credential of [`access_key_id`](Signed::access_key_id).
    ///
    /// # Errors
    /// Why the signature is not good.
    pub fn verify(
        &self,
        credential: &Credential,
        rules: &Rules<'_>,
        now_ms: u64,
    ) -> Result<(), Refusal> {
        self.check(rules, now_ms)?;
        match (&credential.session_token, &self.claimed.session_token) {
            (None, None) => {}
            (Some(expected), Some(sent)) if expected.is(sent) => {}
            _ => return Err(Refusal::UnrecognizedClient),
        }
        let key = self.signing_key(credential);
        let sent = hex_decode_32(&self.claimed.signature).ok_or(Refusal::Mismatch)?;
        let payload = self.payload_hash(rules)?;
        let good = self.canonical_forms(&payload, rules).iter().any(|form| {
            hmac(&key, form.string_to_sign.as_bytes())
                .ct_eq(&sent)
                .into()
        });
        if !good {
            return Err(Refusal::Mismatch);
        }
        // Only a caller who has the key learns that its session is over.
        if credential.expires_ms.is_some_and(|end| now_ms >= end) {
            return Err(Refusal::ExpiredSession);
        }
        Ok(())
    }

    /// What a signer should have signed: two forms for a presigned URL with a session token, as the token may be
    /// signed or added after signing; else one. The canonical request repeats signed headers, tokens among them:
    /// show it to the developer who signed, never in an answer or a log.
    ///
    /// # Errors
    /// The payload's hash is not the one that the request names.
    pub fn canonical(&self, rules: &Rules<'_>) -> Result<Vec<Canonical>, Refusal> {
        Ok(self.canonical_forms(&self.payload_hash(rules)?, rules))
    }

    fn scope_faults(&self, rules: &Rules<'_>) -> Scope {
        let credential = &self.claimed.credential;
        let timestamp = time::basic(self.claimed.signed_s);
        let shown = |text: &String| shown(text.as_bytes());
        Scope {
            region: (credential.region != rules.region).then(|| shown(&credential.region)),
            service: (credential.service != rules.service).then(|| rules.service.to_owned()),
            terminator: (credential.terminator != TERMINATOR)
                .then(|| shown(&credential.terminator)),
            date: (timestamp.get(..8) != Some(&credential.date))
                .then(|| (shown(&credential.date), timestamp)),
        }
    }

    fn check_time(&self, rules: &Rules<'_>, now_ms: u64) -> Result<(), Refusal> {
        let signed_s = self.claimed.signed_s;
        let now_s = i64::try_from(now_ms / 1000).unwrap_or(i64::MAX);
        let skew_s = i64::from(rules.skew_s);
        let window_s = self.claimed.expires_s.unwrap_or(skew_s);
        if signed_s < now_s.saturating_sub(window_s) {
            return Err(Refusal::Expired {
                signed_s,
                now_s,
                window_s,
            });
        }
        if signed_s > now_s.saturating_add(skew_s) {
            return Err(Refusal::NotYetCurrent {
                signed_s,
                now_s,
                window_s: skew_s,
            });
        }
        Ok(())
    }

    fn check_signed_headers(&self) -> Result<(), Refusal> {
        let signed = |name: &[u8]| {
            self.claimed
                .signed_headers
                .binary_search_by(|s| s.as_slice().cmp(name))
                .is_ok()
        };
        if !signed(b"host") {
            return Err(Refusal::HeaderNotSigned(
                "'Host' or ':authority'".to_owned(),
            ));
        }
        let unsigned = self.headers.keys().find(|name| {
            name.starts_with(b"x-amz-")
                && !NEED_NOT_BE_SIGNED.contains(&name.as_slice())
                && !signed(name)
        });
        match unsigned {
            Some(name) => Err(Refusal::HeaderNotSigned(format!("'{}'", shown(name)))),
            // A signed header that is not there was taken away on the way.
            None if !self
                .claimed
                .signed_headers
                .iter()
                .all(|name| self.headers.contains_key(name)) =>
            {
                Err(Refusal::Mismatch)
            }
            None => Ok(()),
        }
    }

    /// The payload's line of the canonical request. A hash that the request names must be the body's.
    fn payload_hash(&self, rules: &Rules<'_>) -> Result<String, Refusal> {
        let named = match self.headers.get(b"x-amz-content-sha256".as_slice()) {
            None => self.content_sha256_of_query(),
            Some(values) => match values.as_slice() {
                [value] => Some(value.trim_ascii().to_vec()),
                _ => return Err(Refusal::Mismatch),
            },
        };
        if rules.unsigned_payload && named.as_deref() == Some(UNSIGNED_PAYLOAD.as_bytes()) {
            return Ok(UNSIGNED_PAYLOAD.to_owned());
        }
        let hash = match self.request.payload {
            Payload::Bytes(bytes) => hex(&Sha256::digest(bytes)),
            Payload::Sha256(hash) => hex(&hash),
        };
        match named {
            Some(named) if named != hash.as_bytes() => Err(Refusal::Mismatch),
            _ => Ok(hash),
        }
    }

    /// Presigning clients move the header into the query.
    fn content_sha256_of_query(&self) -> Option<Vec<u8>> {
        if self.claimed.form != Form::Query {
            return None;
        }
        let (_, query) = canonical::split_target(self.request.target);
        canonical::parameters(query)
            .find(|(name, _)| name == b"X-Amz-Content-Sha256")
            .map(|(_, value)| value)
    }

    fn canonical_forms(&self, payload: &str, rules: &Rules<'_>) -> Vec<Canonical> {
        let omitted: &[&[&str]] = match self.claimed.form {
            Form::Header => &[&[]],
            Form::Query if self.claimed.session_token.is_some() => &[
                &["X-Amz-Signature"],
                &["X-Amz-Signature", "X-Amz-Security-Token"],
            ],
            Form::Query => &[&["X-Amz-Signature"]],
        };
        omitted
            .iter()
            .map(|omit| self.canonical_form(omit, payload, rules))
            .collect()
    }

    fn canonical_form(&self, omit: &[&str], payload: &str, rules: &Rules<'_>) -> Canonical {
        let (path, query) = canonical::split_target(self.request.target);
        let mut request = self.request.method.to_ascii_uppercase();
        request.push(b'\n');
        request.extend(canonical::uri(path, rules.path));
        request.push(b'\n');
        request.extend(canonical::query(query, omit));
        request.push(b'\n');
        for name in &self.claimed.signed_headers {
            let values = self.headers.get(name).map_or(&[][..], Vec::as_slice);
            canonical::header(name, values, &mut request);
        }
        request.push(b'\n');
        request.extend(self.claimed.signed_headers.join(&b';'));
        request.push(b'\n');
        request.extend_from_slice(payload.as_bytes());
        let credential = &self.claimed.credential;
        let string_to_sign = format!(
            "{ALGORITHM}\n{}\n{}/{}/{}/{}\n{}",
            time::basic(self.claimed.signed_s),
            credential.date,
            credential.region,
            credential.service,
            credential.terminator,
            hex(&Sha256::digest(&request))
        );
        Canonical {
            request,
            string_to_sign,
        }
    }

    fn signing_key(&self, credential: &Credential) -> [u8; 32] {
        let scope = &self.claimed.credential;
        let mut secret = zeroize::Zeroizing::new(b"AWS4".to_vec());
        secret.extend_from_slice(credential.secret_access_key.expose());
        let date = hmac(&secret, scope.date.as_bytes());
        [&scope.region, &scope.service, &scope.terminator]
            .into_iter()
            .fold(date, |key, part| hmac(&key, part.as_bytes()))
    }
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    // HMAC takes keys of any length, so this is never an error; if it were, the MAC would be of an empty key.
    let mut mac =
        Hmac::<Sha256>::new_from_slice(key).unwrap_or_else(|_| Hmac::new(&Default::default()));
    mac.update(message);
    mac.finalize().into_bytes().into()
}
