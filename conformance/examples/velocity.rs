//! Generated templates, rendered by the real Velocity, the runtime and the specification:
//!
//! ```sh
//! cargo run --release -p tollgate-conformance --example velocity -- [--count N] [--seed N]
//! ```
//!
//! Prints every template on which they differ, as short as it could be made; any makes it exit with 1.

use std::process::ExitCode;

use tollgate_conformance::velocity::{Ours, Velocity, compare};

fn main() -> ExitCode {
    let (mut count, mut seed) = (20_000, 1);
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        let value = args.next().and_then(|value| value.parse().ok());
        match (arg.as_str(), value) {
            ("--count", Some(value)) => count = value,
            ("--seed", Some(value)) => seed = value,
            _ => {
                eprintln!("usage: velocity [--count N] [--seed N]");
                return ExitCode::from(2);
            }
        }
    }
    let mut velocity = match Velocity::start() {
        Ok(velocity) => velocity,
        Err(missing) => {
            eprintln!("error: {missing}");
            return ExitCode::from(2);
        }
    };
    let mut ours = Ours::default();
    let mut differences = 0;
    for number in 0..count {
        match compare(&mut velocity, &mut ours, seed, number) {
            Ok(None) => {}
            Ok(Some(difference)) => {
                differences += 1;
                println!("{difference}");
            }
            Err(error) => {
                eprintln!("error: {error}");
                return ExitCode::from(2);
            }
        }
    }
    println!("seed {seed}: {count} templates, {differences} differences");
    match differences {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}
