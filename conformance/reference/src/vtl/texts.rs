//! Texts: Java's `String`.

use std::rc::Rc;

use crate::number::Number;
use crate::regex;
use crate::value::Value;

use super::failed;
use super::java_text::{index_of, last_index_of, text as from_units, units};
use super::methods::Called;

pub(super) fn property(text: &Rc<str>, name: &str) -> Option<Value> {
    match name {
        "empty" => Some(Value::Bool(text.is_empty())),
        "blank" => Some(Value::Bool(text.trim().is_empty())),
        "bytes" => Some(bytes(text)),
        _ => None,
    }
}

fn bytes(text: &str) -> Value {
    Value::list(
        text.bytes()
            .map(|byte| Value::int(i32::from(byte as i8)))
            .collect(),
    )
}

fn position(found: Option<usize>) -> Option<Value> {
    Some(Value::int(
        found.and_then(|at| i32::try_from(at).ok()).unwrap_or(-1),
    ))
}

pub(super) fn call(this: &Rc<str>, name: &str, arguments: &[Value]) -> Called {
    let text = |text: String| Some(Value::text(text));
    let out_of_bounds = "an index that is out of bounds";
    let args: Vec<Arg<'_>> = arguments.iter().map(Arg::of).collect();
    let u = || units(this);
    Ok(match (name, args.as_slice()) {
        ("length", []) => position(Some(u().len())),
        ("isEmpty", []) => Some(Value::Bool(this.is_empty())),
        ("isBlank", []) => Some(Value::Bool(this.trim().is_empty())),
        ("trim", []) => text(this.trim_matches(|c: char| c <= ' ').to_owned()),
        ("strip", []) => text(this.trim().to_owned()),
        ("toLowerCase", []) => text(this.to_lowercase()),
        ("toUpperCase", []) => text(this.to_uppercase()),
        ("intern", []) => text(this.to_string()),
        ("getBytes", []) => Some(bytes(this)),
        ("toCharArray", []) => Some(Value::list(
            u().iter()
                .map(|unit| Value::text(from_units(&[*unit])))
                .collect(),
        )),
        ("concat", [Arg::Text(other)]) => text(format!("{this}{other}")),
        ("contains", [Arg::Text(other)]) => Some(Value::Bool(this.contains(other))),
        ("startsWith", [Arg::Text(other)]) => Some(Value::Bool(this.starts_with(other))),
        ("startsWith", [Arg::Text(other), Arg::Int(from)]) => Some(Value::Bool(
            usize::try_from(*from)
                .ok()
                .and_then(|from| u().get(from..).map(|rest| rest.starts_with(&units(other))))
                .unwrap_or(false),
        )),
        ("endsWith", [Arg::Text(other)]) => Some(Value::Bool(this.ends_with(other))),
        ("equalsIgnoreCase", [Arg::Text(other)]) => {
            Some(Value::Bool(this.to_lowercase() == other.to_lowercase()))
        }
        ("contentEquals", [Arg::Text(other)]) => Some(Value::Bool(&**this == *other)),
        ("compareTo", [Arg::Text(other)]) => Some(Value::int(compare(&u(), &units(other)))),
        ("compareToIgnoreCase", [Arg::Text(other)]) => Some(Value::int(compare(
            &units(&this.to_lowercase()),
            &units(&other.to_lowercase()),
        ))),
        // The class's own signature is there, and throws.
        ("compareTo", [_]) => return failed("`compareTo` of another class"),
        ("indexOf", [Arg::Text(other)]) => position(index_of(&u(), &units(other), 0)),
        ("indexOf", [Arg::Int(code)]) => position(index_of(&u(), &code_point(*code), 0)),
        ("indexOf", [Arg::Text(other), Arg::Int(from)]) => position(index_of(
            &u(),
            &units(other),
            usize::try_from(*from).unwrap_or(0),
        )),
        ("lastIndexOf", [Arg::Text(other)]) => {
            position(last_index_of(&u(), &units(other), usize::MAX))
        }
        ("lastIndexOf", [Arg::Int(code)]) => {
            position(last_index_of(&u(), &code_point(*code), usize::MAX))
        }
        ("lastIndexOf", [Arg::Text(other), Arg::Int(from)]) => position(
            usize::try_from(*from)
                .ok()
                .and_then(|from| last_index_of(&u(), &units(other), from)),
        ),
        ("substring" | "subSequence", [Arg::Int(from), rest @ ..]) => {
            let u = u();
            let to = match (rest, name) {
                ([], "substring") => Some(u.len()),
                ([Arg::Int(to)], _) => usize::try_from(*to).ok(),
                _ => return Ok(None),
            };
            let part = usize::try_from(*from)
                .ok()
                .zip(to)
                .and_then(|(from, to)| u.get(from..to));
            match part {
                Some(part) => text(from_units(part)),
                None => return failed(out_of_bounds),
            }
        }
        ("charAt", [Arg::Int(at)]) => {
            match usize::try_from(*at)
                .ok()
                .and_then(|at| u().get(at).copied())
            {
                Some(unit) => text(from_units(&[unit])),
                None => return failed(out_of_bounds),
            }
        }
        ("codePointAt", [Arg::Int(at)]) => {
            let u = u();
            let rest = usize::try_from(*at).ok().and_then(|at| u.get(at..));
            match rest.and_then(|rest| char::decode_utf16(rest.iter().copied()).next()) {
                Some(Ok(c)) => position(Some(c as usize)),
                Some(Err(half)) => position(Some(usize::from(half.unpaired_surrogate()))),
                None => return failed(out_of_bounds),
            }
        }
        ("replace", [Arg::Text(from), Arg::Text(to)]) => text(this.replace(from, to)),
        ("replaceAll", [Arg::Text(pattern), Arg::Text(with)]) => {
            match regex::replace(pattern, this, with, true) {
                Ok(replaced) => text(replaced),
                Err(error) => return failed(error),
            }
        }
        ("replaceFirst", [Arg::Text(pattern), Arg::Text(with)]) => {
            match regex::replace(pattern, this, with, false) {
                Ok(replaced) => text(replaced),
                Err(error) => return failed(error),
            }
        }
        ("matches", [Arg::Text(pattern)]) => match regex::compile(pattern) {
            Ok(_) => Some(Value::Bool(regex::matches(pattern, this))),
            Err(error) => return failed(error),
        },
        ("split", [Arg::Text(pattern), rest @ ..]) => {
            let limit = match rest {
                [] => 0,
                [Arg::Int(limit)] => *limit,
                _ => return Ok(None),
            };
            match regex::split(pattern, this, limit) {
                Ok(parts) => Some(Value::list(parts.into_iter().map(Value::text).collect())),
                Err(error) => return failed(error),
            }
        }
        ("repeat", [Arg::Int(times)]) => match usize::try_from(*times) {
            Ok(times) if this.len().saturating_mul(times) <= 10_000_000 => text(this.repeat(times)),
            _ => return failed("`repeat` of this number"),
        },
        (
            "regionMatches",
            [
                Arg::Int(at),
                Arg::Text(other),
                Arg::Int(from),
                Arg::Int(length),
            ],
        ) => {
            let part = |text: &str, from: i32| {
                let (from, length) = (usize::try_from(from).ok()?, usize::try_from(*length).ok()?);
                units(text)
                    .get(from..from.checked_add(length)?)
                    .map(<[u16]>::to_vec)
            };
            let (a, b) = (part(this, *at), part(other, *from));
            Some(Value::Bool(a.is_some() && a == b))
        }
        ("valueOf" | "copyValueOf", [_]) => {
            arguments.first().map(|value| Value::text(value.print()))
        }
        ("format", [Arg::Text(format), ..]) => {
            match super::java_text::format(format, arguments.get(1..).unwrap_or_default()) {
                Some(formatted) => text(formatted),
                None => return failed("`format` of this pattern with these values"),
            }
        }
        ("join", [Arg::Text(separator), Arg::List(items)]) => text(
            items
                .iter()
                .map(Value::print)
                .collect::<Vec<_>>()
                .join(separator),
        ),
        _ => None,
    })
}

/// An argument by the signatures that take it.
enum Arg<'a> {
    Text(&'a str),
    Int(i32),
    List(Vec<Value>),
    Other,
}

impl<'a> Arg<'a> {
    fn of(value: &'a Value) -> Arg<'a> {
        match value {
            Value::Text(text) => Arg::Text(text),
            Value::Number(Number::Int(number)) => Arg::Int(*number),
            Value::List(list) => Arg::List(list.items.borrow().clone()),
            _ => Arg::Other,
        }
    }
}

/// `compareTo`: the difference of the first units that differ, else of the lengths.
fn compare(a: &[u16], b: &[u16]) -> i32 {
    for (a, b) in a.iter().zip(b) {
        if a != b {
            return i32::from(*a) - i32::from(*b);
        }
    }
    i32::try_from(a.len()).unwrap_or(i32::MAX) - i32::try_from(b.len()).unwrap_or(i32::MAX)
}

fn code_point(code: i32) -> Vec<u16> {
    match u32::try_from(code).ok().and_then(char::from_u32) {
        Some(c) => c.encode_utf16(&mut [0; 2]).to_vec(),
        // What no text holds.
        None => vec![0xd800, 0xd800],
    }
}
