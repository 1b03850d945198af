//! IAM's policy language: condition operators and the elements of statements.

use serde_json::{Value as Json, json};

use super::{Suite, members, text};
use crate::engines::{ConditionClause, PolicyRequest};
use crate::subject::Subject;
use crate::verdict::{Missing, Outcome};

pub(super) struct Iam;

impl Suite for Iam {
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
            "authorization" => Err(Missing(
                "policies of organisations, boundaries and sessions together".into(),
            )),
            "policy-documents" => Err(Missing("reading identity policies alone".into())),
            "arn-pattern-overlap" => Err(Missing("overlap of two patterns".into())),
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

fn element(case: &Json, subject: &mut dyn Subject) -> Result<Outcome, Missing> {
    let request = &case["request"];
    let statement = &case["statement"];
    let principal = &request["principal"];
    // What kind of match it is (of an account, of a session's role) is this suite's own.
    if matches!(
        text(case, "raw_expect"),
        "AccountLevelMatch" | "SessionRoleMatch"
    ) {
        return Err(Missing("kinds of principal matches".into()));
    }
    let arn = principal.as_str().filter(|name| name.starts_with("arn:"));
    if principal.is_string() && arn.is_none() && text(case, "element").contains("Principal") {
        return Err(Missing(
            "callers other than anonymous ones and those of IAM".into(),
        ));
    }
    let asked = PolicyRequest {
        principal: arn.map(str::to_owned),
        action: text(request, "action").to_owned(),
        resource: text(&request["resource"], "resource").to_owned(),
        context: members(request.get("context")),
        variables: true,
    };
    let name = match text(case, "element") {
        "PrincipalStatement" | "StatementPrincipals" => {
            if statement.get("NotPrincipal").is_some() {
                "NotPrincipal"
            } else {
                "Principal"
            }
        }
        name => name,
    };
    let value = statement.get(name).cloned().unwrap_or_else(|| json!([]));
    if name.contains("Resource") {
        let patterns = match &value {
            Json::Array(patterns) => patterns.clone(),
            one => vec![one.clone()],
        };
        for pattern in patterns.iter().filter_map(Json::as_str) {
            if pattern.starts_with("arn:") && pattern.split(':').count() < 6 {
                return Err(Missing(
                    "resource patterns of fewer than six segments".into(),
                ));
            }
            if pattern.contains("${") && asked.context.is_empty() {
                return Err(Missing(
                    "condition keys of these requests: the file does not hold them".into(),
                ));
            }
        }
    }
    let got = subject.element_matches(name, &value, &asked)?;
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
