//! The project's own chores, one module each:
//!
//! - `cargo xtask ci`: everything that must hold before a change lands;
//! - `cargo xtask bench [FILTER | gateway]`: speed, beside the hand-written limit and the peers;
//! - `cargo xtask docs`: writes the pages that are made from tables in the sources;
//! - `cargo xtask edges`: who may know whom, by `cargo tree`;
//! - `cargo xtask hooks`: the hooks for pre-commit, tried with the real one;
//! - `cargo xtask mutants [FILTER]`: seeded faults in compiler and runtime, each of which the laws must catch;
//! - `cargo xtask oracle vtl [--count N] [--seed N]`: the real Velocity beside ours, on generated templates;
//! - `cargo xtask soak [--pairs N] [--minutes N] [--seed N]`: the runtime against the specification, for long;
//! - `cargo xtask invariants`: the rules of `ARCHITECTURE.md` that a text search can hold.

mod bench;
mod ci;
mod docs;
mod edges;
mod hooks;
mod invariants;
mod load;
mod mutants;
mod oracle;
mod sh;
mod soak;
mod velocity;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let chore = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match chore.as_str() {
        "bench" => bench::run(&rest),
        "ci" => ci::run(&rest),
        "docs" => docs::run(),
        "edges" => edges::check(),
        "hooks" => hooks::run(),
        "invariants" => invariants::check(),
        "mutants" => mutants::run(&rest),
        "oracle" => oracle::run(&rest),
        "soak" => soak::run(&rest),
        _ => bail!(
            "usage: cargo xtask (bench | ci | docs | edges | hooks | invariants | mutants | oracle | soak)"
        ),
    }
}
