//! IAM's policy language: condition operators, the elements of statements, and policies together.

use serde_json::{Value as Json, json};
use tollgate_runtime::policy::Kind;

use super::{Suite, members, text};
use crate::engines::{
    ConditionClause, PolicyCaller, PolicyDocument, PolicyRequest, PrincipalMatch,
};
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) struct Iam;

impl Suite for Iam {
    fn runs_though(&self, reason: &str) -> bool {
        // Context values are texts here, whatever type the suite gives them.
        reason == "typed (non-string) context value"
    }

    fn run(
        &mut self,
        name: &str,
        case: &Json,
        subject: &mut dyn Subject,
    ) -> Result<Outcome, Missing> {
        match name {
            "condition-operators" => operator(case, subject),
            "condition-operators-aspen" => block(case, subject),
            "elements" => element(case, subject),
            "conditions" => Err(Missing(
                "condition keys of these requests: the file does not hold them".into(),
            )),
            "authorization" => together(case, subject),
            "policy-documents" => document(case, subject),
            "arn-pattern-overlap" => overlap(case, subject),
            _ => Err(Missing("tables of every service's actions".into())),
        }
    }
}

/// One request value against the policy's values of one operator.
fn operator(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    const KEY: &str = "tested:Key";
    let clause = ConditionClause {
        operator: text(case, "operator").to_owned(),
        key: KEY.into(),
        values: case["policy_values"].clone(),
    };
    let mut context = members(case.get("context"));
    context.push((KEY.into(), case["request_value"].clone()));
    let request = PolicyRequest {
        context,
        variables: true,
        ..PolicyRequest::default()
    };
    let got = subject.condition_holds(&[clause], &request)?;
    // A comparison that cannot be made is no match.
    Ok(compare(&case["expect"], Some(got.unwrap_or(false))))
}

/// A whole condition block.
fn block(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let mut clauses = Vec::new();
    for (operator, keys) in members(case.get("condition")) {
        for (key, values) in members(Some(&keys)) {
            clauses.push(ConditionClause {
                operator: operator.clone(),
                key,
                values,
            });
        }
    }
    let context = members(case.get("context"))
        .into_iter()
        .map(|(name, value)| {
            let value = match members(Some(&value)).into_iter().next() {
                Some((_, value)) => value,
                None => Json::Null,
            };
            (name, value)
        })
        .collect();
    let request = PolicyRequest {
        context,
        variables: text(case, "policy_version") == "2012-10-17",
        ..PolicyRequest::default()
    };
    let got = subject.condition_holds(&clauses, &request)?;
    Ok(compare(&case["expect"], got))
}

/// What is asked, in the words of this suite.
fn request(case: &Json) -> PolicyRequest {
    let request = &case["request"];
    PolicyRequest {
        caller: caller(&request["principal"]),
        action: text(request, "action").to_owned(),
        resource: text(&request["resource"], "resource").to_owned(),
        owner: text(&request["resource"], "accountId").to_owned(),
        context: members(request.get("context")),
        variables: true,
    }
}

/// A caller; the suite does not say of which kind one without an ARN is.
fn caller(principal: &Json) -> PolicyCaller {
    match principal.as_str() {
        None | Some("") => PolicyCaller::Anonymous,
        Some(arn) if arn.starts_with("arn:") => PolicyCaller::Iam(arn.to_owned()),
        Some(name) => {
            let digits = name.len() > 40 && name.bytes().all(|b| b.is_ascii_hexdigit());
            let kind = match digits {
                true => "CanonicalUser",
                false if name.ends_with(".amazonaws.com") => "Service",
                false => "Federated",
            };
            PolicyCaller::Other(kind.into(), name.to_owned())
        }
    }
}

fn kind(name: &str) -> Option<Kind> {
    Some(match name {
        "identity" => Kind::Identity,
        "resource" => Kind::Resource,
        "scp" => Kind::ServiceControl,
        "rcp" => Kind::ResourceControl,
        "pb" => Kind::Boundary,
        "session" => Kind::Session,
        "vpce" => Kind::Endpoint,
        _ => return None,
    })
}

fn element(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let statement = &case["statement"];
    let asked = request(case);
    let element = text(case, "element");
    if element.contains("Principal") {
        let name = match statement.get("NotPrincipal") {
            Some(_) => "NotPrincipal",
            None => "Principal",
        };
        let value = statement.get(name).cloned().unwrap_or_else(|| json!({}));
        let got = match subject.principal_matches(name, &value, &asked)? {
            PrincipalMatch::No => "NoMatch",
            PrincipalMatch::Account => "AccountLevelMatch",
            PrincipalMatch::Role => "SessionRoleMatch",
            PrincipalMatch::Caller => "Match",
        };
        let expected = text(case, "raw_expect");
        return Ok(Outcome::equal("match", expected, got));
    }
    let value = statement.get(element).cloned().unwrap_or_else(|| json!([]));
    if value.to_string().contains("${") && asked.context.is_empty() {
        return Err(Missing(
            "condition keys of these requests: the file does not hold them".into(),
        ));
    }
    let kind = case["extra_args"]
        .get(2)
        .and_then(Json::as_str)
        .and_then(kind)
        .unwrap_or(Kind::Identity);
    let got = subject.element_matches(element, &value, kind, &asked)?;
    Ok(compare(&case["expect"], Some(got)))
}

/// Policies of all kinds against one request.
fn together(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let mut policies = Vec::new();
    let mut add = |kind, level, document: &Json| {
        policies.push(PolicyDocument {
            kind,
            level,
            document: document.clone(),
        });
    };
    for (name, kind) in [
        ("identityPolicies", Kind::Identity),
        ("permissionBoundaries", Kind::Boundary),
        ("sessionPolicy", Kind::Session),
        ("endpointPolicies", Kind::Endpoint),
        ("resourcePolicy", Kind::Resource),
    ] {
        match &case[name] {
            Json::Null => {}
            Json::Array(documents) => documents.iter().for_each(|one| add(kind, 0, one)),
            one => add(kind, 0, one),
        }
    }
    for (name, kind) in [
        ("serviceControlPolicies", Kind::ServiceControl),
        ("resourceControlPolicies", Kind::ResourceControl),
    ] {
        let levels = case[name].as_array().cloned().unwrap_or_default();
        for (level, at) in (0..).zip(levels) {
            // A level without policies allows nothing.
            add(kind, level, &json!({"Statement": []}));
            let documents = at["policies"].as_array().cloned().unwrap_or_default();
            documents.iter().for_each(|one| add(kind, level, one));
        }
    }
    policies.iter_mut().for_each(|policy| {
        named_by_kind(&mut policy.document);
    });
    let got = subject.policies_decide(&policies, &request(case))?;
    let word = |allowed: bool, explicit: bool| match (allowed, explicit) {
        (true, _) => "allow",
        (false, true) => "explicit",
        (false, false) => "implicit",
    };
    let expect = &case["expect"];
    let names: Vec<Kind> = expect["blocked_by"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|name| kind(name.as_str()?))
        .collect();
    let show = |word: &str, mut kinds: Vec<Kind>| {
        kinds.sort_unstable();
        format!("{word} {kinds:?}")
    };
    let got_kinds = match names.is_empty() {
        true => Vec::new(),
        false => got.blocked_by.clone(),
    };
    Ok(Outcome::equal(
        "decision",
        &show(text(expect, "kind"), names),
        &show(word(got.allowed, got.explicit), got_kinds),
    ))
}

/// This suite writes some principals as a bare ARN, which IAM's grammar does not know.
fn named_by_kind(document: &mut Json) {
    let statements = match document.get_mut("Statement") {
        Some(Json::Array(statements)) => statements.iter_mut().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    for statement in statements {
        for name in ["Principal", "NotPrincipal"] {
            if let Some(value) = statement.get_mut(name)
                && value.as_str().is_some_and(|name| name != "*")
            {
                *value = json!({"AWS": value.take()});
            }
        }
    }
}

/// Whether IAM takes a document as an identity policy. The words of the reason are not compared.
fn document(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let got = match subject.identity_policy_reads(text(case, "document_text"))? {
        Ok(()) => "valid".to_owned(),
        Err(why) => format!("invalid: {why}"),
    };
    let expected = text(case, "expect");
    let word = got.split(':').next().unwrap_or_default();
    if word == expected {
        return Ok(Outcome::equal("document", expected, word));
    }
    Ok(Outcome::equal("document", expected, &got))
}

fn overlap(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let got = subject.arn_patterns_overlap(text(case, "a"), text(case, "b"))?;
    Ok(compare(&case["expect"], Some(got)))
}

/// `true`, `false`, or `"error"`.
fn compare(expected: &Json, got: Option<bool>) -> Outcome {
    let got = match got {
        Some(value) => json!(value),
        None => json!("error"),
    };
    Outcome::equal("verdict", &expected.to_string(), &got.to_string())
}
