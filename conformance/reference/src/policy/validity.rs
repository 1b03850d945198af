//! Whether IAM takes a document as a policy of a caller, and whether patterns of ARNs overlap.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use super::document::operator;
use super::glob::{Piece, pieces};

type Verdict<T = ()> = Result<T, String>;

/// Judges a document. Keys that stand twice are the reader's matter: the later one counts here.
///
/// # Errors
///
/// Why IAM refuses it.
pub fn identity_policy(text: &str) -> Verdict {
    let document: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let document = object(&document, "a policy")?;
    only(document, &["Version", "Id", "Statement"])?;
    if document.get("Id").is_some_and(|id| !id.is_string()) {
        return Err("`Id` is a text".into());
    }
    if document.get("Version") != Some(&Json::from("2012-10-17")) {
        return Err("the version is 2012-10-17".into());
    }
    let statements = match document.get("Statement") {
        Some(Json::Array(list)) if !list.is_empty() => list.as_slice(),
        Some(one @ Json::Object(_)) => std::slice::from_ref(one),
        _ => return Err("a policy has statements".into()),
    };
    let mut sids = BTreeSet::new();
    for one in statements {
        let sid = statement(object(one, "a statement")?)?;
        if !sid.is_empty() && !sids.insert(sid.clone()) {
            return Err(format!("the Sid {sid} stands twice"));
        }
    }
    Ok(())
}

fn object<'j>(value: &'j Json, what: &str) -> Verdict<&'j Map<String, Json>> {
    value
        .as_object()
        .ok_or_else(|| format!("{what} is an object"))
}

fn only(map: &Map<String, Json>, names: &[&str]) -> Verdict {
    match map.keys().find(|key| !names.contains(&key.as_str())) {
        Some(other) => Err(format!("there is no element {other}")),
        None => Ok(()),
    }
}

/// A statement's Sid; empty if it has none.
fn statement(map: &Map<String, Json>) -> Verdict<String> {
    only(
        map,
        &[
            "Sid",
            "Effect",
            "Action",
            "NotAction",
            "Resource",
            "NotResource",
            "Condition",
        ],
    )?;
    if !matches!(
        map.get("Effect").and_then(Json::as_str),
        Some("Allow" | "Deny")
    ) {
        return Err("an effect is Allow or Deny".into());
    }
    for name in either(map, "Action", "NotAction")? {
        action(name.ok_or("an action is a text")?)?;
    }
    // An entry that is null is passed over.
    for text in either(map, "Resource", "NotResource")?
        .into_iter()
        .flatten()
    {
        resource(text)?;
    }
    if let Some(condition) = map.get("Condition") {
        for (name, keys) in object(condition, "a condition")? {
            for (_, values) in object(keys, "an operator's keys")? {
                compared(name, values)?;
            }
        }
    }
    match map.get("Sid") {
        None => Ok(String::new()),
        Some(Json::String(sid)) if sid.chars().all(|c| c.is_ascii_alphanumeric()) => {
            Ok(sid.clone())
        }
        Some(_) => Err("a Sid is letters and digits".into()),
    }
}

/// The entries under one of two names; none for one that is null.
fn either<'j>(map: &'j Map<String, Json>, one: &str, other: &str) -> Verdict<Vec<Option<&'j str>>> {
    let value = match (map.get(one), map.get(other)) {
        (Some(value), None) | (None, Some(value)) => value,
        _ => return Err(format!("a statement has {one} or {other}")),
    };
    let list = match value {
        Json::Array(list) if !list.is_empty() => list.as_slice(),
        Json::String(_) => std::slice::from_ref(value),
        _ => return Err(format!("{one} holds texts")),
    };
    list.iter()
        .map(|entry| match entry {
            Json::String(text) => Ok(Some(text.as_str())),
            Json::Null => Ok(None),
            _ => Err(format!("{one} holds texts")),
        })
        .collect()
}

fn action(text: &str) -> Verdict {
    if text == "*" {
        return Ok(());
    }
    match text.split(':').collect::<Vec<_>>().as_slice() {
        [service, _] => {
            let good = |c: char| c.is_ascii_alphanumeric() || "-.".contains(c);
            match *service == "*" || service.chars().all(good) {
                true => Ok(()),
                false => Err(format!("{service} is no service")),
            }
        }
        _ => Err(format!("{text} is no action of a service")),
    }
}

fn resource(text: &str) -> Verdict {
    if text == "*" {
        return Ok(());
    }
    let refused = |why: &str| Err(format!("{text}: {why}"));
    let given: Vec<&str> = text.splitn(6, ':').collect();
    // What is missing at the end may be anything.
    let part = |at: usize| given.get(at).copied().unwrap_or("*");
    if given.len() < 2 {
        return refused("neither an ARN nor a star");
    }
    let partition = part(1);
    let known = partition == "aws" || partition.starts_with("aws-") || partition.contains('*');
    if !known {
        return refused("no such partition");
    }
    let service = part(2);
    if service.is_empty() || service.contains(['*', '?']) {
        return refused("the service is written out");
    }
    if given.len() < 6 && given.iter().any(|part| part.is_empty()) {
        return refused("an ARN has six parts");
    }
    let own_region = given.len() > 3 && !part(3).is_empty();
    if own_region && ["iam", "s3"].contains(&service) {
        return refused("the service has no regions");
    }
    let things = "user federated-user role group instance-profile mfa server-certificate policy \
                  sms-mfa saml-provider oidc-provider report access-report";
    let named = |last: &str| {
        last == "*"
            || last
                .split_once('/')
                .is_some_and(|(thing, _)| things.split_whitespace().any(|known| known == thing))
    };
    if service == "iam" && (given.len() < 6 || !named(part(5))) {
        return refused("nothing of IAM");
    }
    Ok(())
}

fn compared(name: &str, values: &Json) -> Verdict {
    let Some(known) = operator(name) else {
        return Err(format!("there is no operator {name}"));
    };
    let list = match values {
        Json::Array(list) => list.as_slice(),
        one => std::slice::from_ref(one),
    };
    for value in list {
        let text = match value {
            Json::String(text) => text.clone(),
            Json::Number(_) | Json::Bool(_) => value.to_string(),
            _ => return Err("a value is a text, a number or a truth value".into()),
        };
        if format!("{known:?}").starts_with("Date") && !is_date(&text) {
            return Err(format!("{text} is no date"));
        }
    }
    Ok(())
}

/// Seconds since 1970, or a date of any length with a time of any length.
fn is_date(text: &str) -> bool {
    let pattern = r"(?x) ^ (-?\d+) (?: - (\d+) (?: - (\d+) )? )?
        (?: [Tt] (\d+) (?: : (\d+) (?: : (\d+) (?: \. (\d{1,9}) )? )? )?
            (?: [Zz] | [+-] (\d\d) (?: : (\d\d) )? )? )? $";
    let Ok(pattern) = fancy_regex::Regex::new(pattern) else {
        return false;
    };
    let Ok(Some(found)) = pattern.captures(text) else {
        return false;
    };
    let within = |group: usize, least: i64, most: i64| {
        found.get(group).is_none_or(|part| {
            part.as_str()
                .parse()
                .is_ok_and(|n| (least..=most).contains(&n))
        })
    };
    if !text.contains(['-', 'T', 't']) {
        return within(1, 0, i64::MAX);
    }
    within(1, -292_275_054, 292_278_993)
        && within(2, 1, 12)
        && within(3, 1, 31)
        && within(4, 0, 23)
        && within(5, 0, 59)
        && within(6, 0, 59)
        && within(8, 0, 23)
        && within(9, 0, 59)
}

/// Whether one ARN can fit both patterns. What is missing at the end of one may be anything.
pub fn overlap(one: &str, other: &str) -> bool {
    let part = |text: &str, at: usize| match text.splitn(6, ':').nth(at) {
        Some(part) if text != "*" => pieces(part),
        _ => vec![Piece::Run],
    };
    (0..6).all(|at| meet(&part(one, at), &part(other, at)))
}

/// Whether one text fits both: a search over how far either is fitted.
fn meet(one: &[Piece], other: &[Piece]) -> bool {
    let mut seen = BTreeSet::new();
    let mut open = vec![(0, 0)];
    while let Some((a, b)) = open.pop() {
        if !seen.insert((a, b)) {
            continue;
        }
        match (one.get(a), other.get(b)) {
            (None, None) => return true,
            (Some(Piece::Run), Some(_)) => open.extend([(a + 1, b), (a, b + 1)]),
            (Some(_), Some(Piece::Run)) => open.extend([(a, b + 1), (a + 1, b)]),
            (Some(Piece::Run), None) => open.push((a + 1, b)),
            (None, Some(Piece::Run)) => open.push((a, b + 1)),
            (Some(Piece::Literal(x)), Some(Piece::Literal(y))) if x != y => {}
            (Some(_), Some(_)) => open.push((a + 1, b + 1)),
            (Some(_), None) | (None, Some(_)) => {}
        }
    }
    false
}
