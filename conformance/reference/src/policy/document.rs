//! Policies in IAM's JSON.

use serde_json::{Map, Value as Json};
use tollgate_model::NodeId;
use tollgate_model::condition::{Clause, Condition, Operator, Quantifier};
use tollgate_model::policy::{
    Effect, Patterns, Policy, Principal, Principals, ResourcePattern, Resources, Statement,
};

/// Whether a document's `${…}` are variables.
pub fn has_variables(document: &Json) -> bool {
    document.get("Version").and_then(Json::as_str) == Some("2012-10-17")
}

/// Reads a policy; `principals`: whether it says whom it is about.
///
/// # Errors
///
/// Why it is none.
pub fn read(document: &Json, principals: bool) -> Result<Policy, String> {
    let Json::Object(document) = document else {
        return Err("the policy is no object".into());
    };
    let statements = match document.get("Statement") {
        Some(Json::Array(statements)) => statements.clone(),
        Some(statement @ Json::Object(_)) => vec![statement.clone()],
        _ => return Err("the policy has no statement".into()),
    };
    Ok(Policy {
        statements: statements
            .iter()
            .map(|statement| read_statement(statement, principals))
            .collect::<Result<_, _>>()?,
        json_length: None,
        node: NodeId::default(),
    })
}

fn read_statement(statement: &Json, principals: bool) -> Result<Statement, String> {
    let Json::Object(statement) = statement else {
        return Err("a statement is no object".into());
    };
    let effect = match statement.get("Effect").and_then(Json::as_str) {
        Some("Allow") => Effect::Allow,
        Some("Deny") => Effect::Deny,
        _ => return Err("a statement has no effect".into()),
    };
    let actions = match (texts(statement, "Action")?, texts(statement, "NotAction")?) {
        (Some(only), None) => Patterns::Only(only),
        (None, Some(except)) => Patterns::Except(except),
        _ => return Err("a statement needs an action".into()),
    };
    let patterns = |list: Vec<String>| list.into_iter().map(pattern).collect();
    let resources = match (
        texts(statement, "Resource")?,
        texts(statement, "NotResource")?,
    ) {
        (Some(only), None) => Resources::Only(patterns(only)),
        (None, Some(except)) => Resources::Except(patterns(except)),
        _ => return Err("a statement needs a resource".into()),
    };
    Ok(Statement {
        sid: statement
            .get("Sid")
            .and_then(Json::as_str)
            .map(str::to_owned),
        effect,
        principals: match principals {
            true => read_principals(statement)?,
            false => Principals::Implied,
        },
        actions,
        resources,
        condition: match statement.get("Condition") {
            None | Some(Json::Null) => Condition::Always,
            Some(Json::Object(condition)) => Condition::Iam(read_condition(condition)?),
            Some(_) => return Err("a condition is no object".into()),
        },
        node: NodeId::default(),
    })
}

/// A statement's principal element; one without it is about nobody.
///
/// # Errors
///
/// Why it is none.
pub fn read_principals(statement: &Map<String, Json>) -> Result<Principals, String> {
    let (value, except) = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (None, None) => return Ok(Principals::Only(Vec::new())),
        (Some(value), None) => (value, false),
        (None, Some(value)) => (value, true),
        (Some(_), Some(_)) => return Err("`Principal` and `NotPrincipal` at once".into()),
    };
    let mut list = Vec::new();
    match value {
        Json::String(text) if text == "*" => list.push(Principal::Any),
        Json::Object(kinds) => {
            for kind in kinds.keys() {
                for name in texts(kinds, kind)?.unwrap_or_default() {
                    list.push(principal(kind, name)?);
                }
            }
        }
        _ => return Err("a principal is `*` or an object".into()),
    }
    Ok(match except {
        true => Principals::Except(list),
        false if list.contains(&Principal::Any) => Principals::Anyone,
        false => Principals::Only(list),
    })
}

fn principal(kind: &str, name: String) -> Result<Principal, String> {
    if kind != "AWS" {
        return Ok(Principal::Other(kind.to_owned(), name));
    }
    if name == "*" {
        return Ok(Principal::Any);
    }
    if name.contains(['*', '?']) {
        return Err(format!("`{name}` is a pattern of principals"));
    }
    let digits = |id: &str| id.len() == 12 && id.bytes().all(|b| b.is_ascii_digit());
    let parts: Vec<&str> = name.splitn(6, ':').collect();
    Ok(match parts.as_slice() {
        ["arn", _, "iam", "", id, "root"] if digits(id) => Principal::Account((*id).to_owned()),
        ["arn", ..] => Principal::Arn(name),
        _ if digits(&name) => Principal::Account(name),
        _ => Principal::UniqueId(name),
    })
}

fn pattern(text: String) -> ResourcePattern {
    if text == "*" {
        ResourcePattern::Any
    } else {
        ResourcePattern::Arn(text)
    }
}

/// A text or a list of texts.
fn texts(map: &Map<String, Json>, name: &str) -> Result<Option<Vec<String>>, String> {
    let wrong = || format!("`{name}` is neither a text nor a list of texts");
    match map.get(name) {
        None => Ok(None),
        Some(Json::String(text)) => Ok(Some(vec![text.clone()])),
        Some(Json::Array(items)) => items
            .iter()
            .map(|item| item.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect::<Result<_, _>>()
            .map(Some),
        Some(_) => Err(wrong()),
    }
}

fn read_condition(condition: &Map<String, Json>) -> Result<Vec<Clause>, String> {
    let mut clauses = Vec::new();
    for (operator, keys) in condition {
        let Json::Object(keys) = keys else {
            return Err(format!("`{operator}` holds no keys"));
        };
        full(operator).ok_or_else(|| format!("`{operator}` is no operator"))?;
        for (key, values) in keys {
            clauses.push(read_clause(operator, key, values)?);
        }
    }
    Ok(clauses)
}

/// One operator over one key, as IAM's JSON writes it.
///
/// # Errors
///
/// The operator or the values are none.
pub fn read_clause(operator: &str, key: &str, values: &Json) -> Result<Clause, String> {
    let (quantifier, bare, if_exists) =
        full(operator).ok_or_else(|| format!("`{operator}` is no operator"))?;
    let scalar = |value: &Json| match value {
        Json::String(text) => Ok(text.clone()),
        Json::Number(number) => Ok(number.to_string()),
        Json::Bool(value) => Ok(value.to_string()),
        _ => Err(format!(
            "a value of `{key}` is neither text, number nor truth value"
        )),
    };
    let values = match values {
        Json::Array(values) => values.iter().map(scalar).collect::<Result<_, _>>()?,
        value => vec![scalar(value)?],
    };
    Ok(Clause {
        quantifier,
        operator: bare,
        if_exists,
        key: key.to_owned(),
        values,
        node: NodeId::default(),
    })
}

/// The operator of a name with its quantifier and `IfExists`.
pub(super) fn operator(name: &str) -> Option<Operator> {
    full(name).map(|(_, operator, _)| operator)
}

fn full(name: &str) -> Option<(Option<Quantifier>, Operator, bool)> {
    let (quantifier, rest) = match name.split_once(':') {
        Some(("ForAllValues", rest)) => (Some(Quantifier::ForAllValues), rest),
        Some(("ForAnyValue", rest)) => (Some(Quantifier::ForAnyValue), rest),
        Some(_) => return None,
        None => (None, name),
    };
    let (bare, if_exists) = match rest.strip_suffix("IfExists") {
        Some(bare) => (bare, true),
        None => (rest, false),
    };
    Some((quantifier, named(bare)?, if_exists))
}

/// The operator of this name.
fn named(name: &str) -> Option<Operator> {
    const ALL: [Operator; 27] = [
        Operator::StringEquals,
        Operator::StringNotEquals,
        Operator::StringEqualsIgnoreCase,
        Operator::StringNotEqualsIgnoreCase,
        Operator::StringLike,
        Operator::StringNotLike,
        Operator::NumericEquals,
        Operator::NumericNotEquals,
        Operator::NumericLessThan,
        Operator::NumericLessThanEquals,
        Operator::NumericGreaterThan,
        Operator::NumericGreaterThanEquals,
        Operator::DateEquals,
        Operator::DateNotEquals,
        Operator::DateLessThan,
        Operator::DateLessThanEquals,
        Operator::DateGreaterThan,
        Operator::DateGreaterThanEquals,
        Operator::Bool,
        Operator::BinaryEquals,
        Operator::IpAddress,
        Operator::NotIpAddress,
        Operator::ArnEquals,
        Operator::ArnLike,
        Operator::ArnNotEquals,
        Operator::ArnNotLike,
        Operator::Null,
    ];
    // An operator's name in IAM is its name here.
    ALL.into_iter()
        .find(|operator| format!("{operator:?}") == name)
}
