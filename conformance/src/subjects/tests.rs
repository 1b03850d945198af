//! What both subjects must do alike, by tables.

use serde_json::json;
use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Options, Source, check};
use tollgate_model::authorizer::Auth;
use tollgate_model::policy::Policy;
use tollgate_model::stage::UnauthorizedInvalidation;
use tollgate_reference::policy::together::Kind;
use tollgate_reference::{BackendAnswer, Request, Signer};

use super::{Bundle, Reference};
use crate::case::program::deployment;
use crate::matching;
use crate::subject::{Deployment, Script, Subject};

/// 2026-11-23.
const NOW_MS: u64 = 1_795_392_000_000;

fn cached(needs_rights: bool, unauthorized: UnauthorizedInvalidation) -> Deployment {
    let mut made = deployment(&json!({"stage": {"name": "s"}, "api": {
        "openapi": "3.0.1",
        "info": {"title": "case", "version": "1"},
        "paths": {"/a": {"get": {
            "responses": {"200": {"description": "answered"}},
            "x-amazon-apigateway-integration": {
                "type": "http_proxy", "httpMethod": "GET", "uri": "https://backend.example.com/a",
            },
        }}},
    }}))
    .unwrap();
    let stage = &mut made.program.stages[0];
    stage.cache_gb = Some(0.5);
    stage.settings.caching = true;
    stage.settings.cache_ttl_s = 300;
    stage.settings.invalidation_auth = needs_rights;
    stage.settings.unauthorized_invalidation = unauthorized;
    made
}

/// Status, body, whether the backend was called, and the warning.
type Seen = (u16, String, bool, Option<String>);

fn ask(subject: &mut dyn Subject, fresh: bool, body: &str) -> Seen {
    let mut request = Request::new("GET", "/s/a");
    if fresh {
        let header = (
            "Cache-Control".to_owned(),
            "no-transform, max-age=0".to_owned(),
        );
        request.headers.push(header);
    }
    let script = Script {
        backend: Some(BackendAnswer::Answered {
            status: 200,
            headers: Vec::new(),
            body: body.as_bytes().to_vec(),
        }),
        authorizer: None,
        ..Script::default()
    };
    let seen = subject.exchange(&request, &script).unwrap();
    (
        seen.answer.status,
        String::from_utf8(seen.answer.body).unwrap(),
        !seen.integrations.is_empty(),
        matching::joined(&seen.answer.headers, "warning"),
    )
}

#[test]
fn answers_are_kept_and_passed_by_as_the_stage_says() {
    use UnauthorizedInvalidation::{Fail, Ignore, IgnoreWithWarning};
    let warning = Some("199 - \"Cache-Control header ignored\"".to_owned());
    let hit = |warning| (200, "first".to_owned(), false, warning);
    // A refusal's body is of the gateway response, and no matter here.
    let refused = (403, String::new(), false, None);
    let cases = [
        (
            false,
            Fail,
            (200, "second".to_owned(), true, None),
            "second",
        ),
        (true, Ignore, hit(None), "first"),
        (true, IgnoreWithWarning, hit(warning), "first"),
        (true, Fail, refused, "first"),
    ];
    let subjects: [fn() -> Box<dyn Subject>; 2] = [
        || Box::new(Reference::at(NOW_MS)),
        || Box::new(Bundle::at(NOW_MS)),
    ];
    for (needs_rights, unauthorized, expected, kept) in cases {
        for subject in subjects {
            let mut subject = subject();
            subject.deploy(&cached(needs_rights, unauthorized)).unwrap();
            let name = format!("{}, {needs_rights}, {unauthorized:?}", subject.name());
            let first = ask(subject.as_mut(), false, "first");
            assert_eq!(first, (200, "first".into(), true, None), "{name}");
            let passed_by = ask(subject.as_mut(), true, "second");
            assert_eq!(passed_by.0, expected.0, "{name}");
            if expected.0 == 200 {
                assert_eq!(passed_by, expected, "{name}");
            }
            let last = ask(subject.as_mut(), false, "third");
            assert_eq!(last, (200, kept.into(), false, None), "{name}");
        }
    }
}

/// A resource policy of sentences.
fn policy(sentences: &str) -> Policy {
    let text = format!(
        "rest api S {{\n policy {{\n {sentences}\n }}\n GET /a {{ auth: iam, integrate mock, respond 200 }}\n}}"
    );
    let source = Source::new("policy.gate", text);
    let program = check(vec![source], &NoFiles, &Options::default()).program;
    program.unwrap().apis.remove(0).policy.unwrap()
}

#[test]
fn the_resource_policy_lets_callers_who_sign_pass_the_cache_by() {
    let calls = "allow anyone to invoke *";
    let both = "allow anyone to invoke *\n allow anyone to invalidate_cache *";
    let elsewhere = "allow anyone to invoke *\n allow anyone to invalidate_cache /b";
    let denied = "allow anyone to \"execute-api:*\" *\n deny anyone to invalidate_cache /a";
    let own = |action: &str| {
        vec![json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": action, "Resource": "*",
        }})]
    };
    for (sentences, own_account, policies, passes) in [
        (calls, true, vec![], false),
        (both, true, vec![], true),
        (elsewhere, true, vec![], false),
        (calls, true, own("execute-api:InvalidateCache"), true),
        (denied, true, own("execute-api:*"), false),
        (both, false, own("execute-api:*"), false),
    ] {
        let subjects: [Box<dyn Subject>; 2] = [
            Box::new(Reference::at(NOW_MS)),
            Box::new(Bundle::at(NOW_MS)),
        ];
        for mut subject in subjects {
            let mut made = cached(true, UnauthorizedInvalidation::Fail);
            made.program.apis[0].policy = Some(policy(sentences));
            made.program.apis[0].routes[0].auth = Auth::Iam;
            let account = match own_account {
                true => made.program.account.id.clone(),
                false => "999999999999".to_owned(),
            };
            subject.deploy(&made).unwrap();
            let arn = format!("arn:aws:iam::{account}:user/ann");
            let script = Script {
                backend: Some(BackendAnswer::Answered {
                    status: 200,
                    headers: Vec::new(),
                    body: Vec::new(),
                }),
                signer: Some(Signer {
                    account,
                    keys: vec![("aws:PrincipalArn".to_owned(), vec![arn.clone()])],
                    arn,
                    role: None,
                    unique_id: "AIDA1".to_owned(),
                    access_key: "AKIA1".to_owned(),
                    policies: policies
                        .iter()
                        .map(|document| (Kind::Identity, 0, document.clone()))
                        .collect(),
                }),
                ..Script::default()
            };
            let mut request = Request::new("GET", "/s/a");
            for (name, value) in [
                ("Authorization", "AWS4-HMAC-SHA256 Credential=x"),
                ("Cache-Control", "max-age=0"),
            ] {
                request.headers.push((name.to_owned(), value.to_owned()));
            }
            let seen = subject.exchange(&request, &script).unwrap();
            let name = format!("{}, {sentences}, {own_account}", subject.name());
            assert_eq!(seen.answer.status == 200, passes, "{name}");
        }
    }
}
