//! What a caller is told whose signature is not good.

use std::sync::Arc;

use tollgate_auth::Secret;
use tollgate_auth::sigv4::{
    self, Credential, CredentialStore, Identity, Payload, Refusal, Request, Rules, StoreFailed,
};
use tollgate_runtime::Header;
use tollgate_runtime::behaviour::{Behaviour, Switch};

/// 2015-08-30T12:36:00Z.
const NOW_MS: u64 = 1_440_938_160_000;
const SCOPE: &str = "20150830/eu-west-1/execute-api/aws4_request";

struct Store;

impl CredentialStore for Store {
    fn find(&self, id: &str) -> Result<Option<Arc<Credential>>, StoreFailed> {
        let credential = |token: Option<&str>, expires_ms| {
            Arc::new(Credential {
                secret_access_key: Secret::new("secret"),
                session_token: token.map(Secret::new),
                expires_ms,
                identity: Identity::user("111122223333", "alice", "AIDAEXAMPLE"),
                policies: Vec::new(),
            })
        };
        match id {
            "AKID" => Ok(Some(credential(None, None))),
            "ASIA" => Ok(Some(credential(Some("token"), None))),
            "ASIAOVER" => Ok(Some(credential(Some("token"), Some(NOW_MS)))),
            "AKIDBROKEN" => Err(StoreFailed),
            _ => Ok(None),
        }
    }
}

fn rules(behaviour: &Behaviour) -> Rules<'static> {
    Rules::execute_api("eu-west-1", behaviour)
}

fn refusal(target: &str, headers: &[(&str, &str)]) -> Refusal {
    decide(target, headers, b"", &Behaviour::default()).expect_err("nothing here is signed well")
}

fn decide(
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    behaviour: &Behaviour,
) -> Result<sigv4::Caller, Refusal> {
    let headers: Vec<Header<'_>> = headers
        .iter()
        .map(|(name, value)| Header {
            name: name.as_bytes(),
            value: value.as_bytes(),
        })
        .collect();
    let request = Request {
        method: b"GET",
        target: target.as_bytes(),
        headers: &headers,
        payload: Payload::Bytes(body),
    };
    sigv4::verify(&request, &rules(behaviour), &Store, NOW_MS)
}

fn authorization(credential: &str, signed_headers: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders={signed_headers}, Signature={:064}",
        0
    )
}

fn check(refusal: &Refusal, gateway_response: &str, error_type: &str, message: &str) {
    assert_eq!(refusal.message(), message);
    assert_eq!(refusal.error_type(), error_type, "{message}");
    assert_eq!(refusal.gateway_response(), gateway_response, "{message}");
}

#[test]
fn an_unsigned_request() {
    check(
        &refusal("/prod/a?X-Amz-Date=1", &[("Host", "h")]),
        "MISSING_AUTHENTICATION_TOKEN",
        "MissingAuthenticationTokenException",
        "Missing Authentication Token",
    );
}

#[test]
fn a_header_that_cannot_be_read() {
    let lists = "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' \
                 parameter. Authorization header requires 'SignedHeaders' parameter. ";
    let date =
        "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ";
    let long = "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got";
    for (value, dated, message) in [
        ("", true, "Authorization header cannot be empty: ''.".to_owned()),
        (
            "Bearer eyJh",
            true,
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded \
             with Base64): '7F4fZnxsX9DrvoRGd8Nj1x22wj7vqa+iLG+AAC9LsQQ='."
                .to_owned(),
        ),
        (
            "allow",
            false,
            format!(
                "{lists}{date}(Hashed with SHA-256 and encoded with Base64) \
                 Authorization=QQCDc1c1oQ5lihnt0XBOYGyd0RLiJYJbY/r+3tdmyLk="
            ),
        ),
        (
            "Basic dXNlcjpwYXNz=",
            true,
            format!(
                "{lists}(Hashed with SHA-256 and encoded with Base64) \
                 Authorization=I1N0vsibpuzBhZSBqbVdFN3W8Clpm14WJlz9BnRwTI4="
            ),
        ),
        (
            "AWS4-HMAC-SHA256 Credential= AKID, SignedHeaders=host, Signature=c",
            true,
            "Invalid key=value pair (missing equal-sign) in Authorization header (hashed with SHA-256 and encoded \
             with Base64): 'G4CfAS79b/8G6A5rppELPLyjE2SY/fzceIqG2FxfpkU='."
                .to_owned(),
        ),
        (
            "AWS4-HMAC-SHA1 Credential=a, SignedHeaders=b, Signature=c",
            true,
            "Unsupported AWS 'algorithm': 'AWS4-HMAC-SHA1'.".to_owned(),
        ),
        (
            "AWS4-HMAC-SHA256 Credential=AKID/20150830, SignedHeaders=host, Signature=c",
            true,
            format!("{long} 'AKID/20150830'"),
        ),
        (
            "AWS4-HMAC-SHA256 Credential=a, Credential=b, SignedHeaders=host, Signature=c",
            true,
            "'Credential' must be given once.".to_owned(),
        ),
    ] {
        let mut headers = vec![("Host", "h"), ("Authorization", value)];
        if dated {
            headers.push(("X-Amz-Date", "20150830T123600Z"));
        }
        check(&refusal("/", &headers), "DEFAULT_4XX", "IncompleteSignatureException", &message);
    }
}

#[test]
fn a_token_of_another_scheme_is_not_repeated() {
    let refusal = refusal("/", &[("Authorization", "Bearer hunter2")]);
    assert!(!refusal.message().contains("hunter2"), "{refusal}");
    assert!(!format!("{refusal:?}").contains("hunter2"), "{refusal:?}");
}

#[test]
fn a_date_that_cannot_be_read() {
    let value = authorization(&format!("AKID/{SCOPE}"), "host;x-amz-date");
    let headers = [
        ("Host", "h"),
        ("Authorization", value.as_str()),
        ("X-Amz-Date", "2015-08-30"),
    ];
    check(
        &refusal("/", &headers),
        "DEFAULT_4XX",
        "IncompleteSignatureException",
        "Date must be in ISO-8601 'basic format'. Got '2015-08-30'. See http://en.wikipedia.org/wiki/ISO_8601",
    );
}

#[test]
fn another_scope() {
    for (scope, message) in [
        (
            "20150830/us-east-1/execute-api/aws4_request",
            "Credential should be scoped to a valid region, not 'us-east-1'. ",
        ),
        (
            "20150830/eu-west-1/s3/aws4_request",
            "Credential should be scoped to correct service: 'execute-api'. ",
        ),
        (
            "20150829/us-east-1/s3/aws3",
            "Credential should be scoped to a valid region, not 'us-east-1'. Credential should be scoped to correct \
             service: 'execute-api'. Credential should be scoped with a valid terminator: 'aws4_request', not \
             'aws3'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
             '20150829' != '20150830', from '20150830T123600Z'. ",
        ),
    ] {
        let value = authorization(&format!("AKID/{scope}"), "host;x-amz-date");
        let headers = [
            ("Host", "h"),
            ("Authorization", value.as_str()),
            ("X-Amz-Date", "20150830T123600Z"),
        ];
        check(
            &refusal("/", &headers),
            "INVALID_SIGNATURE",
            "InvalidSignatureException",
            message,
        );
    }
}

#[test]
fn too_old_and_too_early() {
    for (date, expected) in [
        (
            "20150830T123059Z",
            "Signature expired: 20150830T123059Z is now earlier than 20150830T123100Z (20150830T123600Z - 5 min.)",
        ),
        (
            "20150830T124101Z",
            "Signature not yet current: 20150830T124101Z is still later than 20150830T124100Z (20150830T123600Z + \
             5 min.)",
        ),
    ] {
        let value = authorization(&format!("AKID/{SCOPE}"), "host;x-amz-date");
        let headers = [
            ("Host", "h"),
            ("Authorization", value.as_str()),
            ("X-Amz-Date", date),
        ];
        check(
            &refusal("/", &headers),
            "INVALID_SIGNATURE",
            "InvalidSignatureException",
            expected,
        );
    }
    let query = format!(
        "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKID/{SCOPE}&X-Amz-Date=20150830T123429Z&\
         X-Amz-Expires=90&X-Amz-SignedHeaders=host&X-Amz-Signature={:064}",
        0
    );
    check(
        &refusal(&query, &[("Host", "h")]),
        "INVALID_SIGNATURE",
        "InvalidSignatureException",
        "Signature expired: 20150830T123429Z is now earlier than 20150830T123430Z (20150830T123600Z - 90 sec.)",
    );
}

#[test]
fn headers_that_must_be_signed() {
    for (signed, message) in [
        (
            "x-amz-date",
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ),
        (
            "host",
            "'x-amz-date' must be a 'SignedHeader' in the AWS Authorization.",
        ),
    ] {
        let value = authorization(&format!("AKID/{SCOPE}"), signed);
        let headers = [
            ("Host", "h"),
            ("Authorization", value.as_str()),
            ("X-Amz-Date", "20150830T123600Z"),
        ];
        check(
            &refusal("/", &headers),
            "INVALID_SIGNATURE",
            "InvalidSignatureException",
            message,
        );
    }
}

#[test]
fn keys_tokens_and_stores() {
    let invalid = "The security token included in the request is invalid.";
    let unknown = ("DEFAULT_4XX", "UnrecognizedClientException", invalid);
    let mismatch = (
        "INVALID_SIGNATURE",
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
         Access Key and signing method. Consult the service documentation for details.",
    );
    for (key, token, (gateway_response, error_type, message)) in [
        ("NOBODY", None, unknown),
        ("AKID", Some("token"), unknown),
        ("ASIA", None, unknown),
        ("ASIA", Some("other"), unknown),
        ("AKID", None, mismatch),
        ("ASIA", Some("token"), mismatch),
        // Without the key, nobody learns that a session is over.
        ("ASIAOVER", Some("token"), mismatch),
        (
            "AKIDBROKEN",
            None,
            (
                "DEFAULT_5XX",
                "InternalServerErrorException",
                "Internal server error",
            ),
        ),
    ] {
        let value = authorization(&format!("{key}/{SCOPE}"), "host;x-amz-date");
        let mut headers = vec![
            ("Host", "h"),
            ("Authorization", value.as_str()),
            ("X-Amz-Date", "20150830T123600Z"),
        ];
        headers.extend(token.map(|token| ("X-Amz-Security-Token", token)));
        check(
            &refusal("/", &headers),
            gateway_response,
            error_type,
            message,
        );
    }
}

/// Signs with the key `AKID` or `ASIAOVER` what the verifier itself shows as canonical.
fn signed(key: &str, target: &str, headers: &[(&str, &str)], payload: Option<&str>) -> String {
    use hmac::{Hmac, KeyInit, Mac};
    use sha2::{Digest, Sha256};
    let mac = |key: &[u8], text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("any length");
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let mut sorted: Vec<(String, &str)> = headers
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), *value))
        .collect();
    sorted.sort();
    let names: Vec<&str> = sorted.iter().map(|(name, _)| name.as_str()).collect();
    let lines: String = sorted
        .iter()
        .map(|(name, value)| format!("{name}:{value}\n"))
        .collect();
    let payload = payload.map_or_else(|| hex(&Sha256::digest(b"")), str::to_owned);
    let canonical = format!("GET\n{target}\n\n{lines}\n{}\n{payload}", names.join(";"));
    let text = format!(
        "AWS4-HMAC-SHA256\n20150830T123600Z\n{SCOPE}\n{}",
        hex(&Sha256::digest(canonical))
    );
    let signing_key = SCOPE
        .split('/')
        .fold(b"AWS4secret".to_vec(), |key, part| mac(&key, part));
    format!(
        "AWS4-HMAC-SHA256 Credential={key}/{SCOPE}, SignedHeaders={}, Signature={}",
        names.join(";"),
        hex(&mac(&signing_key, &text))
    )
}

#[test]
fn a_session_that_is_over() {
    let mut headers = vec![
        ("Host", "h"),
        ("X-Amz-Date", "20150830T123600Z"),
        ("X-Amz-Security-Token", "token"),
    ];
    let value = signed("ASIAOVER", "/", &headers, None);
    headers.push(("Authorization", &value));
    check(
        &refusal("/", &headers),
        "EXPIRED_TOKEN",
        "ExpiredTokenException",
        "The security token included in the request is expired",
    );
}

#[test]
fn an_unsigned_payload_is_the_switch_s() {
    let mut headers = vec![
        ("Host", "h"),
        ("X-Amz-Date", "20150830T123600Z"),
        ("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD"),
    ];
    let value = signed("AKID", "/", &headers, Some("UNSIGNED-PAYLOAD"));
    headers.push(("Authorization", &value));
    let mut behaviour = Behaviour::default();
    assert_eq!(
        decide("/", &headers, b"any", &behaviour).unwrap_err(),
        Refusal::Mismatch
    );
    assert!(behaviour.set(Switch::SigV4UnsignedPayload, 1));
    assert!(decide("/", &headers, b"any", &behaviour).is_ok());
}

#[test]
fn a_named_hash_must_be_the_body_s() {
    let other = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b856";
    let mut headers = vec![
        ("Host", "h"),
        ("X-Amz-Date", "20150830T123600Z"),
        ("X-Amz-Content-Sha256", other),
    ];
    let value = signed("AKID", "/", &headers, Some(other));
    headers.push(("Authorization", &value));
    assert_eq!(
        decide("/", &headers, b"", &Behaviour::default()).unwrap_err(),
        Refusal::Mismatch
    );
}

#[test]
fn a_signature_stands_in_one_place() {
    let mut headers = vec![("Host", "h"), ("X-Amz-Date", "20150830T123600Z")];
    let value = signed("AKID", "/", &headers, None);
    headers.push(("Authorization", &value));
    assert!(decide("/", &headers, b"", &Behaviour::default()).is_ok());
    assert_eq!(refusal("/?X-Amz-Signature=0", &headers), Refusal::BothForms);
    headers.push(("authorization", &value));
    assert_eq!(refusal("/", &headers), Refusal::Repeated("Authorization"));
}

#[test]
fn a_caller_s_record_holds_context_variables_and_condition_keys() {
    let mut headers = vec![("Host", "h"), ("X-Amz-Date", "20150830T123600Z")];
    let value = signed("AKID", "/", &headers, None);
    headers.push(("Authorization", &value));
    let caller = decide("/", &headers, b"", &Behaviour::default()).unwrap();
    assert_eq!(
        String::from_utf8(caller.claims).unwrap(),
        r#"{"accessKey":"AKID","accountId":"111122223333","caller":"AIDAEXAMPLE","user":"AIDAEXAMPLE","userArn":"arn:aws:iam::111122223333:user/alice","aws:PrincipalAccount":"111122223333","aws:PrincipalArn":"arn:aws:iam::111122223333:user/alice","aws:PrincipalType":"User","aws:userid":"AIDAEXAMPLE","aws:username":"alice"}"#
    );
}
