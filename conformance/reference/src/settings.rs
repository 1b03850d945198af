//! A stage's settings of a method.

use tollgate_model::api::Route;
use tollgate_model::stage::{MethodSelector, Settings};

use crate::state::State;

/// The settings in force for a route at a stage.
///
/// A setting of the method itself is complete and used alone; else one for all methods of its
/// path; else the stage's, with what the route itself asks for where the stage says nothing.
pub(crate) fn of(state: &State<'_>, route: &Route) -> Settings {
    let resource = state.resource_path();
    let method = match &route.key {
        tollgate_model::api::RouteKey::Http { method, .. } => method.as_str(),
        tollgate_model::api::RouteKey::Named(_) => "ANY",
    };
    if let Some((_, settings)) = most_specific(&state.stage.methods, &resource, method) {
        return settings.clone();
    }
    let mut settings = state.stage.settings.clone();
    // Turned on for a whole stage, the cache is for GET alone.
    settings.caching &= method == "GET";
    if let Some(throttle) = route.settings.throttle {
        settings.throttle = Some(throttle);
    }
    if let Some(ttl_s) = route.settings.cache_ttl_s {
        settings.caching = ttl_s > 0;
        settings.cache_ttl_s = ttl_s;
    }
    settings
}

/// The entry for exactly this method, else for all methods of the path, else for everything.
pub(crate) fn most_specific<'a, T>(
    entries: &'a [(MethodSelector, T)],
    path: &str,
    method: &str,
) -> Option<&'a (MethodSelector, T)> {
    let find = |path: &str, method: &str| {
        entries
            .iter()
            .find(|(selector, _)| selector.path == path && selector.method == method)
    };
    find(path, method)
        .or_else(|| find(path, "*"))
        .or_else(|| find("*", "*"))
}
