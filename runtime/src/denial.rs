//! Why a signature or token was not good: the codes of [`Outcome::Denied`](crate::Outcome::Denied).
//!
//! Crate `auth` finds the reason, the runtime gives it a meaning: a REST API answers with the gateway response
//! named here, an HTTP API with 401 or 403 and `www-authenticate`.

macro_rules! denials {
    ($($(#[doc = $doc:literal])+ $variant:ident = $code:literal, $response:literal, $status:literal, $error:literal;)+) => {
        /// Why a signature or token was not good. A code is never used again.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum Denial { $($(#[doc = $doc])+ $variant = $code,)+ }

        impl Denial {
            /// All reasons, in the order of their codes.
            pub const ALL: &'static [Denial] = &[$(Denial::$variant),+];

            /// The type of the gateway response that a REST API answers with.
            #[must_use]
            pub const fn gateway_response(self) -> &'static str {
                match self { $(Denial::$variant => $response),+ }
            }

            /// The status of a REST API's answer where the gateway response sets none.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Denial::$variant => $status),+ }
            }

            /// The value of `x-amzn-ErrorType` in a REST API's answer.
            #[must_use]
            pub const fn error_type(self) -> &'static str {
                match self { $(Denial::$variant => $error),+ }
            }
        }
    };
}

denials! {
    /// The host cannot say: it has no credential store, or the store failed.
    Unavailable = 1, "DEFAULT_5XX", 500, "InternalServerErrorException";
    /// The request is not signed.
    MissingSignature = 10, "MISSING_AUTHENTICATION_TOKEN", 403, "MissingAuthenticationTokenException";
    /// The signature lacks a part, or a part cannot be read.
    IncompleteSignature = 11, "DEFAULT_4XX", 403, "IncompleteSignatureException";
    /// The signature is not that of this request: other content, other scope, too old, too early.
    InvalidSignature = 12, "INVALID_SIGNATURE", 403, "InvalidSignatureException";
    /// Nobody has this access key, or the session token is not the key's.
    UnrecognizedClient = 13, "DEFAULT_4XX", 403, "UnrecognizedClientException";
    /// The session of a temporary access key is over.
    ExpiredSession = 14, "EXPIRED_TOKEN", 403, "ExpiredTokenException";
    /// There is no token.
    MissingToken = 20, "UNAUTHORIZED", 401, "UnauthorizedException";
    /// The token is malformed, its signature is not good, or a claim does not fit.
    InvalidToken = 21, "UNAUTHORIZED", 401, "UnauthorizedException";
    /// The token is over.
    ExpiredToken = 22, "UNAUTHORIZED", 401, "UnauthorizedException";
    /// A good Cognito token holds none of the method's scopes.
    ScopeUnauthorized = 23, "UNAUTHORIZED", 401, "UnauthorizedException";
    /// A good JWT holds none of the route's scopes.
    ScopeForbidden = 24, "ACCESS_DENIED", 403, "AccessDeniedException";
    /// The issuer's keys cannot be had.
    KeySource = 25, "AUTHORIZER_FAILURE", 500, "AuthorizerFailureException";
}

impl Denial {
    /// The code, as [`Outcome::Denied`](crate::Outcome::Denied) carries it.
    #[must_use]
    pub const fn code(self) -> u16 {
        self as u16
    }

    /// The reason of this code; `None` for a code that no reason has.
    #[must_use]
    pub fn from_code(code: u16) -> Option<Denial> {
        Denial::ALL.iter().copied().find(|d| d.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_lead_back() {
        for d in Denial::ALL {
            assert_eq!(Denial::from_code(d.code()), Some(*d));
        }
        assert_eq!(Denial::from_code(0), None);
    }

    #[test]
    fn every_reason_denies() {
        for d in Denial::ALL {
            assert!(matches!(d.status(), 401 | 403 | 500), "{d:?}");
        }
    }
}
