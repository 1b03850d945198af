//! The programs that changed files belong to, for a hook that is given the files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// What the document of an API holds, and other OpenAPI documents do not.
const MARK: &[u8] = b"x-amazon-apigateway-";

/// The keys that an OpenAPI or Swagger document has at its root.
const ROOTS: [&str; 2] = ["openapi", "swagger"];

/// The programs: folders of gate files, and documents that describe an API. Sorted, each once.
pub(super) fn programs(files: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut programs = BTreeSet::new();
    for file in files {
        match file.extension().and_then(|e| e.to_str()) {
            Some("gate") => {
                programs.insert(folder_of(file));
            }
            Some("json" | "yaml" | "yml") => {
                let bytes = tollgate_project::read(file)
                    .map_err(|error| Failure::new(error.to_string()))?;
                if describes_an_api(&bytes) {
                    programs.insert(file.clone());
                }
            }
            _ => {}
        }
    }
    Ok(programs.into_iter().collect())
}

fn describes_an_api(bytes: &[u8]) -> bool {
    if !bytes.windows(MARK.len()).any(|window| window == MARK) {
        return false;
    }
    // Templates of other tools carry such documents further down.
    match serde_json::from_slice::<serde_json::Value>(bytes) {
        Ok(document) => ROOTS.iter().any(|root| document.get(root).is_some()),
        Err(_) => String::from_utf8_lossy(bytes).lines().any(|line| {
            let key = line.split(':').next().unwrap_or_default();
            ROOTS.contains(&key.trim_end().trim_matches(['"', '\'']))
        }),
    }
}

/// The outermost folder above a gate file that has gate files itself: a folder is one program with all that is
/// below it.
fn folder_of(file: &Path) -> PathBuf {
    let own = match file.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    let outer = own
        .ancestors()
        .filter(|folder| !folder.as_os_str().is_empty() && has_gate(folder))
        .last();
    // A file that was removed may have been the last one of its folder.
    outer.unwrap_or(own).to_owned()
}

fn has_gate(folder: &Path) -> bool {
    std::fs::read_dir(folder).is_ok_and(|entries| {
        entries
            .flatten()
            .any(|entry| entry.path().extension().is_some_and(|e| e == "gate"))
    })
}
