//! Signatures, tokens and keys, sans-IO.
//!
//! Everything here is bytes in, verdict out. Clocks, sockets and stores belong to the host: it passes the present
//! time in milliseconds since 1970, fetches what it is told to fetch, and looks up what it is asked for. No input
//! panics, and work is linear in its size, which is bounded where a stranger chooses it.
//!
//! | module | question |
//! |---|---|
//! | [`sigv4`] | who signed this request with an access key? |
//! | [`jws`] | is this text signed with this key? |
//! | [`jwks`] | which keys does an issuer have, and when are they fetched again? |
//! | [`jwt`] | is this token good for this authorizer and route? |
//! | [`apikey`] | which API key is this? |
//! | [`mtls`] | what does a client's certificate say? |
//! | `dev` | a local issuer and access key, with the feature `dev-identity` |
//!
//! A runtime's [`Step::Verify`](tollgate_runtime::Step::Verify) is answered with what these modules return: a good
//! caller has a record for [`Outcome::Verified`](tollgate_runtime::Outcome::Verified), a refusal has a code and a
//! message for [`Outcome::Denied`](tollgate_runtime::Outcome::Denied).
//!
//! # A token
//!
//! ```
//! use tollgate_auth::dev::DevIdentity;
//! use tollgate_auth::jwks::{Ask, CachePolicy, KeyCache, KeySet};
//! use tollgate_auth::jwt::{Kind, Refusal, Rules, Token};
//!
//! // An issuer of our own, in place of one on the internet.
//! let issuer = DevIdentity::new(&[1; 32], "https://id.example.com", "111122223333")?;
//! let now_ms = 1_760_000_000_000;
//! let header = format!("Bearer {}", issuer.id_token("alice", "web", now_ms)?);
//!
//! let audience = ["web".to_owned()];
//! let kind = Kind::Http { issuer: "https://id.example.com", audience: &audience };
//! let rules = Rules { kind, scopes: &[], leeway_s: 0 };
//! let token = Token::read(header.as_bytes())?;
//!
//! // The cache says when to fetch; the host fetches.
//! let mut cache = KeyCache::new(CachePolicy::TWO_HOURS);
//! let kid = token.key_id().ok_or(Refusal::NoKeyId)?;
//! assert!(matches!(cache.ask(kid, now_ms), Ask::Fetch));
//! cache.fetched(KeySet::parse(issuer.jwks().as_bytes())?, now_ms);
//! let Ask::Use(keys) = cache.ask(kid, now_ms) else { unreachable!() };
//!
//! let verified = rules.verify(token, &keys, now_ms)?;
//! assert_eq!(verified.claims()["sub"], "alice");
//!
//! // Any other key, claim or letter is refused, with the words for `www-authenticate`.
//! let late = Token::read(header.as_bytes())?;
//! let refusal = rules.verify(late, &keys, now_ms + 3_600_000).unwrap_err();
//! assert_eq!(refusal, Refusal::Expired);
//! assert_eq!(
//!     refusal.www_authenticate(&[]),
//!     r#"Bearer scope="" error="invalid_token" error_description="the token has expired""#
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # A signed request
//!
//! ```
//! use tollgate_auth::dev::DevIdentity;
//! use tollgate_auth::sigv4::{self, Payload, Request, Rules};
//! use tollgate_runtime::behaviour::Behaviour;
//!
//! // Who implements `CredentialStore` knows the access keys.
//! let store = DevIdentity::new(&[1; 32], "https://id.example.com", "111122223333")?;
//! let request = Request { method: b"GET", target: b"/prod/pets", headers: &[], payload: Payload::Bytes(b"") };
//! let rules = Rules::execute_api("eu-west-1", &Behaviour::default());
//! let refusal = sigv4::verify(&request, &rules, &store, 1_760_000_000_000).unwrap_err();
//! assert_eq!(refusal.gateway_response(), "MISSING_AUTHENTICATION_TOKEN");
//! assert_eq!(refusal.message(), "Missing Authentication Token");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

pub mod apikey;
#[cfg(feature = "dev-identity")]
pub mod dev;
mod encoding;
mod json;
pub mod jwks;
pub mod jws;
pub mod jwt;
pub mod mtls;
mod secret;
pub mod sigv4;
mod time;

pub use secret::Secret;
