//! W1 and W1b: a resource policy of three statements, with the request in hand (W1) and
//! with building each engine's view of it (W1b).

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, criterion_group, criterion_main};
use tollgate_bench::policy::{ENDPOINT, RANGES, Request, hand, requests, source};
use tollgate_bench::rounds::{peer, turn};
use tollgate_bench::tollgate::{bundle, world};
use tollgate_runtime::policy::Finding;
use tollgate_runtime::{Scratch, Session, World};

fn policy(criterion: &mut Criterion) {
    let requests = requests();
    let mut w1 = criterion.benchmark_group("W1");
    w1.bench_function("hand", |bencher| {
        let mut next = turn(&requests);
        bencher.iter(|| hand(black_box(next())))
    });
    let bundle = bundle(&source());
    let site = bundle.view().stage(b"Api", b"s").expect("a stage");
    let targets: Vec<String> = requests.iter().map(|r| format!("/s{}", r.path)).collect();
    let seen = |at: usize| {
        let request = &requests[at];
        let mut world = world(bundle.view(), "GET", &targets[at], &[], request.ip);
        world.head.vpce = request.vpce.as_deref().map(str::as_bytes);
        world
    };
    let worlds: Vec<_> = (0..requests.len()).map(seen).collect();
    let (mut scratch, mut asked) = (Scratch::new(1 << 16), Scratch::new(1 << 16));
    let mut screen = |world: &World<'_>| {
        let decision = Session::begin(site.mapped(2)).screen(world, &mut scratch);
        decision.response.is_none()
    };
    for (request, world) in requests.iter().zip(&worlds) {
        assert_eq!(screen(world), hand(request));
    }
    let routed = |world: &World<'_>, scratch: &mut Scratch| {
        let mut session = Session::begin(site.mapped(2));
        session.screen(world, scratch);
        session
    };
    let mut sessions: Vec<Session> = worlds.iter().map(|w| routed(w, &mut asked)).collect();
    w1.bench_function("tollgate", |bencher| {
        let mut at = 0;
        bencher.iter(|| {
            at = (at + 1) % worlds.len();
            sessions[at].consider(black_box(&worlds[at]), &mut asked) == Finding::Allows
        })
    });
    // More than the row: the request is routed first, and a refusal has its message.
    w1.bench_function("tollgate, with the route", |bencher| {
        let mut at = 0;
        bencher.iter(|| {
            at = (at + 1) % worlds.len();
            screen(black_box(&worlds[at]))
        })
    });
    w1.finish();

    let mut w1b = criterion.benchmark_group("W1b");
    w1b.bench_function("hand", |bencher| {
        let raw: Vec<(String, Option<String>, String)> = requests
            .iter()
            .map(|r| (r.ip.to_string(), r.vpce.clone(), r.path.clone()))
            .collect();
        let mut at = 0;
        bencher.iter(|| {
            at = (at + 1) % raw.len();
            let (ip, vpce, path) = &raw[at];
            let request = Request {
                ip: ip.parse().expect("an address"),
                vpce: vpce.clone(),
                path: path.clone(),
            };
            hand(black_box(&request))
        })
    });
    w1b.bench_function("tollgate", |bencher| {
        let mut at = 0;
        bencher.iter(|| {
            at = (at + 1) % requests.len();
            sessions[at].consider(black_box(&seen(at)), &mut asked) == Finding::Allows
        })
    });
    w1b.bench_function("tollgate, with the route", |bencher| {
        let mut at = 0;
        bencher.iter(|| {
            at = (at + 1) % requests.len();
            screen(black_box(&seen(at)))
        })
    });
    wirefilter_peer(&mut w1b, &requests);
    cel_peer(&mut w1b, &requests);
    regorus_peer(&mut w1b, &requests);
    cedar_peer(&mut w1b, &requests);
    w1b.finish();
}

type Group<'a> = criterion::BenchmarkGroup<'a, criterion::measurement::WallTime>;

fn wirefilter_peer<'r>(group: &mut Group, requests: &'r [Request]) {
    use wirefilter::{ExecutionContext, Scheme};
    let scheme = Scheme! { ip: Ip, vpce: Bytes, path: Bytes };
    let ranges = RANGES.join(" ");
    let source =
        format!("ip in {{{ranges}}} && (vpce == \"{ENDPOINT}\" || path contains \"/public/\")");
    let filter = scheme.parse(&source).expect("a filter").compile();
    let decide = |request: &'r Request| {
        let mut context = ExecutionContext::new(&scheme);
        context.set_field_value("ip", request.ip).expect("a field");
        context
            .set_field_value("vpce", request.vpce.as_deref().unwrap_or_default())
            .expect("a field");
        context
            .set_field_value("path", request.path.as_str())
            .expect("a field");
        filter.execute(&context).expect("a verdict")
    };
    peer(group, "wirefilter", requests, hand, decide);
}

fn cel_peer(group: &mut Group, requests: &[Request]) {
    // CEL has no ranges of its own: the host gives a function, as every embedder must.
    let program = cel::Program::compile(&format!(
        "inside(ip) && (vpce == '{ENDPOINT}' || path.startsWith('/public/'))"
    ))
    .expect("a program");
    let decide = |request: &Request| {
        let mut context = cel::Context::default();
        let _ = context.add_function("inside", |ip: Arc<String>| {
            let request = Request {
                ip: ip.parse().expect("an address"),
                vpce: Some(ENDPOINT.into()),
                path: String::new(),
            };
            hand(&request)
        });
        context.add_variable_from_value("ip", request.ip.to_string());
        context.add_variable_from_value("vpce", request.vpce.clone().unwrap_or_default());
        context.add_variable_from_value("path", request.path.clone());
        program.execute(&context).expect("a verdict") == cel::Value::Bool(true)
    };
    peer(group, "cel", requests, hand, decide);
}

fn regorus_peer(group: &mut Group, requests: &[Request]) {
    let ranges: Vec<String> = RANGES.iter().map(|range| format!("{range:?}")).collect();
    let rego = format!(
        "package gate\nimport rego.v1\nranges := [{}]\ndefault allow := false\n\
         inside if {{ some range in ranges; net.cidr_contains(range, input.ip) }}\n\
         open if input.vpce == {ENDPOINT:?}\nopen if startswith(input.path, \"/public/\")\n\
         allow if {{ inside; open }}\n",
        ranges.join(", ")
    );
    let mut engine = regorus::Engine::new();
    engine
        .add_policy("gate.rego".into(), rego)
        .expect("a policy");
    let policy = engine
        .compile_with_entrypoint(&"data.gate.allow".into())
        .expect("a program");
    let decide = |request: &Request| {
        let mut input = std::collections::BTreeMap::new();
        input.insert(
            regorus::Value::from("ip"),
            regorus::Value::from(request.ip.to_string()),
        );
        input.insert(
            regorus::Value::from("vpce"),
            regorus::Value::from(request.vpce.clone().unwrap_or_default()),
        );
        input.insert(
            regorus::Value::from("path"),
            regorus::Value::from(request.path.clone()),
        );
        policy
            .eval_with_input(regorus::Value::from(input))
            .expect("a verdict")
            == regorus::Value::from(true)
    };
    peer(group, "regorus", requests, hand, decide);
}

fn cedar_peer(group: &mut Group, requests: &[Request]) {
    use cedar_policy::{
        Authorizer, Context, Decision, Entities, EntityUid, PolicySet, RestrictedExpression,
    };
    let inside: Vec<String> = RANGES
        .iter()
        .map(|range| format!("context.ip.isInRange(ip({range:?}))"))
        .collect();
    let text = format!(
        "permit(principal, action, resource);\n\
         forbid(principal, action, resource) unless {{ {} }};\n\
         forbid(principal, action, resource) unless {{ context.vpce == {ENDPOINT:?} || context.path like \"/public/*\" }};",
        inside.join(" || ")
    );
    let policies: PolicySet = text.parse().expect("policies");
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
            (
                "ip".to_string(),
                RestrictedExpression::new_ip(request.ip.to_string()),
            ),
            (
                "vpce".to_string(),
                RestrictedExpression::new_string(request.vpce.clone().unwrap_or_default()),
            ),
            (
                "path".to_string(),
                RestrictedExpression::new_string(request.path.clone()),
            ),
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
        authorizer
            .is_authorized(&request, &policies, &entities)
            .decision()
            == Decision::Allow
    };
    peer(group, "cedar", requests, hand, decide);
}

criterion_group!(benches, policy);
criterion_main!(benches);
