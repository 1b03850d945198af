//! Runs the shared JSON Schema draft 4 suite, found as the template suites are.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use tollgate_compiler::schema::{self, SchemaOptions};
use tollgate_runtime::json::{Heap, Lent, Mode, parse};
use tollgate_runtime::{Scratch, Src, Text};

struct Body(Vec<u8>);

impl Lent for Body {
    fn lent(&self, text: Text) -> Option<&[u8]> {
        self.0.get(text.off as usize..)?.get(..text.len as usize)
    }
}

fn admits(code: &[u8], data: &Json) -> bool {
    let body = Body(data.to_string().into_bytes());
    let mut scratch = Scratch::new(16 << 20);
    let mut heap = Heap::new(&body, &mut scratch, 1 << 26);
    let value = parse(&mut heap, Text::whole(Src::Body, &body.0), Mode::Strict).unwrap();
    tollgate_runtime::schema::validate(&mut heap, code, value) == Ok(None)
}

#[test]
fn draft_four() {
    let root = std::env::var_os("TOLLGATE_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let folder = root.join("suites/jsonschema-draft4/open");
    if !folder.exists() {
        println!("skipped: no suites/jsonschema-draft4; set TOLLGATE_SHARED");
        return;
    }
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let (mut passed, mut skipped, mut failed, mut optional) = (0, 0, Vec::new(), (0, 0));
    for file in files {
        let suite: Json = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
        for case in suite["cases"].as_array().unwrap() {
            let outcome = schema::compile(&case["schema"], &SchemaOptions::default()).map(|code| {
                assert!(tollgate_runtime::schema::verify(&code));
                admits(&code, &case["data"])
            });
            let good = outcome.as_ref().ok() == case["expect"].as_bool().as_ref();
            // Optional parts, and schemas on other hosts, which a gateway's models never have.
            let foreign = case["schema"]
                .to_string()
                .contains("http://json-schema.org/draft-04/schema#\"")
                && case["schema"].to_string().contains("$ref\":\"http");
            if !case["skippable"].is_null() || foreign {
                skipped += 1;
                if good {
                    optional.0 += 1
                } else {
                    optional.1 += 1
                }
            } else if good {
                passed += 1;
            } else {
                failed.push(format!(
                    "{} {} / {}\n  schema {}\n  data {} expect {} got {outcome:?}",
                    file.display(),
                    case["group"],
                    case["description"],
                    case["schema"],
                    case["data"],
                    case["expect"]
                ));
            }
        }
    }
    println!(
        "jsonschema-draft4: {passed} passed, {} failed, {skipped} skipped ({} of them right, {} not)",
        failed.len(),
        optional.0,
        optional.1
    );
    failed
        .iter()
        .take(20)
        .for_each(|failure| println!("- {failure}"));
    assert!(failed.is_empty());
}

#[test]
fn models_refer_to_each_other_by_name() {
    let pet = serde_json::json!({"type": "object", "required": ["name"], "properties": {"friend": {"$ref": "#/models/Pet"}}});
    let list = serde_json::json!({"type": "array", "items": {"$ref": "#/models/Pet"}});
    let options = SchemaOptions {
        resolve: &|name| (name == "#/models/Pet").then(|| pet.clone()),
        array_limits: true,
    };
    let code = schema::compile(&list, &options).unwrap();
    let cases = [
        (
            serde_json::json!([{"name": "a", "friend": {"name": "b"}}]),
            true,
        ),
        (
            serde_json::json!([{"name": "a", "friend": {"x": "b"}}]),
            false,
        ),
        (serde_json::json!([1]), false),
        (serde_json::json!([]), true),
    ];
    for (data, expected) in cases {
        assert_eq!(admits(&code, &data), expected, "{data}");
    }
    let lost = schema::compile(
        &serde_json::json!({"items": {"$ref": "#/models/Cat"}}),
        &options,
    )
    .unwrap_err();
    assert_eq!(
        (lost[0].pointer.as_str(), lost[0].message.as_str()),
        ("/items/$ref", "`#/models/Cat` leads to no schema")
    );
}
