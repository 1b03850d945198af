//! The names of RFC 7518 and RFC 8037, and sets of them.

macro_rules! algorithms {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// A signature algorithm of RFC 7518 or RFC 8037. `none` is not one.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Algorithm { $($(#[doc = $doc])+ $variant,)+ }

        impl Algorithm {
            /// All algorithms.
            pub const ALL: &'static [Algorithm] = &[$(Algorithm::$variant),+];

            /// The value of `alg`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Algorithm::$variant => $name),+ }
            }
        }
    };
}

algorithms! {
    /// HMAC with SHA-256.
    Hs256 = "HS256",
    /// HMAC with SHA-384.
    Hs384 = "HS384",
    /// HMAC with SHA-512.
    Hs512 = "HS512",
    /// RSA, PKCS #1 version 1.5, with SHA-256.
    Rs256 = "RS256",
    /// RSA, PKCS #1 version 1.5, with SHA-384.
    Rs384 = "RS384",
    /// RSA, PKCS #1 version 1.5, with SHA-512.
    Rs512 = "RS512",
    /// RSA-PSS with SHA-256.
    Ps256 = "PS256",
    /// RSA-PSS with SHA-384.
    Ps384 = "PS384",
    /// RSA-PSS with SHA-512.
    Ps512 = "PS512",
    /// ECDSA on P-256 with SHA-256.
    Es256 = "ES256",
    /// ECDSA on P-384 with SHA-384.
    Es384 = "ES384",
    /// ECDSA on P-521 with SHA-512.
    Es512 = "ES512",
    /// Ed25519.
    EdDsa = "EdDSA",
}

impl Algorithm {
    /// The algorithm of this name; letter case counts.
    #[must_use]
    pub fn named(name: &str) -> Option<Algorithm> {
        Algorithm::ALL.iter().copied().find(|a| a.name() == name)
    }

    /// Whether who verifies could also sign.
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512)
    }
}

/// A set of algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Algorithms(u16);

impl Algorithms {
    /// RS256, RS384 and RS512: what the reference documents.
    pub const RSA: Algorithms =
        Algorithms::of(&[Algorithm::Rs256, Algorithm::Rs384, Algorithm::Rs512]);
    /// RS256 alone: what Cognito signs with.
    pub const RS256: Algorithms = Algorithms::of(&[Algorithm::Rs256]);
    /// All but HMAC.
    pub const ASYMMETRIC: Algorithms = Algorithms(Algorithms::ALL.0 & !Algorithms::SYMMETRIC.0);
    /// HMAC: who verifies could also sign. Never for tokens of an issuer.
    pub const SYMMETRIC: Algorithms =
        Algorithms::of(&[Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512]);
    /// All of them.
    pub const ALL: Algorithms = Algorithms::of(Algorithm::ALL);

    /// A set of these.
    #[must_use]
    pub const fn of(list: &[Algorithm]) -> Algorithms {
        let mut bits = 0;
        let mut rest = list;
        while let [first, tail @ ..] = rest {
            bits |= 1 << *first as u16;
            rest = tail;
        }
        Algorithms(bits)
    }

    /// Those that are in both sets.
    #[must_use]
    pub const fn and(self, other: Algorithms) -> Algorithms {
        Algorithms(self.0 & other.0)
    }

    /// Whether it is one of them.
    #[must_use]
    pub const fn contains(self, algorithm: Algorithm) -> bool {
        self.0 & 1 << algorithm as u16 != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_hold_what_they_say() {
        for &a in Algorithm::ALL {
            assert_eq!(Algorithm::named(a.name()), Some(a));
            assert_eq!(Algorithms::ASYMMETRIC.contains(a), !a.is_symmetric());
            assert_eq!(Algorithms::RSA.contains(a), a.name().starts_with("RS"));
            assert!(Algorithms::ALL.contains(a));
        }
        for name in ["none", "None", "rs256", "ES256K", ""] {
            assert_eq!(Algorithm::named(name), None, "{name}");
        }
    }
}
