//! Programs made by hand, compiled, loaded and asked.

mod answers;
mod authorize;
mod bounds;
mod drive;
mod limits;
mod policy;
mod traffic;
mod validation;

use tollgate_model::api::{
    Api, ApiKind, Endpoint, KeySource, Method, MethodSettings, PathTemplate, Route, RouteKey,
    Validate,
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
        cors: None,
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
        verbatim: Vec::new(),
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
            path: PathTemplate::of(text),
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
