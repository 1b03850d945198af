//! Functions of texts. Places are counted in characters.

use super::{Constant, Found, error, no_overload};

/// The longest text that repeated insertion may make.
const LONGEST: usize = super::LONGEST;

pub(super) fn call(name: &str, values: &[Constant]) -> Found {
    use Constant::{Bool, Int, List, Text};
    Ok(match (name, values) {
        ("startsWith", [Text(whole), Text(part)]) => Bool(whole.starts_with(part.as_str())),
        ("endsWith", [Text(whole), Text(part)]) => Bool(whole.ends_with(part.as_str())),
        ("contains", [Text(whole), Text(part)]) => Bool(whole.contains(part.as_str())),
        ("matches", [Text(text), Text(pattern)]) => return matches(text, pattern),
        ("charAt", [Text(text), Int(at)]) => {
            let count = text.chars().count();
            match usize::try_from(*at) {
                Ok(at) if at <= count => {
                    Text(text.chars().nth(at).map(String::from).unwrap_or_default())
                }
                _ => return out_of_range(*at),
            }
        }
        ("indexOf", [Text(whole), Text(part)]) => place(first(whole, part, 0)),
        ("indexOf", [Text(whole), Text(part), Int(from)]) => {
            let count = whole.chars().count();
            match usize::try_from(*from) {
                Ok(from) if part.is_empty() => place(Some(from.min(count))),
                Ok(from) if from < count => place(first(whole, part, from)),
                _ => return out_of_range(*from),
            }
        }
        ("lastIndexOf", [Text(whole), Text(part)]) => {
            place(last(whole, part, whole.chars().count()))
        }
        ("lastIndexOf", [Text(whole), Text(part), Int(from)]) => {
            let count = whole.chars().count();
            match usize::try_from(*from) {
                Ok(from) if part.is_empty() => place(Some(from.min(count))),
                Ok(from) if from < count => place(last(whole, part, from)),
                _ => return out_of_range(*from),
            }
        }
        ("lowerAscii", [Text(text)]) => Text(text.to_ascii_lowercase()),
        ("upperAscii", [Text(text)]) => Text(text.to_ascii_uppercase()),
        ("trim", [Text(text)]) => Text(text.trim().to_owned()),
        ("reverse", [Text(text)]) => Text(text.chars().rev().collect()),
        ("replace", [Text(text), Text(from), Text(to)]) => return replace(text, from, to, -1),
        ("replace", [Text(text), Text(from), Text(to), Int(times)]) => {
            return replace(text, from, to, *times);
        }
        ("split", [Text(text), Text(by)]) => List(split(text, by, -1)),
        ("split", [Text(text), Text(by), Int(parts)]) => List(split(text, by, *parts)),
        ("substring", [Text(text), Int(from)]) => return substring(text, *from, None),
        ("substring", [Text(text), Int(from), Int(to)]) => {
            return substring(text, *from, Some(*to));
        }
        ("strings.quote", [Text(text)]) => Text(quote(text)),
        _ => return no_overload(name),
    })
}

fn out_of_range(at: i64) -> Found {
    error(format!("the index {at} is out of range"))
}

fn place(at: Option<usize>) -> Constant {
    Constant::Int(at.and_then(|at| i64::try_from(at).ok()).unwrap_or(-1))
}

/// The byte at which a character starts.
fn byte(text: &str, at: usize) -> usize {
    text.char_indices()
        .nth(at)
        .map_or(text.len(), |(byte, _)| byte)
}

/// How many characters stand before a byte.
fn characters(text: &str, byte: usize) -> usize {
    text.get(..byte).map_or(0, |before| before.chars().count())
}

fn first(whole: &str, part: &str, from: usize) -> Option<usize> {
    let start = byte(whole, from);
    let found = whole.get(start..)?.find(part)?;
    Some(characters(whole, start + found))
}

/// The last occurrence that starts at or before a place.
fn last(whole: &str, part: &str, from: usize) -> Option<usize> {
    let end = byte(whole, from).saturating_add(part.len());
    let mut end = end.min(whole.len());
    while !whole.is_char_boundary(end) {
        end -= 1;
    }
    whole
        .get(..end)?
        .rfind(part)
        .map(|at| characters(whole, at))
}

fn matches(text: &str, pattern: &str) -> Found {
    if crate::check::pattern::parses(pattern).is_err() {
        return error(format!("`{pattern}` is no regular expression"));
    }
    match regex_automata::meta::Regex::new(pattern) {
        Ok(regex) => Ok(Constant::Bool(regex.is_match(text))),
        Err(_) => error(format!("`{pattern}` is no regular expression")),
    }
}

/// A negative number of times: every time.
fn replace(text: &str, from: &str, to: &str, times: i64) -> Found {
    let most = usize::try_from(times).unwrap_or(usize::MAX);
    let count = text.matches(from).take(most).count();
    if count.saturating_mul(to.len()) > LONGEST {
        return error("it makes too large a value");
    }
    Ok(Constant::Text(text.replacen(from, to, most)))
}

/// At most so many parts, the last with what remains; a negative number: all of them. Nothing to split by parts
/// every character.
fn split(text: &str, by: &str, parts: i64) -> Vec<Constant> {
    let part = |text: &str| Constant::Text(text.to_owned());
    match usize::try_from(parts) {
        Ok(0) => Vec::new(),
        Ok(most) if by.is_empty() => {
            let start = byte(text, most - 1);
            let (single, rest) = text.split_at(start);
            let singles = single.chars().map(|c| Constant::Text(c.to_string()));
            singles
                .chain((!rest.is_empty()).then(|| part(rest)))
                .collect()
        }
        Ok(most) => text.splitn(most, by).map(part).collect(),
        Err(_) if by.is_empty() => text
            .chars()
            .map(|c| Constant::Text(c.to_string()))
            .collect(),
        Err(_) => text.split(by).map(part).collect(),
    }
}

fn substring(text: &str, from: i64, to: Option<i64>) -> Found {
    let count = text.chars().count();
    let inside = |at: i64| usize::try_from(at).ok().filter(|at| *at <= count);
    let (Some(start), Some(end)) = (inside(from), to.map_or(Some(count), inside)) else {
        return error(format!("the range from {from} is outside the text"));
    };
    if start > end {
        return error("the range ends before it starts");
    }
    Ok(Constant::Text(
        text.chars().skip(start).take(end - start).collect(),
    ))
}

/// A text as a literal between double quotes.
fn quote(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '\u{7}' => out.push_str("\\a"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{b}' => out.push_str("\\v"),
            '\\' => out.push_str("\\\\"),
            '"' => out.push_str("\\\""),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
