//! Caches that mix up what must stay apart.

use std::collections::HashMap;

use tollgate_model::api::{Method, ParameterPlace, Route, RouteKey};
use tollgate_model::authorizer::Auth;
use tollgate_model::integration::Source;
use tollgate_model::stage::{Settings, Stage};

use super::Lints;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{CacheMissesPath, CacheSharesCallers};

impl Lints<'_> {
    pub(super) fn caches(&mut self) {
        let mut stages: HashMap<&str, Vec<Caching>> = HashMap::new();
        for stage in &self.program.stages {
            let here = stages.entry(&stage.api).or_default();
            here.push(Caching::new(stage));
        }
        for (api, route) in self.routes() {
            let stages = stages.get(api.name.as_str()).map_or(&[][..], Vec::as_slice);
            if is_cached(stages, route) {
                self.cached(route);
            }
        }
    }

    fn cached(&mut self, route: &Route) {
        let key = &route.integration.cache_key;
        let missing: Vec<&str> = route
            .parameters
            .iter()
            .filter(|parameter| parameter.place == ParameterPlace::Path)
            .map(|parameter| parameter.name.as_str())
            .filter(|name| {
                !key.iter()
                    .any(|source| matches!(source, Source::RequestPath(known) if known == name))
            })
            .collect();
        let span = self.head(route.node);
        if let Some(name) = missing.first() {
            self.report(
                CacheMissesPath {
                    name: (*name).to_owned(),
                }
                .at(span),
            );
        }
        let by_caller = key
            .iter()
            .any(|source| matches!(source, Source::RequestHeader(_) | Source::RequestHeaders(_)));
        if route.auth != Auth::None && !by_caller {
            self.report(CacheSharesCallers {}.at(span));
        }
    }
}

/// What a stage says of caching, by path and method: it may say it of every route.
struct Caching<'a> {
    stage: &'a Stage,
    methods: HashMap<(&'a str, &'a str), &'a Settings>,
}

impl<'a> Caching<'a> {
    fn new(stage: &'a Stage) -> Self {
        let methods = stage.methods.iter();
        let methods = methods.map(|(selector, settings)| {
            let place = (selector.path.as_str(), selector.method.as_str());
            (place, settings)
        });
        Caching {
            stage,
            methods: methods.collect(),
        }
    }

    /// Whether answers of a method are kept.
    fn keeps(&self, path: &str, method: Method) -> bool {
        let Some(_) = self.stage.cache_gb else {
            return false;
        };
        let own = self
            .methods
            .get(&(path, method.as_str()))
            .or_else(|| self.methods.get(&(path, "*")));
        match own {
            Some(settings) => settings.caching && settings.cache_ttl_s > 0,
            // The cache of a stage is for GET, unless a method says otherwise.
            None => {
                let settings = &self.stage.settings;
                settings.caching && settings.cache_ttl_s > 0 && method == Method::Get
            }
        }
    }
}

/// Whether some stage keeps the answers of a route; without any stage, whether the route asks
/// for it.
fn is_cached(stages: &[Caching<'_>], route: &Route) -> bool {
    let RouteKey::Http { path, method } = &route.key else {
        return false;
    };
    let path = path.text();
    if stages.is_empty() {
        return route.settings.cache_ttl_s.is_some_and(|ttl| ttl > 0);
    }
    stages.iter().any(|stage| stage.keeps(&path, *method))
}
