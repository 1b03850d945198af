//! A program in the words of the service's own control plane: what `GetResources`, `GetMethod`,
//! `GetAuthorizers` and `GetGatewayResponses` would show of it. Cases compare with subsets of it.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json, json};
use tollgate_model::api::{
    Api, Endpoint, GatewayResponseType, KeySource, ParameterPlace, Route, RouteKey,
};
use tollgate_model::authorizer::{Auth, Authorizer, AuthorizerKind};
use tollgate_model::integration::{
    ContentHandling, Credentials, HeaderMapping, IntegrationResponse, MethodResponse, Passthrough,
    RequestTarget, Source, Target, Template,
};
use tollgate_model::text::{Piece, Text};

/// An API with its resources, methods and authorizers.
pub fn api(api: &Api) -> Json {
    let methods: Map<String, Json> = api
        .routes
        .iter()
        .map(|route| (route.key.display(), method(api, route)))
        .collect();
    json!({
        "name": api.title,
        "version": api.version,
        "description": api.doc,
        "apiKeySource": match api.key_source {
            KeySource::Header => "HEADER",
            KeySource::Authorizer => "AUTHORIZER",
        },
        "binaryMediaTypes": api.binary,
        "disableExecuteApiEndpoint": !api.default_endpoint,
        "minimumCompressionSize": api.compress,
        "endpointConfiguration": {
            "types": [match api.endpoint {
                Endpoint::Edge => "EDGE",
                Endpoint::Regional => "REGIONAL",
                Endpoint::Private(_) => "PRIVATE",
            }],
        },
        "resources": resources(api),
        "methods": methods,
        "authorizers": api.authorizers.iter().map(authorizer).collect::<Vec<_>>(),
    })
}

/// The paths of all resources, made-up ancestors included, sorted.
fn resources(api: &Api) -> Vec<String> {
    let mut paths = BTreeSet::from(["/".to_owned()]);
    for route in &api.routes {
        let RouteKey::Http { path, .. } = &route.key else {
            continue;
        };
        let text = path.text();
        for (at, _) in text.match_indices('/').skip(1) {
            paths.insert(text[..at].to_owned());
        }
        paths.insert(text);
    }
    paths.into_iter().collect()
}

/// One method, as `GetMethod` shows it. What is not set is not there.
fn method(api: &Api, route: &Route) -> Json {
    let mut method = Map::new();
    let mut put = |name: &str, value: Json| {
        method.insert(name.to_owned(), value);
    };
    if let RouteKey::Http { method, .. } = &route.key {
        put("httpMethod", method.as_str().into());
    }
    put("apiKeyRequired", route.api_key.into());
    match &route.auth {
        Auth::None => put("authorizationType", "NONE".into()),
        Auth::Iam => put("authorizationType", "AWS_IAM".into()),
        Auth::Authorizer { name, scopes } => {
            let cognito = api.authorizers.iter().any(|authorizer| {
                authorizer.name == *name
                    && matches!(authorizer.kind, AuthorizerKind::Cognito { .. })
            });
            put(
                "authorizationType",
                if cognito {
                    "COGNITO_USER_POOLS"
                } else {
                    "CUSTOM"
                }
                .into(),
            );
            put("authorizer", name.as_str().into());
            if !scopes.is_empty() {
                put("authorizationScopes", json!(scopes));
            }
        }
    }
    if let Some(operation) = &route.operation {
        put("operationName", operation.as_str().into());
    }
    let parameters: Map<String, Json> = route
        .parameters
        .iter()
        .map(|parameter| {
            let place = match parameter.place {
                ParameterPlace::Header => "header",
                ParameterPlace::Path => "path",
                ParameterPlace::Query => "querystring",
            };
            (
                format!("method.request.{place}.{}", parameter.name),
                parameter.required.into(),
            )
        })
        .collect();
    if !parameters.is_empty() {
        put("requestParameters", Json::Object(parameters));
    }
    if !route.body.is_empty() {
        let models: Map<String, Json> = route
            .body
            .iter()
            .map(|(kind, model)| (kind.clone(), model.as_str().into()))
            .collect();
        put("requestModels", Json::Object(models));
    }
    if !route.responses.is_empty() {
        let responses: Map<String, Json> = route
            .responses
            .iter()
            .map(|response| (response.status.to_string(), method_response(response)))
            .collect();
        put("methodResponses", Json::Object(responses));
    }
    put("methodIntegration", integration(route));
    Json::Object(method)
}

fn method_response(response: &MethodResponse) -> Json {
    let mut shown = Map::from_iter([(
        "statusCode".to_owned(),
        Json::from(response.status.to_string()),
    )]);
    if !response.headers.is_empty() {
        let headers: Map<String, Json> = response
            .headers
            .iter()
            .map(|(name, required)| (format!("method.response.header.{name}"), (*required).into()))
            .collect();
        shown.insert("responseParameters".into(), Json::Object(headers));
    }
    if !response.models.is_empty() {
        let models: Map<String, Json> = response
            .models
            .iter()
            .map(|(kind, model)| (kind.clone(), model.as_str().into()))
            .collect();
        shown.insert("responseModels".into(), Json::Object(models));
    }
    Json::Object(shown)
}

fn integration(route: &Route) -> Json {
    let integration = &route.integration;
    let mut shown = Map::new();
    let mut put = |name: &str, value: Json| {
        shown.insert(name.to_owned(), value);
    };
    match &integration.target {
        Target::Mock => put("type", "MOCK".into()),
        Target::Http {
            proxy,
            method,
            uri,
            via,
        } => {
            put("type", if *proxy { "HTTP_PROXY" } else { "HTTP" }.into());
            put("httpMethod", method.as_deref().unwrap_or("ANY").into());
            put("uri", text(uri).into());
            match via {
                Some(link) => {
                    put("connectionType", "VPC_LINK".into());
                    put("connectionId", text(link).into());
                }
                None => put("connectionType", "INTERNET".into()),
            }
        }
        Target::Lambda {
            proxy, method, uri, ..
        } => {
            put("type", if *proxy { "AWS_PROXY" } else { "AWS" }.into());
            put("httpMethod", method.as_str().into());
            put("uri", text(uri).into());
        }
        Target::Aws { method, uri, proxy } => {
            put("type", if *proxy { "AWS_PROXY" } else { "AWS" }.into());
            put("httpMethod", method.as_str().into());
            put("uri", text(uri).into());
        }
    }
    match &integration.credentials {
        Some(Credentials::Role(role)) => put("credentials", text(role).into()),
        Some(Credentials::Caller) => put("credentials", "arn:aws:iam::*:user/*".into()),
        None => {}
    }
    put("timeoutInMillis", integration.timeout_ms.into());
    put(
        "passthroughBehavior",
        match integration.passthrough {
            Passthrough::WhenNoMatch => "WHEN_NO_MATCH",
            Passthrough::WhenNoTemplates => "WHEN_NO_TEMPLATES",
            Passthrough::Never => "NEVER",
        }
        .into(),
    );
    if let Some(handling) = content(integration.content) {
        put("contentHandling", handling.into());
    }
    if let Some(namespace) = &integration.cache_namespace {
        put("cacheNamespace", namespace.as_str().into());
    }
    put(
        "cacheKeyParameters",
        integration
            .cache_key
            .iter()
            .map(source)
            .collect::<Vec<_>>()
            .into(),
    );
    if !integration.mappings.is_empty() {
        let parameters: Map<String, Json> = integration
            .mappings
            .iter()
            .map(|mapping| {
                let (place, name) = match &mapping.target {
                    RequestTarget::Header(name) => ("header", name),
                    RequestTarget::Query(name) => ("querystring", name),
                    RequestTarget::Path(name) => ("path", name),
                };
                (
                    format!("integration.request.{place}.{name}"),
                    source(&mapping.source).into(),
                )
            })
            .collect();
        put("requestParameters", Json::Object(parameters));
    }
    if !integration.templates.is_empty() {
        put("requestTemplates", templates(&integration.templates));
    }
    if !integration.responses.is_empty() {
        let responses: Map<String, Json> = integration
            .responses
            .iter()
            .map(|response| (response.status.to_string(), integration_response(response)))
            .collect();
        put("integrationResponses", Json::Object(responses));
    }
    Json::Object(shown)
}

fn integration_response(response: &IntegrationResponse) -> Json {
    let mut shown = Map::from_iter([(
        "statusCode".to_owned(),
        Json::from(response.status.to_string()),
    )]);
    let mut put = |name: &str, value: Json| {
        shown.insert(name.to_owned(), value);
    };
    if let Some(pattern) = &response.pattern {
        put("selectionPattern", pattern.as_str().into());
    }
    if let Some(handling) = content(response.content) {
        put("contentHandling", handling.into());
    }
    if !response.headers.is_empty() {
        put(
            "responseParameters",
            headers("method.response.header", &response.headers),
        );
    }
    if !response.templates.is_empty() {
        put("responseTemplates", templates(&response.templates));
    }
    Json::Object(shown)
}

fn headers(prefix: &str, mappings: &[HeaderMapping]) -> Json {
    Json::Object(
        mappings
            .iter()
            .map(|mapping| {
                (
                    format!("{prefix}.{}", mapping.name),
                    source(&mapping.source).into(),
                )
            })
            .collect(),
    )
}

fn templates(templates: &[(String, Template)]) -> Json {
    Json::Object(
        templates
            .iter()
            .map(|(kind, template)| {
                let shown = match &template.pieces {
                    Some(pieces) => text(pieces),
                    None => template.text.clone(),
                };
                (kind.clone(), shown.into())
            })
            .collect(),
    )
}

fn content(handling: ContentHandling) -> Option<&'static str> {
    match handling {
        ContentHandling::None => None,
        ContentHandling::Binary => Some("CONVERT_TO_BINARY"),
        ContentHandling::Text => Some("CONVERT_TO_TEXT"),
    }
}

fn authorizer(authorizer: &Authorizer) -> Json {
    let mut shown = Map::from_iter([("name".to_owned(), Json::from(authorizer.name.as_str()))]);
    let mut put = |name: &str, value: Json| {
        shown.insert(name.to_owned(), value);
    };
    put("authType", authorizer.auth_type.as_str().into());
    match &authorizer.kind {
        AuthorizerKind::Token {
            uri,
            header,
            validation,
            ttl_s,
            ..
        } => {
            put("type", "TOKEN".into());
            put("authorizerUri", text(uri).into());
            put(
                "identitySource",
                format!("method.request.header.{header}").into(),
            );
            put("authorizerResultTtlInSeconds", (*ttl_s).into());
            if let Some(validation) = validation {
                put("identityValidationExpression", validation.as_str().into());
            }
        }
        AuthorizerKind::Request {
            uri,
            identity,
            ttl_s,
            ..
        } => {
            put("type", "REQUEST".into());
            put("authorizerUri", text(uri).into());
            let sources: Vec<String> = identity.iter().map(source).collect();
            put("identitySource", sources.join(",").into());
            put("authorizerResultTtlInSeconds", (*ttl_s).into());
        }
        AuthorizerKind::Cognito {
            pools,
            header,
            validation,
            ttl_s,
        } => {
            put("type", "COGNITO_USER_POOLS".into());
            put(
                "providerARNs",
                pools.iter().map(text).collect::<Vec<_>>().into(),
            );
            put(
                "identitySource",
                format!("method.request.header.{header}").into(),
            );
            put("authorizerResultTtlInSeconds", (*ttl_s).into());
            if let Some(validation) = validation {
                put("identityValidationExpression", validation.as_str().into());
            }
        }
        AuthorizerKind::Jwt { .. } => put("type", "JWT".into()),
    }
    Json::Object(shown)
}

/// Every gateway response with what is in force for it, in the order of the types' names.
pub fn gateway_responses(api: &Api) -> Vec<Json> {
    GatewayResponseType::ALL
        .iter()
        .map(|ty| gateway_response(api, *ty))
        .collect()
}

fn gateway_response(api: &Api, ty: GatewayResponseType) -> Json {
    let find = |ty| {
        api.gateway_responses
            .iter()
            .find(|response| response.ty == ty)
    };
    let is_default = matches!(
        ty,
        GatewayResponseType::Default4xx | GatewayResponseType::Default5xx
    );
    let own = find(ty);
    let inherited = match own {
        None if !is_default && ty.status() < 500 => find(GatewayResponseType::Default4xx),
        None if !is_default => find(GatewayResponseType::Default5xx),
        _ => None,
    };
    let in_force = own.or(inherited);
    let mut shown = Map::from_iter([
        ("responseType".to_owned(), Json::from(ty.name())),
        ("defaultResponse".to_owned(), own.is_none().into()),
        (
            "responseParameters".to_owned(),
            in_force.map_or_else(
                || json!({}),
                |response| headers("gatewayresponse.header", &response.headers),
            ),
        ),
        (
            "responseTemplates".to_owned(),
            match in_force.filter(|response| !response.templates.is_empty()) {
                Some(response) => templates(&response.templates),
                None => json!({"application/json": "{\"message\":$context.error.messageString}"}),
            },
        ),
    ]);
    // The two defaults have no status of their own.
    let status = in_force
        .and_then(|response| response.status)
        .or((!is_default).then(|| ty.status()));
    if let Some(status) = status {
        shown.insert("statusCode".into(), status.to_string().into());
    }
    Json::Object(shown)
}

/// A mapping's source, as the control plane spells it.
fn source(source: &Source) -> String {
    let body = |side: &str, path: &Option<String>| match path {
        Some(path) => format!("{side}.body.{path}"),
        None => format!("{side}.body"),
    };
    match source {
        Source::Static(literal) => format!("'{}'", text(literal)),
        Source::RequestHeader(name) => format!("method.request.header.{name}"),
        Source::RequestHeaders(name) => format!("method.request.multivalueheader.{name}"),
        Source::RequestQuery(name) => format!("method.request.querystring.{name}"),
        Source::RequestQueries(name) => format!("method.request.multivaluequerystring.{name}"),
        Source::RequestPath(name) => format!("method.request.path.{name}"),
        Source::RequestBody(path) => body("method.request", path),
        Source::ResponseHeader(name) => format!("integration.response.header.{name}"),
        Source::ResponseHeaders(name) => format!("integration.response.multivalueheader.{name}"),
        Source::ResponseBody(path) => body("integration.response", path),
        Source::ResponseStatus => "integration.response.status".into(),
        Source::Context(path) => format!("context.{}", path.join(".")),
        Source::StageVariable(name) => format!("stageVariables.{name}"),
    }
}

/// Text with its holes in the reference's own spelling.
fn text(text: &Text) -> String {
    text.pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(literal) => literal.clone(),
            Piece::Param(name) => format!("${{{name}}}"),
            Piece::Variable(name) => format!("${{stageVariables.{name}}}"),
            Piece::StageName => "${context.stage}".into(),
            Piece::Placeholder(name) => format!("{{{name}}}"),
            Piece::Request(inner) => format!("${{{}}}", source(inner)),
        })
        .collect()
}
