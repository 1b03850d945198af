//! The real thing beside ours, on generated inputs.

use anyhow::{Result, bail};

use crate::sh;

/// `vtl`: Apache Velocity 1.7 renders what runtime and specification render.
pub fn run(args: &[String]) -> Result<()> {
    let Some((what, rest)) = args.split_first().filter(|(what, _)| *what == "vtl") else {
        bail!("usage: cargo xtask oracle vtl [--count N] [--seed N]");
    };
    let mut all = vec![
        "run",
        "--quiet",
        "--release",
        "--package",
        "tollgate-conformance",
        "--example",
        "velocity",
        "--",
    ];
    all.extend(rest.iter().map(String::as_str));
    eprintln!("{what}: needs Java and Debian's package `velocity`");
    sh::run("cargo", &all)
}
