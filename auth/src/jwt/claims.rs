//! Claims as texts, as context variables and events show them.

use serde_json::{Map, Number, Value, json};

use crate::time;

/// How claims become texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flatten {
    /// Cognito authorizers of REST APIs: lists joined by commas, `exp` and `iat` as dates.
    Cognito,
    /// JWT authorizers of REST APIs: lists joined by commas.
    Rest,
    /// JWT authorizers of HTTP APIs: lists as `[a b]`, objects as `map[name:value]`.
    Http,
}

/// The claims as a JSON object of texts, in the token's order; of lists and objects the text and the value.
pub(super) fn flatten(claims: &Map<String, Value>, form: Flatten) -> Vec<u8> {
    let texts: Map<String, Value> = claims
        .iter()
        .filter(|(_, value)| form == Flatten::Http || !value.is_null())
        .map(|(name, value)| {
            let text = text(name, value, form);
            let shown = match value {
                Value::Array(_) | Value::Object(_) => json!({ "text": text, "value": value }),
                _ => Value::from(text),
            };
            (name.clone(), shown)
        })
        .collect();
    Value::Object(texts).to_string().into_bytes()
}

fn text(name: &str, value: &Value, form: Flatten) -> String {
    match (form, value) {
        (Flatten::Http, _) => printed(value),
        (Flatten::Cognito, Value::Number(number)) if matches!(name, "exp" | "iat") => {
            seconds(number).map_or_else(|| number.to_string(), time::java)
        }
        (_, Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(plain).collect();
            items.join(",")
        }
        _ => plain(value),
    }
}

/// A text as it is, anything else as JSON.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// As Go's `%v` prints: lists and maps without quotes, maps by name.
fn printed(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(printed).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(members) => {
            let mut members: Vec<(&String, &Value)> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{name}:{}", printed(value)))
                .collect();
            format!("map[{}]", members.join(" "))
        }
        other => plain(other),
    }
}

/// Whole seconds of a NumericDate; `None` where that is no moment of this calendar.
fn seconds(number: &Number) -> Option<i64> {
    const LAST: i64 = 253_402_300_799;
    let whole = number.as_i64().or_else(|| {
        let float = number.as_f64()?.floor();
        // Within these bounds the conversion is exact.
        (float.abs() <= LAST as f64).then_some(float as i64)
    })?;
    (-LAST..=LAST).contains(&whole).then_some(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What claims are shown as; those that are lists or objects are also what they were.
    fn check(form: Flatten, claims: &str, expected: &str) {
        let claims: Map<String, Value> = serde_json::from_str(claims).unwrap();
        let mut record: Map<String, Value> =
            serde_json::from_slice(&flatten(&claims, form)).unwrap();
        for (name, shown) in &mut record {
            if let Value::Object(both) = shown {
                assert_eq!(both["value"], claims[name]);
                *shown = both["text"].clone();
            }
        }
        assert_eq!(Value::Object(record).to_string(), expected);
    }

    const CLAIMS: &str = r#"{"sub":"u","cognito:groups":["a","b"],"email_verified":true,"auth_time":1440938160,
        "exp":1440938160,"iat":1440938160.9,"address":{"b":1,"a":["x"]},"none":null,"empty":[]}"#;

    #[test]
    fn three_forms() {
        check(
            Flatten::Cognito,
            CLAIMS,
            r#"{"sub":"u","cognito:groups":"a,b","email_verified":"true","auth_time":"1440938160","exp":"Sun Aug 30 12:36:00 UTC 2015","iat":"Sun Aug 30 12:36:00 UTC 2015","address":"{\"b\":1,\"a\":[\"x\"]}","empty":""}"#,
        );
        check(
            Flatten::Rest,
            CLAIMS,
            r#"{"sub":"u","cognito:groups":"a,b","email_verified":"true","auth_time":"1440938160","exp":"1440938160","iat":"1440938160.9","address":"{\"b\":1,\"a\":[\"x\"]}","empty":""}"#,
        );
        check(
            Flatten::Http,
            CLAIMS,
            r#"{"sub":"u","cognito:groups":"[a b]","email_verified":"true","auth_time":"1440938160","exp":"1440938160","iat":"1440938160.9","address":"map[a:[x] b:1]","none":"<nil>","empty":"[]"}"#,
        );
    }

    #[test]
    fn a_date_beyond_the_calendar_stays_a_number() {
        check(Flatten::Cognito, r#"{"exp":1e300}"#, r#"{"exp":"1e+300"}"#);
        check(
            Flatten::Cognito,
            r#"{"exp":9223372036854775807}"#,
            r#"{"exp":"9223372036854775807"}"#,
        );
        check(Flatten::Cognito, r#"{"exp":"soon"}"#, r#"{"exp":"soon"}"#);
    }
}
