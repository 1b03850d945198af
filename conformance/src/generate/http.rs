//! Programs of an HTTP API: one API, one stage, its authorizers.

use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use tollgate_model::api::{
    Api, ApiKind, Cors, Endpoint, KeySource, Method, MethodSettings, PathTemplate, Route, RouteKey,
    Validate,
};
use tollgate_model::authorizer::{Auth, Authorizer, AuthorizerKind};
use tollgate_model::integration::{
    ContentHandling, Integration, Passthrough, Payload, Source, Target,
};
use tollgate_model::stage::{MethodSelector, Settings, Stage};
use tollgate_model::text::Text;
use tollgate_model::{Account, NodeId, Program};

use super::program::{bind_path, function, throttle, variable_host};
use super::{API, NOW_MS, STAGE, one_of, sometimes};

/// The keys of routes; none is `$default`. Those of one path and verb take the same requests, so there are no two.
const PATHS: [Option<&str>; 11] = [
    None,
    Some("/"),
    Some("/a"),
    Some("/a/b"),
    Some("/a/{id}"),
    Some("/a/{id}/c"),
    Some("/d/{p+}"),
    Some("/d/e"),
    Some("/caf\u{e9}"),
    Some("/{x}/{y}"),
    Some("/{proxy+}"),
];

const METHODS: [Method; 4] = [Method::Get, Method::Post, Method::Any, Method::Options];

const ISSUER: &str = "https://id.example";

/// What a route asks of a token.
const SCOPE: &str = "read";

/// A program.
pub(super) fn program() -> impl Strategy<Value = Program> {
    (
        routes(),
        authorizers(),
        stage(),
        sometimes(10, throttle()),
        sometimes(40, cors()),
    )
        .prop_map(
            |(routes, authorizers, stage, account_throttle, cors)| Program {
                account: Account {
                    id: "111111111111".into(),
                    region: "us-east-1".into(),
                    partition: "aws".into(),
                    throttle: account_throttle,
                },
                apis: vec![api(routes, authorizers, cors)],
                stages: vec![stage],
                ..Program::default()
            },
        )
}

fn api(routes: Vec<Route>, authorizers: Vec<Authorizer>, cors: Option<Cors>) -> Api {
    Api {
        name: API.into(),
        id: "abcdef1234".into(),
        kind: ApiKind::Http,
        title: API.into(),
        version: None,
        doc: String::new(),
        endpoint: Endpoint::Regional,
        default_endpoint: true,
        binary: Vec::new(),
        key_source: KeySource::Header,
        compress: None,
        tags: Vec::new(),
        variables: Vec::new(),
        authorizers,
        policy: None,
        routes,
        gateway_responses: Vec::new(),
        cors,
        node: NodeId::default(),
    }
}

fn authorizers() -> impl Strategy<Value = Vec<Authorizer>> {
    let sources = vec![
        Source::RequestHeader("X-A".into()),
        Source::RequestQuery("q".into()),
        Source::StageVariable("v1".into()),
        Source::Context(vec!["routeKey".into()]),
    ];
    (
        prop_oneof![
            3 => Just(Source::RequestHeader("authorization".into())),
            1 => Just(Source::RequestQuery("q".into())),
        ],
        proptest::sample::subsequence(sources, 0..=2),
        one_of(&[0, 300]),
    )
        .prop_map(|(token, identity, ttl_s)| {
            let asked = |simple, payload| AuthorizerKind::Request {
                uri: function("request"),
                function: None,
                // Nothing is kept for callers who cannot be told apart.
                ttl_s: if identity.is_empty() { 0 } else { ttl_s },
                identity: identity.clone(),
                credentials: None,
                simple,
                payload,
            };
            [
                ("First", asked(false, Payload::V1)),
                (
                    "Jwt",
                    AuthorizerKind::Jwt {
                        issuer: Text::literal(ISSUER),
                        audience: vec![Text::literal("web"), Text::literal("app")],
                        identity: token,
                    },
                ),
                ("Second", asked(false, Payload::V2)),
                ("Simple", asked(true, Payload::V2)),
            ]
            .map(|(name, kind)| Authorizer {
                name: name.into(),
                kind,
                auth_type: "custom".into(),
                node: NodeId::default(),
            })
            .into()
        })
}

fn cors() -> impl Strategy<Value = Cors> {
    let list =
        |items: &[&str]| -> Vec<String> { items.iter().map(|item| (*item).to_owned()).collect() };
    let origins = [
        list(&["*"]),
        list(&["https://a.example"]),
        list(&["https://a.example", "http://*"]),
        list(&["https://*", "*"]),
    ];
    (
        one_of(&origins),
        one_of(&[list(&["GET", "POST"]), list(&["*"]), list(&[])]),
        one_of(&[list(&["x-a", "content-type"]), list(&[])]),
        sometimes(50, one_of(&[0_u32, 600])),
        any::<bool>(),
    )
        .prop_map(|(origins, methods, headers, max_age_s, credentials)| Cors {
            credentials: credentials && !origins.iter().any(|origin| origin == "*"),
            origins,
            methods,
            expose: headers.clone(),
            headers,
            max_age_s,
        })
}

/// Three to nine routes, no two alike, in the order of their keys.
fn routes() -> impl Strategy<Value = Vec<Route>> {
    let slots: Vec<(Option<&'static str>, Method)> = PATHS
        .into_iter()
        .flat_map(|path| METHODS.map(|method| (path, method)))
        // `$default` has no verb.
        .filter(|(path, method)| path.is_some() || *method == Method::Any)
        .collect();
    let slots = proptest::sample::subsequence(slots, 3..=9);
    (slots, proptest::collection::vec(route(), 9)).prop_map(|(slots, routes)| {
        let mut routes: Vec<Route> = slots
            .into_iter()
            .zip(routes)
            .enumerate()
            .map(|(index, ((path, method), mut route))| {
                route.node.index = index as u32 + 1;
                match path {
                    Some(path) => {
                        route.key = RouteKey::Http {
                            path: PathTemplate::of(path),
                            method,
                        };
                        bind_path(&mut route, path);
                    }
                    None => route.key = RouteKey::Named("$default".into()),
                }
                route
            })
            .collect();
        routes.sort_by(|a, b| a.key.cmp(&b.key));
        routes
    })
}

fn route() -> impl Strategy<Value = Route> {
    let by = |name: &str, scopes: &[&str]| Auth::Authorizer {
        name: name.to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    let auth = prop_oneof![
        5 => Just(Auth::None),
        2 => Just(by("Jwt", &[])),
        2 => Just(by("Jwt", &[SCOPE, "admin"])),
        2 => Just(by("First", &[])),
        2 => Just(by("Second", &[])),
        2 => Just(by("Simple", &[])),
        1 => Just(Auth::Iam),
    ];
    (auth, target(), sometimes(10, throttle())).prop_map(|(auth, target, throttle)| Route {
        key: RouteKey::Named(String::new()),
        doc: String::new(),
        auth,
        api_key: false,
        validate: Validate::default(),
        parameters: Vec::new(),
        body: Vec::new(),
        settings: MethodSettings {
            throttle,
            cache_ttl_s: None,
        },
        integration: Integration {
            target,
            credentials: None,
            timeout_ms: 30_000,
            passthrough: Passthrough::default(),
            content: ContentHandling::default(),
            mappings: Vec::new(),
            templates: Vec::new(),
            responses: Vec::new(),
            cache_key: Vec::new(),
            cache_namespace: None,
            skip_verification: false,
            stream: false,
            node: NodeId::default(),
        },
        responses: Vec::new(),
        operation: None,
        tags: Vec::new(),
        node: NodeId::default(),
    })
}

fn target() -> impl Strategy<Value = Target> {
    let http = |method: Option<&str>, uri: Text| Target::Http {
        proxy: true,
        method: method.map(str::to_owned),
        uri,
        via: None,
    };
    let lambda = |payload| Target::Lambda {
        proxy: true,
        method: "POST".into(),
        uri: function("work"),
        function: None,
        payload,
    };
    let base = || Text::literal("https://backend.example/base/?own=1");
    prop_oneof![
        3 => Just(lambda(Payload::V1)),
        5 => Just(lambda(Payload::V2)),
        2 => Just(http(None, variable_host())),
        1 => Just(http(None, base())),
        1 => Just(http(Some("GET"), base())),
    ]
}

fn stage() -> impl Strategy<Value = Stage> {
    (
        one_of(&[STAGE, "$default"]),
        one_of(&["", "backend.example", "backend.example", "backend.example"]),
        sometimes(20, throttle()),
        sometimes(10, throttle()),
        any::<bool>(),
    )
        .prop_map(|(name, host, all, own, variables)| Stage {
            name: name.into(),
            api: API.into(),
            doc: String::new(),
            variables: if variables {
                vec![
                    ("host".into(), Text::literal(host)),
                    ("v1".into(), Text::literal("value one")),
                ]
            } else {
                Vec::new()
            },
            settings: Settings {
                throttle: all,
                ..Settings::default()
            },
            methods: own
                .into_iter()
                .map(|throttle| {
                    let selector = MethodSelector {
                        path: "/a".into(),
                        method: "GET".into(),
                    };
                    let settings = Settings {
                        throttle: Some(throttle),
                        ..Settings::default()
                    };
                    (selector, settings)
                })
                .collect(),
            cache_gb: None,
            canary: None,
            access_log: None,
            tracing: false,
            client_certificate: None,
            tags: Vec::new(),
            node: NodeId::default(),
        })
}

/// The claims of a token whose signature is good.
pub(super) fn claims() -> impl Strategy<Value = Map<String, Json>> {
    let named = [
        json!({"aud": "web"}),
        json!({"aud": ["other", "app"]}),
        json!({"client_id": "app"}),
        json!({"aud": "other", "client_id": "app"}),
        json!({}),
    ];
    let scopes = [
        json!({"scope": "write read"}),
        json!({"scope": "write", "scp": ["read"]}),
        json!({"scp": ["read", "list"]}),
        json!({"scp": "admin"}),
        json!({}),
    ];
    (
        prop_oneof![8 => Just(ISSUER), 1 => Just("https://id.example/"), 1 => Just("")],
        prop_oneof![6 => Just(named[0].clone()), 4 => one_of(&named)],
        prop_oneof![4 => Just(scopes[0].clone()), 6 => one_of(&scopes)],
        one_of(&[
            json!({}),
            json!({"groups": ["a", "b"], "ok": true, "n": 7, "deep": {"b": 1, "a": null}}),
        ]),
    )
        .prop_map(|(issuer, named, scopes, more)| {
            let now = NOW_MS / 1000;
            let mut claims = json!({"iss": issuer, "sub": "ann", "iat": now, "exp": now + 60});
            for part in [named, scopes, more] {
                if let (Json::Object(claims), Json::Object(part)) = (&mut claims, part) {
                    claims.extend(part);
                }
            }
            match claims {
                Json::Object(claims) => claims,
                _ => Map::new(),
            }
        })
}
