//! `tollgate eval` and `tollgate test`: answers of the specification, and why.

mod common;

use common::Folder;

const SHOP: &str = r#"rest api Shop {
  policy {
    allow anyone to invoke *
    deny anyone to invoke /admin/* unless { source.ip in cidr("10.0.0.0/8") }
  }
  authorizer Partner = lambda request { function: check, identity: [header.x-partner], ttl: 5min }
  GET /health { auth: none, integrate mock, respond 200 { body = { ok: true } } }
  GET /orders/{id} {
    auth: Partner
    api_key: required
    integrate http "https://orders.example/{id}" { header.x-tenant = context.authorizer.sub }
  }
  GET /admin/users { auth: none, integrate mock, respond 200 }
}
function check { command: "cat" }
stage dev of Shop {}
plan Basic { stages: [Shop.dev], throttle 1/s burst 2 }
key acme for Basic { value: env("TOLLGATE_TEST_UNSET") }
"#;

fn shop() -> Folder {
    Folder::with(&[("shop.gate", SHOP)])
}

#[test]
fn a_missing_route_names_the_nearest() {
    let run = shop().run(&["eval", "GET /ordr/7"]);
    assert_eq!((run.code, run.errors.as_str()), (0, ""));
    insta::assert_snapshot!(run.output);
}

#[test]
fn a_denial_names_its_statement() {
    let run = shop().run(&["eval", ".", "GET /admin/users", "--from", "203.0.113.9"]);
    insta::assert_snapshot!(run.output);
}

#[test]
fn a_caller_is_who_the_claims_say() {
    let folder = shop();
    folder.write("claims.json", "{\"sub\": \"t-9\"}");
    let ask = ["eval", "GET /orders/A-1", "-H", "x-partner: p"];
    let run = folder.run(&ask);
    assert!(run.output.starts_with("401\n"), "{}", run.output);
    let run = folder.run(&[&ask[..], &["--claims", "claims.json"]].concat());
    assert!(
        run.output.starts_with("403\n"),
        "without a key: {}",
        run.output
    );
    let all = [
        &ask[..],
        &[
            "--claims",
            "claims.json",
            "--key",
            "acme",
            "--backend-data",
            "{\"id\": 1}",
        ],
    ]
    .concat();
    let run = folder.run(&all);
    insta::assert_snapshot!(run.output);
    let run = folder.run(&[&all[..], &["--format", "json"]].concat());
    let document: serde_json::Value = serde_json::from_str(&run.output).unwrap();
    assert_eq!(document["status"], 200);
    let called = document["trace"]
        .as_array()
        .unwrap()
        .iter()
        .find_map(|e| e.get("called"))
        .unwrap();
    assert_eq!(called["url"], "https://orders.example/A-1");
}

const RULES: &str = r#"rest api Rules {
  policy {
    allow anyone to invoke GET /a when { request.headers["x-team"] == "shop" && source.ip in cidr("10.0.0.0/8") }
    allow anyone to invoke GET /b when {
      request.headers["x-age"] < "7"
    }
    allow anyone to invoke GET /c
    deny anyone to invoke GET /c unless { request.headers["x-level"].startsWith("a") || stage.name == "prod" }
    allow anyone to invoke GET /d
    deny account "111122223333" to invoke GET /d
    deny anyone to invoke GET /d when { stage.name == "dev" }
  }
  GET /a { auth: none, integrate mock, respond 200 }
  GET /b { auth: none, integrate mock, respond 200 }
  GET /c { auth: none, integrate mock, respond 200 }
  GET /d { auth: none, integrate mock, respond 200 }
}
stage dev of Rules {}
"#;

#[test]
fn a_policy_says_of_each_statement_what_failed_first() {
    let folder = Folder::with(&[("rules.gate", RULES)]);
    let mut told = String::new();
    let from_shop = ["-H", "x-team: shop"];
    for arguments in [
        &["GET /a"][..],
        &[&["GET /a"][..], &from_shop].concat(),
        &[&["GET /a", "--from", "10.1.2.3"][..], &from_shop].concat(),
        &["GET /b"],
        &["GET /c"],
        &["GET /c", "-H", "x-level: all"],
        &["GET /d"],
    ] {
        let run = folder.run(&[&["eval"], arguments].concat());
        assert_eq!((run.code, run.errors.as_str()), (0, ""), "{arguments:?}");
        let decisions = run.output.lines().filter(|line| {
            let other = "does not match: the resource does not match";
            (line.contains("allow") || line.contains("deny"))
                && !line.contains(other)
                && !line.starts_with('{')
                || line.starts_with("resource policy")
        });
        told += &format!("{arguments:?}\n");
        for line in decisions {
            told += &format!("{line}\n");
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn tools_read_the_outcome_of_a_policy() {
    let folder = Folder::with(&[("rules.gate", RULES)]);
    for (request, outcome, failed) in [
        (
            "GET /a",
            "not allowed by anything",
            "request.headers[\"x-team\"] == \"shop\"",
        ),
        (
            "GET /b",
            "failed while evaluating",
            "request.headers[\"x-age\"] < \"7\"",
        ),
        ("GET /d", "explicitly denied", ""),
    ] {
        let run = folder.run(&["eval", request, "--format", "json"]);
        let document: serde_json::Value = serde_json::from_str(&run.output).unwrap();
        let trace = document["trace"].as_array().unwrap();
        let refused = trace.iter().find(|e| e["passed"] == false).unwrap();
        assert_eq!(refused["outcome"], outcome, "{request}");
        let found = trace
            .iter()
            .any(|e| e["statement"]["failed"]["text"] == failed);
        assert!(found || failed.is_empty(), "{request}: {trace:#?}");
    }
}

#[test]
fn what_eval_cannot_use_is_told() {
    let folder = shop();
    folder.write("claims.json", "[]");
    let mut told = String::new();
    for arguments in [
        &["GET /health /x"][..],
        &["health"],
        &["GET /health", "--at", "Shop.prod"],
        &["GET /health", "--key", "acmee"],
        &["GET /health", "--claims", "claims.json"],
        &["GET /health", "-d", "@no.json"],
    ] {
        let run = folder.run(&[&["eval"], arguments].concat());
        assert_eq!((run.code, run.output.as_str()), (2, ""), "{arguments:?}");
        told += &run.errors;
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_program_tests_itself() {
    let folder = shop();
    folder.write(
        "tests.gate",
        r#"
test "health" { send GET /health at Shop.dev, expect 200 { body: { ok: true } } }
test "admin" {
  send GET /admin/users at Shop.dev from "203.0.113.9"
  expect 403
  send GET /admin/users at Shop.dev from "10.1.1.1"
  expect 200
}
test "the tenant is passed on" {
  given { claims: { sub: "t-9" }, keys: [acme] }
  send GET /orders/A-1 at Shop.dev { header.x-partner = "p" }
  backend 200 { body = { id: "A-1" } }
  expect backend GET "https://orders.example/A-1" { header.x-tenant: "t-9" }
  expect 200 { body: { id: "A-1" } }
}
test "a burst is over" {
  given { claims: { sub: "t-9" }, keys: [acme], now: "2026-11-23T10:00:00Z" }
  send GET /orders/1 at Shop.dev { header.x-partner = "p" }
  send GET /orders/1 at Shop.dev { header.x-partner = "p" }
  send GET /orders/1 at Shop.dev { header.x-partner = "p" }
  expect 429
}
"#,
    );
    let run = folder.run(&["test"]);
    assert_eq!((run.code, run.errors.as_str()), (0, ""), "{}", run.output);
    insta::assert_snapshot!(run.output, @r"
    ok     health
    ok     admin
    ok     the tenant is passed on
    ok     a burst is over
    4 passed, 0 failed
    ");
    let run = folder.run(&["test", "--filter", "tenant"]);
    assert!(run.output.ends_with("1 passed, 0 failed\n"));
    let run = folder.run(&["test", "--filter", "nobody"]);
    assert_eq!(run.code, 2);
    insta::assert_snapshot!(run.errors, @"error: no test's title holds `nobody`");
}

#[test]
fn a_token_says_who_calls() {
    let folder = Folder::with(&[(
        "a.gate",
        r#"rest api A {
  authorizer Shopper = cognito { pools: ["arn:aws:cognito-idp:@{aws.region}:@{aws.account}:userpool/us-east-1_Shop"] }
  policy {
    allow anyone to invoke *
    deny anyone to invoke GET /late when { now >= timestamp("2030-01-01T00:00:00Z") }
  }
  GET /orders {
    auth: Shopper(scopes: ["orders.read"])
    integrate http "https://orders.example/" { header.x-tenant = context.authorizer.claims.sub }
  }
  GET /me { auth: Shopper, integrate mock, respond 200 }
  GET /late { auth: none, integrate mock, respond 200 }
}
stage dev of A {}
test "an order is passed on with its tenant" {
  given { claims: { sub: "t-9", scope: "orders.read" } }
  send GET /orders at A.dev
  expect backend GET "https://orders.example/" { header.x-tenant: "t-9" }
}
test "nobody comes through without a token" { send GET /me at A.dev, expect 401 }
test "a scope is needed" {
  given { claims: { sub: "t-9", scope: "orders.write" } }
  send GET /orders at A.dev
  expect 401
}
test "an ID token says who one is" {
  given { claims: { sub: "t-9" } }
  send GET /me at A.dev
  expect 200
  send GET /orders at A.dev
  expect 401
}
"#,
    )]);
    let run = folder.run(&["test"]);
    assert_eq!((run.code, run.errors.as_str()), (0, ""), "{}", run.output);
    // The clock is the user's.
    for (now, status) in [
        ("2029-12-31T23:59:59Z", "200"),
        ("2030-01-01T00:00:00Z", "403"),
    ] {
        let run = folder.run(&["eval", "GET /late", "--at", "A.dev", "--now", now]);
        assert!(run.output.starts_with(status), "{now}: {}", run.output);
    }
}

#[test]
fn a_template_is_tested_alone() {
    let folder = Folder::with(&[
        ("seat.vtl", "$input.path('$.seat') of $context.stage"),
        (
            "tests.gate",
            r#"
test "text" {
  send vtl"$input.json('$.seat')" { body = { seat: 12 } }
  expect """12"""
}
test "json" {
  given { vars: { place: "hall" } }
  send vtl"""
    {"seat": $input.json('$.seat'), "at": "$stageVariables.place", "who": "$input.params('x-who')"}
    """ { body = { seat: [1, 2] }, header.x-who = "ada" }
  expect rendered { body: { who: "ada", at: "hall", seat: [1, 2] } }
}
test "a file" {
  send vtl(file("seat.vtl")) { body = { seat: 3 }, context = { stage: "prod" } }
  expect "3 of prod"
}
test "parameters" {
  send vtl"$input.params('id') $input.params('page')" { path.id = "A-1", query.page = "2" }
  expect "A-1 2"
}
"#,
        ),
    ]);
    let run = folder.run(&["test"]);
    assert_eq!((run.code, run.errors.as_str()), (0, ""), "{}", run.output);
    assert!(
        run.output.ends_with("4 passed, 0 failed\n"),
        "{}",
        run.output
    );
    folder.write(
        "tests.gate",
        r#"
test "another text" { send vtl"a", expect "b" }
test "other json" { send vtl"{}", expect rendered { body: { a: 1 } } }
test "a status" { send vtl"a", expect 200 }
test "no template" { expect "a" }
test "it fails" { send vtl"$input.path('$.a').substring(1)" { body = { a: "" } }, expect "x" }
"#,
    );
    let run = folder.run(&["test"]);
    assert_eq!((run.code, run.errors.as_str()), (1, ""));
    insta::assert_snapshot!(run.output);
}

#[test]
fn a_template_is_rendered_alone() {
    let folder = Folder::with(&[
        (
            "t.vtl",
            "#set($context.responseOverride.status = 418)\n{\"seat\": $input.json('$.seat'), \"stage\": \"$context.stage\", \"by\": \"$input.params('x-by')$stageVariables.v$nothing\"}\n",
        ),
        ("in.json", "{\"seat\": 12}"),
        ("context.json", "{\"stage\": \"prod\"}"),
        ("vars.json", "{\"v\": \"!\"}"),
        ("bad.vtl", "{\n  #if(true) x\n"),
        ("list.json", "[]"),
    ]);
    let ask = ["eval", "--template", "t.vtl"];
    let all = [
        "--input",
        "in.json",
        "--context",
        "context.json",
        "--variables",
        "vars.json",
        "-H",
        "x-by: ada",
    ];
    let run = folder.run(&[&ask[..], &all].concat());
    assert_eq!(run.code, 0);
    insta::assert_snapshot!(format!("{}\n---\n{}", run.output, run.errors));
    let run = folder.run(&[&ask[..], &all, &["--format", "json"]].concat());
    insta::assert_snapshot!(run.output);
    let run = folder.run(&["eval", "--template", "bad.vtl"]);
    assert_eq!((run.code, run.output.as_str()), (1, ""));
    insta::assert_snapshot!(run.errors);
    let mut told = String::new();
    for arguments in [
        &["--template", "no.vtl"][..],
        &["--template", "t.vtl", "--input", "no.json"],
        &["--template", "t.vtl", "--context", "list.json"],
    ] {
        let run = folder.run(&[&["eval"], arguments].concat());
        assert_eq!((run.code, run.output.as_str()), (2, ""), "{arguments:?}");
        told += &run.errors;
    }
    insta::assert_snapshot!(told);
}

#[test]
fn a_test_that_does_not_hold_says_what_came() {
    let folder = shop();
    folder.write(
        "tests.gate",
        r#"
test "wrong" {
  send GET /health at Shop.dev
  expect 404
  expect 200 { body: { ok: false } }
  expect 200 { header.x-none: "1" }
  expect backend GET "https://orders.example/1"
}
"#,
    );
    let run = folder.run(&["test"]);
    assert_eq!((run.code, run.errors.as_str()), (1, ""));
    insta::assert_snapshot!(run.output);
}
