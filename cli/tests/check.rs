//! `tollgate check` and `tollgate build`: findings, formats, exit codes, and what cannot be read.

mod common;

use common::Folder;

const FINE: &str = "rest api Shop {\n  GET /health { auth: none, integrate mock, respond 200 }\n}\nstage dev of Shop {}\n";

const WRONG: &str =
    "rest api Shop {\n  GET /health { integrat mock, respond 200 }\n}\nstage dev of Shop {}\n";

#[test]
fn a_program_without_findings_is_silent() {
    let folder = Folder::with(&[("shop.gate", FINE)]);
    let run = folder.run(&["check"]);
    assert_eq!(
        (run.code, run.output.as_str(), run.errors.as_str()),
        (0, "", "")
    );
}

#[test]
fn findings_stand_beside_their_lines() {
    let folder = Folder::with(&[("api/shop.gate", WRONG)]);
    let run = folder.run(&["check", "api"]);
    assert_eq!((run.code, run.errors.as_str()), (1, ""));
    insta::assert_snapshot!(run.output);
}

#[test]
fn formats_name_files_from_here() {
    let folder = Folder::with(&[("api/shop.gate", WRONG)]);
    let json = folder.run(&["check", "api", "--format", "json"]);
    assert_eq!(json.code, 1);
    let document: serde_json::Value = serde_json::from_str(&json.output).unwrap();
    assert!(json.output.contains("\"api/shop.gate\""), "{document:#}");
    let sarif = folder.run(&["check", "api", "--format", "sarif"]);
    let document: serde_json::Value = serde_json::from_str(&sarif.output).unwrap();
    assert_eq!(document["version"], "2.1.0");
    let github = folder.run(&["check", "api", "--format", "github"]);
    assert!(
        github
            .output
            .starts_with("::error file=api/shop.gate,line=2,"),
        "{}",
        github.output
    );
}

#[test]
fn what_can_be_mended_is_mended() {
    let foreign = "rest api Shop {
  variables { host: String }
  GET / { auth: none, integrate http \"https://${stageVariables.host}/\" }
}
stage dev of Shop { variables { host: \"h.example\" } }
";
    let folder = Folder::with(&[("shop.gate", foreign)]);
    assert_eq!(folder.run(&["check"]).code, 1);
    let run = folder.run(&["check", "--fix"]);
    assert_eq!(run.code, 0, "{}{}", run.output, run.errors);
    insta::assert_snapshot!(run.errors, @"mended 1 finding");
    let mended = foreign.replace("${stageVariables.host}", "@{stage.host}");
    assert_eq!(folder.read("shop.gate"), mended);
}

#[test]
fn a_hook_checks_the_programs_of_the_files_that_changed() {
    let openapi = "openapi: 3.0.1\ninfo: {title: A, version: '1'}\npaths:\n  /x:\n    get:\n      x-amazon-apigateway-integration: {type: nonsense}\n";
    let folder = Folder::with(&[
        ("api/shop.gate", FINE),
        ("api/more/broken.gate", "rest api {\n"),
        (
            "other/fine.gate",
            "rest api Other { GET / { auth: none, integrate mock, respond 200 } }\n",
        ),
        ("values.yaml", "openapi: nonsense\n"),
        (
            "template.yaml",
            "Resources:\n  A:\n    openapi: 3.0.1\n    x-amazon-apigateway-integration: 1\n",
        ),
        ("package.json", "{\"name\": \"x-amazon-apigateway-\"}"),
        ("api.yaml", openapi),
    ]);
    let fine = [
        "other/fine.gate",
        "values.yaml",
        "template.yaml",
        "package.json",
    ];
    let run = folder.run(&[&["check", "--hook"], &fine[..]].concat());
    assert_eq!(
        (run.code, run.output.as_str(), run.errors.as_str()),
        (0, "", "")
    );
    let run = folder.run(&["check", "--hook", "api/shop.gate"]);
    assert!(
        run.output.contains("api/more/broken.gate:1"),
        "a folder is one program: {}",
        run.output
    );
    assert_eq!(folder.run(&["check", "--hook", "api.yaml"]).code, 1);
}

#[test]
fn parameters_are_told_apart() {
    let gate = "param stage_name: String\nrest api A { GET / { auth: none, integrate http \"https://@{param.stage_name}.example/\" } }\nstage dev of A {}\n";
    let folder = Folder::with(&[("a.gate", gate)]);
    let run = folder.run(&["check", "--param", "stage=x"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @r"
    error: `--param` names no parameter: `stage`
    help: the program's parameters are `stage_name`
    ");
    let run = folder.run(&["check", "--param", "stage"]);
    assert_eq!(run.code, 2);
    assert!(run.errors.contains("write NAME=VALUE"), "{}", run.errors);
    let run = folder.run(&["build"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @r"
    error: the parameter `stage_name` has no value: it is declared at a.gate:1
    help: give it one with --param stage_name=VALUE, in params.toml, or where it is declared
    ");
    folder.write("params.toml", "stage_name = \"x\"\n");
    assert_eq!(folder.run(&["build", "-o", "a.gatebundle"]).code, 0);
    folder.write("params.toml", "stage_name = [1]\n");
    let run = folder.run(&["build"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @"error: cannot use `./params.toml`: `stage_name` is no text, number or truth value");
}

#[test]
fn the_same_program_gives_the_same_bytes() {
    let folder = Folder::with(&[("a/shop.gate", FINE), ("b/shop.gate", FINE)]);
    for name in ["a", "b"] {
        let run = folder.run(&["build", name]);
        assert_eq!((run.code, run.output.as_str()), (0, ""));
        assert!(
            run.errors
                .starts_with(&format!("wrote `{name}.gatebundle`, ")),
            "{}",
            run.errors
        );
    }
    let read = |name: &str| std::fs::read(folder.join(name)).unwrap();
    assert_eq!(read("a.gatebundle"), read("b.gatebundle"));
    let run = folder.run(&["build", "a", "-o", "no/such/folder/x"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @"error: cannot write `no/such/folder/x`: there is no such file or folder");
}

#[test]
fn a_program_with_errors_leaves_no_bundle() {
    let folder = Folder::with(&[("shop.gate", WRONG)]);
    assert_eq!(folder.run(&["build", "-o", "shop.gatebundle"]).code, 1);
    assert_eq!(folder.names(), ["shop.gate"]);
}
