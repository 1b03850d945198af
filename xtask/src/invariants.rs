//! The rules of `ARCHITECTURE.md` that a search of the sources can hold. What needs a
//! run (no allocation, no panic, stable codes) is a test of its crate.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::sh;

/// Fails with every place that breaks a rule.
pub fn check() -> Result<()> {
    let root = sh::root();
    let mut wrong = Vec::new();
    for path in rust_files(&root)? {
        let name = path
            .strip_prefix(&root)
            .unwrap_or(&path)
            .display()
            .to_string();
        let text = fs::read_to_string(&path)?;
        let product = without_tests(&text);
        for (number, line) in product.lines().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            let quiet = code.trim_start().starts_with("const _:") || code.contains("debug_assert");
            let at = || format!("{name}:{}: {}", number + 1, line.trim());
            if !name.starts_with("bindings/")
                && has_word(code, "unsafe")
                && !code.contains("unsafe_code")
            {
                wrong.push(format!("unsafe outside bindings\n    {}", at()));
            }
            if name.starts_with("runtime/src/")
                && !quiet
                && PANICS.iter().any(|panic| code.contains(panic))
            {
                wrong.push(format!("a panic in the runtime\n    {}", at()));
            }
            if is_sans_io(&name) && IO.iter().any(|io| code.contains(io)) {
                wrong.push(format!("I/O in a crate without it\n    {}", at()));
            }
            if code.contains("todo!(") || code.contains("unimplemented!(") {
                wrong.push(format!("unfinished code\n    {}", at()));
            }
        }
    }
    let runtime = fs::read_to_string(root.join("runtime/src/lib.rs"))?;
    for line in ["#![no_std]", "#![forbid(unsafe_code)]"] {
        if !runtime.contains(line) {
            wrong.push(format!("runtime/src/lib.rs lacks `{line}`"));
        }
    }
    if !wrong.is_empty() {
        bail!("broken invariants:\n  {}", wrong.join("\n  "));
    }
    Ok(())
}

const PANICS: &[&str] = &[
    ".unwrap()",
    ".expect(",
    "panic!(",
    "unreachable!(",
    "assert!(",
    "assert_eq!(",
];
const IO: &[&str] = &[
    "std::fs",
    "std::net::Tcp",
    "std::net::Udp",
    "std::env",
    "std::process",
    "SystemTime::now",
    "Instant::now",
];

fn is_sans_io(name: &str) -> bool {
    [
        "grammar/src/",
        "model/src/",
        "compiler/src/",
        "runtime/src/",
        "auth/src/",
    ]
    .iter()
    .any(|floor| name.starts_with(floor))
}

fn has_word(code: &str, word: &str) -> bool {
    code.split(|c: char| !c.is_alphanumeric() && c != '_')
        .any(|part| part == word)
}

/// The text before the tests of a file: by custom, `#[cfg(test)]` opens the last part.
fn without_tests(text: &str) -> &str {
    text.find("\n#[cfg(test)]").map_or(text, |end| &text[..end])
}

/// The sources of the product; a module named `tests` is compiled for tests alone.
fn rust_files(root: &Path) -> Result<Vec<PathBuf>> {
    let listed = sh::output("git", &["ls-files", "*.rs"])?;
    let product = |name: &&str| {
        !name.ends_with("/tests.rs") && !name.contains("/tests/") && !name.starts_with("xtask/")
    };
    Ok(listed
        .lines()
        .filter(product)
        .map(|line| root.join(line))
        .filter(|path| path.is_file())
        .collect())
}
