//! Callers who sign or hold tokens: what the host's verdict means, and which policies let them through.

use tollgate_model::authorizer::{Authorizer, AuthorizerKind};
use tollgate_model::condition::{Clause, Condition, Operator};
use tollgate_model::policy::{
    Effect, Patterns, Policy, Principal, Principals, ResourcePattern, Resources, Statement,
};
use tollgate_model::text::Text;
use tollgate_runtime::Denial;

use super::drive::*;
use super::*;

pub(super) const ALICE: &str = r#"{"accessKey": "AKIA1", "accountId": "000000000000", "caller": "AIDA1", "user": "AIDA1",
    "userArn": "arn:aws:iam::000000000000:user/alice", "aws:PrincipalArn": "arn:aws:iam::000000000000:user/alice",
    "aws:PrincipalAccount": "000000000000", "aws:PrincipalType": "User", "aws:userid": "AIDA1",
    "aws:username": "alice", "aws:PrincipalTag/team": "blue*"}"#;
pub(super) const SESSION: &str = r#"{"accessKey": "ASIA1", "accountId": "000000000000", "caller": "AROA1:s", "user": "AROA1:s",
    "userArn": "arn:aws:sts::000000000000:assumed-role/r/s", "aws:PrincipalArn": "arn:aws:iam::000000000000:role/r",
    "aws:userid": "AROA1:s", "aws:TokenIssueTime": "2025-11-23T00:00:00Z", "aws:MultiFactorAuthPresent": "false"}"#;
const STRANGER: &str = r#"{"accountId": "999999999999", "caller": "AIDA9", "userArn": "arn:aws:iam::999999999999:user/eve",
    "aws:PrincipalArn": "arn:aws:iam::999999999999:user/eve"}"#;

pub(super) const ALLOW: &str = r#"{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "execute-api:*", "Resource": "*"}}"#;
pub(super) const DENY: &str = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "execute-api:Invoke", "Resource": "arn:aws:execute-api:*:*:*/dev/*"}]}"#;

pub(super) fn statement(effect: Effect, principals: Principals) -> Statement {
    Statement {
        sid: None,
        effect,
        principals,
        actions: Patterns::Only(vec!["execute-api:Invoke".into()]),
        resources: Resources::Only(vec![ResourcePattern::Any]),
        condition: Condition::Always,
        node: NodeId::default(),
    }
}

pub(super) fn signed(statements: Option<Vec<Statement>>) -> Program {
    let mut route = mock(
        Method::Get,
        "/pets",
        "$context.identity.userArn $context.identity.caller $context.authorizer.principalId",
    );
    route.auth = Auth::Iam;
    let mut program = program(vec![route]);
    program.apis[0].policy = statements.map(|statements| Policy {
        statements,
        ..Policy::default()
    });
    program
}

fn asked(program: &Program, verified: Option<Verdict<'_>>) -> Told {
    let bundle = crate::emit::bundle(program).unwrap();
    ask(
        &bundle,
        &Ask {
            method: "GET",
            target: "/dev/pets",
            headers: vec![("Authorization", "AWS4-HMAC-SHA256 Credential=x")],
            verified,
            ..Ask::default()
        },
    )
}

fn arn(text: &str) -> Principal {
    Principal::Arn(text.into())
}

fn account(id: &str) -> Principal {
    Principal::Account(id.into())
}

#[test]
fn an_unsigned_request_is_refused_without_asking() {
    let bundle = crate::emit::bundle(&signed(None)).unwrap();
    let told = get(&bundle, "/dev/pets");
    assert_eq!(told.status, 403);
    assert_eq!(told.body, r#"{"message":"Missing Authentication Token"}"#);
    let error = told.header("x-amzn-errortype");
    assert_eq!(error, Some("MissingAuthenticationTokenException"));
}

#[test]
fn a_refusal_has_the_status_and_words_of_its_reason() {
    let invalid = "The security token included in the request is invalid.";
    for (denial, message, status, want, error) in [
        (
            Denial::InvalidSignature,
            "Signature expired: a",
            403,
            "Signature expired: a",
            "InvalidSignatureException",
        ),
        (
            Denial::UnrecognizedClient,
            invalid,
            403,
            invalid,
            "UnrecognizedClientException",
        ),
        (
            Denial::ExpiredSession,
            "",
            403,
            "The security token included in the request is expired",
            "ExpiredTokenException",
        ),
        (
            Denial::Unavailable,
            "",
            500,
            "Internal server error",
            "InternalServerErrorException",
        ),
    ] {
        let told = asked(&signed(None), Some(Err((denial.code(), message))));
        // What fails inside has a blank.
        let blank = if status == 500 { " " } else { "" };
        let body = format!(r#"{{"message":{blank}"{want}"}}"#);
        assert_eq!((told.status, told.body.as_str()), (status, body.as_str()));
        assert_eq!(told.header("x-amzn-errortype"), Some(error), "{denial:?}");
        assert_eq!(told.verified.as_deref(), Some("us-east-1 false"));
    }
    // A code that no reason has lets nobody through.
    assert_eq!(asked(&signed(None), Some(Err((999, "")))).status, 500);
}

/// Resource policy and the caller's own policies, in the API's account and from another.
#[test]
fn policies_of_both_sides_decide_by_the_table() {
    const HOME: &str = "000000000000";
    const AWAY: &str = "999999999999";
    let only = |principal: &Principal| Principals::Only(vec![principal.clone()]);
    let allow = |principals| Some(vec![statement(Effect::Allow, principals)]);
    let deny = |principals| Some(vec![statement(Effect::Deny, principals)]);
    let alice = arn("arn:aws:iam::000000000000:user/alice");
    let eve = arn("arn:aws:iam::999999999999:user/eve");
    let role = arn("arn:aws:iam::000000000000:role/r");
    let id = |id: &str| Principal::UniqueId(id.into());
    let service = Principal::Other("Service".into(), "x".into());
    let but = |list: &[&Principal]| Principals::Except(list.iter().copied().cloned().collect());
    let both = but(&[&alice, &account(HOME)]);
    let none: &[&str] = &[];
    for (name, policy, claims, own, want) in [
        (
            "no policy, own allow",
            None,
            ALICE,
            [ALLOW].as_slice(),
            true,
        ),
        ("no policy, silent", None, ALICE, none, false),
        ("no policy, own deny", None, ALICE, &[ALLOW, DENY], false),
        ("silent, own allow", deny(only(&eve)), ALICE, &[ALLOW], true),
        ("by name", allow(only(&alice)), ALICE, none, true),
        (
            "by name, own deny",
            allow(only(&alice)),
            ALICE,
            &[DENY],
            false,
        ),
        ("as anyone", allow(Principals::Anyone), ALICE, none, true),
        ("another", allow(only(&eve)), ALICE, none, false),
        ("account", allow(only(&account(HOME))), ALICE, none, false),
        (
            "account, own",
            allow(only(&account(HOME))),
            ALICE,
            &[ALLOW],
            true,
        ),
        (
            "deny account",
            deny(only(&account(HOME))),
            ALICE,
            &[ALLOW],
            false,
        ),
        (
            "deny by id",
            deny(only(&id("AIDA1"))),
            ALICE,
            &[ALLOW],
            false,
        ),
        ("role", allow(only(&role)), SESSION, none, true),
        ("role's id", allow(only(&id("AROA1"))), SESSION, none, true),
        ("a service", allow(only(&service)), ALICE, none, false),
        ("away, no policy", None, STRANGER, &[ALLOW], false),
        (
            "away by name alone",
            allow(only(&eve)),
            STRANGER,
            none,
            false,
        ),
        (
            "away on both sides",
            allow(only(&eve)),
            STRANGER,
            &[ALLOW],
            true,
        ),
        (
            "away by account",
            allow(only(&account(AWAY))),
            STRANGER,
            &[ALLOW],
            true,
        ),
        (
            "deny all but both",
            deny(both.clone()),
            ALICE,
            &[ALLOW],
            true,
        ),
        (
            "deny all but one",
            deny(but(&[&alice])),
            ALICE,
            &[ALLOW],
            false,
        ),
        (
            "deny all but others",
            deny(both.clone()),
            STRANGER,
            &[ALLOW],
            false,
        ),
    ] {
        let told = asked(&signed(policy), Some(Ok((claims, own.to_vec()))));
        let want = if want { 200 } else { 403 };
        assert_eq!(told.status, want, "{name}: {}", told.body);
    }
}

#[test]
fn a_signer_is_named_in_answers() {
    let told = asked(&signed(None), Some(Ok((ALICE, vec![ALLOW]))));
    assert_eq!(told.body, "arn:aws:iam::000000000000:user/alice AIDA1 ");
    let told = asked(&signed(None), Some(Ok((ALICE, vec![DENY]))));
    assert_eq!(
        told.body,
        r#"{"Message":"User: arn:aws:iam::000000000000:user/alice is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:********0000:abcdefghij/dev/GET/pets with an explicit deny"}"#
    );
}

#[test]
fn what_the_host_says_and_cannot_be_read_lets_nobody_through() {
    for (claims, policy) in [
        ("[]", ALLOW),
        ("{", ALLOW),
        (ALICE, "{}"),
        (ALICE, "[]"),
        (ALICE, "{"),
    ] {
        let told = asked(&signed(None), Some(Ok((claims, vec![ALLOW, policy]))));
        assert_eq!(told.status, 500, "{claims} {policy}");
    }
}

/// The same clauses in the API's policy, compiled ahead, and in the caller's, compiled when it calls.
#[test]
fn conditions_over_principals_hold_alike_ahead_and_at_run_time() {
    use Operator as O;
    let name = |operator: O| format!("{operator:?}");
    for (claims, operator, key, values, want) in [
        (
            ALICE,
            O::StringEquals,
            "aws:username",
            ["alice"].as_slice(),
            true,
        ),
        (ALICE, O::StringEquals, "AWS:UserName", &["Alice"], false),
        (
            ALICE,
            O::StringEqualsIgnoreCase,
            "aws:username",
            &["ALICE"],
            true,
        ),
        (SESSION, O::StringEquals, "aws:username", &["alice"], false),
        (
            SESSION,
            O::StringNotEquals,
            "aws:username",
            &["alice"],
            true,
        ),
        (ALICE, O::StringLike, "aws:PrincipalTag/team", &["b*"], true),
        (
            ALICE,
            O::ArnLike,
            "aws:PrincipalArn",
            &["arn:aws:iam::*:user/al*"],
            true,
        ),
        (
            ALICE,
            O::ArnLike,
            "aws:PrincipalArn",
            &["arn:*user/al?"],
            false,
        ),
        (
            ALICE,
            O::ArnNotLike,
            "aws:PrincipalArn",
            &["arn:aws:iam::*:user/bo*"],
            true,
        ),
        (ALICE, O::ArnLike, "aws:username", &["*"], false),
        (
            SESSION,
            O::DateLessThan,
            "aws:TokenIssueTime",
            &["2025-11-24"],
            true,
        ),
        (
            SESSION,
            O::DateLessThan,
            "aws:TokenIssueTime",
            &["2025-11-22"],
            false,
        ),
        (
            ALICE,
            O::DateLessThan,
            "aws:username",
            &["2025-11-22"],
            false,
        ),
        (ALICE, O::NumericLessThan, "aws:username", &["5"], false),
        (ALICE, O::NumericNotEquals, "aws:username", &["5"], true),
        (
            SESSION,
            O::Bool,
            "aws:MultiFactorAuthPresent",
            &["false"],
            true,
        ),
        (
            ALICE,
            O::Bool,
            "aws:MultiFactorAuthPresent",
            &["false"],
            false,
        ),
        (
            ALICE,
            O::Null,
            "aws:MultiFactorAuthPresent",
            &["true"],
            true,
        ),
        (
            SESSION,
            O::Null,
            "aws:MultiFactorAuthPresent",
            &["true"],
            false,
        ),
        (ALICE, O::IpAddress, "aws:SourceIp", &["127.0.0.0/8"], true),
        (ALICE, O::IpAddress, "aws:username", &["127.0.0.0/8"], false),
        (
            ALICE,
            O::NotIpAddress,
            "aws:username",
            &["127.0.0.0/8"],
            true,
        ),
        // Variables: what they bring in stands for itself.
        (
            ALICE,
            O::StringEquals,
            "aws:userid",
            &["${aws:userid}"],
            true,
        ),
        (
            ALICE,
            O::StringEquals,
            "aws:userid",
            &["x", "AI${aws:no, 'DA1'}"],
            true,
        ),
        (
            ALICE,
            O::StringEquals,
            "aws:userid",
            &["${aws:username, 'x'}"],
            false,
        ),
        (
            SESSION,
            O::StringEquals,
            "aws:userid",
            &["AROA1:${aws:username, 's'}"],
            true,
        ),
        (
            ALICE,
            O::StringEquals,
            "aws:userid",
            &["${aws:no}AIDA1"],
            false,
        ),
        (
            ALICE,
            O::StringNotEquals,
            "aws:userid",
            &["${aws:no}AIDA1"],
            true,
        ),
        (
            SESSION,
            O::StringEquals,
            "aws:userid",
            &["${aws:username}"],
            false,
        ),
        (
            ALICE,
            O::StringLike,
            "aws:PrincipalTag/team",
            &["${aws:PrincipalTag/team}"],
            true,
        ),
        (
            ALICE,
            O::StringLike,
            "aws:username",
            &["${aws:PrincipalTag/team}*"],
            false,
        ),
        (
            ALICE,
            O::StringLike,
            "aws:PrincipalTag/team",
            &["b?ue${*}"],
            true,
        ),
        (ALICE, O::StringLike, "aws:username", &["alic${*}"], false),
        (
            ALICE,
            O::ArnLike,
            "aws:PrincipalArn",
            &["arn:aws:iam::*:user/${aws:username}"],
            true,
        ),
        (
            ALICE,
            O::ArnLike,
            "aws:PrincipalArn",
            &["arn:aws:iam::*:user/${aws:username}x"],
            false,
        ),
        (
            ALICE,
            O::Bool,
            "aws:SecureTransport",
            &["${aws:no, 'true'}"],
            true,
        ),
        (
            ALICE,
            O::StringEquals,
            "aws:userid",
            &["${aws:userid"],
            false,
        ),
    ] {
        let mut allowed = statement(Effect::Allow, Principals::Anyone);
        allowed.condition = Condition::Iam(vec![Clause {
            quantifier: None,
            operator,
            if_exists: false,
            key: key.into(),
            values: values.iter().map(|v| (*v).to_string()).collect(),
            node: NodeId::default(),
        }]);
        let ahead = asked(&signed(Some(vec![allowed])), Some(Ok((claims, vec![]))));
        let own = serde_json::json!({"Version": "2012-10-17", "Statement": {
            "Effect": "Allow", "Action": "execute-api:Invoke", "Resource": "*",
            "Condition": {name(operator): {key: values}},
        }})
        .to_string();
        let at_run_time = asked(&signed(None), Some(Ok((claims, vec![&own]))));
        let want = if want { 200 } else { 403 };
        assert_eq!(
            (ahead.status, at_run_time.status),
            (want, want),
            "{operator:?} {key} {values:?}"
        );
    }
}

#[test]
fn resources_may_name_the_caller() {
    let home = "arn:aws:execute-api:us-east-1:000000000000:abcdefghij/*/GET/home/${aws:username}/*";
    let pattern = vec![ResourcePattern::Arn(home.into())];
    let mut allowed = statement(Effect::Allow, Principals::Anyone);
    allowed.resources = Resources::Only(pattern.clone());
    let mut denied = statement(Effect::Deny, Principals::Anyone);
    denied.resources = Resources::Except(pattern);
    let own = serde_json::json!({"Version": "2012-10-17", "Statement": {
        "Effect": "Allow", "Action": "*", "Resource": home}})
    .to_string();
    let status = |policy: Option<Vec<Statement>>, claims, own: Vec<&str>, target| {
        let mut program = signed(policy);
        let mut route = mock(Method::Get, "/home/{user}/{rest+}", "home");
        route.auth = Auth::Iam;
        program.apis[0].routes.push(route);
        let bundle = crate::emit::bundle(&program).unwrap();
        let request = Ask {
            method: "GET",
            target,
            headers: vec![("Authorization", "x")],
            verified: Some(Ok((claims, own))),
            ..Ask::default()
        };
        ask(&bundle, &request).status
    };
    for (claims, target, want) in [
        (ALICE, "/dev/home/alice/x", 200),
        (ALICE, "/dev/home/bob/x", 403),
        (SESSION, "/dev/home/alice/x", 403),
        (SESSION, "/dev/home/${aws:username}/x", 403),
    ] {
        let ahead = status(Some(vec![allowed.clone()]), claims, vec![], target);
        let at_run_time = status(None, claims, vec![&own], target);
        let exception = status(Some(vec![denied.clone()]), claims, vec![ALLOW], target);
        assert_eq!(
            (ahead, at_run_time, exception),
            (want, want, want),
            "{target}"
        );
    }
    // Before 2012 there are no variables.
    let old = own.replace("2012-10-17", "2008-10-17");
    let literal = "/dev/home/${aws:username}/x";
    assert_eq!(status(None, ALICE, vec![&old], "/dev/home/alice/x"), 403);
    assert_eq!(status(None, ALICE, vec![&old], literal), 200);
}

fn cognito(statements: Option<Vec<Statement>>) -> Program {
    let mut program = signed(statements);
    program.apis[0].authorizers.push(Authorizer {
        name: "pool".into(),
        auth_type: "cognito_user_pools".into(),
        kind: AuthorizerKind::Cognito {
            pools: vec![Text::literal("arn:aws:cognito-idp:us-east-1:1:userpool/p")],
            header: "X-Token".into(),
            validation: None,
            ttl_s: 300,
        },
        node: NodeId::default(),
    });
    let route = &mut program.apis[0].routes[0];
    route.auth = Auth::Authorizer {
        name: "pool".into(),
        scopes: vec!["a/read".into()],
    };
    route.integration.responses[0].templates[0].1 =
        template("$context.authorizer.claims.sub $context.authorizer.claims['custom:x']");
    program
}

fn with_token(program: &Program, token: &str, verified: Option<Verdict<'_>>) -> Told {
    let bundle = crate::emit::bundle(program).unwrap();
    ask(
        &bundle,
        &Ask {
            method: "GET",
            target: "/dev/pets",
            headers: vec![("X-Token", token)],
            verified,
            ..Ask::default()
        },
    )
}

/// The expression of a pool's authorizer is held against the token's audience by the host.
#[test]
fn the_audience_of_a_token_must_fit() {
    for (expression, fits) in [
        ("web-.", true),
        ("web", false),
        ("(?!mobile).+-1", true),
        ("(?!web).+-1", false),
    ] {
        let mut program = cognito(None);
        if let AuthorizerKind::Cognito { validation, .. } = &mut program.apis[0].authorizers[0].kind
        {
            *validation = Some(expression.into());
        }
        let told = with_token(&program, "a.b.c", Some(Ok((CLAIMS, vec![]))));
        let asked = told.verified.unwrap_or_default();
        assert!(
            asked.ends_with(&format!("web-1 fits: {fits}")),
            "{expression}: {asked}"
        );
    }
}

const CLAIMS: &str = r#"{"sub": "u1", "custom:x": "7", "scope": "a/read"}"#;

#[test]
fn a_token_is_verified_and_its_claims_are_seen() {
    let good = || Some(Ok((CLAIMS, vec![])));
    let told = with_token(&cognito(None), "bearer  abc.def.ghi ", good());
    assert_eq!((told.status, told.body.as_str()), (200, "u1 7"));
    assert_eq!(
        told.verified.as_deref(),
        Some(r#"Cognito abc.def.ghi ["arn:aws:cognito-idp:us-east-1:1:userpool/p"] ["a/read"]"#)
    );
    // Without a token nobody is asked.
    for token in ["", "Bearer "] {
        let told = with_token(&cognito(None), token, None);
        let body = r#"{"message":"Unauthorized"}"#;
        assert_eq!((told.status, told.body.as_str()), (401, body));
    }
}

#[test]
fn a_bad_token_is_refused_with_the_words_of_its_reason() {
    let expired = "The incoming token has expired";
    for (denial, message, status, body) in [
        (
            Denial::ExpiredToken,
            expired,
            401,
            r#"{"message":"The incoming token has expired"}"#,
        ),
        (
            Denial::ScopeUnauthorized,
            "Unauthorized",
            401,
            r#"{"message":"Unauthorized"}"#,
        ),
        (
            Denial::ScopeForbidden,
            "",
            403,
            r#"{"Message":"User is not authorized to access this resource"}"#,
        ),
        (Denial::KeySource, "", 500, r#"{"message":null}"#),
    ] {
        let told = with_token(&cognito(None), "x", Some(Err((denial.code(), message))));
        assert_eq!((told.status, told.body.as_str()), (status, body));
    }
}

#[test]
fn a_good_token_still_needs_the_resource_policy() {
    let home = Principals::Only(vec![account("000000000000")]);
    for (policy, want) in [
        (vec![statement(Effect::Allow, Principals::Anyone)], 200),
        (vec![statement(Effect::Deny, Principals::Anyone)], 403),
        (vec![], 403),
        (vec![statement(Effect::Allow, home)], 403),
    ] {
        let told = with_token(&cognito(Some(policy)), "x", Some(Ok((CLAIMS, vec![]))));
        assert_eq!(told.status, want);
    }
    // Who the caller is comes first.
    let shut = vec![statement(Effect::Deny, Principals::Anyone)];
    assert_eq!(with_token(&cognito(Some(shut)), "", None).status, 401);
}

#[test]
fn an_arn_that_is_too_long_is_compared_with_no_policy() {
    let mut program = cognito(None);
    program.apis[0].routes[0].key = RouteKey::Http {
        path: PathTemplate::of("/{rest+}"),
        method: Method::Get,
    };
    let bundle = crate::emit::bundle(&program).unwrap();
    for (len, status) in [(1_500, 401), (1_600, 414)] {
        let target = format!("/dev/{}", "x".repeat(len));
        assert_eq!(get(&bundle, &target).status, status, "{len}");
    }
}
