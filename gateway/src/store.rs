//! A bounded store of bytes by key, each with its time to live: answers of integrations, results of authorizers.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Shards, each with its own lock.
const SHARDS: usize = 16;

/// What an entry costs beside its bytes, roughly.
const OVERHEAD: usize = 128;

/// The store. Keys are compared whole. When it is full, what was not asked for since it was last passed by goes
/// first (second chance).
pub(crate) struct Store {
    shards: [Mutex<Shard>; SHARDS],
    hasher: RandomState,
    /// Bytes of keys and values that a shard may hold.
    room: usize,
    /// Larger values are not kept.
    largest: usize,
}

#[derive(Default)]
struct Shard {
    entries: HashMap<Arc<[u8]>, Entry>,
    /// Keys in the order in which they may have to go.
    queue: VecDeque<Arc<[u8]>>,
    used: usize,
}

struct Entry {
    value: Arc<[u8]>,
    ends_ms: u64,
    asked: bool,
}

impl Store {
    /// A store of at most `room` bytes, with values of at most `largest`.
    pub(crate) fn new(room: usize, largest: usize) -> Store {
        Store {
            shards: std::array::from_fn(|_| Mutex::default()),
            hasher: RandomState::new(),
            room: room / SHARDS,
            largest,
        }
    }

    fn shard(&self, key: &[u8]) -> MutexGuard<'_, Shard> {
        let n = self.hasher.hash_one(key) as usize % SHARDS;
        // The index is below the length by the remainder.
        self.shards[n]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The value under `key`, unless its time is over. `now_ms` is of a clock that never goes back.
    pub(crate) fn get(&self, key: &[u8], now_ms: u64) -> Option<Arc<[u8]>> {
        let mut shard = self.shard(key);
        let entry = shard.entries.get_mut(key)?;
        if entry.ends_ms <= now_ms {
            return None;
        }
        entry.asked = true;
        Some(entry.value.clone())
    }

    /// Keeps `value` under `key` for `ttl_s` seconds. Not if it is too large, or for no time.
    pub(crate) fn put(&self, key: &[u8], value: &[u8], ttl_s: u32, now_ms: u64) {
        let cost = key.len() + value.len() + OVERHEAD;
        if ttl_s == 0 || value.len() > self.largest || cost > self.room {
            return;
        }
        let entry = Entry {
            value: value.into(),
            ends_ms: now_ms + u64::from(ttl_s) * 1000,
            asked: false,
        };
        let mut shard = self.shard(key);
        match shard.entries.get_mut(key) {
            Some(old) => {
                let before = old.value.len();
                *old = entry;
                shard.used = shard.used - before + value.len();
            }
            None => {
                let key: Arc<[u8]> = key.into();
                shard.queue.push_back(key.clone());
                shard.entries.insert(key, entry);
                shard.used += cost;
            }
        }
        shard.shrink(self.room, now_ms);
    }

    /// Forgets everything.
    pub(crate) fn clear(&self) {
        for shard in &self.shards {
            *shard.lock().unwrap_or_else(PoisonError::into_inner) = Shard::default();
        }
    }
}

impl Shard {
    fn shrink(&mut self, room: usize, now_ms: u64) {
        while self.used > room {
            let Some(key) = self.queue.pop_front() else {
                return;
            };
            match self.entries.get_mut(&key) {
                Some(entry) if entry.asked && entry.ends_ms > now_ms => {
                    entry.asked = false;
                    self.queue.push_back(key);
                }
                Some(entry) => {
                    self.used -= key.len() + entry.value.len() + OVERHEAD;
                    self.entries.remove(&key);
                }
                None => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_value_lives_for_its_time() {
        let store = Store::new(1 << 20, 1 << 10);
        store.put(b"k", b"v", 2, 1000);
        assert_eq!(store.get(b"k", 2999).as_deref(), Some(&b"v"[..]));
        assert_eq!(store.get(b"k", 3000), None);
        assert_eq!(store.get(b"K", 1000), None);
        store.put(b"k", b"w", 1, 3000);
        assert_eq!(store.get(b"k", 3000).as_deref(), Some(&b"w"[..]));
    }

    #[test]
    fn no_time_and_too_large_are_not_kept() {
        let store = Store::new(1 << 20, 3);
        store.put(b"a", b"v", 0, 0);
        store.put(b"b", b"1234", 9, 0);
        assert_eq!((store.get(b"a", 0), store.get(b"b", 0)), (None, None));
    }

    #[test]
    fn what_is_asked_for_stays_longer() {
        let store = Store::new(SHARDS * 4 * (OVERHEAD + 12), 64);
        store.put(b"wanted", b"v", 99, 0);
        for n in 0..1000_u32 {
            assert!(store.get(b"wanted", 1).is_some(), "after {n}");
            store.put(&n.to_le_bytes(), b"x", 99, 1);
        }
    }

    proptest! {
        #[test]
        fn never_more_than_its_room(
            puts in prop::collection::vec((0_u16..500, 0_usize..300, 1_u32..5), 0..400),
        ) {
            let room = 16 << 10;
            let store = Store::new(room, 256);
            for (n, (key, size, ttl)) in puts.into_iter().enumerate() {
                store.put(&key.to_le_bytes(), &vec![0; size], ttl, n as u64 * 10);
                for shard in &store.shards {
                    let shard = shard.lock().unwrap();
                    let real: usize = shard.entries.iter().map(|(k, e)| k.len() + e.value.len() + OVERHEAD).sum();
                    prop_assert_eq!(real, shard.used);
                    prop_assert!(shard.used <= room / SHARDS);
                    prop_assert_eq!(shard.queue.len(), shard.entries.len());
                }
            }
        }
    }
}
