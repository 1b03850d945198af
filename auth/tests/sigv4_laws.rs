//! Laws of verification, with AWS's own signer on the other side.

use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use aws_credential_types::Credentials;
use aws_sigv4::http_request::{
    SignableBody, SignableRequest, SignatureLocation, SigningSettings, sign,
};
use aws_sigv4::sign::v4;
use proptest::prelude::*;
use tollgate_auth::Secret;
use tollgate_auth::sigv4::{
    self, Credential, CredentialStore, Identity, Payload, Refusal, Request, Rules, StoreFailed,
};
use tollgate_runtime::Header;
use tollgate_runtime::behaviour::Behaviour;

const KEY_ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const TOKEN: &str = "a/session+token==";
const HOST: &str = "abc123.execute-api.eu-west-1.amazonaws.com";
const NOW_S: u64 = 1_760_000_000;

struct Store {
    token: bool,
}

impl CredentialStore for Store {
    fn find(&self, id: &str) -> Result<Option<Arc<Credential>>, StoreFailed> {
        Ok((id == KEY_ID).then(|| {
            Arc::new(Credential {
                secret_access_key: Secret::new(SECRET),
                session_token: self.token.then(|| Secret::new(TOKEN)),
                expires_ms: None,
                identity: Identity::user("111122223333", "alice", "AIDAEXAMPLE"),
                policies: Vec::new(),
            })
        }))
    }
}

#[derive(Clone, Debug)]
struct Owned {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    token: bool,
}

impl Owned {
    fn verify(&self, now_s: u64) -> Result<sigv4::Caller, Refusal> {
        let headers: Vec<Header<'_>> = self
            .headers
            .iter()
            .map(|(name, value)| Header {
                name: name.as_bytes(),
                value: value.as_bytes(),
            })
            .collect();
        let request = Request {
            method: self.method.as_bytes(),
            target: self.target.as_bytes(),
            headers: &headers,
            payload: Payload::Bytes(&self.body),
        };
        let rules = Rules::execute_api("eu-west-1", &Behaviour::default());
        sigv4::verify(&request, &rules, &Store { token: self.token }, now_s * 1000)
    }

    fn sign(mut self, presigned: bool) -> Owned {
        let token = self.token.then(|| TOKEN.to_owned());
        let identity = Credentials::new(KEY_ID, SECRET, token, None, "test").into();
        let mut settings = SigningSettings::default();
        if presigned {
            settings.signature_location = SignatureLocation::QueryParams;
            settings.expires_in = Some(Duration::from_secs(900));
        }
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region("eu-west-1")
            .name("execute-api")
            .time(UNIX_EPOCH + Duration::from_secs(NOW_S))
            .settings(settings)
            .build()
            .expect("all parameters are there")
            .into();
        let signable = SignableRequest::new(
            &self.method,
            format!("https://{HOST}{}", self.target),
            self.headers.iter().map(|(n, v)| (n.as_str(), v.as_str())),
            SignableBody::Bytes(&self.body),
        )
        .expect("generated requests are signable");
        let (instructions, _) = sign(signable, &params).expect("signs").into_parts();
        let (headers, parameters) = instructions.into_parts();
        for header in headers {
            self.headers
                .push((header.name().to_owned(), header.value().to_owned()));
        }
        for (name, value) in parameters {
            let joint = if self.target.contains('?') { '&' } else { '?' };
            let mut encoded = String::new();
            for b in value.bytes() {
                if b.is_ascii_alphanumeric() || b"-._~".contains(&b) {
                    encoded.push(char::from(b));
                } else {
                    encoded.push_str(&format!("%{b:02X}"));
                }
            }
            self.target.push_str(&format!("{joint}{name}={encoded}"));
        }
        self.headers.push(("Host".to_owned(), HOST.to_owned()));
        self
    }
}

prop_compose! {
    fn requests()(
        method in prop::sample::select(vec!["GET", "POST", "PUT", "DELETE"]),
        segments in prop::collection::vec("[a-zA-Z0-9._~@:=%+-]{0,3}(%[0-9A-F]{2})?", 0..5),
        pairs in prop::collection::vec("[a-zA-Z0-9._~-]{1,6}(=([a-zA-Z0-9+:/,.~-]|%[2-7][0-9A-F]|%C3%9F){0,6})?", 0..5),
        headers in prop::collection::vec(("X-[A-Za-z]{1,5}", "[!-~]([ -~]{0,8}[!-~])?"), 0..4),
        body: Vec<u8>,
        token: bool,
    ) -> Owned {
        // A `%` must begin an escape in a target that the signer can read.
        let segments: Vec<String> = segments.iter().map(|s| {
            let (plain, escape) = s.split_at(s.len() - if s.len() >= 3 && s.as_bytes()[s.len() - 3] == b'%' { 3 } else { 0 });
            format!("{}{escape}", plain.replace('%', ""))
        }).collect();
        let mut target = format!("/prod/{}", segments.join("/"));
        if !pairs.is_empty() {
            target.push('?');
            target.push_str(&pairs.join("&"));
        }
        Owned {
            method: method.to_owned(),
            target,
            headers,
            body,
            token,
        }
    }
}

/// The positions of `text` whose change changes what was signed, not only how it is spelled.
fn meaningful(text: &str) -> Vec<usize> {
    let bytes = text.as_bytes();
    (0..bytes.len())
        .filter(|i| bytes[*i].is_ascii_alphanumeric())
        .collect()
}

fn flip(text: &mut String, at: usize) {
    let flipped: String = text
        .char_indices()
        .map(|(i, c)| match c {
            _ if i != at => c,
            '9' | 'z' | 'Z' => 'x',
            _ => char::from(c as u8 + 1),
        })
        .collect();
    *text = flipped;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_the_aws_signer_signs_verifies(request in requests(), presigned: bool) {
        let signed = request.sign(presigned);
        let caller = signed.verify(NOW_S);
        prop_assert!(caller.is_ok(), "{:?} of {signed:?}", caller.unwrap_err());
        prop_assert_eq!(caller.unwrap().access_key_id, KEY_ID);
    }

    #[test]
    fn a_changed_body_is_refused(request in requests(), presigned: bool, at: prop::sample::Index, bit in 0..8_u8) {
        let mut signed = request.sign(presigned);
        if signed.body.is_empty() {
            signed.body.push(0);
        } else {
            let at = at.index(signed.body.len());
            signed.body[at] ^= 1 << bit;
        }
        prop_assert_eq!(signed.verify(NOW_S).unwrap_err(), Refusal::Mismatch);
    }

    #[test]
    fn a_changed_target_is_refused(request in requests(), presigned: bool, at: prop::sample::Index) {
        let mut signed = request.sign(presigned);
        // What a `..` takes back is not part of the canonical path.
        prop_assume!(!signed.target.contains(".."));
        let positions = meaningful(&signed.target);
        flip(&mut signed.target, positions[at.index(positions.len())]);
        prop_assert!(signed.verify(NOW_S).is_err(), "{}", signed.target);
    }

    #[test]
    fn a_changed_header_is_refused(request in requests(), which: prop::sample::Index, at: prop::sample::Index) {
        let mut signed = request.sign(false);
        let which = which.index(signed.headers.len());
        let positions = meaningful(&signed.headers[which].1);
        prop_assume!(!positions.is_empty());
        flip(&mut signed.headers[which].1, positions[at.index(positions.len())]);
        prop_assert!(signed.verify(NOW_S).is_err(), "{:?}", signed.headers[which]);
    }

    #[test]
    fn a_removed_or_added_header_is_refused(request in requests(), which: prop::sample::Index) {
        let signed = request.sign(false);
        let mut less = signed.clone();
        less.headers.remove(which.index(less.headers.len()));
        prop_assert!(less.verify(NOW_S).is_err());
        let mut more = signed;
        more.headers.push(("x-amz-meta".to_owned(), "1".to_owned()));
        prop_assert!(more.verify(NOW_S).is_err());
    }

    #[test]
    fn a_changed_method_is_refused(request in requests(), presigned: bool) {
        let mut signed = request.sign(presigned);
        signed.method = "PATCH".to_owned();
        prop_assert_eq!(signed.verify(NOW_S).unwrap_err(), Refusal::Mismatch);
    }

    #[test]
    fn a_signature_lives_in_its_window_only(request in requests(), presigned: bool, now_s in NOW_S - 1000..NOW_S + 2000) {
        let signed = request.sign(presigned);
        let last = NOW_S + if presigned { 900 } else { 300 };
        prop_assert_eq!(signed.verify(now_s).is_ok(), (NOW_S - 300..=last).contains(&now_s));
    }

    #[test]
    fn any_bytes_are_decided(
        method: Vec<u8>,
        target: Vec<u8>,
        authorization in prop_oneof![
            any::<Vec<u8>>(),
            "AWS4-HMAC-SHA256 (Credential=[a-z0-9/]{0,30}|SignedHeaders=[a-z;]{0,9}|Signature=[0-9a-f]{0,66}|[,= ]{1,3}){0,6}".prop_map(String::into_bytes),
        ],
        date in prop_oneof![any::<Vec<u8>>(), Just(b"20251009T085320Z".to_vec())],
        body: Vec<u8>,
        now_ms: u64,
    ) {
        let headers = [
            Header { name: b"authorization", value: &authorization },
            Header { name: b"x-amz-date", value: &date },
        ];
        let request = Request { method: &method, target: &target, headers: &headers, payload: Payload::Bytes(&body) };
        let rules = Rules::execute_api("eu-west-1", &Behaviour::default());
        let refusal = sigv4::verify(&request, &rules, &Store { token: false }, now_ms).unwrap_err();
        prop_assert!(refusal.status() == 403);
        prop_assert!(!refusal.message().is_empty());
    }
}
