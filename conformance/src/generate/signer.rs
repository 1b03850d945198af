//! Callers who sign, with policies of every kind.

use proptest::prelude::*;
use serde_json::{Value as Json, json};
use tollgate_reference::Signer;
use tollgate_reference::policy::together::Kind;

use super::{one_of, sometimes};

/// Users and sessions that resource policies name.
pub(super) const USER: &str = "arn:aws:iam::111111111111:user/ann";
pub(super) const ROLE: &str = "arn:aws:iam::111111111111:role/r";
pub(super) const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/r/s";

pub(super) fn signer() -> impl Strategy<Value = Signer> {
    (
        one_of(&[
            (USER, None, "AIDA1"),
            (USER, None, "AIDA1"),
            (SESSION, Some(ROLE), "AROA1:s"),
            (SESSION, Some(ROLE), "AROA1:s"),
            ("arn:aws:iam::111111111111:root", None, "111111111111"),
            ("arn:aws:iam::222222222222:user/eve", None, "AIDA2"),
        ]),
        proptest::sample::subsequence(
            vec![
                ("aws:PrincipalTag/team", vec!["blue"]),
                ("aws:PrincipalOrgPaths", vec!["o-1/a/", "o-1/b/"]),
                ("aws:PrincipalOrgID", vec!["o-1"]),
                ("aws:MultiFactorAuthAge", vec!["30"]),
            ],
            0..=4,
        ),
        sometimes(85, set(Kind::Identity)),
        sometimes(30, set(Kind::Boundary)),
        sometimes(30, set(Kind::Session)),
        prop_oneof![
            3 => Just(Vec::new()),
            1 => proptest::collection::vec(set(Kind::ServiceControl), 1..=2),
        ],
        sometimes(15, set(Kind::ResourceControl)),
        sometimes(15, set(Kind::Endpoint)),
    )
        .prop_map(
            |(who, more, identity, boundary, session, levels, owner, endpoint)| {
                let (arn, role, unique_id) = who;
                let account = arn.split(':').nth(4).unwrap_or_default();
                let mut keys = vec![
                    ("aws:PrincipalAccount", vec![account]),
                    ("aws:PrincipalArn", vec![role.unwrap_or(arn)]),
                    ("aws:userid", vec![unique_id]),
                ];
                if let Some((_, name)) = arn.split_once(":user/") {
                    keys.push(("aws:username", vec![name]));
                }
                keys.extend(more);
                let around = [identity, boundary, session, owner, endpoint];
                let sets = (0..).zip(levels).map(|(level, set)| (level, Some(set)));
                let sets = around.into_iter().map(|set| (0, set)).chain(sets);
                Signer {
                    account: account.to_owned(),
                    arn: arn.to_owned(),
                    role: role.map(str::to_owned),
                    unique_id: unique_id.to_owned(),
                    access_key: "AKIA1".into(),
                    keys: keys
                        .into_iter()
                        .map(|(name, values)| {
                            let values = values.into_iter().map(str::to_owned);
                            (name.to_owned(), values.collect())
                        })
                        .collect(),
                    policies: sets
                        .filter_map(|(level, set)| Some((level, set?)))
                        .flat_map(|(level, (kind, documents))| {
                            documents
                                .into_iter()
                                .map(move |document| (kind, level, document))
                        })
                        .collect(),
                }
            },
        )
}

/// Policies of one kind and level: mostly one that opens, and one that matters.
fn set(kind: Kind) -> impl Strategy<Value = (Kind, Vec<Json>)> {
    let named = matches!(kind, Kind::ResourceControl | Kind::Endpoint);
    // What is rarely there must matter when it is.
    let opening = match kind {
        Kind::Boundary | Kind::Session | Kind::Endpoint => 0.5,
        _ => 0.8,
    };
    let open = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    (
        proptest::bool::weighted(opening),
        proptest::collection::vec(statement(named), 0..=2),
        one_of(&["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17"]),
    )
        .prop_map(move |(opens, mut statements, version)| {
            if opens {
                statements.push(open.clone());
            }
            let document = json!({"Version": version, "Statement": statements});
            (kind, vec![document])
        })
}

fn statement(named: bool) -> impl Strategy<Value = Json> {
    (
        one_of(&["Allow", "Deny"]),
        one_of(&[
            json!("execute-api:Invoke"),
            json!("execute-api:*"),
            json!("*"),
            json!(["s3:*", "EXECUTE-API:inv?ke"]),
            json!("execute-api:InvalidateCache"),
        ]),
        one_of(&["Action", "Action", "Action", "NotAction"]),
        one_of(&[
            json!("*"),
            json!("arn:aws:execute-api:*:*:*/dev/GET/*"),
            json!("arn:aws:execute-api:us-east-1:111111111111:*/*/POST/*"),
            json!("arn:aws:execute-api:us-east-1"),
            json!("arn:aws:execute-api:*"),
            json!("arn:aws:execute-api:eu-west-1"),
            json!(["arn:aws:s3:::x", "arn:aws:execute-api:*:*:*/dev/*/a*"]),
            json!("arn:aws:execute-api:*:*:*/dev/${aws:username}*"),
            json!("arn:aws:execute-api:*:*:*/${aws:PrincipalTag/stage, 'dev'}/*"),
            json!("arn:aws:execute-api:*:*:*/dev/${open"),
        ]),
        one_of(&["Resource", "Resource", "Resource", "NotResource"]),
        sometimes(40, condition()),
        sometimes(30, principal()),
    )
        .prop_map(
            move |(effect, actions, action, resources, resource, condition, principal)| {
                let mut statement = json!({"Effect": effect, action: actions, resource: resources});
                if let Some(condition) = condition {
                    statement["Condition"] = condition;
                }
                match principal {
                    Some((element, names)) if named => statement[element] = names,
                    _ => {}
                }
                statement
            },
        )
}

fn principal() -> impl Strategy<Value = (&'static str, Json)> {
    (
        one_of(&["Principal", "Principal", "NotPrincipal"]),
        one_of(&[
            json!("*"),
            json!({"AWS": USER}),
            json!({"AWS": ["111111111111", ROLE]}),
            json!({"AWS": [USER, "arn:aws:iam::111111111111:root"]}),
            json!({"Service": "x.amazonaws.com"}),
            json!({"AWS": "AROA1"}),
        ]),
    )
}

fn condition() -> impl Strategy<Value = Json> {
    one_of(&[
        json!({"StringEquals": {"aws:username": "ann"}}),
        json!({"StringNotEqualsIfExists": {"aws:PrincipalTag/team": ["blue", "red"]}}),
        json!({"StringLike": {"aws:userid": "AROA1:${aws:PrincipalTag/none, 's'}"}}),
        json!({"StringNotLike": {"aws:userid": "${aws:PrincipalTag/none}"}}),
        json!({"StringEquals": {"aws:username": "${open"}}),
        json!({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": "*/a/"}}),
        json!({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": ["*/a/", "${aws:PrincipalOrgID}/*"]}}),
        json!({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["*/a/", "*/c/"]}}),
        json!({"ForAnyValue:StringNotEquals": {"aws:PrincipalOrgPaths": "o-1/a/"}}),
        json!({"ForAllValues:StringNotEquals": {"aws:PrincipalOrgPaths": "o-1/c/"}}),
        json!({"StringEquals": {"aws:PrincipalOrgPaths": "o-1/b/"}}),
        json!({"NumericLessThan": {"aws:MultiFactorAuthAge": ["x", "60"]}}),
        json!({"NumericGreaterThan": {"aws:MultiFactorAuthAge": "x"}}),
        json!({"Null": {"aws:MultiFactorAuthAge": "true"}}),
        json!({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/*"}}),
        json!({"IpAddress": {"aws:SourceIp": ["10.1.0.0/16", "nonsense"]}}),
        json!({"NotIpAddress": {"aws:SourceIp": "2001:db8::/32"}, "Bool": {"aws:SecureTransport": "true"}}),
        json!({"DateGreaterThan": {"aws:CurrentTime": "2026-11-23T09:00:00Z"}}),
        json!({"BoolIfExists": {"aws:MultiFactorAuthPresent": []}}),
    ])
}
