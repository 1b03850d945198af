//! Programs of a REST API: one API, one stage, keys and plans.

use proptest::prelude::*;
use tollgate_model::api::{
    Api, ApiKind, Endpoint, GatewayResponse, GatewayResponseType, KeySource, Method,
    MethodSettings, Parameter, ParameterPlace, PathTemplate, Route, RouteKey, Validate,
};
use tollgate_model::authorizer::{Auth, Authorizer, AuthorizerKind};
use tollgate_model::integration::{
    ContentHandling, HeaderMapping, Integration, IntegrationResponse, MappingOp, MethodResponse,
    Passthrough, Payload, RequestMapping, RequestTarget, Source, Target,
};
use tollgate_model::schema::Model;
use tollgate_model::stage::{Canary, MethodSelector, Settings, Stage, UnauthorizedInvalidation};
use tollgate_model::text::{Piece, Text};
use tollgate_model::traffic::{Key, Period, Plan, PlanStage, Quota, Secret, Throttle};
use tollgate_model::{Account, NodeId, Program, ScalarType};

use super::{API, STAGE, one_of, policy, sometimes, template};

/// Path templates that may stand side by side: no resource has two variable children.
pub(super) const PATHS: [&str; 9] = [
    "/",
    "/a",
    "/a/b",
    "/a/{id}",
    "/a/{id}/c",
    "/d/{p+}",
    "/d/e",
    "/A",
    "/{proxy+}",
];

const METHODS: [Method; 4] = [Method::Get, Method::Post, Method::Any, Method::Delete];

/// A function's integration ARN, its alias a stage variable now and then.
pub(super) fn function(name: &str) -> Text {
    Text::literal(format!(
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/\
         arn:aws:lambda:us-east-1:111111111111:function:{name}/invocations"
    ))
}

/// A program.
pub(super) fn program() -> impl Strategy<Value = Program> {
    (
        api(),
        stage(),
        sometimes(75, plan()),
        sometimes(10, throttle()),
    )
        .prop_map(|(api, stage, plan, account_throttle)| Program {
            account: Account {
                id: "111111111111".into(),
                region: "us-east-1".into(),
                partition: "aws".into(),
                throttle: account_throttle,
            },
            apis: vec![api],
            stages: vec![stage],
            keys: keys(plan.is_some()),
            plans: plan.into_iter().collect(),
            models: vec![model()],
            ..Program::default()
        })
}

fn model() -> Model {
    Model {
        name: "Thing".into(),
        doc: String::new(),
        content_type: "application/json".into(),
        schema:
            r#"{"type":"object","required":["a"],"properties":{
                "a":{"type":"object","maxProperties":1},
                "list":{"type":"array","items":{"type":"integer","maximum":9},"maxItems":3,"uniqueItems":true},
                "n":{"type":"number","minimum":0.5,"multipleOf":0.25},
                "text":{"type":"string","maxLength":20,"pattern":"text"}}}"#
                .into(),
        node: NodeId::default(),
    }
}

fn api() -> impl Strategy<Value = Api> {
    (
        (
            prop_oneof![
                4 => Just(Vec::new()),
                1 => proptest::sample::subsequence(
                    vec!["image/*".to_owned(), "application/octet-stream".into(), "*/*".into()],
                    1..=2,
                ),
            ],
            prop_oneof![5 => Just(KeySource::Header), 1 => Just(KeySource::Authorizer)],
            sometimes(75, policy::policy()),
            prop_oneof![12 => Just(Endpoint::Regional), 1 => Just(Endpoint::Private(Vec::new()))],
        ),
        routes(),
        gateway_responses(),
        authorizers(),
    )
        .prop_map(
            |((binary, key_source, policy, endpoint), routes, gateway_responses, authorizers)| {
                Api {
                    name: API.into(),
                    id: "abcdef1234".into(),
                    kind: ApiKind::Rest,
                    title: API.into(),
                    version: None,
                    doc: String::new(),
                    endpoint,
                    default_endpoint: true,
                    binary,
                    key_source,
                    compress: None,
                    tags: Vec::new(),
                    variables: Vec::new(),
                    authorizers,
                    policy,
                    routes,
                    gateway_responses,
                    cors: None,
                    node: NodeId::default(),
                }
            },
        )
}

fn authorizers() -> impl Strategy<Value = Vec<Authorizer>> {
    (
        sometimes(
            30,
            one_of(&["^[a-z]+$", "(?!deny)[a-z]++"]).prop_map(str::to_owned),
        ),
        proptest::sample::subsequence(
            vec![
                Source::RequestHeader("x-a".into()),
                Source::RequestQuery("q".into()),
                Source::StageVariable("v1".into()),
                Source::Context(vec!["httpMethod".into()]),
            ],
            1..=2,
        ),
        one_of(&[0, 300]),
    )
        .prop_map(|(validation, identity, ttl_s)| {
            vec![
                Authorizer {
                    auth_type: "custom".into(),
                    name: "Request".into(),
                    kind: AuthorizerKind::Request {
                        uri: function("request"),
                        function: None,
                        identity,
                        ttl_s,
                        credentials: None,
                        simple: false,
                        payload: Payload::V1,
                    },
                    node: NodeId::default(),
                },
                Authorizer {
                    auth_type: "custom".into(),
                    name: "Token".into(),
                    kind: AuthorizerKind::Token {
                        uri: function("token"),
                        function: None,
                        header: "Authorization".into(),
                        validation,
                        ttl_s,
                        credentials: None,
                    },
                    node: NodeId::default(),
                },
            ]
        })
}

/// Three to nine routes, no two alike, in the order of their keys.
fn routes() -> impl Strategy<Value = Vec<Route>> {
    let slots: Vec<(usize, Method)> = (0..PATHS.len())
        .flat_map(|path| METHODS.iter().map(move |method| (path, *method)))
        .collect();
    let slot = proptest::sample::subsequence(slots, 3..=8);
    // What nothing else serves, and whatever else serves beats.
    let catch_all = (PATHS.len() - 1, Method::Any);
    (slot, any::<bool>(), proptest::collection::vec(route(), 9)).prop_map(
        move |(mut slots, catch, routes)| {
            if catch && !slots.contains(&catch_all) {
                slots.push(catch_all);
            }
            let mut routes: Vec<Route> = slots
                .into_iter()
                .zip(routes)
                .enumerate()
                .map(|(index, ((path, method), mut route))| {
                    route.key = RouteKey::Http {
                        path: PathTemplate::of(PATHS[path]),
                        method,
                    };
                    route.node.index = index as u32 + 1;
                    bind_path(&mut route, PATHS[path]);
                    route
                })
                .collect();
            routes.sort_by(|a, b| a.key.cmp(&b.key));
            routes
        },
    )
}

/// Path parameters are declared, and the placeholder `{id}` of an address is bound to the first.
pub(super) fn bind_path(route: &mut Route, path: &str) {
    let names: Vec<String> = path
        .split('/')
        .filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
        .map(|name| name.trim_end_matches('+').to_owned())
        .collect();
    for name in &names {
        route.parameters.push(Parameter {
            place: ParameterPlace::Path,
            name: name.clone(),
            required: true,
            ty: ScalarType::String,
            node: NodeId::default(),
        });
    }
    if let Some(name) = names.first() {
        route.integration.mappings.push(RequestMapping {
            target: RequestTarget::Path("id".into()),
            source: Source::RequestPath(name.clone()),
            op: MappingOp::Overwrite,
            node: NodeId::default(),
        });
    }
}

fn route() -> impl Strategy<Value = Route> {
    (
        prop_oneof![
            8 => Just(Auth::None),
            1 => Just(authorized_by("Token")),
            1 => Just(authorized_by("Request")),
            3 => Just(Auth::Iam),
        ],
        prop_oneof![4 => Just(false), 1 => Just(true)],
        (
            any::<bool>(),
            any::<bool>(),
            sometimes(25, Just(())),
            sometimes(40, Just(())),
        ),
        integration(),
        proptest::sample::subsequence(vec![200_u16, 404, 500], 2..=3),
        sometimes(65, one_of(&[60_u32, 60, 60, 0])),
    )
        .prop_map(
            |(
                auth,
                api_key,
                (parameters, body, needs, model),
                integration,
                statuses,
                cache_ttl_s,
            )| Route {
                key: RouteKey::Named(String::new()),
                doc: String::new(),
                auth,
                api_key,
                validate: Validate {
                    parameters,
                    body: body && model.is_some(),
                },
                parameters: declared(needs.is_some()),
                body: model
                    .iter()
                    .map(|()| ("application/json".to_owned(), "Thing".to_owned()))
                    .collect(),
                settings: MethodSettings {
                    throttle: None,
                    cache_ttl_s,
                },
                integration,
                responses: statuses
                    .into_iter()
                    .map(|status| MethodResponse {
                        status,
                        headers: vec![("x-out".into(), false), ("Server".into(), false)],
                        models: Vec::new(),
                        node: NodeId::default(),
                    })
                    .collect(),
                operation: None,
                tags: Vec::new(),
                node: NodeId::default(),
            },
        )
}

fn authorized_by(name: &str) -> Auth {
    Auth::Authorizer {
        name: name.to_owned(),
        scopes: Vec::new(),
    }
}

fn declared(required: bool) -> Vec<Parameter> {
    [
        (ParameterPlace::Header, "x-a", required),
        (ParameterPlace::Header, "X-Case", false),
        (ParameterPlace::Query, "q", required),
        (ParameterPlace::Query, "r", false),
    ]
    .into_iter()
    .map(|(place, name, required)| Parameter {
        place,
        name: name.into(),
        required,
        ty: ScalarType::String,
        node: NodeId::default(),
    })
    .collect()
}

pub(super) fn variable_host() -> Text {
    Text {
        pieces: vec![
            Piece::Literal("https://".into()),
            Piece::Variable("host".into()),
            Piece::Literal("/v/".into()),
            Piece::Placeholder("id".into()),
            Piece::Literal("?own=1".into()),
        ],
        node: NodeId::default(),
    }
}

fn target() -> impl Strategy<Value = Target> {
    let http = |proxy: bool, method: Option<&str>, uri: Text| Target::Http {
        proxy,
        method: method.map(str::to_owned),
        uri,
        via: None,
    };
    let lambda = |proxy: bool, method: &str| Target::Lambda {
        proxy,
        method: method.into(),
        uri: function("work"),
        function: None,
        payload: Payload::V1,
    };
    let service = |target: &str| Target::Aws {
        method: "POST".into(),
        uri: Text::literal(format!("arn:aws:apigateway:us-east-1:{target}")),
        proxy: false,
    };
    let fixed = || Text::literal("https://backend.example/fixed");
    prop_oneof![
        4 => Just(Target::Mock),
        2 => Just(http(false, Some("POST"), fixed())),
        1 => Just(http(false, None, variable_host())),
        2 => Just(http(true, None, variable_host())),
        1 => Just(http(true, Some("GET"), fixed())),
        4 => Just(lambda(true, "POST")),
        2 => Just(lambda(false, "POST")),
        1 => Just(lambda(true, "GET")),
        2 => Just(service("sqs:path/111111111111/queue")),
        1 => Just(service("dynamodb:action/PutItem")),
    ]
}

fn integration() -> impl Strategy<Value = Integration> {
    (
        target(),
        one_of(&[
            Passthrough::WhenNoMatch,
            Passthrough::WhenNoMatch,
            Passthrough::WhenNoTemplates,
            Passthrough::Never,
        ]),
        handling(),
        mappings(),
        (template::request(), template::mock()),
        responses(),
        proptest::sample::subsequence(
            vec![
                Source::RequestHeader("x-a".into()),
                Source::RequestQuery("q".into()),
            ],
            0..=2,
        ),
    )
        .prop_map(
            |(target, passthrough, content, mappings, (request, mock), responses, cache_key)| {
                let templates = match target {
                    Target::Mock => mock,
                    Target::Http { proxy: true, .. } | Target::Lambda { proxy: true, .. } => {
                        Vec::new()
                    }
                    _ => request,
                };
                Integration {
                    target,
                    credentials: None,
                    timeout_ms: 29_000,
                    passthrough,
                    content,
                    mappings,
                    templates,
                    responses,
                    cache_key,
                    cache_namespace: None,
                    skip_verification: false,
                    stream: false,
                    node: NodeId::default(),
                }
            },
        )
}

fn handling() -> impl Strategy<Value = ContentHandling> {
    prop_oneof![
        6 => Just(ContentHandling::None),
        1 => Just(ContentHandling::Text),
        1 => Just(ContentHandling::Binary),
    ]
}

fn mappings() -> impl Strategy<Value = Vec<RequestMapping>> {
    let source = prop_oneof![
        2 => Just(Source::RequestHeader("x-a".into())),
        1 => Just(Source::RequestHeader("X-Case".into())),
        1 => Just(Source::RequestHeaders("x-a".into())),
        2 => Just(Source::RequestQuery("q".into())),
        1 => Just(Source::RequestQueries("q".into())),
        1 => Just(Source::RequestBody(None)),
        1 => Just(Source::RequestBody(Some("a.b".into()))),
        1 => Just(Source::Context(vec!["identity".into(), "sourceIp".into()])),
        1 => Just(Source::Context(vec!["requestTimeEpoch".into()])),
        1 => Just(Source::StageVariable("v1".into())),
        1 => Just(Source::Static(Text::literal("fixed"))),
    ];
    let target = prop_oneof![
        12 => one_of(&["x-b", "x-c", "Accept", "User-Agent", "Via", "Content-Type"])
            .prop_map(|name| RequestTarget::Header(name.into())),
        8 => one_of(&["q2", "q"]).prop_map(|name| RequestTarget::Query(name.into())),
        // What a mapping must not set.
        1 => one_of(&["Content-Length", "TE", "Authorization"])
            .prop_map(|name| RequestTarget::Header(name.into())),
    ];
    proptest::collection::vec((target, source), 0..=3).prop_map(|mappings| {
        let mut seen = Vec::new();
        mappings
            .into_iter()
            .filter(|(target, _)| {
                let new = !seen.contains(target);
                seen.push(target.clone());
                new
            })
            .map(|(target, source)| RequestMapping {
                target,
                source,
                op: MappingOp::Overwrite,
                node: NodeId::default(),
            })
            .collect()
    })
}

fn responses() -> impl Strategy<Value = Vec<IntegrationResponse>> {
    let one = || {
        (
            handling(),
            proptest::collection::vec(
                (
                    one_of(&["x-out", "Server", "Content-Type", "Date"]),
                    prop_oneof![
                        2 => Just(Source::ResponseHeader("x-back".into())),
                        2 => Just(Source::ResponseHeaders("x-back".into())),
                        2 => Just(Source::ResponseBody(None)),
                        1 => Just(Source::ResponseBody(Some("a.b".into()))),
                        1 => Just(Source::ResponseBody(Some("list[0]".into()))),
                        1 => Just(Source::Context(vec!["apiId".into()])),
                        1 => Just(Source::StageVariable("v1".into())),
                        1 => Just(Source::Static(Text::literal("text/x"))),
                    ],
                ),
                0..=3,
            ),
            template::response(),
        )
    };
    (
        prop_oneof![1 => Just(false), 3 => Just(true)],
        proptest::sample::subsequence(
            vec![
                (404_u16, Some(r"4\d\d")),
                (404, Some(".*fail.*")),
                (404, Some(r"(?!40[13]|.*timed out)[4a-z].*")),
                (500, Some(r"5\d{2}|.+oops")),
                (500, Some(r"5(?!03)\d{2}|.*(?<=o)ops")),
                (500, Some(".*")),
            ],
            1..=3,
        ),
        proptest::collection::vec(one(), 4),
    )
        .prop_map(|(default, keys, contents)| {
            let mut responses: Vec<IntegrationResponse> = Vec::new();
            let default = default.then_some((200_u16, None));
            for ((status, pattern), (content, headers, templates)) in
                default.into_iter().chain(keys).zip(contents)
            {
                // One response for each status.
                if responses.iter().any(|response| response.status == status) {
                    continue;
                }
                let mut names = Vec::new();
                responses.push(IntegrationResponse {
                    status,
                    pattern: pattern.map(str::to_owned),
                    content,
                    headers: headers
                        .into_iter()
                        .filter(|(name, _)| {
                            let new = !names.contains(name);
                            names.push(*name);
                            new
                        })
                        .map(|(name, source)| HeaderMapping {
                            name: name.into(),
                            source,
                            op: MappingOp::Overwrite,
                            node: NodeId::default(),
                        })
                        .collect(),
                    templates,
                    node: NodeId::default(),
                });
            }
            responses
        })
}

fn gateway_responses() -> impl Strategy<Value = Vec<GatewayResponse>> {
    use GatewayResponseType as T;
    let types = vec![
        T::AccessDenied,
        T::BadRequestBody,
        T::BadRequestParameters,
        T::Default4xx,
        T::Default5xx,
        T::IntegrationFailure,
        T::MissingAuthenticationToken,
    ];
    let one = (
        sometimes(50, one_of(&[400_u16, 418, 503])),
        sometimes(
            50,
            prop_oneof![
                Just(Source::Static(Text::literal("fixed"))),
                Just(Source::RequestHeader("x-a".into())),
                Just(Source::RequestQuery("q".into())),
                Just(Source::Context(vec!["httpMethod".into()])),
            ],
        ),
        template::plain(),
    );
    (
        proptest::sample::subsequence(types, 0..=2),
        proptest::collection::vec(one, 2),
    )
        .prop_map(|(types, contents)| {
            types
                .into_iter()
                .zip(contents)
                .map(|(ty, (status, header, templates))| GatewayResponse {
                    ty,
                    status,
                    headers: header
                        .into_iter()
                        .map(|source| HeaderMapping {
                            name: "x-why".into(),
                            source,
                            op: MappingOp::Overwrite,
                            node: NodeId::default(),
                        })
                        .collect(),
                    templates,
                    node: NodeId::default(),
                })
                .collect()
        })
}

pub(super) fn throttle() -> impl Strategy<Value = Throttle> {
    let throttle = |rate_milli, burst| Throttle { rate_milli, burst };
    prop_oneof![
        2 => Just(throttle(1000, 4)),
        1 => Just(throttle(0, 0)),
        6 => Just(throttle(100_000, 100)),
    ]
}

fn stage() -> impl Strategy<Value = Stage> {
    (
        one_of(&["", "backend.example", "backend.example", "backend.example"]),
        sometimes(25, throttle()),
        sometimes(10, throttle()),
        sometimes(25, one_of(&[0_u16, 5_000, 10_000])),
        (
            sometimes(60, Just(0.5)),
            any::<bool>(),
            one_of(&[
                UnauthorizedInvalidation::Fail,
                UnauthorizedInvalidation::IgnoreWithWarning,
                UnauthorizedInvalidation::Ignore,
            ]),
        ),
    )
        .prop_map(
            |(host, all, own, canary, (cache_gb, rights, unauthorized))| Stage {
                name: STAGE.into(),
                api: API.into(),
                doc: String::new(),
                variables: vec![
                    ("host".into(), Text::literal(host)),
                    ("v1".into(), Text::literal("value one")),
                ],
                settings: Settings {
                    throttle: all,
                    caching: cache_gb.is_some(),
                    cache_ttl_s: 300,
                    invalidation_auth: rights,
                    unauthorized_invalidation: unauthorized,
                    ..Settings::default()
                },
                methods: own
                    .into_iter()
                    .map(|throttle| {
                        (
                            MethodSelector {
                                path: "/a".into(),
                                method: "GET".into(),
                            },
                            Settings {
                                throttle: Some(throttle),
                                ..Settings::default()
                            },
                        )
                    })
                    .collect(),
                cache_gb,
                canary: canary.map(|share| Canary {
                    share,
                    variables: vec![
                        ("v1".into(), Text::literal("canary")),
                        ("host".into(), Text::literal("canary.example")),
                    ],
                    use_stage_cache: false,
                    deployment: None,
                    node: NodeId::default(),
                }),
                access_log: None,
                tracing: false,
                client_certificate: None,
                tags: Vec::new(),
                node: NodeId::default(),
            },
        )
}

fn plan() -> impl Strategy<Value = Plan> {
    (
        sometimes(50, throttle()),
        sometimes(
            60,
            one_of(&[
                Quota {
                    limit: 2,
                    offset: 0,
                    period: Period::Day,
                },
                Quota {
                    limit: 5,
                    offset: 5,
                    period: Period::Month,
                },
            ]),
        ),
        prop_oneof![12 => Just(STAGE), 1 => Just("other")],
    )
        .prop_map(|(throttle, quota, stage)| Plan {
            name: "Basic".into(),
            stages: vec![PlanStage {
                api: API.into(),
                stage: stage.into(),
                methods: Vec::new(),
            }],
            throttle,
            quota,
            node: NodeId::default(),
        })
}

/// The values of keys: one in the plan, one disabled, one without a plan.
pub(super) const KEYS: [&str; 3] = [
    "key-in-the-plan-0000000001",
    "key-disabled-000000000002",
    "key-without-plan-00000003",
];

fn keys(plan: bool) -> Vec<Key> {
    KEYS.iter()
        .enumerate()
        .map(|(index, value)| Key {
            name: format!("k{index}"),
            id: format!("id{index}"),
            enabled: index != 1,
            plans: if plan && index != 2 {
                vec!["Basic".into()]
            } else {
                Vec::new()
            },
            value: Secret::Clear((*value).to_owned()),
            node: NodeId::default(),
        })
        .collect()
}
