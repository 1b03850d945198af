//! APIs and their routes.

use sha2::{Digest, Sha256};
use tollgate_model::Program as Model;
use tollgate_model::api::{
    Api, ApiKind, Cors, Endpoint, KeySource, Method, ParameterPlace, PathTemplate, Route, RouteKey,
    Segment,
};
use tollgate_model::authorizer::{Auth, AuthorizerKind};

use super::Lowering;
use crate::ir::{self, Instruction, Program};

impl Lowering {
    pub(super) fn deployment(&mut self, model: &Model, api: &Api) -> ir::Deployment {
        self.binary = !api.binary.is_empty();
        self.slots.clear();
        self.slot_numbers.clear();
        let gateway_responses = self.gateway_responses(api);
        let authorizers = api
            .authorizers
            .iter()
            .map(|authorizer| self.authorizer(api.kind, authorizer))
            .collect();
        let policy = api
            .policy
            .as_ref()
            .map(|policy| self.policy(model, api, policy));
        let routes: Vec<ir::Route> = in_order(api)
            .into_iter()
            .filter_map(|route| self.route(model, api, route))
            .collect();
        ir::Deployment {
            id: api.id.clone(),
            name: api.name.clone(),
            kind: match api.kind {
                ApiKind::Rest => 0,
                ApiKind::Http => 1,
                ApiKind::WebSocket => 2,
            },
            private: matches!(api.endpoint, Endpoint::Private(_)),
            keys_from_authorizer: api.key_source == KeySource::Authorizer,
            default_endpoint: api.default_endpoint,
            account: model.account.id.clone(),
            region: model.account.region.clone(),
            partition: model.account.partition.clone(),
            compress_from: api.compress,
            binary: api.binary.clone(),
            cors: api.cors.as_ref().map(cors).unwrap_or_default(),
            policy,
            routes,
            authorizers,
            gateway_responses,
            slots: std::mem::take(&mut self.slots),
            classes: Vec::new(),
        }
    }

    fn route(&mut self, model: &Model, api: &Api, route: &Route) -> Option<ir::Route> {
        let nothing = PathTemplate::default();
        let (path, verb, text) = match &route.key {
            RouteKey::Http { path, method } => (path, *method as u8, path.text()),
            RouteKey::Named(name) if api.kind == ApiKind::Http => {
                (&nothing, Method::Any as u8, name.clone())
            }
            RouteKey::Named(name) => {
                self.unsupported(route.node, format!("the route `{name}` of a WebSocket API"));
                return None;
            }
        };
        let variable = path
            .segments
            .iter()
            .filter(|s| !matches!(s, Segment::Literal(_)))
            .count();
        if variable > tollgate_runtime::router::MAX_CHOICES
            || path.segments.len() > usize::from(u16::MAX)
        {
            self.unsupported(
                route.node,
                format!("the path `{text}` has too many parameters"),
            );
        }
        let segments = path.segments.iter().map(|segment| match segment {
            Segment::Literal(name) => ir::Segment::Literal(name.clone()),
            Segment::Parameter(name) => ir::Segment::Parameter(name.clone()),
            Segment::Greedy(name) => ir::Segment::Greedy(name.clone()),
        });
        let integration = self.integration(route);
        Some(ir::Route {
            segments: segments.collect(),
            resource_id: resource_id(&api.id, &text),
            default: matches!(route.key, RouteKey::Named(_)),
            namespace: (route.integration.cache_namespace.clone()).unwrap_or_else(|| text.clone()),
            path: text,
            verb,
            auth: auth(api, &route.auth),
            authorizer: authorizer(api, &route.auth),
            scopes: match &route.auth {
                Auth::Authorizer { scopes, .. } => scopes.clone(),
                _ => Vec::new(),
            },
            api_key: route.api_key,
            body_plan: body_plan(route, &integration),
            policy: None,
            fresh: None,
            validate: validation(route),
            models: self.models(model, route),
            integration,
            wishes: ir::Wishes {
                throttle: route.settings.throttle.map(super::stage::throttle),
                cache_ttl_s: route.settings.cache_ttl_s,
            },
            cache_key: self.cache_key(route),
            operation: route.operation.clone(),
        })
    }
}

/// The routes of an API in the order of its image: the bytes do not depend on the order of the sources. `$default`
/// comes before all paths, where the runtime looks for it.
pub(crate) fn in_order(api: &Api) -> Vec<&Route> {
    let mut routes: Vec<&Route> = api.routes.iter().collect();
    routes.sort_by_cached_key(|route| match &route.key {
        RouteKey::Http { path, method } => (path.text(), *method as u8),
        other => (other.display(), 0),
    });
    routes
}

impl Lowering {
    /// What the cache key holds beside namespace, verb and response type: the listed parameters.
    fn cache_key(&mut self, route: &Route) -> Option<Program> {
        if route.integration.cache_key.is_empty() {
            return None;
        }
        let mut program = Program::default();
        program.push(Instruction::OutBegin);
        for source in &route.integration.cache_key {
            if let Some(load) = self.load(source) {
                program.push(Instruction::Load(load));
                program.push(Instruction::OutPart);
            }
        }
        program.push(Instruction::OutDone);
        program.push(Instruction::End);
        Some(program)
    }
}

/// Methods, headers, exposed headers, age, credentials, then the origins.
fn cors(cors: &Cors) -> Vec<String> {
    let fixed = [
        cors.methods.join(","),
        cors.headers.join(","),
        cors.expose.join(","),
        cors.max_age_s.map_or_else(String::new, |s| s.to_string()),
        if cors.credentials { "true" } else { "" }.to_owned(),
    ];
    fixed
        .into_iter()
        .chain(cors.origins.iter().cloned())
        .collect()
}

fn auth(api: &Api, auth: &Auth) -> u8 {
    match auth {
        Auth::None => 0,
        Auth::Iam => 1,
        Auth::Authorizer { name, .. } => {
            match api
                .authorizers
                .iter()
                .find(|a| a.name == *name)
                .map(|a| &a.kind)
            {
                Some(AuthorizerKind::Token { .. } | AuthorizerKind::Request { .. }) => 2,
                Some(AuthorizerKind::Cognito { .. }) => 3,
                // An authorizer that nobody declares lets nobody through.
                Some(AuthorizerKind::Jwt { .. }) | None => 4,
            }
        }
    }
}

fn authorizer(api: &Api, auth: &Auth) -> Option<u16> {
    let Auth::Authorizer { name, .. } = auth else {
        return None;
    };
    let index = api.authorizers.iter().position(|a| a.name == *name)?;
    u16::try_from(index).ok()
}

/// Required parameters, as the message lists them: header, path, query, each by name.
fn validation(route: &Route) -> Option<Program> {
    if !route.validate.parameters {
        return None;
    }
    let mut program = Program::default();
    for place in [
        ParameterPlace::Header,
        ParameterPlace::Path,
        ParameterPlace::Query,
    ] {
        let mut names: Vec<_> = route
            .parameters
            .iter()
            .filter(|p| p.required && p.place == place)
            .map(|p| p.name.clone())
            .collect();
        names.sort();
        names.dedup();
        for name in names {
            program.push(match place {
                ParameterPlace::Header => Instruction::RequireHeader(name),
                ParameterPlace::Path => Instruction::RequirePath(name),
                ParameterPlace::Query => Instruction::RequireQuery(name),
            });
        }
    }
    program.push(Instruction::End);
    (!program.is_empty()).then_some(program)
}

fn body_plan(route: &Route, integration: &ir::Integration) -> ir::BodyPlan {
    use crate::ir::{BodyPlan, Load};
    let code = &integration.request.code;
    let maps_body = code
        .iter()
        .any(|i| matches!(i, Instruction::Load(Load::Body | Load::BodyPath(_))));
    let renders = code.iter().any(|i| matches!(i, Instruction::Template(_)));
    let passes = code.iter().any(|i| matches!(i, Instruction::BodyPass));
    // A signature covers the body.
    let signed = route.auth == Auth::Iam;
    if (route.validate.body && !route.body.is_empty()) || maps_body || renders || signed {
        return BodyPlan::Buffer;
    }
    match integration.kind {
        ir::IntegrationKind::HttpProxy => BodyPlan::Stream,
        ir::IntegrationKind::LambdaProxy | ir::IntegrationKind::LambdaProxy2 => BodyPlan::Buffer,
        _ if passes => BodyPlan::Buffer,
        _ => BodyPlan::None,
    }
}

/// Six letters and digits that belong to the resource, whatever its methods.
fn resource_id(api: &str, path: &str) -> String {
    short_id(&[api.as_bytes(), b"\0", path.as_bytes()])
}

/// Six lower-case letters and digits of a digest.
pub(crate) fn short_id(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize()
        .iter()
        .take(6)
        .map(|byte| char::from(b"abcdefghijklmnopqrstuvwxyz0123456789"[usize::from(byte % 36)]))
        .collect()
}
