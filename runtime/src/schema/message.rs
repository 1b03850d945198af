//! What the reference's validator says of a check that does not hold: the texts of `validation.properties` in
//! json-schema-validator 2.2, its values as Jackson prints them.

use super::decimal;
use super::validate::{characters, class, heap_len, run, runs, word};
use super::{Check, Format, MAX_DEPTH};
use crate::json::{Bound, Heap, TextBuffer};
use crate::value::{Text, Value};

/// Types in the order of the bits of [`Check::Type`].
const TYPES: [&str; 7] = [
    "null", "boolean", "object", "array", "string", "number", "integer",
];

/// Writes what a check says of a value that it refused. Those that count, or look at members, have functions of
/// their own.
pub(super) fn check(
    heap: &mut Heap<'_>,
    check: Check,
    operands: &[u8],
    value: Value,
) -> Result<(), Bound> {
    let limit = word(operands).map_or(0, |(limit, _)| limit);
    match check {
        Check::Type => {
            text(heap, "instance type (")?;
            let own = class(heap, value);
            // A whole number is told as an integer, though it is a number too.
            let name = TYPES
                .iter()
                .enumerate()
                .rev()
                .find(|(bit, _)| own & 1 << bit != 0)
                .map_or("null", |(_, name)| name);
            text(heap, name)?;
            text(
                heap,
                ") does not match any allowed primitive type (allowed: [",
            )?;
            types(heap, operands.first().copied().unwrap_or(0))?;
            text(heap, "])")
        }
        Check::Enum => {
            text(heap, "instance value (")?;
            json(heap, value, 0)?;
            text(heap, ") not found in enum (possible values: [")?;
            for (at, json) in runs(operands).enumerate() {
                text(heap, if at > 0 { "," } else { "" })?;
                heap.scratch.emit(json)?;
            }
            text(heap, "])")
        }
        Check::Minimum | Check::Maximum => bound(heap, check, operands, value),
        Check::MultipleOf => {
            text(heap, "remainder of division is not zero (")?;
            json(heap, value, 0)?;
            text(heap, " / ")?;
            heap.scratch.emit(operands.get(8..).unwrap_or(&[]))?;
            text(heap, ")")
        }
        Check::MinLength | Check::MaxLength => {
            let Value::Text(own) = value else {
                return Ok(());
            };
            let short = check == Check::MinLength;
            text(heap, "string \"")?;
            heap.emit(own)?;
            let kind = if short { "short" } else { "long" };
            text(heap, "\" is too ")?;
            text(heap, kind)?;
            text(heap, " (length: ")?;
            count(heap, characters(heap, own))?;
            let kind = if short {
                ", required minimum: "
            } else {
                ", maximum allowed: "
            };
            text(heap, kind)?;
            count(heap, limit)?;
            text(heap, ")")
        }
        Check::Pattern => {
            text(heap, "ECMA 262 regex \"")?;
            heap.scratch
                .emit(run(operands).map_or(&[][..], |(_, pattern)| pattern))?;
            text(heap, "\" does not match input string \"")?;
            raw(heap, value)?;
            text(heap, "\"")
        }
        Check::Format => {
            text(heap, "string \"")?;
            raw(heap, value)?;
            let format = operands.first().and_then(|number| Format::of(*number));
            text(
                heap,
                match format {
                    Some(Format::DateTime) => {
                        "\" is invalid against requested date format(s) [yyyy-MM-dd'T'HH:mm:ssZ, yyyy-MM-dd'T'HH:mm:ss.[0-9]{1,12}Z]"
                    }
                    Some(Format::Email) => "\" is not a valid email address",
                    Some(Format::Hostname) => "\" is not a valid hostname",
                    Some(Format::Ipv4) => "\" is not a valid IPv4 address",
                    Some(Format::Ipv6) => "\" is not a valid IPv6 address",
                    Some(Format::Uri) | None => "\" is not a valid URI",
                },
            )
        }
        Check::MinItems | Check::MaxItems => {
            let short = check == Check::MinItems;
            let (kind, end) = if short {
                ("short", "least ")
            } else {
                ("long", "most ")
            };
            text(heap, "array is too ")?;
            text(heap, kind)?;
            text(heap, ": must have at ")?;
            text(heap, end)?;
            count(heap, limit)?;
            text(heap, " elements but instance has ")?;
            count(heap, heap_len(heap, value))?;
            text(heap, " elements")
        }
        Check::MinProperties | Check::MaxProperties => {
            let few = check == Check::MinProperties;
            let (kind, end) = if few {
                ("few", "least ")
            } else {
                ("many", "most ")
            };
            text(heap, "object has too ")?;
            text(heap, kind)?;
            text(heap, " properties (found ")?;
            count(heap, heap_len(heap, value))?;
            text(heap, " but schema requires at ")?;
            text(heap, end)?;
            count(heap, limit)?;
            text(heap, ")")
        }
        Check::UniqueItems => text(heap, "array must not contain duplicate elements"),
        Check::Required => {
            text(heap, "object has missing required properties ([")?;
            missing(heap, runs(operands), value)?;
            text(heap, "])")
        }
        Check::RequiredWith => {
            let (name, others) = run(operands).unwrap_or_default();
            text(heap, "property \"")?;
            heap.scratch.emit(name)?;
            text(
                heap,
                "\" of object has missing property dependencies (schema requires [",
            )?;
            for (at, name) in runs(others).enumerate() {
                item(heap, at > 0, name)?;
            }
            text(heap, "]; missing: [")?;
            missing(heap, runs(others), value)?;
            text(heap, "])")
        }
        Check::Not => text(heap, "instance matched a schema which it should not have"),
        _ => Ok(()),
    }
}

/// Too large or too small a number.
fn bound(heap: &mut Heap<'_>, check: Check, operands: &[u8], value: Value) -> Result<(), Bound> {
    let Some((bound, rest)) = operands.split_first_chunk() else {
        return Ok(());
    };
    let written = rest.get(1..).unwrap_or(&[]);
    let lower = check == Check::Minimum;
    // The bound itself is refused where it is exclusive, in words that leave the value out.
    if super::equal::number(heap, value) == Some(f64::from_le_bytes(*bound)) {
        text(
            heap,
            if lower {
                "numeric instance is not strictly greater than the required minimum "
            } else {
                "numeric instance is not strictly lower than the required maximum "
            },
        )?;
        return Ok(heap.scratch.emit(written)?);
    }
    text(
        heap,
        if lower {
            "numeric instance is lower than the required minimum (minimum: "
        } else {
            "numeric instance is greater than the required maximum (maximum: "
        },
    )?;
    heap.scratch.emit(written)?;
    text(heap, ", found: ")?;
    json(heap, value, 0)?;
    text(heap, ")")
}

/// What `additionalItems` says.
pub(super) fn items(heap: &mut Heap<'_>, allowed: u32, found: u32) -> Result<(), Bound> {
    text(heap, "schema only allows ")?;
    count(heap, allowed)?;
    text(heap, " elements in array but instance has ")?;
    count(heap, found)?;
    text(heap, " elements")
}

/// What `additionalProperties` says of the members of `map` whose numbers are in the cells `from..from + n`.
pub(super) fn extra(heap: &mut Heap<'_>, map: Value, from: u32, n: u32) -> Result<(), Bound> {
    text(
        heap,
        "object instance has properties which are not allowed by the schema: [",
    )?;
    for at in 0..n {
        let Some(Value::Int(number)) = heap.scratch.cell(from + at) else {
            continue;
        };
        text(heap, if at > 0 { "," } else { "" })?;
        if let Some((name, _)) = heap.pair(map, number as u32) {
            json(heap, name, 0)?;
        }
    }
    text(heap, "]")
}

/// What `allOf`, `anyOf` and `oneOf` say, of which `fitting` schemas out of `of` fit.
pub(super) fn combined(
    heap: &mut Heap<'_>,
    check: Check,
    fitting: u32,
    of: u32,
) -> Result<(), Bound> {
    text(heap, "instance failed to match ")?;
    match check {
        Check::AnyOf => text(heap, "at least one required schema among ")?,
        Check::AllOf => text(heap, "all required schemas (matched only ")?,
        _ => text(heap, "exactly one schema (matched ")?,
    }
    if check == Check::AnyOf {
        return count(heap, of);
    }
    count(heap, fitting)?;
    text(heap, " out of ")?;
    count(heap, of)?;
    text(heap, ")")
}

/// The names of a mask of types, in the order of the alphabet. Who allows numbers allows integers.
fn types(heap: &mut Heap<'_>, mask: u8) -> Result<(), Bound> {
    let mask = if mask & 32 != 0 { mask | 64 } else { mask };
    let mut names = TYPES;
    names.sort_unstable();
    let mut later = false;
    for name in names {
        let bit = TYPES.iter().position(|own| *own == name).unwrap_or(0);
        if mask & 1 << bit != 0 {
            item(heap, later, name.as_bytes())?;
            later = true;
        }
    }
    Ok(())
}

/// Those of the names that an object has no member of.
fn missing<'n>(
    heap: &mut Heap<'_>,
    names: impl Iterator<Item = &'n [u8]>,
    value: Value,
) -> Result<(), Bound> {
    let mut later = false;
    for name in names {
        if heap.member(value, name)?.is_none() {
            item(heap, later, name)?;
            later = true;
        }
    }
    Ok(())
}

/// A name in quotes, behind a comma unless it is the first.
fn item(heap: &mut Heap<'_>, later: bool, name: &[u8]) -> Result<(), Bound> {
    text(heap, if later { ",\"" } else { "\"" })?;
    for byte in name {
        escaped(heap, *byte)?;
    }
    text(heap, "\"")
}

fn text(heap: &mut Heap<'_>, text: &str) -> Result<(), Bound> {
    Ok(heap.scratch.emit(text.as_bytes())?)
}

/// A text as it is, without quotes.
fn raw(heap: &mut Heap<'_>, value: Value) -> Result<(), Bound> {
    match value {
        Value::Text(text) => heap.emit(text),
        _ => Ok(()),
    }
}

fn count(heap: &mut Heap<'_>, count: u32) -> Result<(), Bound> {
    Ok(heap
        .scratch
        .emit(TextBuffer::int(i64::from(count)).as_bytes())?)
}

/// A value as Jackson prints it: nothing is escaped but quotes, backslashes and controls. A unit of work per value
/// and byte of a text.
fn json(heap: &mut Heap<'_>, value: Value, depth: u32) -> Result<(), Bound> {
    if depth > MAX_DEPTH * 4 {
        return Err(Bound::Depth);
    }
    heap.spend(1)?;
    match value {
        Value::Bool(truth) => text(heap, if truth { "true" } else { "false" }),
        Value::Int(number) => Ok(heap.scratch.emit(TextBuffer::int(number).as_bytes())?),
        Value::Big(digits) => decimal::emit(heap, digits),
        Value::Text(own) => quoted(heap, own),
        Value::List(_) | Value::Map(_) => {
            let list = matches!(value, Value::List(_));
            text(heap, if list { "[" } else { "{" })?;
            for index in 0..heap_len(heap, value) {
                text(heap, if index > 0 { "," } else { "" })?;
                let item = if list {
                    heap.item(value, index)
                } else {
                    let (name, member) = heap.pair(value, index).unwrap_or_default();
                    json(heap, name, depth + 1)?;
                    text(heap, ":")?;
                    Some(member)
                };
                json(heap, item.unwrap_or_default(), depth + 1)?;
            }
            text(heap, if list { "]" } else { "}" })
        }
        Value::Missing | Value::Null | Value::Double(_) | Value::Object(_) => text(heap, "null"),
    }
}

fn quoted(heap: &mut Heap<'_>, own: Text) -> Result<(), Bound> {
    heap.spend(u64::from(own.len))?;
    text(heap, "\"")?;
    for at in 0..own.len as usize {
        let byte = heap.bytes(own).get(at).copied().unwrap_or(b'?');
        escaped(heap, byte)?;
    }
    text(heap, "\"")
}

fn escaped(heap: &mut Heap<'_>, byte: u8) -> Result<(), Bound> {
    let short = match byte {
        b'"' | b'\\' => byte,
        8 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        12 => b'f',
        b'\r' => b'r',
        0..0x20 => {
            let low = if byte & 15 < 10 { b'0' } else { b'A' - 10 } + (byte & 15);
            return Ok(heap
                .scratch
                .emit(&[b'\\', b'u', b'0', b'0', b'0' + byte / 16, low])?);
        }
        _ => return Ok(heap.scratch.emit(&[byte])?),
    };
    Ok(heap.scratch.emit(&[b'\\', short])?)
}
