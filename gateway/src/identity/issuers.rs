//! The keys of issuers: fetched when they are needed, shared by all workers, kept while newer ones cannot be had.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tollgate_auth::jwks::{Ask, CachePolicy, KeyCache, KeySet, discovery_url, jwks_uri};
use tollgate_auth::jwt::Refusal;

use crate::backend;
use crate::worker::Worker;

/// How long an issuer may take for one document.
const PATIENCE: Duration = Duration::from_secs(5);

/// How often a request looks whether another one's fetch has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// Where an issuer's keys are.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// At this URL.
    Keys(String),
    /// Where the discovery document of this issuer says.
    Issuer(String),
}

/// What is known of every issuer. Only issuers that the program names are asked for, so there are few.
#[derive(Default)]
pub(crate) struct Issuers(Mutex<HashMap<String, KeyCache>>);

impl Issuers {
    fn with<T>(&self, issuer: &str, then: impl FnOnce(&mut KeyCache) -> T) -> T {
        let mut caches = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cache) = caches.get_mut(issuer) {
            return then(cache);
        }
        let cache = caches
            .entry(issuer.to_owned())
            .or_insert_with(|| KeyCache::new(CachePolicy::TWO_HOURS));
        then(cache)
    }
}

/// The issuer's keys, for a token that names the key `kid`.
pub(crate) async fn keys(
    issuer: &str,
    source: &Source,
    kid: &str,
    worker: &Worker,
) -> Result<Arc<KeySet>, Refusal> {
    let issuers = &worker.shared.issuers;
    loop {
        // Bound on its own: the lock must be let go before anything is waited for.
        let ask = issuers.with(issuer, |cache| cache.ask(kid, worker.steady_ms()));
        match ask {
            Ask::Use(keys) => return Ok(keys),
            Ask::Unavailable => return Err(Refusal::Keys),
            Ask::Wait => tokio::time::sleep(PAUSE).await,
            Ask::Fetch => match fetch(source, worker).await {
                Ok(keys) => {
                    issuers.with(issuer, |cache| cache.fetched(keys, worker.steady_ms()));
                }
                Err(why) => {
                    issuers.with(issuer, KeyCache::failed);
                    worker.say(&format!("the keys of `{issuer}` cannot be had: {why}"));
                }
            },
        }
    }
}

async fn fetch(source: &Source, worker: &Worker) -> Result<KeySet, String> {
    let at = match source {
        Source::Keys(url) => url.clone(),
        Source::Issuer(issuer) => {
            let document = get(&discovery_url(issuer), worker).await?;
            jwks_uri(&document, issuer).map_err(|fault| fault.to_string())?
        }
    };
    KeySet::parse(&get(&at, worker).await?).map_err(|fault| format!("`{at}`: {fault}"))
}

async fn get(url: &str, worker: &Worker) -> Result<bytes::Bytes, String> {
    let answer = backend::get(url, &worker.pool, PATIENCE)
        .await
        .map_err(|fault| format!("`{url}`: {fault:?}"))?;
    match (answer.status, answer.body) {
        (200, Some(body)) => Ok(body),
        (status, _) => Err(format!("`{url}` answers {status}")),
    }
}
