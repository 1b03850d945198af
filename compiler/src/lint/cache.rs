//! Caches that mix up what must stay apart.

use tollgate_model::api::{Api, Method, ParameterPlace, Route, RouteKey};
use tollgate_model::authorizer::Auth;
use tollgate_model::integration::Source;

use super::Lints;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{CacheMissesPath, CacheSharesCallers};

impl Lints<'_> {
    pub(super) fn caches(&mut self) {
        for (api, route) in self.routes() {
            if self.is_cached(api, route) {
                self.cached(route);
            }
        }
    }

    /// Whether some stage keeps the answers of a route.
    fn is_cached(&self, api: &Api, route: &Route) -> bool {
        let RouteKey::Http { path, method } = &route.key else {
            return false;
        };
        let path = path.text();
        let stages = self
            .program
            .stages
            .iter()
            .filter(|stage| stage.api == api.name);
        let mut none = true;
        for stage in stages {
            none = false;
            if stage.cache_gb.is_none() {
                continue;
            }
            let own = stage.methods.iter().find(|(selector, _)| {
                selector.path == path
                    && (selector.method == "*" || selector.method == method.as_str())
            });
            let caching = match own {
                Some((_, settings)) => settings.caching && settings.cache_ttl_s > 0,
                // The cache of a stage is for GET, unless a method says otherwise.
                None => {
                    stage.settings.caching
                        && stage.settings.cache_ttl_s > 0
                        && *method == Method::Get
                }
            };
            if caching {
                return true;
            }
        }
        none && route.settings.cache_ttl_s.is_some_and(|ttl| ttl > 0)
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
