//! What Java makes of a schema: numbers and texts as Jackson prints them, and the orders in which the reference's
//! validator, json-schema-validator, goes through keywords' values. Models say in its words what they refuse.

use serde_json::{Number, Value as Json};

/// A value as Jackson prints it: nothing is escaped but quotes, backslashes and controls; fractions as
/// [`decimal`].
pub(super) fn json(value: &Json) -> String {
    match value {
        Json::Number(number) if number.is_f64() => decimal(&number.to_string()),
        Json::String(text) => quoted(text),
        Json::Array(items) => {
            let items: Vec<String> = items.iter().map(json).collect();
            format!("[{}]", items.join(","))
        }
        Json::Object(members) => {
            let members: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}:{}", quoted(name), json(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        plain => plain.to_string(),
    }
}

/// A bound: whole numbers of 64 bits as such, however they are written, others as [`decimal`].
pub(super) fn bound(number: &Number) -> String {
    match number.as_f64() {
        Some(double)
            if number.is_f64() && double.fract() == 0.0 && double.abs() < i64::MAX as f64 =>
        {
            (double as i64).to_string()
        }
        _ if number.is_u64() && !number.is_i64() => decimal(&format!("{number}.0")),
        _ if number.is_f64() => decimal(&number.to_string()),
        _ => number.to_string(),
    }
}

/// A number that is written with a point or an exponent, as `BigDecimal.stripTrailingZeros().toString()` has it.
fn decimal(text: &str) -> String {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0').trim_end_matches('0');
    if digits.is_empty() {
        return "0".into();
    }
    let zeros = all.len() - all.trim_end_matches('0').len();
    let scale = fraction.len() as i64 - zeros as i64 - exponent.parse::<i64>().unwrap_or(0);
    let count = digits.len() as i64;
    let size = count - 1 - scale;
    let told = if scale == 0 {
        digits.to_owned()
    } else if scale > 0 && size >= -6 {
        let padded = format!(
            "{}{digits}",
            "0".repeat((scale - count + 1).max(0) as usize)
        );
        let (whole, fraction) = padded.split_at(padded.len() - scale as usize);
        format!("{whole}.{fraction}")
    } else {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        let plus = if size > 0 { "+" } else { "" };
        format!("{first}{point}{rest}E{plus}{size}")
    };
    format!("{sign}{told}")
}

fn quoted(text: &str) -> String {
    let mut told = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => told.extend(['\\', character]),
            '\u{8}' => told.push_str("\\b"),
            '\t' => told.push_str("\\t"),
            '\n' => told.push_str("\\n"),
            '\u{c}' => told.push_str("\\f"),
            '\r' => told.push_str("\\r"),
            control if control < ' ' => told.push_str(&format!("\\u{:04X}", control as u32)),
            plain => told.push(plain),
        }
    }
    told.push('"');
    told
}

/// Names in the order of `String.compareTo`, each once.
pub(super) fn sorted<'n>(names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut names: Vec<&str> = names.collect();
    names.sort_by(|a, b| a.encode_utf16().cmp(b.encode_utf16()));
    names.dedup();
    names
}

/// Names in the order in which a `HashMap` that they are put into has them: `DependenciesValidator` goes through
/// one.
pub(super) fn hashed<'n>(names: impl Iterator<Item = &'n str>) -> Vec<&'n str> {
    let mut names: Vec<&str> = names.collect();
    let mut buckets = 16;
    while names.len() * 4 > buckets * 3 {
        buckets *= 2;
    }
    names.sort_by_key(|name| {
        let hash = name.encode_utf16().fold(0u32, |hash, unit| {
            hash.wrapping_mul(31).wrapping_add(u32::from(unit))
        });
        (hash ^ hash >> 16) as usize & (buckets - 1)
    });
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_printed_as_java_does() {
        for (number, want) in [
            ("1.5", "1.5"),
            ("200000.0", "2E+5"),
            ("1e-9", "1E-9"),
            ("0.00012", "0.00012"),
            ("-0.0000001", "-1E-7"),
            ("-0.0", "0"),
            ("-12340.0", "-1.234E+4"),
            ("1002.50", "1002.5"),
        ] {
            assert_eq!(decimal(number), want);
        }
    }

    /// As `minimum` and its like are told.
    #[test]
    fn whole_bounds_are_printed_as_whole_numbers() {
        for (number, want) in [
            ("5", "5"),
            ("100.0", "100"),
            ("2e5", "200000"),
            ("120e-1", "12"),
            ("2.50", "2.5"),
            ("1e30", "1E+30"),
            ("-1e19", "-1E+19"),
        ] {
            let Ok(Json::Number(own)) = serde_json::from_str(number) else {
                panic!("{number} is no number");
            };
            assert_eq!(bound(&own), want);
        }
    }

    #[test]
    fn texts_are_quoted_as_jackson_does() {
        let text = Json::from("\u{1}\u{1f}\u{7f}/\u{2028}é\t\"\\");
        assert_eq!(json(&text), "\"\\u0001\\u001F\u{7f}/\u{2028}é\\t\\\"\\\\\"");
    }

    /// Units, not characters: those beyond the first 65536 come before U+FF5A.
    #[test]
    fn names_have_javas_orders() {
        assert_eq!(
            sorted(["ｚ", "b", "😀", "a", "b"].into_iter()),
            ["a", "b", "😀", "ｚ"]
        );
        assert_eq!(
            hashed(["zeta", "b1", "aa", "Q"].into_iter()),
            ["zeta", "aa", "Q", "b1"]
        );
    }
}
