//! The examples among the fixtures: every gate file that parses.

use std::path::{Path, PathBuf};

use tollgate_grammar::{FileId, parse};

/// Their places and texts, in the order of the places.
pub fn all() -> Vec<(PathBuf, String)> {
    let mut all = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == "gate")
                && let Ok(text) = std::fs::read_to_string(&path)
                && parse(FileId(0), &text).errors.is_empty()
            {
                all.push((path, text));
            }
        }
    }
    all.sort();
    assert!(all.len() > 250, "there are examples");
    all
}
