//! The law between the two writings of every behaviour.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use tollgate_compiler::emit::Specialization;
use tollgate_conformance::agree::{agree, agree_specialized};
use tollgate_conformance::generate::pairs;

/// Exchanges of one program, at most.
const EXCHANGES: usize = 12;

proptest! {
    #![proptest_config(Config {
        cases: 160,
        failure_persistence: None,
        // The same on every run; a soak takes another seed each time.
        rng_seed: RngSeed::Fixed(1),
        ..Config::default()
    })]

    /// The compiled program in the runtime answers as the specification does, and asks the
    /// world for the same things in the same order. `cargo xtask soak` runs it for longer.
    #[test]
    fn the_runtime_agrees_with_the_specification(pair in pairs(1..=EXCHANGES)) {
        if let Err(found) = agree(&pair) {
            let first = &found[0];
            prop_assert!(
                false,
                "{}, in exchange {:?}\n  {}",
                first.kind,
                first.exchange,
                first.detail
            );
        }
    }

    /// So it does where routes share the whole policy, and where every policy has an index: bounds that no
    /// generated program reaches by its size.
    #[test]
    fn policies_mean_the_same_however_they_are_worked_out(
        pair in pairs(1..=EXCHANGES),
        shared in any::<bool>(),
    ) {
        let how = Specialization {
            times: if shared { 0 } else { Specialization::default().times },
            index_from: 1,
        };
        if let Err(found) = agree_specialized(&pair, how) {
            let first = &found[0];
            prop_assert!(
                false,
                "{}, in exchange {:?}\n  {}",
                first.kind,
                first.exchange,
                first.detail
            );
        }
    }
}
