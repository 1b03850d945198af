//! Functions of texts, over their characters.

use super::{Cel, Failed, Found, times};

pub(super) fn apply(name: &str, values: &[Cel]) -> Found {
    let Some(Cel::Text(text)) = values.first() else {
        return Err(Failed);
    };
    let characters: Vec<char> = text.chars().collect();
    let made = |characters: &[char]| Cel::Text(characters.iter().collect());
    match (name, &values[1..]) {
        ("startsWith", [Cel::Text(part)]) => Ok(Cel::Bool(text.starts_with(part.as_str()))),
        ("endsWith", [Cel::Text(part)]) => Ok(Cel::Bool(text.ends_with(part.as_str()))),
        ("contains", [Cel::Text(part)]) => Ok(Cel::Bool(text.contains(part.as_str()))),
        // A match anywhere, in RE2's syntax.
        ("matches", [Cel::Text(pattern)]) => {
            let regex = fancy_regex::Regex::new(pattern).map_err(|_| Failed)?;
            regex
                .is_match(text.as_str())
                .map(Cel::Bool)
                .map_err(|_| Failed)
        }
        ("charAt", [Cel::Int(at)]) if *at == characters.len() as i64 => Ok(made(&[])),
        ("charAt", [Cel::Int(at)]) => {
            let at = usize::try_from(*at).map_err(|_| Failed)?;
            characters.get(at..=at).map(made).ok_or(Failed)
        }
        ("indexOf", [Cel::Text(part)]) => search(&characters, part, 0..=characters.len(), false),
        ("lastIndexOf", [Cel::Text(part)]) => search(&characters, part, 0..=characters.len(), true),
        ("indexOf" | "lastIndexOf", [Cel::Text(part), Cel::Int(from)]) => {
            let from = usize::try_from(*from).map_err(|_| Failed)?;
            if part.is_empty() {
                return Ok(Cel::Int(from.min(characters.len()) as i64));
            }
            if from >= characters.len() {
                return Err(Failed);
            }
            match name {
                "indexOf" => search(&characters, part, from..=characters.len(), false),
                _ => search(&characters, part, 0..=from, true),
            }
        }
        ("lowerAscii", []) => Ok(Cel::Text(text.to_ascii_lowercase())),
        ("upperAscii", []) => Ok(Cel::Text(text.to_ascii_uppercase())),
        ("trim", []) => {
            let inner = text.trim_start_matches(char::is_whitespace);
            Ok(Cel::Text(
                inner.trim_end_matches(char::is_whitespace).to_owned(),
            ))
        }
        ("reverse", []) => Ok(made(&characters.into_iter().rev().collect::<Vec<_>>())),
        ("replace", [Cel::Text(from), Cel::Text(to)]) => Ok(Cel::Text(text.replace(from, to))),
        ("replace", [Cel::Text(from), Cel::Text(to), Cel::Int(times)]) if *times >= 0 => {
            Ok(Cel::Text(text.replacen(from, to, *times as usize)))
        }
        ("replace", [Cel::Text(from), Cel::Text(to), Cel::Int(_)]) => {
            Ok(Cel::Text(text.replace(from, to)))
        }
        ("split", [by @ Cel::Text(_)]) => {
            apply(name, &[values[0].clone(), by.clone(), Cel::Int(-1)])
        }
        ("split", [Cel::Text(by), Cel::Int(most)]) => {
            let mut parts = pieces(text, by);
            if *most == 0 {
                parts.clear();
            } else if let Ok(most) = usize::try_from(*most)
                && parts.len() > most
            {
                let rest = parts.split_off(most - 1).join(by);
                parts.push(rest);
            }
            Ok(Cel::List(parts.into_iter().map(Cel::Text).collect()))
        }
        ("substring", [from @ Cel::Int(_)]) => {
            let to = Cel::Int(characters.len() as i64);
            apply(name, &[values[0].clone(), from.clone(), to])
        }
        ("substring", [Cel::Int(from), Cel::Int(to)]) => {
            let (from, to) = (
                usize::try_from(*from).map_err(|_| Failed)?,
                usize::try_from(*to).map_err(|_| Failed)?,
            );
            characters.get(from..to).map(made).ok_or(Failed)
        }
        ("strings.quote", []) => {
            let escaped: String = characters
                .into_iter()
                .map(|c| match "\u{7}\u{8}\u{c}\n\r\t\u{b}\\\"".find(c) {
                    Some(_) => {
                        let letters = [
                            ('\u{7}', 'a'),
                            ('\u{8}', 'b'),
                            ('\u{c}', 'f'),
                            ('\n', 'n'),
                            ('\r', 'r'),
                            ('\t', 't'),
                            ('\u{b}', 'v'),
                        ];
                        let letter = letters.iter().find(|(from, _)| *from == c);
                        format!("\\{}", letter.map_or(c, |(_, to)| *to))
                    }
                    None => c.to_string(),
                })
                .collect();
            Ok(Cel::Text(format!("\"{escaped}\"")))
        }
        ("format", [Cel::List(items)]) => format(text, items).map(Cel::Text),
        _ => Err(Failed),
    }
}

fn search(
    whole: &[char],
    part: &str,
    starts: std::ops::RangeInclusive<usize>,
    backwards: bool,
) -> Found {
    let part: Vec<char> = part.chars().collect();
    let fits = |at: &usize| whole.get(*at..).is_some_and(|rest| rest.starts_with(&part));
    let found = match backwards {
        true => starts.rev().find(fits),
        false => starts.into_iter().find(fits),
    };
    Ok(Cel::Int(found.map_or(-1, |at| at as i64)))
}

fn pieces(text: &str, by: &str) -> Vec<String> {
    match by {
        "" => text.chars().map(String::from).collect(),
        by => text.split(by).map(str::to_owned).collect(),
    }
}

fn format(pattern: &str, items: &[Cel]) -> Result<String, Failed> {
    let mut items = items.iter();
    let mut out = String::new();
    let mut letters = pattern.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter != '%' {
            out.push(letter);
            continue;
        }
        if letters.next_if_eq(&'%').is_some() {
            out.push('%');
            continue;
        }
        let mut digits = None;
        if letters.next_if_eq(&'.').is_some() {
            let mut written = String::new();
            while let Some(digit) = letters.next_if(char::is_ascii_digit) {
                written.push(digit);
            }
            let asked: usize = written.parse().map_err(|_| Failed)?;
            digits = Some(Some(asked).filter(|asked| *asked <= 1000).ok_or(Failed)?);
        }
        let clause = letters.next().ok_or(Failed)?;
        let item = items.next().ok_or(Failed)?;
        out.push_str(&one(clause, digits.unwrap_or(6), item)?);
    }
    Ok(out)
}

fn one(clause: char, digits: usize, item: &Cel) -> Result<String, Failed> {
    let special = |n: f64| match n {
        n if n.is_nan() => Some("NaN".to_owned()),
        f64::INFINITY => Some("Infinity".to_owned()),
        f64::NEG_INFINITY => Some("-Infinity".to_owned()),
        _ => None,
    };
    let float = match item {
        Cel::Int(n) => Some(*n as f64),
        Cel::Uint(n) => Some(*n as f64),
        Cel::Double(n) => Some(*n),
        _ => None,
    };
    // The sign, and what follows it.
    let signed = match item {
        Cel::Int(n) => Some((if *n < 0 { "-" } else { "" }, n.unsigned_abs())),
        Cel::Uint(n) => Some(("", *n)),
        _ => None,
    };
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    Ok(match clause {
        's' => plain(item)?,
        'd' => match (signed, item) {
            (Some((sign, n)), _) => format!("{sign}{n}"),
            (None, Cel::Double(_)) => plain(item)?,
            _ => return Err(Failed),
        },
        'f' => {
            let n = float.ok_or(Failed)?;
            special(n).unwrap_or_else(|| format!("{n:.digits$}"))
        }
        'e' => {
            let n = float.ok_or(Failed)?;
            special(n).unwrap_or_else(|| {
                let written = format!("{n:.digits$e}");
                let (front, power) = written.split_once('e').unwrap_or((&written, "0"));
                format!("{front}e{:+03}", power.parse::<i32>().unwrap_or(0))
            })
        }
        'b' => match (item, signed) {
            (Cel::Bool(value), _) => u8::from(*value).to_string(),
            (_, Some((sign, n))) => format!("{sign}{n:b}"),
            _ => return Err(Failed),
        },
        'o' => {
            let (sign, n) = signed.ok_or(Failed)?;
            format!("{sign}{n:o}")
        }
        'x' | 'X' => {
            let text = match (item, signed) {
                (Cel::Text(text), _) => hex(text.as_bytes()),
                (Cel::Bytes(bytes), _) => hex(bytes),
                (_, Some((sign, n))) => format!("{sign}{n:x}"),
                _ => return Err(Failed),
            };
            match clause {
                'X' => text.to_uppercase(),
                _ => text,
            }
        }
        _ => return Err(Failed),
    })
}

fn plain(item: &Cel) -> Result<String, Failed> {
    Ok(match item {
        Cel::Null => "null".to_owned(),
        Cel::Bool(value) => value.to_string(),
        Cel::Int(n) => n.to_string(),
        Cel::Uint(n) => n.to_string(),
        Cel::Double(n) if n.is_nan() => "NaN".to_owned(),
        Cel::Double(n) if n.is_infinite() => {
            format!("{}Infinity", if *n < 0.0 { "-" } else { "" })
        }
        Cel::Double(n) => n.to_string(),
        Cel::Text(text) | Cel::Claim(text) | Cel::Type(text) => text.clone(),
        Cel::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Cel::Time(ns) => times::moment_text(*ns).ok_or(Failed)?,
        Cel::Duration(ns) => times::duration_text(*ns),
        Cel::List(items) => {
            let items: Result<Vec<String>, Failed> = items.iter().map(plain).collect();
            format!("[{}]", items?.join(", "))
        }
        Cel::Entries(map) => {
            let mut lines = Vec::new();
            for (key, value) in map {
                lines.push((plain(key)?, plain(value)?));
            }
            lines.sort();
            let lines: Vec<String> = lines.iter().map(|(k, v)| format!("{k}: {v}")).collect();
            format!("{{{}}}", lines.join(", "))
        }
        _ => return Err(Failed),
    })
}
