//! Policies in IAM's JSON, as hosts and authorizers send them: of every kind, some of them broken.

use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value as Json, json};
use tollgate_runtime::policy::Kind;

use crate::engines::{PolicyCaller, PolicyDocument, PolicyRequest};

const USER: &str = "arn:aws:iam::111122223333:user/ann";

const ACTIONS: [&str; 8] = [
    "*",
    "s3:*",
    "S3:getobject",
    "s3:Get*",
    "s3:?et*ct",
    "s3:PutObject",
    "ec2:*",
    "",
];

const RESOURCES: [&str; 16] = [
    "*",
    "arn:aws:s3:::home/*",
    "arn:aws:s3:::home/ann/x",
    "arn:aws:s3:::home/${aws:username}/*",
    "arn:aws:s3:::home/${aws:nobody, 'ann'}/?",
    "arn:aws:s3:::home/${aws:nobody}/*",
    "arn:aws:s3:::home/$*",
    "arn:${aws:username}:s3:::home/*",
    "arn:a?s:s3:*:*:home/?nn/*",
    "arn:aws:sqs:*:*:*",
    "arn:aws:s3:*",
    "arn:aws:s3",
    "arn:*",
    "home/*",
    "arn:aws:s3:::home/bob/*",
    "",
];

const NAMES: [&str; 6] = [
    "*",
    "111122223333",
    "arn:aws:iam::111122223333:root",
    USER,
    "arn:aws:iam::111122223333:role/r",
    "444455556666",
];

const OPERATORS: [&str; 14] = [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
    "ArnLike",
    "NumericLessThan",
    "NumericNotEquals",
    "Bool",
    "IpAddress",
    "Null",
    "StringLikeIfExists",
    "ForAllValues:StringEquals",
    "ForAnyValue:StringNotEquals",
];

const KEYS: [&str; 6] = [
    "aws:username",
    "AWS:UserName",
    "s3:max-keys",
    "aws:SourceIp",
    "aws:TagKeys",
    "aws:nothing",
];

/// A value where it does not belong.
fn broken() -> impl Strategy<Value = Json> {
    select(vec![
        Json::Null,
        json!(7),
        json!({}),
        json!([[]]),
        json!(["*", 7]),
        json!("x"),
        json!({"x": []}),
    ])
}

fn one_or_more(values: impl Strategy<Value = Json> + Clone) -> impl Strategy<Value = Json> {
    prop_oneof![
        values.clone(),
        proptest::collection::vec(values, 0..4).prop_map(Json::from),
    ]
}

fn texts(list: &'static [&'static str]) -> impl Strategy<Value = Json> {
    one_or_more(select(list).prop_map(Json::from))
}

fn object(members: Vec<(&'static str, Json)>) -> Json {
    let members = members.into_iter();
    Json::Object(
        members
            .map(|(name, value)| (name.to_owned(), value))
            .collect(),
    )
}

fn principals() -> impl Strategy<Value = Json> {
    let kinds = select(vec!["AWS", "AWS", "Service", "Federated"]);
    prop_oneof![
        2 => Just(json!("*")),
        5 => proptest::collection::vec((kinds, texts(&NAMES)), 0..3).prop_map(object),
        1 => broken(),
    ]
}

fn condition() -> impl Strategy<Value = Json> {
    let value = select(vec![
        json!("ann"),
        json!("ANN"),
        json!("a*"),
        json!("${aws:username}"),
        json!("${aws:nobody, 'ann'}"),
        json!("7"),
        json!(7),
        json!(true),
        json!("false"),
        json!("10.0.0.0/8"),
        json!("b"),
        json!(""),
    ]);
    let values = prop_oneof![12 => one_or_more(value), 1 => broken()];
    let keys = proptest::collection::vec((select(&KEYS[..]), values), 0..3).prop_map(object);
    let keys = prop_oneof![12 => keys, 1 => broken()];
    let operator = prop_oneof![20 => select(&OPERATORS[..]), 1 => Just("StringsEqual")];
    proptest::collection::vec((operator, keys), 0..3).prop_map(object)
}

/// A member by one of two names, or by both.
fn either(
    only: &'static str,
    except: &'static str,
    value: impl Strategy<Value = Json>,
) -> impl Strategy<Value = Vec<(&'static str, Json)>> {
    let name = prop_oneof![
        12 => Just(vec![only]),
        3 => Just(vec![except]),
        1 => Just(vec![only, except]),
        1 => Just(vec![]),
    ];
    (name, prop_oneof![30 => value, 1 => broken()]).prop_map(|(names, value)| {
        let member = |name| (name, value.clone());
        names.into_iter().map(member).collect()
    })
}

fn statement() -> impl Strategy<Value = Json> {
    let effect = prop_oneof![
        40 => select(vec![json!("Allow"), json!("Deny")]),
        1 => broken(),
    ];
    let principal = prop_oneof![
        3 => either("Principal", "NotPrincipal", principals()),
        1 => Just(vec![]),
    ];
    let condition = prop_oneof![
        10 => Just(Json::Null),
        8 => condition(),
        1 => broken(),
    ];
    (
        effect,
        either("Action", "NotAction", texts(&ACTIONS)),
        either("Resource", "NotResource", texts(&RESOURCES)),
        principal,
        condition,
    )
        .prop_map(|(effect, actions, resources, principal, condition)| {
            let first = [("Condition", condition), ("Effect", effect)];
            object(
                first
                    .into_iter()
                    .chain(resources)
                    .chain(actions)
                    .chain(principal)
                    .collect(),
            )
        })
}

fn document() -> impl Strategy<Value = Json> {
    let statements = proptest::collection::vec(statement(), 0..4);
    let statements = prop_oneof![
        6 => statements.prop_map(Json::from),
        3 => statement(),
        1 => broken(),
    ];
    let version = select(vec![
        Some(json!("2012-10-17")),
        Some(json!("2012-10-17")),
        Some(json!("2008-10-17")),
        Some(json!(2012)),
        None,
    ]);
    let document = (statements, version).prop_map(|(statements, version)| {
        let mut document = Map::new();
        document.insert("Statement".into(), statements);
        document.extend(version.map(|version| ("Version".to_owned(), version)));
        Json::Object(document)
    });
    prop_oneof![40 => document, 1 => broken()]
}

/// Policies of some kinds, and what they are asked about.
pub fn documents() -> impl Strategy<Value = (Vec<PolicyDocument>, PolicyRequest)> {
    let policy =
        (select(&Kind::ALL[..]), 0..2u8, document()).prop_map(|(kind, level, document)| {
            let levels = matches!(kind, Kind::ServiceControl | Kind::ResourceControl);
            PolicyDocument {
                kind,
                level: if levels { level } else { 0 },
                document,
            }
        });
    let caller = select(vec![
        PolicyCaller::Anonymous,
        PolicyCaller::Iam(USER.into()),
        PolicyCaller::Iam("arn:aws:sts::111122223333:assumed-role/r/s".into()),
        PolicyCaller::Iam("arn:aws:iam::444455556666:user/bob".into()),
        PolicyCaller::Other("Service".into(), "x.amazonaws.com".into()),
    ]);
    let context = [
        ("aws:username", json!("ann")),
        ("s3:max-keys", json!("7")),
        ("aws:SourceIp", json!("10.1.2.3")),
        ("aws:TagKeys", json!(["a", "b"])),
    ];
    let owner = select(vec!["111122223333", "444455556666"]);
    let request = (caller, owner).prop_map(move |(caller, owner)| PolicyRequest {
        caller,
        owner: owner.into(),
        action: "s3:GetObject".into(),
        resource: "arn:aws:s3:::home/ann/x".into(),
        context: context
            .clone()
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
        ..PolicyRequest::default()
    });
    (proptest::collection::vec(policy, 1..4), request)
}
