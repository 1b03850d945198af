//! `tollgate inspect` and `tollgate routes`: what a bundle holds, who reaches what.

mod common;

use common::Folder;
use serde_json::Value;

const SHOP: &str = r#"account { id: "111122223333", region: "eu-west-1", throttle 900/s burst 400 }
rest api Shop {
  variables { backend: Url }
  policy {
    allow anyone to invoke *
    deny anyone to invoke /admin/*
    deny anyone to invoke GET /reports unless { source.ip in cidr("10.0.0.0/8", "2001:db8::/32") }
    deny anyone to invoke GET /late when { now >= timestamp("2030-01-01T00:00:00Z") }
  }
  authorizer Partner = lambda request { function: check, identity: [header.x-partner], ttl: 5min }
  cors /orders/* { origins: ["https://shop.example"], methods: [GET], headers: [content-type] }
  GET /orders/{id} {
    auth: Partner
    throttle 50/s burst 100
    integrate http "@{stage.backend}/{id}"
    respond 200
  }
  GET /keyed { auth: none, api_key: required, integrate mock, respond 200 }
  GET /health { auth: none, integrate mock, respond 200 { body = { ok: true } } }
  GET /admin/users { auth: none, integrate mock, respond 200 }
  GET /reports { auth: none, integrate mock, respond 200 }
  GET /late { auth: none, integrate mock, respond 200 }
  on ACCESS_DENIED 403 { body = { message: "no" } }
}
function check { command: "cat" }
stage dev of Shop { variables { backend: "https://dev.example" } }
stage prod of Shop {
  variables { backend: "https://prod.example" }
  throttle 10/s burst 5
  log to stdout { ip: context.identity.sourceIp }
}
plan Basic { stages: [Shop.dev], throttle 1/s burst 2, quota 100/month }
key acme for Basic { value: env("TOLLGATE_TEST_UNSET") }
"#;

fn shop() -> Folder {
    Folder::with(&[("shop.gate", SHOP)])
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn routes_say_who_reaches_what() {
    let run = shop().run(&["routes"]);
    assert_eq!((run.code, run.errors.as_str()), (0, ""));
    insta::assert_snapshot!(run.output);
}

#[test]
fn open_routes_are_those_that_a_stranger_may_reach() {
    let run = shop().run(&["routes", "--open", "--format", "md"]);
    assert_eq!((run.code, run.errors.as_str()), (0, ""));
    insta::assert_snapshot!(run.output);
    let closed = SHOP.replace("allow anyone", "allow account \"111122223333\"");
    let run = Folder::with(&[("shop.gate", &closed)]).run(&["routes", "--open"]);
    assert_eq!((run.code, run.output.as_str()), (0, ""));
    assert!(run.errors.contains("no route is open"), "{}", run.errors);
}

#[test]
fn a_private_api_without_a_policy_is_closed() {
    let gate = "rest api A { endpoint: private([])\n GET / { auth: none, integrate mock, respond 200 } }\nstage dev of A {}\n";
    let folder = Folder::with(&[("a.gate", gate)]);
    let run = folder.run(&["routes", "--format", "json"]);
    let routes = json(&run.output);
    assert_eq!(routes["routes"][0]["stranger"]["verdict"], "denied");
    assert_eq!(routes["routes"][0]["open"], false);
}

#[test]
fn what_a_signed_caller_may_do_depends_on_who_it_is() {
    let gate = r#"account { id: "111122223333", region: "eu-west-1" }
rest api A {
  policy {
    allow account "444455556666" to invoke GET /signed
    allow account "111122223333" to invoke *
    deny anyone to invoke GET /shut
  }
  GET /signed { auth: iam, integrate mock, respond 200 }
  GET /open { auth: none, integrate mock, respond 200 }
  GET /shut { auth: iam, integrate mock, respond 200 }
}
stage dev of A {}
"#;
    let folder = Folder::with(&[("a.gate", gate)]);
    let run = folder.run(&["routes", "--format", "json"]);
    assert_eq!(run.code, 0, "{}", run.errors);
    let document = json(&run.output);
    let found: Vec<(&str, &str, bool)> = document["routes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|route| {
            (
                route["route"].as_str().unwrap(),
                route["stranger"]["verdict"].as_str().unwrap(),
                route["open"].as_bool().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("GET /open", "denied", false),
            ("GET /shut", "denied", false),
            ("GET /signed", "depends", false),
        ]
    );
    let run = folder.run(&["inspect", "--route", "GET /signed"]);
    assert!(run.output.contains("caller"), "{}", run.output);
}

#[test]
fn a_route_is_shown_with_what_is_left_of_the_policy() {
    let folder = shop();
    let run = folder.run(&["inspect", "--route", "GET /reports"]);
    assert_eq!((run.code, run.errors.as_str()), (0, ""));
    // Instructions and their number are the compiler's business.
    let (head, rest) = run.output.split_once("at most ").unwrap();
    insta::assert_snapshot!(head, @r"
    GET /reports of Shop  (shop.gate:21)
    policy class 3, of this route alone: 2 statements of 4 left, 2 fell away
      deny statement 3: by source address  (shop.gate:7)
      allow statement 1: every request  (shop.gate:5)
    ");
    let listed = rest.split_once("\n  policy\n").unwrap().1;
    assert!(
        listed.contains("peer.in [10.0.0.0/8, 2001:db8::/32]"),
        "{listed}"
    );
    assert!(
        listed.contains("deny.unless statement 3  ; shop.gate:7\n"),
        "{listed}"
    );
    for program in ["request", "response 200 (default)"] {
        assert!(
            rest.contains(&format!("\n  {program}\n      0  ")),
            "{rest}"
        );
    }
    let run = folder.run(&["inspect", "--route", "PUT /reports"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @r"
    error: there is no route `PUT /reports`
    help: its resource has `GET /reports`
    ");
    let run = folder.run(&["inspect", "--route", "GET /nothing"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @r"
    error: there is no route `GET /nothing`
    help: `tollgate routes` lists them all
    ");
}

#[test]
fn statements_that_cannot_match_a_route_leave_its_programs_as_they_are() {
    let folder = shop();
    let of = |folder: &Folder| {
        let run = folder.run(&["inspect", "--json", "--route", "GET /reports"]);
        json(&run.output)["apis"]["Shop"]["routes"]["GET /reports"].clone()
    };
    let before = of(&folder);
    let more: String = (0..200)
        .map(|n| format!("deny anyone to invoke POST /other{n}/*\n"))
        .collect();
    // Behind the statements that matter, so that their numbers stay.
    folder.write(
        "shop.gate",
        &SHOP.replace(
            "2030-01-01T00:00:00Z\") }\n",
            &format!("2030-01-01T00:00:00Z\") }}\n{more}"),
        ),
    );
    let after = of(&folder);
    assert_eq!(before["programs"], after["programs"]);
    assert_eq!(before["steps"], after["steps"]);
    assert_eq!(before["policy"]["left"], after["policy"]["left"]);
    assert_eq!(before["policy"]["fell_away"], 2);
    assert_eq!(after["policy"]["fell_away"], 202);
}

#[test]
fn an_overview_has_images_sections_and_routes() {
    let folder = shop();
    let run = folder.run(&["inspect"]);
    assert_eq!((run.code, run.errors.as_str()), (0, ""));
    // Digests and sizes change with the format; what there is does not.
    let words: Vec<&str> = run.output.split_whitespace().collect();
    for word in [
        "edge,",
        "deployment",
        "debug,",
        "Strings",
        "Code",
        "Shop.prod",
        "stages",
    ] {
        assert!(words.contains(&word), "{word}: {}", run.output);
    }
    let total: u64 = words[2].parse().unwrap();
    let built = folder.run(&["build", "-o", "shop.gatebundle"]);
    assert_eq!(built.code, 0);
    assert_eq!(
        std::fs::metadata(folder.join("shop.gatebundle"))
            .unwrap()
            .len(),
        total
    );
    let code = folder.run(&["inspect", "--code"]).output;
    assert!(
        code.starts_with(&run.output),
        "code comes behind the overview"
    );
    assert!(code.contains("ACCESS_DENIED of Shop"), "{code}");
    assert!(code.contains("log of Shop.prod"), "{code}");
}

#[test]
fn a_bundle_is_inspected_as_its_project_is() {
    let folder = shop();
    assert_eq!(folder.run(&["build", "-o", "shop.gatebundle"]).code, 0);
    for arguments in [
        &["inspect"][..],
        &["inspect", "--json"],
        &["routes"],
        &["routes", "--format", "json"],
        &["inspect", "--code"],
    ] {
        let (command, options) = arguments.split_first().unwrap();
        let of_bundle = folder.run(&[&[*command, "shop.gatebundle"], options].concat());
        let of_project = folder.run(arguments);
        assert_eq!(of_bundle.code, 0, "{}", of_bundle.errors);
        assert_eq!(of_bundle.output, of_project.output, "{arguments:?}");
    }
}

#[test]
fn the_document_is_sorted_and_says_only_what_changes_with_the_program() {
    let folder = shop();
    let before = folder.run(&["inspect", "--json"]).output;
    // More lines and another order of files change nothing.
    let (api, rest) = SHOP.split_at(SHOP.find("function check").unwrap());
    folder.write("shop.gate", &format!("\n\n# a comment\n\n{api}"));
    folder.write("a.gate", rest);
    let moved = folder.run(&["inspect", "--json"]).output;
    assert_eq!(before, moved);
    let document = json(&before);
    let mut sorted = document.clone();
    sorted.sort_all_objects();
    assert_eq!(format!("{sorted:#}\n"), before);
    // One change is one change.
    folder.write("a.gate", &rest.replace("throttle 10/s", "throttle 11/s"));
    let changed = folder.run(&["inspect", "--json"]).output;
    let differ: Vec<(&str, &str)> = before
        .lines()
        .zip(changed.lines())
        .filter(|(a, b)| a != b && !a.contains("sha256"))
        .collect();
    assert!(!differ.is_empty());
    for (a, b) in differ {
        assert!(
            a.contains("\"rate\": 10.0") && b.contains("\"rate\": 11.0"),
            "{a} {b}"
        );
    }
}

#[test]
fn short_forms_are_written_out() {
    let folder = shop();
    let run = folder.run(&["inspect", "--expand"]);
    assert_eq!((run.code, run.errors.as_str()), (0, ""));
    insta::assert_snapshot!(run.output);
    let again = common::fed(&["fmt", "-"], run.output.as_bytes());
    assert_eq!(
        (again.code, again.output),
        (0, run.output),
        "it is gate in the one style"
    );
    let run = folder.run(&["build", "-o", "shop.gatebundle"]);
    assert_eq!(run.code, 0);
    let run = folder.run(&["inspect", "--expand", "shop.gatebundle"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @r"
    error: a bundle holds no source to expand
    help: name the project that it was built from
    ");
}
