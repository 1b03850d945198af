//! Everything that must hold before a change lands, cheapest first.

use anyhow::Result;

use crate::{edges, invariants, sh};

/// Runs every check; `--quick` leaves the tests out.
pub fn run(args: &[String]) -> Result<()> {
    sh::run("cargo", &["fmt", "--all", "--check"])?;
    edges::check()?;
    invariants::check()?;
    sh::run(
        "cargo",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    )?;
    sh::run_with(
        "cargo",
        &["doc", "--workspace", "--no-deps", "--quiet"],
        &[("RUSTDOCFLAGS", "-D warnings")],
    )?;
    if !args.iter().any(|arg| arg == "--quick") {
        sh::run("cargo", &["test", "--workspace"])?;
    }
    eprintln!("all checks passed");
    Ok(())
}
