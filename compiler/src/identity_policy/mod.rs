//! Identity policies, permissions boundaries and session policies: whether IAM takes a document, judged as the
//! service judges it when a policy is saved.
//!
//! Resource policies are read by the checker, where they stand in a program; these stand beside one, in files that
//! a gateway is given.

mod date;
mod resource;

use std::fmt;

use tollgate_grammar::{FileId, Span};

use crate::check::is_operator;
use crate::diagnostic::did_you_mean;
use crate::document::{Kind, Limits, Node, json};

/// The longest document that is read, in bytes; IAM's own limits are lower.
const MAX_BYTES: usize = 1 << 20;

/// Why a document is no identity policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// In words for people: lower case, no full stop.
    pub why: String,
    /// Where in the text, in bytes.
    pub at: Span,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Fault {}

/// Checks a document. Takes time in proportion to its length.
///
/// # Errors
/// The first fault.
pub fn check(text: &str) -> Result<(), Fault> {
    let limits = Limits {
        bytes: MAX_BYTES,
        ..Limits::default()
    };
    let document = json::read(FileId(0), text, &limits).map_err(|error| Fault {
        why: format!("it is no JSON: {}", error.message),
        at: error.span,
    })?;
    if let Some((_, twice)) = document.duplicates().next() {
        return fault(twice, format!("`{}` stands twice", twice.text()));
    }
    policy(document.root())
}

fn fault<T>(node: Node<'_>, why: impl Into<String>) -> Result<T, Fault> {
    Err(Fault {
        why: why.into(),
        at: node.span(),
    })
}

fn policy(root: Node<'_>) -> Result<(), Fault> {
    if root.kind() != Kind::Mapping {
        return fault(root, "a policy is an object");
    }
    let (mut version, mut statements) = (None, None);
    for (key, value) in root.members() {
        match key.text() {
            "Version" => version = Some(value),
            "Statement" => statements = Some(value),
            "Id" if value.kind() == Kind::String => {}
            "Id" => return fault(value, "`Id` is a text"),
            other => return unknown(key, other, "a policy", &["Version", "Id", "Statement"]),
        }
    }
    match version {
        Some(version) if is_text(version, "2012-10-17") => {}
        Some(version) if is_text(version, "2008-10-17") => {
            return fault(version, "an identity policy is of version `2012-10-17`");
        }
        Some(version) => {
            let why = format!("`{}` is no version: write `2012-10-17`", version.text());
            return fault(version, why);
        }
        None => return fault(root, "the policy has no `Version`: write `2012-10-17`"),
    }
    let Some(list) = statements else {
        return fault(root, "the policy has no `Statement`");
    };
    let statements: Vec<Node<'_>> = match list.kind() {
        Kind::Mapping => vec![list],
        Kind::Sequence => list.elements().collect(),
        _ => return fault(list, "`Statement` is an object or a list of them"),
    };
    if statements.is_empty() {
        return fault(list, "the policy has no statement");
    }
    let mut sids = Vec::new();
    for node in statements {
        if let Some(sid) = statement(node)? {
            if sids.contains(&sid.text()) {
                return fault(sid, format!("the `Sid` `{}` stands twice", sid.text()));
            }
            sids.push(sid.text());
        }
    }
    Ok(())
}

fn is_text(node: Node<'_>, text: &str) -> bool {
    node.kind() == Kind::String && node.text() == text
}

fn unknown<T>(key: Node<'_>, name: &str, of: &str, known: &[&'static str]) -> Result<T, Fault> {
    let guess = did_you_mean(name, known.iter().copied());
    let why = match guess {
        Some(guess) => format!("{of} has no element `{name}`: {guess}"),
        None => format!("{of} has no element `{name}`"),
    };
    fault(key, why)
}

/// The statement's `Sid`, if it has one that is not empty.
fn statement(node: Node<'_>) -> Result<Option<Node<'_>>, Fault> {
    const KNOWN: [&str; 7] = [
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];
    if node.kind() != Kind::Mapping {
        return fault(node, "a statement is an object");
    }
    for (key, _) in node.members() {
        match key.text() {
            "Principal" | "NotPrincipal" => {
                return fault(
                    key,
                    "an identity policy names no principal: it is the caller's",
                );
            }
            name if !KNOWN.contains(&name) => return unknown(key, name, "a statement", &KNOWN),
            _ => {}
        }
    }
    match node.get("Effect") {
        Some(effect) if is_text(effect, "Allow") || is_text(effect, "Deny") => {}
        Some(effect) => {
            let why = format!("`{}` is no effect: write `Allow` or `Deny`", effect.text());
            return fault(effect, why);
        }
        None => return fault(node, "the statement has no `Effect`"),
    }
    for action in one_of(node, "Action", "NotAction", false)? {
        self::action(action)?;
    }
    for resource in one_of(node, "Resource", "NotResource", true)? {
        if let Err(why) = resource::check(resource.text()) {
            return fault(resource, why);
        }
    }
    if let Some(condition) = node.get("Condition") {
        self::condition(condition)?;
    }
    match node.get("Sid") {
        Some(sid) if sid.kind() != Kind::String => fault(sid, "`Sid` is a text"),
        Some(sid) if !sid.text().bytes().all(|b| b.is_ascii_alphanumeric()) => {
            let why = format!(
                "the `Sid` `{}` has more than letters and digits",
                sid.text()
            );
            fault(sid, why)
        }
        sid => Ok(sid.filter(|sid| !sid.text().is_empty())),
    }
}

/// The texts of one of two elements that exclude each other; `null` may stand in a list of resources.
fn one_of<'d>(
    statement: Node<'d>,
    only: &str,
    except: &str,
    nulls: bool,
) -> Result<Vec<Node<'d>>, Fault> {
    let value = match (statement.get(only), statement.get(except)) {
        (Some(_), Some(second)) => {
            return fault(
                second,
                format!("`{only}` and `{except}` exclude each other"),
            );
        }
        (None, None) => return fault(statement, format!("the statement has no `{only}`")),
        (Some(value), None) | (None, Some(value)) => value,
    };
    let texts: Vec<Node<'d>> = match value.kind() {
        Kind::String => vec![value],
        Kind::Sequence => value.elements().collect(),
        _ => return fault(value, "here stands a text or a list of texts"),
    };
    if texts.is_empty() {
        return fault(value, format!("`{only}` has nothing in it"));
    }
    let texts: Vec<Node<'d>> = texts
        .into_iter()
        .filter(|text| !(nulls && text.kind() == Kind::Null))
        .collect();
    match texts.iter().find(|text| text.kind() != Kind::String) {
        Some(wrong) => fault(*wrong, "here stands a text"),
        None => Ok(texts),
    }
}

fn action(node: Node<'_>) -> Result<(), Fault> {
    let text = node.text();
    if text == "*" {
        return Ok(());
    }
    let Some((vendor, name)) = text.split_once(':') else {
        let why = format!("`{text}` names no service: write `service:Action`");
        return fault(node, why);
    };
    if name.contains(':') {
        return fault(node, format!("`{text}` has more than one colon"));
    }
    let good = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'.';
    if vendor != "*" && !vendor.bytes().all(good) {
        return fault(node, format!("`{vendor}` is no service"));
    }
    Ok(())
}

fn condition(node: Node<'_>) -> Result<(), Fault> {
    if node.kind() != Kind::Mapping {
        return fault(node, "`Condition` is an object");
    }
    for (operator, keys) in node.members() {
        if keys.kind() != Kind::Mapping {
            return fault(keys, "an operator takes an object of keys");
        }
        let name = bare(operator.text());
        for (_, values) in keys.members() {
            if !is_operator(name) {
                return fault(operator, format!("there is no operator `{name}`"));
            }
            let values: Vec<Node<'_>> = match values.kind() {
                Kind::Sequence => values.elements().collect(),
                _ => vec![values],
            };
            for value in values {
                if !matches!(value.kind(), Kind::String | Kind::Number | Kind::Bool) {
                    return fault(value, "a value is a text, a number or a truth value");
                }
                if name.starts_with("Date") && !date::is_date(value.text()) {
                    return fault(value, format!("`{}` is no date", value.text()));
                }
            }
        }
    }
    Ok(())
}

/// An operator without its quantifier and `IfExists`.
fn bare(name: &str) -> &str {
    let name = name
        .strip_prefix("ForAnyValue:")
        .or_else(|| name.strip_prefix("ForAllValues:"))
        .unwrap_or(name);
    name.strip_suffix("IfExists").unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(statement: &str) -> Result<(), String> {
        let text = format!(r#"{{"Version": "2012-10-17", "Statement": {statement}}}"#);
        check(&text).map_err(|fault| fault.why)
    }

    #[test]
    fn documents_are_judged_as_a_whole() {
        const OPEN: &str = r#"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#;
        assert_eq!(with(OPEN), Ok(()));
        for (text, why) in [
            ("{", "it is no JSON"),
            ("[]", "a policy is an object"),
            (r#"{"Version": "2012-10-17"}"#, "no `Statement`"),
            (
                r#"{"Version": "2012-10-17", "Statement": []}"#,
                "no statement",
            ),
            (
                r#"{"Version": "2012-10-17", "Statment": []}"#,
                "did you mean `Statement`",
            ),
            (
                r#"{"Version": "2012-10-17", "Version": "2012-10-17"}"#,
                "stands twice",
            ),
        ] {
            let found = check(text).unwrap_err().why;
            assert!(found.contains(why), "{text}: {found}");
        }
        for (version, why) in [
            (r#""Version": "2008-10-17","#, "of version `2012-10-17`"),
            (r#""Version": "2013-10-17","#, "is no version"),
            ("", "no `Version`"),
        ] {
            let text = format!(r#"{{{version} "Statement": {OPEN}}}"#);
            let found = check(&text).unwrap_err().why;
            assert!(found.contains(why), "{text}: {found}");
        }
    }

    #[test]
    fn statements_are_refused_with_the_reason() {
        for (statement, why) in [
            (r#"{"Action": "*", "Resource": "*"}"#, "no `Effect`"),
            (
                r#"{"Effect": "allow", "Action": "*", "Resource": "*"}"#,
                "is no effect",
            ),
            (r#"{"Effect": "Allow", "Resource": "*"}"#, "no `Action`"),
            (
                r#"{"Effect": "Allow", "Action": [], "Resource": "*"}"#,
                "nothing in it",
            ),
            (r#"{"Effect": "Allow", "Action": "*"}"#, "no `Resource`"),
            (
                r#"{"Effect": "Allow", "Action": "*", "NotAction": [], "Resource": "*"}"#,
                "exclude each other",
            ),
            (
                r#"{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}"#,
                "names no principal",
            ),
            (
                r#"{"Effect": "Allow", "Action": "Invoke", "Resource": "*"}"#,
                "names no service",
            ),
            (
                r#"{"Effect": "Allow", "Action": "a:b:c", "Resource": "*"}"#,
                "more than one colon",
            ),
            (
                r#"{"Effect": "Allow", "Action": "a b:c", "Resource": "*"}"#,
                "is no service",
            ),
            (
                r#"{"Effect": "Allow", "Action": "*", "Resource": {}}"#,
                "a text or a list of texts",
            ),
            (
                r#"{"Effect": "Allow", "Action": "*", "Resource": "*", "Sid": "a b"}"#,
                "letters and digits",
            ),
            (
                r#"[{"Sid": "a", "Effect": "Allow", "Action": "*", "Resource": "*"},
                    {"Sid": "a", "Effect": "Deny", "Action": "*", "Resource": "*"}]"#,
                "stands twice",
            ),
            (
                r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
                    "Condition": {"StringIs": {"aws:username": "ann"}}}"#,
                "no operator `StringIs`",
            ),
            (
                r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
                    "Condition": {"DateLessThanIfExists": {"aws:CurrentTime": "soon"}}}"#,
                "`soon` is no date",
            ),
        ] {
            let found = with(statement).unwrap_err();
            assert!(found.contains(why), "{statement}: {found}");
        }
    }

    #[test]
    fn empty_sids_and_empty_operators_are_taken() {
        for statement in [
            r#"[{"Sid": "", "Effect": "Allow", "Action": "*", "Resource": "*"},
                {"Sid": "", "Effect": "Allow", "NotAction": "s3:", "NotResource": ["*", null]}]"#,
            r#"{"Effect": "Allow", "Action": "*", "Resource": "*",
                "Condition": {"none": {}, "Bool": {"aws:SecureTransport": false}, "DateEquals": {"a": []}}}"#,
        ] {
            assert_eq!(with(statement), Ok(()), "{statement}");
        }
    }
}
