//! What an importer makes can be written: import, format and parse give the model that the import gave.
//!
//! Documents are those of the folder `openapi`, and the public ones of `corpus/openapi`, found by the environment
//! variable `TOLLGATE_SHARED` or beside the workspace; without them the test says so.

use std::fs;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use tollgate_compiler::import::{self, openapi};
use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Checked, Options, Severity, Source, check};
use tollgate_grammar::{FileId, format};

fn documents(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let end = path.extension().and_then(|end| end.to_str());
            if path.is_dir() {
                folders.push(path);
            } else if matches!(end, Some("json" | "yaml" | "yml")) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What came of a document.
enum Fate {
    /// The document has errors, so there is no model to compare.
    NoModel,
    /// The document is a template of another tool's, with `${…}` to be filled by that: gate refuses such texts.
    Unfilled,
    Same,
    Different(String),
}

fn fate(text: &str) -> Fate {
    let checked = |name: &str, text: &str| -> Checked {
        check(vec![Source::new(name, text)], &NoFiles, &Options::default())
    };
    let Some(imported) = checked("main.yaml", text).program else {
        return Fate::NoModel;
    };
    let tree = openapi(FileId(0), text, &import::Options::default()).tree;
    let written = checked("main.gate", &format(&tree));
    let Some(written_program) = &written.program else {
        let unfilled = written
            .diagnostics
            .iter()
            .any(|found| found.code().to_string() == "TG0215");
        if unfilled && text.contains("${") {
            return Fate::Unfilled;
        }
        let errors: Vec<String> = written
            .diagnostics
            .iter()
            .filter(|found| found.severity() == Severity::Error)
            .map(|found| format!("{} {}", found.code(), found.message()))
            .collect();
        return Fate::Different(format!("what was written has errors: {errors:?}"));
    };
    let (a, b) = (without_places(&imported), without_places(written_program));
    if a == b {
        return Fate::Same;
    }
    let at = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
    let around = |text: &str| {
        let bytes = text.as_bytes();
        let part = &bytes[at.saturating_sub(150)..bytes.len().min(at + 150)];
        String::from_utf8_lossy(part).into_owned()
    };
    Fate::Different(format!(
        "imported …{}…\n  written  …{}…",
        around(&a),
        around(&b)
    ))
}

/// A program as text, without where anything stands.
fn without_places(program: &tollgate_model::Program) -> String {
    let text = format!("{program:?}");
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = ["NodeId {", "Span {"]
        .iter()
        .filter_map(|what| rest.find(what))
        .min()
    {
        out.push_str(&rest[..at]);
        // Neither holds braces but its own.
        rest = rest[at..].split_once('}').map_or("", |(_, behind)| behind);
    }
    out.push_str(rest);
    // Where a text stands byte for byte is another thing in another language.
    let mut parts = out.split("verbatim: [");
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        bare.push_str("verbatim: []");
        bare.push_str(part.split_once(']').map_or("", |(_, behind)| behind));
    }
    bare
}

/// Fails with every document whose model differs; how many there were, and how many keep a model.
fn hold(folder: &Path) -> (usize, usize) {
    let fates: Vec<(PathBuf, Fate)> = documents(folder)
        .into_par_iter()
        .filter_map(|path| {
            let text = fs::read_to_string(&path).ok()?;
            let fate = fate(&text);
            Some((path, fate))
        })
        .collect();
    let different: Vec<String> = fates
        .iter()
        .filter_map(|(path, fate)| match fate {
            Fate::Different(how) => {
                let name = path.strip_prefix(folder).unwrap_or(path).display();
                Some(format!("{name}: {how}"))
            }
            Fate::NoModel | Fate::Unfilled | Fate::Same => None,
        })
        .collect();
    assert!(
        different.is_empty(),
        "{} of {} documents:\n{}",
        different.len(),
        fates.len(),
        different.join("\n")
    );
    let unfilled = fates
        .iter()
        .filter(|(_, fate)| matches!(fate, Fate::Unfilled));
    println!(
        "{} have texts to be filled by another tool",
        unfilled.count()
    );
    let same = fates
        .iter()
        .filter(|(_, fate)| matches!(fate, Fate::Same))
        .count();
    (fates.len(), same)
}

#[test]
fn what_is_imported_means_the_same_when_it_is_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi");
    let (documents, same) = hold(&folder);
    assert!(
        documents >= 8 && same > 0,
        "{same} of {documents} have a model"
    );
}

#[test]
fn public_documents_mean_the_same_when_they_are_written() {
    let root = std::env::var_os("TOLLGATE_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let folder = root.join("corpus/openapi/open");
    if !folder.exists() {
        println!("skipped: no corpus/openapi; set TOLLGATE_SHARED");
        return;
    }
    let (documents, same) = hold(&folder);
    println!("{same} of {documents} documents have a model, and keep it");
    assert!(same > 0);
}
