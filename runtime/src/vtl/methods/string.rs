//! `java.lang.String`.

use super::super::fault::Failure;
use super::super::machine::Machine;
use super::super::text::{byte_of, find, find_last, units};
use super::{Method, int, text};
use crate::json::{Kind, Style};
use crate::value::{Text, Value};

impl Machine<'_> {
    pub(super) fn string_method(
        &mut self,
        own: Text,
        method: Method,
        arguments: &[Value],
    ) -> Result<Value, Failure> {
        self.heap.spend(u64::from(own.len / 8))?;
        let nothing = Ok(Value::Missing);
        // A text method that is given null throws, but for those that only compare.
        let compares = matches!(
            method,
            Method::Equals | Method::EqualsIgnoreCase | Method::ValueOf
        );
        if !compares && arguments.contains(&Value::Null) {
            return Err(Failure::BadArgument);
        }
        Ok(match (method, arguments) {
            (Method::Length, []) => Value::Int(units(self.heap.bytes(own)) as i64),
            (Method::IsEmpty, []) => Value::Bool(own.is_empty()),
            (Method::IsBlank, []) => Value::Bool(self.lossy(own).trim().is_empty()),
            (Method::HashCode, []) => Value::Int(self.hash(own).into()),
            (Method::Intern, []) => Value::Text(own),
            (Method::CharAt, [index]) => {
                let Some(index) = int(index) else {
                    return nothing;
                };
                let from = self.offset(own, index)?;
                let to = (from + 1..=own.len).find(|to| {
                    self.heap
                        .bytes(own)
                        .get(*to as usize)
                        .is_none_or(|byte| byte & 0xC0 != 0x80)
                });
                if from >= own.len {
                    return Err(Failure::OutOfBounds);
                }
                Value::Text(own.slice(from, to.unwrap_or(own.len)))
            }
            (Method::CodePointAt, [index]) => {
                let Some(index) = int(index) else {
                    return nothing;
                };
                let from = self.offset(own, index)?;
                let rest = own.slice(from, own.len);
                let first = self.lossy(rest).chars().next();
                Value::Int(i64::from(u32::from(first.ok_or(Failure::OutOfBounds)?)))
            }
            (Method::Substring, [from]) => {
                let Some(from) = int(from) else {
                    return nothing;
                };
                Value::Text(own.slice(self.offset(own, from)?, own.len))
            }
            (Method::Substring | Method::SubSequence, [from, to]) => {
                let (Some(from), Some(to)) = (int(from), int(to)) else {
                    return nothing;
                };
                if from > to {
                    return Err(Failure::OutOfBounds);
                }
                Value::Text(own.slice(self.offset(own, from)?, self.offset(own, to)?))
            }
            (Method::IndexOf | Method::LastIndexOf, [what]) => {
                self.search(own, method, what, None)?
            }
            (Method::IndexOf | Method::LastIndexOf, [what, from]) => {
                let Some(from) = int(from) else {
                    return nothing;
                };
                self.search(own, method, what, Some(from))?
            }
            (Method::Contains, [what]) => match text(what) {
                Some(what) => {
                    self.heap.spend(self.effort(own, what))?;
                    Value::Bool(find(self.heap.bytes(own), self.heap.bytes(what), 0).is_some())
                }
                None => Value::Missing,
            },
            (Method::StartsWith, [what]) => match text(what) {
                Some(what) => Value::Bool(self.heap.bytes(own).starts_with(self.heap.bytes(what))),
                None => Value::Missing,
            },
            (Method::StartsWith, [what, from]) => {
                let (Some(what), Some(from)) = (text(what), int(from)) else {
                    return nothing;
                };
                let from = usize::try_from(from)
                    .ok()
                    .and_then(|from| byte_of(self.heap.bytes(own), from));
                let rest = from.and_then(|from| self.heap.bytes(own).get(from..));
                Value::Bool(rest.is_some_and(|rest| rest.starts_with(self.heap.bytes(what))))
            }
            (Method::EndsWith, [what]) => match text(what) {
                Some(what) => Value::Bool(self.heap.bytes(own).ends_with(self.heap.bytes(what))),
                None => Value::Missing,
            },
            (Method::EqualsIgnoreCase, [other]) => match text(other) {
                Some(other) => Value::Bool(self.compare_folded(own, other).is_eq()),
                None => Value::Missing,
            },
            (Method::ContentEquals, [other]) => match text(other) {
                Some(other) => Value::Bool(self.heap.bytes(own) == self.heap.bytes(other)),
                None => Value::Missing,
            },
            (Method::CompareTo, [other]) => match text(other) {
                Some(other) => Value::Int(self.compare(own, other)),
                // Java casts, and throws.
                None => return Err(Failure::BadArgument),
            },
            (Method::CompareToIgnoreCase, [other]) => match text(other) {
                Some(other) => Value::Int(self.compare_folded(own, other) as i64),
                None => Value::Missing,
            },
            (Method::RegionMatches, [from, other, other_from, len]) => {
                let (Some(from), Some(other), Some(other_from), Some(len)) =
                    (int(from), text(other), int(other_from), int(len))
                else {
                    return nothing;
                };
                let own = self.region(own, from, len);
                let other = self.region(other, other_from, len);
                Value::Bool(
                    matches!((own, other), (Some(a), Some(b)) if self.heap.bytes(a) == self.heap.bytes(b)),
                )
            }
            (Method::Concat, [other]) => match text(other) {
                Some(other) => self.built(|machine| {
                    machine.heap.append(own)?;
                    Ok(machine.heap.append(other)?)
                })?,
                None => Value::Missing,
            },
            (Method::Replace, [from, to]) => {
                let (Some(from), Some(to)) = (text(from), text(to)) else {
                    return nothing;
                };
                self.replace(own, from, to)?
            }
            (Method::ReplaceAll | Method::ReplaceFirst, [pattern, with]) => {
                let (Some(pattern), Some(with)) = (text(pattern), text(with)) else {
                    return nothing;
                };
                self.replace_pattern(own, pattern, with, method == Method::ReplaceAll)?
            }
            (Method::Matches, [pattern]) => match text(pattern) {
                Some(pattern) => Value::Bool(self.matches_pattern(own, pattern)?),
                None => Value::Missing,
            },
            (Method::Split, [pattern]) => match text(pattern) {
                Some(pattern) => self.split(own, pattern, 0)?,
                None => Value::Missing,
            },
            (Method::Split, [pattern, limit]) => {
                let (Some(pattern), Some(limit)) = (text(pattern), int(limit)) else {
                    return nothing;
                };
                self.split(own, pattern, limit)?
            }
            (Method::ToLowerCase | Method::ToUpperCase, []) => {
                self.change_case(own, method == Method::ToUpperCase)?
            }
            (Method::Trim, []) => Value::Text(self.trimmed(own, |byte| byte <= b' ', true, true)),
            (Method::Strip, []) => {
                Value::Text(self.trimmed(own, |byte| byte.is_ascii_whitespace(), true, true))
            }
            (Method::StripLeading, []) => {
                Value::Text(self.trimmed(own, |byte| byte.is_ascii_whitespace(), true, false))
            }
            (Method::StripTrailing, []) => {
                Value::Text(self.trimmed(own, |byte| byte.is_ascii_whitespace(), false, true))
            }
            (Method::Repeat, [count]) => {
                let Some(count) = int(count) else {
                    return nothing;
                };
                let count = u32::try_from(count).map_err(|_| Failure::BadArgument)?;
                self.heap
                    .spend(u64::from(count) * u64::from(own.len / 8 + 1))?;
                self.built(|machine| (0..count).try_for_each(|_| Ok(machine.heap.append(own)?)))?
            }
            (Method::GetBytes, []) => {
                let height = self.heap.scratch.height();
                self.heap.spend(own.len.into())?;
                for index in 0..own.len {
                    let byte = self
                        .heap
                        .bytes(own)
                        .get(index as usize)
                        .copied()
                        .unwrap_or(0);
                    self.heap
                        .scratch
                        .push_value(Value::Int(i64::from(byte as i8)))?;
                }
                self.heap.list_above(Kind::Array, height)?
            }
            (Method::ToCharArray, []) => {
                let height = self.heap.scratch.height();
                self.heap.spend(own.len.into())?;
                let mut from = 0;
                for to in 1..=own.len {
                    if self
                        .heap
                        .bytes(own)
                        .get(to as usize)
                        .is_none_or(|byte| byte & 0xC0 != 0x80)
                    {
                        self.heap
                            .scratch
                            .push_value(Value::Text(own.slice(from, to)))?;
                        from = to;
                    }
                }
                self.heap.list_above(Kind::Array, height)?
            }
            (Method::ValueOf, [value]) => Value::Text(self.text_of(*value)?),
            (Method::Format, [format, rest @ ..]) => match (text(format), rest) {
                (Some(format), _) => self.format(format, rest)?,
                (None, _) => Value::Missing,
            },
            (Method::Join, [between, items @ Value::List(_)]) => {
                let Some(between) = text(between) else {
                    return nothing;
                };
                self.join(between, *items)?
            }
            _ => Value::Missing,
        })
    }

    fn lossy(&self, text: Text) -> &str {
        core::str::from_utf8(self.heap.bytes(text)).unwrap_or("")
    }

    /// The byte of a unit index that must be in the text or right behind it.
    fn offset(&self, text: Text, index: i32) -> Result<u32, Failure> {
        let index = usize::try_from(index).map_err(|_| Failure::OutOfBounds)?;
        byte_of(self.heap.bytes(text), index)
            .map(|at| at as u32)
            .ok_or(Failure::OutOfBounds)
    }

    fn region(&self, text: Text, from: i32, len: i32) -> Option<Text> {
        let to = from.checked_add(len.max(0))?;
        Some(text.slice(self.offset(text, from).ok()?, self.offset(text, to).ok()?))
    }

    /// What a search may cost: every place times the part of the needle that may agree there.
    fn effort(&self, text: Text, needle: Text) -> u64 {
        u64::from(text.len) * u64::from(needle.len.min(64)) / 64
    }

    /// Makes a text at the end of the arena.
    pub(in crate::vtl) fn built(
        &mut self,
        make: impl FnOnce(&mut Self) -> Result<(), Failure>,
    ) -> Result<Value, Failure> {
        let from = self.heap.scratch.text_len();
        make(self)?;
        Ok(Value::Text(self.heap.scratch.since(from)))
    }

    fn search(
        &mut self,
        own: Text,
        method: Method,
        what: &Value,
        from: Option<i32>,
    ) -> Result<Value, Failure> {
        let mut buffer = [0; 4];
        let single = match what {
            Value::Int(code) => u32::try_from(*code).ok().and_then(char::from_u32),
            _ => None,
        };
        let what = match (text(what), single) {
            (Some(what), _) => what,
            (None, Some(character)) => self
                .heap
                .scratch
                .push(character.encode_utf8(&mut buffer).as_bytes())?,
            (None, None) => {
                return Ok(if let Value::Int(_) = what {
                    Value::Int(-1)
                } else {
                    Value::Missing
                });
            }
        };
        self.heap.spend(self.effort(own, what))?;
        let (bytes, needle) = (self.heap.bytes(own), self.heap.bytes(what));
        let found = if method == Method::IndexOf {
            let from = usize::try_from(from.unwrap_or(0)).unwrap_or(0);
            byte_of(bytes, from)
                .or(needle.is_empty().then_some(bytes.len()))
                .and_then(|from| find(bytes, needle, from))
        } else {
            let until = match from.map(usize::try_from) {
                Some(Ok(from)) => byte_of(bytes, from).unwrap_or(bytes.len()),
                Some(Err(_)) => return Ok(Value::Int(-1)),
                None => bytes.len(),
            };
            find_last(bytes, needle, until)
        };
        Ok(Value::Int(found.map_or(-1, |at| {
            units(bytes.get(..at).unwrap_or(&[])) as i64
        })))
    }

    /// Java's order: the difference of the first units that differ, else of the lengths.
    fn compare(&self, a: Text, b: Text) -> i64 {
        let (a, b) = (self.lossy(a), self.lossy(b));
        let differ = a.encode_utf16().zip(b.encode_utf16()).find(|(x, y)| x != y);
        match differ {
            Some((x, y)) => i64::from(x) - i64::from(y),
            None => units(a.as_bytes()) as i64 - units(b.as_bytes()) as i64,
        }
    }

    fn compare_folded(&self, a: Text, b: Text) -> core::cmp::Ordering {
        let fold = |c: char| {
            c.to_uppercase()
                .next()
                .unwrap_or(c)
                .to_lowercase()
                .next()
                .unwrap_or(c)
        };
        self.lossy(a)
            .chars()
            .map(fold)
            .cmp(self.lossy(b).chars().map(fold))
    }

    fn hash(&self, text: Text) -> i32 {
        self.lossy(text).encode_utf16().fold(0i32, |hash, unit| {
            hash.wrapping_mul(31).wrapping_add(unit.into())
        })
    }

    fn trimmed(&self, text: Text, blank: impl Fn(u8) -> bool, front: bool, back: bool) -> Text {
        let bytes = self.heap.bytes(text);
        let from = if front {
            bytes.iter().take_while(|byte| blank(**byte)).count()
        } else {
            0
        };
        let tail = if back {
            bytes
                .iter()
                .skip(from)
                .rev()
                .take_while(|byte| blank(**byte))
                .count()
        } else {
            0
        };
        text.slice(from as u32, (bytes.len() - tail) as u32)
    }

    fn change_case(&mut self, own: Text, upper: bool) -> Result<Value, Failure> {
        let bytes = self.heap.bytes(own);
        if bytes.iter().all(|byte| {
            byte.is_ascii()
                && !(if upper {
                    byte.is_ascii_lowercase()
                } else {
                    byte.is_ascii_uppercase()
                })
        }) {
            return Ok(Value::Text(own));
        }
        self.heap.spend(own.len.into())?;
        self.built(|machine| {
            let mut at = 0;
            // One character at a time: the text may be in the arena that grows.
            while let Some(character) = machine.lossy(own.slice(at, own.len)).chars().next() {
                let mut buffer = [0; 4];
                if upper {
                    for changed in character.to_uppercase() {
                        machine
                            .heap
                            .scratch
                            .append(changed.encode_utf8(&mut buffer).as_bytes())?;
                    }
                } else {
                    for changed in character.to_lowercase() {
                        machine
                            .heap
                            .scratch
                            .append(changed.encode_utf8(&mut buffer).as_bytes())?;
                    }
                }
                at += character.len_utf8() as u32;
            }
            Ok(())
        })
    }

    /// `replace`: every place of a text, from the left, also between characters for an empty one.
    fn replace(&mut self, own: Text, from: Text, to: Text) -> Result<Value, Failure> {
        self.heap
            .spend(self.effort(own, from) + u64::from(own.len / 8))?;
        if find(self.heap.bytes(own), self.heap.bytes(from), 0).is_none() {
            return Ok(Value::Text(own));
        }
        self.built(|machine| {
            let mut done = 0;
            loop {
                let found = find(
                    machine.heap.bytes(own),
                    machine.heap.bytes(from),
                    done as usize,
                );
                let Some(at) = found.map(|at| at as u32) else {
                    break;
                };
                machine.heap.spend(1 + u64::from(to.len / 8))?;
                machine.heap.append(own.slice(done, at))?;
                machine.heap.append(to)?;
                done = at + from.len;
                if from.is_empty() {
                    let step = (at + 1..=own.len).find(|next| {
                        machine
                            .heap
                            .bytes(own)
                            .get(*next as usize)
                            .is_none_or(|byte| byte & 0xC0 != 0x80)
                    });
                    let Some(next) = step else { break };
                    machine.heap.append(own.slice(at, next))?;
                    done = next;
                }
            }
            Ok(machine.heap.append(own.slice(done, own.len))?)
        })
    }

    fn join(&mut self, between: Text, items: Value) -> Result<Value, Failure> {
        let count = self.heap.object(items).map_or(0, |list| list.len());
        let mark = self.heap.scratch.out_len();
        for index in 0..count {
            self.heap.spend(1)?;
            if index > 0 {
                self.heap.emit(between)?;
            }
            let item = self.heap.item(items, index).unwrap_or_default();
            self.heap.print(item, Style::Java)?;
        }
        Ok(Value::Text(self.heap.scratch.cut_out(mark)))
    }
}
