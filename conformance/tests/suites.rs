//! Every case and suite that lies beside the workspace, put to both writings of every behaviour.
//!
//! What does not pass is listed in `known.toml`, each with its reason; a case that fails without being listed fails
//! the test, and so does one that is listed and passes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use tollgate_conformance::subjects::{Bundle, Reference};
use tollgate_conformance::{Options, Outcome, Subject, run};

/// Cases that differ for one reason.
#[derive(serde::Deserialize)]
struct Known {
    /// Where: a suite's folder, or `cases`.
    at: String,
    subjects: Vec<String>,
    why: String,
    ids: Vec<String>,
}

/// What is known to differ at a place, by the case's id.
fn known(at: &str, subject: &str) -> BTreeMap<String, String> {
    #[derive(serde::Deserialize)]
    struct Table {
        difference: Vec<Known>,
    }
    let table: Table = toml::from_str(include_str!("known.toml")).unwrap();
    let here = table
        .difference
        .into_iter()
        .filter(|known| known.at == at && known.subjects.iter().any(|name| name == subject));
    here.flat_map(|known| {
        let why = known.why;
        known.ids.into_iter().map(move |id| (id, why.clone()))
    })
    .collect()
}

/// Runs what lies in `folder` of the shared data; `at` is its name in the table.
fn held(at: &str, folder: &str) {
    let root = std::env::var_os("TOLLGATE_SHARED").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
        PathBuf::from,
    );
    let path = root.join(folder);
    if !path.exists() {
        println!("skipped: no {folder}; set TOLLGATE_SHARED");
        return;
    }
    let subjects: [(&str, Box<dyn Subject>); 2] = [
        ("vm", Box::<Bundle>::default()),
        ("reference", Box::<Reference>::default()),
    ];
    for (name, mut subject) in subjects {
        let report = run(
            std::slice::from_ref(&path),
            &Options::default(),
            subject.as_mut(),
        )
        .unwrap();
        let mut known = known(at, name);
        let mut wrong = Vec::new();
        for verdict in &report.verdicts {
            let listed = known.remove(&verdict.id).is_some();
            match &verdict.outcome {
                Outcome::Failed { .. } if !listed => wrong.push(format!("fails: {verdict:?}")),
                Outcome::Passed if listed => wrong.push(format!("passes: {}", verdict.id)),
                _ => {}
            }
        }
        let counts = report.counts();
        println!("{at}, {name}: {counts:?}");
        // The specification has no cryptography: signatures are the product's alone.
        assert!(
            counts.passed > 0 || name == "reference",
            "{at}: nothing ran"
        );
        assert!(wrong.is_empty(), "{at}, {name}:\n{}", wrong.join("\n"));
        assert!(known.is_empty(), "{at}, {name}: no such cases: {known:?}");
    }
}

macro_rules! suites {
    ($($test:ident: $at:literal, $folder:literal;)*) => {$(
        #[test]
        fn $test() {
            held($at, $folder);
        }
    )*};
}

suites! {
    recorded_cases: "cases", "cases";
    templates: "vtl", "suites/vtl/open";
    templates_of_the_oracle: "vtl-oracle", "suites/vtl-oracle/open";
    paths: "jsonpath", "suites/jsonpath/open";
    patterns: "java-regex", "suites/java-regex/open";
    schemas: "jsonschema-draft4", "suites/jsonschema-draft4/open";
    policies: "iam", "suites/iam/open";
    conditions: "cel", "suites/cel/open";
    signatures: "sigv4", "suites/sigv4/open";
    tokens: "jws", "suites/jws/open";
    origins: "cors", "suites/cors/open";
    caches: "cache", "suites/cache/open";
    parts_of_the_way: "apigw", "suites/apigw/open";
}
