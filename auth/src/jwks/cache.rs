//! When to fetch an issuer's keys: a state machine without clock or socket.

use std::sync::Arc;

use super::KeySet;

/// How long keys are kept. Milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CachePolicy {
    /// How long a fetched set is used without asking again.
    pub ttl_ms: u64,
    /// The least time between two fetches because of an unknown `kid`, or while the old set is still usable.
    pub interval_ms: u64,
    /// The least time between two fetches while there is no usable set.
    pub retry_ms: u64,
    /// How long a set is used, counted from its fetch, while newer ones cannot be had.
    pub last_good_ms: u64,
    /// When a fetch that nobody reported back is given up.
    pub patience_ms: u64,
}

impl CachePolicy {
    /// HTTP APIs and Cognito: keys are kept for two hours.
    pub const TWO_HOURS: CachePolicy = CachePolicy {
        ttl_ms: 2 * 3_600_000,
        interval_ms: 30_000,
        retry_ms: 1_000,
        last_good_ms: 24 * 3_600_000,
        patience_ms: 10_000,
    };
    /// JWT authorizers of REST APIs: one hour.
    pub const ONE_HOUR: CachePolicy = CachePolicy {
        ttl_ms: 3_600_000,
        ..CachePolicy::TWO_HOURS
    };
}

/// What a request that needs keys is to do.
#[derive(Clone, Debug)]
pub enum Ask {
    /// Verify with these. If the `kid` is not among them, the token is refused.
    Use(Arc<KeySet>),
    /// Fetch the set and report [`fetched`](KeyCache::fetched) or [`failed`](KeyCache::failed), then ask again.
    /// Only one caller is told so at a time.
    Fetch,
    /// Another request is fetching; ask again when it is done.
    Wait,
    /// There are no keys, and it is too early to try again: deny.
    Unavailable,
}

/// The keys of one issuer over time.
#[derive(Clone, Debug)]
pub struct KeyCache {
    policy: CachePolicy,
    keys: Option<(Arc<KeySet>, u64)>,
    tried_ms: Option<u64>,
    fetching: bool,
}

impl KeyCache {
    /// An empty cache.
    #[must_use]
    pub fn new(policy: CachePolicy) -> KeyCache {
        KeyCache {
            policy,
            keys: None,
            tried_ms: None,
            fetching: false,
        }
    }

    /// What to do for a token with this `kid`. `now_ms` is any clock in milliseconds; one that goes back makes
    /// keys younger, never older.
    pub fn ask(&mut self, kid: &str, now_ms: u64) -> Ask {
        let since = |then: u64| now_ms.saturating_sub(then);
        if self.fetching
            && self
                .tried_ms
                .is_none_or(|t| since(t) >= self.policy.patience_ms)
        {
            self.fetching = false;
        }
        let usable = self.keys.as_ref().filter(|(_, fetched_ms)| {
            since(*fetched_ms) < self.policy.last_good_ms.max(self.policy.ttl_ms)
        });
        let known = usable.is_some_and(|(set, _)| set.has(kid));
        let fresh = usable.is_some_and(|(_, fetched_ms)| since(*fetched_ms) < self.policy.ttl_ms);
        let set = usable.map(|(set, _)| Arc::clone(set));
        let interval_ms = if set.is_some() {
            self.policy.interval_ms
        } else {
            self.policy.retry_ms
        };
        let due = self.tried_ms.is_none_or(|t| since(t) >= interval_ms);
        match set {
            Some(set) if known && (fresh || self.fetching || !due) => Ask::Use(set),
            _ if self.fetching => Ask::Wait,
            _ if due => {
                self.fetching = true;
                self.tried_ms = Some(now_ms);
                Ask::Fetch
            }
            Some(set) => Ask::Use(set),
            None => Ask::Unavailable,
        }
    }

    /// The fetch brought these keys.
    pub fn fetched(&mut self, keys: KeySet, now_ms: u64) {
        self.keys = Some((Arc::new(keys), now_ms));
        self.fetching = false;
    }

    /// The fetch brought nothing usable; what was there stays.
    pub fn failed(&mut self) {
        self.fetching = false;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jws::Key;
    use proptest::prelude::*;

    const HOUR: u64 = 3_600_000;

    fn keys(ids: &[&str]) -> KeySet {
        let jwk = |id: &&str| {
            let jwk = format!(r#"{{"kty":"oct","kid":"{id}","k":"{}"}}"#, "A".repeat(43));
            Key::from_jwk(jwk.as_bytes()).unwrap()
        };
        ids.iter().map(jwk).collect()
    }

    fn name(ask: &Ask) -> &'static str {
        match ask {
            Ask::Use(_) => "use",
            Ask::Fetch => "fetch",
            Ask::Wait => "wait",
            Ask::Unavailable => "unavailable",
        }
    }

    enum Event {
        Asks(&'static str, &'static str),
        Brings(&'static [&'static str]),
        Fails,
    }

    fn check(events: &[(u64, Event)]) {
        let mut cache = KeyCache::new(CachePolicy::TWO_HOURS);
        for (n, (now_ms, event)) in events.iter().enumerate() {
            match event {
                Event::Asks(kid, expected) => {
                    assert_eq!(name(&cache.ask(kid, *now_ms)), *expected, "event {n}");
                }
                Event::Brings(ids) => cache.fetched(keys(ids), *now_ms),
                Event::Fails => cache.failed(),
            }
        }
    }
    use Event::{Asks, Brings, Fails};

    #[test]
    fn the_first_request_fetches_and_others_wait() {
        check(&[
            (0, Asks("a", "fetch")),
            (1, Asks("a", "wait")),
            (9, Brings(&["a"])),
            (10, Asks("a", "use")),
            (2 * HOUR, Asks("a", "use")),
        ]);
    }

    #[test]
    fn an_unknown_kid_fetches_once_in_thirty_seconds() {
        check(&[
            (0, Asks("a", "fetch")),
            (0, Brings(&["a"])),
            // Denied by the lookup: the set was fetched just now.
            (10_000, Asks("b", "use")),
            (30_000, Asks("b", "fetch")),
            (30_001, Asks("b", "wait")),
            (30_001, Asks("a", "use")),
            (30_002, Brings(&["a", "b"])),
            (30_003, Asks("b", "use")),
            (59_999, Asks("c", "use")),
            (60_000, Asks("c", "fetch")),
        ]);
    }

    #[test]
    fn old_keys_serve_while_new_ones_cannot_be_had() {
        check(&[
            (0, Asks("a", "fetch")),
            (0, Brings(&["a"])),
            (2 * HOUR + 1, Asks("a", "fetch")),
            (2 * HOUR + 2, Asks("a", "use")),
            (2 * HOUR + 3, Fails),
            (2 * HOUR + 4, Asks("a", "use")),
            (2 * HOUR + 30_001, Asks("a", "fetch")),
            (2 * HOUR + 30_002, Fails),
            (24 * HOUR, Asks("a", "fetch")),
            (24 * HOUR + 1, Fails),
            (24 * HOUR + 2, Asks("a", "unavailable")),
            (24 * HOUR + 1_000, Asks("a", "fetch")),
        ]);
    }

    #[test]
    fn a_failed_first_fetch_is_tried_again_after_a_second() {
        check(&[
            (0, Asks("a", "fetch")),
            (5, Fails),
            (999, Asks("a", "unavailable")),
            (1_000, Asks("a", "fetch")),
        ]);
    }

    #[test]
    fn a_fetch_that_nobody_reports_is_given_up() {
        check(&[
            (0, Asks("a", "fetch")),
            (9_999, Asks("a", "wait")),
            (10_000, Asks("a", "fetch")),
        ]);
    }

    #[derive(Clone, Debug)]
    enum Any {
        Ask(bool),
        Bring,
        Fail,
    }

    proptest! {
        /// Whatever happens, no set is used after its last good moment, and while one is usable there is at most
        /// one fetch in an interval.
        #[test]
        fn fetches_are_rare_and_keys_are_bounded(events in prop::collection::vec(
            (0..40_000_u64, prop_oneof![
                8 => any::<bool>().prop_map(Any::Ask),
                2 => Just(Any::Bring),
                1 => Just(Any::Fail),
            ]),
            1..200,
        )) {
            let policy = CachePolicy { ttl_ms: 100_000, last_good_ms: 300_000, ..CachePolicy::TWO_HOURS };
            let mut cache = KeyCache::new(policy);
            let (mut now_ms, mut fetched_ms, mut last_fetch) = (0, None, None::<u64>);
            for (step, event) in events {
                now_ms += step;
                match event {
                    Any::Bring => {
                        cache.fetched(keys(&["a"]), now_ms);
                        fetched_ms = Some(now_ms);
                    }
                    Any::Fail => cache.failed(),
                    Any::Ask(known) => match cache.ask(if known { "a" } else { "b" }, now_ms) {
                        Ask::Use(_) => prop_assert!(now_ms - fetched_ms.unwrap() < policy.last_good_ms),
                        Ask::Fetch => {
                            let usable = fetched_ms.is_some_and(|t| now_ms - t < policy.last_good_ms);
                            let least = if usable { policy.interval_ms } else { policy.retry_ms };
                            prop_assert!(last_fetch.is_none_or(|t| now_ms - t >= least));
                            last_fetch = Some(now_ms);
                        }
                        Ask::Wait => prop_assert!(last_fetch.is_some_and(|t| now_ms - t < policy.patience_ms)),
                        Ask::Unavailable => prop_assert!(fetched_ms.is_none_or(|t| now_ms - t >= policy.last_good_ms)),
                    },
                }
            }
        }
    }
}
