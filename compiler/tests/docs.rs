//! The pages that are made from the code are those that are in `docs`. To write them anew:
//! `UPDATE_DOCS=1 cargo test -p tollgate-compiler --test docs`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use tollgate_compiler::{diagnostic, report, words};

fn docs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs")
}

/// Compares a file with what it should hold, or writes it.
fn holds(path: &Path, expected: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, expected).unwrap();
        return;
    }
    let found = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == expected,
        "{} is not up to date: UPDATE_DOCS=1 cargo test -p tollgate-compiler --test docs",
        path.display()
    );
}

#[test]
fn every_code_has_its_page() {
    let folder = docs().join("diagnostics");
    let mut names = BTreeSet::from(["README.md".to_owned(), "schema.json".to_owned()]);
    for info in diagnostic::all() {
        let name = format!("{}.md", info.code());
        holds(&folder.join(&name), &diagnostic::page(info));
        names.insert(name);
    }
    holds(&folder.join("README.md"), &diagnostic::index_page());
    let found: BTreeSet<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(
        found, names,
        "a page without a code, or a code without a page"
    );
}

#[test]
fn the_schema_of_reports_is_published() {
    holds(&docs().join("diagnostics/schema.json"), &report::schema());
}

/// What stands before this line is written by hand.
const GENERATED: &str = "<!-- From here on generated from the table of words. -->\n";

#[test]
fn the_reference_of_the_language_is_the_table_of_words() {
    let path = docs().join("language.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (by_hand, _) = text
        .split_once(GENERATED)
        .expect("the mark of the generated part");
    holds(
        &path,
        &format!("{by_hand}{GENERATED}\n{}", words::reference_page()),
    );
}
