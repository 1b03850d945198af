//! Digests of API keys: a bundle holds these, never a key.
//!
//! A digest is BLAKE3 under a 32-byte key that is derived from the keyring's salt; see [`Salt`] for the exact
//! form. Measured on 40-byte keys: 92 ns, against 125 ns for salted SHA-256 with CPU instructions and 229 ns for
//! its HMAC. API keys are long and random, so a slow password hash would protect nothing and would cost on every
//! request.

use std::fmt;

use subtle::ConstantTimeEq;
use tollgate_runtime::bundle::{Keyring, Refused, replace_keyring};
use zeroize::Zeroizing;

use crate::Secret;

/// Bytes of the longest API key. A longer one matches nothing and is not hashed.
pub const MAX_KEY_BYTES: usize = 128;
const CONTEXT: &str = "tollgate api key digest v1";

/// What the digests of one keyring are salted with.
///
/// It is `blake3::derive_key("tollgate api key digest v1", salt)`, where `salt` is the project's bytes; a digest is
/// `blake3::keyed_hash(derived, key)`.
#[derive(Clone)]
pub struct Salt(Zeroizing<[u8; 32]>);

impl Salt {
    /// Derives the salt from a project's bytes, of any length. They need not be secret, but then anybody who has
    /// the bundle can test guesses of keys.
    #[must_use]
    pub fn derive(project: &[u8]) -> Salt {
        Salt(Zeroizing::new(blake3::derive_key(CONTEXT, project)))
    }

    /// The digest of a key; `None` for a key longer than [`MAX_KEY_BYTES`]. About 100 ns.
    #[must_use]
    pub fn digest(&self, key: &[u8]) -> Option<Digest> {
        (key.len() <= MAX_KEY_BYTES).then(|| Digest(*blake3::keyed_hash(&self.0, key).as_bytes()))
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(…)")
    }
}

/// The digest of a key under one salt. Ordered by its bytes, as a keyring stores it.
#[derive(Clone, Copy, Eq, PartialOrd, Ord)]
pub struct Digest([u8; 32]);

impl Digest {
    /// The digest of these bytes, as a keyring stores them.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Digest {
        Digest(bytes)
    }

    /// The bytes, as a keyring stores them.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn prefix(&self) -> [u8; 8] {
        let [a, b, c, d, e, f, g, h, ..] = self.0;
        [a, b, c, d, e, f, g, h]
    }

    /// The position of this digest among `len` ordered ones, which `at` reads. The search goes by the first eight
    /// bytes; what is left is compared in constant time. `None` also if `at` has nothing where it should.
    #[must_use]
    pub fn find(&self, len: usize, at: impl Fn(usize) -> Option<Digest>) -> Option<usize> {
        let (mut low, mut high) = (0, len);
        while low < high {
            let middle = low + (high - low) / 2;
            if at(middle)?.prefix() < self.prefix() {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low..len)
            .map_while(|n| {
                at(n)
                    .filter(|d| d.prefix() == self.prefix())
                    .map(|d| (n, d))
            })
            .find(|(_, digest)| digest == self)
            .map(|(n, _)| n)
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Digest) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(…)")
    }
}

/// The index of the key that a client sent, to answer with
/// [`Outcome::Key`](tollgate_runtime::Outcome::Key); `None` is [`Outcome::Miss`](tollgate_runtime::Outcome::Miss).
/// `salt` is [`Salt::derive`] of the keyring's bytes, derived once for a bundle. O(log keys) and a digest.
#[must_use]
pub fn look_up(keyring: Keyring<'_>, salt: &Salt, key: &[u8]) -> Option<u32> {
    let at = |n| Some(Digest(keyring.get(n)?.0));
    let position = salt.digest(key)?.find(keyring.len(), at)?;
    Some(keyring.get(position)?.1)
}

/// `bundle` with a keyring of these keys, each with its index among the bundle's keys, under a salt derived from
/// `project`. The clear keys are not in it. A key longer than [`MAX_KEY_BYTES`] is left out: nobody can send it.
///
/// # Errors
/// [`Refused`] if `bundle` is none.
pub fn with_keys(
    project: &[u8],
    keys: &[(Secret, u32)],
    bundle: &[u8],
) -> Result<Vec<u8>, Refused> {
    let salt = Salt::derive(project);
    let digests: Vec<([u8; 32], u32)> = keys
        .iter()
        .filter_map(|(key, index)| Some((salt.digest(key.expose())?.0, *index)))
        .collect();
    replace_keyring(project, &digests, bundle)
}

/// A key as logs show it: all but the last six characters hidden; of a key shorter than twelve, all.
#[must_use]
pub fn masked(key: &str) -> String {
    let count = key.chars().count();
    let hidden = if count < 12 { count } else { count - 6 };
    key.chars()
        .enumerate()
        .map(|(n, c)| if n < hidden { '*' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn digest(key: &str) -> Digest {
        Salt::derive(b"project").digest(key.as_bytes()).unwrap()
    }

    #[test]
    fn the_form_is_fixed() {
        // Bundles outlive versions of this crate. The value comes from BLAKE3's Python package.
        assert_eq!(
            crate::encoding::hex(digest("abcdefghijklmnopqrst").as_bytes()),
            "f250fa8318318515e7e6eeb19270c6199878bfea5463a889c0c496e363c51da5"
        );
    }

    #[test]
    fn keys_salts_and_digests_are_not_printed() {
        let salt = Salt::derive(b"hunter2");
        let printed = format!(
            "{salt:?} {:?}",
            salt.digest(b"hunter2-hunter2-hunter2").unwrap()
        );
        assert_eq!(printed, "Salt(…) Digest(…)");
        assert_eq!(
            masked("abcdefghijklmnopqrstuvwx"),
            "******************stuvwx"
        );
        assert_eq!(masked("hunter2"), "*******");
        assert_eq!(masked(""), "");
    }

    #[test]
    fn a_key_too_long_matches_nothing() {
        let salt = Salt::derive(b"");
        assert!(salt.digest(&[b'x'; MAX_KEY_BYTES]).is_some());
        assert!(salt.digest(&[b'x'; MAX_KEY_BYTES + 1]).is_none());
    }

    proptest! {
        #[test]
        fn every_stored_key_is_found_and_no_other(keys in prop::collection::hash_set("[a-z]{1,8}", 0..40), other in "[A-Z]{1,8}") {
            let mut stored: Vec<Digest> = keys.iter().map(|k| digest(k)).collect();
            stored.sort();
            for key in &keys {
                let found = digest(key).find(stored.len(), |n| stored.get(n).copied());
                prop_assert_eq!(found, stored.iter().position(|d| *d == digest(key)));
                prop_assert!(found.is_some());
            }
            prop_assert_eq!(digest(&other).find(stored.len(), |n| stored.get(n).copied()), None);
        }

        #[test]
        fn digests_that_share_a_prefix_are_told_apart(tails in prop::collection::vec(any::<[u8; 24]>(), 1..8), which: prop::sample::Index) {
            let mut stored: Vec<Digest> = tails.iter().map(|tail| {
                let mut bytes = [7; 32];
                bytes[8..].copy_from_slice(tail);
                Digest(bytes)
            }).collect();
            stored.sort();
            let wanted = stored[which.index(stored.len())];
            let found = wanted.find(stored.len(), |n| stored.get(n).copied()).unwrap();
            prop_assert_eq!(stored[found].as_bytes(), wanted.as_bytes());
        }

        #[test]
        fn any_table_is_searched(bytes in prop::collection::vec(any::<[u8; 32]>(), 0..20), len in 0..40_usize, key: Vec<u8>) {
            let digest = Salt::derive(b"x").digest(&key);
            if let Some(digest) = digest {
                let _ = digest.find(len, |n| bytes.get(n).map(|b| Digest(*b)));
            }
        }
    }
}
