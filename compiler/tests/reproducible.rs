//! The same sources give the same bytes, at every number of threads and in every order of files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use tollgate_compiler::{Options, Source, build};

/// The files of a project, by name.
type Files = BTreeMap<String, Vec<u8>>;

fn fixture(name: &str) -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures")
        .join(name);
    fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        })
        .collect()
}

/// Many files, so that threads have something to race for: an API with its stage, policy, model and plan in each.
fn many() -> Files {
    (0..24)
        .map(|n| {
            let text = format!(
                "model Thing{n} {{\n  id: String\n  count: Int\n}}\n\n\
                 rest api Shop{n} {{\n  policy {{\n    allow anyone to invoke *\n    \
                 deny anyone to invoke /things/* unless {{ source.ip in cidr(\"10.{n}.0.0/16\") }}\n  }}\n\n  \
                 GET /things/{{id}} {{\n    query.page: String\n    integrate http \"https://b{n}.example/{{id}}\"\n  }}\n\n  \
                 POST /things {{ body: Thing{n}, integrate mock, respond 201 {{ body = {{ made: true }} }} }}\n\n  \
                 GET / {{ integrate mock, respond 200 }}\n}}\n\n\
                 stage prod of Shop{n} {{ throttle 10/s burst {n} }}\n\n\
                 plan Basic{n} {{ stages: [Shop{n}.prod], throttle 5/s burst 1{n} }}\n"
            );
            (format!("shop{n}.gate"), text.into_bytes())
        })
        .collect()
}

/// The bundle, or else what was found in place of it.
fn result(files: &Files, names: &[&String], threads: usize) -> Result<Vec<u8>, Vec<String>> {
    let sources = names
        .iter()
        .map(|name| Source::new(name.as_str(), files[*name].clone()))
        .collect();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    let built = pool.install(|| build(sources, files, &Options::default()));
    built.bundle.ok_or_else(|| {
        built
            .diagnostics
            .iter()
            .map(|found| format!("{:?} {} {}", found.primary(), found.code(), found.message()))
            .collect()
    })
}

/// Some orders of the gate files: as named, backwards, and dealt out in steps.
fn orders(files: &Files) -> Vec<Vec<&String>> {
    let names: Vec<&String> = files.keys().filter(|n| n.ends_with(".gate")).collect();
    let mut backwards = names.clone();
    backwards.reverse();
    let dealt = |step: usize| -> Vec<&String> {
        (0..step)
            .flat_map(|from| names.iter().skip(from).step_by(step).copied())
            .collect()
    };
    vec![backwards, dealt(3), dealt(7), names]
}

#[test]
fn the_same_sources_give_the_same_bytes_at_every_number_of_threads() {
    let mut bundles = BTreeSet::new();
    for (name, files) in [
        ("orders", fixture("orders")),
        ("tour", fixture("tour")),
        ("many", many()),
    ] {
        let first = result(&files, &orders(&files)[3], 1);
        for order in orders(&files) {
            for threads in [1, 2, 8] {
                assert!(
                    result(&files, &order, threads) == first,
                    "{name} is another at {threads} threads in the order {order:?}"
                );
            }
        }
        if first.is_ok() {
            bundles.insert(name);
        }
    }
    assert!(
        bundles.contains("orders") && bundles.contains("many"),
        "bundles, not findings, are compared: {bundles:?}"
    );
}

#[test]
fn a_program_that_differs_differs_in_bytes() {
    let files = many();
    let mut other = files.clone();
    let text = String::from_utf8(other["shop7.gate"].clone()).unwrap();
    other.insert(
        "shop7.gate".into(),
        text.replace("10.7.0.0/16", "10.77.0.0/16").into_bytes(),
    );
    let names: Vec<&String> = files.keys().collect();
    assert_ne!(result(&files, &names, 2), result(&other, &names, 2));
}
