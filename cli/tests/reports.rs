//! What `tollgate check` gives to tools: JSON by its published schema, SARIF 2.1.0, GitHub's annotations.

mod common;

use common::Folder;
use serde_json::{Value, json};

/// Five mistakes on five lines, and a finding that is allowed.
const WRONG: &str = r#"rest api Shop {
  GET /a { integrat mock, respond 200 }
  GET /b/{id { integrate mock, respond 200 }
  GET /c { auth: nobody, integrate mock, respond 200 }
  GET /d { integrate http "https://${stageVariables.host}/", timeout: 3s }
  GET /e { integrate mock, respond 200 { header.x = context.nonsense } }
  # tollgate: allow TG0605 — the backend never fails
  GET /f { integrate http custom "https://a.example/", respond 404 matching r"404" }
}
stage dev of Shop { variables { host: "h.example" } }
"#;

fn folder() -> Folder {
    Folder::with(&[("api/shop.gate", WRONG)])
}

#[test]
fn five_mistakes_on_five_lines_are_five_codes_on_those_lines() {
    let gate = r#"rest api Shop {
  GET /a { integrat mock, respond 200 }
  GET /b { auth: nobody, integrate mock, respond 200 }
  GET /c { integrate http "ftp://a.example/" }
  GET /d { integrate mock, respond 20000 }
  GET /e { integrate mock, respond 200 { body = vtl"$input.jsn('$')#if(" } }
  GET /fine { integrate mock, respond 200 }
}
"#;
    let folder = Folder::with(&[("shop.gate", gate)]);
    let run = folder.run(&["check", "--format", "json"]);
    assert_eq!(run.code, 1);
    let document: Value = serde_json::from_str(&run.output).unwrap();
    let mut by_line: std::collections::BTreeMap<u64, Vec<String>> = Default::default();
    for diagnostic in document["diagnostics"].as_array().unwrap() {
        if diagnostic["severity"] == "error" {
            let line = diagnostic["primary"]["start"]["line"].as_u64().unwrap();
            by_line
                .entry(line)
                .or_default()
                .push(diagnostic["code"].as_str().unwrap().to_owned());
        }
    }
    let lines: Vec<u64> = by_line.keys().copied().collect();
    assert_eq!(lines, [2, 3, 4, 5, 6], "{by_line:?}");
    // One code for each line that no other line has.
    for (line, codes) in &by_line {
        let own = |code: &&String| {
            by_line
                .iter()
                .all(|(other, theirs)| other == line || !theirs.contains(code))
        };
        assert!(codes.iter().any(|code| own(&code)), "{line}: {by_line:?}");
    }
}

#[test]
fn json_is_what_the_schema_says() {
    let folder = folder();
    let schema: Value =
        serde_json::from_str(include_str!("../../docs/diagnostics/schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let run = folder.run(&["check", "api", "--format", "json", "--show-allowed"]);
    assert_eq!((run.code, run.errors.as_str()), (1, ""));
    insta::assert_snapshot!(run.output);
    let document: Value = serde_json::from_str(&run.output).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|e| e.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    // The schema can refuse.
    let mut other = document.clone();
    other["diagnostics"][0]["severity"] = json!("fatal");
    assert!(!validator.is_valid(&other));
    other = document;
    other["diagnostics"][0]["code"] = Value::Null;
    assert!(!validator.is_valid(&other));
}

#[test]
fn sarif_has_the_shape_that_its_standard_requires() {
    let folder = folder();
    let run = folder.run(&["check", "api", "--format", "sarif", "--show-allowed"]);
    assert_eq!((run.code, run.errors.as_str()), (1, ""));
    let document: Value = serde_json::from_str(&run.output).unwrap();
    let schema: Value = serde_json::from_str(include_str!("sarif-2.1.0.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(&document)
        .map(|e| e.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let first = &document["runs"][0];
    let rules = first["tool"]["driver"]["rules"].as_array().unwrap();
    let results = first["results"].as_array().unwrap();
    assert!(
        results
            .iter()
            .any(|result| result["suppressions"].is_array())
    );
    for result in results {
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
    }
    // The schema can refuse.
    let mut other = document.clone();
    other["runs"][0]["results"][0]["locations"] = json!([]);
    assert!(!validator.is_valid(&other));
    // The pages of the rules are long, and have tests of their own.
    let mut brief = document.clone();
    for rule in brief["runs"][0]["tool"]["driver"]["rules"]
        .as_array_mut()
        .unwrap()
    {
        rule["help"] = json!({"text": "…", "markdown": "…"});
    }
    insta::assert_snapshot!(format!("{brief:#}"));
}

#[test]
fn github_gets_an_annotation_a_line() {
    let run = folder().run(&["check", "api", "--format", "github"]);
    assert_eq!((run.code, run.errors.as_str()), (1, ""));
    insta::assert_snapshot!(run.output);
}

#[test]
fn several_programs_are_one_document() {
    let folder = folder();
    folder.write("more/a.gate", "rest api {\n");
    folder.write(
        "fine/a.gate",
        "rest api A { GET / { auth: none, integrate mock, respond 200 } }\n",
    );
    let paths = ["api", "more", "fine"];
    let run = folder.run(&[&["check", "--format", "json"], &paths[..]].concat());
    let whole: Value = serde_json::from_str(&run.output).unwrap();
    let mut count = 0;
    for path in paths {
        let run = folder.run(&["check", "--format", "json", path]);
        let one: Value = serde_json::from_str(&run.output).unwrap();
        count += one["diagnostics"].as_array().unwrap().len();
    }
    assert_eq!(whole["diagnostics"].as_array().unwrap().len(), count);
    let run = folder.run(&[&["check", "--format", "sarif"], &paths[..]].concat());
    let whole: Value = serde_json::from_str(&run.output).unwrap();
    assert_eq!(whole["runs"].as_array().unwrap().len(), 3);
    // A hook that has nothing to look at gives a document all the same.
    folder.write("notes.yaml", "a: 1\n");
    for format in ["json", "sarif"] {
        let run = folder.run(&["check", "--hook", "--format", format, "notes.yaml"]);
        assert_eq!(run.code, 0);
        let none: Value = serde_json::from_str(&run.output).unwrap();
        assert!(
            none["diagnostics"]
                .as_array()
                .or(none["runs"][0]["results"].as_array())
                .unwrap()
                .is_empty()
        );
    }
}

#[test]
fn what_was_found_before_stays_silent_wherever_one_stands() {
    let gate = "rest api Shop {\n  GET /f { auth: none, integrate http custom \"https://a.example/\", respond 404 matching r\"404\" }\n}\nstage dev of Shop {}\n";
    let folder = Folder::with(&[("my api/shop.gate", gate)]);
    assert_eq!(folder.run(&["check", "my api"]).code, 1);
    let run = folder.run(&["check", "my api", "--write-baseline", "my api/baseline.txt"]);
    assert_eq!((run.code, run.output.as_str()), (0, ""));
    let baseline = folder.read("my api/baseline.txt");
    assert!(baseline.contains("TG0605 shop.gate "), "{baseline}");
    for (below, arguments) in [
        (".", &["check", "my api"][..]),
        ("my api", &["check"]),
        (
            ".",
            &["check", "my api", "--baseline", "my api/baseline.txt"],
        ),
    ] {
        let run = folder.run_in(below, arguments);
        assert_eq!((run.code, run.output.as_str()), (0, ""), "{arguments:?}");
    }
    // Another line is another finding, and an entry that fits none is one as well.
    folder.write("my api/shop.gate", &gate.replace("a.example", "b.example"));
    let run = folder.run(&["check", "my api"]);
    assert_eq!(run.code, 1);
    assert!(
        run.output.contains("TG0605") && run.output.contains("TG0109"),
        "{}",
        run.output
    );
}
