//! The stage's cache, limits before authorizers, compression, switches.

use tollgate_model::integration::Source;
use tollgate_model::stage::UnauthorizedInvalidation;
use tollgate_model::text::Text;
use tollgate_model::traffic::Throttle;
use tollgate_runtime::{Denial, Fault, Loaded};

use super::drive::*;
use super::*;

/// A stage that keeps what `GET /pets/{id}` answers, by `id` and the parameter `type`.
fn cached() -> Program {
    let mut backend = integration(Target::Http {
        proxy: true,
        method: None,
        uri: Text::literal("https://pets.example/"),
        via: None,
    });
    backend.cache_key = vec![
        Source::RequestPath("id".into()),
        Source::RequestQuery("type".into()),
    ];
    let mut program = program(vec![route(Method::Get, "/pets/{id}", backend)]);
    let stage = &mut program.stages[0];
    stage.cache_gb = Some(0.5);
    stage.settings.caching = true;
    stage.settings.cache_ttl_s = 60;
    program
}

fn bundle(program: &Program) -> Vec<u8> {
    crate::emit::bundle(program).unwrap()
}

#[test]
fn an_answer_is_kept_by_its_listed_parameters() {
    let cache = Cache::default();
    let bundle = bundle(&cached());
    let get = |target, accept: Option<&'static str>, body| {
        let headers = accept.map(|a| ("Accept", a)).into_iter().collect();
        let request = Ask {
            method: "GET",
            target,
            headers,
            backend: Some((200, vec![("X-B", "1")], body)),
            cache: Some(&cache),
            ..Ask::default()
        };
        let told = ask(&bundle, &request);
        (told.steps.clone(), told)
    };
    let (steps, told) = get("/dev/pets/1?type=a", None, "one");
    assert_eq!(steps, ["get", "integrate", "put"]);
    assert_eq!(told.body, "one");
    assert!(cache.borrow().values().all(|(_, ttl)| *ttl == 60));

    // What is not listed does not matter; the answer has an id of its own.
    let (steps, told) = get("/dev/pets/1?type=a&page=2", None, "two");
    assert_eq!(steps, ["get"]);
    assert_eq!((told.status, told.body.as_str()), (200, "one"));
    assert_eq!(told.header("x-b"), Some("1"));
    let id = Some("abababab-abab-abab-abab-abababababab");
    assert_eq!(told.header("x-amzn-requestid"), id);
    let ids = told.headers.iter().filter(|(n, _)| n == "x-amzn-RequestId");
    assert_eq!(ids.count(), 1);

    for (target, accept) in [
        ("/dev/pets/2?type=a", None),
        ("/dev/pets/1?type=b", None),
        ("/dev/pets/1", None),
        ("/dev/pets/1?type=", None),
        ("/dev/pets/1?type=a", Some("text/html, */*")),
    ] {
        assert_eq!(
            get(target, accept, "x").0,
            ["get", "integrate", "put"],
            "{target}"
        );
    }
}

#[test]
fn what_the_gateway_answers_itself_is_not_kept() {
    let cache = Cache::default();
    let bundle = bundle(&cached());
    let request = Ask {
        method: "GET",
        target: "/dev/pets/1",
        fault: Some(Fault::Timeout),
        cache: Some(&cache),
        ..Ask::default()
    };
    let told = ask(&bundle, &request);
    assert_eq!((told.status, told.steps), (504, vec!["get", "integrate"]));
    // What the backend refuses is.
    let request = Ask {
        fault: None,
        backend: Some((404, vec![], "no")),
        ..request
    };
    assert_eq!(ask(&bundle, &request).steps, ["get", "integrate", "put"]);
    assert_eq!(ask(&bundle, &request).status, 404);
}

#[test]
fn refusals_of_backends_are_not_kept_where_a_switch_says_so() {
    let mut program = cached();
    program.switches = vec![("cache.error-statuses".into(), "off".into())];
    let request = Ask {
        method: "GET",
        target: "/dev/pets/1",
        backend: Some((404, vec![], "no")),
        ..Ask::default()
    };
    assert_eq!(ask(&bundle(&program), &request).steps, ["get", "integrate"]);
}

#[test]
fn a_record_that_cannot_be_read_is_none() {
    let bundle = bundle(&cached());
    let cache = Cache::default();
    let request = Ask {
        method: "GET",
        target: "/dev/pets/1",
        backend: Some((200, vec![("A", "b")], "body")),
        cache: Some(&cache),
        ..Ask::default()
    };
    ask(&bundle, &request);
    let (key, (whole, _)) = cache
        .borrow()
        .iter()
        .next()
        .map(|(k, v)| (k.clone(), v.clone()))
        .unwrap();
    for cut in 0..whole.len() {
        cache
            .borrow_mut()
            .insert(key.clone(), (whole[..cut].to_vec(), 1));
        let told = ask(&bundle, &request);
        assert_eq!(told.steps, ["get", "integrate", "put"], "{cut}");
    }
}

#[test]
fn a_client_passes_the_cache_by_with_the_rights_to() {
    use UnauthorizedInvalidation as U;
    const CALLER: &str =
        r#"{"accountId": "000000000000", "userArn": "arn:aws:iam::000000000000:user/a"}"#;
    const CALL: &str =
        r#"{"Statement": {"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*"}}"#;
    const ALL: &str =
        r#"{"Statement": {"Effect": "Allow", "Action": "execute-api:*", "Resource": "*"}}"#;
    for (name, needs, signed, policy, strategy, status, looked, warned) in [
        ("anyone may", false, false, CALL, U::Fail, 200, false, false),
        ("refused", true, false, CALL, U::Fail, 403, false, false),
        (
            "warned",
            true,
            false,
            CALL,
            U::IgnoreWithWarning,
            200,
            true,
            true,
        ),
        ("ignored", true, false, CALL, U::Ignore, 200, true, false),
        (
            "signed without right",
            true,
            true,
            CALL,
            U::Fail,
            403,
            false,
            false,
        ),
        (
            "signed with right",
            true,
            true,
            ALL,
            U::Fail,
            200,
            false,
            false,
        ),
    ] {
        let mut program = cached();
        let settings = &mut program.stages[0].settings;
        settings.invalidation_auth = needs;
        settings.unauthorized_invalidation = strategy;
        if signed {
            program.apis[0].routes[0].auth = Auth::Iam;
        }
        let request = Ask {
            method: "GET",
            target: "/dev/pets/1",
            headers: vec![
                ("cache-control", "no-store, Max-Age=0"),
                ("Authorization", "x"),
            ],
            backend: Some((200, vec![], "new")),
            verified: Some(Ok((CALLER, vec![policy]))),
            ..Ask::default()
        };
        let told = ask(&bundle(&program), &request);
        assert_eq!(told.status, status, "{name}");
        assert_eq!(
            told.steps.contains(&"get"),
            looked,
            "{name}: {:?}",
            told.steps
        );
        assert_eq!(told.steps.contains(&"put"), status == 200, "{name}");
        let warning = told.header("warning");
        let want = warned.then_some(r#"199 - "Cache-Control header ignored""#);
        assert_eq!(warning, want, "{name}");
    }
}

#[test]
fn stage_limits_come_after_authorizers_unless_a_switch_says_otherwise() {
    let refused = (Denial::InvalidSignature.code(), "");
    for (switch, verified, want) in [
        (None, Ok(("{}", vec![])), vec!["verify"]),
        (None, Err(refused), vec!["verify"]),
        (Some("on"), Err(refused), vec!["spend", "verify"]),
        (Some("off"), Err(refused), vec!["verify"]),
    ] {
        let mut program = program(vec![mock(Method::Get, "/a", "a")]);
        program.apis[0].routes[0].auth = Auth::Iam;
        program.stages[0].settings.throttle = Some(Throttle {
            rate_milli: 1000,
            burst: 1,
        });
        program.switches = switch
            .map(|value| ("throttle.before-authorizer".to_string(), value.to_string()))
            .into_iter()
            .collect();
        let request = Ask {
            method: "GET",
            target: "/dev/a",
            headers: vec![("Authorization", "x")],
            verified: Some(verified),
            ..Ask::default()
        };
        assert_eq!(ask(&bundle(&program), &request).steps, want, "{switch:?}");
    }
    // A caller who is let through pays once.
    let mut program = program(vec![mock(Method::Get, "/a", "a")]);
    program.stages[0].settings.throttle = Some(Throttle {
        rate_milli: 1000,
        burst: 1,
    });
    program.apis[0].routes[0].auth = Auth::Iam;
    let own = r#"{"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}"#;
    let claims = r#"{"accountId": "000000000000"}"#;
    for (value, want) in [("off", ["verify", "spend"]), ("on", ["spend", "verify"])] {
        program.switches = vec![("throttle.before-authorizer".into(), value.into())];
        let request = Ask {
            method: "GET",
            target: "/dev/a",
            headers: vec![("Authorization", "x")],
            verified: Some(Ok((claims, vec![own]))),
            ..Ask::default()
        };
        let told = ask(&bundle(&program), &request);
        assert_eq!((told.status, told.steps.as_slice()), (200, want.as_slice()));
    }
}

#[test]
fn answers_say_from_which_size_they_are_compressed() {
    for compress in [None, Some(0), Some(1024)] {
        let mut program = program(vec![mock(Method::Get, "/a", "a")]);
        program.apis[0].compress = compress;
        assert_eq!(get(&bundle(&program), "/dev/a").compress_from, compress);
    }
}

#[test]
fn a_switch_that_nobody_knows_is_no_bundle() {
    for (name, value) in [("header.names", "upper"), ("nothing", "on")] {
        let mut program = program(vec![]);
        program.switches = vec![(name.into(), value.into())];
        let refused = crate::emit::bundle(&program).unwrap_err();
        assert!(refused[0].message.contains(name), "{refused:?}");
    }
}

#[test]
fn a_switch_changes_how_headers_are_found() {
    for (value, want) in [("exact", ""), ("fold", "1")] {
        let mut program = program(vec![mock(Method::Get, "/a", "$input.params('X-Y')")]);
        program.switches = vec![("header.names".into(), value.into())];
        let request = Ask {
            method: "GET",
            target: "/dev/a",
            headers: vec![("x-y", "1")],
            ..Ask::default()
        };
        assert_eq!(ask(&bundle(&program), &request).body, want, "{value}");
    }
}

#[test]
fn an_edge_image_with_other_constants_is_refused() {
    let with = |url: &str| {
        let mut backend = integration(Target::Http {
            proxy: true,
            method: None,
            uri: Text {
                pieces: vec![
                    tollgate_model::text::Piece::Literal(url.into()),
                    tollgate_model::text::Piece::Variable("v".into()),
                ],
                node: NodeId::default(),
            },
            via: None,
        });
        backend.stream = false;
        program(vec![route(Method::Get, "/a", backend)])
    };
    let (one, other) = (with("https://one/"), with("https://other/"));
    let whole = bundle(&one);
    assert!(Loaded::verify(whole.clone()).is_ok());
    // An edge image that claims the deployment of one program and the constants of another.
    let digest = |bytes: &[u8]| {
        bytes
            .windows(32)
            .position(|w| w == deployment_digest(&whole))
    };
    let mut edge = crate::emit::edge(&other).unwrap();
    let at = digest(&whole).unwrap();
    let own = deployment_digest(&bundle(&other));
    let place = edge.bytes.windows(32).position(|w| w == own).unwrap();
    edge.bytes[place..place + 32].copy_from_slice(&whole[at..at + 32]);
    let joined =
        tollgate_runtime::bundle::replace_edge((&edge.bytes, edge.digest), &whole).unwrap();
    let refused = Loaded::verify(joined).unwrap_err();
    assert!(refused.to_string().contains("constants"), "{refused}");
}

/// The digest of the only deployment, out of the image table: its second entry's last field.
fn deployment_digest(bundle: &[u8]) -> [u8; 32] {
    use tollgate_runtime::bundle::records::{Header, ImageEntry};
    use tollgate_runtime::bundle::wire::Field;
    let at = 8 + Header::SIZE + ImageEntry::SIZE;
    ImageEntry::get(&bundle[at..]).unwrap().digest
}
