//! Tokens of a local issuer, held to the rules of the three kinds of authorizer.

use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use tollgate_auth::dev::DevIdentity;
use tollgate_auth::jwks::KeySet;
use tollgate_auth::jws::{Algorithms, Fault, MAX_TOKEN_BYTES};
use tollgate_auth::jwt::{Issuer, Kind, Refusal, Rules, Token};

const ISSUER: &str = "https://id.example.com";
const NOW_MS: u64 = 1_760_000_000_500;
const NOW_S: u64 = NOW_MS / 1000;

fn identity() -> &'static DevIdentity {
    static IDENTITY: OnceLock<DevIdentity> = OnceLock::new();
    IDENTITY.get_or_init(|| DevIdentity::new(&[7; 32], ISSUER, "111122223333").unwrap())
}

fn keys() -> &'static KeySet {
    static KEYS: OnceLock<KeySet> = OnceLock::new();
    KEYS.get_or_init(|| KeySet::parse(identity().jwks().as_bytes()).unwrap())
}

fn token(claims: Value) -> String {
    identity()
        .token(claims.as_object().unwrap(), NOW_MS)
        .unwrap()
}

fn decide(
    kind: Kind<'_>,
    scopes: &[&str],
    token: &str,
) -> Result<tollgate_auth::jwt::Verified, Refusal> {
    let scopes: Vec<String> = scopes.iter().map(|s| (*s).to_owned()).collect();
    let rules = Rules {
        kind,
        scopes: &scopes,
        leeway_s: 0,
    };
    rules.verify(Token::read(token.as_bytes())?, keys(), NOW_MS)
}

fn http<'a>(audience: &'a [String]) -> Kind<'a> {
    Kind::Http {
        issuer: ISSUER,
        audience,
    }
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|s| (*s).to_owned()).collect()
}

#[test]
fn claims_of_an_http_api() {
    let audience = owned(&["web", "app"]);
    for (claims, expected) in [
        (json!({"aud": "web"}), None),
        (json!({"aud": ["other", "app"]}), None),
        (json!({"client_id": "web"}), None),
        (json!({"aud": "other"}), Some(Refusal::Audience)),
        (json!({}), Some(Refusal::Audience)),
        (json!({"aud": []}), Some(Refusal::Audience)),
        (json!({"aud": 1}), Some(Refusal::Audience)),
        // `client_id` counts only where there is no `aud`.
        (
            json!({"aud": "other", "client_id": "web"}),
            Some(Refusal::Audience),
        ),
        (
            json!({"aud": null, "client_id": "web"}),
            Some(Refusal::Audience),
        ),
        (
            json!({"aud": "web", "iss": "https://id.example.com/"}),
            Some(Refusal::Issuer),
        ),
        (
            json!({"aud": "web", "iss": ["https://id.example.com"]}),
            Some(Refusal::Issuer),
        ),
        (json!({"aud": "web", "exp": NOW_S + 1}), None),
        (json!({"aud": "web", "exp": NOW_S}), Some(Refusal::Expired)),
        (json!({"aud": "web", "exp": NOW_S as f64 + 0.6}), None),
        (json!({"aud": "web", "exp": null}), Some(Refusal::Claims)),
        (json!({"aud": "web", "exp": "1"}), Some(Refusal::Claims)),
        (json!({"aud": "web", "nbf": NOW_S}), None),
        (
            json!({"aud": "web", "nbf": NOW_S + 1}),
            Some(Refusal::NotYetValid),
        ),
        (json!({"aud": "web", "iat": NOW_S}), None),
        (
            json!({"aud": "web", "iat": NOW_S + 1}),
            Some(Refusal::IssuedLater),
        ),
    ] {
        let got = decide(http(&audience), &[], &token(claims.clone())).err();
        assert_eq!(got, expected, "{claims}");
    }
}

#[test]
fn a_clock_that_differs_is_allowed_for() {
    let audience = owned(&["web"]);
    let old = token(json!({"aud": "web", "exp": NOW_S - 5, "nbf": NOW_S + 5, "iat": NOW_S + 5}));
    for (leeway_s, good) in [(0, false), (4, false), (6, true)] {
        let rules = Rules {
            kind: http(&audience),
            scopes: &[],
            leeway_s,
        };
        let verdict = rules.verify(Token::read(old.as_bytes()).unwrap(), keys(), NOW_MS);
        assert_eq!(verdict.is_ok(), good, "{leeway_s}");
    }
}

#[test]
fn scopes_of_an_http_api() {
    let audience = owned(&["web"]);
    let forbidden = Some(Refusal::Scope {
        unauthorized: false,
    });
    for (claims, expected) in [
        (json!({"aud": "web", "scope": "read write"}), None),
        (json!({"aud": "web", "scp": "write"}), None),
        (json!({"aud": "web", "scp": ["a", "write"]}), None),
        (
            json!({"aud": "web", "scope": "writer rewrite"}),
            forbidden.clone(),
        ),
        (
            json!({"aud": "web", "scope": "", "scp": "write"}),
            forbidden.clone(),
        ),
        (json!({"aud": "web"}), forbidden.clone()),
    ] {
        let got = decide(http(&audience), &["write", "admin"], &token(claims.clone())).err();
        assert_eq!(got, expected, "{claims}");
    }
    let verified = decide(
        http(&audience),
        &[],
        &token(json!({"aud": "web", "scope": "a  b"})),
    )
    .unwrap();
    assert_eq!(verified.scopes(), ["a", "b"]);
}

#[test]
fn bearer_is_optional_and_any_case() {
    let good = token(json!({"aud": "web"}));
    let audience = owned(&["web"]);
    for source in [
        good.clone(),
        format!("Bearer {good}"),
        format!("bEARER   {good} "),
        format!(" {good}"),
    ] {
        assert!(decide(http(&audience), &[], &source).is_ok(), "{source}");
    }
    for (source, refusal) in [
        (String::new(), Refusal::Missing),
        ("Bearer".to_owned(), Refusal::Missing),
        ("Bearer  ".to_owned(), Refusal::Missing),
        (
            format!("Basic {good}"),
            Refusal::Signature(Fault::Malformed),
        ),
        (
            format!("Bearer{good}"),
            Refusal::Signature(Fault::Malformed),
        ),
        (
            format!("Bearer {good}."),
            Refusal::Signature(Fault::Malformed),
        ),
    ] {
        assert_eq!(
            decide(http(&audience), &[], &source).unwrap_err(),
            refusal,
            "{source}"
        );
    }
}

#[test]
fn cognito_takes_id_tokens_without_scopes_and_access_tokens_with() {
    let issuers = owned(&["https://other.example.com", ISSUER]);
    let any = Kind::Cognito {
        issuers: &issuers,
        audience: None,
    };
    let clients = |aud: &str| aud == "client";
    let some = Kind::Cognito {
        issuers: &issuers,
        audience: Some(&clients),
    };
    let id = identity().id_token("u", "client", NOW_MS).unwrap();
    let other_client = identity().id_token("u", "other", NOW_MS).unwrap();
    let access = identity()
        .access_token("u", "client", &["a/read"], NOW_MS)
        .unwrap();
    let unauthorized = Some(Refusal::Scope { unauthorized: true });
    for (name, kind, scopes, token, expected) in [
        ("id", any, &[][..], &id, None),
        ("id, good client", some, &[], &id, None),
        (
            "id, other client",
            some,
            &[],
            &other_client,
            Some(Refusal::Audience),
        ),
        (
            "access without scopes",
            any,
            &[],
            &access,
            Some(Refusal::TokenUse),
        ),
        (
            "id with scopes",
            any,
            &["a/read"],
            &id,
            Some(Refusal::TokenUse),
        ),
        ("access", any, &["a/read"], &access, None),
        ("access, one of two", any, &["x", "a/read"], &access, None),
        (
            "access, other scope",
            any,
            &["a/write"],
            &access,
            unauthorized,
        ),
        (
            "access, audience asked for",
            some,
            &["a/read"],
            &access,
            Some(Refusal::Audience),
        ),
    ] {
        assert_eq!(decide(kind, scopes, token).err(), expected, "{name}");
    }
    let strangers = owned(&["https://other.example.com"]);
    let stranger = Kind::Cognito {
        issuers: &strangers,
        audience: None,
    };
    assert_eq!(decide(stranger, &[], &id).unwrap_err(), Refusal::Issuer);
    let over = token(json!({"token_use": "id", "aud": "client", "exp": NOW_S}));
    assert_eq!(decide(any, &[], &over).unwrap_err(), Refusal::Expired);
    let no_client = token(json!({"token_use": "id"}));
    assert_eq!(decide(any, &[], &no_client).unwrap_err(), Refusal::Audience);
}

#[test]
fn issuers_of_a_rest_api_have_rules_of_their_own() {
    let issuer = |algorithms, required: &[(&str, &[&str])]| {
        [Issuer {
            issuer: ISSUER.to_owned(),
            audience: owned(&["web"]),
            algorithms,
            required: required
                .iter()
                .map(|(name, values)| ((*name).to_owned(), owned(values)))
                .collect(),
        }]
    };
    let good = token(json!({"aud": "web", "tenant": ["a", "b"], "n": 1}));
    for (name, issuers, expected) in [
        ("plain", issuer(Algorithms::RSA, &[]), None),
        (
            "a value",
            issuer(Algorithms::RSA, &[("tenant", &["x", "b"])]),
            None,
        ),
        ("any value", issuer(Algorithms::RSA, &[("n", &[])]), None),
        (
            "another value",
            issuer(Algorithms::RSA, &[("tenant", &["x"])]),
            Some(Refusal::RequiredClaim("tenant".to_owned())),
        ),
        (
            "missing",
            issuer(Algorithms::RSA, &[("m", &[])]),
            Some(Refusal::RequiredClaim("m".to_owned())),
        ),
        (
            "another algorithm",
            issuer(Algorithms::SYMMETRIC, &[]),
            Some(Refusal::Signature(Fault::Algorithm("RS256".to_owned()))),
        ),
    ] {
        assert_eq!(
            decide(Kind::Rest { issuers: &issuers }, &[], &good).err(),
            expected,
            "{name}"
        );
    }
    let issuers = issuer(Algorithms::RSA, &[]);
    let verdict = decide(Kind::Rest { issuers: &issuers }, &["admin"], &good);
    assert_eq!(
        verdict.unwrap_err(),
        Refusal::Scope {
            unauthorized: false
        }
    );
}

/// A token of these parts; the signature is the parts' own problem.
fn forged(header: &str, claims: &str, signature: &str) -> String {
    let encode = |text: &str| {
        use base64ct::{Base64UrlUnpadded, Encoding};
        Base64UrlUnpadded::encode_string(text.as_bytes())
    };
    format!("{}.{}.{signature}", encode(header), encode(claims))
}

#[test]
fn headers_choose_nothing() {
    let audience = owned(&["web"]);
    let claims = r#"{"iss":"https://id.example.com","aud":"web","exp":9999999999}"#;
    let invalid = |name: &str| Refusal::Signature(Fault::Algorithm(name.to_owned()));
    for (header, expected) in [
        (r#"{"alg":"none","kid":"k"}"#, invalid("none")),
        (r#"{"alg":"NONE","kid":"k"}"#, invalid("NONE")),
        (r#"{"alg":"HS256","kid":"k"}"#, invalid("HS256")),
        (r#"{"alg":"PS256","kid":"k"}"#, invalid("PS256")),
        (r#"{"alg":"ES256","kid":"k"}"#, invalid("ES256")),
        (r#"{"alg":"","kid":"k"}"#, invalid("")),
        (r#"{"kid":"k"}"#, Refusal::Signature(Fault::Malformed)),
        (
            r#"{"alg":["RS256"],"kid":"k"}"#,
            Refusal::Signature(Fault::Malformed),
        ),
        (
            r#"{"alg":"RS256","alg":"none","kid":"k"}"#,
            Refusal::Signature(Fault::Malformed),
        ),
        (
            r#"{"alg":"RS256","kid":1}"#,
            Refusal::Signature(Fault::Malformed),
        ),
        (
            r#"{"alg":"RS256","kid":"k","crit":["exp"]}"#,
            Refusal::Signature(Fault::Critical),
        ),
        (
            r#"{"alg":"RS256","kid":"k","b64":false}"#,
            Refusal::Signature(Fault::Critical),
        ),
        (r#"{"alg":"RS256"}"#, Refusal::NoKeyId),
        (r#"{"alg":"RS256","kid":"k"}"#, Refusal::UnknownKey),
    ] {
        let got = decide(http(&audience), &[], &forged(header, claims, "AAAA")).unwrap_err();
        assert_eq!(got, expected, "{header}");
    }
}

#[test]
fn claims_said_twice_are_refused() {
    let audience = owned(&["web"]);
    let header = r#"{"alg":"RS256","kid":"k"}"#;
    for claims in [
        r#"{"aud":"web","aud":"x"}"#,
        "[]",
        "null",
        "",
        r#"{"a":{"b":1,"b":2}}"#,
    ] {
        let got = decide(http(&audience), &[], &forged(header, claims, "AAAA")).unwrap_err();
        assert_eq!(got, Refusal::Claims, "{claims}");
    }
}

#[test]
fn a_long_token_is_refused_unread() {
    let audience = owned(&["web"]);
    for length in [MAX_TOKEN_BYTES + 1, 100_000, 10_000_000] {
        let got = decide(http(&audience), &[], &".".repeat(length)).unwrap_err();
        assert_eq!(got, Refusal::Signature(Fault::TooLong));
    }
    let padding = "x".repeat(20_000);
    let long = token(json!({"aud": "web", "padding": padding}));
    assert!(long.len() <= MAX_TOKEN_BYTES && decide(http(&audience), &[], &long).is_ok());
}

#[test]
fn records_show_texts() {
    let audience = owned(&["web"]);
    let claims = json!({"iss": ISSUER, "aud": "web", "exp": 1_900_000_000, "iat": 1_700_000_000, "groups": ["a", "b"]});
    let good = token(claims);
    let verified = decide(http(&audience), &[], &good).unwrap();
    assert_eq!(
        String::from_utf8(verified.record()).unwrap(),
        r#"{"iss":"https://id.example.com","aud":"web","exp":"1900000000","iat":"1700000000","groups":{"text":"[a b]","value":["a","b"]}}"#
    );
    let issuers = owned(&[ISSUER]);
    let id = token(
        json!({"token_use": "id", "aud": "web", "exp": 1_900_000_000, "iat": 1_700_000_000, "cognito:groups": ["a", "b"]}),
    );
    let verified = decide(
        Kind::Cognito {
            issuers: &issuers,
            audience: None,
        },
        &[],
        &id,
    )
    .unwrap();
    assert_eq!(
        String::from_utf8(verified.record()).unwrap(),
        r#"{"token_use":"id","aud":"web","exp":"Sun Mar 17 17:46:40 UTC 2030","iat":"Tue Nov 14 22:13:20 UTC 2023","cognito:groups":{"text":"a,b","value":["a","b"]},"iss":"https://id.example.com"}"#
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// No other text than the issuer's own is a good token.
    #[test]
    fn a_changed_token_is_refused(at: prop::sample::Index, with in "[A-Za-z0-9_.=-]") {
        let audience = owned(&["web"]);
        let good = token(json!({"aud": "web"}));
        let at = at.index(good.len());
        let mut changed = good.clone();
        changed.replace_range(at..=at, &with);
        prop_assert_eq!(decide(http(&audience), &[], &changed).is_ok(), changed == good);
    }

    #[test]
    fn any_bytes_are_decided(bytes: Vec<u8>, parts in prop::collection::vec("[A-Za-z0-9_=-]{0,20}", 0..5)) {
        let audience = owned(&["web"]);
        let rules = Rules { kind: http(&audience), scopes: &[], leeway_s: 0 };
        for source in [bytes, parts.join(".").into_bytes()] {
            let verdict = Token::read(&source).and_then(|token| rules.verify(token, keys(), NOW_MS));
            prop_assert!(verdict.is_err());
        }
    }

    #[test]
    fn any_claims_are_decided(claims in claims()) {
        let audience = owned(&["web"]);
        let verdict = decide(http(&audience), &["a"], &token(Value::Object(claims)));
        if let Ok(verified) = verdict {
            let record: Value = serde_json::from_slice(&verified.record()).unwrap();
            let is_shown = |value: &Value| value.is_string() || value["text"].is_string();
            prop_assert!(record.as_object().unwrap().values().all(is_shown));
        }
    }
}

/// Claims whose names matter, with values of any shape.
fn claims() -> impl Strategy<Value = Map<String, Value>> {
    let name = prop::sample::select(vec![
        "iss",
        "aud",
        "client_id",
        "exp",
        "nbf",
        "iat",
        "scope",
        "scp",
        "x",
    ]);
    let value = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        prop::sample::select(vec!["web", ISSUER, "a", "", "\u{1}\u{fffd}"]).prop_map(Value::from),
        Just(json!(["web", "a", 1, [{}]])),
        Just(json!({"b": [1], "a": null})),
    ];
    prop::collection::btree_map(name.prop_map(str::to_owned), value, 0..8)
        .prop_map(|map| map.into_iter().collect())
}
