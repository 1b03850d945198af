//! One key of RFC 7517.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use p521::ecdsa::signature::Verifier;
use ring::signature as rs;
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::roca;
use crate::encoding::base64url_decode;
use crate::json;
use crate::secret::Secret;

/// A key that verifies signatures.
///
/// Of a private key only the public part is kept.
#[derive(Clone)]
pub struct Key {
    id: Option<String>,
    /// What the key says it is for; `None`: it does not say.
    algorithm: Option<Algorithm>,
    material: Material,
}

#[derive(Clone)]
enum Material {
    Rsa {
        modulus: Vec<u8>,
        exponent: Vec<u8>,
    },
    /// An uncompressed point.
    P256(Vec<u8>),
    P384(Vec<u8>),
    P521(Box<p521::ecdsa::VerifyingKey>),
    Ed25519([u8; 32]),
    Symmetric(Secret),
}

/// Why a key is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum KeyFault {
    /// Not a JSON object with single names, or a member that has another type.
    Malformed,
    /// A type or curve that no supported algorithm uses.
    UnsupportedType,
    /// It is for encryption, or for something else than verifying.
    Purpose,
    /// It names an algorithm that is not supported or does not fit its type.
    Algorithm,
    /// RSA outside 2048 to 8192 bits, an exponent below 3 or above 33 bits, or a shared secret shorter than its
    /// hash.
    Size,
    /// A point that is not on the curve.
    Point,
    /// It comes from a generator whose private keys can be computed (CVE-2017-15361).
    Weak,
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyFault::Malformed => "the key is malformed",
            KeyFault::UnsupportedType => "the key's type or curve is not supported",
            KeyFault::Purpose => "the key is not for verifying signatures",
            KeyFault::Algorithm => "the key's algorithm is not supported or does not fit its type",
            KeyFault::Size => "the key is too short or too long",
            KeyFault::Point => "the key is not a point of its curve",
            KeyFault::Weak => "the key comes from a faulty generator",
        })
    }
}

impl std::error::Error for KeyFault {}

impl Key {
    /// Reads a key in JSON.
    ///
    /// # Errors
    /// Why the key cannot be used for verifying.
    pub fn from_jwk(text: &[u8]) -> Result<Key, KeyFault> {
        Key::from_members(&json::object(text).ok_or(KeyFault::Malformed)?)
    }

    pub(crate) fn from_members(jwk: &Map<String, Value>) -> Result<Key, KeyFault> {
        let id = text(jwk, "kid")?.map(str::to_owned);
        if text(jwk, "use")?.is_some_and(|u| u != "sig") || !verifies(jwk)? {
            return Err(KeyFault::Purpose);
        }
        let material = material(jwk)?;
        let algorithm = match text(jwk, "alg")? {
            None => None,
            Some(name) => Some(
                Algorithm::named(name)
                    .filter(|a| material.fits(*a))
                    .ok_or(KeyFault::Algorithm)?,
            ),
        };
        Ok(Key {
            id,
            algorithm,
            material,
        })
    }

    /// The key's id (`kid`).
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Whether signatures of this algorithm are made with keys like this, and this key does not say otherwise.
    #[must_use]
    pub fn fits(&self, algorithm: Algorithm) -> bool {
        self.algorithm.is_none_or(|a| a == algorithm) && self.material.fits(algorithm)
    }

    /// Whether `signature` is this key's signature of `message`. Tens of microseconds for RSA, P-256, P-384 and
    /// Ed25519; about a millisecond for P-521.
    #[must_use]
    pub fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        self.fits(algorithm) && self.material.verify(algorithm, message, signature)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key")
            .field("id", &self.id)
            .field("kind", &self.material.kind())
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

fn text<'a>(jwk: &'a Map<String, Value>, name: &str) -> Result<Option<&'a str>, KeyFault> {
    match jwk.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(KeyFault::Malformed),
    }
}

fn bytes(jwk: &Map<String, Value>, name: &str) -> Result<Vec<u8>, KeyFault> {
    text(jwk, name)?
        .and_then(base64url_decode)
        .ok_or(KeyFault::Malformed)
}

fn verifies(jwk: &Map<String, Value>) -> Result<bool, KeyFault> {
    match jwk.get("key_ops") {
        None => Ok(true),
        Some(Value::Array(operations)) => Ok(operations.iter().any(|o| o == "verify")),
        Some(_) => Err(KeyFault::Malformed),
    }
}

fn material(jwk: &Map<String, Value>) -> Result<Material, KeyFault> {
    match (text(jwk, "kty")?, text(jwk, "crv")?) {
        (Some("RSA"), _) => rsa(&bytes(jwk, "n")?, &bytes(jwk, "e")?),
        (Some("EC"), Some("P-256")) => point(jwk, 32).map(Material::P256),
        (Some("EC"), Some("P-384")) => point(jwk, 48).map(Material::P384),
        (Some("EC"), Some("P-521")) => p521::ecdsa::VerifyingKey::from_sec1_bytes(&point(jwk, 66)?)
            .map(|key| Material::P521(Box::new(key)))
            .map_err(|_| KeyFault::Point),
        (Some("OKP"), Some("Ed25519")) => <[u8; 32]>::try_from(bytes(jwk, "x")?)
            .map(Material::Ed25519)
            .map_err(|_| KeyFault::Size),
        (Some("oct"), _) => Ok(Material::Symmetric(Secret::new(bytes(jwk, "k")?))),
        (Some(_), _) => Err(KeyFault::UnsupportedType),
        (None, _) => Err(KeyFault::Malformed),
    }
}

fn rsa(modulus: &[u8], exponent: &[u8]) -> Result<Material, KeyFault> {
    let (modulus, exponent) = (without_zeros(modulus), without_zeros(exponent));
    if !(2048..=8192).contains(&bits(modulus)) || !matches!(bits(exponent), 2..=33) {
        return Err(KeyFault::Size);
    }
    if modulus.last().is_none_or(|b| b % 2 == 0) || exponent.last().is_none_or(|b| b % 2 == 0) {
        return Err(KeyFault::Malformed);
    }
    if roca::is_weak(modulus) {
        return Err(KeyFault::Weak);
    }
    Ok(Material::Rsa {
        modulus: modulus.to_vec(),
        exponent: exponent.to_vec(),
    })
}

fn without_zeros(mut number: &[u8]) -> &[u8] {
    while let [0, rest @ ..] = number {
        number = rest;
    }
    number
}

fn bits(number: &[u8]) -> usize {
    number
        .first()
        .map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn point(jwk: &Map<String, Value>, size: usize) -> Result<Vec<u8>, KeyFault> {
    let (x, y) = (bytes(jwk, "x")?, bytes(jwk, "y")?);
    if x.len() != size || y.len() != size {
        return Err(KeyFault::Size);
    }
    Ok([&[4][..], &x, &y].concat())
}

impl Material {
    fn kind(&self) -> &'static str {
        match self {
            Material::Rsa { .. } => "RSA",
            Material::P256(_) => "P-256",
            Material::P384(_) => "P-384",
            Material::P521(_) => "P-521",
            Material::Ed25519(_) => "Ed25519",
            Material::Symmetric(_) => "oct",
        }
    }

    fn fits(&self, algorithm: Algorithm) -> bool {
        match self {
            Material::Rsa { .. } => matches!(
                algorithm,
                Algorithm::Rs256
                    | Algorithm::Rs384
                    | Algorithm::Rs512
                    | Algorithm::Ps256
                    | Algorithm::Ps384
                    | Algorithm::Ps512
            ),
            Material::P256(_) => algorithm == Algorithm::Es256,
            Material::P384(_) => algorithm == Algorithm::Es384,
            Material::P521(_) => algorithm == Algorithm::Es512,
            Material::Ed25519(_) => algorithm == Algorithm::EdDsa,
            // A key shorter than the hash weakens it (RFC 7518 §3.2).
            Material::Symmetric(secret) => match algorithm {
                Algorithm::Hs256 => secret.expose().len() >= 32,
                Algorithm::Hs384 => secret.expose().len() >= 48,
                Algorithm::Hs512 => secret.expose().len() >= 64,
                _ => false,
            },
        }
    }

    fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Material::Rsa { modulus, exponent } => {
                let parameters = match algorithm {
                    Algorithm::Rs256 => &rs::RSA_PKCS1_2048_8192_SHA256,
                    Algorithm::Rs384 => &rs::RSA_PKCS1_2048_8192_SHA384,
                    Algorithm::Rs512 => &rs::RSA_PKCS1_2048_8192_SHA512,
                    Algorithm::Ps256 => &rs::RSA_PSS_2048_8192_SHA256,
                    Algorithm::Ps384 => &rs::RSA_PSS_2048_8192_SHA384,
                    Algorithm::Ps512 => &rs::RSA_PSS_2048_8192_SHA512,
                    _ => return false,
                };
                rs::RsaPublicKeyComponents {
                    n: modulus,
                    e: exponent,
                }
                .verify(parameters, message, signature)
                .is_ok()
            }
            Material::P256(point) => {
                with_ring(&rs::ECDSA_P256_SHA256_FIXED, point, message, signature)
            }
            Material::P384(point) => {
                with_ring(&rs::ECDSA_P384_SHA384_FIXED, point, message, signature)
            }
            Material::Ed25519(point) => with_ring(&rs::ED25519, point, message, signature),
            Material::P521(key) => p521::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            Material::Symmetric(secret) => {
                let secret = secret.expose();
                match algorithm {
                    Algorithm::Hs256 => mac::<Hmac<sha2::Sha256>>(secret, message, signature),
                    Algorithm::Hs384 => mac::<Hmac<sha2::Sha384>>(secret, message, signature),
                    Algorithm::Hs512 => mac::<Hmac<sha2::Sha512>>(secret, message, signature),
                    _ => false,
                }
            }
        }
    }
}

fn with_ring(
    algorithm: &'static dyn rs::VerificationAlgorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> bool {
    rs::UnparsedPublicKey::new(algorithm, key)
        .verify(message, signature)
        .is_ok()
}

fn mac<M: Mac + KeyInit>(secret: &[u8], message: &[u8], signature: &[u8]) -> bool {
    <M as KeyInit>::new_from_slice(secret).is_ok_and(|mut mac| {
        Mac::update(&mut mac, message);
        mac.verify_slice(signature).is_ok()
    })
}
