//! What verifying costs: signatures, tokens, key sets, API keys. Use the ratios of one run.

use std::fmt::Write;
use std::hint::black_box;
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{SignableBody, SignableRequest, SigningSettings, sign};
use aws_sigv4::sign::v4;
use divan::Bencher;
use p521::ecdsa::signature::Signer;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use tollgate_auth::apikey::Salt;
use tollgate_auth::dev::DevIdentity;
use tollgate_auth::jwks::KeySet;
use tollgate_auth::jws::{Algorithm, Key};
use tollgate_auth::jwt::{Kind, Rules, Token};
use tollgate_auth::sigv4::{self, Payload, Request};
use tollgate_runtime::Header;
use tollgate_runtime::behaviour::Behaviour;

const ISSUER: &str = "https://id.example.com";
const NOW_S: u64 = 1_760_000_000;

fn main() {
    divan::main();
}

fn identity() -> DevIdentity {
    DevIdentity::new(&[1; 32], ISSUER, "111122223333").expect("a key can be made")
}

#[divan::bench(args = [0, 1024, 65_536])]
fn sigv4_request(bencher: Bencher<'_, '_>, body: usize) {
    let identity = identity();
    let body = vec![b'x'; body];
    let secret = identity.reveal_secret_access_key();
    let credentials =
        Credentials::new(identity.access_key_id(), secret, None, None, "bench").into();
    let parameters = v4::SigningParams::builder()
        .identity(&credentials)
        .region("us-east-1")
        .name("execute-api")
        .time(UNIX_EPOCH + Duration::from_secs(NOW_S))
        .settings(SigningSettings::default())
        .build()
        .expect("all parameters are there")
        .into();
    let uri = "https://api.example.com/prod/pets?page=2&sort=name";
    let signable =
        SignableRequest::new("POST", uri, std::iter::empty(), SignableBody::Bytes(&body))
            .expect("signable");
    let (instructions, _) = sign(signable, &parameters).expect("signs").into_parts();
    let (signed, _) = instructions.into_parts();
    let mut headers: Vec<Header<'_>> = signed
        .iter()
        .map(|h| Header {
            name: h.name().as_bytes(),
            value: h.value().as_bytes(),
        })
        .collect();
    headers.push(Header {
        name: b"Host",
        value: b"api.example.com",
    });
    headers.push(Header {
        name: b"Accept",
        value: b"application/json",
    });
    let request = Request {
        method: b"POST",
        target: b"/prod/pets?page=2&sort=name",
        headers: &headers,
        payload: Payload::Bytes(&body),
    };
    let rules = sigv4::Rules::execute_api("us-east-1", &Behaviour::default());
    bencher.bench(|| {
        sigv4::verify(black_box(&request), &rules, &identity, NOW_S * 1000).expect("good")
    });
}

#[divan::bench]
fn rs256_token(bencher: Bencher<'_, '_>) {
    let identity = identity();
    let keys = KeySet::parse(identity.jwks().as_bytes()).expect("a set");
    let token = identity
        .id_token("alice", "web", NOW_S * 1000)
        .expect("signs");
    let audience = ["web".to_owned()];
    let rules = Rules {
        kind: Kind::Http {
            issuer: ISSUER,
            audience: &audience,
        },
        scopes: &[],
        leeway_s: 0,
    };
    bencher.bench(|| {
        let token = Token::read(black_box(token.as_bytes())).expect("readable");
        rules.verify(token, &keys, NOW_S * 1000).expect("good")
    });
}

fn ec_key(curve: &str, point: &[u8]) -> Key {
    use base64ct::{Base64UrlUnpadded, Encoding};
    let (x, y) = point.split_at(1).1.split_at(point.len() / 2);
    let [x, y] = [x, y].map(Base64UrlUnpadded::encode_string);
    let jwk = format!(r#"{{"kty":"EC","crv":"{curve}","x":"{x}","y":"{y}"}}"#);
    Key::from_jwk(jwk.as_bytes()).expect("a key")
}

#[divan::bench]
fn es256_signature(bencher: Bencher<'_, '_>) {
    let rng = SystemRandom::new();
    let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(kind, &rng).expect("a key");
    let pair = EcdsaKeyPair::from_pkcs8(kind, pkcs8.as_ref(), &rng).expect("a key");
    let signature = pair.sign(&rng, b"message").expect("signs");
    let key = ec_key("P-256", pair.public_key().as_ref());
    bencher
        .bench(|| assert!(key.verify(Algorithm::Es256, black_box(b"message"), signature.as_ref())));
}

#[divan::bench]
fn es512_signature(bencher: Bencher<'_, '_>) {
    let mut secret = [7; 66];
    secret[0] = 0;
    let pair = p521::ecdsa::SigningKey::from_slice(&secret).expect("a key");
    let signature: p521::ecdsa::Signature = pair.sign(b"message");
    let key = ec_key(
        "P-521",
        pair.verifying_key().to_sec1_point(false).as_bytes(),
    );
    let signature = signature.to_bytes();
    bencher.bench(|| assert!(key.verify(Algorithm::Es512, black_box(b"message"), &signature)));
}

#[divan::bench]
fn token_of_100_kb(bencher: Bencher<'_, '_>) {
    let token = vec![b'.'; 100_000];
    bencher.bench(|| assert!(Token::read(black_box(&token)).is_err()));
}

#[divan::bench(args = [2, 10_000])]
fn key_set(bencher: Bencher<'_, '_>, keys: usize) {
    let set: serde_json::Value = serde_json::from_str(&identity().jwks()).expect("JSON");
    let n = set
        .pointer("/keys/0/n")
        .and_then(serde_json::Value::as_str)
        .expect("a modulus");
    let mut text = String::from(r#"{"keys":["#);
    for i in 0..keys {
        let comma = if i == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}{{"kty":"RSA","kid":"k{i}","n":"{n}","e":"AQAB"}}"#
        )
        .expect("writes");
    }
    text.push_str("]}");
    bencher.bench(|| KeySet::parse(black_box(text.as_bytes())).expect("a set"));
}

#[divan::bench]
fn api_key_digest(bencher: Bencher<'_, '_>) {
    let salt = Salt::derive(b"project");
    bencher.bench(|| salt.digest(black_box(&[b'x'; 40])));
}
