//! An issuer's keys: reading the set, choosing by `kid`, and when to fetch it again.

mod cache;
mod discovery;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

pub use cache::{Ask, CachePolicy, KeyCache};
pub use discovery::{DiscoveryFault, UserPool, discovery_url, jwks_uri};

use crate::json;
use crate::jws::{Algorithm, Key, KeyFault};

/// Bytes of a key set that the reference fetches at most.
pub const MAX_FETCH_BYTES: usize = 150_000;
/// Milliseconds that the reference waits for discovery, and again for the key set.
pub const FETCH_TIMEOUT_MS: u64 = 1_500;
/// Bytes of the largest key set that is read: enough for 10,000 keys.
pub const MAX_SET_BYTES: usize = 16 * 1024 * 1024;

/// The keys of an issuer.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<Key>,
    by_id: BTreeMap<String, Vec<usize>>,
    /// Ids of broken signature keys: a good key of the same id may not be the one that the issuer means.
    broken_ids: BTreeSet<String>,
    skipped: Vec<(usize, KeyFault)>,
}

/// Why a key set is refused as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SetFault {
    /// Larger than [`MAX_SET_BYTES`].
    TooLong,
    /// Not a JSON object with single names and an array `keys` of objects.
    Malformed,
    /// It holds a private key: whoever can read the set can sign.
    Private,
    /// It holds shared secrets beside public keys: whoever can read the set can sign.
    MixedSymmetry,
}

impl fmt::Display for SetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SetFault::TooLong => write!(f, "the key set is larger than {MAX_SET_BYTES} bytes"),
            SetFault::Malformed => f.write_str("the key set is malformed"),
            SetFault::Private => f.write_str("the key set holds a private key"),
            SetFault::MixedSymmetry => {
                f.write_str("the key set holds shared secrets beside public keys")
            }
        }
    }
}

impl std::error::Error for SetFault {}

/// Why no key is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoKey {
    /// The set has no key of this id for this algorithm.
    Unknown,
    /// The set has several, or a broken one beside a good one.
    Ambiguous,
}

impl KeySet {
    /// Reads a key set. Keys that cannot verify anything (for encryption, of unknown types, weak) are skipped, as
    /// issuers may publish them beside others; see [`skipped`](KeySet::skipped). Linear in its size.
    ///
    /// # Errors
    /// Why the whole set is refused.
    pub fn parse(text: &[u8]) -> Result<KeySet, SetFault> {
        if text.len() > MAX_SET_BYTES {
            return Err(SetFault::TooLong);
        }
        let set = json::object(text).ok_or(SetFault::Malformed)?;
        let Some(Value::Array(list)) = set.get("keys") else {
            return Err(SetFault::Malformed);
        };
        let mut keys = KeySet::default();
        let (mut symmetric, mut public) = (false, false);
        for (position, jwk) in list.iter().enumerate() {
            let jwk = jwk.as_object().ok_or(SetFault::Malformed)?;
            if jwk.get("kty").is_some_and(|kty| kty == "oct") {
                symmetric = true;
            } else {
                public = true;
                if jwk.contains_key("d") {
                    return Err(SetFault::Private);
                }
            }
            match Key::from_members(jwk) {
                Ok(key) => keys.push(key),
                Err(fault) => {
                    keys.skipped.push((position, fault));
                    let for_others = matches!(
                        fault,
                        KeyFault::Purpose | KeyFault::UnsupportedType | KeyFault::Algorithm
                    );
                    if let (false, Some(Value::String(id))) = (for_others, jwk.get("kid")) {
                        keys.broken_ids.insert(id.clone());
                    }
                }
            }
        }
        if symmetric && public {
            return Err(SetFault::MixedSymmetry);
        }
        Ok(keys)
    }

    fn push(&mut self, key: Key) {
        if let Some(id) = key.id() {
            self.by_id
                .entry(id.to_owned())
                .or_default()
                .push(self.keys.len());
        }
        self.keys.push(key);
    }

    /// The usable keys, in the set's order.
    #[must_use]
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Positions of the keys that are not used, and why.
    #[must_use]
    pub fn skipped(&self) -> &[(usize, KeyFault)] {
        &self.skipped
    }

    /// Whether a key has this id.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.by_id.contains_key(id)
    }

    /// The key of this id for this algorithm. Several such keys are a fault, not a choice; so is a broken key
    /// beside a good one.
    ///
    /// # Errors
    /// There is none, or more than one.
    pub fn choose(&self, id: &str, algorithm: Algorithm) -> Result<&Key, NoKey> {
        let named = self.by_id.get(id).into_iter().flatten();
        let mut fitting = named
            .filter_map(|n| self.keys.get(*n))
            .filter(|key| key.fits(algorithm));
        match (fitting.next(), fitting.next()) {
            (Some(key), None) if !self.broken_ids.contains(id) => Ok(key),
            (None, _) => Err(NoKey::Unknown),
            (Some(_), _) => Err(NoKey::Ambiguous),
        }
    }
}

impl FromIterator<Key> for KeySet {
    fn from_iter<I: IntoIterator<Item = Key>>(keys: I) -> KeySet {
        let mut set = KeySet::default();
        for key in keys {
            set.push(key);
        }
        set
    }
}
