//! Finding the files of cases and suites.

use std::io;
use std::path::{Path, PathBuf};

/// All files below these paths whose names end in `.json` or `.jsonl`, in the order of their names.
///
/// # Errors
///
/// A path does not exist or cannot be read.
pub(crate) fn find(paths: &[PathBuf]) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for path in paths {
        walk(path, &mut found)?;
    }
    Ok(found)
}

fn walk(path: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let named = |error: io::Error| {
        io::Error::new(
            error.kind(),
            format!("cannot read `{}`: {error}", path.display()),
        )
    };
    if path.metadata().map_err(named)?.is_dir() {
        let mut entries: Vec<PathBuf> = std::fs::read_dir(path)
            .map_err(named)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<_>>()
            .map_err(named)?;
        entries.sort();
        for entry in entries {
            walk(&entry, found)?;
        }
    } else if matches!(
        path.extension().and_then(|e| e.to_str()),
        Some("json" | "jsonl")
    ) {
        found.push(path.to_owned());
    }
    Ok(())
}
