//! Signatures and tokens, asked of the crate that verifies them.

use std::sync::Arc;

use serde_json::Value as Json;
use tollgate_auth::Secret;
use tollgate_auth::jwks::KeySet;
use tollgate_auth::jws::{Algorithms, Compact, Key};
use tollgate_auth::sigv4::{
    self, CanonicalPath, Credential, CredentialStore, Identity, Payload, Request, Rules,
    StoreFailed,
};
use tollgate_runtime::Header;

use crate::engines::{CanonicalForm, SignedRequest};

/// The one access key that a case gives.
struct One<'r>(&'r str, Arc<Credential>);

impl CredentialStore for One<'_> {
    fn find(&self, id: &str) -> Result<Option<Arc<Credential>>, StoreFailed> {
        Ok((id == self.0).then(|| self.1.clone()))
    }
}

/// Lends a request and what it is held to.
fn with<T>(signed: &SignedRequest, f: impl FnOnce(&Request<'_>, &Rules<'_>) -> T) -> T {
    let headers: Vec<Header<'_>> = signed
        .headers
        .iter()
        .map(|(name, value)| Header {
            name: name.as_bytes(),
            value: value.as_bytes(),
        })
        .collect();
    let request = Request {
        method: signed.method.as_bytes(),
        target: signed.target.as_bytes(),
        headers: &headers,
        payload: Payload::Bytes(&signed.body),
    };
    let rules = Rules {
        region: &signed.region,
        service: &signed.service,
        skew_s: 300,
        unsigned_payload: false,
        path: match signed.normalize_path {
            true => CanonicalPath::Normalized,
            false => CanonicalPath::AsSent,
        },
    };
    f(&request, &rules)
}

/// Verifies a signature; why it is refused.
pub(super) fn verify(signed: &SignedRequest) -> Result<(), String> {
    let credential = Credential {
        secret_access_key: Secret::new(signed.secret_access_key.as_bytes()),
        session_token: signed.session_token.as_deref().map(Secret::new),
        expires_ms: None,
        identity: Identity::user("111122223333", "case", "AIDAEXAMPLE"),
        policies: Vec::new(),
    };
    let store = One(&signed.access_key_id, Arc::new(credential));
    with(signed, |request, rules| {
        sigv4::verify(request, rules, &store, signed.now_ms)
            .map(|_| ())
            .map_err(|refusal| refusal.to_string())
    })
}

/// What should have been signed.
pub(super) fn canonical(signed: &SignedRequest) -> Result<Vec<CanonicalForm>, String> {
    with(signed, |request, rules| {
        let forms = sigv4::parse(request)
            .and_then(|signed| signed.canonical(rules))
            .map_err(|refusal| refusal.to_string())?;
        Ok(forms
            .into_iter()
            .map(|form| CanonicalForm {
                request: String::from_utf8_lossy(&form.request).into_owned(),
                string_to_sign: form.string_to_sign,
            })
            .collect())
    })
}

/// Verifies a token with a key, or with the key of a set that the token's `kid` names.
pub(super) fn token(token: &str, detached: Option<&[u8]>, key: &Json) -> Result<(), String> {
    let accepted = Algorithms::ALL;
    let compact = match detached {
        Some(payload) => Compact::parse_detached(token.as_bytes(), payload),
        None => Compact::parse(token.as_bytes()),
    }
    .map_err(|fault| fault.to_string())?;
    let text = key.to_string();
    let verified = if key.get("keys").is_none() {
        let key = read_key(&text)?;
        compact.verify(&key, accepted)
    } else {
        let set = KeySet::parse(text.as_bytes()).map_err(|fault| fault.to_string())?;
        let algorithm = compact
            .algorithm(accepted)
            .map_err(|fault| fault.to_string())?;
        let id = compact.key_id().ok_or("the token names no key")?;
        let key = set
            .choose(id, algorithm)
            .map_err(|fault| format!("{fault:?}"))?;
        compact.verify(key, accepted)
    };
    verified.map_err(|fault| fault.to_string())
}

/// Reads a key alone.
pub(super) fn key(key: &Json) -> Result<(), String> {
    read_key(&key.to_string()).map(|_| ())
}

fn read_key(text: &str) -> Result<Key, String> {
    Key::from_jwk(text.as_bytes()).map_err(|fault| fault.to_string())
}
