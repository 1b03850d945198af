//! A world that answers as scripted and remembers what it was asked.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};
use tollgate_model::traffic::{Quota, Secret};
use tollgate_reference::{Answer, BackendAnswer, Call, Charge, Limit, Request, Signer, World};

use crate::subject::Script;

/// What lasts from request to request of one deployment: limits and caches.
#[derive(Debug, Default)]
pub struct Memory {
    buckets: HashMap<String, Bucket>,
    counts: HashMap<String, u64>,
    authorizers: HashMap<(String, Vec<u8>), (Vec<u8>, u64)>,
    cache: HashMap<Vec<u8>, (Answer, u64)>,
    records: HashMap<Vec<u8>, (Vec<u8>, u64)>,
    requests: u64,
}

impl Memory {
    /// The id of the latest request.
    pub fn request_id(&self) -> String {
        format!("00000000-0000-4000-8000-{:012x}", self.requests)
    }
}

/// A token bucket: tokens in thousandths, and when they were counted.
#[derive(Debug)]
struct Bucket {
    tokens_milli: u64,
    at_ms: u64,
}

/// One request's world.
pub struct Scripted<'a> {
    memory: &'a mut Memory,
    script: &'a Script,
    now_ms: u64,
    number: u64,
    /// What the integration was sent.
    pub integrations: Vec<Call>,
    /// What authorizers were sent.
    pub authorizers: Vec<Call>,
}

impl<'a> Scripted<'a> {
    /// The world at a moment, in milliseconds since 1970 UTC.
    pub fn new(memory: &'a mut Memory, script: &'a Script, now_ms: u64) -> Scripted<'a> {
        memory.requests += 1;
        let number = memory.requests;
        Scripted {
            memory,
            script,
            now_ms,
            number,
            integrations: Vec::new(),
            authorizers: Vec::new(),
        }
    }

    /// The record that a session kept under a key.
    pub fn record(&self, key: &[u8]) -> Option<Vec<u8>> {
        let (record, until) = self.memory.records.get(key)?;
        (self.now_ms < *until).then(|| record.clone())
    }

    /// Keeps a session's record.
    pub fn keep_record(&mut self, key: &[u8], record: &[u8], ttl_s: u32) {
        let until = self.now_ms + u64::from(ttl_s) * 1000;
        let kept = (record.to_vec(), until);
        self.memory.records.insert(key.to_vec(), kept);
    }

    fn admits(&self, charge: &Charge) -> bool {
        match charge.limit {
            Limit::Rate(throttle) => {
                let tokens = self.memory.buckets.get(&charge.bucket).map_or(
                    throttle.burst.saturating_mul(1000),
                    |bucket| {
                        let elapsed = self.now_ms.saturating_sub(bucket.at_ms);
                        // Thousandths of a request a second are millionths a millisecond.
                        let refill = elapsed.saturating_mul(throttle.rate_milli) / 1000;
                        (bucket.tokens_milli.saturating_add(refill))
                            .min(throttle.burst.saturating_mul(1000))
                    },
                );
                tokens >= 1000
            }
            Limit::Quota(quota) => {
                let used = self.memory.counts.get(&charge.bucket).copied().unwrap_or(0);
                used < allowance(quota)
            }
        }
    }

    fn take(&mut self, charge: &Charge) {
        match charge.limit {
            Limit::Rate(throttle) => {
                let full = throttle.burst.saturating_mul(1000);
                let now_ms = self.now_ms;
                let bucket = self
                    .memory
                    .buckets
                    .entry(charge.bucket.clone())
                    .or_insert(Bucket {
                        tokens_milli: full,
                        at_ms: now_ms,
                    });
                let elapsed = now_ms.saturating_sub(bucket.at_ms);
                let refill = elapsed.saturating_mul(throttle.rate_milli) / 1000;
                bucket.tokens_milli = (bucket.tokens_milli.saturating_add(refill))
                    .min(full)
                    .saturating_sub(1000);
                bucket.at_ms = now_ms;
            }
            Limit::Quota(_) => {
                *self.memory.counts.entry(charge.bucket.clone()).or_default() += 1;
            }
        }
    }
}

/// Requests of the first period, in which every case happens.
fn allowance(quota: Quota) -> u64 {
    quota.limit.saturating_sub(quota.offset)
}

impl World for Scripted<'_> {
    fn now_ms(&mut self) -> u64 {
        self.now_ms
    }

    fn request_id(&mut self) -> String {
        self.memory.request_id()
    }

    fn extended_request_id(&mut self) -> String {
        format!("tollgate{:08x}=", self.number)
    }

    fn trace_seed(&mut self) -> [u8; 20] {
        let mut seed = [0x5a; 20];
        seed[..8].copy_from_slice(&self.number.to_be_bytes());
        seed
    }

    fn random(&mut self) -> u64 {
        // SplitMix64 of the request's number: cases draw at 0 and 100 percent alone, where any
        // number will do, but generated canaries have shares in between.
        let mut mixed = self.number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }

    fn secret(&mut self, secret: &Secret) -> Option<String> {
        match secret {
            Secret::Clear(value) => Some(value.clone()),
            Secret::Env(_) | Secret::File(_) | Secret::Named(_) => None,
        }
    }

    fn authorizer_cached(&mut self, authorizer: &str, key: &[u8]) -> Option<Vec<u8>> {
        let found = self
            .memory
            .authorizers
            .get(&(authorizer.to_owned(), key.to_vec()))?;
        (self.now_ms < found.1).then(|| found.0.clone())
    }

    fn authorizer(&mut self, _: &str, call: Call) -> BackendAnswer {
        self.authorizers.push(call);
        self.script
            .authorizer
            .clone()
            .unwrap_or(BackendAnswer::Unreachable)
    }

    fn claims(&mut self, _: &str, _: &str) -> Option<Map<String, Json>> {
        self.script.claims.clone()
    }

    fn signer(&mut self, _: &Request) -> Option<Signer> {
        self.script.signer.clone()
    }

    fn keep_authorizer(&mut self, authorizer: &str, key: &[u8], output: &[u8], ttl_s: u32) {
        let until = self.now_ms + u64::from(ttl_s) * 1000;
        self.memory.authorizers.insert(
            (authorizer.to_owned(), key.to_vec()),
            (output.to_vec(), until),
        );
    }

    fn spend(&mut self, charges: &[Charge]) -> Result<(), usize> {
        if let Some(index) = charges.iter().position(|charge| !self.admits(charge)) {
            return Err(index);
        }
        for charge in charges {
            self.take(charge);
        }
        Ok(())
    }

    fn cache_get(&mut self, key: &[u8]) -> Option<Answer> {
        let (answer, until) = self.memory.cache.get(key)?;
        (self.now_ms < *until).then(|| answer.clone())
    }

    fn cache_put(&mut self, key: &[u8], answer: &Answer, ttl_s: u32) {
        let until = self.now_ms + u64::from(ttl_s) * 1000;
        self.memory
            .cache
            .insert(key.to_vec(), (answer.clone(), until));
    }

    fn integrate(&mut self, call: Call) -> BackendAnswer {
        self.integrations.push(call);
        self.script
            .backend
            .clone()
            .unwrap_or(BackendAnswer::Unreachable)
    }
}
