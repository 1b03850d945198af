//! The law between the two writings of every behaviour.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use tollgate_conformance::agree::agree;
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
}
