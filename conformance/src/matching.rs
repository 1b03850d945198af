//! When something is what a case expects.
//!
//! A text may be replaced by `{"regex": …}` (found anywhere in the text) or `{"json_text": …}`
//! (the text is JSON that fits). Objects match whole, or as subsets.

use serde_json::Value as Json;

/// Where two documents differ, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct Mismatch {
    /// The place: `.a[2].b`; empty for the whole.
    pub at: String,
    /// What should be.
    pub expected: String,
    /// What is.
    pub got: String,
}

fn differs(at: &str, expected: impl ToString, got: impl ToString) -> Result<(), Mismatch> {
    Err(Mismatch {
        at: at.to_owned(),
        expected: expected.to_string(),
        got: got.to_string(),
    })
}

/// Whether two documents are equal; numbers by value.
pub fn same_json(a: &Json, b: &Json) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same_json(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            a.len() == b.len()
                && a.iter()
                    .all(|(name, value)| b.get(name).is_some_and(|other| same_json(value, other)))
        }
        _ => a == b,
    }
}

/// A text against what a case writes in its place.
///
/// # Errors
///
/// They do not fit.
pub fn text(expected: &Json, got: &str, at: &str) -> Result<(), Mismatch> {
    match expected {
        Json::String(text) if text == got => Ok(()),
        Json::String(text) => differs(at, text, got),
        Json::Object(map) => match matcher(map) {
            Some(Matcher::Regex(pattern)) => match regex::Regex::new(pattern) {
                Ok(regex) if regex.is_match(got) => Ok(()),
                Ok(_) => differs(at, format!("a text that fits `{pattern}`"), got),
                Err(error) => differs(at, format!("a pattern: {error}"), got),
            },
            Some(Matcher::JsonText(inner)) => match serde_json::from_str(got) {
                Ok(document) => json(inner, &document, &format!("{at}, as JSON")),
                Err(_) => differs(at, format!("JSON: {inner}"), got),
            },
            None => differs(at, expected, got),
        },
        other => differs(at, other, got),
    }
}

enum Matcher<'a> {
    Regex(&'a str),
    JsonText(&'a Json),
}

/// An object with the one member `regex` or `json_text`.
fn matcher(map: &serde_json::Map<String, Json>) -> Option<Matcher<'_>> {
    if map.len() != 1 {
        return None;
    }
    map.get("regex")
        .and_then(Json::as_str)
        .map(Matcher::Regex)
        .or_else(|| map.get("json_text").map(Matcher::JsonText))
}

/// A whole document: order of members and blanks are free, nothing may be missing or more.
///
/// # Errors
///
/// They do not fit.
pub fn json(expected: &Json, got: &Json, at: &str) -> Result<(), Mismatch> {
    walk(expected, got, at, false)
}

/// Every listed member fits, at every depth; others are free. Lists match whole.
///
/// # Errors
///
/// They do not fit.
pub fn json_subset(expected: &Json, got: &Json, at: &str) -> Result<(), Mismatch> {
    walk(expected, got, at, true)
}

fn walk(expected: &Json, got: &Json, at: &str, subset: bool) -> Result<(), Mismatch> {
    match (expected, got) {
        (Json::Object(map), Json::String(got)) if matcher(map).is_some() => text(expected, got, at),
        // A matcher fits the text of a number as well.
        (Json::Object(map), Json::Number(number)) if matcher(map).is_some() => {
            text(expected, &number.to_string(), at)
        }
        (Json::Object(wanted), Json::Object(found)) => {
            for (name, value) in wanted {
                let at = format!("{at}.{name}");
                match found.get(name) {
                    Some(got) => walk(value, got, &at, subset)?,
                    None => return differs(&at, value, "nothing"),
                }
            }
            let more = found.keys().find(|name| !wanted.contains_key(*name));
            match more {
                Some(name) if !subset => differs(&format!("{at}.{name}"), "nothing", &found[name]),
                _ => Ok(()),
            }
        }
        (Json::Array(wanted), Json::Array(found)) => {
            if wanted.len() != found.len() {
                return differs(at, expected, got);
            }
            for (index, (wanted, found)) in wanted.iter().zip(found).enumerate() {
                walk(wanted, found, &format!("{at}[{index}]"), subset)?;
            }
            Ok(())
        }
        _ if same_json(expected, got) => Ok(()),
        _ => differs(at, expected, got),
    }
}

/// Headers: each expected one is there; names without regard to case, repeats joined by `", "`.
///
/// # Errors
///
/// One is not there or has another value.
pub fn headers(expected: &Json, got: &[(String, String)], at: &str) -> Result<(), Mismatch> {
    let Json::Object(expected) = expected else {
        return Ok(());
    };
    for (name, value) in expected {
        let at = format!("{at} {name}");
        match joined(got, name) {
            Some(found) => text(value, &found, &at)?,
            None => return differs(&at, value, "no such header"),
        }
    }
    Ok(())
}

/// Headers that must not be there.
///
/// # Errors
///
/// One is there.
pub fn absent_headers(names: &Json, got: &[(String, String)], at: &str) -> Result<(), Mismatch> {
    for name in names
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Json::as_str)
    {
        if let Some(found) = joined(got, name) {
            return differs(&format!("{at} {name}"), "no such header", found);
        }
    }
    Ok(())
}

/// All values of a header, joined by `", "`.
pub(crate) fn joined(headers: &[(String, String)], name: &str) -> Option<String> {
    let values: Vec<&str> = headers
        .iter()
        .filter(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
        .collect();
    (!values.is_empty()).then(|| values.join(", "))
}

/// A body: exact text, a matcher, or `{"base64": …}` for bytes.
///
/// # Errors
///
/// They do not fit.
pub fn body(expected: &Json, got: &[u8], at: &str) -> Result<(), Mismatch> {
    if let Some(encoded) = expected.get("base64").and_then(Json::as_str) {
        let found = crate::bytes::encode(got);
        return if crate::bytes::decode(encoded).as_deref() == Some(got) {
            Ok(())
        } else {
            differs(at, format!("base64 {encoded}"), format!("base64 {found}"))
        };
    }
    match std::str::from_utf8(got) {
        Ok(got) => text(expected, got, at),
        Err(_) => differs(
            at,
            expected,
            format!("base64 {}", crate::bytes::encode(got)),
        ),
    }
}

/// The three ways in which a body can be given: `body`, `json_body`, `json_subset`.
///
/// # Errors
///
/// They do not fit.
pub fn any_body(expected: &Json, got: &[u8], at: &str) -> Result<(), Mismatch> {
    if let Some(expected) = expected.get("body") {
        body(expected, got, &format!("{at} body"))?;
    }
    type Check = fn(&Json, &Json, &str) -> Result<(), Mismatch>;
    let ways: [(&str, Check); 2] = [("json_body", json), ("json_subset", json_subset)];
    for (name, check) in ways {
        let Some(expected) = expected.get(name) else {
            continue;
        };
        let at = format!("{at} body");
        match serde_json::from_slice(got) {
            Ok(document) => check(expected, &document, &at)?,
            Err(_) => return differs(&at, expected, String::from_utf8_lossy(got)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json as j;

    #[test]
    fn matchers_stand_in_place_of_texts() {
        assert!(text(&j!({"regex": "b+"}), "abbc", "").is_ok());
        assert!(text(&j!({"regex": "^b"}), "abbc", "").is_err());
        assert!(text(&j!({"json_text": {"a": 1}}), r#"{ "a": 1.0 }"#, "").is_ok());
        assert!(json(&j!({"a": {"regex": "x"}}), &j!({"a": "axb"}), "").is_ok());
        // Only a lone member is a matcher.
        assert!(json(&j!({"regex": "x", "b": 1}), &j!({"regex": "x", "b": 1}), "").is_ok());
    }

    #[test]
    fn subsets_are_free_in_members_and_not_in_lists() {
        let got = j!({"a": 1, "b": {"c": null, "d": [1, {"e": 2, "f": 3}]}});
        assert!(json_subset(&j!({"b": {"c": null}}), &got, "").is_ok());
        assert!(json_subset(&j!({"b": {"x": null}}), &got, "").is_err());
        assert!(json_subset(&j!({"b": {"d": [1, {"e": 2}]}}), &got, "").is_ok());
        assert!(json_subset(&j!({"b": {"d": [1]}}), &got, "").is_err());
        assert!(json(&j!({"a": 1}), &got, "").is_err());
    }

    #[test]
    fn repeated_headers_join() {
        let got = [("A".to_owned(), "1".to_owned()), ("a".into(), "2".into())];
        assert!(headers(&j!({"a": "1, 2"}), &got, "").is_ok());
        assert!(headers(&j!({"b": "1"}), &got, "").is_err());
        assert!(absent_headers(&j!(["A"]), &got, "").is_err());
        assert!(absent_headers(&j!(["b"]), &got, "").is_ok());
    }

    #[test]
    fn bodies_may_be_bytes() {
        assert!(body(&j!({"base64": "/w=="}), &[0xff], "").is_ok());
        assert!(body(&j!("x"), &[0xff], "").is_err());
    }
}
