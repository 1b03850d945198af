//! The command as its users see it: arguments in; exit code, output and messages out.

mod common;

use common::{Folder, Run, tollgate};

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
    let empty = Folder::new();
    let run = tollgate(&["conform", empty.path()]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @r"
    error: no case was found
    help: name files or folders of cases or suites
    ");
}

const LOOSE: &str = "rest api A {\n    # kept\n\n\n  GET   / { integrate mock,respond 200, }\n}\n";
const TIGHT: &str = "rest api A {\n  # kept\n\n  GET / { integrate mock, respond 200 }\n}\n";

#[test]
fn fmt_writes_the_one_style() {
    let folder = Folder::with(&[("a.gate", LOOSE), ("b/c.gate", TIGHT)]);
    let run = folder.run(&["fmt", "--check"]);
    assert_eq!(run.code, 1);
    insta::assert_snapshot!(run.errors, @"`a.gate` is not in the one style");
    let run = folder.run(&["fmt", "--diff"]);
    assert_eq!((run.code, run.errors.as_str()), (1, ""));
    insta::assert_snapshot!(run.output, @r"
    --- a.gate
    +++ a.gate
    @@ -1,6 +1,5 @@
     rest api A {
    -    # kept
    -
    +  # kept
     
    -  GET   / { integrate mock,respond 200, }
    +  GET / { integrate mock, respond 200 }
     }
    ");
    assert_eq!(folder.read("a.gate"), LOOSE, "nothing is written yet");
    assert_eq!(folder.run(&["fmt"]).code, 0);
    assert_eq!(folder.read("a.gate"), TIGHT);
    assert_eq!(folder.run(&["fmt", "--check"]).code, 0);
    assert_eq!(folder.names(), ["a.gate", "b"]);
}

#[test]
fn fmt_reads_the_standard_input() {
    let run = common::fed(&["fmt", "-"], LOOSE.as_bytes());
    assert_eq!((run.code, run.output.as_str()), (0, TIGHT));
    let run = common::fed(&["fmt", "-", "--check"], LOOSE.as_bytes());
    assert_eq!((run.code, run.output.as_str()), (1, ""));
    let run = common::fed(&["fmt", "-"], b"rest api \xff");
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @"error: `<stdin>` is not UTF-8");
}

#[test]
fn fmt_leaves_what_it_cannot_read() {
    let broken = "rest api A {\n  GET / { integrate mock\n}\n";
    let folder = Folder::with(&[("a.gate", broken)]);
    let run = folder.run(&["fmt"]);
    assert_eq!(run.code, 1);
    assert!(run.errors.starts_with("a.gate:"), "{}", run.errors);
    assert_eq!(folder.read("a.gate"), broken);
    let run = folder.run(&["fmt", "no.gate"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @"error: cannot read `no.gate`: there is no such file or folder");
}

#[test]
fn a_folder_without_a_program_is_told() {
    let folder = Folder::new();
    for command in ["fmt", "build", "run"] {
        let run = folder.run(&[command]);
        assert_eq!(run.code, 2, "{command}");
        insta::allow_duplicates! {
            insta::assert_snapshot!(run.errors, @r"
            error: there is no project here: no file ends in `.gate`
            help: name a folder of gate files or an OpenAPI document, or make a project with `tollgate new DIR`
            ");
        }
    }
}

const DOCUMENT: &str = r#"
openapi: 3.0.1
info: {title: Shop, version: '1'}
paths:
  /pets/{id}:
    get:
      deprecated: true
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: ok}}
      x-amazon-apigateway-integration: {type: http_proxy, httpMethod: GET, uri: 'https://pets.example/{id}'}
"#;

#[test]
fn import_prints_gate_and_names_what_is_lost() {
    let folder = Folder::with(&[("api.yaml", DOCUMENT)]);
    let run = folder.run(&["import", "openapi", "api.yaml"]);
    assert_eq!(run.code, 0, "{}", run.errors);
    assert!(run.output.contains("rest api Shop"), "{}", run.output);
    assert!(run.errors.contains("deprecated"), "{}", run.errors);
    let quiet = folder.run(&[
        "import",
        "openapi",
        "api.yaml",
        "-o",
        "shop.gate",
        "--quiet",
    ]);
    assert_eq!(
        (quiet.code, quiet.output.as_str(), quiet.errors.as_str()),
        (0, "", "")
    );
    assert_eq!(folder.read("shop.gate"), run.output);
    assert_eq!(
        folder.run(&["fmt", "--check"]).code,
        0,
        "what is imported is in the one style"
    );
    let run = folder.run(&["import", "openapi", "no.yaml"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @"error: cannot read `no.yaml`: there is no such file or folder");
    folder.write("list.yaml", "- 1\n");
    let run = folder.run(&["import", "openapi", "list.yaml"]);
    assert_eq!((run.code, run.output.as_str()), (1, ""));
}
