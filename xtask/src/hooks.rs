//! `cargo xtask hooks`: the hooks of `.pre-commit-hooks.yaml` with the real `pre-commit`, on
//! a scratch repository: a sound file passes, a mistake and a badly formatted file do not,
//! and documents that are not about gateways are left alone.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::sh;

const SOUND: &str =
    "edition 2026\n\nrest api Shop {\n  GET /a { integrate mock, respond 200 }\n}\n";

pub(crate) fn run() -> Result<()> {
    if Command::new("pre-commit")
        .arg("--version")
        .output()
        .is_err()
    {
        println!("skipped: `pre-commit` is not installed (pip install pre-commit)");
        return Ok(());
    }
    sh::run("cargo", &["build", "--package", "tollgate"])?;
    let scratch = std::env::temp_dir().join(format!("tollgate-hooks-{}", std::process::id()));
    fs::create_dir_all(&scratch)?;
    let result = tried(&scratch);
    fs::remove_dir_all(&scratch)?;
    result
}

fn tried(scratch: &Path) -> Result<()> {
    git(scratch, &["init", "--quiet"])?;
    fs::write(scratch.join(".pre-commit-config.yaml"), configuration()?)?;
    expect(scratch, "a sound file", "shop.gate", SOUND, true)?;
    expect(
        scratch,
        "a mistake",
        "shop.gate",
        &SOUND.replace("integrate mock", "integrat mock"),
        false,
    )?;
    expect(
        scratch,
        "a badly formatted file",
        "shop.gate",
        &SOUND.replace("  GET", "        GET"),
        false,
    )?;
    expect(scratch, "a sound file again", "shop.gate", SOUND, true)?;
    expect(
        scratch,
        "a document of another kind",
        "compose.yaml",
        "services: { web: { image: x } }\n",
        true,
    )?;
    println!("hooks: 5 passed, 0 failed");
    Ok(())
}

/// The hooks as a repository's own, with the command that was just built on the `PATH`.
fn configuration() -> Result<String> {
    let hooks = fs::read_to_string(sh::root().join(".pre-commit-hooks.yaml"))
        .context("no .pre-commit-hooks.yaml")?;
    let mut text = String::from("repos:\n  - repo: local\n    hooks:\n");
    let system: Vec<&str> = hooks
        .split("- id:")
        .skip(1)
        .filter(|hook| {
            hook.split_whitespace()
                .next()
                .is_some_and(|id| id.ends_with("-system"))
        })
        .collect();
    if system.len() != 2 {
        bail!(
            "expected two hooks that use the PATH, found {}",
            system.len()
        );
    }
    for hook in system {
        let mut lines = hook.lines();
        text += &format!("      - id:{}\n", lines.next().unwrap_or_default());
        for line in
            lines.filter(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#'))
        {
            text += &format!("      {line}\n");
        }
    }
    Ok(text)
}

fn expect(scratch: &Path, what: &str, name: &str, text: &str, passes: bool) -> Result<()> {
    fs::write(scratch.join(name), text)?;
    git(scratch, &["add", "--all"])?;
    let built = sh::root().join("target/debug");
    let path = format!(
        "{}:{}",
        built.display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let output = Command::new("pre-commit")
        .args(["run", "--all-files"])
        .env("PATH", path)
        .current_dir(scratch)
        .output()
        .context("cannot start `pre-commit`")?;
    if output.status.success() != passes {
        let shown = String::from_utf8_lossy(&output.stdout);
        bail!(
            "{what} {}:\n{shown}",
            if passes { "did not pass" } else { "passed" }
        );
    }
    Ok(())
}

fn git(folder: &Path, args: &[&str]) -> Result<()> {
    let output = Command::new("git")
        .args(args)
        .current_dir(folder)
        .output()
        .context("cannot start `git`")?;
    if !output.status.success() {
        bail!(
            "`git {}` failed: {}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}
