//! Every diagnostic: its page tells the truth.

use tollgate_compiler::diagnostic::{self, Info};
use tollgate_compiler::{Diagnostic, check_text};

/// The `gate` examples of a page: what raises the code, and what to write instead.
fn examples(info: &Info) -> Vec<String> {
    let page = diagnostic::page(info);
    page.split("```gate\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next().map(str::to_owned))
        .collect()
}

fn codes(found: &[Diagnostic]) -> Vec<String> {
    found
        .iter()
        .map(|diagnostic| format!("{} {}", diagnostic.code(), diagnostic.message()))
        .collect()
}

/// Codes whose cause cannot stand in a page: bytes that are no text, and sheer size.
const NOT_AS_TEXT: [u16; 2] = [1, 3];

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
        let (_, found) = check_text(bad);
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
            let (program, found) = check_text(good);
            if !found.is_empty() || program.is_none() {
                wrong.push(format!(
                    "{} {}: {:#?}",
                    info.code(),
                    info.name(),
                    codes(&found)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
