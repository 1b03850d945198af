//! Routing, integrations, gateway responses, stages.

use tollgate_model::ScalarType;
use tollgate_model::api::{Parameter, ParameterPlace};
use tollgate_model::integration::{
    HeaderMapping, MappingOp, RequestMapping, RequestTarget, Source,
};
use tollgate_model::text::{Piece, Text};
use tollgate_runtime::Fault;

use super::drive::*;
use super::*;

#[test]
fn routes_are_chosen_by_segment_and_method() {
    let bundle = built(vec![
        mock(Method::Post, "/test", "test"),
        mock(Method::Any, "/test/any", "any"),
        mock(Method::Options, "/{proxy+}", "proxy"),
        mock(Method::Get, "/a/b", "a/b"),
        mock(Method::Get, "/a/{x}/c", "a/x/c"),
        mock(Method::Get, "/a/{x}/c/{y}/{z+}", "a/x/c/y/z"),
        mock(Method::Get, "/", "root"),
        mock(Method::Get, "/Pets", "Pets"),
        mock(Method::Any, "/Pets", "any Pets"),
    ]);
    for (method, target, want) in [
        ("OPTIONS", "/dev/test", "proxy"),
        ("POST", "/dev/test", "test"),
        ("OPTIONS", "/dev/test/any", "any"),
        ("GET", "/dev/test/any", "any"),
        ("GET", "/dev/a/b", "a/b"),
        ("GET", "/dev/a/b/c", "a/x/c"),
        ("GET", "/dev/a/b/", "a/b"),
        ("GET", "/dev//a/b", "a/b"),
        ("GET", "//dev/a/b", "a/b"),
        ("GET", "/dev/a/b/c/d/e/f", "a/x/c/y/z"),
        ("GET", "/dev/a/b/c/d", ""),
        ("GET", "/dev/a//c", ""),
        ("GET", "/dev", "root"),
        ("GET", "/dev/", "root"),
        ("GET", "/dev/pets", ""),
        ("GET", "/dev/Pets", "Pets"),
        ("PUT", "/dev/Pets", "any Pets"),
        ("TRACE", "/dev/Pets", ""),
        ("OPTIONS", "/dev/anything/at/all", "proxy"),
        ("OPTIONS", "/dev/", ""),
    ] {
        let told = ask(
            &bundle,
            &Ask {
                method,
                target,
                ..Ask::default()
            },
        );
        if want.is_empty() {
            assert_eq!(
                (told.status, told.body.as_str()),
                (403, r#"{"message":"Missing Authentication Token"}"#)
            );
        } else {
            assert_eq!(
                (told.status, told.body.as_str()),
                (200, want),
                "{method} {target}"
            );
        }
    }
}

#[test]
fn every_answer_carries_the_gateways_headers() {
    let bundle = built(vec![mock(Method::Get, "/a", "x")]);
    let told = get(&bundle, "/dev/a");
    assert_eq!(told.header("content-type"), Some("application/json"));
    assert_eq!(
        told.header("x-amzn-requestid"),
        Some("abababab-abab-abab-abab-abababababab")
    );
    assert_eq!(told.header("x-amz-apigw-id"), Some("ext="));
    assert_eq!(told.header("x-amzn-trace-id"), None);
    let told = get(&bundle, "/dev/nope");
    assert_eq!(
        told.header("x-amzn-errortype"),
        Some("MissingAuthenticationTokenException")
    );
    let told = get(&bundle, "/nostage/a");
    assert_eq!(
        (told.status, told.body.as_str()),
        (403, r#"{"message":"Forbidden"}"#)
    );
}

#[test]
fn required_parameters_are_listed_by_place_and_name() {
    let mut route = mock(Method::Get, "/a", "x");
    route.validate.parameters = true;
    for (place, name) in [
        (ParameterPlace::Query, "q2"),
        (ParameterPlace::Header, "h"),
        (ParameterPlace::Query, "q1"),
        (ParameterPlace::Header, "b"),
    ] {
        let (name, required) = (name.to_string(), true);
        route.parameters.push(Parameter {
            place,
            name,
            required,
            ty: ScalarType::String,
            node: NodeId::default(),
        });
    }
    let bundle = built(vec![route]);
    let told = get(&bundle, "/dev/a");
    let want = r#"{"message": "Missing required request parameters: [b, h, q1, q2]"}"#;
    assert_eq!((told.status, told.body.as_str()), (400, want));
    let there = Ask {
        method: "GET",
        target: "/dev/a?q1=x&q2=",
        headers: vec![("h", "1"), ("b", "2")],
        ..Ask::default()
    };
    assert_eq!(
        ask(&bundle, &there).body,
        r#"{"message": "Missing required request parameters: [q2]"}"#
    );
    assert_eq!(
        ask(
            &bundle,
            &Ask {
                target: "/dev/a?q1=x;q2=%20y",
                ..there.clone()
            }
        )
        .status,
        200
    );
    // A blank is as good as nothing.
    assert_eq!(
        ask(
            &bundle,
            &Ask {
                target: "/dev/a?q1=x;q2=%20",
                ..there
            }
        )
        .status,
        400
    );
}

fn http(uri: Vec<Piece>, proxy: bool) -> Integration {
    let uri = Text {
        pieces: uri,
        node: NodeId::default(),
    };
    let mut it = integration(Target::Http {
        proxy,
        method: Some("POST".into()),
        uri,
        via: None,
    });
    it.responses = vec![
        response(200, None),
        response(400, Some(r"4\d{2}")),
        response(500, Some("5..")),
    ];
    it
}

fn mapping(target: RequestTarget, source: Source) -> RequestMapping {
    RequestMapping {
        target,
        source,
        op: MappingOp::Overwrite,
        node: NodeId::default(),
    }
}

/// What no automaton tells is Java's too: looks, possessive repeats, quoted texts.
#[test]
fn a_response_is_selected_by_patterns_of_java() {
    let mut it = http(vec![Piece::Literal("https://h.example/".into())], false);
    it.responses = vec![
        response(200, None),
        response(400, Some("(?!40[13])4..")),
        response(403, Some(r"4++0\Q1\E|.*(?<=40)3")),
        response(500, Some("(?=5).{3}(?<!3)")),
    ];
    let bundle = super::super::bundle(&program(vec![route(Method::Post, "/a", it)])).unwrap();
    for (status, want) in [
        (404, 400),
        (401, 403),
        (403, 403),
        (502, 500),
        (503, 200),
        (201, 200),
    ] {
        let told = ask(
            &bundle,
            &Ask {
                method: "POST",
                target: "/dev/a",
                backend: Some((status, vec![], "")),
                ..Ask::default()
            },
        );
        assert_eq!(told.status, want, "{status}");
    }
}

/// A pattern that neither can match is no bundle.
#[test]
fn a_response_with_a_back_reference_is_refused() {
    for pattern in [r"(4)\1.", "(?:a|ab)++b", "4("] {
        let mut it = http(vec![Piece::Literal("https://h.example/".into())], false);
        it.responses = vec![response(400, Some(pattern))];
        let refused = super::super::bundle(&program(vec![route(Method::Post, "/a", it)]));
        let told = refused.unwrap_err();
        assert!(told[0].message.contains("cannot be compiled"), "{told:?}");
    }
}

#[test]
fn an_http_call_takes_its_parts_from_mappings_and_the_stage() {
    let mut it = http(
        vec![
            Piece::Literal("https://".into()),
            Piece::Variable("host".into()),
            Piece::Literal("/v1/".into()),
            Piece::Placeholder("id".into()),
            Piece::Literal("/{".into()),
        ],
        false,
    );
    it.mappings = vec![
        mapping(
            RequestTarget::Path("id".into()),
            Source::RequestPath("x".into()),
        ),
        mapping(
            RequestTarget::Query("q".into()),
            Source::RequestQueries("a".into()),
        ),
        mapping(
            RequestTarget::Header("H".into()),
            Source::RequestHeaders("m".into()),
        ),
        mapping(
            RequestTarget::Header("Gone".into()),
            Source::RequestHeader("M".into()),
        ),
        mapping(
            RequestTarget::Header("S".into()),
            Source::Static(Text::literal("lit")),
        ),
    ];
    let mut model = program(vec![route(Method::Post, "/a/{x}", it)]);
    model.stages[0]
        .variables
        .push(("host".into(), Text::literal("h.example")));
    let bundle = super::super::bundle(&model).unwrap();
    let told = ask(
        &bundle,
        &Ask {
            method: "POST",
            target: "/dev/a/7%2F8?a=1&a=b+c&b=2",
            headers: vec![("m", "1"), ("m", "2"), ("Content-Type", "text/plain")],
            body: "hello",
            backend: Some((404, vec![("Content-Type", "text/html"), ("X", "y")], "no")),
            ..Ask::default()
        },
    );
    let (method, uri, body) = told.call.clone().unwrap();
    assert_eq!((method.as_str(), body.as_str()), ("POST", "hello"));
    assert_eq!(uri, "https://h.example/v1/7%2F8/{?q=1&q=b%20c");
    let header = |name: &str| {
        told.call_headers
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    };
    assert_eq!(
        (header("H"), header("S"), header("Gone")),
        (Some("1,2"), Some("lit"), None)
    );
    assert_eq!(header("Accept"), Some("application/json"));
    assert_eq!(header("Content-Type"), Some("text/plain"));
    assert_eq!(header("User-Agent"), Some("AmazonAPIGateway_abcdefghij"));
    assert_eq!((told.status, told.body.as_str()), (400, "no"));
    assert_eq!(
        (told.header("X"), told.header("Content-Type")),
        (None, Some("application/json"))
    );
    assert!(told.header("X-Amzn-Trace-Id").is_some());
}

#[test]
fn an_unset_host_and_faults_have_their_answers() {
    let uri = vec![
        Piece::Literal("https://".into()),
        Piece::Variable("host".into()),
    ];
    let bundle = built(vec![route(Method::Get, "/a", http(uri, true))]);
    let told = get(&bundle, "/dev/a");
    assert_eq!((told.status, told.call), (500, None));
    let uri = vec![Piece::Literal("https://h/".into())];
    let bundle = built(vec![route(Method::Get, "/a", http(uri, false))]);
    for (fault, status, message) in [
        (Fault::Timeout, 504, "Endpoint request timed out"),
        (
            Fault::Connect,
            504,
            "Network error communicating with endpoint",
        ),
        (Fault::Rejected, 500, "Internal server error"),
    ] {
        let told = ask(
            &bundle,
            &Ask {
                method: "GET",
                target: "/dev/a",
                fault: Some(fault),
                ..Ask::default()
            },
        );
        assert_eq!(
            (told.status, told.body.clone()),
            (status, format!("{{\"message\": \"{message}\"}}"))
        );
        assert_eq!(told.header("x-amzn-trace-id"), None);
    }
}

#[test]
fn gateway_responses_are_inherited_as_a_whole() {
    use tollgate_model::api::{GatewayResponse, GatewayResponseType as T};
    let set = |ty, status, templates: Vec<(String, Template)>| GatewayResponse {
        ty,
        status,
        headers: vec![HeaderMapping {
            name: "h".into(),
            source: Source::RequestHeader("Accept".into()),
            op: MappingOp::Overwrite,
            node: NodeId::default(),
        }],
        templates,
        node: NodeId::default(),
    };
    let mut it = http(vec![Piece::Literal("https://h/".into())], false);
    it.passthrough = Passthrough::Never;
    let mut model = program(vec![route(Method::Post, "/a", it)]);
    let t = r#"{"t":"$context.error.responseType","m":$context.error.messageString,"s":"$stageVariables.s$context.nope"}"#;
    model.apis[0].gateway_responses = vec![
        set(
            T::Default4xx,
            Some(455),
            vec![("text/x".into(), template(t))],
        ),
        set(T::MissingAuthenticationToken, None, vec![]),
    ];
    model.stages[0]
        .variables
        .push(("s".into(), Text::literal("v")));
    let bundle = super::super::bundle(&model).unwrap();
    let told = ask(
        &bundle,
        &Ask {
            method: "GET",
            target: "/dev/a",
            headers: vec![("Accept", "x")],
            ..Ask::default()
        },
    );
    assert_eq!(
        (told.status, told.body.as_str()),
        (403, r#"{"message":"Missing Authentication Token"}"#)
    );
    assert_eq!(told.header("h"), Some("x"));
    let told = ask(
        &bundle,
        &Ask {
            method: "POST",
            target: "/dev/a",
            ..Ask::default()
        },
    );
    assert_eq!(told.status, 455);
    assert_eq!(
        told.body,
        r#"{"t":"UNSUPPORTED_MEDIA_TYPE","m":"Unsupported Media Type","s":"v"}"#
    );
    assert_eq!(
        (told.header("content-type"), told.header("h")),
        (Some("text/x"), None)
    );
    assert_eq!(told.header("x-amzn-errortype"), Some("BadRequestException"));
}

#[test]
fn the_access_log_fills_its_line() {
    use tollgate_model::stage::{AccessLog, AccessLogFormat};
    let mut model = program(vec![mock(Method::Get, "/a/{x}", "12345")]);
    let log = |format| {
        Some(AccessLog {
            destination: Text::literal("stdout"),
            format,
            node: NodeId::default(),
        })
    };
    let line = "$context.requestId $context.httpMethod $context.resourcePath $context.path $context.status \
                $context.responseLength $context.identity.caller [$context.requestTime] $context.nope";
    model.stages[0].access_log = log(AccessLogFormat::Text(line.into()));
    let told = get(&super::super::bundle(&model).unwrap(), "/dev/a/1");
    assert_eq!(
        told.log.as_deref(),
        Some(
            "abababab-abab-abab-abab-abababababab GET /a/{x} /dev/a/1 200 5 - [23/Nov/2025:00:00:00 +0000] -"
        )
    );
    let of = |name: &str| Source::Context(name.split('.').map(str::to_string).collect());
    model.stages[0].access_log = log(AccessLogFormat::Json(vec![
        ("a".into(), of("identity.userAgent")),
        ("b\"".into(), of("stage")),
        ("c".into(), of("identity.user")),
    ]));
    let bundle = super::super::bundle(&model).unwrap();
    let told = ask(
        &bundle,
        &Ask {
            method: "GET",
            target: "/dev/a/1",
            headers: vec![("User-Agent", "x\"y")],
            ..Ask::default()
        },
    );
    assert_eq!(
        told.log.as_deref(),
        Some(r#"{"a":"x\"y","b\"":"dev","c":"-"}"#)
    );
}

#[test]
fn a_canary_serves_its_share_with_its_variables() {
    use tollgate_model::stage::Canary;
    let uri = vec![
        Piece::Literal("https://".into()),
        Piece::Variable("host".into()),
        Piece::Literal("/".into()),
    ];
    let mut model = program(vec![route(Method::Get, "/a", http(uri, true))]);
    model.stages[0].variables = vec![
        ("host".into(), Text::literal("one")),
        ("z".into(), Text::literal("1")),
    ];
    model.stages[0].canary = Some(Canary {
        share: 2_500,
        variables: vec![("host".into(), Text::literal("two"))],
        use_stage_cache: false,
        deployment: None,
        node: NodeId::default(),
    });
    let bundle = super::super::bundle(&model).unwrap();
    let uri = |random: u64| {
        let told = ask(
            &bundle,
            &Ask {
                method: "GET",
                target: "/dev/a",
                backend: Some((200, vec![], "")),
                random,
                ..Ask::default()
            },
        );
        told.call.unwrap().1
    };
    assert_eq!(uri(0), "https://two/");
    assert_eq!(uri(u64::from(u32::MAX) / 4 - 1), "https://two/");
    assert_eq!(uri(u64::from(u32::MAX) / 4 + 1), "https://one/");
    assert_eq!(uri(u64::from(u32::MAX)), "https://one/");
}

#[test]
fn equal_programs_give_equal_bytes_and_the_edge_is_replaced_alone() {
    let uri = vec![
        Piece::Literal("https://".into()),
        Piece::Variable("host".into()),
        Piece::Literal("/".into()),
    ];
    let mut model = program(vec![
        route(Method::Get, "/a", http(uri, true)),
        mock(Method::Get, "/b", "b"),
    ]);
    let first = super::super::bundle(&model).unwrap();
    let mut turned = model.clone();
    turned.apis[0].routes.reverse();
    assert_eq!(super::super::bundle(&turned).unwrap(), first);
    model.stages[0]
        .variables
        .push(("host".into(), Text::literal("new")));
    let edge = super::super::edge(&model).unwrap();
    let replaced =
        tollgate_runtime::bundle::replace_edge((&edge.bytes, edge.digest), &first).unwrap();
    assert_eq!(replaced, super::super::bundle(&model).unwrap());
    // Other routes are another deployment: the old bundle does not have it.
    model.apis[0].routes.pop();
    let edge = super::super::edge(&model).unwrap();
    assert!(tollgate_runtime::bundle::replace_edge((&edge.bytes, edge.digest), &first).is_err());
}
