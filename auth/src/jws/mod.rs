//! Compact JSON web signatures (RFC 7515).
//!
//! The token's header chooses nothing: the caller says which [`Algorithms`] it accepts, and a [`Key`] verifies
//! only what fits its own type, size, `alg`, `use` and `key_ops`. Keys that a header brings or points to (`jwk`,
//! `jku`, `x5c`, `x5u`) are never looked at.

mod algorithm;
mod key;
mod roca;

use std::fmt;

use serde_json::Value;

pub use algorithm::{Algorithm, Algorithms};
pub use key::{Key, KeyFault};

use crate::encoding::{base64url, base64url_decode, shown};
use crate::json;

/// Bytes of the longest token that is looked at; three times what the reference's header limit lets through.
pub const MAX_TOKEN_BYTES: usize = 32 * 1024;

/// Why a token is not a signature of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Longer than [`MAX_TOKEN_BYTES`].
    TooLong,
    /// Not three parts of base64url, or a header that is not JSON with single names and an `alg`.
    Malformed,
    /// The header asks for an extension (`crit`, `b64`) that is not supported.
    Critical,
    /// The header names this algorithm, which is not accepted.
    Algorithm(String),
    /// The key is for another algorithm.
    Key,
    /// The signature is not the key's signature of this content.
    Signature,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::TooLong => write!(f, "the token is longer than {MAX_TOKEN_BYTES} bytes"),
            Fault::Malformed => f.write_str("the token is malformed"),
            Fault::Critical => f.write_str("the token asks for an extension that is not supported"),
            Fault::Algorithm(name) => write!(f, "signing method {name} is invalid"),
            Fault::Key => f.write_str("the key is for another algorithm"),
            Fault::Signature => f.write_str("the signature is invalid"),
        }
    }
}

impl std::error::Error for Fault {}

/// A token in its parts, not yet verified.
#[derive(Clone)]
pub struct Compact<'a> {
    signing_input: std::borrow::Cow<'a, str>,
    algorithm: String,
    key_id: Option<String>,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    /// Takes a token apart. A token that is too long is refused without being read.
    ///
    /// # Errors
    /// The token is too long, malformed, or asks for an extension.
    pub fn parse(token: &'a [u8]) -> Result<Compact<'a>, Fault> {
        let (text, [header, payload, signature]) = parts(token)?;
        let signing_input = text
            .get(..header.len() + 1 + payload.len())
            .ok_or(Fault::Malformed)?;
        let payload = base64url_decode(payload).ok_or(Fault::Malformed)?;
        Compact::of_parts(signing_input.into(), header, payload, signature)
    }

    /// Takes a token apart whose payload is elsewhere (RFC 7515, appendix F).
    ///
    /// # Errors
    /// As [`parse`](Compact::parse); also if the token has a payload.
    pub fn parse_detached(token: &'a [u8], payload: &[u8]) -> Result<Compact<'a>, Fault> {
        let (_, [header, "", signature]) = parts(token)? else {
            return Err(Fault::Malformed);
        };
        let signing_input = format!("{header}.{}", base64url(payload));
        Compact::of_parts(signing_input.into(), header, payload.to_vec(), signature)
    }

    fn of_parts(
        signing_input: std::borrow::Cow<'a, str>,
        header: &str,
        payload: Vec<u8>,
        signature: &str,
    ) -> Result<Compact<'a>, Fault> {
        let header = base64url_decode(header)
            .and_then(|h| json::object(&h))
            .ok_or(Fault::Malformed)?;
        if header.contains_key("crit") || header.get("b64").is_some_and(|b| *b != Value::Bool(true))
        {
            return Err(Fault::Critical);
        }
        let algorithm = match header.get("alg") {
            Some(Value::String(name)) => name.clone(),
            _ => return Err(Fault::Malformed),
        };
        let key_id = match header.get("kid") {
            None => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return Err(Fault::Malformed),
        };
        Ok(Compact {
            signing_input,
            algorithm,
            key_id,
            payload,
            signature: base64url_decode(signature).ok_or(Fault::Malformed)?,
        })
    }

    /// The id of the key that the header names (`kid`).
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The payload. Nothing is known of it until [`verify`](Compact::verify) says so.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }

    /// The algorithm that the header names, if it is one of `accepted`.
    ///
    /// # Errors
    /// [`Fault::Algorithm`] for any other, `none` among them.
    pub fn algorithm(&self, accepted: Algorithms) -> Result<Algorithm, Fault> {
        Algorithm::named(&self.algorithm)
            .filter(|a| accepted.contains(*a))
            .ok_or_else(|| Fault::Algorithm(shown(self.algorithm.as_bytes())))
    }

    /// Verifies the signature with `key`, if the algorithm is one of `accepted` and fits the key.
    ///
    /// # Errors
    /// Why it is not this key's signature.
    pub fn verify(&self, key: &Key, accepted: Algorithms) -> Result<(), Fault> {
        let algorithm = self.algorithm(accepted)?;
        if !key.fits(algorithm) {
            return Err(Fault::Key);
        }
        if !key.verify(algorithm, self.signing_input.as_bytes(), &self.signature) {
            return Err(Fault::Signature);
        }
        Ok(())
    }
}

impl fmt::Debug for Compact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compact")
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

fn parts(token: &[u8]) -> Result<(&str, [&str; 3]), Fault> {
    if token.len() > MAX_TOKEN_BYTES {
        return Err(Fault::TooLong);
    }
    let text = std::str::from_utf8(token).map_err(|_| Fault::Malformed)?;
    let mut parts = text.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(payload), Some(signature), None) => {
            Ok((text, [header, payload, signature]))
        }
        _ => Err(Fault::Malformed),
    }
}
