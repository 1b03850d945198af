//! The example programs.

use std::path::{Path, PathBuf};

/// All `.gate` files under `fixtures/`, with their texts.
pub fn fixtures() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures");
    let mut found = Vec::new();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("fixtures can be listed") {
            let path = entry.expect("fixtures can be listed").path();
            if path.is_dir() {
                // What stands there is wrong on purpose.
                if !path.ends_with("diagnostics") {
                    folders.push(path);
                }
            } else if path
                .extension()
                .is_some_and(|extension| extension == "gate")
            {
                let text = std::fs::read_to_string(&path).expect("a fixture can be read");
                found.push((path, text));
            }
        }
    }
    found.sort();
    assert!(found.len() >= 5, "there are examples");
    found
}
