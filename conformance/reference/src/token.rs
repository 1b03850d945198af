//! What the token of a user pool must say, once its signature, issuer and times hold.

use serde_json::{Map, Value as Json};

use crate::regex;

/// Whether a token's claims are good for a method. A method without scopes takes ID tokens, one with scopes takes
/// access tokens that hold one of them; an expression is held against `aud`, which only ID tokens have.
///
/// # Errors
/// What is wrong, in a few words.
pub(crate) fn good(
    claims: &Map<String, Json>,
    scopes: &[String],
    validation: Option<&str>,
) -> Result<(), &'static str> {
    let text = |name: &str| claims.get(name).and_then(Json::as_str);
    let wanted = if scopes.is_empty() { "id" } else { "access" };
    if text("token_use") != Some(wanted) {
        return Err(match scopes {
            [] => "it is no ID token",
            _ => "it is no access token",
        });
    }
    if let Some(pattern) = validation
        && !text("aud").is_some_and(|audience| regex::matches(pattern, audience))
    {
        return Err("its audience does not fit the expression");
    }
    let mut held = text("scope").unwrap_or_default().split(' ');
    if !scopes.is_empty() && !held.any(|scope| scopes.iter().any(|wanted| wanted == scope)) {
        return Err("it holds none of the scopes");
    }
    Ok(())
}

/// The claims that are lists or objects.
pub(crate) fn structured(claims: &Map<String, Json>) -> Vec<(String, Json)> {
    let has_parts = |value: &Json| value.is_array() || value.is_object();
    claims
        .iter()
        .filter(|(_, value)| has_parts(value))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

/// Claims as the rest of the gateway sees them: texts; the items of a list with commas between them.
pub(crate) fn texts(claims: &Map<String, Json>) -> Vec<(String, String)> {
    let text = |value: &Json| match value {
        Json::String(text) => text.clone(),
        other => other.to_string(),
    };
    let claim = |value: &Json| match value {
        Json::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(","),
        other => text(other),
    };
    claims
        .iter()
        .map(|(name, value)| (name.clone(), claim(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_must_be_of_the_kind_that_the_method_takes() {
        let scopes = ["orders.read".to_owned()];
        for (claims, scopes, validation, good_one) in [
            (json!({"token_use": "id"}), &[][..], None, true),
            (json!({"token_use": "access"}), &[], None, false),
            (json!({}), &[], None, false),
            (
                json!({"token_use": "access", "scope": "a orders.read"}),
                &scopes,
                None,
                true,
            ),
            (
                json!({"token_use": "access", "scope": "orders.reads"}),
                &scopes,
                None,
                false,
            ),
            (
                json!({"token_use": "id", "scope": "orders.read"}),
                &scopes,
                None,
                false,
            ),
            (
                json!({"token_use": "id", "aud": "app-1"}),
                &[],
                Some("app-.*"),
                true,
            ),
            (
                json!({"token_use": "id", "aud": "web-1"}),
                &[],
                Some("app-.*"),
                false,
            ),
            (json!({"token_use": "id"}), &[], Some(".*"), false),
        ] {
            let members = claims.as_object().unwrap();
            assert_eq!(
                good(members, scopes, validation).is_ok(),
                good_one,
                "{claims}"
            );
        }
    }

    #[test]
    fn claims_are_texts() {
        let claims = json!({"sub": "a", "n": 7, "ok": true, "cognito:groups": ["x", "y"]});
        let texts = texts(claims.as_object().unwrap());
        let values: Vec<&str> = texts.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(values, ["a", "7", "true", "x,y"]);
    }
}
