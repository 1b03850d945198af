//! Bytes that are never printed.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Bytes that are never printed, are compared in constant time and are wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// Takes the bytes.
    #[must_use]
    pub fn new(bytes: impl Into<Vec<u8>>) -> Secret {
        Secret(Zeroizing::new(bytes.into()))
    }

    pub(crate) fn expose(&self) -> &[u8] {
        &self.0
    }

    /// Whether these are the same bytes. The time tells only whether the lengths are equal.
    #[must_use]
    pub fn is(&self, other: &[u8]) -> bool {
        self.0.ct_eq(other).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let printed = format!("{:?} {:#?}", Secret::new("hunter2"), Secret::new("hunter2"));
        assert_eq!(printed, "Secret(…) Secret(…)");
    }

    #[test]
    fn a_secret_is_equal_to_its_bytes_only() {
        let secret = Secret::new("hunter2");
        assert!(secret.is(b"hunter2"));
        for other in ["hunter3", "hunter", "hunter22", ""] {
            assert!(!secret.is(other.as_bytes()), "{other}");
        }
    }
}
