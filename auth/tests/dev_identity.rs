//! The development identity signs what the real rules accept.

use std::sync::OnceLock;
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use tollgate_auth::dev::DevIdentity;
use tollgate_auth::jwks::{KeySet, jwks_uri};
use tollgate_auth::sigv4::{self, Payload, Request, Rules};
use tollgate_runtime::Header;
use tollgate_runtime::behaviour::Behaviour;

const ISSUER: &str = "http://127.0.0.1:3000/dev";
const NOW_S: u64 = 1_760_000_000;

fn made(seed: u8) -> DevIdentity {
    DevIdentity::new(&[seed; 32], ISSUER, "111122223333").unwrap()
}

fn identity() -> &'static DevIdentity {
    static IDENTITY: OnceLock<DevIdentity> = OnceLock::new();
    IDENTITY.get_or_init(|| made(1))
}

#[test]
fn a_seed_gives_the_same_identity_again() {
    let (one, again, other) = (identity(), made(1), made(2));
    assert_eq!(one.jwks(), again.jwks());
    assert_eq!(one.access_key_id(), again.access_key_id());
    assert_eq!(
        one.id_token("u", "c", NOW_S * 1000).unwrap(),
        again.id_token("u", "c", NOW_S * 1000).unwrap()
    );
    assert_ne!(one.jwks(), other.jwks());
    assert_ne!(one.access_key_id(), other.access_key_id());
    assert_ne!(
        one.reveal_secret_access_key(),
        other.reveal_secret_access_key()
    );
}

#[test]
fn its_documents_are_those_that_rules_read() {
    let identity = identity();
    let keys = KeySet::parse(identity.jwks().as_bytes()).unwrap();
    assert_eq!((keys.keys().len(), keys.skipped()), (1, &[][..]));
    let uri = "http://127.0.0.1:3000/dev/.well-known/jwks.json";
    assert_eq!(
        jwks_uri(identity.discovery(uri).as_bytes(), ISSUER).as_deref(),
        Ok(uri)
    );
}

#[test]
fn its_access_key_signs() {
    let identity = identity();
    let credentials = Credentials::new(
        identity.access_key_id(),
        identity.reveal_secret_access_key(),
        None,
        None,
        "test",
    )
    .into();
    let params = v4::SigningParams::builder()
        .identity(&credentials)
        .region("us-east-1")
        .name("execute-api")
        .time(UNIX_EPOCH + Duration::from_secs(NOW_S))
        .settings(SigningSettings::default())
        .build()
        .unwrap()
        .into();
    let signable = SignableRequest::new(
        "GET",
        "http://127.0.0.1:3000/prod/pets",
        std::iter::empty(),
        SignableBody::Bytes(b""),
    )
    .unwrap();
    let (instructions, _) = sign(signable, &params).unwrap().into_parts();
    let (headers, _) = instructions.into_parts();
    let mut received: Vec<Header<'_>> = headers
        .iter()
        .map(|h| Header {
            name: h.name().as_bytes(),
            value: h.value().as_bytes(),
        })
        .collect();
    received.push(Header {
        name: b"host",
        value: b"127.0.0.1:3000",
    });
    let request = Request {
        method: b"GET",
        target: b"/prod/pets",
        headers: &received,
        payload: Payload::Bytes(b""),
    };
    let rules = Rules::execute_api("us-east-1", &Behaviour::default());
    let caller = sigv4::verify(&request, &rules, identity, NOW_S * 1000).unwrap();
    assert_eq!(
        caller.credential.identity.user_arn,
        "arn:aws:iam::111122223333:user/dev"
    );
    assert_eq!(caller.credential.policies.len(), 1);
}

#[test]
fn its_secrets_are_not_printed() {
    let identity = identity();
    let printed = format!("{identity:?}");
    assert!(
        !printed.contains(identity.reveal_secret_access_key()),
        "{printed}"
    );
    assert!(!printed.contains("credential"), "{printed}");
}
