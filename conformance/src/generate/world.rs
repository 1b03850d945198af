//! What the world answers: backends, functions, authorizers, good and bad.

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use tollgate_model::Program;
use tollgate_model::api::ApiKind;
use tollgate_reference::{BackendAnswer, Signer};

use super::program::KEYS;
use super::{http, one_of, signer, sometimes};
use crate::subject::Script;

/// Choices that become a script.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    fault: Option<BackendAnswer>,
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: Body,
    failed: bool,
    authorizer: Authorizer,
    signer: Option<Signer>,
    claims: Option<Map<String, Json>>,
}

#[derive(Clone, Debug)]
enum Body {
    Bytes(&'static [u8]),
    Result(Json),
}

#[derive(Clone, Copy, Debug)]
enum Authorizer {
    Allow,
    Deny,
    Silent,
    Unauthorized,
    Throws,
    Malformed,
    NestedContext,
    TimedOut,
}

pub(super) fn shape() -> impl Strategy<Value = Shape> {
    let bytes: &[&[u8]] = &[
        b"",
        b"{\"a\":{\"b\":\"back\"},\"list\":[4,5],\"text\":\"t\"}",
        b"{\"errorMessage\":\"it will fail\",\"errorType\":\"E\"}",
        b"{\"errorMessage\":\"{\\\"code\\\":1} oops\"}",
        b"not json",
        b"{\"broken\": ",
        b"aGVsbG8gd29ybGQ=",
        b"\x89PNG\xff",
        b"\"Pass\"",
    ];
    let results = [
        json!({"statusCode": 200, "body": "ok"}),
        json!({"statusCode": "201", "headers": {"X-One": "1", "flag": true}}),
        json!({"statusCode": 200, "multiValueHeaders": {"x-Multi": ["a", "b"]}, "headers": {"X-multi": "c"}}),
        json!({"statusCode": 200, "body": "aGk=", "isBase64Encoded": true}),
        json!({"statusCode": 200, "body": "!!", "isBase64Encoded": true}),
        json!({"statusCode": 200, "headers": {"Server": "s", "Connection": "close", "content-type": "image/png"}}),
        json!({}),
        json!({"statusCode": 200, "extra": 1}),
        json!({"statusCode": "x"}),
        json!({"statusCode": 999}),
        json!({"statusCode": 200, "headers": {"n": 1}}),
        json!({"statusCode": 200, "multiValueHeaders": {"n": "x"}}),
        json!({"statusCode": 200, "body": {"no": "text"}}),
        json!({"statusCode": 200.5}),
        json!({"statusCode": null}),
        json!({"statusCode": 204, "cookies": ["a=b; Path=/", "c=d"], "body": 7}),
        json!({"statusCode": 200, "headers": {"X-Amzn-Own": "1", "apigw-requestid": "mine", "Content-Length": "9"}}),
        json!(null),
        json!("text"),
        json!([1]),
    ];
    (
        prop_oneof![
            12 => Just(None),
            1 => Just(Some(BackendAnswer::TimedOut)),
            1 => Just(Some(BackendAnswer::Unreachable)),
            1 => Just(Some(BackendAnswer::Rejected)),
        ],
        one_of(&[200_u16, 200, 200, 201, 301, 400, 404, 500, 503]),
        proptest::collection::vec(
            one_of(&[
                ("Content-Type", "application/json"),
                ("content-type", "image/png"),
                ("x-back", "one"),
                ("x-back", "two"),
                ("X-Back", "upper"),
                ("Server", "nginx"),
                ("Date", "Mon, 23 Nov 2026 10:00:00 GMT"),
                ("Connection", "keep-alive"),
                ("Transfer-Encoding", "chunked"),
                ("Via", "1.1 b"),
                ("Vary", "accept"),
                ("Access-Control-Allow-Origin", "https://own.example"),
                ("WWW-Authenticate", "Basic"),
                ("x-amzn-RequestId", "other"),
                ("Content-Encoding", "gzip"),
            ]),
            0..=4,
        ),
        prop_oneof![
            one_of(bytes).prop_map(Body::Bytes),
            one_of(&results).prop_map(Body::Result),
        ],
        prop_oneof![8 => Just(false), 1 => Just(true)],
        prop_oneof![
            6 => Just(Authorizer::Allow),
            2 => Just(Authorizer::Deny),
            2 => Just(Authorizer::Silent),
            1 => Just(Authorizer::Unauthorized),
            1 => Just(Authorizer::Throws),
            1 => Just(Authorizer::Malformed),
            1 => Just(Authorizer::NestedContext),
            1 => Just(Authorizer::TimedOut),
        ],
        sometimes(90, signer::signer()),
        sometimes(90, http::claims()),
    )
        .prop_map(
            |(fault, status, headers, body, failed, authorizer, signer, claims)| Shape {
                fault,
                status,
                headers,
                body,
                failed,
                authorizer,
                signer,
                claims,
            },
        )
}

fn function_answer(body: &Json, failed: bool) -> BackendAnswer {
    let mut headers = vec![("Content-Type".to_owned(), "application/json".to_owned())];
    if failed {
        headers.push(("X-Amz-Function-Error".into(), "Unhandled".into()));
    }
    BackendAnswer::Answered {
        status: 200,
        headers,
        body: body.to_string().into_bytes(),
    }
}

impl Shape {
    /// The script that this is. Whether a function or another backend answers is not known
    /// yet, so a script may as well give the one what the other would say.
    pub(super) fn of(&self, program: &Program) -> Script {
        let http = program.apis.iter().any(|api| api.kind == ApiKind::Http);
        let backend = match (&self.fault, &self.body) {
            (Some(fault), _) => fault.clone(),
            (None, Body::Result(result)) => function_answer(result, self.failed),
            (None, Body::Bytes(bytes)) => {
                let mut headers: Vec<(String, String)> = self
                    .headers
                    .iter()
                    .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
                    .collect();
                if self.failed {
                    headers.push(("X-Amz-Function-Error".into(), "Unhandled".into()));
                }
                BackendAnswer::Answered {
                    status: self.status,
                    headers,
                    body: bytes.to_vec(),
                }
            }
        };
        Script {
            backend: Some(backend),
            authorizer: Some(self.authorizer.answer(http)),
            signer: self.signer.clone(),
            claims: self.claims.clone(),
        }
    }
}

impl Authorizer {
    /// For HTTP APIs with what an authorizer without policies asks for as well.
    fn answer(self, http: bool) -> BackendAnswer {
        let output = |effect: &str, resource: &str| {
            let mut output = json!({
                "principalId": "ann",
                "policyDocument": {
                    "Version": "2012-10-17",
                    "Statement": [{
                        "Effect": effect,
                        "Action": "execute-api:Invoke",
                        "Resource": resource,
                    }],
                },
                "context": {"team": "blue", "level": 3, "ok": true},
                "usageIdentifierKey": KEYS[0],
            });
            if http {
                output["isAuthorized"] = (effect == "Allow").into();
                output["context"]["none"] = Json::Null;
            }
            output
        };
        let error = |message: &str| function_answer(&json!({"errorMessage": message}), true);
        match self {
            Authorizer::Allow => function_answer(&output("Allow", "*"), false),
            Authorizer::Deny => function_answer(&output("Deny", "*"), false),
            Authorizer::Silent => {
                function_answer(&output("Allow", "arn:aws:execute-api:*:*:other/*"), false)
            }
            Authorizer::Unauthorized => error("Unauthorized"),
            Authorizer::Throws => error("no"),
            Authorizer::Malformed => function_answer(&json!({"policyDocument": {}}), false),
            Authorizer::NestedContext => {
                let mut nested = output("Allow", "*");
                nested["context"] = json!({"deep": {"no": 1}});
                function_answer(&nested, false)
            }
            Authorizer::TimedOut => BackendAnswer::TimedOut,
        }
    }
}
