use std::path::{Path, PathBuf};

use tollgate_grammar::FileId;

use super::*;

/// The folder of shared test data, if it is there.
fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared");
    let folder = std::env::var_os("TOLLGATE_SHARED").map_or(beside, PathBuf::from);
    if !folder.is_dir() {
        eprintln!("skipped: no shared test data at {}", folder.display());
        return None;
    }
    Some(folder)
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
    found.sort();
}

fn options(case: &serde_json::Value) -> Options {
    let import = &case["import_options"];
    let texts = |value: &serde_json::Value| -> Vec<String> {
        value
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|text| text.as_str())
            .map(str::to_owned)
            .collect()
    };
    Options {
        kind: (case["api_type"] == "http")
            .then_some(Kind::Http)
            .or(Some(Kind::Rest)),
        base_path: match import["basepath"].as_str() {
            Some("prepend") => BasePath::Prepend,
            Some("split") => BasePath::Split,
            _ => BasePath::Ignore,
        },
        mode: match import["mode"].as_str() {
            Some("merge") => Mode::Merge {
                binary_media_types: texts(&import["existing"]["binaryMediaTypes"]),
            },
            Some("overwrite") => Mode::Overwrite,
            _ => Mode::New,
        },
        ..Options::default()
    }
}

#[test]
fn every_document_of_the_cases_is_read_whole() {
    let Some(shared) = shared() else { return };
    let mut found = Vec::new();
    files(&shared.join("cases"), &mut found);
    let mut documents = 0;
    let mut problems = Vec::new();
    for path in found.iter().filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    }) {
        let text = std::fs::read_to_string(path).expect("a case is a text");
        let Ok(case) = serde_json::from_str::<serde_json::Value>(&text) else {
            continue;
        };
        let mut texts: Vec<String> = [&case["api"], &case["stage"]["canary"]["api"]]
            .into_iter()
            .filter(|api| api.is_object())
            .map(|api| api.to_string())
            .collect();
        texts.extend(case["api_text"].as_str().map(str::to_owned));
        let refused = case["expect"]["compile_error"].as_str();
        for text in texts {
            documents += 1;
            let imported = openapi(FileId(0), &text, &options(&case));
            for finding in &imported.findings {
                let expected = match finding.severity {
                    Severity::Error => refused.is_some_and(|words| {
                        finding
                            .reference
                            .as_deref()
                            .is_some_and(|said| said.contains(words))
                    }),
                    Severity::Warning => matches!(
                        finding.kind,
                        FindingKind::MappingNotText | FindingKind::Changed
                    ),
                    Severity::Note => true,
                };
                if !expected {
                    problems.push(format!("{}: {finding:?}", path.display()));
                }
            }
        }
    }
    assert!(documents > 0, "no case has a document");
    assert!(
        problems.is_empty(),
        "{documents} documents\n{}",
        problems.join("\n")
    );
}

#[test]
fn the_corpus_is_read() {
    let Some(shared) = shared() else { return };
    let mut found = Vec::new();
    files(&shared.join("corpus/openapi/open"), &mut found);
    files(&shared.join("corpus/large/open"), &mut found);
    let mut tally = corpus::Tally::default();
    for path in &found {
        let Ok(bytes) = std::fs::read(path) else {
            continue;
        };
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name != "index.json" {
            tally.add(&name, &String::from_utf8_lossy(&bytes), &Options::default());
        }
    }
    println!(
        "{} documents, {} unreadable, {} refused, {} methods",
        tally.documents, tally.unreadable, tally.refused, tally.methods
    );
    for severity in [Severity::Error, Severity::Warning, Severity::Note] {
        println!("{severity:?}:\n{}", tally.lines(severity).join("\n"));
    }
    assert!(tally.documents > 0);
}
