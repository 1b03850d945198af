//! Who may know whom. A crate uses only floors below it, and the reference shares
//! nothing that evaluates with what it checks.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use crate::sh;

/// Each crate with the crates of the house that it may reach, directly or not.
const FLOORS: &[(&str, &str)] = &[
    ("tollgate-grammar", ""),
    ("tollgate-model", "grammar"),
    ("tollgate-runtime", ""),
    ("tollgate-auth", "runtime"),
    ("tollgate-compiler", "grammar model runtime"),
    ("tollgate-project", "grammar model runtime compiler"),
    ("tollgate-reference", "grammar model"),
    (
        "tollgate-conformance",
        "grammar model runtime compiler reference auth",
    ),
    ("tollgate-gateway", "runtime auth"),
    ("tollgate-build", "grammar model runtime compiler project"),
    (
        "tollgate",
        "grammar model runtime compiler project reference conformance auth gateway",
    ),
];

/// The most memory-shy crate takes no dependency at all.
const ALONE: &[&str] = &["tollgate-runtime"];

/// Fails with every forbidden edge.
pub fn check() -> Result<()> {
    let mut wrong = Vec::new();
    for (name, allowed) in FLOORS {
        let tree = sh::output(
            "cargo",
            &[
                "tree",
                "--package",
                name,
                "--edges",
                "normal,build",
                "--prefix",
                "none",
            ],
        )?;
        let reached: BTreeSet<&str> = tree
            .lines()
            .filter_map(|line| line.split_whitespace().next())
            .filter(|other| other != name)
            .collect();
        for other in &reached {
            let floor = other.strip_prefix("tollgate-").unwrap_or(other);
            if other.starts_with("tollgate") && !allowed.split(' ').any(|known| known == floor) {
                wrong.push(format!("{name} must not know {other}"));
            }
        }
        if ALONE.contains(name) && !reached.is_empty() {
            wrong.push(format!(
                "{name} must have no dependency, but has {reached:?}"
            ));
        }
    }
    if !wrong.is_empty() {
        bail!("forbidden edges between crates:\n  {}", wrong.join("\n  "));
    }
    Ok(())
}
