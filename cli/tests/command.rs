//! The command as its users see it: arguments in; exit code, output and messages out.

mod common;

use common::{Run, tollgate};

#[test]
fn usage_is_told_and_is_no_success() {
    for arguments in [
        &[][..],
        &["nonsense"],
        &["explain", "--nonsense"],
        &["conform"],
    ] {
        let run = tollgate(arguments);
        assert_eq!(run.code, 2, "{arguments:?}");
        assert!(run.errors.contains("Usage:"), "{}", run.errors);
        assert_eq!(run.output, "", "{arguments:?}");
    }
}

#[test]
fn shells_get_their_completions() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = tollgate(&["completions", shell]);
        assert_eq!((run.code, run.errors.as_str()), (0, ""));
        assert!(run.output.contains("tollgate"), "{shell}");
    }
}

#[test]
fn every_diagnostic_has_a_page() {
    let list = tollgate(&["explain"]);
    assert_eq!(list.code, 0);
    let codes: Vec<_> = list
        .output
        .lines()
        .filter_map(|l| l.split(' ').next())
        .collect();
    assert!(!codes.is_empty());
    for code in codes.iter().take(5) {
        let page = tollgate(&["explain", code]);
        assert!(
            page.output.starts_with(&format!("# {code} ")),
            "{}",
            page.output
        );
        assert_eq!(
            tollgate(&["explain", &code.to_lowercase()]).output,
            page.output
        );
    }
    let Run { code, errors, .. } = tollgate(&["explain", "TG9999"]);
    assert_eq!(code, 2);
    insta::assert_snapshot!(errors, @r"
    error: there is no diagnostic `TG9999`
    help: `tollgate explain` lists them all
    ");
}

#[test]
fn conform_tells_what_it_cannot_read() {
    let run = tollgate(&["conform", "/there/is/no/such/folder"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @"error: cannot read `/there/is/no/such/folder`: No such file or directory");
    let empty = common::Folder::new();
    let run = tollgate(&["conform", empty.path()]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @r"
    error: no case was found
    help: name files or folders of cases or suites
    ");
}
