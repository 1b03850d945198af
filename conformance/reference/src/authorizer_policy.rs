//! What a Lambda authorizer's function returns, its policy in IAM's JSON included.

use serde_json::Value as Json;
use tollgate_model::policy::Policy;

use crate::policy::document;

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
    let written = output
        .get("policyDocument")
        .ok_or("the authorizer's output has no policyDocument")?;
    let variables = document::has_variables(written);
    let policy = document::read(written, false)?;
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
