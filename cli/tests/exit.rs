//! Exit codes over all commands: 0 all is well, 1 something was found or failed, 2 bad usage or unreadable input.
//! What a command has to say goes to the standard output, why it could not work to the standard error.

mod common;

use std::collections::BTreeSet;

use common::{Folder, tollgate};

const FINE: &str = "rest api Shop {\n  GET /health { auth: none, integrate mock, respond 200 }\n}\nstage dev of Shop {}\ntest \"health\" { send GET /health at Shop.dev, expect 200 }\n";

fn folder() -> Folder {
    let case = |id: &str, output: &str| {
        format!(
            "{{\"id\": \"mapping/{id}\", \"title\": \"t\", \"source\": {{\"kind\": \"aws-validated\", \"ref\": \"r\", \"validated\": null}}, \"phase\": \"request\", \"template\": \"a\", \"input\": {{\"body\": \"\"}}, \"expect\": {{\"output\": \"{output}\"}}}}"
        )
    };
    let holds = case("holds", "a");
    let differs = case("differs", "b");
    let failing = FINE.replace("expect 200", "expect 404");
    Folder::with(&[
        ("fine/a.gate", FINE),
        ("wrong/a.gate", &FINE.replace("integrate", "integrat")),
        ("failing/a.gate", &failing),
        ("loose/a.gate", &FINE.replace("  GET", "      GET")),
        (
            "untested/a.gate",
            "rest api A { GET / { auth: none, integrate mock, respond 200 } }\n",
        ),
        ("empty/readme.txt", ""),
        ("broken.gatebundle", "TOLLGATE"),
        ("list.yaml", "- 1\n"),
        (
            "api.yaml",
            "openapi: 3.0.1\ninfo: {title: A, version: '1'}\npaths: {}\n",
        ),
        ("cases/aws/mapping/holds.json", &holds),
        ("differs/aws/mapping/differs.json", &differs),
        ("t.vtl", "$input.body"),
        ("bad.vtl", "#if(true)"),
    ])
}

/// Command lines with their exit codes. `run` with 0 is a server that is told to end: `tests/run.rs` has it.
const TABLE: &[(&str, i32)] = &[
    ("new fresh", 0),
    ("new imported --from api.yaml", 0),
    ("new never --from list.yaml", 1),
    ("new fine", 2),
    ("new never --from no.yaml", 2),
    ("check fine", 0),
    ("check api.yaml", 0),
    ("check wrong", 1),
    ("check fine wrong", 1),
    ("check wrong --format json", 1),
    ("check wrong --format sarif", 1),
    ("check wrong --format github", 1),
    ("check list.yaml", 1),
    ("check empty", 2),
    ("check nowhere", 2),
    ("check fine --param a=b", 2),
    ("check fine --baseline no.txt", 2),
    ("check fine wrong --baseline no.txt", 2),
    ("fmt --check fine", 0),
    ("fmt --check loose", 1),
    ("fmt --diff loose", 1),
    ("fmt nowhere", 2),
    ("build fine -o fine.gatebundle", 0),
    ("build wrong", 1),
    ("build empty", 2),
    ("build fine -o no/such/folder/x", 2),
    ("inspect fine", 0),
    ("inspect fine --json", 0),
    ("inspect fine --expand", 0),
    ("inspect wrong", 1),
    ("inspect wrong --expand", 1),
    ("inspect broken.gatebundle", 2),
    ("inspect fine --route NOWHERE", 2),
    ("routes fine", 0),
    ("routes fine --open", 0),
    ("routes wrong", 1),
    ("routes empty", 2),
    ("eval fine /health", 0),
    ("eval fine /nowhere", 0),
    ("eval wrong /health", 1),
    ("eval fine health", 2),
    ("eval fine /health --at Shop.prod", 2),
    ("eval --template t.vtl", 0),
    ("eval --template bad.vtl", 1),
    ("eval --template no.vtl", 2),
    ("test fine", 0),
    ("test failing", 1),
    ("test wrong", 1),
    ("test untested", 2),
    ("test empty", 2),
    ("run wrong --port 0", 1),
    ("run empty --port 0", 2),
    ("run broken.gatebundle --port 0", 2),
    ("run fine --backend nothing", 2),
    ("token fine --access-key", 0),
    ("token wrong", 1),
    ("token fine", 2),
    ("token empty", 2),
    ("import openapi api.yaml", 0),
    ("import openapi list.yaml", 1),
    ("import openapi no.yaml", 2),
    ("conform cases", 0),
    ("conform differs", 1),
    ("conform nowhere", 2),
    ("explain", 0),
    ("explain TG0201", 0),
    ("explain TG9999", 2),
    ("completions bash", 0),
    ("completions nonsense", 2),
];

#[test]
fn every_command_keeps_the_exit_codes() {
    let folder = folder();
    let mut wrong = Vec::new();
    for (line, code) in TABLE {
        let arguments: Vec<&str> = line.split(' ').collect();
        let run = folder.run(&arguments);
        if run.code != *code {
            wrong.push(format!(
                "{line}: {} for {code}\n{}{}",
                run.code, run.output, run.errors
            ));
        }
        // What could not be done says why, and gives nothing that a tool could take for a result.
        if *code == 2 && (run.errors.is_empty() || !run.output.is_empty()) {
            wrong.push(format!("{line}: says `{}`, `{}`", run.output, run.errors));
        }
        if *code == 1 && run.errors.is_empty() && run.output.is_empty() {
            wrong.push(format!("{line}: found something and does not say what"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The commands that the help lists.
fn commands() -> BTreeSet<String> {
    let help = tollgate(&["--help"]).output;
    let (_, listed) = help.split_once("Commands:\n").unwrap();
    listed
        .lines()
        .take_while(|line| !line.is_empty())
        // A line that goes on begins further in.
        .filter(|line| line.find(|c| c != ' ') == Some(2))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_table_has_every_command_and_each_refuses_what_it_does_not_know() {
    let commands = commands();
    let covered: BTreeSet<String> = TABLE
        .iter()
        .filter(|(_, code)| *code == 2)
        .filter_map(|(line, _)| line.split(' ').next())
        .map(str::to_owned)
        .collect();
    assert_eq!(commands, covered);
    for command in &commands {
        let run = tollgate(&[command, "--nonsense"]);
        assert_eq!((run.code, run.output.as_str()), (2, ""), "{command}");
        assert!(
            run.errors.contains("--nonsense"),
            "{command}: {}",
            run.errors
        );
        let help = tollgate(&[command, "--help"]);
        assert_eq!((help.code, help.errors.as_str()), (0, ""), "{command}");
        assert!(help.output.contains("Usage: tollgate"), "{command}");
    }
}

#[test]
fn what_is_not_a_terminal_gets_no_colours() {
    let folder = folder();
    for (line, _) in TABLE {
        let arguments: Vec<&str> = line.split(' ').collect();
        let run = folder.run(&arguments);
        let escape = |text: &str| text.contains('\u{1b}');
        assert!(!escape(&run.output) && !escape(&run.errors), "{line}");
    }
}

/// On a terminal, lent by util-linux's `script`; where there is none, the test says so.
#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colours_unless_it_does_not_want_them() {
    let folder = folder();
    let on_a_terminal = |no_color: Option<&str>| {
        let mut command = std::process::Command::new("script");
        let line = format!("{} check wrong", env!("CARGO_BIN_EXE_tollgate"));
        command
            .args(["-qec", &line, "/dev/null"])
            .current_dir(folder.path())
            .env_remove("NO_COLOR")
            .envs(no_color.map(|value| ("NO_COLOR", value)));
        command
            .output()
            .ok()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let Some(coloured) = on_a_terminal(None) else {
        println!("skipped: there is no `script`");
        return;
    };
    assert!(coloured.contains("TG0201"), "{coloured}");
    assert!(coloured.contains("\u{1b}["), "{coloured}");
    let plain = on_a_terminal(Some("1")).unwrap();
    assert!(
        plain.contains("TG0201") && !plain.contains('\u{1b}'),
        "{plain}"
    );
}

#[test]
fn what_a_program_needs_and_does_not_get_is_told() {
    let gate = "param host: Url\nrest api A { GET / { auth: none, integrate http param.host } }\nstage dev of A {}\n";
    let gate = gate.replace("http param.host", "http \"@{param.host}/\"");
    let folder = Folder::with(&[
        ("holes/a.gate", gate.as_str()),
        (
            "keys/a.gate",
            "rest api A { GET / { auth: none, api_key: required, integrate mock, respond 200 } }\nstage dev of A {}\nplan P { stages: [A.dev] }\nkey k for P { value: env(\"TOLLGATE_TEST_UNSET\") }\n",
        ),
        ("nothing/readme.md", ""),
    ]);
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    folder.write("fine/a.gate", FINE);
    let mut told = String::new();
    for arguments in [
        &["run", "holes", "--port", "0"][..],
        &["build", "holes"],
        &["run", "keys", "--port", "0"],
        &["run", "nothing"],
        &["run", "fine", "--port", &port],
        &["run", "fine", "--port", "0", "--host", "192.0.2.1"],
    ] {
        let run = folder.run(arguments);
        assert!(run.code > 0, "{arguments:?}");
        told += &format!(
            "$ {} -> {}\n{}\n",
            arguments.join(" ").replace(&port, "PORT"),
            run.code,
            run.errors.replace(&port, "PORT")
        );
    }
    insta::assert_snapshot!(told);
}
