//! The stage's cache.

use tollgate_model::api::{GatewayResponseType, Route};
use tollgate_model::stage::{Canary, UnauthorizedInvalidation};

use crate::exchange::{Answer, Phase};
use crate::mapping;
use crate::media;
use crate::refusal::Refusal;
use crate::settings;
use crate::state::State;

/// The key under which a route's answer is kept, and for how long; none where it is not.
///
/// The key holds the namespace, the verb, the deployment, the listed parameters and the
/// response type that the client asks for; a canary that does not use the stage's cache has its own. A parameter that is not listed is not in it.
pub(crate) fn key(state: &State<'_>, route: &Route) -> Option<(Vec<u8>, u32)> {
    state.stage.cache_gb?;
    if route.integration.stream {
        return None;
    }
    let settings = settings::of(state, route);
    if !settings.caching || settings.cache_ttl_s == 0 {
        return None;
    }
    let namespace = route
        .integration
        .cache_namespace
        .clone()
        .unwrap_or_else(|| state.resource_path());
    let own = |canary: &Canary| state.is_canary && !canary.use_stage_cache;
    let mut parts = vec![
        state.stage.canary.as_ref().is_some_and(own).to_string(),
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

/// The largest answer that is kept, with its headers, in bytes.
const MAX_KEPT: usize = 1_048_576;

/// Whether an answer is small enough to be kept.
pub(crate) fn fits(answer: &Answer) -> bool {
    let headers: usize = answer
        .headers
        .iter()
        .map(|(name, value)| name.len() + value.len() + 8)
        .sum();
    answer.body.len() + headers + 8 <= MAX_KEPT
}

/// What a client meets that sends `Cache-Control: max-age=0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// It does not ask for a new answer, or its wish is passed over in silence.
    None,
    /// The kept answer is passed by, and the new one takes its place.
    Granted,
    /// Its wish is passed over, with a warning.
    Warned,
}

/// Whether the client passes the cache by.
///
/// # Errors
///
/// It has no right to, and the stage refuses those. Only callers who sign have any.
pub(crate) fn wish(state: &State<'_>, route: &Route) -> Result<Wish, Refusal> {
    let asks = state.request.header("cache-control").is_some_and(|value| {
        value
            .split(',')
            .any(|directive| directive.trim().eq_ignore_ascii_case("max-age=0"))
    });
    if !asks {
        return Ok(Wish::None);
    }
    let settings = settings::of(state, route);
    if !settings.invalidation_auth || crate::admission::may_invalidate(state) {
        return Ok(Wish::Granted);
    }
    match settings.unauthorized_invalidation {
        UnauthorizedInvalidation::Fail => Err(Refusal::new(
            Phase::Cache,
            GatewayResponseType::AccessDenied,
            "the client has no right to pass the cache by",
        )),
        UnauthorizedInvalidation::IgnoreWithWarning => Ok(Wish::Warned),
        UnauthorizedInvalidation::Ignore => Ok(Wish::None),
    }
}
