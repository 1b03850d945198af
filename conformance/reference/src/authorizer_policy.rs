//! What a Lambda authorizer's function returns, its policy in IAM's JSON included.

use serde_json::{Map, Value as Json};
use tollgate_model::NodeId;
use tollgate_model::condition::{Clause, Condition, Operator, Quantifier};
use tollgate_model::policy::{
    Effect, Patterns, Policy, Principals, ResourcePattern, Resources, Statement,
};

/// A good output.
pub(crate) struct Output {
    /// `principalId`.
    pub principal: String,
    /// The policy.
    pub policy: Policy,
    /// Whether its `${…}` are variables.
    pub variables: bool,
    /// `context`, every value as text.
    pub context: Vec<(String, String)>,
    /// `usageIdentifierKey`.
    pub usage_key: Option<String>,
}

/// Reads an output.
///
/// # Errors
///
/// Why it is none.
pub(crate) fn read(output: &Json) -> Result<Output, String> {
    let Json::Object(output) = output else {
        return Err("the authorizer's output is no object".into());
    };
    let principal = match output.get("principalId") {
        Some(Json::String(text)) if !text.is_empty() => text.clone(),
        _ => return Err("the authorizer's output has no principalId".into()),
    };
    let document = output
        .get("policyDocument")
        .ok_or("the authorizer's output has no policyDocument")?;
    let variables = document.get("Version").and_then(Json::as_str) == Some("2012-10-17");
    let policy = read_policy(document)?;
    let context = match output.get("context") {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Object(context)) => context
            .iter()
            .map(|(name, value)| match value {
                Json::String(text) => Ok((name.clone(), text.clone())),
                Json::Number(number) => Ok((name.clone(), number.to_string())),
                Json::Bool(value) => Ok((name.clone(), value.to_string())),
                // Only flat values can be passed on.
                _ => Err(format!(
                    "the member `{name}` of the authorizer's context is no text"
                )),
            })
            .collect::<Result<_, _>>()?,
        Some(_) => return Err("the authorizer's context is no object".into()),
    };
    let usage_key = match output.get("usageIdentifierKey") {
        Some(Json::String(text)) => Some(text.clone()),
        _ => None,
    };
    Ok(Output {
        principal,
        policy,
        variables,
        context,
        usage_key,
    })
}

/// Reads a policy without principals.
///
/// # Errors
///
/// Why it is none.
pub(crate) fn read_policy(document: &Json) -> Result<Policy, String> {
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
            .map(read_statement)
            .collect::<Result<_, _>>()?,
        json_length: None,
        node: NodeId::default(),
    })
}

fn read_statement(statement: &Json) -> Result<Statement, String> {
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
        principals: Principals::Implied,
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
    let (quantifier, rest) = match operator.split_once(':') {
        Some(("ForAllValues", rest)) => (Some(Quantifier::ForAllValues), rest),
        Some(("ForAnyValue", rest)) => (Some(Quantifier::ForAnyValue), rest),
        Some(_) => return Err(format!("`{operator}` is no operator")),
        None => (None, operator),
    };
    let (name, if_exists) = match rest.strip_suffix("IfExists") {
        Some(name) => (name, true),
        None => (rest, false),
    };
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
        operator: named(name).ok_or_else(|| format!("`{operator}` is no operator"))?,
        if_exists,
        key: key.to_owned(),
        values,
        node: NodeId::default(),
    })
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
