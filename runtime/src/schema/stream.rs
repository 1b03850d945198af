//! The short way to a good verdict: a body is held against its model while it is read, and nothing is kept.
//!
//! It follows what most models ask for and gives up on the rest: what it admits, [`validate`](super::validate)
//! admits; what it does not, is read and looked at again by `validate`, which knows the reasons too.

use super::validate::{found, run, runs, word};
use super::{Check, Format, MAX_DEPTH};
use crate::json::{Heap, short_number};
use crate::text::scan::plain;
use crate::value::{Text, Value};

/// The bits of `type`, as in [`Check::Type`].
const NULL: u8 = 1;
const BOOL: u8 = 2;
const OBJECT: u8 = 4;
const ARRAY: u8 = 8;
const STRING: u8 = 16;
const NUMBER: u8 = 32;
const INTEGER: u8 = 64;

/// Whether the program surely admits the JSON text `body`. `false` says nothing.
///
/// Work: a unit per eight bytes, one per member, and what patterns cost.
pub(crate) fn surely(heap: &mut Heap<'_>, code: &[u8], body: Text) -> bool {
    let Some(bytes) = heap.lent.lent(body) else {
        return false;
    };
    if heap.spend(u64::from(body.len / 8 + 1)).is_err() {
        return false;
    }
    let mut stream = Stream {
        bytes,
        body,
        at: 0,
        code,
        heap,
    };
    let fits = stream.value(0, 0).is_some();
    fits && stream.next().is_none()
}

struct Stream<'s, 'h> {
    bytes: &'s [u8],
    body: Text,
    at: usize,
    code: &'s [u8],
    heap: &'s mut Heap<'h>,
}

/// A text in quotes.
enum Quoted<'s> {
    Plain(&'s [u8]),
    /// With escapes: what it means is not known here.
    Escaped,
}

/// Which members an object may have.
struct Members<'s> {
    /// What others are: free, refused, or a node.
    mode: u8,
    other: u32,
    named: &'s [u8],
    /// The entries from which the next name is looked for, and the number of the first: bodies mostly keep the
    /// order of their model.
    likely: (&'s [u8], u32),
}

impl<'s> Members<'s> {
    fn of(operands: &'s [u8]) -> Option<Members<'s>> {
        let (mode, rest) = operands.split_first()?;
        let (other, rest) = word(rest)?;
        let (named, rest) = run(rest)?;
        let (patterned, _) = run(rest)?;
        patterned.is_empty().then_some(Members {
            mode: *mode,
            other,
            named,
            likely: (named, 0),
        })
    }

    /// The node and the number of a member.
    fn find(&mut self, name: &[u8]) -> Option<(u32, u32)> {
        let likely = self.likely;
        self.find_from(likely, name)
            .or_else(|| self.find_from((self.named, 0), name))
    }

    #[inline]
    fn find_from(
        &mut self,
        (mut entries, mut number): (&'s [u8], u32),
        name: &[u8],
    ) -> Option<(u32, u32)> {
        while let Some((entry, rest)) = run(entries) {
            if entry.len() == name.len() + 4
                && let Some((node, own)) = word(entry)
                && own == name
            {
                self.likely = (rest, number + 1);
                return Some((node, number));
            }
            entries = rest;
            number += 1;
        }
        None
    }
}

impl<'s> Stream<'s, '_> {
    /// The next byte that is no blank.
    #[inline]
    fn next(&mut self) -> Option<u8> {
        loop {
            let byte = *self.bytes.get(self.at)?;
            if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
                return Some(byte);
            }
            self.at += 1;
        }
    }

    #[inline]
    fn checks(&self, node: u32, holds: impl FnMut(Check, &'s [u8]) -> bool) -> Option<()> {
        checks(self.code, node, holds)
    }

    /// Reads a value that the node admits.
    fn value(&mut self, node: u32, depth: u32) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.next()? {
            b'"' => match self.quoted()? {
                Quoted::Plain(text) => self.text(node, text),
                Quoted::Escaped => self.only_type(node, STRING),
            },
            b'{' => self.object(node, depth),
            b'[' => self.array(node, depth),
            b'-' | b'0'..=b'9' => self.number(node),
            b't' => self.literal(node, b"true", BOOL),
            b'f' => self.literal(node, b"false", BOOL),
            b'n' => self.literal(node, b"null", NULL),
            _ => None,
        }
    }

    #[inline]
    fn quoted(&mut self) -> Option<Quoted<'s>> {
        let from = self.at + 1;
        let rest = self.bytes.get(from..)?;
        let len = plain(rest, b'"', true);
        self.at = from + len + 1;
        match rest.get(len)? {
            b'"' => Some(Quoted::Plain(rest.get(..len)?)),
            b'\\' => self.escaped(),
            _ => None,
        }
    }

    /// The rest of a text behind its first backslash.
    fn escaped(&mut self) -> Option<Quoted<'s>> {
        loop {
            match self.bytes.get(self.at)? {
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
                b'u' => {
                    let digits = self.bytes.get(self.at + 1..self.at + 5)?;
                    if !digits.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    self.at += 5;
                }
                _ => return None,
            }
            let rest = self.bytes.get(self.at..)?;
            let len = plain(rest, b'"', true);
            self.at += len + 1;
            match rest.get(len)? {
                b'"' => return Some(Quoted::Escaped),
                b'\\' => {}
                _ => return None,
            }
        }
    }

    fn text(&mut self, node: u32, text: &'s [u8]) -> Option<()> {
        let end = self.at - 1;
        let piece = self.body.slice((end - text.len()) as u32, end as u32);
        let mut patterns = false;
        // Counted once, and only if a bound asks.
        let mut count = None;
        let mut characters = || {
            *count.get_or_insert_with(|| {
                text.iter().filter(|byte| **byte & 0xC0 != 0x80).count() as u32
            })
        };
        self.checks(node, |check, operands| match check {
            Check::Type => admits(operands, STRING),
            Check::Enum => {
                runs(operands).any(|json| matches!(json, [b'"', inner @ .., b'"'] if inner == text))
            }
            // A character is one to four bytes.
            Check::MinLength => {
                let limit = limit(operands);
                text.len() / 4 >= limit as usize || characters() >= limit
            }
            Check::MaxLength => {
                text.len() <= limit(operands) as usize || characters() <= limit(operands)
            }
            Check::Pattern => {
                patterns = true;
                true
            }
            Check::Format => {
                let format = operands.first().and_then(|number| Format::of(*number));
                let text = core::str::from_utf8(text).ok();
                matches!((format, text), (Some(format), Some(text)) if format.admits(text))
            }
            check => silent(check),
        })?;
        if !patterns {
            return Some(());
        }
        let heap = &mut *self.heap;
        checks(self.code, node, |check, operands| {
            check != Check::Pattern
                || run(operands).is_some_and(|(program, _)| found(heap, program, piece) == Ok(true))
        })
    }

    /// A value of which only the type is known.
    fn only_type(&self, node: u32, class: u8) -> Option<()> {
        self.checks(node, |check, operands| match check {
            Check::Type => admits(operands, class),
            Check::Minimum | Check::Maximum | Check::MultipleOf => class & NUMBER == 0,
            Check::MinLength | Check::MaxLength | Check::Pattern | Check::Format => class != STRING,
            check => silent(check) && check != Check::Enum,
        })
    }

    #[inline]
    fn number(&mut self, node: u32) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        let (value, len) = short_number(rest)?;
        if rest
            .get(len)
            .is_some_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-'))
        {
            return None;
        }
        self.at += len;
        let (class, own) = match value {
            Value::Int(number) => (NUMBER | INTEGER, number as f64),
            Value::Double(number) => (NUMBER, number),
            _ => return None,
        };
        self.checks(node, |check, operands| {
            let bound = || {
                let (bound, rest) = operands.split_first_chunk()?;
                Some((f64::from_le_bytes(*bound), rest.first() == Some(&1)))
            };
            match check {
                Check::Type => admits(operands, class),
                Check::Minimum => bound()
                    .is_some_and(|(bound, exclusive)| own > bound || own == bound && !exclusive),
                Check::Maximum => bound()
                    .is_some_and(|(bound, exclusive)| own < bound || own == bound && !exclusive),
                Check::MultipleOf | Check::Enum => false,
                check => silent(check),
            }
        })
    }

    fn literal(&mut self, node: u32, word: &[u8], class: u8) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        if !rest.starts_with(word) {
            return None;
        }
        self.at += word.len();
        self.only_type(node, class)
    }

    fn array(&mut self, node: u32, depth: u32) -> Option<()> {
        let (mut least, mut most, mut items) = (0, u32::MAX, None);
        self.checks(node, |check, operands| {
            match check {
                Check::Type => return admits(operands, ARRAY),
                Check::MinItems => least = limit(operands),
                Check::MaxItems => most = limit(operands),
                Check::Items => items = Some(limit(operands)),
                Check::UniqueItems | Check::Tuple | Check::Enum => return false,
                check => return silent(check),
            }
            true
        })?;
        self.at += 1;
        let mut count = 0;
        if self.next()? == b']' {
            self.at += 1;
        } else {
            loop {
                match items {
                    Some(node) => self.value(node, depth + 1)?,
                    None => self.any(depth + 1)?,
                }
                count += 1;
                let sign = self.next()?;
                self.at += 1;
                match sign {
                    b',' => {}
                    b']' => break,
                    _ => return None,
                }
            }
        }
        (least..=most).contains(&count).then_some(())
    }

    fn object(&mut self, node: u32, depth: u32) -> Option<()> {
        let (mut required, mut wanted, mut members) = (false, None, None);
        self.checks(node, |check, operands| {
            match check {
                Check::Type => return admits(operands, OBJECT),
                Check::Required => required = true,
                Check::RequiredAmong => {
                    wanted = operands.first_chunk().map(|mask| u64::from_le_bytes(*mask));
                }
                Check::Properties => {
                    members = Members::of(operands);
                    return members.is_some();
                }
                Check::MinProperties
                | Check::MaxProperties
                | Check::RequiredWith
                | Check::SchemaWith
                | Check::Enum => return false,
                check => return silent(check),
            }
            true
        })?;
        if required && wanted.is_none() {
            return None;
        }
        self.at += 1;
        let mut seen = 0u64;
        if self.next()? == b'}' {
            self.at += 1;
        } else {
            loop {
                if self.next()? != b'"' {
                    return None;
                }
                let Quoted::Plain(name) = self.quoted()? else {
                    return None;
                };
                if self.next()? != b':' {
                    return None;
                }
                self.at += 1;
                self.heap.spend(1).ok()?;
                let known = members.as_mut().and_then(|members| members.find(name));
                match (known, &members) {
                    // A member that comes twice is looked at twice: the last one counts.
                    (Some((node, number)), _) => {
                        seen |= 1u64.checked_shl(number)?;
                        self.value(node, depth + 1)?;
                    }
                    (None, None | Some(Members { mode: 0, .. })) => self.any(depth + 1)?,
                    (None, Some(Members { mode: 2, other, .. })) => {
                        self.value(*other, depth + 1)?
                    }
                    _ => return None,
                }
                let sign = self.next()?;
                self.at += 1;
                match sign {
                    b',' => {}
                    b'}' => break,
                    _ => return None,
                }
            }
        }
        let wanted = wanted.unwrap_or(0);
        (seen & wanted == wanted).then_some(())
    }

    /// Reads a value of which nothing is asked.
    fn any(&mut self, depth: u32) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        let close = match self.next()? {
            b'"' => return self.quoted().map(|_| ()),
            b'{' => b'}',
            b'[' => b']',
            // The end of a program is a node without checks.
            _ => return self.value(self.code.len().checked_sub(1)? as u32, depth),
        };
        self.at += 1;
        if self.next()? == close {
            self.at += 1;
            return Some(());
        }
        loop {
            if close == b'}' {
                if self.next()? != b'"' {
                    return None;
                }
                self.quoted()?;
                if self.next()? != b':' {
                    return None;
                }
                self.at += 1;
            }
            self.any(depth + 1)?;
            let sign = self.next()?;
            self.at += 1;
            match sign {
                b',' => {}
                sign if sign == close => return Some(()),
                _ => return None,
            }
        }
    }
}

/// Every check of a node in turn, until one does not hold.
#[inline]
fn checks<'s>(
    code: &'s [u8],
    node: u32,
    mut holds: impl FnMut(Check, &'s [u8]) -> bool,
) -> Option<()> {
    let mut rest = code.get(node as usize..)?;
    loop {
        let (tag, tail) = rest.split_first()?;
        if *tag == 0 {
            return Some(());
        }
        let (operands, tail) = run(tail)?;
        if !holds(Check::of(*tag)?, operands) {
            return None;
        }
        rest = tail;
    }
}

fn admits(operands: &[u8], class: u8) -> bool {
    operands.first().is_some_and(|mask| mask & class != 0)
}

fn limit(operands: &[u8]) -> u32 {
    word(operands).map_or(0, |(limit, _)| limit)
}

/// Whether a check says nothing of values of another type; those that say something of any are given up on.
fn silent(check: Check) -> bool {
    !matches!(
        check,
        Check::AllOf | Check::AnyOf | Check::OneOf | Check::Not | Check::Ref
    )
}
