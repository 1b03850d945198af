//! Running a compiled schema over a value.

use super::equal::{number, same};
use super::stream::surely;
use super::{Check, Format, MAX_DEPTH};
use crate::json::{Bound, Heap, JsonError, Mode, parse};
use crate::value::{Text, Value};
use crate::vtl::regex::{self, Captures, RunError};

/// The keyword that refused a value, as a schema writes it.
pub type Keyword = &'static str;

/// Whether the program admits the JSON text `body`: `None`, or the keyword that refuses it. Most bodies that fit are read in one
/// pass that keeps nothing; else as [`parse`] and [`validate`].
///
/// # Errors
/// Theirs.
pub fn judge(heap: &mut Heap<'_>, code: &[u8], body: Text) -> Result<Option<Keyword>, JsonError> {
    if surely(heap, code, body) {
        return Ok(None);
    }
    let value = parse(heap, body, Mode::Strict)?;
    Ok(validate(heap, code, value)?)
}

/// Whether the program from `code`'s first node on admits `value`: `None`, or the keyword that refuses it.
///
/// Work: a unit per check and value. `minLength` and its like count characters.
///
/// # Errors
/// A bound that was met; the caller treats the value as refused.
pub fn validate(heap: &mut Heap<'_>, code: &[u8], value: Value) -> Result<Option<Keyword>, Bound> {
    Run { code }.node(heap, 0, value, 0)
}

/// Whether every node and check of a program can be read.
#[must_use]
pub fn verify(code: &[u8]) -> bool {
    let mut rest = code;
    while let Some((tag, tail)) = rest.split_first() {
        if *tag == 0 {
            rest = tail;
            continue;
        }
        let (Some(_), Some((_, tail))) = (Check::of(*tag), run(tail)) else {
            return false;
        };
        rest = tail;
    }
    code.last() == Some(&0)
}

/// A run of bytes behind its length.
pub(super) fn run(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (len, rest) = bytes.split_first_chunk()?;
    rest.split_at_checked(u32::from_le_bytes(*len) as usize)
}

pub(super) fn word(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u32::from_le_bytes(*number), rest))
}

/// Numbers of four bytes until the end.
pub(super) fn words(mut bytes: &[u8]) -> impl Iterator<Item = u32> + '_ {
    core::iter::from_fn(move || {
        let (number, rest) = word(bytes)?;
        bytes = rest;
        Some(number)
    })
}

/// Runs until the end.
pub(super) fn runs(mut bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    core::iter::from_fn(move || {
        let (part, rest) = run(bytes)?;
        bytes = rest;
        Some(part)
    })
}

pub(super) struct Run<'c> {
    pub(super) code: &'c [u8],
}

const REFUSED: Keyword = "schema";

impl Run<'_> {
    fn node(
        &self,
        heap: &mut Heap<'_>,
        at: u32,
        value: Value,
        depth: u32,
    ) -> Result<Option<Keyword>, Bound> {
        if depth > MAX_DEPTH {
            return Err(Bound::Depth);
        }
        let Some(mut rest) = self.code.get(at as usize..) else {
            return Ok(Some(REFUSED));
        };
        loop {
            heap.spend(1)?;
            let Some((tag, tail)) = rest.split_first() else {
                return Ok(Some(REFUSED));
            };
            if *tag == 0 {
                return Ok(None);
            }
            let (Some(check), Some((operands, tail))) = (Check::of(*tag), run(tail)) else {
                return Ok(Some(REFUSED));
            };
            if let Some(keyword) = self.check(heap, check, operands, value, depth)? {
                return Ok(Some(keyword));
            }
            rest = tail;
        }
    }

    pub(super) fn passes(
        &self,
        heap: &mut Heap<'_>,
        at: u32,
        value: Value,
        depth: u32,
    ) -> Result<bool, Bound> {
        Ok(self.node(heap, at, value, depth + 1)?.is_none())
    }

    pub(super) fn check(
        &self,
        heap: &mut Heap<'_>,
        check: Check,
        operands: &[u8],
        value: Value,
        depth: u32,
    ) -> Result<Option<Keyword>, Bound> {
        let unless = |good: bool, keyword: Keyword| Ok(if good { None } else { Some(keyword) });
        let limit = || word(operands).map_or(0, |(limit, _)| limit);
        let size = || heap_len(heap, value);
        match (check, value) {
            (Check::Type, _) => unless(
                operands
                    .first()
                    .is_some_and(|mask| mask & class(heap, value) != 0),
                "type",
            ),
            (Check::Enum, _) => {
                for json in runs(operands) {
                    let mark = heap.scratch.mark();
                    let text = heap.scratch.push(json)?;
                    let one = match parse(heap, text, Mode::Strict) {
                        Ok(one) => same(heap, one, value, 0)?,
                        Err(JsonError::Bound(bound)) => return Err(bound),
                        Err(JsonError::Syntax(_)) => false,
                    };
                    heap.scratch.rewind(mark);
                    if one {
                        return Ok(None);
                    }
                }
                Ok(Some("enum"))
            }
            (Check::Minimum | Check::Maximum | Check::MultipleOf, _) => {
                let (Some(own), Some((bound, rest))) =
                    (number(heap, value), operands.split_first_chunk())
                else {
                    return Ok(None);
                };
                let bound = f64::from_le_bytes(*bound);
                let exclusive = rest.first() == Some(&1);
                match check {
                    Check::Minimum => unless(own > bound || own == bound && !exclusive, "minimum"),
                    Check::Maximum => unless(own < bound || own == bound && !exclusive, "maximum"),
                    _ => unless(is_multiple(own, bound), "multipleOf"),
                }
            }
            (Check::MinLength, Value::Text(text)) => {
                unless(characters(heap, text) >= limit(), "minLength")
            }
            (Check::MaxLength, Value::Text(text)) => {
                unless(characters(heap, text) <= limit(), "maxLength")
            }
            (Check::Pattern, Value::Text(text)) => {
                let program = run(operands).map_or(&[][..], |(program, _)| program);
                unless(found(heap, program, text)?, "pattern")
            }
            (Check::Format, Value::Text(text)) => {
                let format = operands.first().and_then(|number| Format::of(*number));
                let text = core::str::from_utf8(heap.bytes(text)).ok();
                unless(
                    matches!((format, text), (Some(format), Some(text)) if format.admits(text)),
                    "format",
                )
            }
            (Check::MinItems, Value::List(_)) => unless(size() >= limit(), "minItems"),
            (Check::MaxItems, Value::List(_)) => unless(size() <= limit(), "maxItems"),
            (Check::MinProperties, Value::Map(_)) => unless(size() >= limit(), "minProperties"),
            (Check::MaxProperties, Value::Map(_)) => unless(size() <= limit(), "maxProperties"),
            (Check::UniqueItems, Value::List(_)) => {
                let len = size();
                for right in 1..len {
                    for left in 0..right {
                        let (a, b) = (
                            heap.item(value, left).unwrap_or_default(),
                            heap.item(value, right).unwrap_or_default(),
                        );
                        if same(heap, a, b, 0)? {
                            return Ok(Some("uniqueItems"));
                        }
                    }
                }
                Ok(None)
            }
            (Check::Items, Value::List(_)) => {
                let len = size();
                for index in 0..len {
                    let item = heap.item(value, index).unwrap_or_default();
                    if let Some(keyword) = self.node(heap, limit(), item, depth + 1)? {
                        return Ok(Some(keyword));
                    }
                }
                Ok(None)
            }
            (Check::Tuple, Value::List(_)) => self.tuple(heap, operands, value, depth),
            (Check::Required, Value::Map(_)) => {
                for name in runs(operands) {
                    if heap.member(value, name)?.is_none() {
                        return Ok(Some("required"));
                    }
                }
                Ok(None)
            }
            (Check::Properties, Value::Map(_)) => self.properties(heap, operands, value, depth),
            (Check::RequiredWith, Value::Map(_)) => {
                let mut names = runs(operands);
                let Some(name) = names.next() else {
                    return Ok(None);
                };
                if heap.member(value, name)?.is_some() {
                    for name in names {
                        if heap.member(value, name)?.is_none() {
                            return Ok(Some("dependencies"));
                        }
                    }
                }
                Ok(None)
            }
            (Check::SchemaWith, Value::Map(_)) => {
                let Some((node, name)) = word(operands) else {
                    return Ok(Some(REFUSED));
                };
                if heap.member(value, name)?.is_some() {
                    self.node(heap, node, value, depth + 1)
                } else {
                    Ok(None)
                }
            }
            (Check::AllOf, _) => {
                for node in words(operands) {
                    if let Some(keyword) = self.node(heap, node, value, depth + 1)? {
                        return Ok(Some(keyword));
                    }
                }
                Ok(None)
            }
            (Check::AnyOf, _) => {
                for node in words(operands) {
                    if self.passes(heap, node, value, depth)? {
                        return Ok(None);
                    }
                }
                Ok(Some("anyOf"))
            }
            (Check::OneOf, _) => {
                let mut passed = 0;
                for node in words(operands) {
                    passed += u32::from(self.passes(heap, node, value, depth)?);
                }
                unless(passed == 1, "oneOf")
            }
            (Check::Not, _) => unless(!self.passes(heap, limit(), value, depth)?, "not"),
            (Check::Ref, _) => self.node(heap, limit(), value, depth + 1),
            // A keyword for another type says nothing.
            _ => Ok(None),
        }
    }

    fn tuple(
        &self,
        heap: &mut Heap<'_>,
        operands: &[u8],
        value: Value,
        depth: u32,
    ) -> Result<Option<Keyword>, Bound> {
        let Some((mode, (other, nodes))) = operands
            .split_first()
            .and_then(|(mode, rest)| Some((*mode, word(rest)?)))
        else {
            return Ok(Some(REFUSED));
        };
        let mut nodes = words(nodes);
        for index in 0..heap_len(heap, value) {
            let item = heap.item(value, index).unwrap_or_default();
            let node = match (nodes.next(), mode) {
                (Some(node), _) => node,
                (None, 0) => break,
                (None, 1) => return Ok(Some("additionalItems")),
                (None, _) => other,
            };
            if let Some(keyword) = self.node(heap, node, item, depth + 1)? {
                return Ok(Some(keyword));
            }
        }
        Ok(None)
    }

    fn properties(
        &self,
        heap: &mut Heap<'_>,
        operands: &[u8],
        value: Value,
        depth: u32,
    ) -> Result<Option<Keyword>, Bound> {
        let Some((mode, (other, rest))) = operands
            .split_first()
            .and_then(|(mode, rest)| Some((*mode, word(rest)?)))
        else {
            return Ok(Some(REFUSED));
        };
        let Some((named, rest)) = run(rest) else {
            return Ok(Some(REFUSED));
        };
        let Some((patterned, _)) = run(rest) else {
            return Ok(Some(REFUSED));
        };
        for index in 0..heap_len(heap, value) {
            let Some((Value::Text(key), member)) = heap.pair(value, index) else {
                continue;
            };
            let mut known = false;
            for entry in runs(named) {
                heap.spend(1)?;
                if let Some((node, name)) = word(entry)
                    && heap.bytes(key) == name
                {
                    known = true;
                    if let Some(keyword) = self.node(heap, node, member, depth + 1)? {
                        return Ok(Some(keyword));
                    }
                    break;
                }
            }
            for entry in runs(patterned) {
                if let Some((node, pattern)) = word(entry)
                    && found(heap, pattern, key)?
                {
                    known = true;
                    if let Some(keyword) = self.node(heap, node, member, depth + 1)? {
                        return Ok(Some(keyword));
                    }
                }
            }
            match (known, mode) {
                (true, _) | (false, 0) => {}
                (false, 1) => return Ok(Some("additionalProperties")),
                (false, _) => {
                    if let Some(keyword) = self.node(heap, other, member, depth + 1)? {
                        return Ok(Some(keyword));
                    }
                }
            }
        }
        Ok(None)
    }
}

pub(super) fn heap_len(heap: &Heap<'_>, value: Value) -> u32 {
    heap.object(value).map_or(0, |object| object.len())
}

/// The bits of `type` that a value has.
pub(super) fn class(heap: &Heap<'_>, value: Value) -> u8 {
    match value {
        Value::Null | Value::Missing => 1,
        Value::Bool(_) => 2,
        Value::Map(_) => 4,
        Value::List(_) => 8,
        Value::Text(_) => 16,
        Value::Int(_) => 32 | 64,
        Value::Big(digits) => {
            let whole = !heap
                .bytes(digits)
                .iter()
                .any(|byte| matches!(byte, b'.' | b'e' | b'E'));
            if whole { 32 | 64 } else { 32 }
        }
        Value::Double(_) => 32,
        Value::Object(_) => 0,
    }
}

pub(super) fn characters(heap: &Heap<'_>, text: Text) -> u32 {
    heap.bytes(text)
        .iter()
        .filter(|byte| **byte & 0xC0 != 0x80)
        .count() as u32
}

pub(super) fn found(heap: &mut Heap<'_>, pattern: &[u8], text: Text) -> Result<bool, Bound> {
    match regex::find(heap, pattern, text, 0, &mut Captures::default()) {
        Ok(found) => Ok(found),
        Err(RunError::Bound(bound)) => Err(bound),
        Err(RunError::Corrupt) => Ok(false),
    }
}

/// Whether `own` is a whole number of `unit`s, as far as doubles can tell: `0.0075` is 75 times `0.0001`.
fn is_multiple(own: f64, unit: f64) -> bool {
    let times = own / unit;
    if !times.is_finite() {
        return own % unit == 0.0;
    }
    let rest = times % 1.0;
    let rest = if rest < 0.0 { -rest } else { rest };
    let near = 1e-9 * if times.abs() > 1.0 { 1.0 } else { times.abs() };
    rest <= near || 1.0 - rest <= near
}
