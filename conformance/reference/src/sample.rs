//! Small models for tests.

use tollgate_model::NodeId;
use tollgate_model::api::{
    Api, ApiKind, Endpoint, KeySource, Method, MethodSettings, PathTemplate, Route, RouteKey,
    Validate,
};
use tollgate_model::authorizer::Auth;
use tollgate_model::integration::{ContentHandling, Integration, Passthrough, Target};

use crate::route::Match;

/// An API with a mock behind each of these routes: `GET /pets/{id}`.
pub(crate) fn api(routes: &[&str]) -> Api {
    Api {
        name: "api".into(),
        id: "abcdefghij".into(),
        kind: ApiKind::Rest,
        title: "api".into(),
        version: None,
        doc: String::new(),
        endpoint: Endpoint::Regional,
        default_endpoint: true,
        binary: Vec::new(),
        key_source: KeySource::Header,
        compress: None,
        tags: Vec::new(),
        variables: Vec::new(),
        authorizers: Vec::new(),
        policy: None,
        routes: routes.iter().map(|text| route(text)).collect(),
        gateway_responses: Vec::new(),
        cors: None,
        node: NodeId::default(),
    }
}

fn route(text: &str) -> Route {
    let (method, path) = text.split_once(' ').expect("a verb and a path");
    Route {
        key: RouteKey::Http {
            path: PathTemplate::of(path),
            method: Method::parse(method).expect("a verb"),
        },
        doc: String::new(),
        auth: Auth::None,
        api_key: false,
        validate: Validate::default(),
        parameters: Vec::new(),
        body: Vec::new(),
        settings: MethodSettings::default(),
        integration: Integration {
            target: Target::Mock,
            credentials: None,
            timeout_ms: 29_000,
            passthrough: Passthrough::WhenNoMatch,
            content: ContentHandling::None,
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
    }
}

/// A route that was found, and what its parameters captured: `GET /pets/{id} id=7`.
pub(crate) fn shown(found: Match<'_>) -> String {
    let mut text = found.route.key.display();
    for (name, value) in found.parameters {
        text.push_str(&format!(" {name}={value}"));
    }
    text
}
