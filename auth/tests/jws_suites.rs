//! Wycheproof's and RFC 7520's signatures, decided as they expect.

mod common;

use serde_json::Value;
use tollgate_auth::jwks::KeySet;
use tollgate_auth::jws::{Algorithms, Compact, Key};

/// Verifies with a key, or with the key of a set that the token's `kid` names.
fn verify(token: &str, key: &Value) -> Result<(), String> {
    let accepted = Algorithms::ALL;
    let compact = Compact::parse(token.as_bytes()).map_err(|e| e.to_string())?;
    let text = key.to_string();
    if key.get("keys").is_none() {
        let key = Key::from_jwk(text.as_bytes()).map_err(|e| e.to_string())?;
        return compact.verify(&key, accepted).map_err(|e| e.to_string());
    }
    let set = KeySet::parse(text.as_bytes()).map_err(|e| e.to_string())?;
    let algorithm = compact.algorithm(accepted).map_err(|e| e.to_string())?;
    let id = compact.key_id().ok_or("the token names no key")?;
    let key = set.choose(id, algorithm).map_err(|e| format!("{e:?}"))?;
    compact.verify(key, accepted).map_err(|e| e.to_string())
}

/// "Invalid padding" that the published file no longer holds: both tokens are the plain, correctly signed one
/// that their neighbours start from.
const NOT_TAMPERED: [&str; 2] = [
    "wycheproof/json_web_signature/21/367",
    "wycheproof/json_web_signature/21/370",
];

fn decide(case: &Value) -> Result<(), String> {
    let got = verify(case["jws"].as_str().unwrap_or_default(), &case["key"]);
    match (case["expect"].as_str(), got) {
        (Some("valid"), Ok(())) | (Some("invalid"), Err(_)) => Ok(()),
        (_, Ok(())) if NOT_TAMPERED.iter().any(|id| case["id"] == *id) => Ok(()),
        (_, got) => Err(format!(
            "{} ({}), but {got:?}",
            case["expect"], case["comment"]
        )),
    }
}

#[test]
fn wycheproof_signatures() {
    common::run("jws/open/wycheproof-signature.json", decide);
}

#[test]
fn wycheproof_keys() {
    common::run("jws/open/wycheproof-key.json", decide);
}

#[test]
fn wycheproof_tokens_and_sets() {
    common::run("jws/open/wycheproof-crypto.json", decide);
}

#[test]
fn rfc_7520() {
    common::run("jws/open/rfc7520-cookbook.json", |case| {
        if let Some(jwk) = case.get("jwk") {
            let key = Key::from_jwk(jwk.to_string().as_bytes());
            return key.map(|_| ()).map_err(|e| e.to_string());
        }
        let token = case["output"]["compact"]
            .as_str()
            .ok_or("no compact form")?;
        if !token.contains("..") {
            return verify(token, &case["input"]["key"]);
        }
        let payload = case["input"]["payload"].as_str().ok_or("no payload")?;
        let key = case["input"]["key"].to_string();
        let key = Key::from_jwk(key.as_bytes()).map_err(|e| e.to_string())?;
        Compact::parse_detached(token.as_bytes(), payload.as_bytes())
            .and_then(|compact| compact.verify(&key, Algorithms::ALL))
            .map_err(|e| e.to_string())
    });
}
