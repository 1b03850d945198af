//! Walking a value by a compiled path.

use super::code::{self, Code, Token};
use super::prepared::Prepared;
use super::{MAX_DEPTH, PathError, filter, function};
use crate::json::{Bound, Heap, Kind};
use crate::value::Value;

/// How strictly a path is applied.
#[derive(Clone, Copy)]
pub(super) struct Rules {
    /// A missing last member is an absence, not nothing: for the test whether a path is there.
    pub(super) required: bool,
    pub(super) depth: u32,
}

/// What the path finds in `document`: `None` where a definite path leads nowhere; a list, perhaps empty, for
/// any other path.
///
/// Work: a unit per value looked at.
///
/// # Errors
/// [`PathError::Invalid`] for a path that does not apply, or a bound.
pub fn find(heap: &mut Heap<'_>, code: &[u8], document: Value) -> Result<Option<Value>, PathError> {
    let Some((path, _)) = code::path(code) else {
        return Err(PathError::Invalid);
    };
    from(
        heap,
        path,
        document,
        document,
        Rules {
            required: false,
            depth: 0,
        },
    )
}

/// As [`find`], from any value.
pub(super) fn from(
    heap: &mut Heap<'_>,
    path: Code<'_>,
    start: Value,
    root: Value,
    rules: Rules,
) -> Result<Option<Value>, PathError> {
    if rules.depth > MAX_DEPTH * 8 {
        return Err(PathError::Bound(Bound::Depth));
    }
    if path.definite
        && let Some(found) = straight(heap, path.tokens, start)?
    {
        return Ok(found);
    }
    let height = heap.scratch.height();
    let mut walk = Walk { root, rules };
    let step = Step {
        tokens: path.tokens,
        upstream: true,
    };
    match walk.step(heap, step, start, 0) {
        Ok(()) => {}
        Err(Halt::NotFound) => {
            heap.scratch.lower(height);
            return Ok(None);
        }
        Err(Halt::Error(error)) => {
            heap.scratch.lower(height);
            return Err(error);
        }
    }
    if path.definite {
        let found = heap
            .scratch
            .stack()
            .get(height..)
            .and_then(|found| found.last())
            .copied();
        heap.scratch.lower(height);
        return Ok(found);
    }
    Ok(Some(heap.list_above(Kind::JsonList, height)?))
}

/// A path of members and indices alone, walked without a stack: what it leads to, if anything. Nothing at all for a
/// path of another kind.
pub(super) fn straight(
    heap: &mut Heap<'_>,
    mut tokens: &[u8],
    mut value: Value,
) -> Result<Option<Option<Value>>, PathError> {
    while !tokens.is_empty() {
        heap.spend(1)?;
        let (found, rest) = match (code::token(tokens), value) {
            (Some((Token::Property(name), rest)), Value::Map(_)) => {
                (heap.member(value, name)?, rest)
            }
            (Some((Token::Index(index), rest)), Value::List(_)) => (item(heap, value, index), rest),
            _ => return Ok(None),
        };
        match found {
            Some(found) => value = found,
            None if rest.is_empty() => return Ok(Some(None)),
            // What is missing on the way may be an error of what follows.
            None => return Ok(None),
        }
        tokens = rest;
    }
    Ok(Some(Some(value)))
}

/// The item at an index, which counts from the end if it is negative.
fn item(heap: &Heap<'_>, list: Value, index: i32) -> Option<Value> {
    let index = if index < 0 {
        index + len(heap, list)
    } else {
        index
    };
    heap.item(list, u32::try_from(index).ok()?)
}

/// Why a walk ends early.
enum Halt {
    NotFound,
    Error(PathError),
}

impl<E: Into<PathError>> From<E> for Halt {
    fn from(error: E) -> Halt {
        Halt::Error(error.into())
    }
}

/// Where a walk is in its path.
#[derive(Clone, Copy)]
struct Step<'c> {
    tokens: &'c [u8],
    /// Whether everything before was definite: then a missing member ends the walk.
    upstream: bool,
}

struct Walk {
    root: Value,
    rules: Rules,
}

impl Walk {
    /// Applies the tokens to a value; results go to the stack.
    fn step(
        &mut self,
        heap: &mut Heap<'_>,
        step: Step<'_>,
        value: Value,
        depth: u32,
    ) -> Result<(), Halt> {
        heap.spend(1)?;
        if depth > crate::json::MAX_DEPTH * 2 {
            return Err(Halt::Error(PathError::Bound(Bound::Depth)));
        }
        if step.tokens.is_empty() {
            heap.scratch.push_value(value)?;
            return Ok(());
        }
        let Some((token, rest)) = code::token(step.tokens) else {
            return Err(Halt::Error(PathError::Invalid));
        };
        let leaf = rest.is_empty();
        let next = Step {
            tokens: rest,
            upstream: step.upstream && token.definite(leaf),
        };
        match token {
            Token::Property(name) => self.property(heap, step, next, value, name, depth),
            Token::Properties(names) => self.properties(heap, step, next, value, names, depth),
            Token::Index(index) => {
                if self.is_list(step, value)? {
                    self.index(heap, next, value, index, depth)?;
                }
                Ok(())
            }
            Token::Indices(indices) => {
                if self.is_list(step, value)? {
                    for index in indices
                        .chunks_exact(4)
                        .filter_map(|bytes| bytes.first_chunk())
                    {
                        self.index(heap, next, value, i32::from_le_bytes(*index), depth)?;
                    }
                }
                Ok(())
            }
            Token::Slice(first, last) => {
                if self.is_list(step, value)? {
                    let len = len(heap, value);
                    let (from, to) = match (first, last) {
                        (Some(from), None) => {
                            (if from < 0 { (from + len).max(0) } else { from }, len)
                        }
                        (None, Some(to)) => (0, if to < 0 { to + len } else { to }.min(len)),
                        (from, to) => (from.unwrap_or(0), to.unwrap_or(len).min(len)),
                    };
                    // Jayway counts through zero: `[-2:1]` is the last two and the first.
                    for index in from.max(-len)..to {
                        self.index(heap, next, value, index, depth)?;
                    }
                }
                Ok(())
            }
            Token::Wildcard => self.children(heap, next, value, depth),
            Token::Scan => match code::token(rest) {
                Some((Token::Property(name), [])) if !self.rules.required => {
                    self.scan_names(heap, name, value, depth)
                }
                _ => self.scan(heap, rest, value, depth),
            },
            Token::Filter(filter) => match value {
                Value::Map(_) => {
                    if filter::passes(heap, filter, value, self.root, self.rules.depth + 1)? {
                        self.step(heap, next, value, depth + 1)?;
                    }
                    Ok(())
                }
                Value::List(_) => {
                    let prepared = Prepared::of(heap, filter)?;
                    for index in 0..len(heap, value) {
                        let item = heap.item(value, index as u32).unwrap_or_default();
                        if prepared.passes(heap, item, self.root, self.rules.depth + 1)?
                            && !self.leaf(heap, next, item)?
                        {
                            self.step(heap, next, item, depth + 1)?;
                        }
                    }
                    Ok(())
                }
                _ if step.upstream => Err(Halt::Error(PathError::Invalid)),
                _ => Ok(()),
            },
            Token::Function(function, arguments) => {
                let result = function::apply(
                    heap,
                    function,
                    arguments,
                    value,
                    self.root,
                    self.rules.depth + 1,
                )?;
                self.step(heap, next, result, depth + 1)
            }
        }
    }

    fn property(
        &mut self,
        heap: &mut Heap<'_>,
        step: Step<'_>,
        next: Step<'_>,
        value: Value,
        name: &[u8],
        depth: u32,
    ) -> Result<(), Halt> {
        if !matches!(value, Value::Map(_)) {
            return if step.upstream {
                Err(Halt::NotFound)
            } else {
                Ok(())
            };
        }
        match heap.member(value, name)? {
            Some(member) => self.step(heap, next, member, depth + 1),
            None if next.tokens.is_empty() => {
                if self.rules.required {
                    Err(Halt::NotFound)
                } else {
                    Ok(())
                }
            }
            None if next.upstream || self.rules.required => Err(Halt::NotFound),
            None => Ok(()),
        }
    }

    fn properties(
        &mut self,
        heap: &mut Heap<'_>,
        step: Step<'_>,
        next: Step<'_>,
        value: Value,
        names: &[u8],
        depth: u32,
    ) -> Result<(), Halt> {
        if !matches!(value, Value::Map(_)) {
            return if step.upstream {
                Err(Halt::NotFound)
            } else {
                Ok(())
            };
        }
        let leaf = next.tokens.is_empty();
        let merged = if leaf {
            Some(heap.map(Kind::Map)?)
        } else {
            None
        };
        let mut names = names;
        while let Some((name, rest)) = code::short_run(names) {
            match (heap.member(value, name)?, merged) {
                (Some(member), Some(merged)) => heap.put_member(merged, name, member)?,
                (Some(member), None) => self.step(heap, next, member, depth + 1)?,
                (None, _) if self.rules.required => return Err(Halt::NotFound),
                (None, _) => {}
            }
            names = rest;
        }
        if let Some(merged) = merged {
            heap.scratch.push_value(merged)?;
        }
        Ok(())
    }

    fn is_list(&self, step: Step<'_>, value: Value) -> Result<bool, Halt> {
        match value {
            Value::List(_) => Ok(true),
            _ if step.upstream => Err(Halt::NotFound),
            _ => Ok(false),
        }
    }

    fn index(
        &mut self,
        heap: &mut Heap<'_>,
        next: Step<'_>,
        value: Value,
        index: i32,
        depth: u32,
    ) -> Result<(), Halt> {
        match item(heap, value, index) {
            Some(item) => self.step(heap, next, item, depth + 1),
            None => Ok(()),
        }
    }

    fn children(
        &mut self,
        heap: &mut Heap<'_>,
        next: Step<'_>,
        value: Value,
        depth: u32,
    ) -> Result<(), Halt> {
        for index in 0..len(heap, value) {
            let Some(child) = child(heap, value, index as u32) else {
                break;
            };
            if self.leaf(heap, next, child)? {
                continue;
            }
            match self.step(heap, next, child, depth + 1) {
                Err(Halt::NotFound) if !self.rules.required => {}
                result => result?,
            }
        }
        Ok(())
    }

    /// The last member name of an indefinite path, at one of many values; false for any other end of a path.
    #[inline]
    fn leaf(&self, heap: &mut Heap<'_>, next: Step<'_>, value: Value) -> Result<bool, Halt> {
        let Some((Token::Property(name), [])) = code::token(next.tokens) else {
            return Ok(false);
        };
        if self.rules.required || next.upstream {
            return Ok(false);
        }
        heap.spend(1)?;
        if matches!(value, Value::Map(_))
            && let Some(member) = heap.member(value, name)?
        {
            heap.scratch.push_value(member)?;
        }
        Ok(true)
    }

    /// `..`: the next token at every map and list from here down that it can be applied to.
    fn scan(
        &mut self,
        heap: &mut Heap<'_>,
        tokens: &[u8],
        value: Value,
        depth: u32,
    ) -> Result<(), Halt> {
        if depth > crate::json::MAX_DEPTH * 2 {
            return Err(Halt::Error(PathError::Bound(Bound::Depth)));
        }
        heap.spend(1)?;
        let Some((target, rest)) = code::token(tokens) else {
            return Err(Halt::Error(PathError::Invalid));
        };
        let is_map = matches!(value, Value::Map(_));
        if !is_map && !matches!(value, Value::List(_)) {
            return Ok(());
        }
        let fits = match target {
            Token::Property(name) => {
                is_map && (self.rules.required || heap.member(value, name)?.is_some())
            }
            Token::Properties(names) => {
                is_map && (!rest.is_empty() || self.has_all(heap, value, names)?)
            }
            Token::Index(_) | Token::Indices(_) | Token::Slice(..) => !is_map,
            Token::Wildcard => true,
            Token::Filter(filter) => {
                filter::passes(heap, filter, value, self.root, self.rules.depth + 1)?
            }
            Token::Scan | Token::Function(..) => false,
        };
        if fits {
            self.step(
                heap,
                Step {
                    tokens,
                    upstream: false,
                },
                value,
                depth + 1,
            )?;
        }
        for index in 0..len(heap, value) {
            let Some(child) = child(heap, value, index as u32) else {
                break;
            };
            self.scan(heap, tokens, child, depth + 1)?;
        }
        Ok(())
    }

    /// `..name` at the end of a path: the members of this name, each before those below it.
    fn scan_names(
        &mut self,
        heap: &mut Heap<'_>,
        name: &[u8],
        value: Value,
        depth: u32,
    ) -> Result<(), Halt> {
        if depth > crate::json::MAX_DEPTH * 2 {
            return Err(Halt::Error(PathError::Bound(Bound::Depth)));
        }
        let Some(object) = heap.object(value) else {
            return Ok(());
        };
        let (first, width) = match value {
            Value::Map(_) => (1, 2),
            _ => (0, 1),
        };
        heap.spend(u64::from(object.len()) + 1)?;
        if width == 2
            && let Some(member) = heap.member(value, name)?
        {
            heap.scratch.push_value(member)?;
        }
        let mut at = object.start.saturating_add(first);
        for _ in 0..object.len() {
            // Only what holds values is looked into.
            if let Some(child @ (Value::Map(_) | Value::List(_))) = heap.scratch.cell(at) {
                self.scan_names(heap, name, child, depth + 1)?;
            }
            at = at.saturating_add(width);
        }
        Ok(())
    }

    fn has_all(&mut self, heap: &mut Heap<'_>, value: Value, names: &[u8]) -> Result<bool, Halt> {
        let mut names = names;
        while let Some((name, rest)) = code::short_run(names) {
            if heap.member(value, name)?.is_none() {
                return Ok(false);
            }
            names = rest;
        }
        Ok(true)
    }
}

fn len(heap: &Heap<'_>, value: Value) -> i32 {
    heap.object(value).map_or(0, |object| object.len() as i32)
}

fn child(heap: &Heap<'_>, value: Value, index: u32) -> Option<Value> {
    match value {
        Value::Map(_) => heap.pair(value, index).map(|(_, value)| value),
        Value::List(_) => heap.item(value, index),
        _ => None,
    }
}
