//! The real Velocity beside runtime and specification, on generated templates: a few here, more by
//! `cargo xtask oracle vtl`.

use tollgate_conformance::velocity::{Ours, Velocity, compare};

/// Under it stands none of the differences that `docs/deviations.md` has.
const SEED: u64 = 12;
const TEMPLATES: u64 = 600;

#[test]
fn generated_templates_render_as_in_velocity() {
    let mut velocity = match Velocity::start() {
        Ok(velocity) => velocity,
        Err(missing) => {
            println!("skipped: {missing}");
            return;
        }
    };
    let mut ours = Ours::default();
    let mut texts = 0;
    let mut differences = Vec::new();
    for number in 0..TEMPLATES {
        match compare(&mut velocity, &mut ours, SEED, number) {
            Ok(None) => texts += 1,
            Ok(Some(difference)) => differences.push(difference.to_string()),
            Err(error) => panic!("{error}"),
        }
    }
    println!("{texts} of {TEMPLATES} agree");
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}
