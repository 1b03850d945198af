//! Documents of the folder `openapi`, imported.

use std::path::Path;

use serde_json::{Value, json};
use tollgate_compiler::document::{self, Limits};
use tollgate_compiler::import::{Imported, Options, openapi};
use tollgate_grammar::{FileId, Lines, format, parse, same_meaning};

fn documents() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/openapi");
    let mut found: Vec<(String, String)> = std::fs::read_dir(folder)
        .expect("the folder is there")
        .map(|entry| {
            let path = entry.expect("the entry can be read").path();
            let name = path
                .file_stem()
                .expect("a file has a name")
                .to_string_lossy()
                .into_owned();
            (
                name,
                std::fs::read_to_string(path).expect("the document is a text"),
            )
        })
        .collect();
    found.sort();
    found
}

fn import(text: &str) -> Imported {
    openapi(FileId(0), text, &Options::default())
}

/// A document as JSON values.
fn values(text: &str) -> Value {
    let read = document::read(FileId(0), text, &Limits::default()).expect("the document is read");
    // Intrinsic functions are tags, which JSON has not; their arguments stay.
    let parts = document::write::json::<()>(read.root(), &mut |_, _| None);
    let text: String = parts
        .into_iter()
        .map(|part| match part {
            document::write::Part::Literal(text) => text,
            document::write::Part::Hole(()) => String::new(),
        })
        .collect();
    serde_json::from_str(&text).expect("the document is JSON")
}

/// JSON pointers of all values below one.
fn pointers(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Array(list) => {
            for (index, element) in list.iter().enumerate() {
                pointers(element, format!("{at}/{index}"), found);
            }
        }
        Value::Object(members) => {
            for (key, member) in members {
                let key = key.replace('~', "~0").replace('/', "~1");
                pointers(member, format!("{at}/{key}"), found);
            }
        }
        _ => {}
    }
    found.push(at);
}

#[test]
fn any_value_may_be_any_other() {
    for (name, text) in documents() {
        let whole = values(&text);
        let mut places = Vec::new();
        pointers(&whole, String::new(), &mut places);
        for place in places {
            for other in [
                json!(null),
                json!(true),
                json!(-1.5),
                json!("${a}'x'"),
                json!([[]]),
                json!({ "$ref": "#/paths" }),
            ] {
                let mut changed = whole.clone();
                if let Some(value) = changed.pointer_mut(&place) {
                    *value = other.clone();
                }
                let imported = import(&changed.to_string());
                let length = changed.to_string().len() as u32;
                for finding in &imported.findings {
                    assert!(
                        finding.span.start <= finding.span.end && finding.span.end <= length,
                        "{name} {place} {other}: {finding:?}"
                    );
                }
            }
        }
    }
}

/// Findings as lines: where, how bad, which, what, and beneath it help and the reference's words.
fn findings(text: &str, imported: &Imported) -> String {
    let lines = Lines::new(text);
    let mut out = String::new();
    for finding in &imported.findings {
        let at = lines.at(text, finding.span.start);
        let times = if finding.count > 1 {
            format!(" ({} times)", finding.count)
        } else {
            String::new()
        };
        out += &format!(
            "{}:{} {:?} {:?}: {}{times}\n",
            at.line, at.column, finding.severity, finding.kind, finding.message
        );
        out += &format!("    at {}\n", finding.property);
        out.extend(
            finding
                .help
                .iter()
                .map(|help| format!("    help: {help}\n")),
        );
        out.extend(
            finding
                .reference
                .iter()
                .map(|words| format!("    reference: {words}\n")),
        );
    }
    out
}

#[test]
fn findings_say_what_was_not_carried_over() {
    for (name, text) in documents() {
        insta::assert_snapshot!(format!("{name}_findings"), findings(&text, &import(&text)));
    }
}

#[test]
fn documents_become_gate() {
    for (name, text) in documents() {
        insta::assert_snapshot!(format!("{name}_gate"), format(&import(&text).tree));
    }
}

/// Formats a tree, and makes sure that the text says what the tree says.
fn formatted(name: &str, imported: &Imported) -> String {
    let text = format(&imported.tree);
    let parsed = parse(FileId(1), &text);
    assert_eq!(parsed.errors, [], "{name}:\n{text}");
    assert!(
        same_meaning(&imported.tree, &parsed.tree),
        "{name}:\n{text}"
    );
    assert_eq!(format(&parsed.tree), text, "{name}");
    text
}

#[test]
fn what_is_imported_can_be_written_and_read_again() {
    for (name, text) in documents() {
        formatted(&name, &import(&text));
    }
}

#[test]
fn a_property_that_nobody_knows_is_named() {
    const STRANGE: &str = "zzStrange";
    let mut lost = Vec::new();
    for (name, text) in documents() {
        let whole = values(&text);
        let mut places = Vec::new();
        pointers(&whole, String::new(), &mut places);
        for place in places {
            let mut changed = whole.clone();
            let Some(Value::Object(members)) = changed.pointer_mut(&place) else {
                continue;
            };
            members.insert(STRANGE.into(), json!("strange"));
            let imported = import(&changed.to_string());
            let carried = format(&imported.tree).contains(STRANGE);
            let keys = place.split('/').skip(1);
            let keys: Vec<String> = keys
                .map(|key| key.replace("~1", "/").replace("~0", "~"))
                .collect();
            let above: Vec<String> = (1..=keys.len())
                .map(|count| keys[..count].join("."))
                .collect();
            let named = imported.findings.iter().any(|finding| {
                finding.message.contains(STRANGE)
                    || finding.property.contains(STRANGE)
                    // What is above it is named, and so all of it.
                    || keys.iter().any(|key| finding.message.contains(&format!("`{key}`")))
                    || above.contains(&finding.property)
            });
            // Functions belong to CloudFormation, which refuses what it does not know.
            if !carried && !named && !place.contains("/Fn::") {
                lost.push(format!("{name} {place}"));
            }
        }
    }
    assert!(lost.is_empty(), "{lost:#?}");
}
