//! `tollgate new`: what it makes can be checked, tested and run.

mod common;

use common::Folder;

/// Everything that a user would do next, each with success.
fn lives(folder: &Folder, project: &str) {
    for arguments in [
        &["check", project][..],
        &["fmt", "--check", project],
        &["test", project],
        &["build", project, "-o", "out.gatebundle"],
        &["routes", project],
    ] {
        let run = folder.run(arguments);
        assert_eq!(run.code, 0, "{arguments:?}: {}{}", run.output, run.errors);
    }
    #[cfg(unix)] // processes are ended by signals
    {
        let mut served = common::served::Served::start(folder, &[project]);
        let answer = served.ask("GET /dev/health");
        assert_eq!(common::served::status(&answer), "200", "{answer}");
        assert_eq!(served.end(), Some(0));
    }
}

#[test]
fn a_new_project_lives() {
    let folder = Folder::new();
    let run = folder.run(&["new", "my-shop"]);
    assert_eq!((run.code, run.output.as_str()), (0, ""));
    insta::assert_snapshot!(run.errors, @r"
    made `my-shop`; go on with
      tollgate check my-shop
      tollgate test my-shop
      tollgate run my-shop
    ");
    lives(&folder, "my-shop");
    let run = folder.run(&["test", "my-shop"]);
    insta::assert_snapshot!(run.output, @r"
    ok     it is healthy
    ok     a greeting comes from the backend
    2 passed, 0 failed
    ");
}

const DOCUMENT: &str = r#"
openapi: 3.0.1
info: {title: Pet shop, version: '1'}
paths:
  /pets/{id}:
    get:
      deprecated: true
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: X-Trace, in: header, required: true, schema: {type: string}}
      responses: {'200': {description: ok}}
      x-amazon-apigateway-integration:
        type: http_proxy
        httpMethod: GET
        uri: 'https://${stageVariables.host}/{id}'
        requestParameters: {integration.request.path.id: method.request.path.id}
  /orders:
    post:
      security: [{key: []}]
      responses: {'201': {description: ok}}
      x-amazon-apigateway-integration:
        type: http
        httpMethod: POST
        uri: 'https://orders.example/'
        responses: {'4\d\d': {statusCode: '400'}}
  /health:
    get:
      responses: {'200': {description: ok}}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses: {default: {statusCode: '200'}}
components:
  securitySchemes:
    key: {type: apiKey, name: x-api-key, in: header}
"#;

#[test]
fn a_document_becomes_a_project_that_lives() {
    let folder = Folder::with(&[("pets.yaml", DOCUMENT)]);
    let run = folder.run(&["new", "shop", "--from", "pets.yaml"]);
    assert_eq!((run.code, run.output.as_str()), (0, ""), "{}", run.errors);
    lives(&folder, "shop");
    insta::assert_snapshot!(folder.read("shop/stages.gate"));
    insta::assert_snapshot!(folder.read("shop/tests.gate"));
    // What the document brought may stay, wherever one stands; what comes later is told.
    assert!(
        folder.read("shop/baseline.txt").contains("TG"),
        "it has a finding"
    );
    let within = folder.run_in("shop", &["check"]);
    assert_eq!(within.code, 0, "{}", within.output);
    let gate = folder.read("shop/stages.gate") + "stage prod of Nothing {}\n";
    folder.write("shop/stages.gate", &gate);
    assert_eq!(folder.run(&["check", "shop"]).code, 1);
}

#[test]
fn nothing_is_made_of_what_cannot_be() {
    let folder = Folder::with(&[
        ("taken/a.gate", ""),
        ("file", ""),
        ("list.yaml", "- 1\n"),
        (
            "bad.yaml",
            &DOCUMENT.replace("type: mock", "type: nonsense"),
        ),
    ]);
    let before = folder.names();
    let mut told = String::new();
    for (arguments, code) in [
        (&["new", "taken"][..], 2),
        (&["new", "file"], 2),
        (&["new", ".."], 2),
        (&["new", "no/such/parent", "--from", "no.yaml"], 2),
        (&["new", "fresh", "--from", "list.yaml"], 1),
        (&["new", "fresh", "--from", "bad.yaml"], 1),
    ] {
        let run = folder.run(arguments);
        assert_eq!(
            (run.code, run.output.as_str()),
            (code, ""),
            "{arguments:?} {}",
            run.errors
        );
        told += &run.errors;
    }
    insta::assert_snapshot!(told);
    assert_eq!(folder.names(), before);
}
