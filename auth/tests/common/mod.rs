//! Third-party suites, read by path: `TOLLGATE_SHARED`, else `shared` beside the workspace.

use std::path::PathBuf;

use serde_json::Value;

/// The cases of a suite's file; `None`, and a line, if the suites are not there.
pub fn cases(file: &str) -> Option<Vec<Value>> {
    let root = std::env::var_os("TOLLGATE_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared")),
        PathBuf::from,
    );
    let path = root.join("suites").join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("skipped: no suite `{file}` (set TOLLGATE_SHARED)");
        return None;
    };
    let suite: Value = serde_json::from_str(&text).expect("a suite is JSON");
    Some(
        suite["cases"]
            .as_array()
            .expect("a suite has cases")
            .clone(),
    )
}

/// Runs `check` on every case that is not skippable; fails with all that went wrong.
pub fn run(file: &str, check: impl Fn(&Value) -> Result<(), String>) {
    let Some(cases) = cases(file) else { return };
    let (mut good, mut skipped, mut wrong) = (0, 0, Vec::new());
    for case in &cases {
        match check(case) {
            Ok(()) => good += 1,
            Err(_) if !case["skippable"].is_null() => skipped += 1,
            Err(why) => wrong.push(format!("{}: {why}", case["id"])),
        }
    }
    println!(
        "{file}: {good} of {} as expected, {skipped} skippable ones not",
        cases.len()
    );
    assert!(good > 0, "{file} ran nothing");
    assert!(wrong.is_empty(), "{file}:\n{}", wrong.join("\n"));
}
