//! Tokens: what a caller's token claims is signed by a key made for that, and judged by the crate that verifies
//! tokens.

use std::sync::OnceLock;

use serde_json::{Map, Value as Json};
use tollgate_auth::dev::DevIdentity;
use tollgate_auth::jwks::KeySet;
use tollgate_auth::jwt::{Kind, Refusal, Rules, Token};
use tollgate_runtime::{Denial, TokenKind, Trust};

/// Whoever signs all tokens, and its key set.
fn signer() -> Option<&'static (DevIdentity, KeySet)> {
    static SIGNER: OnceLock<Option<(DevIdentity, KeySet)>> = OnceLock::new();
    SIGNER
        .get_or_init(|| {
            let identity = DevIdentity::new(&[7; 32], "https://signer.example", "111111111111");
            let identity = identity.ok()?;
            let keys = KeySet::parse(identity.jwks().as_bytes()).ok()?;
            Some((identity, keys))
        })
        .as_ref()
}

/// The record of a token that claims this; why it is refused. Without claims there is nothing to read.
pub(super) fn judge(
    claims: Option<Map<String, Json>>,
    trust: Trust<'_>,
    now_ms: u64,
) -> Result<Vec<u8>, (Denial, String)> {
    let undecoded = || {
        let message = "unable to decode the token".to_owned();
        (Denial::InvalidToken, message)
    };
    let claims = claims.ok_or_else(undecoded)?;
    let (identity, keys) = signer().ok_or_else(undecoded)?;
    if trust.kind() == TokenKind::Cognito {
        return Err(undecoded());
    }
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let mut names = trust.names().map(text);
    let issuer = names.next().unwrap_or_default();
    let audience: Vec<String> = names.collect();
    let scopes: Vec<String> = trust.scopes().map(text).collect();
    let rules = Rules {
        kind: Kind::Http {
            issuer: &issuer,
            audience: &audience,
        },
        scopes: &scopes,
        leeway_s: 0,
    };
    let told = |refusal: Refusal| (refusal.denial(), rules.message(&refusal));
    let token = identity.token(&claims, now_ms).map_err(|_| undecoded())?;
    let token = Token::read(token.as_bytes()).map_err(told)?;
    let verified = rules.verify(token, keys, now_ms).map_err(told)?;
    Ok(verified.record())
}
