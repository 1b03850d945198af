//! What `$context.error.validationErrorString` says of a value that was refused.
//!
//! The reference runs a Java validator of draft 4 and lists its texts; those of the common keywords are the
//! same here. Only the first refusal is told.

use super::Check;
use super::validate::{Blame, Refusal, characters, class, found, heap_len, run, runs, word, words};
use crate::json::{Bound, Heap, Style};
use crate::value::{Text, Value};

/// Types in the order of the bits of [`Check::Type`].
const TYPES: [&str; 7] = [
    "null", "boolean", "object", "array", "string", "number", "integer",
];

/// The text of a refusal by the program `code`, in brackets.
///
/// # Errors
/// A bound that was met.
pub fn report(heap: &mut Heap<'_>, code: &[u8], refusal: &Refusal) -> Result<Text, Bound> {
    let start = heap.scratch.out_len();
    heap.scratch.emit(b"[")?;
    let told = match &refusal.blame {
        Some(blame) => tell(heap, code, blame)?,
        None => false,
    };
    if !told {
        heap.scratch.emit(b"instance does not fit the keyword \"")?;
        heap.scratch.emit(refusal.keyword.as_bytes())?;
        heap.scratch.emit(b"\"")?;
    }
    heap.scratch.emit(b"]")?;
    Ok(heap.scratch.cut_out(start))
}

/// Writes what a check says; `false`: it has no text of its own.
fn tell(heap: &mut Heap<'_>, code: &[u8], blame: &Blame) -> Result<bool, Bound> {
    let (from, to) = blame.operands;
    let operands = code.get(from..to).unwrap_or(&[]);
    let value = blame.value;
    match blame.check {
        Check::Type => {
            let mask = operands.first().copied().unwrap_or(0);
            let own = class(heap, value);
            // A whole number is told as an integer, though it is a number too.
            let name = TYPES
                .iter()
                .rev()
                .zip((0..TYPES.len()).rev())
                .find(|(_, bit)| own & 1 << bit != 0)
                .map_or("null", |(name, _)| name);
            text(heap, "instance type (")?;
            text(heap, name)?;
            text(
                heap,
                ") does not match any allowed primitive type (allowed: [",
            )?;
            let mut allowed: [&str; 7] = TYPES;
            allowed.sort_unstable();
            let mut first = true;
            for name in allowed {
                let bit = TYPES.iter().position(|t| *t == name).unwrap_or(0);
                if mask & 1 << bit != 0 {
                    text(heap, if first { "\"" } else { ",\"" })?;
                    text(heap, name)?;
                    text(heap, "\"")?;
                    first = false;
                }
            }
            text(heap, "])")?;
        }
        Check::Enum => {
            text(heap, "instance value (")?;
            heap.print(value, Style::Json)?;
            text(heap, ") not found in enum (possible values: [")?;
            for (i, json) in runs(operands).enumerate() {
                if i > 0 {
                    text(heap, ",")?;
                }
                heap.scratch.emit(json)?;
            }
            text(heap, "])")?;
        }
        Check::Minimum | Check::Maximum => {
            let Some((bound, rest)) = operands.split_first_chunk() else {
                return Ok(false);
            };
            let exclusive = rest.first() == Some(&1);
            let lower = blame.check == Check::Minimum;
            text(
                heap,
                match (lower, exclusive) {
                    (true, false) => {
                        "numeric instance is lower than the required minimum (minimum: "
                    }
                    (false, false) => {
                        "numeric instance is greater than the required maximum (maximum: "
                    }
                    (true, true) => {
                        "numeric instance is not strictly greater than the required minimum (minimum: "
                    }
                    (false, true) => {
                        "numeric instance is not strictly lower than the required maximum (maximum: "
                    }
                },
            )?;
            number(heap, f64::from_le_bytes(*bound))?;
            text(heap, ", found: ")?;
            heap.print(value, Style::Json)?;
            text(heap, ")")?;
        }
        Check::MinLength | Check::MaxLength => {
            let Value::Text(own) = value else {
                return Ok(false);
            };
            let limit = word(operands).map_or(0, |(limit, _)| limit);
            let length = characters(heap, own);
            text(heap, "string ")?;
            heap.print(value, Style::Json)?;
            text(
                heap,
                if blame.check == Check::MinLength {
                    " is too short (length: "
                } else {
                    " is too long (length: "
                },
            )?;
            count(heap, length)?;
            text(
                heap,
                if blame.check == Check::MinLength {
                    ", required minimum: "
                } else {
                    ", maximum allowed: "
                },
            )?;
            count(heap, limit)?;
            text(heap, ")")?;
        }
        Check::Required => {
            text(heap, "object has missing required properties ([")?;
            let mut first = true;
            for name in runs(operands) {
                if heap.member(value, name)?.is_none() {
                    item(heap, name, &mut first)?;
                }
            }
            text(heap, "])")?;
        }
        Check::Properties => {
            text(
                heap,
                "object instance has properties which are not allowed by the schema: [",
            )?;
            extra(heap, operands, value)?;
            text(heap, "]")?;
        }
        Check::OneOf => {
            text(
                heap,
                "instance failed to match exactly one schema (matched ",
            )?;
            count(heap, blame.fitting)?;
            text(heap, " out of ")?;
            count(heap, words(operands).count() as u32)?;
            text(heap, ")")?;
        }
        Check::AnyOf => {
            text(
                heap,
                "instance failed to match at least one required schema among ",
            )?;
            count(heap, words(operands).count() as u32)?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// The names of members that no part of `properties` knows.
fn extra(heap: &mut Heap<'_>, operands: &[u8], value: Value) -> Result<(), Bound> {
    let parts = operands.get(5..).and_then(run);
    let Some((named, rest)) = parts else {
        return Ok(());
    };
    let patterned = run(rest).map_or(&[][..], |(patterned, _)| patterned);
    let mut first = true;
    for index in 0..heap_len(heap, value) {
        let Some((Value::Text(key), _)) = heap.pair(value, index) else {
            continue;
        };
        let name = |entry| word(entry).map_or(&[][..], |(_, name)| name);
        let mut known = runs(named).any(|entry| name(entry) == heap.bytes(key));
        for entry in runs(patterned) {
            known = known || found(heap, name(entry), key)?;
        }
        if !known {
            text(heap, if first { "" } else { "," })?;
            heap.print(Value::Text(key), Style::Json)?;
            first = false;
        }
    }
    Ok(())
}

fn text(heap: &mut Heap<'_>, text: &str) -> Result<(), Bound> {
    Ok(heap.scratch.emit(text.as_bytes())?)
}

/// A name as a JSON text, behind a comma unless it is the first.
fn item(heap: &mut Heap<'_>, name: &[u8], first: &mut bool) -> Result<(), Bound> {
    text(heap, if *first { "" } else { "," })?;
    *first = false;
    let name = heap.text(name)?;
    heap.print(name, Style::Json)
}

fn count(heap: &mut Heap<'_>, count: u32) -> Result<(), Bound> {
    heap.print(Value::Int(i64::from(count)), Style::Json)
}

/// A bound as the schema would write it: whole numbers without a point.
fn number(heap: &mut Heap<'_>, number: f64) -> Result<(), Bound> {
    let whole = number as i64;
    let value = if whole as f64 == number {
        Value::Int(whole)
    } else {
        Value::Double(number)
    };
    heap.print(value, Style::Json)
}
