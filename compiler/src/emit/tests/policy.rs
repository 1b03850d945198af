//! Resource policies.

use std::net::IpAddr;

use tollgate_model::condition::{Clause, Condition, Operator};
use tollgate_model::policy::{
    Effect, Patterns, Policy, Principals, ResourcePattern, Resources, Statement,
};

use super::drive::*;
use super::*;

fn address(text: &str) -> Option<IpAddr> {
    Some(text.parse().unwrap())
}

fn statement(effect: Effect, resources: Vec<ResourcePattern>, condition: Condition) -> Statement {
    Statement {
        sid: None,
        effect,
        principals: Principals::Anyone,
        actions: Patterns::Only(vec!["execute-api:Invoke".into()]),
        resources: Resources::Only(resources),
        condition,
        node: NodeId::default(),
    }
}

fn clause(operator: Operator, key: &str, values: &[&str]) -> Condition {
    Condition::Iam(vec![Clause {
        quantifier: None,
        operator,
        if_exists: false,
        key: key.into(),
        values: values.iter().map(|v| v.to_string()).collect(),
        node: NodeId::default(),
    }])
}

#[test]
fn a_resource_policy_admits_by_statement() {
    let of = |stage: &str, rest: &str| ResourcePattern::OfApi {
        stage: stage.into(),
        rest: rest.into(),
    };
    let mut model = program(vec![
        mock(Method::Get, "/open", "open"),
        mock(Method::Get, "/orders/{id}", "order"),
        mock(Method::Get, "/shut", "shut"),
    ]);
    model.apis[0].policy = Some(Policy {
        statements: vec![
            statement(
                Effect::Allow,
                vec![of("*", "GET/open"), of("*", "*/orders/*")],
                Condition::Always,
            ),
            statement(
                Effect::Deny,
                vec![ResourcePattern::Any],
                clause(
                    Operator::NotIpAddress,
                    "aws:SourceIp",
                    &["10.0.0.0/8", "2001:db8::/32"],
                ),
            ),
            statement(
                Effect::Deny,
                vec![of("dev", "GET/orders/9*")],
                Condition::Always,
            ),
            statement(
                Effect::Deny,
                vec![of("*", "GET/open")],
                clause(Operator::StringEquals, "aws:UserAgent", &["bad"]),
            ),
        ],
        ..Policy::default()
    });
    let bundle = super::super::bundle(&model).unwrap();
    let of = |target, from: &str, agent: Option<&'static str>| {
        let told = ask(
            &bundle,
            &Ask {
                method: "GET",
                target,
                from: address(from),
                headers: agent.map(|a| ("user-agent", a)).into_iter().collect(),
                ..Ask::default()
            },
        );
        (told.status, told.statement)
    };
    assert_eq!(of("/dev/open", "10.1.2.3", None), (200, Some(0)));
    assert_eq!(of("/dev/open", "10.1.2.3", Some("bad")), (403, Some(3)));
    assert_eq!(of("/dev/open", "10.1.2.3", Some("good")), (200, Some(0)));
    assert_eq!(of("/dev/open", "11.1.2.3", None), (403, Some(1)));
    assert_eq!(of("/dev/open", "2001:db8::7", None), (200, Some(0)));
    assert_eq!(of("/dev/open", "2001:db9::7", None), (403, Some(1)));
    assert_eq!(of("/dev/orders/8", "10.0.0.1", None), (200, Some(0)));
    assert_eq!(of("/dev/orders/99", "10.0.0.1", None), (403, Some(2)));
    assert_eq!(of("/dev/shut", "10.0.0.1", None), (403, None));
    let told = ask(
        &bundle,
        &Ask {
            method: "GET",
            target: "/dev/shut",
            from: address("10.0.0.1"),
            ..Ask::default()
        },
    );
    assert_eq!(
        told.body,
        r#"{"Message":"User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********0000:abcdefghij/dev/GET/shut"}"#
    );
}

/// Statements about other paths, verbs, stages of other APIs, callers and actions.
fn strangers() -> Vec<Statement> {
    let arn = |rest: String| {
        let arn = format!("arn:aws:execute-api:us-east-1:000000000000:{rest}");
        vec![ResourcePattern::Arn(arn)]
    };
    (0..1000)
        .map(|i| {
            let effect = if i % 3 == 0 {
                Effect::Deny
            } else {
                Effect::Allow
            };
            let ip = clause(Operator::IpAddress, "aws:SourceIp", &["10.0.0.0/8"]);
            let resources = match i % 4 {
                0 => arn(format!("abcdefghij/*/GET/elsewhere/{i}/*")),
                1 => arn(format!("abcdefghij/*/POST/pets/{i}")),
                2 => arn(format!("zzzzzzzzzz/*/GET/pets/{i}")),
                _ => vec![ResourcePattern::Any],
            };
            let mut statement = statement(effect, resources, ip);
            if i % 8 == 3 {
                statement.principals =
                    Principals::Only(vec![tollgate_model::policy::Principal::Account(format!(
                        "{i:012}"
                    ))]);
            } else if i % 8 == 7 {
                statement.actions = Patterns::Only(vec!["execute-api:ManageConnections".into()]);
            }
            statement
        })
        .collect()
}

/// What cannot match a route leaves no trace in what decides it: not a byte of the whole bundle.
#[test]
fn statements_that_cannot_match_cost_nothing() {
    let with = |more: Vec<Statement>| {
        let mut program = program(vec![
            mock(Method::Get, "/pets/{id}", "pet"),
            mock(Method::Get, "/health", "well"),
        ]);
        let from_home = clause(Operator::IpAddress, "aws:SourceIp", &["192.0.2.0/24"]);
        let mut statements = vec![
            statement(Effect::Allow, vec![ResourcePattern::Any], Condition::Always),
            statement(
                Effect::Deny,
                vec![ResourcePattern::OfApi {
                    stage: "*".into(),
                    rest: "GET/pets/1*".into(),
                }],
                from_home,
            ),
        ];
        statements.extend(more);
        program.apis[0].policy = Some(Policy {
            statements,
            ..Policy::default()
        });
        crate::emit::bundle(&program).unwrap()
    };
    let (few, many) = (with(vec![]), with(strangers()));
    assert!(few == many, "{} and {} bytes", few.len(), many.len());
    let from = |address: &str, target| {
        let request = Ask {
            method: "GET",
            target,
            from: self::address(address),
            ..Ask::default()
        };
        ask(&many, &request).status
    };
    assert_eq!(from("192.0.2.7", "/dev/pets/10"), 403);
    assert_eq!(from("192.0.2.7", "/dev/pets/2"), 200);
    assert_eq!(from("10.0.0.1", "/dev/pets/10"), 200);
}

/// Over a route that takes any path, a glob is asked of the path alone; what it says is what it says of the whole ARN,
/// also where an index is looked up by the path.
#[test]
fn a_glob_says_of_the_path_what_it_says_of_the_whole() {
    let globs = [
        ("*", "GET/orders/*"),
        ("*", "*/orders/*"),
        ("*", "GET/orders"),
        ("d*", "*/secret"),
        ("dev", "GET/a/?/c"),
        ("*", "*/a*c"),
        ("*", "POST/orders/*"),
        ("*", "G?T/*/x/*/y"),
        ("prod", "*"),
    ];
    let arn = |target: &str| {
        format!(
            "abcdefghij/dev/GET/{}",
            target.strip_prefix("/dev/").unwrap()
        )
    };
    let fits = |glob: &str, text: &str| {
        let pattern = regex_automata::meta::Regex::new(&format!(
            "^(?s:{})$",
            glob.replace('*', ".*").replace('?', ".")
        ));
        pattern.unwrap().is_match(text)
    };
    let targets = [
        "/dev/orders",
        "/dev/orders/",
        "/dev/orders/7",
        "/dev/a/orders/7",
        "/dev/GET/orders/7",
        "/dev/POST/orders/7",
        "/dev/secret",
        "/dev/my/secret",
        "/dev/secret/7",
        "/dev/a/b/c",
        "/dev/a/bb/c",
        "/dev/abc",
        "/dev/b/abc",
        "/dev/p/x/q/y",
        "/dev/x/q/y",
        "/dev/other",
    ];
    // As many more as make an index, none of which fits.
    for more in [0, 20] {
        for (stage, rest) in globs {
            let mut program = program(vec![mock(Method::Get, "/{proxy+}", "any")]);
            let of = |stage: &str, rest: &str| {
                let (stage, rest) = (stage.into(), rest.into());
                vec![ResourcePattern::OfApi { stage, rest }]
            };
            let mut statements = vec![
                statement(Effect::Allow, vec![ResourcePattern::Any], Condition::Always),
                statement(Effect::Deny, of(stage, rest), Condition::Always),
            ];
            statements.extend((0..more).map(|i| {
                let elsewhere = of("*", &format!("GET/elsewhere/{i}/*"));
                statement(Effect::Deny, elsewhere, Condition::Always)
            }));
            program.apis[0].policy = Some(Policy {
                statements,
                ..Policy::default()
            });
            let bundle = crate::emit::bundle(&program).unwrap();
            for target in targets {
                let glob = format!("abcdefghij/{stage}/{rest}");
                let path = target.trim_end_matches('/');
                let want = if fits(&glob, &arn(path)) { 403 } else { 200 };
                let status = get(&bundle, target).status;
                assert_eq!(status, want, "{glob} and {target}, {more} more");
            }
        }
    }
}

/// A clock's second is neither before nor after itself.
#[test]
fn moments_and_numbers_are_compared_with_their_borders() {
    use Operator as O;
    // A second before now, now, and a second after.
    let moments = [
        "2025-11-22T23:59:59Z",
        "2025-11-23T00:00:00Z",
        "2025-11-23T00:00:01Z",
    ];
    let numbers = ["1763855999", "1763856000", "1763856001"];
    for (date, numeric, holds) in [
        (O::DateEquals, O::NumericEquals, [false, true, false]),
        (O::DateNotEquals, O::NumericNotEquals, [true, false, true]),
        (O::DateLessThan, O::NumericLessThan, [false, false, true]),
        (
            O::DateLessThanEquals,
            O::NumericLessThanEquals,
            [false, true, true],
        ),
        (
            O::DateGreaterThan,
            O::NumericGreaterThan,
            [true, false, false],
        ),
        (
            O::DateGreaterThanEquals,
            O::NumericGreaterThanEquals,
            [true, true, false],
        ),
    ] {
        for (operator, key, values) in [
            (date, "aws:CurrentTime", moments),
            (numeric, "aws:EpochTime", numbers),
        ] {
            for (value, holds) in values.iter().zip(holds) {
                let condition = clause(operator, key, &[value]);
                let mut program = program(vec![mock(Method::Get, "/pets", "pets")]);
                program.apis[0].policy = Some(Policy {
                    statements: vec![statement(
                        Effect::Allow,
                        vec![ResourcePattern::Any],
                        condition,
                    )],
                    ..Policy::default()
                });
                let bundle = crate::emit::bundle(&program).unwrap();
                let request = Ask {
                    method: "GET",
                    target: "/dev/pets",
                    ..Ask::default()
                };
                let want = if holds { 200 } else { 403 };
                assert_eq!(ask(&bundle, &request).status, want, "{operator:?} {value}");
            }
        }
    }
}

/// A thousand statements of five kinds over one route, for which none of them is decided.
#[test]
fn a_thousand_statements_take_a_hundred_kibibytes() {
    let statements = (0..1000u32).map(|at| {
        let condition = match at % 5 {
            0 => Condition::Always,
            1 => clause(
                Operator::StringLike,
                "aws:UserAgent",
                &[&format!("bot{at}*")],
            ),
            2 => {
                let range = format!("10.{}.0.0/16", at % 256);
                clause(Operator::IpAddress, "aws:SourceIp", &[&range])
            }
            3 => clause(
                Operator::NumericGreaterThan,
                "aws:Referer",
                &[&at.to_string()],
            ),
            _ => clause(
                Operator::NumericLessThan,
                "aws:EpochTime",
                &[&at.to_string()],
            ),
        };
        let below = ResourcePattern::OfApi {
            stage: "*".into(),
            rest: format!("*/r{at}/items/*"),
        };
        statement(Effect::Deny, vec![below], condition)
    });
    let mut model = program(vec![mock(Method::Get, "/{proxy+}", "open")]);
    model.apis[0].policy = Some(Policy {
        statements: statements.collect(),
        json_length: None,
        node: NodeId::default(),
    });
    let bytes = crate::emit::bundle(&model).unwrap();
    assert!(bytes.len() <= 100 << 10, "{}", bytes.len());
}
