//! Programs made by hand, compiled, loaded and asked.

use tollgate_model::api::{
    Api, ApiKind, Endpoint, KeySource, Method, MethodSettings, PathTemplate, Route, RouteKey,
    Segment, Validate,
};
use tollgate_model::authorizer::Auth;
use tollgate_model::integration::{
    ContentHandling, Integration, IntegrationResponse, MethodResponse, Passthrough, Target,
    Template,
};
use tollgate_model::stage::{Settings, Stage};
use tollgate_model::{NodeId, Program};

/// A REST API without anything but routes.
pub(crate) fn api(name: &str, routes: Vec<Route>) -> Api {
    Api {
        name: name.into(),
        id: "abcdefghij".into(),
        kind: ApiKind::Rest,
        title: name.into(),
        version: None,
        doc: String::new(),
        endpoint: Endpoint::Regional,
        default_endpoint: true,
        binary: vec![],
        key_source: KeySource::Header,
        compress: None,
        tags: vec![],
        variables: vec![],
        authorizers: vec![],
        policy: None,
        routes,
        gateway_responses: vec![],
        node: NodeId::default(),
    }
}

/// A stage without settings.
pub(crate) fn stage(api: &str, name: &str) -> Stage {
    Stage {
        name: name.into(),
        api: api.into(),
        doc: String::new(),
        variables: vec![],
        settings: Settings::default(),
        methods: vec![],
        cache_gb: None,
        canary: None,
        access_log: None,
        tracing: false,
        client_certificate: None,
        tags: vec![],
        node: NodeId::default(),
    }
}

pub(crate) fn template(text: &str) -> Template {
    Template {
        text: text.into(),
        pieces: None,
        node: NodeId::default(),
        span: None,
    }
}

/// A path template as written.
pub(crate) fn path(text: &str) -> PathTemplate {
    let segments = text.split('/').filter(|s| !s.is_empty()).map(|segment| {
        match segment.strip_prefix('{').and_then(|s| s.strip_suffix('}')) {
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Segment::Greedy(name.into()),
                None => Segment::Parameter(name.into()),
            },
            None => Segment::Literal(segment.into()),
        }
    });
    PathTemplate {
        segments: segments.collect(),
    }
}

pub(crate) fn integration(target: Target) -> Integration {
    Integration {
        target,
        credentials: None,
        timeout_ms: 29_000,
        passthrough: Passthrough::WhenNoMatch,
        content: ContentHandling::None,
        mappings: vec![],
        templates: vec![],
        responses: vec![],
        cache_key: vec![],
        cache_namespace: None,
        skip_verification: false,
        stream: false,
        node: NodeId::default(),
    }
}

pub(crate) fn response(status: u16, pattern: Option<&str>) -> IntegrationResponse {
    IntegrationResponse {
        status,
        pattern: pattern.map(str::to_string),
        content: ContentHandling::None,
        headers: vec![],
        templates: vec![],
        node: NodeId::default(),
    }
}

pub(crate) fn route(method: Method, text: &str, integration: Integration) -> Route {
    let responses = integration
        .responses
        .iter()
        .map(|r| MethodResponse {
            status: r.status,
            headers: vec![],
            models: vec![],
            node: NodeId::default(),
        })
        .collect();
    Route {
        key: RouteKey::Http {
            path: path(text),
            method,
        },
        doc: String::new(),
        auth: Auth::None,
        api_key: false,
        validate: Validate::default(),
        parameters: vec![],
        body: vec![],
        settings: MethodSettings::default(),
        integration,
        responses,
        operation: None,
        tags: vec![],
        node: NodeId::default(),
    }
}

/// A mock that answers 200 with this text.
pub(crate) fn mock(method: Method, text: &str, body: &str) -> Route {
    let mut mock = integration(Target::Mock);
    mock.templates
        .push(("application/json".into(), template("{\"statusCode\": 200}")));
    let mut answer = response(200, None);
    answer
        .templates
        .push(("application/json".into(), template(body)));
    mock.responses.push(answer);
    route(method, text, mock)
}

/// A program of one API `a` with a stage `dev`.
pub(crate) fn program(routes: Vec<Route>) -> Program {
    Program {
        apis: vec![api("a", routes)],
        stages: vec![stage("a", "dev")],
        ..Program::default()
    }
}

mod asked {
    use std::net::IpAddr;

    use tollgate_model::ScalarType;
    use tollgate_model::api::{Parameter, ParameterPlace};
    use tollgate_model::condition::{Clause, Condition, Operator};
    use tollgate_model::integration::{
        HeaderMapping, MappingOp, RequestMapping, RequestTarget, Source,
    };
    use tollgate_model::policy::{
        Effect, Patterns, Policy, Principals, ResourcePattern, Resources, Statement,
    };
    use tollgate_model::text::{Piece, Text};
    use tollgate_runtime::{
        Backend, BodyOut, Event, Fault, Head, Header, Loaded, Outcome, Scratch, Session, Step,
        World,
    };

    use super::*;

    /// Status, headers and body.
    type Scripted<'r> = (u16, Vec<(&'r str, &'r str)>, &'r str);

    /// A request, and what the world answers to calls.
    #[derive(Clone, Default)]
    struct Ask<'r> {
        method: &'r str,
        target: &'r str,
        headers: Vec<(&'r str, &'r str)>,
        body: &'r str,
        from: Option<IpAddr>,
        backend: Option<Scripted<'r>>,
        fault: Option<Fault>,
        random: u64,
    }

    /// What came of it.
    #[derive(Clone, Debug, Default, PartialEq, Eq)]
    struct Told {
        status: u16,
        headers: Vec<(String, String)>,
        body: String,
        call: Option<(String, String, String)>,
        call_headers: Vec<(String, String)>,
        log: Option<String>,
        statement: Option<u32>,
    }

    impl Told {
        fn header(&self, name: &str) -> Option<&str> {
            self.headers
                .iter()
                .find(|(n, _)| n.eq_ignore_ascii_case(name))
                .map(|(_, v)| v.as_str())
        }
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    fn ask(bundle: &[u8], ask: &Ask<'_>) -> Told {
        let loaded = Loaded::verify(bundle).unwrap();
        let view = loaded.view();
        let site = view.site(b"abcdefghij", ask.target.as_bytes());
        let mut session = Session::begin(site);
        let mut scratch = Scratch::new(1 << 24);
        let headers: Vec<_> = ask
            .headers
            .iter()
            .map(|(n, v)| Header {
                name: n.as_bytes(),
                value: v.as_bytes(),
            })
            .collect();
        let answered: Vec<_> = ask
            .backend
            .iter()
            .flat_map(|(_, headers, _)| headers)
            .map(|(n, v)| Header {
                name: n.as_bytes(),
                value: v.as_bytes(),
            })
            .collect();
        let mut world = World {
            bundle: view,
            head: Head {
                headers: &headers,
                ..Head::plain(ask.method.as_bytes(), ask.target.as_bytes())
            },
            body: None,
            backend: None,
            identity: None,
            now_ms: 1_763_856_000_000,
            request_id: [0xab; 16],
            extended_request_id: b"ext=",
            trace_seed: [0x11; 20],
            random: ask.random,
        };
        if let Some(peer) = ask.from {
            world.head.peer = peer;
        }
        let mut told = Told::default();
        let mut outcome = Outcome::Begin(Event::Http);
        for _ in 0..20 {
            let lent = world;
            let step = session.advance(&lent, &mut scratch, outcome);
            outcome = match step {
                Step::ReadBody { .. } => {
                    world.body = Some(ask.body.as_bytes());
                    Outcome::Body
                }
                Step::Integrate(call) => {
                    let body = match call.body {
                        BodyOut::Bytes(bytes) => text(bytes),
                        BodyOut::PassRequest => ask.body.to_string(),
                        _ => String::new(),
                    };
                    told.call = Some((text(call.method), text(call.uri), body));
                    told.call_headers = call
                        .headers
                        .iter()
                        .map(|(n, v)| (text(n), text(v)))
                        .collect();
                    match (&ask.fault, &ask.backend) {
                        (Some(fault), _) => Outcome::Failed(*fault),
                        (None, Some((status, _, body))) => {
                            world.backend = Some(Backend {
                                status: *status,
                                headers: &answered,
                                body: Some(body.as_bytes()),
                                latency_us: 1000,
                            });
                            Outcome::Backend
                        }
                        (None, None) => Outcome::Failed(Fault::Connect),
                    }
                }
                Step::Respond(response) => {
                    told.status = response.status;
                    told.headers = response
                        .headers
                        .iter()
                        .map(|(n, v)| (text(n), text(v)))
                        .collect();
                    told.body = match response.body {
                        BodyOut::Bytes(bytes) => text(bytes),
                        BodyOut::PassBackend => {
                            ask.backend.as_ref().map_or("", |b| b.2).to_string()
                        }
                        _ => String::new(),
                    };
                    Outcome::Sent {
                        bytes: told.body.len() as u64,
                        latency_us: 2000,
                    }
                }
                Step::Log { line } => {
                    told.log = Some(text(line));
                    Outcome::Kept
                }
                Step::Done => {
                    told.statement = session.decision().statement;
                    return told;
                }
                other => panic!("{other:?}"),
            };
        }
        panic!("no end");
    }

    fn get(bundle: &[u8], target: &str) -> Told {
        ask(
            bundle,
            &Ask {
                method: "GET",
                target,
                ..Ask::default()
            },
        )
    }

    fn built(routes: Vec<Route>) -> Vec<u8> {
        super::super::bundle(&program(routes)).unwrap()
    }

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
                    (403, r#"{"message": "Missing Authentication Token"}"#)
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
            (403, r#"{"message": "Forbidden"}"#)
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
                    target: "/dev/a?q1=x;q2=%20",
                    ..there
                }
            )
            .status,
            200
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

    fn address(text: &str) -> Option<IpAddr> {
        Some(text.parse().unwrap())
    }

    fn statement(
        effect: Effect,
        resources: Vec<ResourcePattern>,
        condition: Condition,
    ) -> Statement {
        Statement {
            sid: None,
            effect,
            principals: Principals::Anyone,
            actions: Patterns::Only(vec!["execute-api:Invoke".into()]),
            resources: Resources::Only(resources),
            condition,
            node: NodeId::default(),
        }
    }

    fn clause(operator: Operator, key: &str, values: &[&str]) -> Condition {
        Condition::Iam(vec![Clause {
            quantifier: None,
            operator,
            if_exists: false,
            key: key.into(),
            values: values.iter().map(|v| v.to_string()).collect(),
            node: NodeId::default(),
        }])
    }

    #[test]
    fn a_resource_policy_admits_by_statement() {
        let of = |stage: &str, rest: &str| ResourcePattern::OfApi {
            stage: stage.into(),
            rest: rest.into(),
        };
        let mut model = program(vec![
            mock(Method::Get, "/open", "open"),
            mock(Method::Get, "/orders/{id}", "order"),
            mock(Method::Get, "/shut", "shut"),
        ]);
        model.apis[0].policy = Some(Policy {
            statements: vec![
                statement(
                    Effect::Allow,
                    vec![of("*", "GET/open"), of("*", "*/orders/*")],
                    Condition::Always,
                ),
                statement(
                    Effect::Deny,
                    vec![ResourcePattern::Any],
                    clause(
                        Operator::NotIpAddress,
                        "aws:SourceIp",
                        &["10.0.0.0/8", "2001:db8::/32"],
                    ),
                ),
                statement(
                    Effect::Deny,
                    vec![of("dev", "GET/orders/9*")],
                    Condition::Always,
                ),
                statement(
                    Effect::Deny,
                    vec![of("*", "GET/open")],
                    clause(Operator::StringEquals, "aws:UserAgent", &["bad"]),
                ),
            ],
            ..Policy::default()
        });
        let bundle = super::super::bundle(&model).unwrap();
        let of = |target, from: &str, agent: Option<&'static str>| {
            let told = ask(
                &bundle,
                &Ask {
                    method: "GET",
                    target,
                    from: address(from),
                    headers: agent.map(|a| ("user-agent", a)).into_iter().collect(),
                    ..Ask::default()
                },
            );
            (told.status, told.statement)
        };
        assert_eq!(of("/dev/open", "10.1.2.3", None), (200, Some(0)));
        assert_eq!(of("/dev/open", "10.1.2.3", Some("bad")), (403, Some(3)));
        assert_eq!(of("/dev/open", "10.1.2.3", Some("good")), (200, Some(0)));
        assert_eq!(of("/dev/open", "11.1.2.3", None), (403, Some(1)));
        assert_eq!(of("/dev/open", "2001:db8::7", None), (200, Some(0)));
        assert_eq!(of("/dev/open", "2001:db9::7", None), (403, Some(1)));
        assert_eq!(of("/dev/orders/8", "10.0.0.1", None), (200, Some(0)));
        assert_eq!(of("/dev/orders/99", "10.0.0.1", None), (403, Some(2)));
        assert_eq!(of("/dev/shut", "10.0.0.1", None), (403, None));
        let told = ask(
            &bundle,
            &Ask {
                method: "GET",
                target: "/dev/shut",
                from: address("10.0.0.1"),
                ..Ask::default()
            },
        );
        assert_eq!(
            told.body,
            r#"{"Message": "User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********0000:abcdefghij/dev/GET/shut"}"#
        );
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
        assert!(
            tollgate_runtime::bundle::replace_edge((&edge.bytes, edge.digest), &first).is_err()
        );
    }
}
