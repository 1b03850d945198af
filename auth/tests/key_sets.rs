//! Key sets: which are read, which are refused, and which key a token gets.

use std::fmt::Write;
use std::sync::OnceLock;

use tollgate_auth::dev::DevIdentity;
use tollgate_auth::jwks::{KeySet, MAX_SET_BYTES, NoKey, SetFault};
use tollgate_auth::jws::{Algorithm, Key, KeyFault};

/// 2048 bits, odd, of no special form.
fn modulus() -> &'static str {
    static MODULUS: OnceLock<String> = OnceLock::new();
    MODULUS.get_or_init(|| {
        let identity =
            DevIdentity::new(&[1; 32], "https://id.example.com", "111122223333").unwrap();
        let set: serde_json::Value = serde_json::from_str(&identity.jwks()).unwrap();
        set["keys"][0]["n"].as_str().unwrap().to_owned()
    })
}

fn oct(id: &str) -> String {
    format!(r#"{{"kty":"oct","kid":"{id}","k":"{}"}}"#, "A".repeat(43))
}

#[test]
fn keys_that_cannot_verify_are_skipped() {
    let n = modulus();
    let rsa = |rest: &str| format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB"{rest}}}"#);
    let set = [
        rsa(r#","kid":"a","alg":"RS256","use":"sig""#),
        rsa(r#","kid":"b","use":"enc""#),
        rsa(r#","kid":"c","key_ops":["encrypt"]"#),
        rsa(r#","kid":"d","alg":"RSA-OAEP""#),
        rsa(r#","kid":"e","alg":"ES256""#),
        r#"{"kty":"EC","crv":"secp256k1","kid":"f","x":"AA","y":"AA"}"#.to_owned(),
        r#"{"kty":"future","kid":"g"}"#.to_owned(),
        r#"{"kid":"h"}"#.to_owned(),
        r#"{"kty":"RSA","kid":"i","n":"AQAB","e":"AQAB"}"#.to_owned(),
        format!(r#"{{"kty":"RSA","kid":"j","n":"{n}","e":"AQ"}}"#),
        r#"{"kty":"EC","crv":"P-256","kid":"k","x":"AA","y":"AA"}"#.to_owned(),
        rsa(r#","kid":"l","key_ops":["sign","verify"],"x5t":"ignored""#),
    ];
    let text = format!(r#"{{"keys":[{}],"next":1}}"#, set.join(","));
    let keys = KeySet::parse(text.as_bytes()).unwrap();
    let ids: Vec<_> = keys.keys().iter().map(|k| k.id().unwrap()).collect();
    assert_eq!(ids, ["a", "l"]);
    let faults: Vec<KeyFault> = keys.skipped().iter().map(|(_, fault)| *fault).collect();
    assert_eq!(
        faults,
        [
            KeyFault::Purpose,
            KeyFault::Purpose,
            KeyFault::Algorithm,
            KeyFault::Algorithm,
            KeyFault::UnsupportedType,
            KeyFault::UnsupportedType,
            KeyFault::Malformed,
            KeyFault::Size,
            KeyFault::Size,
            KeyFault::Size,
        ]
    );
}

#[test]
fn sets_that_give_away_a_secret_are_refused() {
    let n = modulus();
    let public = format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB","kid":"a"}}"#);
    let private = format!(r#"{{"kty":"RSA","n":"{n}","e":"AQAB","kid":"b","d":"AQAB"}}"#);
    for (keys, expected) in [
        (vec![public.clone()], None),
        (vec![oct("b"), oct("c")], None),
        (
            vec![public.clone(), oct("b")],
            Some(SetFault::MixedSymmetry),
        ),
        (vec![public, private], Some(SetFault::Private)),
    ] {
        let text = format!(r#"{{"keys":[{}]}}"#, keys.join(","));
        assert_eq!(KeySet::parse(text.as_bytes()).err(), expected, "{keys:?}");
    }
}

#[test]
fn texts_that_are_no_set() {
    for text in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[1]}"#,
        r#"{"keys":[],"keys":[]}"#,
        r#"{"keys":[{"kty":"RSA","kty":"oct"}]}"#,
    ] {
        assert_eq!(
            KeySet::parse(text.as_bytes()).err(),
            Some(SetFault::Malformed),
            "{text}"
        );
    }
    let long = vec![b' '; MAX_SET_BYTES + 1];
    assert_eq!(KeySet::parse(&long).err(), Some(SetFault::TooLong));
}

#[test]
fn a_key_is_chosen_by_id_and_algorithm() {
    let n = modulus();
    let text = format!(
        r#"{{"keys":[
            {{"kty":"RSA","n":"{n}","e":"AQAB","kid":"one","alg":"RS256"}},
            {{"kty":"RSA","n":"{n}","e":"AQAB","kid":"any"}},
            {{"kty":"RSA","n":"{n}","e":"AQAB","kid":"two"}},
            {{"kty":"RSA","n":"{n}","e":"AQAB","kid":"two"}},
            {{"kty":"RSA","n":"{n}","e":"AQAB","kid":"each","alg":"RS256"}},
            {{"kty":"RSA","n":"{n}","e":"AQAB","kid":"each","alg":"RS512"}},
            {{"kty":"RSA","n":"{n}","e":"AQAB","kid":"half"}},
            {{"kty":"RSA","n":"{n}","kid":"half"}},
            {{"kty":"RSA","n":"{n}","e":"AQAB"}}
        ]}}"#
    );
    let keys = KeySet::parse(text.as_bytes()).unwrap();
    for (id, algorithm, expected) in [
        ("one", Algorithm::Rs256, None),
        ("one", Algorithm::Rs384, Some(NoKey::Unknown)),
        ("one", Algorithm::Es256, Some(NoKey::Unknown)),
        ("any", Algorithm::Ps512, None),
        ("two", Algorithm::Rs256, Some(NoKey::Ambiguous)),
        ("each", Algorithm::Rs256, None),
        ("half", Algorithm::Rs256, Some(NoKey::Ambiguous)),
        ("", Algorithm::Rs256, Some(NoKey::Unknown)),
        ("One", Algorithm::Rs256, Some(NoKey::Unknown)),
    ] {
        assert_eq!(
            keys.choose(id, algorithm).err(),
            expected,
            "{id} {algorithm:?}"
        );
    }
}

#[test]
fn ten_thousand_keys_are_read_and_found() {
    let mut text = String::from(r#"{"keys":["#);
    let n = modulus();
    for i in 0..10_000 {
        let comma = if i == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}{{"kty":"RSA","kid":"k{i}","n":"{n}","e":"AQAB","use":"sig"}}"#
        )
        .unwrap();
    }
    text.push_str("]}");
    let keys = KeySet::parse(text.as_bytes()).unwrap();
    assert_eq!(keys.keys().len(), 10_000);
    assert_eq!(
        keys.choose("k9999", Algorithm::Rs256).unwrap().id(),
        Some("k9999")
    );
}

#[test]
fn a_shared_secret_is_not_printed() {
    let key = Key::from_jwk(oct("a").as_bytes()).unwrap();
    assert_eq!(
        format!("{key:?}"),
        r#"Key { id: Some("a"), kind: "oct", algorithm: None, .. }"#
    );
}
