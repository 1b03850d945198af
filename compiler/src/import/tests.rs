use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use tollgate_grammar::FileId;
use tollgate_grammar::ast::{Step, ValueKind};

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
fn the_corpus_is_read_and_can_be_written() {
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
            let text = String::from_utf8_lossy(&bytes);
            tally.add(&name, &text, &Options::default());
            if text.len() < 1 << 20 {
                let tree = openapi(FileId(0), &text, &Options::default()).tree;
                let gate = tollgate_grammar::format(&tree);
                let parsed = tollgate_grammar::parse(FileId(0), &gate);
                assert_eq!(parsed.errors, [], "{name}");
                assert!(
                    tollgate_grammar::same_meaning(&tree, &parsed.tree),
                    "{name}"
                );
            }
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

/// Methods (`GET /pets`), with the names of query strings and headers that they take and the
/// statuses that they declare.
type Methods = BTreeMap<String, (BTreeSet<String>, BTreeSet<u16>)>;

/// The methods of a tree.
fn methods(imported: &Imported) -> Methods {
    let mut found = BTreeMap::new();
    let sentences = |items: &'_ [Item]| -> Vec<Sentence> {
        let sentence = |item: &Item| match &item.kind {
            ItemKind::Sentence(sentence) => Some(sentence.clone()),
            _ => None,
        };
        items.iter().filter_map(sentence).collect()
    };
    let apis = sentences(&imported.tree.items);
    for api in apis.iter().filter_map(|sentence| sentence.block.as_ref()) {
        for method in sentences(&api.items) {
            let path = match method.operands.first().map(|value| &value.kind) {
                Some(ValueKind::Path(path)) => path.clone(),
                Some(ValueKind::Text(text)) => text.literal().unwrap_or_default().to_owned(),
                _ => continue,
            };
            let items = method.block.map(|block| block.items).unwrap_or_default();
            let parameters = items.iter().filter_map(|item| match &item.kind {
                ItemKind::Entry(entry) if matches!(entry.place.head(), "query" | "header") => {
                    match &entry.place.steps[..] {
                        [Step::Name(place), Step::Name(name)] => {
                            Some(format!("{} {}", place.text, name.text))
                        }
                        _ => None,
                    }
                }
                _ => None,
            });
            let responds = sentences(&items)
                .into_iter()
                .filter(|sentence| sentence.word.head() == "respond");
            let declared = responds.filter(|sentence| {
                !sentence.operands.iter().any(|value| matches!(&value.kind, ValueKind::Place(place) if place.head() == "undeclared"))
            });
            let statuses = declared.filter_map(|sentence| match &sentence.operands.first()?.kind {
                ValueKind::Quantity(quantity) => quantity.number.parse().ok(),
                _ => None,
            });
            found.insert(
                format!("{} {path}", method.word.head()),
                (parameters.collect(), statuses.collect()),
            );
        }
    }
    found
}

/// What another reader of OpenAPI sees in a document that it accepts.
fn witnessed(text: &str) -> Option<Methods> {
    let api: openapiv3::OpenAPI = serde_json::from_str(text).ok()?;
    let mut found = BTreeMap::new();
    for (path, item) in &api.paths.paths {
        let item = item.as_item()?;
        for (verb, operation) in item.iter().filter(|(verb, _)| *verb != "trace") {
            let mut parameters = BTreeSet::new();
            for parameter in item.parameters.iter().chain(&operation.parameters) {
                let parameter = match parameter {
                    openapiv3::ReferenceOr::Item(parameter) => parameter,
                    openapiv3::ReferenceOr::Reference { reference } => {
                        let name = reference.strip_prefix("#/components/parameters/")?;
                        api.components.as_ref()?.parameters.get(name)?.as_item()?
                    }
                };
                match parameter {
                    openapiv3::Parameter::Query { parameter_data, .. } => {
                        parameters.insert(format!("query {}", parameter_data.name))
                    }
                    openapiv3::Parameter::Header { parameter_data, .. } => {
                        parameters.insert(format!("header {}", parameter_data.name))
                    }
                    _ => false,
                };
            }
            let statuses = operation
                .responses
                .responses
                .keys()
                .filter_map(|status| match status {
                    openapiv3::StatusCode::Code(code) => Some(*code),
                    openapiv3::StatusCode::Range(_) => None,
                });
            let path = if path.starts_with('/') {
                path.clone()
            } else {
                format!("/{path}")
            };
            found.insert(
                format!("{} {path}", verb.to_ascii_uppercase()),
                (parameters, statuses.collect()),
            );
        }
    }
    Some(found)
}

#[test]
fn another_reader_sees_the_same_methods_parameters_and_statuses() {
    let Some(shared) = shared() else { return };
    let mut found = Vec::new();
    files(&shared.join("corpus/openapi/open"), &mut found);
    let (mut compared, mut seen) = (0, 0);
    for path in &found {
        let text =
            String::from_utf8_lossy(&std::fs::read(path).expect("the file is there")).into_owned();
        let Ok(document) = crate::document::read(FileId(0), &text, &Limits::default()) else {
            continue;
        };
        let json = crate::document::write::json::<()>(document.root(), &mut |_, _| None);
        let [crate::document::write::Part::Literal(json)] = &json[..] else {
            continue;
        };
        let Some(witnessed) = witnessed(json) else {
            continue;
        };
        let options = Options {
            kind: Some(Kind::Rest),
            ..Options::default()
        };
        let mut ours = methods(&openapi(FileId(0), &text, &options));
        ours.retain(|method, _| !method.starts_with("ANY "));
        assert_eq!(ours, witnessed, "{}", path.display());
        compared += 1;
        seen += witnessed.len();
    }
    println!("{compared} documents with {seen} methods are read alike");
    assert!(compared > 0, "the other reader accepts no document");
}

#[test]
fn the_checker_takes_every_document_of_the_cases_that_the_reference_takes() {
    let Some(shared) = shared() else { return };
    let mut found = Vec::new();
    files(&shared.join("cases"), &mut found);
    let mut problems = Vec::new();
    for path in found.iter().filter(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    }) {
        let text = std::fs::read_to_string(path).expect("a case is a text");
        let Ok(case) = serde_json::from_str::<serde_json::Value>(&text) else {
            continue;
        };
        let document = match case["api_text"].as_str() {
            Some(text) => text.to_owned(),
            None if case["api"].is_object() => case["api"].to_string(),
            None => continue,
        };
        let source = crate::Source::new("api.yaml", document);
        let project = crate::Options {
            import: options(&case),
            ..crate::Options::default()
        };
        let checked = crate::check(vec![source], &crate::source::NoFiles, &project);
        let errors = checked
            .diagnostics
            .iter()
            .filter(|found| found.severity() == crate::Severity::Error);
        let errors: Vec<String> = errors
            .map(|found| format!("{} {} {:?}", found.code(), found.message(), found.note()))
            .collect();
        let refused = case["expect"]["compile_error"].as_str();
        let fits = match refused {
            // What is refused for a plan or a key is not in the document.
            Some(_) if case["plans"].is_array() => errors.is_empty(),
            Some(words) => errors.iter().any(|error| error.contains(words)),
            // What gate has no words for yet is no disagreement.
            None => errors
                .iter()
                .all(|error| error.contains("is not supported yet")),
        };
        if !fits {
            problems.push(format!("{}: {refused:?} {errors:?}", path.display()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}
