//! What bounds callers who sign: boundaries, session policies, organisations, VPC endpoints, and keys of several
//! values.

use tollgate_model::condition::{Clause, Condition, Operator, Quantifier};
use tollgate_model::policy::{Effect, Principal, Principals};
use tollgate_runtime::policy::{Finding, Kind, Refusal};

use super::authorize::{ALICE, ALLOW, DENY, SESSION, signed, statement};
use super::drive::*;
use super::*;

/// Allows something else.
const ELSE: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}}"#;
const ROOT: &str = r#"{"accountId": "000000000000", "caller": "000000000000",
    "userArn": "arn:aws:iam::000000000000:root", "aws:PrincipalArn": "arn:aws:iam::000000000000:root"}"#;

fn bound(kind: Kind, level: u8, document: &str) -> tollgate_runtime::policy::Policy<'_> {
    tollgate_runtime::policy::Policy {
        kind,
        level,
        document: document.as_bytes(),
    }
}

fn arn(arn: &str) -> Principals {
    Principals::Only(vec![Principal::Arn(arn.into())])
}

fn told(
    program: &Program,
    claims: &str,
    own: &[&str],
    bounds: &[(Kind, u8, &str)],
) -> (u16, Option<Refusal>) {
    let bundle = crate::emit::bundle(program).unwrap();
    let request = Ask {
        method: "GET",
        target: "/dev/pets",
        headers: vec![("Authorization", "x")],
        verified: Some(Ok((claims, own.to_vec()))),
        bounds: bounds
            .iter()
            .map(|(kind, level, document)| bound(*kind, *level, document))
            .collect(),
        ..Ask::default()
    };
    let told = ask(&bundle, &request);
    (told.status, told.refusal)
}

#[test]
fn what_bounds_a_caller_must_allow_too() {
    use Finding::{Denies, Silent};
    use Kind::{Boundary, Endpoint, Identity, ResourceControl, ServiceControl, Session};
    let by = |principals| signed(Some(vec![statement(Effect::Allow, principals)]));
    let open = signed(None);
    let user = by(arn("arn:aws:iam::000000000000:user/alice"));
    let role = by(arn("arn:aws:iam::000000000000:role/r"));
    let session = by(arn("arn:aws:sts::000000000000:assumed-role/r/s"));
    let own = &[ALLOW][..];
    type Row<'t> = (
        &'t Program,
        &'t str,
        &'t [&'t str],
        &'t [(Kind, u8, &'t str)],
        Option<(Kind, Finding)>,
    );
    let rows: &[Row<'_>] = &[
        (&open, ALICE, own, &[(Boundary, 0, ALLOW)], None),
        (
            &open,
            ALICE,
            own,
            &[(Boundary, 0, ELSE)],
            Some((Boundary, Silent)),
        ),
        (
            &open,
            ALICE,
            own,
            &[(Boundary, 0, DENY)],
            Some((Boundary, Denies)),
        ),
        (
            &open,
            ALICE,
            &[],
            &[(Boundary, 0, ALLOW)],
            Some((Identity, Finding::Absent)),
        ),
        (
            &open,
            SESSION,
            own,
            &[(Session, 0, ELSE), (Session, 0, ALLOW)],
            None,
        ),
        (
            &open,
            SESSION,
            own,
            &[(Session, 0, ELSE)],
            Some((Session, Silent)),
        ),
        (
            &open,
            ALICE,
            own,
            &[(ServiceControl, 0, ALLOW), (ServiceControl, 1, ELSE)],
            Some((ServiceControl, Silent)),
        ),
        (
            &open,
            ALICE,
            own,
            &[(ServiceControl, 0, ELSE), (ServiceControl, 0, ALLOW)],
            None,
        ),
        (&open, ALICE, own, &[(ResourceControl, 0, ELSE)], None),
        (
            &open,
            ALICE,
            own,
            &[(ResourceControl, 0, DENY)],
            Some((ResourceControl, Denies)),
        ),
        (
            &open,
            ALICE,
            own,
            &[(Endpoint, 0, ELSE)],
            Some((Endpoint, Silent)),
        ),
        // Whoever the resource's policy names needs no other allowance, unless it names a role.
        (&user, ALICE, &[], &[(Boundary, 0, ELSE)], None),
        (&session, SESSION, &[], &[(Session, 0, ELSE)], None),
        (&role, SESSION, &[], &[(Session, 0, ALLOW)], None),
        (
            &role,
            SESSION,
            &[],
            &[(Session, 0, ELSE)],
            Some((Session, Silent)),
        ),
        (
            &role,
            SESSION,
            own,
            &[(Boundary, 0, ELSE)],
            Some((Boundary, Silent)),
        ),
        (&open, ROOT, &[], &[], None),
        (
            &open,
            ROOT,
            &[],
            &[(ServiceControl, 0, ELSE)],
            Some((ServiceControl, Silent)),
        ),
    ];
    for (at, (program, claims, own, bounds, want)) in rows.iter().enumerate() {
        let (status, refusal) = told(program, claims, own, bounds);
        let want = want.map(|(kind, finding)| Refusal { kind, finding });
        assert_eq!(refusal, want, "{at}");
        assert_eq!(status, if want.is_some() { 403 } else { 200 }, "{at}");
    }
}

#[test]
fn who_has_a_boundary_is_barred_by_those_it_does_not_except() {
    let but = Principals::Except(vec![
        Principal::Arn("arn:aws:iam::000000000000:user/alice".into()),
        Principal::Account("000000000000".into()),
    ]);
    let barred = signed(Some(vec![statement(Effect::Deny, but.clone())]));
    assert_eq!(told(&barred, ALICE, &[ALLOW], &[]).0, 200);
    let bounds = [(Kind::Boundary, 0, ALLOW)];
    assert_eq!(told(&barred, ALICE, &[ALLOW], &bounds).0, 403);
    // An allowance of all but some means none of these.
    let allowed = signed(Some(vec![statement(Effect::Allow, but)]));
    assert_eq!(told(&allowed, ALICE, &[], &[]).0, 403);
}

#[test]
fn keys_of_several_values_are_compared_by_their_quantifier() {
    const BOTH: &str = r#"{"accountId": "000000000000", "caller": "AIDA1", "userArn": "arn:aws:iam::000000000000:user/a",
        "aws:PrincipalArn": "arn:aws:iam::000000000000:user/a", "aws:PrincipalOrgPaths": ["o-1/a/", "o-1/b/"]}"#;
    for (quantifier, operator, values, holds) in [
        (None, Operator::StringEquals, &["o-1/b/"][..], true),
        (None, Operator::StringNotEquals, &["o-1/b/"], false),
        (
            Some(Quantifier::ForAnyValue),
            Operator::StringLike,
            &["*/b/"],
            true,
        ),
        (
            Some(Quantifier::ForAnyValue),
            Operator::StringLike,
            &["*/c/"],
            false,
        ),
        (
            Some(Quantifier::ForAllValues),
            Operator::StringLike,
            &["*/b/"],
            false,
        ),
        (
            Some(Quantifier::ForAllValues),
            Operator::StringLike,
            &["*/b/", "*/a/"],
            true,
        ),
        (
            Some(Quantifier::ForAnyValue),
            Operator::StringNotLike,
            &["*/b/"],
            true,
        ),
        (
            Some(Quantifier::ForAnyValue),
            Operator::StringNotLike,
            &["*"],
            false,
        ),
        (
            Some(Quantifier::ForAllValues),
            Operator::StringNotLike,
            &["*/b/"],
            false,
        ),
        (
            Some(Quantifier::ForAllValues),
            Operator::StringNotLike,
            &["*/c/"],
            true,
        ),
    ] {
        let key = "aws:PrincipalOrgPaths";
        // In the policy of the API, compiled ahead.
        let mut allow = statement(Effect::Allow, Principals::Anyone);
        allow.condition = Condition::Iam(vec![Clause {
            quantifier,
            operator,
            if_exists: false,
            key: key.into(),
            values: values.iter().map(|value| (*value).to_owned()).collect(),
            node: NodeId::default(),
        }]);
        let want = if holds { 200 } else { 403 };
        let ahead = told(&signed(Some(vec![allow])), BOTH, &[], &[]).0;
        // In one of the caller's own.
        let name = match quantifier {
            Some(quantifier) => format!("{quantifier:?}:{operator:?}"),
            None => format!("{operator:?}"),
        };
        let own = format!(
            r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {{"{name}": {{"{key}": {values:?}}}}}}}}}"#
        );
        let at_run_time = told(&signed(None), BOTH, &[&own], &[]).0;
        assert_eq!((ahead, at_run_time), (want, want), "{name} {values:?}");
    }
}
