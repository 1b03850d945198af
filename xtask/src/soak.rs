//! The runtime against the specification over many generated pairs, optimized.

use anyhow::Result;

use crate::sh;

/// Runs the soak; what it is asked for goes through: pairs, minutes, seed.
pub fn run(args: &[String]) -> Result<()> {
    let mut all = vec![
        "run",
        "--quiet",
        "--release",
        "--package",
        "tollgate-conformance",
        "--example",
        "soak",
        "--",
    ];
    all.extend(args.iter().map(String::as_str));
    sh::run("cargo", &all)
}
