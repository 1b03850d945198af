//! `replaceAll`, `replaceFirst`, `matches`, `split`.

use alloc::vec::Vec;

use super::fault::Failure;
use super::machine::Machine;
use super::regex::{self, Captures, Flags, RunError};
use crate::json::{Heap, Kind};
use crate::value::{Text, Value};

/// Patterns compiled at request time, the latest ones kept: a loop compiles its pattern once.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    kept: [(Vec<u8>, Vec<u8>); 4],
    next: usize,
}

impl Patterns {
    /// Where the program of a pattern is.
    fn slot(&mut self, pattern: &[u8]) -> Option<usize> {
        if let Some(found) = self
            .kept
            .iter()
            .position(|(text, code)| text == pattern && !code.is_empty())
        {
            return Some(found);
        }
        let slot = self.next;
        self.next = (self.next + 1) % self.kept.len();
        let (text, code) = self.kept.get_mut(slot)?;
        code.clear();
        text.clear();
        regex::compile(pattern, Flags::default(), code).ok()?;
        text.extend_from_slice(pattern);
        Some(slot)
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Failure {
        match error {
            RunError::Bound(bound) => Failure::Bound(bound),
            RunError::Corrupt => Failure::Corrupt,
        }
    }
}

/// Runs `what` with the program of a pattern.
fn with_pattern<T>(
    heap: &mut Heap<'_>,
    pattern: Text,
    what: impl FnOnce(&mut Heap<'_>, &[u8]) -> Result<T, Failure>,
) -> Result<T, Failure> {
    heap.spend(u64::from(pattern.len))?;
    let mut patterns = core::mem::take(heap.scratch.patterns());
    let slot = patterns.slot(heap.bytes(pattern));
    let code = slot
        .and_then(|slot| patterns.kept.get(slot))
        .map(|(_, code)| code.as_slice());
    let result = match code {
        Some(code) => what(heap, code),
        None => Err(Failure::BadPattern),
    };
    *heap.scratch.patterns() = patterns;
    result
}

/// Where the search goes on behind a match: one character further behind an empty one.
fn resume(heap: &Heap<'_>, text: Text, from: u32, to: u32) -> u32 {
    if to > from {
        return to;
    }
    let rest = heap.bytes(text).get(to as usize + 1..).unwrap_or(&[]);
    to + 1 + rest.iter().take_while(|byte| **byte & 0xC0 == 0x80).count() as u32
}

impl Machine<'_> {
    pub(super) fn matches_pattern(&mut self, own: Text, pattern: Text) -> Result<bool, Failure> {
        with_pattern(&mut self.heap, pattern, |heap, code| {
            Ok(regex::whole(heap, code, own)?)
        })
    }

    pub(super) fn replace_pattern(
        &mut self,
        own: Text,
        pattern: Text,
        with: Text,
        all: bool,
    ) -> Result<Value, Failure> {
        self.built(|machine| {
            with_pattern(&mut machine.heap, pattern, |heap, code| {
                let mut done = 0;
                let mut from = 0;
                let mut captures = Captures::default();
                while from <= own.len && regex::find(heap, code, own, from, &mut captures)? {
                    let Some((start, end)) = captures.group(0) else {
                        break;
                    };
                    heap.append(own.slice(done, start))?;
                    substitute(heap, code, own, with, &captures)?;
                    done = end;
                    from = resume(heap, own, start, end);
                    if !all {
                        break;
                    }
                }
                Ok(heap.append(own.slice(done, own.len))?)
            })
        })
    }

    pub(super) fn split(&mut self, own: Text, pattern: Text, limit: i32) -> Result<Value, Failure> {
        let height = self.heap.scratch.height();
        with_pattern(&mut self.heap, pattern, |heap, code| {
            let mut done = 0;
            let mut from = 0;
            let mut count = 0i32;
            let mut captures = Captures::default();
            while from <= own.len
                && (limit <= 0 || count < limit - 1)
                && regex::find(heap, code, own, from, &mut captures)?
            {
                let Some((start, end)) = captures.group(0) else {
                    break;
                };
                from = resume(heap, own, start, end);
                // Nothing before the first character makes no empty first piece.
                if end == 0 {
                    continue;
                }
                heap.scratch
                    .push_value(Value::Text(own.slice(done, start)))?;
                count += 1;
                done = end;
            }
            Ok(heap
                .scratch
                .push_value(Value::Text(own.slice(done, own.len)))?)
        })?;
        if limit == 0 {
            // Empty pieces at the end go; a text in which nothing was found stays, empty or not.
            while let Some([before @ .., Value::Text(last)]) =
                self.heap.scratch.stack().get(height..)
                && last.is_empty()
                && (!before.is_empty() || !own.is_empty())
            {
                self.heap.scratch.pop_value();
            }
        }
        Ok(self.heap.list_above(Kind::Array, height)?)
    }
}

/// Appends a replacement: `$1` and `${name}` are groups, `\` takes the next character as it is.
fn substitute(
    heap: &mut Heap<'_>,
    code: &[u8],
    own: Text,
    with: Text,
    captures: &Captures,
) -> Result<(), Failure> {
    let mut at = 0;
    while let Some(&byte) = heap.bytes(with).get(at as usize) {
        match byte {
            b'\\' => {
                if at + 1 >= with.len {
                    return Err(Failure::BadArgument);
                }
                heap.append(with.slice(at + 1, at + 2))?;
                at += 2;
            }
            b'$' if heap.bytes(with).get(at as usize + 1) == Some(&b'{') => {
                let rest = heap.bytes(with).get(at as usize + 2..).unwrap_or(&[]);
                let end = rest.iter().position(|byte| *byte == b'}');
                let name = end.and_then(|end| rest.get(..end));
                let (Some(end), Some(name)) = (end, name) else {
                    return Err(Failure::BadArgument);
                };
                let group = regex::named(code, name).ok_or(Failure::BadArgument)?;
                at += end as u32 + 3;
                if let Some((from, to)) = captures.group(group) {
                    heap.append(own.slice(from, to))?;
                }
            }
            b'$' => {
                let digit = |heap: &Heap<'_>, at: u32| {
                    heap.bytes(with)
                        .get(at as usize)
                        .filter(|b| b.is_ascii_digit())
                        .map(|b| usize::from(b - b'0'))
                };
                let Some(mut number) = digit(heap, at + 1) else {
                    return Err(Failure::BadArgument);
                };
                if number >= captures.groups() {
                    return Err(Failure::OutOfBounds);
                }
                at += 2;
                while let Some(more) = digit(heap, at) {
                    if number * 10 + more >= captures.groups() {
                        break;
                    }
                    number = number * 10 + more;
                    at += 1;
                }
                if let Some((from, to)) = captures.group(number) {
                    heap.append(own.slice(from, to))?;
                }
            }
            _ => {
                let run = heap
                    .bytes(with)
                    .get(at as usize..)
                    .unwrap_or(&[])
                    .iter()
                    .take_while(|byte| !matches!(byte, b'$' | b'\\'))
                    .count() as u32;
                heap.append(with.slice(at, at + run))?;
                at += run;
            }
        }
    }
    Ok(())
}
