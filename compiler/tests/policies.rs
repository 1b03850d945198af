//! What checks find in policies: each rule has a program that it finds fault with and one that it does not, and the
//! documentation lists them.

use std::path::{Path, PathBuf};

use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Diagnostic, Options, Source, check};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn found(file: &Path) -> Vec<Diagnostic> {
    let text = std::fs::read_to_string(file).unwrap();
    check(
        vec![Source::new("main.gate", text)],
        &NoFiles,
        &Options::default(),
    )
    .diagnostics
}

/// The rules: the folders of the fixtures, in the order of their names.
fn rules() -> Vec<PathBuf> {
    let folder = root().join("fixtures/policies");
    let mut rules: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    rules.sort();
    rules
}

#[test]
fn every_rule_finds_its_fault_and_no_other() {
    let mut wrong = Vec::new();
    let rules = rules();
    assert!(rules.len() >= 40, "{} rules", rules.len());
    for rule in rules {
        let name = rule.file_name().unwrap().to_string_lossy().into_owned();
        let shown = |found: &[Diagnostic]| -> Vec<String> {
            let lines = found
                .iter()
                .map(|d| format!("{} {}", d.code(), d.message()));
            lines.collect()
        };
        let raised = found(&rule.join("raises.gate"));
        if raised.len() != 1 {
            wrong.push(format!("{name} raises {:#?}", shown(&raised)));
        }
        let silent = found(&rule.join("silent.gate"));
        if !silent.is_empty() {
            wrong.push(format!("{name} is not silent: {:#?}", shown(&silent)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// However long a policy is, a statement that another makes superfluous is told, and no other.
#[test]
fn statements_of_long_policies_are_compared() {
    let mut policy = String::from("  policy {\n    allow anyone to invoke *\n");
    for at in 0..2_000 {
        policy += &format!("    deny anyone to invoke GET /r{at}/items/*\n");
    }
    policy += "    deny anyone to invoke GET /r1500/items/secret/*\n  }\n";
    let text = format!(
        "rest api Long {{\n{policy}  GET /{{rest+}} {{ auth: none, integrate mock, respond 200 }}\n}}\n"
    );
    let sources = vec![Source::new("main.gate", text)];
    let found = check(sources, &NoFiles, &Options::default()).diagnostics;
    let told: Vec<&str> = found.iter().map(Diagnostic::message).collect();
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].contains("statement 1502"), "{}", told[0]);
}

/// Globs that go back and forth over each other are looked at for a while only.
#[test]
fn long_globs_do_not_keep_a_check() {
    let statement = |nth: usize| {
        let action = |at: usize| format!("\"execute-api:{}{at}x\"", "*a".repeat(2_000));
        let actions: Vec<String> = (0..20).map(|at| action(nth * 20 + at)).collect();
        format!(
            r#"{{"Effect": "Deny", "Principal": "*", "Resource": "*", "Action": [{}]}}"#,
            actions.join(", ")
        )
    };
    let statements: Vec<String> = (0..3).map(statement).collect();
    let text = format!(
        "rest api Long {{\n  policy: iam\"\"\"\n{{\"Statement\": [{}]}}\n\"\"\"\n  \
         GET / {{ auth: none, integrate mock, respond 200 }}\n}}\n",
        statements.join(", ")
    );
    let sources = vec![Source::new("main.gate", text)];
    let found = check(sources, &NoFiles, &Options::default()).diagnostics;
    let never_asked = found
        .iter()
        .filter(|d| d.info().name() == "action-never-asked");
    assert_eq!(never_asked.count(), 60, "{found:#?}");
}

/// The list in `docs/policies.md`, between its marks. `UPDATE_DOCS=1` writes it.
#[test]
fn every_rule_is_documented() {
    let mut table = String::from("| rule | code | | says |\n|---|---|---|---|\n");
    for rule in rules() {
        let name = rule.file_name().unwrap().to_string_lossy().into_owned();
        for finding in found(&rule.join("raises.gate")) {
            let message = finding.message().replace('|', "\\|");
            table.push_str(&format!(
                "| [{name}](../fixtures/policies/{name}) | [{code}](diagnostics/{code}.md) | {} | {message} |\n",
                finding.severity().as_str(),
                code = finding.code(),
            ));
        }
    }
    let path = root().join("docs/policies.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (head, rest) = text
        .split_once("<!-- rules -->\n")
        .expect("a place for the rules");
    let (_, tail) = rest
        .split_once("<!-- end -->")
        .expect("the end of that place");
    let new = format!("{head}<!-- rules -->\n{table}<!-- end -->{tail}");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &new).unwrap();
    }
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        new,
        "run with UPDATE_DOCS=1"
    );
}

/// A message without what a policy brings into it.
fn kind(finding: &Diagnostic) -> String {
    let mut kind = String::new();
    for (at, part) in finding.message().split('`').enumerate() {
        kind.push_str(if at % 2 == 1 { "`…`" } else { part });
    }
    format!("| {} | {kind} |", finding.code())
}

/// Every kind of finding on the public policies of the corpus stands in the documentation, judged.
#[test]
fn what_is_found_on_public_policies_is_judged() {
    let shared =
        std::env::var_os("TOLLGATE_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    let folder = shared.join("corpus/policies/open");
    if !folder.exists() {
        println!("skipped: no corpus/policies; set TOLLGATE_SHARED");
        return;
    }
    let docs = std::fs::read_to_string(root().join("docs/policies.md")).unwrap();
    let mut unlisted = std::collections::BTreeMap::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| name == "index.json") {
            continue;
        }
        let policy = std::fs::read(&path).unwrap();
        let files = std::collections::BTreeMap::from([("policy.json".to_owned(), policy)]);
        let program = "edition 2026\n\nrest api Any {\n  policy: iam(file(\"policy.json\"))\n  \
                       ANY /{rest+} { auth: iam, integrate mock, respond 200 }\n}\n";
        let sources = vec![Source::new("main.gate", program)];
        for finding in check(sources, &files, &Options::default()).diagnostics {
            let kind = kind(&finding);
            if !docs.contains(&kind) {
                unlisted.insert(kind, path.display().to_string());
            }
        }
    }
    assert!(unlisted.is_empty(), "{unlisted:#?}");
}
