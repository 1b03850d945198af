//! API keys, usage plans, throttles and quotas.

use super::Next;
use crate::bundle::records as r;
use crate::bundle::wire::Range;
use crate::bundle::{Image, Section};
use crate::machine::{Halt, Machine, Waiting};
use crate::response_type::ResponseType;
use crate::session::Phase;
use crate::step::{Charge, Limit, Period};
use crate::value::Text;

/// The most limits that one request can meet: a plan's throttle and quota, the stage's, the account's.
pub(crate) const MAX_CHARGES: usize = 4;

const API_KEY: u8 = 1;
const KEYS_FROM_AUTHORIZER: u8 = 2;

/// The name of a bucket that two things share.
fn mixed(a: u64, b: u64) -> u64 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    (a ^ b.rotate_left(32).wrapping_mul(K)).wrapping_mul(K) ^ a.rotate_right(29)
}

impl Machine<'_, '_> {
    /// Who calls is known: on to the key, if the method wants one.
    pub(crate) fn authorized(&mut self) -> Result<Next, Halt> {
        let route = self.route().ok_or(Halt::INTERNAL)?;
        if route.flags & API_KEY == 0 {
            // A key that nobody asks for opens and limits nothing.
            return self.charge(None);
        }
        self.enter(Phase::Key);
        let api = self.api().ok_or(Halt::INTERNAL)?;
        let key = if api.flags & KEYS_FROM_AUTHORIZER != 0 {
            self.usage_key()
        } else {
            self.header_folded(b"x-api-key")
        };
        let key = key
            .filter(|k| !k.is_empty())
            .ok_or(Halt::new(ResponseType::InvalidApiKey))?;
        self.core.api_key = Some(key);
        self.core.waiting = Waiting::Key;
        Ok(Next::VerifyKey)
    }

    /// The host knows the key: the plan that opens this stage to it.
    pub(crate) fn key_found(&mut self, index: u32) -> Result<Next, Halt> {
        let invalid = Halt::new(ResponseType::InvalidApiKey);
        let key: r::Key = self.edge.record(Section::Keys, index).ok_or(invalid)?;
        if key.flags & 1 == 0 {
            return Err(invalid);
        }
        let stage = self.stage().ok_or(Halt::INTERNAL)?;
        let edge = self.edge;
        let plan = edge
            .records::<r::Plan>(Section::Plans, stage.plans)
            .find(|plan| {
                edge.records::<u32>(Section::KeyPlans, key.plans)
                    .any(|p| p == plan.plan)
            })
            .ok_or(invalid)?;
        self.core.key_index = Some(index);
        self.charge(Some((plan, key)))
    }

    /// The id of the caller's key.
    pub(crate) fn key_id(&self) -> Option<Text> {
        let key: r::Key = self.edge.record(Section::Keys, self.core.key_index?)?;
        Some(self.edge.text(key.id))
    }

    /// Collects what the request is charged to, in the reference's order.
    fn charge(&mut self, plan: Option<(r::Plan, r::Key)>) -> Result<Next, Halt> {
        let canary = self.core.canary;
        self.core.charge_count = 0;
        if let Some((plan, key)) = plan {
            // The most specific entry of the plan alone.
            let methods = if canary {
                plan.canary_methods
            } else {
                plan.methods
            };
            let own = self
                .setting(self.edge, methods)
                .filter(|s| s.flags & 1 != 0);
            match own {
                Some(s) => self.rate(mixed(s.bucket, key.bucket), s.rate_milli, s.burst),
                None if plan.flags & 1 != 0 => {
                    self.rate(mixed(plan.bucket, key.bucket), plan.rate_milli, plan.burst);
                }
                None => {}
            }
            if plan.flags & 2 != 0 {
                let period = match plan.period {
                    0 => Period::Day,
                    1 => Period::Week,
                    _ => Period::Month,
                };
                let limit = Limit::Quota {
                    limit: plan.quota,
                    period,
                    offset: plan.offset,
                };
                let bucket = mixed(plan.bucket.rotate_left(17), key.bucket);
                self.push_charge(Charge { bucket, limit }, ResponseType::QuotaExceeded);
            }
        }
        if !self.core.stage_charged {
            self.push_stage_charges()?;
        }
        if self.core.charge_count == 0 {
            return self.spent();
        }
        self.enter(Phase::Limits);
        self.core.waiting = Waiting::Spend;
        Ok(Next::Spend)
    }

    /// Collects what the stage and the account limit; `false`: nothing.
    pub(crate) fn charge_stage(&mut self) -> Result<bool, Halt> {
        self.core.charge_count = 0;
        self.push_stage_charges()?;
        Ok(self.core.charge_count > 0)
    }

    fn push_stage_charges(&mut self) -> Result<(), Halt> {
        let route = self.route().ok_or(Halt::INTERNAL)?;
        let stage = self.stage().ok_or(Halt::INTERNAL)?;
        if let Some(s) = self.route_setting().filter(|s| s.flags & 1 != 0) {
            self.rate(mixed(stage.bucket, route.bucket), s.rate_milli, s.burst);
        }
        if let Some(a) = self.edge.record::<r::Account>(Section::Account, 0) {
            self.rate(a.bucket, a.rate_milli, a.burst);
        }
        Ok(())
    }

    fn rate(&mut self, bucket: u64, rate_milli: u64, burst: u64) {
        let limit = Limit::Rate {
            rate_micro: rate_milli.saturating_mul(1000),
            burst: u32::try_from(burst).unwrap_or(u32::MAX),
        };
        self.push_charge(Charge { bucket, limit }, ResponseType::Throttled);
    }

    fn push_charge(&mut self, charge: Charge, refusal: ResponseType) {
        let at = usize::from(self.core.charge_count);
        if let (Some(slot), Some(ty)) = (
            self.core.charges.get_mut(at),
            self.core.refusals.get_mut(at),
        ) {
            (*slot, *ty) = (charge, refusal);
            self.core.charge_count += 1;
        }
    }

    /// The charges are refused, first by the one at `index`.
    pub(crate) fn refused(&self, index: u8) -> Halt {
        let found = self.core.refusals.get(usize::from(index));
        Halt::new(found.copied().unwrap_or(ResponseType::Throttled))
    }

    /// What the stage sets for the route.
    pub(crate) fn route_setting(&self) -> Option<r::Setting> {
        let stage = self.stage()?;
        let range = if self.core.canary {
            stage.canary_settings
        } else {
            stage.settings
        };
        self.setting(self.edge, range)
    }

    fn setting(&self, edge: Image<'_>, range: Range) -> Option<r::Setting> {
        let route = self.core.route.filter(|r| *r < range.len)?;
        let index: u32 = edge.record(Section::RouteSettings, range.off.checked_add(route)?)?;
        edge.record(Section::Settings, index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_of_different_pairs_differ() {
        let mut seen = std::collections::BTreeSet::new();
        for a in 0..100 {
            for b in 0..100 {
                assert!(seen.insert(mixed(a, b)), "{a} {b}");
            }
        }
    }
}
