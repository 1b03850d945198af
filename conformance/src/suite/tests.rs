//! Every suite that is there has a reader, and every file of it cases.

use std::path::{Path, PathBuf};

use super::{cases, of};
use crate::files;

#[test]
fn a_suite_is_known_by_its_folder() {
    for (path, known) in [
        ("suites/vtl/open/a.json", true),
        ("vtl-oracle/open/a.jsonl", true),
        ("suites/nothing/a.json", false),
        ("cases/aws/mapping/a.json", false),
    ] {
        assert_eq!(of(Path::new(path)).is_some(), known, "{path}");
    }
}

#[test]
fn every_file_of_the_suites_is_read() {
    let shared = std::env::var_os("TOLLGATE_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let suites = shared.join("suites");
    if !suites.exists() {
        println!("skipped: no suites; set TOLLGATE_SHARED");
        return;
    }
    for file in files::find(&[suites]).unwrap() {
        // Beside the folders of cases stand documents that these refer to.
        if file.file_name().is_some_and(|name| name == "remotes.json") {
            continue;
        }
        assert!(of(&file).is_some(), "{}", file.display());
        let text = std::fs::read_to_string(&file).unwrap();
        let found = cases(&file, &text).unwrap();
        assert!(!found.is_empty(), "{}", file.display());
        for case in found {
            assert!(case["id"].is_string(), "{}: {case}", file.display());
        }
    }
}
