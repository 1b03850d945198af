//! Every diagnostic: its page tells the truth.

use tollgate_compiler::diagnostic::{self, Info};
use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Checked, Diagnostic, Options, Source, check};

/// An example of a page: a gate program, or a foreign document.
struct Example {
    name: &'static str,
    text: String,
}

/// What raises the code, and what to write instead.
fn examples(info: &Info) -> Vec<Example> {
    let page = diagnostic::page(info);
    page.split("\n```")
        .filter_map(|part| {
            let (language, text) = part.split_once('\n')?;
            let name = match language {
                "gate" => "main.gate",
                "yaml" => "main.yaml",
                _ => return None,
            };
            Some(Example {
                name,
                text: format!("{text}\n"),
            })
        })
        .collect()
}

fn run(example: &Example) -> Checked {
    let source = Source::new(example.name, example.text.as_str());
    check(vec![source], &NoFiles, &Options::default())
}

fn codes(found: &[Diagnostic]) -> Vec<String> {
    found
        .iter()
        .map(|diagnostic| format!("{} {}", diagnostic.code(), diagnostic.message()))
        .collect()
}

/// Codes whose cause cannot stand in a page: bytes that are no text, sheer size, and keys in
/// clear, which only recorded cases have. They are raised by the fixtures.
const NOT_AS_TEXT: [u16; 5] = [1, 3, 808, 1003, 1004];

#[test]
fn the_example_of_a_page_raises_exactly_its_code() {
    let mut wrong = Vec::new();
    for info in diagnostic::all() {
        if NOT_AS_TEXT.contains(&info.code().number()) {
            continue;
        }
        let examples = examples(info);
        let Some(bad) = examples.first() else {
            wrong.push(format!("{}: no example", info.code()));
            continue;
        };
        let found = run(bad).diagnostics;
        if found.is_empty()
            || found
                .iter()
                .any(|diagnostic| diagnostic.code() != info.code())
        {
            wrong.push(format!(
                "{} {}: {:#?}",
                info.code(),
                info.name(),
                codes(&found)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_a_page_says_instead_raises_nothing() {
    let mut wrong = Vec::new();
    for info in diagnostic::all() {
        if let Some(good) = examples(info).get(1) {
            let checked = run(good);
            if !checked.diagnostics.is_empty() || checked.program.is_none() {
                wrong.push(format!(
                    "{} {}: {:#?}",
                    info.code(),
                    info.name(),
                    codes(&checked.diagnostics)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
