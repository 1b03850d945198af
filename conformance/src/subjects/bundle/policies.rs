//! Policies asked of the runtime on their own.

use serde_json::{Value as Json, json};
use tollgate_runtime::Scratch;
use tollgate_runtime::policy::{Answer, Caller, Finding, Grant, Kind, Policy, Question, ask};

use crate::engines::{
    ConditionClause, PolicyCaller, PolicyDecision, PolicyDocument, PolicyRequest, PrincipalMatch,
};
use crate::verdict::Missing;

/// The kinds that only bound what others allow.
pub(crate) const BOUNDS: [Kind; 5] = [
    Kind::ServiceControl,
    Kind::ResourceControl,
    Kind::Endpoint,
    Kind::Boundary,
    Kind::Session,
];

/// What the runtime answers; none: a policy cannot be read.
fn answer(policies: &[PolicyDocument], request: &PolicyRequest) -> Result<Option<Answer>, Missing> {
    let texts: Vec<String> = policies.iter().map(|p| p.document.to_string()).collect();
    let lent: Vec<Policy<'_>> = policies
        .iter()
        .zip(&texts)
        .map(|(policy, text)| Policy {
            kind: policy.kind,
            level: policy.level,
            document: text.as_bytes(),
        })
        .collect();
    let mut keys = Vec::new();
    for (name, value) in &request.context {
        keys.push((name.as_str(), values(value)?));
    }
    let lists: Vec<(&str, Vec<&str>)> = keys
        .iter()
        .map(|(name, values)| (*name, values.iter().map(String::as_str).collect()))
        .collect();
    let keys: Vec<(&str, &[&str])> = lists
        .iter()
        .map(|(name, values)| (*name, values.as_slice()))
        .collect();
    let role = request.caller.role();
    let question = Question {
        caller: match &request.caller {
            PolicyCaller::Anonymous => Caller::Anonymous,
            PolicyCaller::Iam(arn) => Caller::Iam {
                arn,
                role: role.as_deref(),
                account: request.caller.account(),
                unique_id: "",
            },
            PolicyCaller::Other(kind, name) => Caller::Other(kind, name),
        },
        action: &request.action,
        resource: &request.resource,
        owner: &request.owner,
        keys: &keys,
    };
    Ok(ask(&question, &lent, &mut Scratch::new(16 << 20)).ok())
}

/// The texts of a context value.
fn values(value: &Json) -> Result<Vec<String>, Missing> {
    Ok(match value {
        Json::Null => Vec::new(),
        Json::String(text) => vec![text.clone()],
        Json::Array(items) => items
            .iter()
            .map(values)
            .collect::<Result<Vec<_>, _>>()?
            .concat(),
        Json::Object(_) => return Err(Missing("condition keys that are no text".into())),
        other => vec![other.to_string()],
    })
}

fn alone(kind: Kind, document: Json) -> [PolicyDocument; 1] {
    [PolicyDocument {
        kind,
        level: 0,
        document,
    }]
}

/// Whether clauses hold, in a policy that arrives with a request; none for an error.
pub(super) fn hold(
    clauses: &[ConditionClause],
    request: &PolicyRequest,
) -> Result<Option<bool>, Missing> {
    let mut condition = json!({});
    for clause in clauses {
        condition[&clause.operator][&clause.key] = clause.values.clone();
    }
    let version = match request.variables {
        true => "2012-10-17",
        false => "2008-10-17",
    };
    let document = json!({"Version": version, "Statement": {
        "Effect": "Deny", "Action": "*", "Resource": "*", "Condition": condition}});
    let asked = PolicyRequest {
        action: "tested:Action".into(),
        resource: "*".into(),
        ..request.clone()
    };
    let Some(answer) = answer(&alone(Kind::Identity, document), &asked)? else {
        return Ok(None);
    };
    Ok(match answer.findings.of(Kind::Identity) {
        Finding::Denies => Some(true),
        Finding::Silent => Some(false),
        _ => None,
    })
}

/// Whether an element matches. A denial: none of the kinds but bounds it otherwise.
pub(super) fn element(
    element: &str,
    value: &Json,
    kind: Kind,
    request: &PolicyRequest,
) -> Result<bool, Missing> {
    let mut statement = json!({"Effect": "Deny", "Principal": "*"});
    if !element.contains("Action") {
        statement["Action"] = json!("*");
    }
    if !element.contains("Resource") {
        statement["Resource"] = json!("*");
    }
    statement[element] = value.clone();
    let document = json!({"Version": "2012-10-17", "Statement": statement});
    let answer = answer(&alone(kind, document), request)?;
    Ok(answer.is_some_and(|answer| answer.findings.of(kind) == Finding::Denies))
}

/// How principals mean a caller.
pub(super) fn principal(
    element: &str,
    value: &Json,
    request: &PolicyRequest,
) -> Result<PrincipalMatch, Missing> {
    let mut statement = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    statement[element] = value.clone();
    let document = json!({"Version": "2012-10-17", "Statement": statement});
    let answer = answer(&alone(Kind::Resource, document), request)?;
    Ok(match answer.map_or(Grant::None, |answer| answer.grant) {
        Grant::None => PrincipalMatch::No,
        Grant::Account => PrincipalMatch::Account,
        Grant::Role => PrincipalMatch::Role,
        Grant::Caller => PrincipalMatch::Caller,
    })
}

/// What policies decide together.
pub(super) fn decide(
    policies: &[PolicyDocument],
    request: &PolicyRequest,
) -> Result<PolicyDecision, Missing> {
    let Some(answer) = answer(policies, request)? else {
        return Err(Missing("a policy that can be read".into()));
    };
    let explicit = answer.decision.is_err_and(|refusal| refusal.is_explicit());
    let keeps_out = |kind: &Kind| match answer.findings.of(*kind) {
        Finding::Denies | Finding::Fails => explicit,
        Finding::Silent => !explicit && BOUNDS.contains(kind),
        Finding::Absent | Finding::Allows => false,
    };
    let blocked_by = match answer.decision {
        Ok(()) => Vec::new(),
        Err(_) => Kind::ALL.into_iter().filter(keeps_out).collect(),
    };
    Ok(PolicyDecision {
        allowed: answer.decision.is_ok(),
        explicit,
        blocked_by,
    })
}
