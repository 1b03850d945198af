//! What `$context.error.validationErrorString` says of a body that was refused: everything that does not fit, in
//! brackets.
//!
//! The reference runs json-schema-validator (java-json-tools, draft 4) with what it does by default, and lists the
//! messages of its report. What is listed, and in which order, is its `InstanceValidator`'s and `ValidatorBuilder`'s:
//! all keywords of a schema, in the order of their names, `format` last; then the value's items, or its members in
//! the order of their names, unless anything was refused so far, here or elsewhere (it checks no deeper then). So
//! members beside one that does not fit are still told, what is inside them is not. Schemas in `allOf`, `anyOf`,
//! `oneOf` and `not` make one entry, whatever is wrong in them; those of `dependencies` and `$ref` are told as if
//! they stood in place.

use super::validate::{Run, found, heap_len, run, runs, word, words};
use super::{Check, MAX_DEPTH, message, sort};
use crate::json::{Bound, Heap, Mode, parse};
use crate::scratch::Exhausted;
use crate::value::{Text, Value};

/// Entries of one list at most.
const ENTRIES: usize = 100;

/// Bytes of one list at most, without its last bracket.
const BYTES: usize = 64 * 1024;

/// Checks by the names of their keywords.
const ORDER: [Check; 23] = [
    // `additionalItems`, `additionalProperties`.
    Check::Tuple,
    Check::Properties,
    Check::AllOf,
    Check::AnyOf,
    // `dependencies`: those on names first.
    Check::RequiredWith,
    Check::SchemaWith,
    Check::Enum,
    // Capitals come before small letters.
    Check::MaxItems,
    Check::MaxLength,
    Check::MaxProperties,
    Check::Maximum,
    Check::MinItems,
    Check::MinLength,
    Check::MinProperties,
    Check::Minimum,
    Check::MultipleOf,
    Check::Not,
    Check::OneOf,
    Check::Pattern,
    Check::Required,
    Check::Type,
    Check::UniqueItems,
    Check::Format,
];

/// Everything in the JSON text `body` that the program `code` refuses, in brackets. The body is read anew, with its
/// numbers as they are written.
///
/// The list ends behind 100 entries, before one that would make it longer than 64 KiB, and where a bound is met: the
/// body is refused whatever it says.
///
/// # Errors
/// [`Bound::Memory`]: not even the brackets have room.
pub fn report(heap: &mut Heap<'_>, code: &[u8], body: Text) -> Result<Text, Bound> {
    let mark = heap.scratch.mark();
    let start = heap.scratch.out_len();
    heap.scratch.emit(b"[")?;
    let mut list = List {
        run: Run { code },
        start,
        end: start + 1,
        entries: 0,
    };
    let told = match parse(heap, body, Mode::Exact) {
        Ok(value) => list.node(heap, 0, value, 0),
        Err(_) => Err(End),
    };
    if let Err(End) = told {
        heap.scratch.truncate_out(list.end);
    }
    heap.scratch.rewind(mark);
    heap.scratch.emit(b"]")?;
    Ok(heap.scratch.cut_out(start))
}

struct List<'c> {
    run: Run<'c>,
    /// Where the list begins in the output, and where its last whole entry ends.
    start: usize,
    end: usize,
    entries: usize,
}

/// The list ends here.
struct End;

impl From<Bound> for End {
    fn from(_: Bound) -> End {
        End
    }
}

impl From<Exhausted> for End {
    fn from(_: Exhausted) -> End {
        End
    }
}

impl<'c> List<'c> {
    /// Adds what `write` writes.
    fn entry(
        &mut self,
        heap: &mut Heap<'_>,
        write: impl FnOnce(&mut Heap<'_>) -> Result<(), Bound>,
    ) -> Result<(), End> {
        if self.entries > 0 {
            heap.scratch.emit(b", ")?;
        }
        write(heap)?;
        let end = heap.scratch.out_len();
        if end - self.start > BYTES {
            return Err(End);
        }
        self.end = end;
        self.entries += 1;
        if self.entries == ENTRIES {
            return Err(End);
        }
        Ok(())
    }

    fn checks(&self, at: u32) -> impl Iterator<Item = (Check, &'c [u8])> + use<'c> {
        let mut rest = self.run.code.get(at as usize..).unwrap_or(&[]);
        core::iter::from_fn(move || {
            let (tag, tail) = rest.split_first()?;
            let (operands, tail) = run(tail)?;
            rest = tail;
            Some((Check::of(*tag)?, operands))
        })
    }

    fn node(&mut self, heap: &mut Heap<'_>, at: u32, value: Value, depth: u32) -> Result<(), End> {
        if depth > MAX_DEPTH {
            return Err(End);
        }
        // A reference stands for everything beside it.
        if let Some((Check::Ref, operands)) = self.checks(at).next() {
            heap.spend(1)?;
            return self.node(heap, node(operands), value, depth + 1);
        }
        for wanted in ORDER {
            for (check, operands) in self.checks(at) {
                heap.spend(1)?;
                if check == wanted {
                    self.check(heap, check, operands, value, depth)?;
                }
            }
        }
        if self.entries > 0 {
            return Ok(());
        }
        for (check, operands) in self.checks(at) {
            self.children(heap, check, operands, value, depth)?;
        }
        Ok(())
    }

    fn check(
        &mut self,
        heap: &mut Heap<'_>,
        check: Check,
        operands: &'c [u8],
        value: Value,
        depth: u32,
    ) -> Result<(), End> {
        match (check, value) {
            (Check::Tuple, Value::List(_)) => {
                let (mode, _, nodes) = additional(operands);
                let (allowed, found) = (words(nodes).count() as u32, heap_len(heap, value));
                if mode != 1 || found <= allowed {
                    return Ok(());
                }
                self.entry(heap, |heap| message::items(heap, allowed, found))
            }
            (Check::Properties, Value::Map(_)) => self.extra(heap, operands, value),
            (Check::AllOf | Check::AnyOf | Check::OneOf, _) => {
                let (mut fitting, mut of) = (0, 0);
                for node in words(operands) {
                    of += 1;
                    fitting += u32::from(self.run.passes(heap, node, value, depth)?);
                }
                let holds = match check {
                    Check::AllOf => fitting == of,
                    Check::AnyOf => fitting > 0,
                    _ => fitting == 1,
                };
                if holds {
                    return Ok(());
                }
                self.entry(heap, |heap| message::combined(heap, check, fitting, of))
            }
            (Check::SchemaWith, Value::Map(_)) => match word(operands) {
                Some((node, name)) if heap.member(value, name)?.is_some() => {
                    self.node(heap, node, value, depth + 1)
                }
                _ => Ok(()),
            },
            _ => match self.run.check(heap, check, operands, value, depth)? {
                Some(_) => self.entry(heap, |heap| message::check(heap, check, operands, value)),
                None => Ok(()),
            },
        }
    }

    /// The members that `additionalProperties` refuses.
    fn extra(&mut self, heap: &mut Heap<'_>, operands: &[u8], map: Value) -> Result<(), End> {
        let members = Members::of(operands);
        if members.mode != 1 {
            return Ok(());
        }
        let mark = heap.scratch.mark();
        let from = heap.scratch.cells_len();
        for index in 0..heap_len(heap, map) {
            let Some((Value::Text(name), _)) = heap.pair(map, index) else {
                continue;
            };
            let mut known = members.named(heap, name)?.is_some();
            for (_, pattern) in members.patterned() {
                known = known || found(heap, pattern, name)?;
            }
            if !known {
                heap.scratch.push_cell(Value::Int(i64::from(index)))?;
            }
        }
        let n = heap.scratch.cells_len() - from;
        if n > 0 {
            sort::by_name(heap, map, from, n)?;
            self.entry(heap, |heap| message::extra(heap, map, from, n))?;
        }
        heap.scratch.rewind(mark);
        Ok(())
    }

    /// What a value's items or members are refused for.
    fn children(
        &mut self,
        heap: &mut Heap<'_>,
        check: Check,
        operands: &'c [u8],
        value: Value,
        depth: u32,
    ) -> Result<(), End> {
        match (check, value) {
            (Check::Items, Value::List(_)) => {
                for index in 0..heap_len(heap, value) {
                    let item = heap.item(value, index).unwrap_or_default();
                    self.node(heap, node(operands), item, depth + 1)?;
                }
            }
            (Check::Tuple, Value::List(_)) => {
                let (mode, other, nodes) = additional(operands);
                let mut nodes = words(nodes);
                for index in 0..heap_len(heap, value) {
                    let item = heap.item(value, index).unwrap_or_default();
                    match nodes.next() {
                        Some(node) => self.node(heap, node, item, depth + 1)?,
                        None if mode == 2 => self.node(heap, other, item, depth + 1)?,
                        None => break,
                    }
                }
            }
            (Check::Properties, Value::Map(_)) => self.members(heap, operands, value, depth)?,
            _ => {}
        }
        Ok(())
    }

    fn members(
        &mut self,
        heap: &mut Heap<'_>,
        operands: &'c [u8],
        map: Value,
        depth: u32,
    ) -> Result<(), End> {
        let members = Members::of(operands);
        let mark = heap.scratch.mark();
        let n = heap_len(heap, map);
        let from = heap.scratch.push_cells(n)?;
        for index in 0..n {
            heap.scratch
                .set_cell(from + index, Value::Int(i64::from(index)));
        }
        sort::by_name(heap, map, from, n)?;
        for at in 0..n {
            let Some(Value::Int(index)) = heap.scratch.cell(from + at) else {
                continue;
            };
            let Some((Value::Text(name), member)) = heap.pair(map, index as u32) else {
                continue;
            };
            let named = members.named(heap, name)?;
            if let Some(node) = named {
                self.node(heap, node, member, depth + 1)?;
            }
            let mut known = named.is_some();
            for (node, pattern) in members.patterned() {
                if found(heap, pattern, name)? {
                    known = true;
                    self.node(heap, node, member, depth + 1)?;
                }
            }
            if !known && members.mode == 2 {
                self.node(heap, members.other, member, depth + 1)?;
            }
        }
        heap.scratch.rewind(mark);
        Ok(())
    }
}

/// The operands of [`Check::Properties`].
struct Members<'c> {
    mode: u8,
    other: u32,
    named: &'c [u8],
    patterned: &'c [u8],
}

impl<'c> Members<'c> {
    fn of(operands: &'c [u8]) -> Members<'c> {
        let (mode, other, rest) = additional(operands);
        let (named, rest) = run(rest).unwrap_or_default();
        Members {
            mode,
            other,
            named,
            patterned: run(rest).map_or(&[], |(patterned, _)| patterned),
        }
    }

    /// The node of a name.
    fn named(&self, heap: &mut Heap<'_>, name: Text) -> Result<Option<u32>, Bound> {
        for entry in runs(self.named) {
            heap.spend(1)?;
            if let Some((node, own)) = word(entry)
                && own == heap.bytes(name)
            {
                return Ok(Some(node));
            }
        }
        Ok(None)
    }

    /// Nodes and their patterns.
    fn patterned(&self) -> impl Iterator<Item = (u32, &'c [u8])> + use<'c> {
        runs(self.patterned).filter_map(word)
    }
}

/// What additional members or items are, their node, and the rest.
fn additional(operands: &[u8]) -> (u8, u32, &[u8]) {
    operands
        .split_first()
        .and_then(|(mode, rest)| word(rest).map(|(node, rest)| (*mode, node, rest)))
        .unwrap_or_default()
}

fn node(operands: &[u8]) -> u32 {
    word(operands).map_or(u32::MAX, |(node, _)| node)
}
