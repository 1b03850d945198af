//! Conditions of IAM's language, asked of the product by requests to an API with a resource policy.
//!
//! The runtime knows the condition keys of a caller without credentials. What a suite calls otherwise
//! is told by a header whose key holds any text: the operators are tested, not the names.

use serde_json::{Map, Value as Json, json};
use tollgate_reference::Request;

use super::Bundle;
use crate::case::program;
use crate::engines::{ConditionClause, PolicyRequest};
use crate::subject::{Script, Subject};
use crate::verdict::Missing;

/// Keys whose values are texts of the client's own.
const SPARE: [(&str, &str); 2] = [("aws:Referer", "Referer"), ("aws:UserAgent", "User-Agent")];
/// Whether the clauses hold; none for an error.
pub(super) fn deployed(
    bundle: &mut Bundle,
    clauses: &[ConditionClause],
    request: &PolicyRequest,
) -> Result<Option<bool>, Missing> {
    let mut names: Vec<String> = Vec::new();
    let mut block = Map::new();
    for clause in clauses {
        let key = key_of(&clause.key, &mut names)?;
        let keys = block
            .entry(clause.operator.clone())
            .or_insert_with(|| json!({}));
        keys[key] = match request.variables {
            true => with_variables(&clause.values, &mut names)?,
            false => clause.values.clone(),
        };
    }
    let mut asked = Request::new("GET", "/stage/");
    for (name, value) in &request.context {
        let Some(at) = names
            .iter()
            .position(|other| other.eq_ignore_ascii_case(name))
        else {
            continue;
        };
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Array(values) if values.is_empty() => continue,
            Json::Array(values) => match values.as_slice() {
                [Json::String(text)] => text.clone(),
                _ => return Err(Missing("condition keys of several values".into())),
            },
            Json::Null | Json::Object(_) => {
                return Err(Missing("condition keys that are no text".into()));
            }
            other => other.to_string(),
        };
        asked.headers.push((SPARE[at].1.to_owned(), text));
    }
    let version = if request.variables {
        "2012-10-17"
    } else {
        "2008-10-17"
    };
    let condition = Json::Object(block);
    let statement = |effect: &str| {
        json!({"Effect": effect, "Principal": "*", "Action": "execute-api:Invoke",
            "Resource": "*", "Condition": condition})
    };
    let open = json!({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke",
        "Resource": "*"});
    // An allow that an error decides does not match, and a deny does: both together tell all three.
    let mut lets_through = |statements: Json| -> Result<Option<bool>, Missing> {
        let document = document(json!({"Version": version, "Statement": statements}));
        let Ok(deployment) = program::deployment(&document) else {
            return Err(Missing("a policy that a build takes".into()));
        };
        bundle.deploy(&deployment)?;
        let exchanged = bundle.exchange(&asked, &Script::default())?;
        match exchanged.answer.status {
            200 => Ok(Some(true)),
            403 => Ok(Some(false)),
            status => Err(Missing(format!("a decision: the answer is {status}"))),
        }
    };
    let Some(allowed) = lets_through(json!([statement("Allow")]))? else {
        return Ok(None);
    };
    let Some(spared) = lets_through(json!([open, statement("Deny")]))? else {
        return Ok(None);
    };
    Ok(match (allowed, spared) {
        (true, false) => Some(true),
        (false, true) => Some(false),
        (false, false) => None,
        (true, true) => return Err(Missing("a condition that holds and does not".into())),
    })
}

/// The gateway's key that stands for a case's.
fn key_of(name: &str, names: &mut Vec<String>) -> Result<&'static str, Missing> {
    let at = match names
        .iter()
        .position(|other| other.eq_ignore_ascii_case(name))
    {
        Some(at) => at,
        None => {
            names.push(name.to_owned());
            names.len() - 1
        }
    };
    SPARE
        .get(at)
        .map(|(key, _)| *key)
        .ok_or_else(|| Missing("conditions over more than two keys".into()))
}

/// A clause's values with the gateway's keys for the variables in them.
fn with_variables(values: &Json, names: &mut Vec<String>) -> Result<Json, Missing> {
    let one = |text: &str, names: &mut Vec<String>| -> Result<String, Missing> {
        let mut parts = text.split("${");
        let mut out = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            out.push_str("${");
            let end = part.find(['}', ',']).unwrap_or(part.len());
            let name = part.get(..end).unwrap_or_default().trim();
            // `${*}`, `${?}` and `${$}` are these characters.
            if name.contains(':') || name.len() > 1 {
                out.push_str(key_of(name, names)?);
            } else {
                out.push_str(name);
            }
            out.push_str(part.get(end..).unwrap_or_default());
        }
        Ok(out)
    };
    Ok(match values {
        Json::String(text) => one(text, names)?.into(),
        Json::Array(items) => {
            let mut out = Vec::new();
            for item in items {
                out.push(match item {
                    Json::String(text) => one(text, names)?.into(),
                    other => other.clone(),
                });
            }
            Json::Array(out)
        }
        other => other.clone(),
    })
}

fn document(policy: Json) -> Json {
    json!({"stage": {"name": "stage"}, "api": {
        "openapi": "3.0.1",
        "info": {"title": "case", "version": "1"},
        "paths": {"/": {"get": {
            "responses": {"200": {"description": "let through"}},
            "x-amazon-apigateway-integration": {
                "type": "mock",
                "requestTemplates": {"application/json": "{\"statusCode\": 200}"},
                "responses": {"default": {"statusCode": "200"}},
            },
        }}},
        "x-amazon-apigateway-policy": policy,
    }})
}
