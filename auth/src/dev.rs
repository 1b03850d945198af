//! A local identity for development: tokens that real rules accept, a key set, and an access key.
//!
//! All of it follows from a seed, so that a restart keeps tokens and keys. Where it may be used (a loopback
//! address, an explicit option) is decided by the host; here is no default seed.

use std::fmt;
use std::sync::Arc;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use rsa::pkcs1::EncodeRsaPrivateKey;
use rsa::traits::PublicKeyParts;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::encoding::{base64url, hex};
use crate::secret::Secret;
use crate::sigv4::{CallerPolicy, Credential, CredentialStore, Identity, StoreFailed};

const KEY_BITS: usize = 2048;

/// A local issuer of tokens, and one local access key.
pub struct DevIdentity {
    issuer: String,
    key: RsaKeyPair,
    key_id: String,
    /// Modulus and exponent, base64url.
    public: (String, String),
    access_key_id: String,
    secret_access_key: String,
    credential: Arc<Credential>,
}

/// The key could not be made or used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DevFault;

impl fmt::Display for DevFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the development key cannot be used")
    }
}

impl std::error::Error for DevFault {}

impl DevIdentity {
    /// Makes the identity of a seed: an RSA key of 2048 bits and an access key of the IAM user `dev` in
    /// `account_id`, who may do everything. Takes a tenth of a second, a second without optimization.
    ///
    /// # Errors
    /// The key could not be made.
    pub fn new(seed: &[u8; 32], issuer: &str, account_id: &str) -> Result<DevIdentity, DevFault> {
        let mut rng = ChaCha20Rng::from_seed(blake3::derive_key("tollgate dev token key v1", seed));
        let private = rsa::RsaPrivateKey::new(&mut rng, KEY_BITS).map_err(|_| DevFault)?;
        let der = private.to_pkcs1_der().map_err(|_| DevFault)?;
        let modulus = number(&private.n().to_be_bytes());
        let access = blake3::derive_key("tollgate dev access key v1", seed);
        let secret_access_key = base64url(&blake3::derive_key("tollgate dev secret key v1", seed));
        let access_key_id = access_key_id(&access);
        let user_id = format!("AIDA{}", access_key_id.get(4..).unwrap_or_default());
        let policy = json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }],
        });
        Ok(DevIdentity {
            issuer: issuer.to_owned(),
            key: RsaKeyPair::from_der(der.as_bytes()).map_err(|_| DevFault)?,
            key_id: hex(Sha256::digest(&modulus).get(..8).unwrap_or_default()),
            public: (
                base64url(&modulus),
                base64url(&number(&private.e().to_be_bytes())),
            ),
            credential: Arc::new(Credential {
                secret_access_key: Secret::new(secret_access_key.clone()),
                session_token: None,
                expires_ms: None,
                identity: Identity::user(account_id, "dev", &user_id),
                policies: vec![CallerPolicy::identity(policy.to_string())],
            }),
            access_key_id,
            secret_access_key,
        })
    }

    /// A seed that nobody can guess.
    ///
    /// # Errors
    /// No randomness is to be had.
    pub fn seed() -> Result<[u8; 32], DevFault> {
        let mut seed = [0; 32];
        SystemRandom::new().fill(&mut seed).map_err(|_| DevFault)?;
        Ok(seed)
    }

    /// The issuer, as `iss` names it.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The key set that verifies its tokens.
    #[must_use]
    pub fn jwks(&self) -> String {
        let (n, e) = &self.public;
        let key = json!({ "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.key_id, "n": n, "e": e });
        json!({ "keys": [key] }).to_string()
    }

    /// The discovery document, for a key set served at `jwks_uri`.
    #[must_use]
    pub fn discovery(&self, jwks_uri: &str) -> String {
        json!({
            "issuer": self.issuer,
            "jwks_uri": jwks_uri,
            "id_token_signing_alg_values_supported": ["RS256"],
        })
        .to_string()
    }

    /// A token, RS256, of these claims. `iss`, `iat` and `exp` (an hour later) are added where they are missing.
    /// `now_ms` is milliseconds since 1970. Blinding draws randomness from the system; the token does not depend
    /// on it.
    ///
    /// # Errors
    /// The key could not be used.
    pub fn token(&self, claims: &Map<String, Value>, now_ms: u64) -> Result<String, DevFault> {
        let mut claims = claims.clone();
        let now_s = now_ms / 1000;
        for (name, value) in [
            ("iss", Value::from(self.issuer.as_str())),
            ("iat", Value::from(now_s)),
            ("exp", Value::from(now_s + 3600)),
        ] {
            claims.entry(name).or_insert(value);
        }
        let header = json!({ "alg": "RS256", "kid": self.key_id, "typ": "JWT" }).to_string();
        let payload = Value::Object(claims).to_string();
        let input = format!(
            "{}.{}",
            base64url(header.as_bytes()),
            base64url(payload.as_bytes())
        );
        let mut signature = vec![0; self.key.public().modulus_len()];
        self.key
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                input.as_bytes(),
                &mut signature,
            )
            .map_err(|_| DevFault)?;
        Ok(format!("{input}.{}", base64url(&signature)))
    }

    /// A token as Cognito issues ID tokens.
    ///
    /// # Errors
    /// The key could not be used.
    pub fn id_token(&self, subject: &str, audience: &str, now_ms: u64) -> Result<String, DevFault> {
        let claims = json!({ "sub": subject, "token_use": "id", "aud": audience, "cognito:username": subject });
        self.token(claims.as_object().ok_or(DevFault)?, now_ms)
    }

    /// A token as Cognito issues access tokens.
    ///
    /// # Errors
    /// The key could not be used.
    pub fn access_token(
        &self,
        subject: &str,
        client: &str,
        scopes: &[&str],
        now_ms: u64,
    ) -> Result<String, DevFault> {
        let claims = json!({
            "sub": subject, "token_use": "access", "client_id": client, "scope": scopes.join(" "),
            "username": subject,
        });
        self.token(claims.as_object().ok_or(DevFault)?, now_ms)
    }

    /// The access key id.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The secret access key, to be shown to the developer once.
    #[must_use]
    pub fn reveal_secret_access_key(&self) -> &str {
        &self.secret_access_key
    }
}

impl CredentialStore for DevIdentity {
    fn find(&self, access_key_id: &str) -> Result<Option<Arc<Credential>>, StoreFailed> {
        Ok((access_key_id == self.access_key_id).then(|| Arc::clone(&self.credential)))
    }
}

impl fmt::Debug for DevIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevIdentity")
            .field("issuer", &self.issuer)
            .field("key_id", &self.key_id)
            .field("access_key_id", &self.access_key_id)
            .finish_non_exhaustive()
    }
}

/// A big-endian number without leading zeros.
fn number(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().skip_while(|b| *b == 0).collect()
}

/// `AKIA` and 16 letters and digits, as the reference's access key ids look.
fn access_key_id(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let letters = bytes.iter().take(16).map(|b| {
        let letter = LETTERS.get(usize::from(b % 32)).copied().unwrap_or(b'A');
        char::from(letter)
    });
    "AKIA".chars().chain(letters).collect()
}
