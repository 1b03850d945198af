//! Why a signature is not good, in the reference's words.

use std::fmt;

use tollgate_runtime::Denial;

use crate::time;

/// Why a signature is not good.
///
/// Every refusal has a [`Denial`] (gateway response, status, `x-amzn-ErrorType`) and a message for the client.
/// A header that is not understood may hold another scheme's token: it is named by its SHA-256, as the reference
/// does, so that no message or log repeats it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// The request is not signed.
    Missing,
    /// Header and query both claim to sign.
    BothForms,
    /// `Authorization` holds nothing.
    EmptyAuthorization,
    /// A parameter of `Authorization` has no `=`.
    NotKeyValue {
        /// SHA-256 of the header's value, base64.
        digest: String,
    },
    /// `Authorization` or the date lacks.
    MissingParameters {
        /// The names that are missing.
        names: Vec<&'static str>,
        /// Whether there is neither `X-Amz-Date` nor `Date`.
        date: bool,
        /// SHA-256 of the header's value, base64.
        digest: String,
    },
    /// The query lacks these parameters.
    MissingQueryParameters(Vec<&'static str>),
    /// A header or parameter that must be single is there twice.
    Repeated(&'static str),
    /// Not `AWS4-HMAC-SHA256`.
    UnsupportedAlgorithm(String),
    /// A credential that does not have five parts.
    MalformedCredential(String),
    /// A date that is not in ISO 8601's basic format.
    MalformedDate(String),
    /// `X-Amz-Expires` is not a number of seconds from 1 to 604,800.
    MalformedExpires(String),
    /// A header that must be signed is not, by its name as a message prints it.
    HeaderNotSigned(String),
    /// The credential's scope is not this API's.
    Scope(Scope),
    /// Signed too long ago.
    Expired {
        /// When it was signed, seconds since 1970.
        signed_s: i64,
        /// The present time, seconds since 1970.
        now_s: i64,
        /// How old a signature may be, seconds.
        window_s: i64,
    },
    /// Signed in the future.
    NotYetCurrent {
        /// When it was signed, seconds since 1970.
        signed_s: i64,
        /// The present time, seconds since 1970.
        now_s: i64,
        /// How far ahead a clock may be, seconds.
        window_s: i64,
    },
    /// Nobody has this access key, or the session token is not the key's.
    UnrecognizedClient,
    /// The session of a temporary access key is over.
    ExpiredSession,
    /// The signature is not the one that this request and key give.
    Mismatch,
    /// The credential store failed.
    StoreFailed,
}

/// What of a credential's scope is not this API's; each text is what the request said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    /// A region that is not the API's.
    pub region: Option<String>,
    /// The service that it should have been.
    pub service: Option<String>,
    /// A terminator that is not `aws4_request`.
    pub terminator: Option<String>,
    /// A day that is not the day of the timestamp, and the timestamp.
    pub date: Option<(String, String)>,
}

impl Scope {
    pub(super) fn fits(&self) -> bool {
        *self == Scope::default()
    }
}

impl Refusal {
    /// Gateway response, status and error type.
    #[must_use]
    pub fn denial(&self) -> Denial {
        match self {
            Refusal::Missing => Denial::MissingSignature,
            Refusal::BothForms
            | Refusal::EmptyAuthorization
            | Refusal::NotKeyValue { .. }
            | Refusal::MissingParameters { .. }
            | Refusal::MissingQueryParameters(_)
            | Refusal::Repeated(_)
            | Refusal::UnsupportedAlgorithm(_)
            | Refusal::MalformedCredential(_)
            | Refusal::MalformedDate(_)
            | Refusal::MalformedExpires(_) => Denial::IncompleteSignature,
            Refusal::HeaderNotSigned(_)
            | Refusal::Scope(_)
            | Refusal::Expired { .. }
            | Refusal::NotYetCurrent { .. }
            | Refusal::Mismatch => Denial::InvalidSignature,
            Refusal::UnrecognizedClient => Denial::UnrecognizedClient,
            Refusal::ExpiredSession => Denial::ExpiredSession,
            Refusal::StoreFailed => Denial::Unavailable,
        }
    }

    /// The type of the gateway response, for example `INVALID_SIGNATURE`.
    #[must_use]
    pub fn gateway_response(&self) -> &'static str {
        self.denial().gateway_response()
    }

    /// The status where the gateway response sets none: 403, or 500 if the store failed.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.denial().status()
    }

    /// The value of `x-amzn-ErrorType`.
    #[must_use]
    pub fn error_type(&self) -> &'static str {
        self.denial().error_type()
    }

    /// What the client is told, the reference's text.
    #[must_use]
    pub fn message(&self) -> String {
        self.to_string()
    }
}

impl std::error::Error for Refusal {}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Missing => f.write_str("Missing Authentication Token"),
            Refusal::BothForms => f.write_str(
                "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter or the Authorization \
                 header should be specified",
            ),
            Refusal::EmptyAuthorization => f.write_str("Authorization header cannot be empty: ''."),
            Refusal::NotKeyValue { digest } => write!(
                f,
                "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and \
                 encoded with Base64): '{digest}'."
            ),
            Refusal::MissingParameters { names, date, digest } => {
                for name in names {
                    write!(f, "Authorization header requires '{name}' parameter. ")?;
                }
                if *date {
                    f.write_str(
                        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
                    )?;
                }
                write!(
                    f,
                    "(Hashed with SHA-256 and encoded with Base64) Authorization={digest}"
                )
            }
            Refusal::MissingQueryParameters(names) => {
                for name in names {
                    write!(f, "AWS query-string parameters must include '{name}'. ")?;
                }
                f.write_str("Re-examine the query-string parameters.")
            }
            Refusal::Repeated(name) => write!(f, "'{name}' must be given once."),
            Refusal::UnsupportedAlgorithm(name) => {
                write!(f, "Unsupported AWS 'algorithm': '{name}'.")
            }
            Refusal::MalformedCredential(got) => write!(
                f,
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got \
                 '{got}'"
            ),
            Refusal::MalformedDate(got) => write!(
                f,
                "Date must be in ISO-8601 'basic format'. Got '{got}'. See http://en.wikipedia.org/wiki/ISO_8601"
            ),
            Refusal::MalformedExpires(got) => write!(
                f,
                "X-Amz-Expires must be a number of seconds from 1 to 604800, got '{got}'"
            ),
            Refusal::HeaderNotSigned(name) => write!(
                f,
                "{name} must be a 'SignedHeader' in the AWS Authorization."
            ),
            Refusal::Scope(scope) => scope.fmt(f),
            Refusal::Expired { signed_s, now_s, window_s } => write!(
                f,
                "Signature expired: {} is now earlier than {} ({} - {}.)",
                time::basic(*signed_s),
                time::basic(now_s.saturating_sub(*window_s)),
                time::basic(*now_s),
                span(*window_s)
            ),
            Refusal::NotYetCurrent { signed_s, now_s, window_s } => write!(
                f,
                "Signature not yet current: {} is still later than {} ({} + {}.)",
                time::basic(*signed_s),
                time::basic(now_s.saturating_add(*window_s)),
                time::basic(*now_s),
                span(*window_s)
            ),
            Refusal::UnrecognizedClient => {
                f.write_str("The security token included in the request is invalid.")
            }
            Refusal::ExpiredSession => {
                f.write_str("The security token included in the request is expired")
            }
            Refusal::Mismatch => f.write_str(
                "The request signature we calculated does not match the signature you provided. Check your AWS \
                 Secret Access Key and signing method. Consult the service documentation for details.",
            ),
            Refusal::StoreFailed => f.write_str("Internal server error"),
        }
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(region) = &self.region {
            write!(
                f,
                "Credential should be scoped to a valid region, not '{region}'. "
            )?;
        }
        if let Some(service) = &self.service {
            write!(
                f,
                "Credential should be scoped to correct service: '{service}'. "
            )?;
        }
        if let Some(terminator) = &self.terminator {
            write!(
                f,
                "Credential should be scoped with a valid terminator: 'aws4_request', not '{terminator}'. "
            )?;
        }
        if let Some((day, timestamp)) = &self.date {
            write!(
                f,
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{day}' \
                 != '{}', from '{timestamp}'. ",
                timestamp.get(..8).unwrap_or(timestamp)
            )?;
        }
        Ok(())
    }
}

/// A window as the reference prints it: minutes, or seconds if it is not whole minutes.
fn span(seconds: i64) -> String {
    if seconds % 60 == 0 {
        format!("{} min", seconds / 60)
    } else {
        format!("{seconds} sec")
    }
}
