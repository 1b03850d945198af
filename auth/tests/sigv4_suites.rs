//! The signing suites of AWS's own SDKs, and requests derived from them, decided as they expect.

mod common;

use std::sync::Arc;

use serde_json::Value;
use tollgate_auth::Secret;
use tollgate_auth::sigv4::{
    self, CanonicalPath, Credential, CredentialStore, Identity, Payload, Refusal, Request, Rules,
    StoreFailed,
};
use tollgate_runtime::Header;

/// What this case of the older suite gives as signature is its session token, rotated by 40 digits; only its
/// canonical request and string to sign can be held to.
const NOT_A_SIGNATURE: &str = "aws4_testsuite/get-vanilla-with-session-token";

struct One(String, Arc<Credential>);

impl CredentialStore for One {
    fn find(&self, id: &str) -> Result<Option<Arc<Credential>>, StoreFailed> {
        Ok((id == self.0).then(|| self.1.clone()))
    }
}

fn text<'a>(case: &'a Value, name: &str) -> &'a str {
    case[name].as_str().unwrap_or_default()
}

/// The suite's credentials; `token` if they do not list one.
fn store(case: &Value, token: Option<&str>) -> One {
    let given = &case["credentials"];
    One(
        text(given, "access_key_id").to_owned(),
        Arc::new(Credential {
            secret_access_key: Secret::new(text(given, "secret_access_key")),
            session_token: given["token"].as_str().or(token).map(Secret::new),
            expires_ms: None,
            identity: Identity::user("111122223333", "alice", "AIDAEXAMPLE"),
            policies: Vec::new(),
        }),
    )
}

fn rules(case: &Value) -> Rules<'_> {
    Rules {
        region: text(case, "region"),
        service: text(case, "service"),
        skew_s: 300,
        unsigned_payload: false,
        path: match case["options"]["normalize_path"].as_bool() {
            Some(false) => CanonicalPath::AsSent,
            _ => CanonicalPath::Normalized,
        },
    }
}

fn milliseconds(iso: &str) -> u64 {
    let at: jiff::Timestamp = iso.parse().expect("a suite's time is ISO 8601");
    u64::try_from(at.as_millisecond()).expect("after 1970")
}

/// A request as a suite writes it: in parts, or as text.
struct Received {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Received {
    fn of_json(request: &Value) -> Received {
        let pair = |h: &Value, n: usize| h[n].as_str().unwrap_or_default().to_owned();
        let headers = request["headers"].as_array().into_iter().flatten();
        Received {
            method: text(request, "method").to_owned(),
            target: text(request, "target").to_owned(),
            headers: headers.map(|h| (pair(h, 0), pair(h, 1))).collect(),
            body: text(request, "body").to_owned(),
        }
    }

    fn of_text(text: &str) -> Received {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let line = lines.next().unwrap_or_default();
        let (method, rest) = line.split_once(' ').unwrap_or_default();
        let (target, _) = rest.rsplit_once(' ').unwrap_or_default();
        Received {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: lines
                .filter_map(|l| l.split_once(':'))
                .map(|(name, value)| (name.to_owned(), value.trim().to_owned()))
                .collect(),
            body: body.to_owned(),
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        let mut named = self
            .headers
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name));
        named.next().map(|(_, value)| value.as_str())
    }

    fn lend<T>(&self, f: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<Header<'_>> = self
            .headers
            .iter()
            .map(|(name, value)| Header {
                name: name.as_bytes(),
                value: value.as_bytes(),
            })
            .collect();
        f(&Request {
            method: self.method.as_bytes(),
            target: self.target.as_bytes(),
            headers: &headers,
            payload: Payload::Bytes(self.body.as_bytes()),
        })
    }
}

/// The canonical request and string to sign are the suite's, and the signature verifies.
fn signed_as_expected(case: &Value, received: &Received) -> Result<(), String> {
    let rules = rules(case);
    let store = store(case, received.header("x-amz-security-token"));
    let now_ms = milliseconds(text(case, "time"));
    received.lend(|request| {
        let signed = sigv4::parse(request).map_err(|e| e.to_string())?;
        let forms = signed.canonical(&rules).map_err(|e| e.to_string())?;
        let expected = text(case, "canonical_request");
        if !forms.iter().any(|form| {
            form.request == expected.as_bytes()
                && form.string_to_sign == text(case, "string_to_sign")
        }) {
            let got = forms
                .iter()
                .map(|f| String::from_utf8_lossy(&f.request).into_owned());
            return Err(format!(
                "canonical: {:#?}, not {expected:#?}",
                got.collect::<Vec<_>>()
            ));
        }
        match sigv4::verify(request, &rules, &store, now_ms) {
            Ok(_) => Ok(()),
            Err(Refusal::Mismatch) if text(case, "id") == NOT_A_SIGNATURE => Ok(()),
            Err(refusal) => Err(refusal.to_string()),
        }
    })
}

#[test]
fn aws_c_auth_signatures_verify() {
    common::run("sigv4/open/v4.json", |case| {
        signed_as_expected(case, &Received::of_json(&case["signed_request"]))
    });
}

#[test]
fn the_older_suites_signatures_verify() {
    common::run("sigv4/open/aws4-testsuite.json", |case| {
        signed_as_expected(case, &Received::of_text(text(case, "signed_request_text")))
    });
}

#[test]
fn tampered_requests_are_refused() {
    common::run("sigv4/open/verify.json", |case| {
        let (rules, store) = (rules(case), store(case, None));
        let now_ms = milliseconds(text(case, "server_time"));
        let verdict = Received::of_json(&case["request"])
            .lend(|request| sigv4::verify(request, &rules, &store, now_ms).map(|_| ()));
        match (text(case, "expect"), verdict) {
            ("accept", Ok(())) | ("reject", Err(_)) => Ok(()),
            (expected, got) => Err(format!("{expected} ({}), but {got:?}", text(case, "why"))),
        }
    });
}
