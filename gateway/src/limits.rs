//! Throttles and quotas, in memory: token buckets and counts per calendar period, in whole numbers.
//!
//! Buckets are shared by all workers. Each has its own lock, held for a few instructions; workers keep handles of
//! the buckets that they have seen, so no request meets a lock that is not its bucket's.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tollgate_runtime::{Charge, Limit, Period};

/// All buckets of a gateway, by their ids.
#[derive(Default)]
pub(crate) struct Limits {
    buckets: Mutex<HashMap<u64, Arc<Mutex<Bucket>>>>,
}

/// What a worker has seen of the [`Limits`].
#[derive(Default)]
pub(crate) struct Known(RefCell<HashMap<u64, Arc<Mutex<Bucket>>>>);

/// Workers forget their handles past this many; the buckets themselves stay.
const MOST_KNOWN: usize = 100_000;

/// The moment of a charge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Moment {
    /// Microseconds of a clock that never goes back.
    pub(crate) steady_us: u64,
    /// Milliseconds since 1970-01-01 UTC, for the calendar.
    pub(crate) wall_ms: u64,
}

/// One bucket. Tokens are counted in units of 10⁻¹², so that a microsecond of any rate is a whole number.
#[derive(Clone, Debug, Default, PartialEq)]
struct Bucket {
    /// A throttle's content; `None` before the first charge, when it is full.
    level: Option<u128>,
    filled_us: u64,
    /// A quota's period and count.
    period: Option<i64>,
    first_period: i64,
    used: u64,
}

const TOKEN: u128 = 1_000_000_000_000;

/// The charges of one request: key method or plan, quota, stage method, account.
const USUAL: usize = 8;

impl Limits {
    /// Spends all charges or none; the index of the first that refuses. O(charges).
    pub(crate) fn spend(&self, known: &Known, charges: &[Charge], now: Moment) -> Result<(), u8> {
        let handles: Vec<_> = charges
            .iter()
            .map(|c| self.bucket(known, c.bucket))
            .collect();
        // Locks are taken in the order of the ids, so no two requests wait for each other.
        let mut order: Vec<usize> = (0..charges.len()).collect();
        order.sort_unstable_by_key(|&n| charges.get(n).map(|c| c.bucket));
        order.dedup_by_key(|n| charges.get(*n).map(|c| c.bucket));
        let mut held: Vec<(u64, _)> = Vec::with_capacity(USUAL);
        for n in order {
            if let (Some(charge), Some(handle)) = (charges.get(n), handles.get(n)) {
                held.push((
                    charge.bucket,
                    handle.lock().unwrap_or_else(PoisonError::into_inner),
                ));
            }
        }
        let mut after: Vec<(usize, Bucket)> = Vec::with_capacity(USUAL);
        for (n, charge) in charges.iter().enumerate() {
            let index = u8::try_from(n).unwrap_or(u8::MAX);
            let Some(at) = held.iter().position(|(id, _)| *id == charge.bucket) else {
                return Err(index);
            };
            // One bucket may be charged twice.
            let before = after.iter().rev().find(|(m, _)| *m == at).map(|(_, b)| b);
            let before = before.or(held.get(at).map(|(_, b)| &**b)).cloned();
            match before.and_then(|b| b.charged(charge.limit, now)) {
                Some(bucket) => after.push((at, bucket)),
                None => return Err(index),
            }
        }
        for (at, bucket) in after {
            if let Some((_, held)) = held.get_mut(at) {
                **held = bucket;
            }
        }
        Ok(())
    }

    fn bucket(&self, known: &Known, id: u64) -> Arc<Mutex<Bucket>> {
        if let Some(bucket) = known.0.borrow().get(&id) {
            return bucket.clone();
        }
        let bucket = {
            let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
            buckets.entry(id).or_default().clone()
        };
        let mut known = known.0.borrow_mut();
        if known.len() >= MOST_KNOWN {
            known.clear();
        }
        known.insert(id, bucket.clone());
        bucket
    }
}

impl Bucket {
    /// The bucket after one charge; `None` if it refuses.
    fn charged(mut self, limit: Limit, now: Moment) -> Option<Bucket> {
        match limit {
            Limit::Rate { rate_micro, burst } => {
                let full = u128::from(burst) * TOKEN;
                let passed = now.steady_us.saturating_sub(self.filled_us);
                let level = match self.level {
                    None => full,
                    // tokens/s · 10⁻⁶ times µs are units of 10⁻¹² tokens. A lowered burst acts at once.
                    Some(level) => full.min(level + u128::from(passed) * u128::from(rate_micro)),
                };
                self.level = Some(level.checked_sub(TOKEN)?);
                self.filled_us = self.filled_us.max(now.steady_us);
            }
            Limit::Quota {
                limit,
                period,
                offset,
            } => {
                let present = period_of(period, now.wall_ms);
                if self.period.is_none() {
                    self.first_period = present;
                }
                if self.period != Some(present) {
                    self.period = Some(present);
                    self.used = 0;
                }
                let limit = match present == self.first_period {
                    true => limit.saturating_sub(offset),
                    false => limit,
                };
                if self.used >= limit {
                    return None;
                }
                self.used += 1;
            }
            // A limit that this gateway does not know never lets a request through.
            _ => return None,
        }
        Some(self)
    }
}

/// The number of the calendar period, UTC, that a moment is in.
fn period_of(period: Period, wall_ms: u64) -> i64 {
    let day = (wall_ms / 86_400_000) as i64;
    match period {
        Period::Day => day,
        // 1970-01-01 was a Thursday; weeks begin on Sunday.
        Period::Week => (day + 4).div_euclid(7),
        Period::Month => month_of(day),
    }
}

/// Months since March of year 0, of a day counted from 1970-01-01 (proleptic Gregorian).
fn month_of(day: i64) -> i64 {
    let day = day + 719_468;
    let era = day.div_euclid(146_097);
    let of_era = day.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    (era * 400 + year) * 12 + (5 * of_year + 2) / 153
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(ms: u64) -> Moment {
        Moment {
            steady_us: ms * 1000,
            wall_ms: 1_767_225_600_000 + ms, // 2026-01-01
        }
    }

    fn rate(bucket: u64, per_second: u64, burst: u32) -> Charge {
        Charge {
            bucket,
            limit: Limit::Rate {
                rate_micro: per_second * 1_000_000,
                burst,
            },
        }
    }

    fn quota(limit: u64, period: Period, offset: u64) -> Charge {
        Charge {
            bucket: 9,
            limit: Limit::Quota {
                limit,
                period,
                offset,
            },
        }
    }

    /// Rate 2/s, burst 3, full at the start: the reference's own example.
    #[test]
    fn a_token_bucket_fills_and_drains() {
        let (limits, known) = (Limits::default(), Known::default());
        let charge = [rate(1, 2, 3)];
        for (ms, admitted) in [
            (0, true),
            (0, true),
            (0, true),
            (0, false),
            (400, false),
            (500, true),
            (10_000, true),
            (10_000, true),
            (10_000, true),
            (10_000, false),
        ] {
            let got = limits.spend(&known, &charge, at(ms)).is_ok();
            assert_eq!(got, admitted, "at {ms} ms");
        }
    }

    #[test]
    fn a_bucket_without_rate_and_burst_refuses_all() {
        let (limits, known) = (Limits::default(), Known::default());
        assert_eq!(limits.spend(&known, &[rate(1, 0, 0)], at(0)), Err(0));
    }

    #[test]
    fn a_refused_request_spends_nothing() {
        let (limits, known) = (Limits::default(), Known::default());
        let both = [rate(1, 1, 2), rate(2, 1, 1)];
        assert_eq!(limits.spend(&known, &both, at(0)), Ok(()));
        for _ in 0..10 {
            assert_eq!(limits.spend(&known, &both, at(0)), Err(1));
        }
        assert_eq!(limits.spend(&known, &both[..1], at(0)), Ok(()));
        assert_eq!(limits.spend(&known, &both[..1], at(0)), Err(0));
    }

    #[test]
    fn a_bucket_charged_twice_needs_two_tokens() {
        let (limits, known) = (Limits::default(), Known::default());
        let twice = [rate(1, 1, 3), rate(1, 1, 3)];
        assert_eq!(limits.spend(&known, &twice, at(0)), Ok(()));
        assert_eq!(limits.spend(&known, &twice, at(0)), Err(1));
    }

    #[test]
    fn a_quota_is_counted_by_the_calendar() {
        let day = 86_400_000;
        for (period, next) in [
            (Period::Day, day),
            (Period::Week, 3 * day), // 2026-01-04 is a Sunday
            (Period::Month, 31 * day),
        ] {
            let (limits, known) = (Limits::default(), Known::default());
            let charge = [quota(3, period, 1)];
            let admitted = |ms| limits.spend(&known, &charge, at(ms)).is_ok();
            let first: Vec<_> = (0..4).map(|_| admitted(next - 1)).collect();
            assert_eq!(first, [true, true, false, false], "{period:?}, offset 1");
            let second: Vec<_> = (0..4).map(|_| admitted(next)).collect();
            assert_eq!(second, [true, true, true, false], "{period:?}");
        }
    }

    #[test]
    fn months_follow_the_calendar() {
        let days = |y: i64, m: i64, d: i64| {
            // Howard Hinnant's inverse, written apart.
            let y = if m <= 2 { y - 1 } else { y };
            let era = y.div_euclid(400);
            let yoe = y.rem_euclid(400);
            let doy = (153 * ((m + 9) % 12) + 2) / 5 + d - 1;
            era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
        };
        for (last, next) in [
            ((2024, 2, 29), (2024, 3, 1)),
            ((2025, 2, 28), (2025, 3, 1)),
            ((2025, 12, 31), (2026, 1, 1)),
            ((2099, 11, 30), (2099, 12, 1)),
        ] {
            let (a, b) = (days(last.0, last.1, last.2), days(next.0, next.1, next.2));
            assert_eq!(b, a + 1);
            assert_eq!(month_of(b), month_of(a) + 1, "{last:?}");
            assert_eq!(month_of(a), month_of(a - 27), "{last:?}");
        }
    }

    proptest! {
        #[test]
        fn never_more_than_burst_and_rate_allow(
            per_second in 0_u64..50,
            burst in 0_u32..20,
            gaps in prop::collection::vec(0_u64..300, 1..200),
        ) {
            let (limits, known) = (Limits::default(), Known::default());
            let (mut ms, mut admitted) = (0, 0_u64);
            for gap in gaps {
                ms += gap;
                admitted += u64::from(limits.spend(&known, &[rate(1, per_second, burst)], at(ms)).is_ok());
            }
            prop_assert!(admitted * 1000 <= u64::from(burst) * 1000 + per_second * ms);
        }

        #[test]
        fn workers_together_spend_no_more_than_one(burst in 1_u32..200) {
            let limits = Limits::default();
            let admitted: usize = std::thread::scope(|scope| {
                let workers: Vec<_> = (0..4)
                    .map(|_| scope.spawn(|| {
                        let known = Known::default();
                        (0..100).filter(|_| limits.spend(&known, &[rate(1, 0, burst)], at(0)).is_ok()).count()
                    }))
                    .collect();
                workers.into_iter().map(|w| w.join().unwrap()).sum()
            });
            prop_assert_eq!(admitted, (burst as usize).min(400));
        }
    }
}
