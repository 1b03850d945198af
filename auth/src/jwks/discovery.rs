//! Where an issuer's keys are: OpenID Connect discovery, and user pools.

use std::fmt;

use serde_json::Value;

use crate::json;

/// Why a discovery document is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiscoveryFault {
    /// Not a JSON object with single names.
    Malformed,
    /// It speaks of another issuer.
    Issuer,
    /// It has no `jwks_uri`, or one that is neither `https` nor of the loopback host.
    KeysUri,
}

impl fmt::Display for DiscoveryFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DiscoveryFault::Malformed => "the discovery document is malformed",
            DiscoveryFault::Issuer => "the discovery document is another issuer's",
            DiscoveryFault::KeysUri => "the discovery document names no safe `jwks_uri`",
        })
    }
}

impl std::error::Error for DiscoveryFault {}

/// Where the discovery document of `issuer` is.
#[must_use]
pub fn discovery_url(issuer: &str) -> String {
    format!(
        "{}/.well-known/openid-configuration",
        issuer.trim_end_matches('/')
    )
}

/// The address of the key set that a discovery document of `issuer` names.
///
/// # Errors
/// Why the document is not used.
pub fn jwks_uri(document: &[u8], issuer: &str) -> Result<String, DiscoveryFault> {
    let document = json::object(document).ok_or(DiscoveryFault::Malformed)?;
    if document.get("issuer") != Some(&Value::from(issuer)) {
        return Err(DiscoveryFault::Issuer);
    }
    match document.get("jwks_uri") {
        Some(Value::String(uri)) if is_safe(uri) => Ok(uri.clone()),
        _ => Err(DiscoveryFault::KeysUri),
    }
}

/// Whether keys may be fetched from there: nobody on the way can change them.
fn is_safe(uri: &str) -> bool {
    if let Some(rest) = uri.strip_prefix("https://") {
        return !rest.is_empty() && !rest.starts_with('/');
    }
    let Some(rest) = uri.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    ["localhost", "127.0.0.1", "[::1]"].iter().any(|host| {
        authority.strip_prefix(host).is_some_and(|port| {
            port.is_empty()
                || port
                    .strip_prefix(':')
                    .is_some_and(|p| p.bytes().all(|b| b.is_ascii_digit()))
        })
    })
}

/// A Cognito user pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserPool {
    /// What `iss` of its tokens says.
    pub issuer: String,
    /// Where its key set is.
    pub jwks_uri: String,
}

impl UserPool {
    /// The pool of an ARN, for example `arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEf123`;
    /// `None` if it is not a user pool's.
    #[must_use]
    pub fn of_arn(arn: &str) -> Option<UserPool> {
        let mut parts = arn.split(':');
        let (
            Some("arn"),
            Some(partition),
            Some("cognito-idp"),
            Some(region),
            Some(_),
            Some(resource),
            None,
        ) = (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        )
        else {
            return None;
        };
        let plain = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        let id = resource
            .strip_prefix("userpool/")
            .filter(|id| plain(id) && plain(region))?;
        let suffix = if partition == "aws-cn" { ".cn" } else { "" };
        let issuer = format!("https://cognito-idp.{region}.amazonaws.com{suffix}/{id}");
        Some(UserPool {
            jwks_uri: format!("{issuer}/.well-known/jwks.json"),
            issuer,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_discovery_is() {
        for issuer in ["https://id.example.com/a", "https://id.example.com/a/"] {
            assert_eq!(
                discovery_url(issuer),
                "https://id.example.com/a/.well-known/openid-configuration"
            );
        }
    }

    #[test]
    fn what_discovery_says() {
        let issuer = "https://id.example.com";
        let read = |issuer_claim: &str, uri: &str| {
            let text = format!(r#"{{"issuer":"{issuer_claim}","jwks_uri":"{uri}","x":[1]}}"#);
            jwks_uri(text.as_bytes(), issuer)
        };
        for good in [
            "https://id.example.com/keys",
            "http://127.0.0.1:5055/k",
            "http://localhost/k",
            "http://[::1]:1",
        ] {
            assert_eq!(read(issuer, good).as_deref(), Ok(good));
        }
        for bad in [
            "http://id.example.com/keys",
            "http://localhost.example.com/k",
            "http://localhost@example.com/k",
            "http://localhost:80@example.com/k",
            "file:///etc/passwd",
            "https:///k",
            "",
        ] {
            assert_eq!(read(issuer, bad), Err(DiscoveryFault::KeysUri), "{bad}");
        }
        assert_eq!(
            read("https://id.example.com/", "https://x"),
            Err(DiscoveryFault::Issuer)
        );
        assert_eq!(jwks_uri(b"[]", issuer), Err(DiscoveryFault::Malformed));
        assert_eq!(
            jwks_uri(br#"{"issuer":"https://id.example.com"}"#, issuer),
            Err(DiscoveryFault::KeysUri)
        );
    }

    #[test]
    fn user_pools() {
        let pool = UserPool::of_arn(
            "arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_AbCdEf123",
        )
        .unwrap();
        assert_eq!(
            pool.issuer,
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123"
        );
        assert_eq!(
            pool.jwks_uri,
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_AbCdEf123/.well-known/jwks.json"
        );
        let china = UserPool::of_arn("arn:aws-cn:cognito-idp:cn-north-1:1:userpool/x").unwrap();
        assert_eq!(
            china.issuer,
            "https://cognito-idp.cn-north-1.amazonaws.com.cn/x"
        );
        for arn in [
            "arn:aws:cognito-idp:eu-west-1:1:userpool/",
            "arn:aws:cognito-idp:eu-west-1:1:identitypool/x",
            "arn:aws:cognito-idp:evil.com/:1:userpool/x",
            "arn:aws:cognito-idp:eu-west-1:1:userpool/x/../y",
            "x",
        ] {
            assert_eq!(UserPool::of_arn(arn), None, "{arn}");
        }
    }
}
