//! Why a token is not good.

use std::fmt;

use tollgate_runtime::Denial;

use crate::jws::Fault;

/// Why a token is not good. Its text is the `error_description` of HTTP APIs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// There is no token.
    Missing,
    /// It is not a signature of a key of the issuer.
    Signature(Fault),
    /// Its claims are not a JSON object with single names, or a claim has another type.
    Claims,
    /// It names no key.
    NoKeyId,
    /// It names a key that the issuer does not have.
    UnknownKey,
    /// It names an id that several keys have.
    AmbiguousKey,
    /// Another issuer's.
    Issuer,
    /// For another audience.
    Audience,
    /// Over, or without an end.
    Expired,
    /// Not yet valid (`nbf`).
    NotYetValid,
    /// Issued in the future (`iat`).
    IssuedLater,
    /// An access token where an ID token is asked for, or the reverse.
    TokenUse,
    /// A required claim is missing or has another value.
    RequiredClaim(String),
    /// It holds none of the scopes that are asked for.
    Scope {
        /// Whether that is 401 (Cognito) instead of 403.
        unauthorized: bool,
    },
    /// The issuer's discovery document cannot be had.
    Discovery,
    /// The issuer's keys cannot be had.
    Keys,
}

impl Refusal {
    /// Gateway response, status and error type.
    #[must_use]
    pub fn denial(&self) -> Denial {
        match self {
            Refusal::Missing => Denial::MissingToken,
            Refusal::Expired => Denial::ExpiredToken,
            Refusal::Scope { unauthorized: true } => Denial::ScopeUnauthorized,
            Refusal::Scope {
                unauthorized: false,
            } => Denial::ScopeForbidden,
            Refusal::Discovery | Refusal::Keys => Denial::KeySource,
            _ => Denial::InvalidToken,
        }
    }

    /// What the client of a REST API is told; empty where the gateway response's own text stands.
    #[must_use]
    pub fn message(&self) -> &'static str {
        match self.denial() {
            Denial::ExpiredToken => "The incoming token has expired",
            Denial::MissingToken | Denial::InvalidToken | Denial::ScopeUnauthorized => {
                "Unauthorized"
            }
            _ => "",
        }
    }

    /// `www-authenticate` of an HTTP API's answer. `required` are the route's scopes.
    #[must_use]
    pub fn www_authenticate(&self, required: &[String]) -> String {
        match self {
            Refusal::Missing => "Bearer".to_owned(),
            Refusal::Scope { .. } => format!(
                "Bearer scope=\"{}\" error=\"insufficient_scope\" error_description=\"{self}\"",
                quoted(&required.join(" "))
            ),
            _ => format!(
                "Bearer scope=\"\" error=\"invalid_token\" error_description=\"{}\"",
                quoted(&self.to_string())
            ),
        }
    }
}

/// What may stand in a quoted value of a header.
fn quoted(text: &str) -> String {
    text.chars()
        .filter(|c| matches!(c, ' '..='~') && !matches!(c, '"' | '\\'))
        .collect()
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Missing => f.write_str("there is no token"),
            Refusal::Signature(Fault::TooLong | Fault::Malformed) => {
                f.write_str("unable to decode the token")
            }
            Refusal::Signature(fault) => fault.fmt(f),
            Refusal::Claims => f.write_str("unable to decode the claims"),
            Refusal::NoKeyId => f.write_str("the token names no key"),
            Refusal::UnknownKey => f.write_str("the token's key is unknown"),
            Refusal::AmbiguousKey => f.write_str("the token's key is ambiguous"),
            Refusal::Issuer => f.write_str("invalid issuer"),
            Refusal::Audience => f.write_str("the token does not have a valid audience"),
            Refusal::Expired => f.write_str("the token has expired"),
            Refusal::NotYetValid => f.write_str("the token is not valid yet"),
            Refusal::IssuedLater => f.write_str("the token is used before issued"),
            Refusal::TokenUse => f.write_str("the token is for another use"),
            Refusal::RequiredClaim(name) => {
                write!(f, "the claim {name} is missing or has another value")
            }
            Refusal::Scope { .. } => f.write_str("the token does not have a required scope"),
            Refusal::Discovery => f.write_str("OIDC discovery endpoint communication error"),
            Refusal::Keys => f.write_str("JWKS communication error"),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_http_api_says() {
        let scopes = ["a/read".to_owned(), "a/write".to_owned()];
        for (refusal, expected) in [
            (Refusal::Missing, "Bearer"),
            (
                Refusal::Audience,
                r#"Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience""#,
            ),
            (
                Refusal::Signature(Fault::Algorithm("HS256".to_owned())),
                r#"Bearer scope="" error="invalid_token" error_description="signing method HS256 is invalid""#,
            ),
            (
                Refusal::Signature(Fault::Algorithm("\"\r\nx: é".to_owned())),
                r#"Bearer scope="" error="invalid_token" error_description="signing method x:  is invalid""#,
            ),
            (
                Refusal::Scope {
                    unauthorized: false,
                },
                r#"Bearer scope="a/read a/write" error="insufficient_scope" error_description="the token does not have a required scope""#,
            ),
        ] {
            assert_eq!(refusal.www_authenticate(&scopes), expected);
        }
    }

    #[test]
    fn what_a_rest_api_says() {
        for (refusal, gateway_response, message) in [
            (Refusal::Missing, "UNAUTHORIZED", "Unauthorized"),
            (Refusal::Issuer, "UNAUTHORIZED", "Unauthorized"),
            (
                Refusal::Expired,
                "UNAUTHORIZED",
                "The incoming token has expired",
            ),
            (
                Refusal::Scope { unauthorized: true },
                "UNAUTHORIZED",
                "Unauthorized",
            ),
            (
                Refusal::Scope {
                    unauthorized: false,
                },
                "ACCESS_DENIED",
                "",
            ),
            (Refusal::Keys, "AUTHORIZER_FAILURE", ""),
        ] {
            assert_eq!(
                refusal.denial().gateway_response(),
                gateway_response,
                "{refusal}"
            );
            assert_eq!(refusal.message(), message, "{refusal}");
        }
    }
}
