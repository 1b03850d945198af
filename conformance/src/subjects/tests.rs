//! What both subjects must do alike, by tables.

use serde_json::json;
use tollgate_model::stage::UnauthorizedInvalidation;
use tollgate_reference::{BackendAnswer, Request};

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
