//! AWS signatures: what is signed, and which requests a verifier lets through.

use serde_json::Value as Json;
use tollgate_runtime::policy::moment;

use super::{Suite, text};
use crate::engines::SignedRequest;
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) struct SigV4;

impl Suite for SigV4 {
    fn run(
        &mut self,
        name: &str,
        case: &Json,
        subject: &mut dyn Subject,
    ) -> Result<Outcome, Missing> {
        if name == "verify" {
            let request = Parts::of_json(&case["request"]);
            let signed = signed(case, &request, text(case, "server_time"), None)?;
            let verdict = subject.signature_verifies(&signed)?;
            return Ok(match (text(case, "expect"), verdict) {
                ("accept", Ok(())) | ("reject", Err(_)) => Outcome::Passed,
                (expected, verdict) => {
                    let expected = format!("{expected}: {}", text(case, "why"));
                    Outcome::failed("verdict", expected, format!("{verdict:?}"))
                }
            });
        }
        let request = match case.get("signed_request") {
            Some(request) => Parts::of_json(request),
            None => Parts::of_text(text(case, "signed_request_text")),
        };
        let token = request.header("x-amz-security-token").map(str::to_owned);
        let signed = signed(case, &request, text(case, "time"), token)?;
        let forms = match subject.canonical_forms(&signed)? {
            Ok(forms) => forms,
            Err(refusal) => return Ok(Outcome::failed("request", "a signed one", refusal)),
        };
        let (wanted, to_sign) = (
            text(case, "canonical_request"),
            text(case, "string_to_sign"),
        );
        if !forms.iter().any(|form| form.request == wanted) {
            return Ok(Outcome::failed(
                "canonical request",
                wanted,
                format!("{forms:?}"),
            ));
        }
        if !forms.iter().any(|form| form.string_to_sign == to_sign) {
            return Ok(Outcome::failed(
                "string to sign",
                to_sign,
                format!("{forms:?}"),
            ));
        }
        Ok(match subject.signature_verifies(&signed)? {
            Ok(()) => Outcome::Passed,
            Err(refusal) => Outcome::failed("signature", "a good one", refusal),
        })
    }
}

/// A request as a suite writes it: in parts, or as text.
struct Parts {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Parts {
    fn of_json(request: &Json) -> Parts {
        let pair = |header: &Json, at: usize| header[at].as_str().unwrap_or_default().to_owned();
        let headers = request["headers"].as_array().into_iter().flatten();
        Parts {
            method: text(request, "method").to_owned(),
            target: text(request, "target").to_owned(),
            headers: headers.map(|h| (pair(h, 0), pair(h, 1))).collect(),
            body: text(request, "body").to_owned(),
        }
    }

    fn of_text(text: &str) -> Parts {
        let (head, body) = text.split_once("\n\n").unwrap_or((text, ""));
        let mut lines = head.lines();
        let line = lines.next().unwrap_or_default();
        let (method, rest) = line.split_once(' ').unwrap_or_default();
        let (target, _) = rest.rsplit_once(' ').unwrap_or_default();
        Parts {
            method: method.to_owned(),
            target: target.to_owned(),
            headers: lines
                .filter_map(|line| line.split_once(':'))
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
}

/// A case's request with its credentials; `token` where they do not list one.
fn signed(
    case: &Json,
    request: &Parts,
    time: &str,
    token: Option<String>,
) -> Result<SignedRequest, Missing> {
    let given = &case["credentials"];
    let now_ms = moment(time).and_then(|ms| u64::try_from(ms).ok());
    Ok(SignedRequest {
        method: request.method.clone(),
        target: request.target.clone(),
        headers: request.headers.clone(),
        body: request.body.clone().into_bytes(),
        access_key_id: text(given, "access_key_id").to_owned(),
        secret_access_key: text(given, "secret_access_key").to_owned(),
        session_token: given["token"].as_str().map(str::to_owned).or(token),
        region: text(case, "region").to_owned(),
        service: text(case, "service").to_owned(),
        normalize_path: case["options"]["normalize_path"].as_bool().unwrap_or(true),
        now_ms: now_ms.ok_or_else(|| Missing(format!("the time `{time}`")))?,
    })
}
