//! Seeded faults: does anything notice when compiler or runtime are wrong?
//!
//! Each fault of `mutants.toml` is a piece of text and what takes its place. It is put into a copy of the
//! working tree under `target/mutants`, by itself; the copy is built and held to the specification over
//! generated pairs (`soak`, from a fixed seed). What the law lets pass goes to the tests of the crate with the
//! fault, and then to the tables that both subjects are held to. What passes them as well is missed, and the chore
//! fails.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::sh;

/// Pairs of program and request for each fault.
const PAIRS: &str = "10000";
/// A fault that makes a run last so much longer than it should is noticed.
const PATIENCE: Duration = Duration::from_secs(600);

#[derive(Deserialize)]
struct Table {
    fault: Vec<Fault>,
}

/// One fault.
#[derive(Deserialize)]
struct Fault {
    /// What is wrong, in words.
    name: String,
    /// The folder of the crate.
    #[serde(rename = "crate")]
    of: String,
    /// Text that stands once in the crate's sources.
    from: String,
    /// What takes its place.
    to: String,
}

impl Fault {
    /// The file below `root` that has the text.
    fn place(&self, root: &Path) -> Result<PathBuf> {
        let mut files = Vec::new();
        rust_files(&root.join(&self.of).join("src"), &mut files)?;
        let mut found = Vec::new();
        for path in files {
            let text = fs::read_to_string(&path)?;
            found.extend(std::iter::repeat_n(path, text.matches(&self.from).count()));
        }
        ensure!(
            found.len() == 1,
            "the text of the fault `{}` stands {} times in `{}`",
            self.name,
            found.len(),
            self.of
        );
        Ok(found.remove(0))
    }
}

/// What came of a fault.
enum Fate {
    Caught(&'static str),
    Missed,
}

/// Tries every fault whose name contains the first argument.
pub fn run(args: &[String]) -> Result<()> {
    let filter = args.first().map_or("", String::as_str);
    let faults = faults()?;
    let tree = sh::root().join("target/mutants/tree");
    copy(&tree)?;
    let started = Instant::now();
    match fate(&tree, "")? {
        Fate::Missed => eprintln!(
            "without a fault nothing is wrong ({:.0?})",
            started.elapsed()
        ),
        Fate::Caught(by) => bail!("{by} without any fault"),
    }
    let (mut caught, mut missed) = (0, Vec::new());
    for fault in faults.iter().filter(|fault| fault.name.contains(filter)) {
        let started = Instant::now();
        let place = fault.place(&tree)?;
        let sound = fs::read_to_string(&place)?;
        fs::write(&place, sound.replace(&fault.from, &fault.to))?;
        let fate = fate(&tree, &fault.of);
        fs::write(&place, sound)?;
        match fate.with_context(|| format!("the fault `{}`", fault.name))? {
            Fate::Caught(by) => {
                caught += 1;
                println!("caught  {} — {by} ({:.0?})", fault.name, started.elapsed());
            }
            Fate::Missed => {
                println!("missed  {} ({:.0?})", fault.name, started.elapsed());
                missed.push(fault.name.as_str());
            }
        }
    }
    println!("{caught} caught, {} missed", missed.len());
    ensure!(missed.is_empty(), "missed: {}", missed.join("; "));
    Ok(())
}

fn faults() -> Result<Vec<Fault>> {
    let path = sh::root().join("xtask/mutants.toml");
    let table: Table = toml::from_str(&fs::read_to_string(&path)?)?;
    Ok(table.fault)
}

/// Builds the tree and holds it to the law, then a crate to its own tests.
fn fate(tree: &Path, of: &str) -> Result<Fate> {
    let example = ["--package", "tollgate-conformance", "--example", "soak"];
    let build = cargo(tree, &[&["build", "--quiet"][..], &example].concat());
    ensure!(finish(build)? == Some(true), "it does not compile");
    let soak = ["--", "--first", "--seed", "1", "--pairs", PAIRS];
    let law = cargo(tree, &[&["run", "--quiet"][..], &example, &soak].concat());
    match finish(law)? {
        Some(true) => {}
        Some(false) => return Ok(Fate::Caught("the law finds a pair")),
        None => return Ok(Fate::Caught("the law does not end")),
    }
    if of.is_empty() {
        return Ok(Fate::Missed);
    }
    let package = format!("tollgate-{of}");
    let own = cargo(tree, &["test", "--quiet", "--package", &package]);
    let tables = [
        "test",
        "--quiet",
        "--package",
        "tollgate-conformance",
        "--lib",
    ];
    for (tests, fails, lasts) in [
        (
            own,
            "a test of the crate fails",
            "a test of the crate does not end",
        ),
        (
            cargo(tree, &tables),
            "a table of both subjects fails",
            "a table of both subjects does not end",
        ),
    ] {
        match finish(tests)? {
            Some(true) => {}
            Some(false) => return Ok(Fate::Caught(fails)),
            None => return Ok(Fate::Caught(lasts)),
        }
    }
    Ok(Fate::Missed)
}

fn cargo(tree: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("cargo");
    command
        .args(args)
        .current_dir(tree)
        .env("CARGO_TARGET_DIR", sh::root().join("target/mutants/target"))
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .env("PROPTEST_MAX_SHRINK_ITERS", "0")
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Whether a command succeeds; none if it is stopped because it does not end.
fn finish(mut command: Command) -> Result<Option<bool>> {
    let mut child = command.spawn().context("cannot start `cargo`")?;
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status.success()));
        }
        if started.elapsed() > PATIENCE {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        sleep(Duration::from_millis(200));
    }
}

/// Copies the working tree's files that git knows; what is the same keeps its time, so that builds stay warm.
fn copy(tree: &Path) -> Result<()> {
    let root = sh::root();
    let listed = sh::output(
        "git",
        &["ls-files", "--cached", "--others", "--exclude-standard"],
    )?;
    for name in listed.lines() {
        let (from, to) = (root.join(name), tree.join(name));
        let Ok(bytes) = fs::read(&from) else {
            continue;
        };
        if fs::read(&to).ok().as_ref() != Some(&bytes) {
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&to, bytes)?;
        }
    }
    // A file that is gone must not be built.
    let mut there = Vec::new();
    rust_files(tree, &mut there)?;
    for path in there {
        let name = path.strip_prefix(tree)?;
        if !root.join(name).is_file() {
            fs::remove_file(&path)?;
        }
    }
    Ok(())
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("`{}`", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            rust_files(&path, found)?;
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_its_place() {
        let faults = faults().unwrap();
        assert!(faults.len() >= 30);
        for fault in &faults {
            fault.place(&sh::root()).unwrap();
            assert_ne!(fault.from, fault.to, "{}", fault.name);
        }
    }
}
