//! The stage's cache.

use tollgate_model::api::Route;

use crate::mapping;
use crate::media;
use crate::settings;
use crate::state::State;

/// The key under which a route's answer is kept, and for how long; none where it is not.
///
/// The key holds the namespace, the verb, the deployment, the listed parameters and the
/// response type that the client asks for. A parameter that is not listed is not in it.
pub(crate) fn key(state: &State<'_>, route: &Route) -> Option<(Vec<u8>, u32)> {
    state.stage.cache_gb?;
    let settings = settings::of(state, route);
    if !settings.caching || settings.cache_ttl_s == 0 {
        return None;
    }
    let namespace = route
        .integration
        .cache_namespace
        .clone()
        .unwrap_or_else(|| state.resource_path());
    let mut parts = vec![
        state.stage.api.clone(),
        state.stage.name.clone(),
        state.api.name.clone(),
        namespace,
        state.method.clone(),
    ];
    for source in &route.integration.cache_key {
        let value = mapping::from_request(source, state).ok().flatten();
        parts.push(match value {
            Some(values) => format!("={}", values.join(",")),
            None => "-".into(),
        });
    }
    parts.push(
        state
            .request
            .header("accept")
            .map(media::first)
            .unwrap_or_default(),
    );
    let key = parts
        .iter()
        .flat_map(|part| format!("{}:{part}", part.len()).into_bytes())
        .collect();
    Some((key, settings.cache_ttl_s))
}
