//! What programs mean: gate on the left, the model on the right.

use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Options, Severity, Source, check, check_text};
use tollgate_model::Program;
use tollgate_model::api::{Api, GatewayResponseType, Route, Validate};
use tollgate_model::authorizer::Auth;
use tollgate_model::integration::{Credentials, RequestTarget, Source as From, Target};
use tollgate_model::policy::{Principals, ResourcePattern, Resources};
use tollgate_model::stage::UnauthorizedInvalidation;
use tollgate_model::text::{Piece, Text};

/// A program that must be sound.
fn program(text: &str) -> Program {
    let (program, found) = check_text(text);
    let errors: Vec<&str> = found
        .iter()
        .filter(|finding| finding.severity() == Severity::Error)
        .map(|finding| finding.message())
        .collect();
    program.unwrap_or_else(|| panic!("{errors:#?}\n{text}"))
}

fn api(inner: &str) -> Api {
    program(&format!("rest api Shop {{\n{inner}\n}}\n"))
        .apis
        .remove(0)
}

fn route(inner: &str) -> Route {
    api(&format!("GET /a/{{id}} {{\n{inner}\n}}"))
        .routes
        .remove(0)
}

/// A text with its holes in angle brackets.
fn show(text: &Text) -> String {
    text.pieces
        .iter()
        .map(|piece| match piece {
            Piece::Literal(text) => text.clone(),
            Piece::Param(name) => format!("<param {name}>"),
            Piece::Variable(name) => format!("<stage {name}>"),
            Piece::StageName => "<stage>".to_owned(),
            Piece::Placeholder(name) => format!("<{name}>"),
            Piece::Request(_) => "<request>".to_owned(),
        })
        .collect()
}

fn uri(target: &Target) -> String {
    match target {
        Target::Mock => String::new(),
        Target::Http { uri, .. } | Target::Lambda { uri, .. } | Target::Aws { uri, .. } => {
            show(uri)
        }
    }
}

#[test]
fn targets_are_written_in_full() {
    let account = "account { id: \"111122223333\", region: \"eu-west-1\" }\nfunction greet { command: \"greet\" }\n";
    let lambda = "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/arn:aws:lambda:eu-west-1:111122223333:function";
    for (written, expected) in [
        (
            "http \"https://h/@{stage.v}/{id}\"",
            "https://h/<stage v>/<id>".to_owned(),
        ),
        ("lambda greet", format!("{lambda}:greet/invocations")),
        (
            "lambda \"greet:@{stage.v}\"",
            format!("{lambda}:greet:<stage v>/invocations"),
        ),
        (
            "aws \"dynamodb:PutItem\"",
            "arn:aws:apigateway:eu-west-1:dynamodb:action/PutItem".to_owned(),
        ),
        (
            "aws \"s3:path/b/{id}\"",
            "arn:aws:apigateway:eu-west-1:s3:path/b/<id>".to_owned(),
        ),
        ("mock", String::new()),
    ] {
        let text = format!(
            "{account}rest api Shop {{ variables {{ v: String }}\n GET /a/{{id}} {{ integrate {written}, respond 200 }} }}\n"
        );
        let target = &program(&text).apis[0].routes[0].integration.target;
        assert_eq!(uri(target), expected, "{written}");
    }
}

#[test]
fn path_parameters_bind_by_name_or_by_mapping() {
    let mapped = |inner: &str| {
        let route = route(inner);
        route
            .integration
            .mappings
            .iter()
            .map(|mapping| match (&mapping.target, &mapping.source) {
                (RequestTarget::Path(to), From::RequestPath(from)) => format!("{to}={from}"),
                other => format!("{other:?}"),
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(mapped("integrate http \"https://h/{id}\""), ["id=id"]);
    assert_eq!(
        mapped("integrate http \"https://h/{x}\" { path.x = path.id }"),
        ["x=id"]
    );
    let kept = route("integrate http \"https://h/{x}\" { path.x = none }");
    assert!(kept.integration.mappings.is_empty());
    assert_eq!(uri(&kept.integration.target), "https://h/{x}");
}

#[test]
fn a_mock_without_a_template_answers_with_its_default_status() {
    for (inner, expected) in [
        ("integrate mock, respond 204", Some("{\"statusCode\": 204}")),
        (
            "integrate mock, respond 404 matching r\"404\", respond 200",
            Some("{\"statusCode\": 200}"),
        ),
        (
            "integrate mock { body = vtl\"{}\" }, respond 200",
            Some("{}"),
        ),
        ("integrate mock { body = none }, respond 200", None),
    ] {
        let route = route(inner);
        let text = route
            .integration
            .templates
            .first()
            .map(|(_, template)| template.text.as_str());
        assert_eq!(text, expected, "{inner}");
    }
}

#[test]
fn bodies_without_a_media_type_are_json() {
    let route = route(
        "integrate mock\nrespond 200 {\n body = { a: 1, b: [true, null, \"x$y\"], c: \"\\\"q\\\"\" }\n \
         body[\"text/html\"] = vtl\"<p>$context.stage</p>\"\n}",
    );
    let templates = &route.integration.responses[0].templates;
    assert_eq!(templates[0].0, "application/json");
    assert_eq!(
        templates[0].1.text,
        r#"{"a": 1, "b": [true, null, "x\u0024y"], "c": "\"q\""}"#
    );
    assert_eq!(templates[1].0, "text/html");
    assert_eq!(templates[1].1.text, "<p>$context.stage</p>");
}

#[test]
fn a_template_knows_where_it_stands() {
    let text = "rest api Shop {\n  GET / { integrate mock, respond 200 { body = vtl\"$input.json('$')\" } }\n}\n";
    let program = program(text);
    let template = &program.apis[0].routes[0].integration.responses[0].templates[0].1;
    let span = template.place(0, template.text.len() as u32).unwrap();
    assert_eq!(&text[span.start as usize..span.end as usize], template.text);
}

#[test]
fn a_template_knows_where_its_lines_stand() {
    let quotes = "\"\"\"";
    let text = format!(
        "rest api Shop {{\n  GET / {{\n    integrate mock\n    respond 200 {{\n      body[\"text/plain\"] = vtl{quotes}\n        one $context.stage\n\n          two\n        {quotes}\n    }}\n  }}\n}}\n"
    );
    let program = program(&text);
    let template = &program.apis[0].routes[0].integration.responses[0].templates[0].1;
    assert_eq!(template.text, "one $context.stage\n\n  two");
    let slice = |start: u32, end: u32| {
        let span = template.place(start, end).unwrap();
        &text[span.start as usize..span.end as usize]
    };
    assert_eq!(slice(4, 18), "$context.stage");
    assert_eq!(slice(22, 25), "two");
    assert_eq!(slice(0, 25), "one $context.stage\n\n          two");
    assert_eq!(template.place(30, 31), None);
}

#[test]
fn defaults_hold_where_a_route_says_nothing() {
    let api = api("defaults { auth: iam, api_key: required, validate: all }\n\
         GET /a { integrate mock, respond 200 }\n\
         GET /b { auth: none, api_key: none, validate: none, integrate mock, respond 200 }");
    let all = Validate {
        parameters: true,
        body: true,
    };
    assert_eq!(
        (
            &api.routes[0].auth,
            api.routes[0].api_key,
            api.routes[0].validate
        ),
        (&Auth::Iam, true, all)
    );
    let none = (&Auth::None, false, Validate::default());
    assert_eq!(
        (
            &api.routes[1].auth,
            api.routes[1].api_key,
            api.routes[1].validate
        ),
        none
    );
}

#[test]
fn responds_are_method_and_integration_responses() {
    let route = route(
        "integrate http custom \"https://h/\"\n\
         respond 200 { header.etag = response.header.ETag, header.x-kind: String }\n\
         respond 404 matching r\"404|410\"\n\
         respond 500 undeclared matching r\"5..\"\n\
         respond 418 matching none",
    );
    let declared: Vec<u16> = route
        .responses
        .iter()
        .map(|response| response.status)
        .collect();
    assert_eq!(declared, [200, 404, 418]);
    let headers: Vec<&str> = route.responses[0]
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(headers, ["etag", "x-kind"]);
    let mapped: Vec<(u16, Option<&str>)> = route
        .integration
        .responses
        .iter()
        .map(|response| (response.status, response.pattern.as_deref()))
        .collect();
    assert_eq!(
        mapped,
        [(200, None), (404, Some("404|410")), (500, Some("5.."))]
    );
}

#[test]
fn a_proxy_declares_its_responses_only() {
    let route = route("integrate http \"https://h/\", respond 200, respond 404");
    assert_eq!(route.responses.len(), 2);
    assert!(route.integration.responses.is_empty());
}

#[test]
fn a_shared_integration_is_read_for_each_route() {
    let api = api(
        "integration Origin = http \"https://h/{id}\" { timeout: 3s, header.x-a = \"1\" }\n\
         GET /a/{id} { integrate Origin }\n\
         GET /b/{key} { integrate Origin { path.id = path.key, header.x-a = \"2\" } }",
    );
    let header = |route: &Route| {
        route.integration.mappings.iter().find_map(|mapping| {
            match (&mapping.target, &mapping.source) {
                (RequestTarget::Header(_), From::Static(text)) => Some(show(text)),
                _ => None,
            }
        })
    };
    assert_eq!(header(&api.routes[0]).as_deref(), Some("1"));
    assert_eq!(header(&api.routes[1]).as_deref(), Some("2"));
    assert!(
        api.routes
            .iter()
            .all(|route| route.integration.timeout_ms == 3000)
    );
}

#[test]
fn roles_are_arns_or_the_callers_own() {
    let credentials = |text: &str| {
        route(&format!(
            "integrate aws \"sqs:SendMessage\" as {text}, respond 200"
        ))
        .integration
        .credentials
    };
    assert_eq!(credentials("caller"), Some(Credentials::Caller));
    assert_eq!(
        credentials("\"arn:aws:iam::*:user/*\""),
        Some(Credentials::Caller)
    );
    assert!(matches!(
        credentials("\"arn:aws:iam::1:role/r\""),
        Some(Credentials::Role(_))
    ));
}

#[test]
fn policies_are_statements() {
    let api = api(
        "policy {\n allow anyone to invoke *\n deny anyone to invoke GET /admin/* /secret on prod\n \
         deny anyone except account \"111122223333\" to invalidate_cache *\n}\n\
         GET /admin/{x} { integrate mock, respond 200 }\n GET /secret { integrate mock, respond 200 }",
    );
    let policy = api.policy.unwrap();
    let of = |rest: &str| ResourcePattern::OfApi {
        stage: "prod".to_owned(),
        rest: rest.to_owned(),
    };
    assert_eq!(
        policy.statements[0].resources,
        Resources::Only(vec![ResourcePattern::Any])
    );
    assert_eq!(
        policy.statements[1].resources,
        Resources::Only(vec![of("GET/admin/*"), of("*/secret")])
    );
    assert!(matches!(
        policy.statements[2].principals,
        Principals::Except(_)
    ));
}

#[test]
fn cors_becomes_what_a_person_would_write() {
    let api = api(
        "cors /* { origins: [\"https://a.example\"], headers: [content-type], max_age: 10min, credentials: true }\n\
         GET /a { integrate http custom \"https://h/\", respond 200 }\n\
         POST /a { integrate http \"https://h/\" }\n\
         OPTIONS /b { integrate mock, respond 204 }",
    );
    let keys: Vec<String> = api.routes.iter().map(|route| route.key.display()).collect();
    assert_eq!(keys, ["GET /a", "OPTIONS /a", "POST /a", "OPTIONS /b"]);
    let header = |route: &Route, name: &str| {
        route.integration.responses.first().and_then(|response| {
            response
                .headers
                .iter()
                .find_map(|header| match &header.source {
                    From::Static(text) if header.name == name => Some(show(text)),
                    _ => None,
                })
        })
    };
    let preflight = &api.routes[1];
    assert_eq!(preflight.auth, Auth::None);
    assert_eq!(
        header(preflight, "Access-Control-Allow-Methods").as_deref(),
        Some("GET,OPTIONS,POST")
    );
    assert_eq!(
        header(preflight, "Access-Control-Allow-Headers").as_deref(),
        Some("content-type")
    );
    assert_eq!(
        header(preflight, "Access-Control-Max-Age").as_deref(),
        Some("600")
    );
    assert_eq!(
        header(&api.routes[0], "Access-Control-Allow-Origin").as_deref(),
        Some("https://a.example")
    );
    // A proxy's answer passes through, and a route of one's own stays as it is.
    assert!(api.routes[2].integration.responses.is_empty());
    assert_eq!(header(&api.routes[3], "Access-Control-Allow-Origin"), None);
    let types: Vec<GatewayResponseType> = api
        .gateway_responses
        .iter()
        .map(|response| response.ty)
        .collect();
    assert_eq!(
        types,
        [
            GatewayResponseType::Default4xx,
            GatewayResponseType::Default5xx
        ]
    );
}

const STAGES: &str = "
rest api Shop {
  variables { host: Url, alias: String = \"live\", shade: String? }
  GET /a/{id} { cache 60s by [path.id], throttle 5/s burst 9, integrate http \"@{stage.host}/{id}\" }
  GET /b { integrate mock, respond 200 }
}
stage prod of Shop {
  variables { host: \"https://h\" }
  throttle 100/s burst 50
  cache 0.5GB for 120s
  method * { metrics: detailed, log_level: error, invalidation: deny }
  method GET /b { throttle 1/s }
  canary 2.5% { variables { alias: \"next\" }, cache: shared }
  log to stdout { id: context.requestId, sub: context.authorizer.claims[\"custom:x\"] }
  trace: xray(active: true)
}
";

#[test]
fn stages_are_complete() {
    let program = program(STAGES);
    let stage = &program.stages[0];
    let variables: Vec<(&str, String)> = stage
        .variables
        .iter()
        .map(|(name, text)| (name.as_str(), show(text)))
        .collect();
    assert_eq!(
        variables,
        [
            ("alias", "live".to_owned()),
            ("host", "https://h".to_owned())
        ]
    );
    assert_eq!(stage.cache_gb, Some(0.5));
    assert!(stage.tracing);
    let canary = stage.canary.as_ref().unwrap();
    assert_eq!((canary.share, canary.use_stage_cache), (250, true));
    let all = &stage.settings;
    assert_eq!(
        (all.cache_ttl_s, all.caching, all.metrics),
        (120, true, true)
    );
    assert_eq!(
        all.unauthorized_invalidation,
        UnauthorizedInvalidation::Fail
    );
    assert!(all.invalidation_auth);
}

#[test]
fn a_method_of_a_stage_starts_from_all_and_from_the_route() {
    let program = program(STAGES);
    let methods = &program.stages[0].methods;
    let shown: Vec<(String, u64, u64, bool, u32, bool)> = methods
        .iter()
        .map(|(selector, settings)| {
            let throttle = settings.throttle.unwrap();
            (
                format!("{} {}", selector.method, selector.path),
                throttle.rate_milli,
                throttle.burst,
                settings.caching,
                settings.cache_ttl_s,
                settings.metrics,
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            ("GET /a/{id}".to_owned(), 5_000, 9, true, 60, true),
            ("GET /b".to_owned(), 1_000, 1, true, 120, true),
        ]
    );
}

#[test]
fn plans_and_keys() {
    let text = format!(
        "{STAGES}plan Basic {{ stages: [Shop.prod], throttle 10/s burst 20, quota 1_000/month offset 3, \
         method GET /b {{ throttle 120/min }} }}\nkey acme for Basic {{ value: env(\"ACME\"), enabled: false }}\n"
    );
    let program = program(&text);
    let plan = &program.plans[0];
    assert_eq!(plan.throttle.unwrap().rate_milli, 10_000);
    assert_eq!(
        (plan.quota.unwrap().limit, plan.quota.unwrap().offset),
        (1000, 3)
    );
    assert_eq!(plan.stages[0].methods[0].1.rate_milli, 2_000);
    assert_eq!(program.keys[0].plans, ["Basic"]);
    assert!(!program.keys[0].enabled);
}

#[test]
fn native_models_are_json_schema() {
    let text = "
model Order {
  id: String(pattern: r\"^[A-Z]+$\", max: 9)
  /// How many.
  quantity: Int(1..100)
  price: Number(above: 0)?
  kind: \"a\" | \"b\"
  lines: [Line](min: 1, unique: true)
  either: String | Int
  address: { street: String, zip: String? }
}
model Line { sku: String }
";
    let program = program(text);
    let order = program.model("Order").unwrap();
    let schema: serde_json::Value = serde_json::from_str(&order.schema).unwrap();
    let expected = serde_json::json!({
        "type": "object",
        "properties": {
            "id": { "type": "string", "pattern": "^[A-Z]+$", "maxLength": 9 },
            "quantity": { "type": "integer", "minimum": 1, "maximum": 100, "description": "How many." },
            "price": { "type": "number", "minimum": 0, "exclusiveMinimum": true },
            "kind": { "enum": ["a", "b"] },
            "lines": { "type": "array", "items": { "$ref": "#/models/Line" }, "minItems": 1, "uniqueItems": true },
            "either": { "anyOf": [{ "type": "string" }, { "type": "integer" }] },
            "address": {
                "type": "object",
                "properties": { "street": { "type": "string" }, "zip": { "type": "string" } },
                "required": ["street"],
            },
        },
        "required": ["id", "quantity", "kind", "lines", "either", "address"],
    });
    assert_eq!(schema, expected);
}

#[test]
fn choices_are_decided_by_parameters() {
    let text = "
param env: \"dev\" | \"prod\" = \"dev\"
rest api Shop {
  if { param.env == \"prod\" } { GET /a { integrate mock, respond 200 } } else { GET /b { integrate mock, respond 200 } }
}
";
    let routes = |env: Option<&str>| {
        let mut options = Options::default();
        if let Some(env) = env {
            options.params.insert("env".to_owned(), env.to_owned());
        }
        let checked = check(vec![Source::new("main.gate", text)], &NoFiles, &options);
        let program = checked.program.unwrap();
        program.apis[0].routes[0].key.display()
    };
    assert_eq!(routes(None), "GET /b");
    assert_eq!(routes(Some("prod")), "GET /a");
}

#[test]
fn parameters_stay_open_in_texts_and_are_filled_in_templates() {
    let text = "
param host: Url
param table: String = \"orders\"
rest api Shop {
  GET / {
    integrate http custom \"@{param.host}/x\" { body = vtl\"@{param.table} @{stage.name}\" }
    respond 200
  }
}
";
    let program = program(text);
    let integration = &program.apis[0].routes[0].integration;
    assert_eq!(uri(&integration.target), "<param host>/x");
    assert_eq!(integration.templates[0].1.text, "orders ${context.stage}");
    assert!(integration.templates[0].1.pieces.is_none());
}

#[test]
fn tests_are_steps() {
    let text = format!(
        "{STAGES}test \"t\" {{\n given {{ claims: {{ sub: \"s\" }}, now: \"2026-11-23T10:00:00Z\" }}\n \
         send GET /a/1?x=2 at Shop.prod from \"203.0.113.9\" {{ header.accept = \"text/plain\" }}\n \
         backend 200 {{ body = {{ ok: true }} }}\n \
         expect backend GET \"https://h/1\" {{ header.x: \"1\" }}\n expect 200 {{ body: {{ ok: true }} }}\n}}\n"
    );
    let program = program(&text);
    let test = &program.tests[0];
    assert_eq!(test.given.now_ms, Some(1_795_428_000_000));
    assert_eq!(test.given.claims.as_deref(), Some("{\"sub\": \"s\"}"));
    assert_eq!(test.steps.len(), 4);
}

#[test]
fn use_and_file_read_from_the_project() {
    let mut files = std::collections::BTreeMap::new();
    files.insert(
        "api/shared/models.gate".to_owned(),
        b"model Pet { name: String }".to_vec(),
    );
    files.insert("api/t.vtl".to_owned(), b"$input.json('$')".to_vec());
    let main = "use \"shared/models.gate\"\nrest api Shop { POST / { body: Pet, integrate mock, respond 200 { body = vtl(file(\"t.vtl\")) } } }\n";
    let checked = check(
        vec![Source::new("api/main.gate", main)],
        &files,
        &Options::default(),
    );
    let program = checked.program.unwrap();
    assert_eq!(program.models.len(), 1);
    let template = &program.apis[0].routes[0].integration.responses[0].templates[0].1;
    assert_eq!(template.text, "$input.json('$')");
    let end = template.text.len() as u32;
    let span = template.place(0, end).unwrap();
    assert_eq!(checked.sources.slice(span), template.text);
}

#[test]
fn an_openapi_document_is_a_source_like_any_other() {
    let document = "openapi: 3.0.1\ninfo: {title: Pets, version: '1'}\npaths:\n  /pets:\n    get:\n      \
                    responses: {'200': {description: OK}}\n      x-amazon-apigateway-integration:\n        \
                    type: http_proxy\n        httpMethod: GET\n        uri: https://example.com/pets\n";
    let gate = "stage prod of Pets { throttle 5/s }\n";
    let sources = vec![
        Source::new("pets.yaml", document),
        Source::new("stages.gate", gate),
    ];
    let checked = check(sources, &NoFiles, &Options::default());
    let program = checked.program.unwrap();
    assert_eq!(program.apis[0].routes[0].key.display(), "GET /pets");
    assert_eq!(program.stages[0].api, "Pets");
}
