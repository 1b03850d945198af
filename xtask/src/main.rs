//! The project's own chores, one module each:
//!
//! - `cargo xtask ci`: everything that must hold before a change lands;
//! - `cargo xtask bench [FILTER | gateway]`: speed, beside the hand-written limit and the peers;
//! - `cargo xtask edges`: who may know whom, by `cargo tree`;
//! - `cargo xtask hooks`: the hooks for pre-commit, tried with the real one;
//! - `cargo xtask invariants`: the rules of `ARCHITECTURE.md` that a text search can hold.

mod bench;
mod ci;
mod edges;
mod hooks;
mod invariants;
mod load;
mod sh;

use anyhow::{Result, bail};

fn main() -> Result<()> {
    let mut args = std::env::args().skip(1);
    let chore = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match chore.as_str() {
        "bench" => bench::run(&rest),
        "ci" => ci::run(&rest),
        "edges" => edges::check(),
        "hooks" => hooks::run(),
        "invariants" => invariants::check(),
        _ => bail!("usage: cargo xtask (bench | ci | edges | hooks | invariants)"),
    }
}
