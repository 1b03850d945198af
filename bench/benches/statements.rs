//! W2: a policy of 100 and of 500 statements, the last of which decides; over a route for each
//! statement, and over one route for all, where nothing is known before the request. W7b: 1 000
//! statements from their source to a checked program, and from IAM's JSON to a decision.

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use tollgate_bench::rounds::{peer, turn};
use tollgate_bench::statements::{
    ARN, Kind, Request, below, document, hand, kind, requests, source,
};
use tollgate_bench::tollgate::{bundle, world};
use tollgate_runtime::policy::{Caller, Finding, Policy, Question, ask};
use tollgate_runtime::{Header, Scratch, Session};

type Group<'a> = criterion::BenchmarkGroup<'a, criterion::measurement::WallTime>;

fn statements(criterion: &mut Criterion) {
    for count in [100, 500] {
        let requests = requests(count);
        let mut group = criterion.benchmark_group(format!("W2, {count} statements"));
        group.bench_function("hand", |bencher| {
            let mut next = turn(&requests);
            bencher.iter(|| hand(count, black_box(next())))
        });
        tollgate(&mut group, "tollgate", &source(count, true), &requests);
        tollgate(
            &mut group,
            "tollgate, one route",
            &source(count, false),
            &requests,
        );
        wirefilter_peer(&mut group, count, &requests);
        cel_peer(&mut group, count, &requests);
        regorus_peer(&mut group, count, &requests);
        cedar_peer(&mut group, count, &requests);
        group.finish();
    }
}

fn tollgate(group: &mut Group, name: &str, source: &str, requests: &[Request]) {
    let bundle = bundle(source);
    let site = bundle.view().stage(b"Api", b"s").expect("a stage");
    let targets: Vec<String> = requests.iter().map(|r| format!("/s{}", r.path)).collect();
    let levels: Vec<String> = requests.iter().map(|r| r.level.to_string()).collect();
    let headers: Vec<[Header<'_>; 2]> = requests
        .iter()
        .zip(&levels)
        .map(|(request, level)| {
            [
                Header {
                    name: b"User-Agent",
                    value: request.agent.as_bytes(),
                },
                Header {
                    name: b"Referer",
                    value: level.as_bytes(),
                },
            ]
        })
        .collect();
    let mut scratch = Scratch::new(1 << 16);
    let mut routed = Vec::new();
    for ((request, target), headers) in requests.iter().zip(&targets).zip(&headers) {
        let mut world = world(bundle.view(), "GET", target, headers, request.ip);
        world.now_ms = request.now as u64 * 1_000;
        let mut session = Session::begin(site.mapped(2));
        assert!(session.screen(&world, &mut scratch).response.is_none());
        routed.push((session, world));
    }
    group.bench_function(name, |bencher| {
        let mut at = 0;
        bencher.iter(|| {
            at = (at + 1) % routed.len();
            let (session, world) = &mut routed[at];
            session.consider(black_box(world), &mut scratch) == Finding::Allows
        })
    });
}

fn wirefilter_scheme() -> wirefilter::Scheme {
    wirefilter::Scheme! { ip: Ip, agent: Bytes, path: Bytes, level: Int, now: Int }
}

fn wirefilter_text(count: usize) -> String {
    let denials: Vec<String> = (0..count - 1)
        .map(|at| {
            let path = format!("path contains \"{}/\"", below(at));
            match kind(at) {
                Kind::Resource => path,
                Kind::Agent(agent) => format!("({path} && agent contains \"{agent}\")"),
                Kind::Address(n) => format!("({path} && ip in {{10.{n}.0.0/16}})"),
                Kind::Above(n) => format!("({path} && level > {n})"),
                Kind::Before(s) => format!("({path} && now < {s})"),
            }
        })
        .collect();
    format!("not ({})", denials.join(" || "))
}

fn wirefilter_peer<'r>(group: &mut Group, count: usize, requests: &'r [Request]) {
    use wirefilter::ExecutionContext;
    let scheme = wirefilter_scheme();
    let text = wirefilter_text(count);
    let filter = scheme.parse(&text).expect("a filter").compile();
    let decide = |request: &'r Request| {
        let mut context = ExecutionContext::new(&scheme);
        context.set_field_value("ip", request.ip).expect("a field");
        let agent = request.agent.as_str();
        context.set_field_value("agent", agent).expect("a field");
        let path = request.path.as_str();
        context.set_field_value("path", path).expect("a field");
        let level = request.level as i32;
        context.set_field_value("level", level).expect("a field");
        let now = request.now as i32;
        context.set_field_value("now", now).expect("a field");
        filter.execute(&context).expect("a verdict")
    };
    peer(group, "wirefilter", requests, |r| hand(count, r), decide);
}

/// A program each, as embedders keep them: one of 500 alternatives is beyond the parser's depth.
fn cel_texts(count: usize) -> Vec<String> {
    (0..count - 1)
        .map(|at| {
            let path = format!("path.startsWith('{}/')", below(at));
            match kind(at) {
                Kind::Resource => path,
                Kind::Agent(agent) => format!("{path} && agent.startsWith('{agent}')"),
                // CEL has no ranges of its own.
                Kind::Address(n) => format!("{path} && ip.startsWith('10.{n}.')"),
                Kind::Above(n) => format!("{path} && level > {n}"),
                Kind::Before(s) => format!("{path} && now < {s}"),
            }
        })
        .collect()
}

fn cel_programs(texts: &[String]) -> Vec<cel::Program> {
    let compile = |text: &String| cel::Program::compile(text).expect("a program");
    texts.iter().map(compile).collect()
}

fn cel_peer(group: &mut Group, count: usize, requests: &[Request]) {
    let denials = cel_programs(&cel_texts(count));
    let decide = |request: &Request| {
        let mut context = cel::Context::default();
        context.add_variable_from_value("ip", request.ip.to_string());
        context.add_variable_from_value("agent", request.agent.clone());
        context.add_variable_from_value("path", request.path.clone());
        context.add_variable_from_value("level", request.level);
        context.add_variable_from_value("now", request.now);
        let denies = |program: &cel::Program| {
            program.execute(&context).expect("a verdict") == cel::Value::Bool(true)
        };
        !denials.iter().any(denies)
    };
    peer(group, "cel", requests, |r| hand(count, r), decide);
}

fn rego(count: usize) -> String {
    let mut rego =
        String::from("package gate\nimport rego.v1\ndefault deny := false\nallow if not deny\n");
    for at in 0..count - 1 {
        let path = format!("startswith(input.path, \"{}/\")", below(at));
        let rest = match kind(at) {
            Kind::Resource => String::new(),
            Kind::Agent(agent) => format!("; startswith(input.agent, \"{agent}\")"),
            Kind::Address(n) => format!("; net.cidr_contains(\"10.{n}.0.0/16\", input.ip)"),
            Kind::Above(n) => format!("; input.level > {n}"),
            Kind::Before(s) => format!("; input.now < {s}"),
        };
        rego += &format!("deny if {{ {path}{rest} }}\n");
    }
    rego
}

fn regorus_policy(rego: &str) -> regorus::CompiledPolicy {
    let mut engine = regorus::Engine::new();
    engine
        .add_policy("gate.rego".into(), rego.into())
        .expect("a policy");
    engine
        .compile_with_entrypoint(&"data.gate.allow".into())
        .expect("a program")
}

fn regorus_peer(group: &mut Group, count: usize, requests: &[Request]) {
    let policy = regorus_policy(&rego(count));
    let decide = |request: &Request| {
        let text = |text: &str| regorus::Value::from(text);
        let input = BTreeMap::from([
            (text("ip"), regorus::Value::from(request.ip.to_string())),
            (text("agent"), regorus::Value::from(request.agent.clone())),
            (text("path"), regorus::Value::from(request.path.clone())),
            (text("level"), regorus::Value::from(request.level)),
            (text("now"), regorus::Value::from(request.now)),
        ]);
        let input = regorus::Value::from(input);
        policy.eval_with_input(input).expect("a verdict") == regorus::Value::from(true)
    };
    peer(group, "regorus", requests, |r| hand(count, r), decide);
}

fn cedar_policies(count: usize) -> String {
    let mut text = String::from("permit(principal, action, resource);\n");
    for at in 0..count - 1 {
        let path = format!("context.path like \"{}/*\"", below(at));
        let rest = match kind(at) {
            Kind::Resource => String::new(),
            Kind::Agent(agent) => format!(" && context.agent like \"{agent}*\""),
            Kind::Address(n) => format!(" && context.ip.isInRange(ip(\"10.{n}.0.0/16\"))"),
            Kind::Above(n) => format!(" && context.level > {n}"),
            Kind::Before(s) => format!(" && context.now < {s}"),
        };
        text += &format!("forbid(principal, action, resource) when {{ {path}{rest} }};\n");
    }
    text
}

const CEDAR_SCHEMA: &str = r#"
    entity User;
    entity Api;
    action "invoke" appliesTo {
        principal: User,
        resource: Api,
        context: { ip: ipaddr, agent: String, path: String, level: Long, now: Long },
    };
"#;

fn cedar_peer(group: &mut Group, count: usize, requests: &[Request]) {
    use cedar_policy::{
        Authorizer, Context, Decision, Entities, EntityUid, PolicySet,
        RestrictedExpression as Value,
    };
    let policies: PolicySet = cedar_policies(count).parse().expect("policies");
    let authorizer = Authorizer::new();
    let entities = Entities::empty();
    let uid = |text: &str| -> EntityUid { text.parse().expect("an entity") };
    let (principal, action, resource) = (
        uid("User::\"anyone\""),
        uid("Action::\"invoke\""),
        uid("Api::\"orders\""),
    );
    let decide = |request: &Request| {
        let context = Context::from_pairs([
            ("ip".to_string(), Value::new_ip(request.ip.to_string())),
            (
                "agent".to_string(),
                Value::new_string(request.agent.clone()),
            ),
            ("path".to_string(), Value::new_string(request.path.clone())),
            ("level".to_string(), Value::new_long(request.level)),
            ("now".to_string(), Value::new_long(request.now)),
        ])
        .expect("a context");
        let request = cedar_policy::Request::new(
            principal.clone(),
            action.clone(),
            resource.clone(),
            context,
            None,
        )
        .expect("a request");
        let answer = authorizer.is_authorized(&request, &policies, &entities);
        answer.decision() == Decision::Allow
    };
    peer(group, "cedar", requests, |r| hand(count, r), decide);
}

const LOADED: usize = 1_000;

fn load(criterion: &mut Criterion) {
    let mut checked = criterion.benchmark_group("W7b, 1 000 statements, checked");
    checked.sample_size(10);
    let text = source(LOADED, false);
    checked.bench_function("tollgate", |bencher| {
        bencher.iter(|| tollgate_compiler::check_text(black_box(&text)).0.is_some())
    });
    loaded_by_peers(&mut checked);
    checked.finish();

    let mut json = criterion.benchmark_group("W7b, 1 000 statements, IAM's JSON");
    let document = document(LOADED, ARN);
    let policies = [Policy {
        kind: tollgate_runtime::policy::Kind::Resource,
        level: 0,
        document: document.as_bytes(),
    }];
    let question = Question {
        caller: Caller::Anonymous,
        action: "execute-api:Invoke",
        resource: "arn:aws:execute-api:us-east-1:111122223333:api/s/GET/r7/items/1",
        owner: "111122223333",
        keys: &[("aws:UserAgent", &["curl/8"])],
    };
    let mut scratch = Scratch::new(64 << 20);
    let mut allows = || {
        let answer = ask(black_box(&question), &policies, &mut scratch);
        answer.expect("an answer").decision.is_ok()
    };
    assert!(allows(), "the last statement decides");
    json.bench_function("tollgate", |bencher| bencher.iter(&mut allows));
    // The limit: each element is found by name, and nothing is judged.
    let limit = || serde_json::from_str::<typed::Document>(black_box(&document));
    let read = limit().expect("a document");
    assert_eq!(read.statement.len(), LOADED);
    json.bench_function("serde_json, typed", |bencher| bencher.iter(limit));
    json.finish();
}

/// The same statements, read and checked as far as each peer checks them without a request.
fn loaded_by_peers(group: &mut Group) {
    use cedar_policy::{PolicySet, Schema, ValidationMode, Validator};

    let scheme = wirefilter_scheme();
    let filter = wirefilter_text(LOADED);
    group.bench_function("wirefilter", |bencher| {
        bencher.iter(|| {
            scheme
                .parse(black_box(&filter))
                .expect("a filter")
                .compile()
        })
    });
    let texts = cel_texts(LOADED);
    group.bench_function("cel", |bencher| {
        bencher.iter(|| cel_programs(black_box(&texts)))
    });
    let rego = rego(LOADED);
    group.bench_function("regorus", |bencher| {
        bencher.iter(|| regorus_policy(black_box(&rego)))
    });
    let cedar = cedar_policies(LOADED);
    let parse = || black_box(&cedar).parse::<PolicySet>().expect("policies");
    group.bench_function("cedar, parsed alone", |bencher| bencher.iter(parse));
    let (schema, _) = Schema::from_cedarschema_str(CEDAR_SCHEMA).expect("a schema");
    let validator = Validator::new(schema);
    let validated = || validator.validate(&parse(), ValidationMode::Strict);
    assert!(validated().validation_passed());
    group.bench_function("cedar, parsed and validated", |bencher| {
        bencher.iter(validated)
    });
}

/// IAM's JSON as these documents have it, for serde.
mod typed {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    #[allow(dead_code)] // read, and looked at by nobody
    pub struct Document<'d> {
        version: &'d str,
        #[serde(borrow)]
        pub statement: Vec<Statement<'d>>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase", deny_unknown_fields)]
    #[allow(dead_code)] // as the document
    pub struct Statement<'d> {
        effect: Effect,
        principal: &'d str,
        action: &'d str,
        resource: &'d str,
        #[serde(borrow, default)]
        condition: BTreeMap<&'d str, BTreeMap<&'d str, &'d str>>,
    }

    #[derive(Deserialize)]
    enum Effect {
        Allow,
        Deny,
    }
}

criterion_group!(benches, statements, load);
criterion_main!(benches);
