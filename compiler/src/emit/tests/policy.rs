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
        r#"{"Message": "User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********0000:abcdefghij/dev/GET/shut"}"#
    );
}
