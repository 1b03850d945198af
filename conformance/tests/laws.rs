//! The law between the two writings of every behaviour.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use tollgate_compiler::emit::Specialization;
use tollgate_compiler::schema::{self, SchemaOptions};
use tollgate_conformance::Engines;
use tollgate_conformance::agree::{agree, agree_specialized};
use tollgate_conformance::generate::{bodies, documents, pairs};
use tollgate_conformance::subjects::{Bundle, Reference};
use tollgate_runtime::json::{Heap, Lent};
use tollgate_runtime::{Scratch, Src, Text};

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

    /// A body that does not fit its model is told about in the same words and the same order.
    #[test]
    fn bodies_are_refused_in_the_same_words((model, text) in bodies()) {
        let code = schema::compile(&model, &SchemaOptions::default());
        prop_assert!(code.is_ok(), "{model}: {code:?}");
        let code = code.unwrap_or_default();
        let body = Body(text.as_bytes());
        let mut scratch = Scratch::new(1 << 24);
        let mut heap = Heap::new(&body, &mut scratch, 10_000_000);
        let whole = Text::whole(Src::Body, body.0);
        let fits = tollgate_runtime::schema::judge(&mut heap, &code, whole) == Ok(None);
        let told = tollgate_runtime::schema::report(&mut heap, &code, whole);
        let told = told.map_or_else(
            |bound| bound.name().to_owned(),
            |told| String::from_utf8_lossy(heap.bytes(told)).into_owned(),
        );
        prop_assert_eq!(
            &told,
            &tollgate_reference::violations(&model, &model, &text),
            "{}\n{}", model, text
        );
        prop_assert_eq!(fits, told == "[]", "{}\n{}", model, text);
    }
}

proptest! {
    #![proptest_config(Config {
        cases: 2_000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(1),
        ..Config::default()
    })]

    /// Policies that arrive at request time are read by both or by neither, and decide the same.
    #[test]
    fn policies_that_arrive_late_decide_the_same((policies, request) in documents()) {
        let decides = |subject: &mut dyn Engines| {
            let decision = subject.policies_decide(&policies, &request).ok()?;
            Some((decision.allowed, decision.explicit))
        };
        let found = decides(&mut Bundle::default());
        prop_assert_eq!(found, decides(&mut Reference::default()));
    }
}

struct Body<'b>(&'b [u8]);

impl Lent for Body<'_> {
    fn lent(&self, text: Text) -> Option<&[u8]> {
        self.0.get(text.off as usize..)?.get(..text.len as usize)
    }
}
