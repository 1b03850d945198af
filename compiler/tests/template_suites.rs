//! Runs the shared template suites: single-template cases and the Velocity oracle's.
//!
//! The data are found by the environment variable `TOLLGATE_SHARED`, or beside the workspace; without
//! them the tests say so and pass.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value as Json};
use tollgate_compiler::template;
use tollgate_grammar::vtl;
use tollgate_runtime::json::{self, Heap, Lent, Mode, Style};
use tollgate_runtime::jsonpath;
use tollgate_runtime::vtl::{Kept, MapHost, Program, Settings, render};
use tollgate_runtime::{Scratch, Src, Text, Value};

fn shared(part: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TOLLGATE_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let path = root.join(part);
    if path.exists() {
        return Some(path);
    }
    println!("skipped: no {part}; set TOLLGATE_SHARED");
    None
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|file| file.extension().is_some_and(|own| own == extension));
    files.sort();
    files
}

/// What a rendering gives: output and overrides, or the kind of error.
#[derive(Debug, PartialEq)]
enum Outcome {
    Output(String, Json),
    Error(&'static str),
}

fn object(of: &Json, key: &str) -> String {
    of.get(key)
        .filter(|value| value.is_object())
        .map_or_else(|| "{}".into(), Json::to_string)
}

fn run(case: &Json) -> Outcome {
    let template = case["template"].as_str().unwrap().trim();
    let Ok(parsed) = vtl::parse(template) else {
        return Outcome::Error("parse");
    };
    let compiled = template::compile(&parsed).unwrap();
    let input = &case["input"];
    let host = MapHost {
        program: compiled.blob.clone(),
        body: input["body"].as_str().unwrap_or("").into(),
        path: object(input, "path"),
        query: object(input, "querystring"),
        header: object(input, "header"),
        context: object(case, "context"),
        stage_variables: object(case, "stage_variables"),
    };
    let program = Program::open(&compiled.blob, 0).unwrap();
    program.verify().unwrap();
    let mut scratch = Scratch::new(64 << 20);
    let mut kept = Kept::default();
    match render(
        program,
        &host,
        &mut scratch,
        &Settings::default(),
        &mut kept,
    ) {
        Ok(text) => {
            let output =
                String::from_utf8(scratch.bytes(text.off, text.len).unwrap().to_vec()).unwrap();
            Outcome::Output(output, overrides(&host, &mut scratch, kept.context))
        }
        Err(_) => Outcome::Error("runtime"),
    }
}

/// The override maps that are not empty.
fn overrides(host: &MapHost, scratch: &mut Scratch, context: Value) -> Json {
    let mut heap = Heap::new(host, scratch, 1 << 24);
    let mut kept = Map::new();
    for name in ["requestOverride", "responseOverride"] {
        let Some(group) = heap.member(context, name.as_bytes()).unwrap() else {
            continue;
        };
        let text = heap.to_text(group, Style::Json).unwrap();
        let mut group: Map<String, Json> = serde_json::from_slice(heap.bytes(text)).unwrap();
        group.retain(|_, member| member.as_object().is_none_or(|member| !member.is_empty()));
        if !group.is_empty() {
            kept.insert(name.into(), group.into());
        }
    }
    kept.into()
}

fn expected(case: &Json, outcome: &Outcome) -> bool {
    let expect = &case["expect"];
    match outcome {
        Outcome::Error(_) => expect.get("error").is_some(),
        Outcome::Output(output, overrides) => {
            let body = match (&expect["output"], &expect["json_output"]) {
                (Json::String(text), _) => text == output,
                (_, Json::Null) => expect.get("error").is_none(),
                (_, json) => serde_json::from_str::<Json>(output).is_ok_and(|own| own == *json),
            };
            let wanted = expect
                .get("overrides")
                .cloned()
                .unwrap_or_else(|| Json::Object(Map::new()));
            body && *overrides == wanted
        }
    }
}

#[derive(Default)]
struct Tally {
    passed: usize,
    failed: Vec<String>,
    skipped: usize,
}

impl Tally {
    fn add(&mut self, case: &Json) {
        let outcome = run(case);
        if expected(case, &outcome) {
            self.passed += 1;
        } else {
            self.failed.push(format!(
                "{}\n  template {}\n  got  {outcome:?}\n  want {}",
                case["id"], case["template"], case["expect"]
            ));
        }
    }

    fn report(&self, what: &str) {
        println!(
            "{what}: {} passed, {} failed, {} skipped",
            self.passed,
            self.failed.len(),
            self.skipped
        );
        for failure in self.failed.iter().take(
            std::env::var("SHOW")
                .ok()
                .and_then(|n| n.parse().ok())
                .unwrap_or(5),
        ) {
            println!("- {failure}");
        }
    }
}

#[test]
fn recorded_single_templates() {
    let Some(folder) = shared("cases/aws/mapping") else {
        return;
    };
    let mut tally = Tally::default();
    for file in files(&folder, "json") {
        let case: Json = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
        if case.get("template").is_some() {
            tally.add(&case);
        }
    }
    tally.report("cases/aws/mapping");
    assert!(tally.failed.is_empty());
}

#[test]
fn velocity_oracle() {
    let Some(folder) = shared("suites/vtl-oracle/open") else {
        return;
    };
    let only = std::env::var("AREA").unwrap_or_default();
    let mut all = Tally::default();
    let mut unsure = Tally::default();
    for file in files(&folder, "jsonl")
        .into_iter()
        .filter(|file| file.to_string_lossy().contains(&only))
    {
        let mut tally = Tally::default();
        for line in std::fs::read_to_string(&file).unwrap().lines() {
            let case: Json = serde_json::from_str(line).unwrap();
            // The reference's guide counts a list by `count()`, against Velocity.
            let ruled = case["template"]
                .as_str()
                .is_some_and(|template| template.contains("$l.count()"));
            let guess = ruled
                || case.get("guess").is_some()
                || case["support"] == "unknown"
                || case["confidence"] == "null-value";
            if guess {
                tally.skipped += 1;
                unsure.add(&case);
            } else {
                tally.add(&case);
            }
        }
        tally.report(&file.file_name().unwrap().to_string_lossy());
        all.passed += tally.passed;
        all.skipped += tally.skipped;
        all.failed.append(&mut tally.failed);
    }
    println!(
        "vtl-oracle: {} passed, {} failed; of those not recorded: {} passed, {} failed",
        all.passed,
        all.failed.len(),
        unsure.passed,
        unsure.failed.len()
    );
    if std::env::var("UNSURE").is_ok() {
        unsure.report("unsure");
    }
    assert!(all.failed.is_empty());
}

/// One JSONPath on one document, as Jayway answers.
fn jsonpath(case: &Json) -> Result<Json, &'static str> {
    struct Body<'b>(&'b [u8]);
    impl Lent for Body<'_> {
        fn lent(&self, text: Text) -> Option<&[u8]> {
            self.0.get(text.off as usize..)?.get(..text.len as usize)
        }
    }
    let document = case["document_text"].as_str().unwrap().as_bytes();
    let body = Body(document);
    let mut scratch = Scratch::new(64 << 20);
    let mut heap = Heap::new(&body, &mut scratch, 1 << 30);
    let value = json::parse(&mut heap, Text::whole(Src::Body, document), Mode::Lenient)
        .map_err(|_| "invalid_json")?;
    let mut code = Vec::new();
    jsonpath::compile(case["selector"].as_str().unwrap().as_bytes(), &mut code)
        .map_err(|_| "invalid_path")?;
    assert!(jsonpath::verify(&code));
    match jsonpath::find(&mut heap, &code, value) {
        Ok(Some(found)) => {
            let text = heap.to_text(found, Style::Json).unwrap();
            Ok(serde_json::from_slice(heap.bytes(text)).unwrap())
        }
        Ok(None) => Err("not_found"),
        Err(_) => Err("invalid_path"),
    }
}

/// Equal JSON; whole doubles equal whole numbers, and order counts unless said otherwise.
fn same_json(left: &Json, right: &Json, unordered: bool) -> bool {
    match (left, right) {
        (Json::Array(a), Json::Array(b)) if a.len() == b.len() => {
            let mut rest: Vec<&Json> = b.iter().collect();
            a.iter().enumerate().all(|(index, item)| {
                let at = if unordered {
                    rest.iter()
                        .position(|other| same_json(item, other, unordered))
                } else {
                    Some(0).filter(|_| same_json(item, &b[index], unordered))
                };
                at.map(|at| rest.remove(at)).is_some()
            })
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter().all(|(key, value)| {
                    b.get(key)
                        .is_some_and(|other| same_json(value, other, unordered))
                })
        }
        (Json::Number(a), Json::Number(b)) => a.as_f64() == b.as_f64(),
        _ => left == right,
    }
}

#[test]
fn jayway_paths() {
    let Some(folder) = shared("suites/jsonpath/open") else {
        return;
    };
    let mut failed = 0;
    for file in ["json-path-comparison.json", "jayway-own-tests.json"] {
        let suite: Json =
            serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap();
        let mut tally = Tally::default();
        for case in suite["cases"].as_array().unwrap() {
            let expect = &case["expect"];
            // `other` is a failure of the Java test around the path.
            if !case["skippable"].is_null() || expect["error"] == "other" {
                tally.skipped += 1;
                continue;
            }
            let found = jsonpath(case);
            let good = match (&found, expect.get("value"), expect["error"].as_str()) {
                (Ok(found), Some(wanted), _) => same_json(found, wanted, case["unordered"] == true),
                (Err(error), _, Some(wanted)) => *error == wanted,
                _ => false,
            };
            if good {
                tally.passed += 1;
            } else {
                let document: String = case["document_text"]
                    .as_str()
                    .unwrap_or("")
                    .chars()
                    .filter(|c| !c.is_whitespace())
                    .take(300)
                    .collect();
                tally.failed.push(format!(
                    "{} `{}` on {document}\n  got  {found:?}\n  want {expect}",
                    case["id"], case["selector"]
                ));
            }
        }
        tally.report(file);
        failed += tally.failed.len();
    }
    assert_eq!(failed, 0);
}
