//! Filters: reading them, and deciding whether a value passes.

use alloc::vec::Vec;
use core::cmp::Ordering;

use super::code::{self, Node, Operand, begin, end, put_run};
use super::compile::{nested, unescape};
use super::find::{self, Rules};
use super::reader::Reader;
use super::{MAX_DEPTH, PathError};
use crate::json::{Heap, JsonError, Mode, parse, short_number};
use crate::value::{Text, Value};
use crate::vtl::regex;

const OPERATORS: [&str; 20] = [
    "==", "!=", "<", "<=", ">", ">=", "=~", "===", "!==", "in", "nin", "subsetof", "anyof",
    "noneof", "size", "empty", "contains", "all", "type", "matches",
];

fn operator(word: &[u8]) -> Option<u8> {
    let known = OPERATORS
        .iter()
        .position(|name| name.as_bytes().eq_ignore_ascii_case(word))?;
    // `type` and `matches` compare with Java objects.
    if known >= 18 {
        None
    } else {
        u8::try_from(known).ok()
    }
}

/// Appends the code of an expression in parentheses.
pub(super) fn compile(text: &[u8], depth: u32, out: &mut Vec<u8>) -> Result<(), PathError> {
    let mut compiler = Compiler {
        reader: Reader::new(text),
        depth,
        out,
    };
    compiler.either(0)?;
    compiler.reader.blanks();
    if compiler.reader.now().is_some() {
        compiler.wrong()
    } else {
        Ok(())
    }
}

struct Compiler<'t, 'o> {
    reader: Reader<'t>,
    depth: u32,
    out: &'o mut Vec<u8>,
}

impl Compiler<'_, '_> {
    fn wrong<T>(&self) -> Result<T, PathError> {
        Err(PathError::Syntax(self.reader.at as u32))
    }

    fn joined(&mut self, sign: u8) -> bool {
        self.reader.blanks();
        let there =
            self.reader.now() == Some(sign) && self.reader.byte(self.reader.at + 1) == Some(sign);
        if there {
            self.reader.at += 2;
        }
        there
    }

    /// Puts `tag` before what was written since `start`.
    fn prefix(&mut self, start: usize, tag: &[u8]) {
        let tail: Vec<u8> = self.out.split_off(start);
        self.out.extend_from_slice(tag);
        self.out.extend_from_slice(&tail);
    }

    fn either(&mut self, depth: u32) -> Result<(), PathError> {
        let start = self.out.len();
        self.both(depth)?;
        while self.joined(b'|') {
            self.prefix(start, &[1]);
            self.both(depth)?;
        }
        Ok(())
    }

    fn both(&mut self, depth: u32) -> Result<(), PathError> {
        let start = self.out.len();
        self.one(depth)?;
        while self.joined(b'&') {
            self.prefix(start, &[0]);
            self.one(depth)?;
        }
        Ok(())
    }

    fn one(&mut self, depth: u32) -> Result<(), PathError> {
        if depth > MAX_DEPTH {
            return self.wrong();
        }
        self.reader.blanks();
        match self.reader.now() {
            Some(b'!') => {
                self.reader.at += 1;
                self.reader.blanks();
                // Before a path, `!` belongs to the test whether it is there.
                if matches!(self.reader.now(), Some(b'$' | b'@')) {
                    return self.comparison();
                }
                self.out.push(2);
                self.one(depth + 1)
            }
            Some(b'(') => {
                self.reader.at += 1;
                self.either(depth + 1)?;
                self.reader.blanks();
                if self.reader.now() != Some(b')') {
                    return self.wrong();
                }
                self.reader.at += 1;
                Ok(())
            }
            _ => self.comparison(),
        }
    }

    fn comparison(&mut self) -> Result<(), PathError> {
        let wanted = self.reader.previous() != Some(b'!');
        let start = self.out.len();
        self.reader.blanks();
        let is_path = matches!(self.reader.now(), Some(b'$' | b'@'));
        self.operand()?;
        let saved = (self.reader.at, self.out.len());
        if let Some(known) = self.operator() {
            if self.operand().is_ok() {
                self.prefix(start, &[3, known]);
                return Ok(());
            }
            self.out.truncate(saved.1);
        }
        self.reader.at = saved.0;
        if !is_path {
            return self.wrong();
        }
        self.prefix(start, &[if wanted { 4 } else { 5 }]);
        Ok(())
    }

    fn operator(&mut self) -> Option<u8> {
        self.reader.blanks();
        let start = self.reader.at;
        let rest = self.reader.text.get(start..).unwrap_or(&[]);
        let sign = |byte: &u8| matches!(byte, b'<' | b'>' | b'=' | b'~' | b'!');
        let len = if rest.first().is_some_and(sign) {
            rest.iter().take_while(|byte| sign(byte)).count()
        } else {
            rest.iter().take_while(|byte| **byte != b' ').count()
        };
        let known = operator(self.reader.slice(start, start + len))?;
        self.reader.at = start + len;
        Some(known)
    }

    fn operand(&mut self) -> Result<(), PathError> {
        self.reader.blanks();
        let start = self.reader.at;
        match self.reader.now() {
            Some(context @ (b'$' | b'@')) => {
                let to = self.path_end();
                self.out.push(if context == b'@' { 10 } else { 11 });
                nested(self.reader.slice(start, to), self.depth + 1, self.out)?;
                self.reader.at = to;
            }
            Some(quote @ (b'\'' | b'"')) => {
                let Some(close) = self.reader.closing_quote(start, quote) else {
                    return self.wrong();
                };
                self.out.push(12);
                put_run(&unescape(self.reader.slice(start + 1, close)), self.out);
                self.reader.at = close + 1;
            }
            Some(open @ (b'[' | b'{')) => {
                let Some(close) =
                    self.reader
                        .closing(start, open, if open == b'[' { b']' } else { b'}' }, false)
                else {
                    return self.wrong();
                };
                self.out.push(17);
                put_run(self.reader.slice(start, close + 1), self.out);
                self.reader.at = close + 1;
            }
            Some(b'/') => self.pattern(start)?,
            _ => self.word(start)?,
        }
        Ok(())
    }

    /// Where a path ends: at an operator, a blank, or a parenthesis that is not its own.
    fn path_end(&self) -> usize {
        let mut at = self.reader.at + 1;
        while let Some(byte) = self.reader.byte(at) {
            match byte {
                b'[' => match self.reader.closing(at, b'[', b']', true) {
                    Some(close) => at = close,
                    None => return self.reader.text.len(),
                },
                b'(' => match self.reader.closing(at, b'(', b')', false) {
                    Some(close) => at = close,
                    None => return self.reader.text.len(),
                },
                b'<' | b'>' | b'=' | b'~' | b'!' | b' ' | b')' => return at,
                b'&' | b'|' if self.reader.byte(at + 1) == Some(byte) => return at,
                _ => {}
            }
            at += 1;
        }
        at
    }

    fn pattern(&mut self, start: usize) -> Result<(), PathError> {
        let Some(close) = self.reader.closing_quote(start, b'/') else {
            return self.wrong();
        };
        let mut flags = regex::Flags::default();
        let mut at = close + 1;
        while let Some(flag) = self.reader.byte(at) {
            match flag {
                b'i' => flags.ignore_case = true,
                b's' => flags.dot_all = true,
                b'm' => flags.multi_line = true,
                b'u' | b'U' | b'd' | b'x' => {}
                _ => break,
            }
            at += 1;
        }
        self.out.push(18);
        let begun = begin(self.out);
        regex::compile(self.reader.slice(start + 1, close), flags, self.out)
            .map_err(|_| PathError::Syntax(start as u32))?;
        end(begun, self.out);
        self.reader.at = at;
        Ok(())
    }

    fn word(&mut self, start: usize) -> Result<(), PathError> {
        let rest = self.reader.text.get(start..).unwrap_or(&[]);
        for (word, tag) in [(&b"true"[..], 14), (b"false", 15), (b"null", 16)] {
            if rest.starts_with(word) {
                self.out.push(tag);
                self.reader.at += word.len();
                return Ok(());
            }
        }
        let len = rest
            .iter()
            .take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'.' | b'e' | b'E'))
            .count();
        let digits = self.reader.slice(start, start + len);
        let number = core::str::from_utf8(digits)
            .ok()
            .and_then(|digits| digits.parse::<f64>().ok());
        if number.is_none() || len == 0 {
            return self.wrong();
        }
        self.out.push(13);
        put_run(digits, self.out);
        self.reader.at += len;
        Ok(())
    }
}

/// What an operand is worth for one value; nothing for a path that leads nowhere.
type Worth = Option<Value>;

/// Whether `item` passes the filter.
pub(super) fn passes(
    heap: &mut Heap<'_>,
    filter: &[u8],
    item: Value,
    root: Value,
    depth: u32,
) -> Result<bool, PathError> {
    if depth > MAX_DEPTH * 8 {
        return Err(PathError::Bound(crate::json::Bound::Depth));
    }
    heap.spend(1)?;
    let Some((node, rest)) = code::node(filter) else {
        return Ok(false);
    };
    match node {
        Node::And => Ok(passes(heap, rest, item, root, depth + 1)?
            && passes(heap, code::skip(rest), item, root, depth + 1)?),
        Node::Or => Ok(passes(heap, rest, item, root, depth + 1)?
            || passes(heap, code::skip(rest), item, root, depth + 1)?),
        Node::Not => Ok(!passes(heap, rest, item, root, depth + 1)?),
        Node::Exists(wanted) => {
            let Some((Node::Operand(operand), _)) = code::node(rest) else {
                return Ok(false);
            };
            let (path, from) = match operand {
                Operand::Current(path) => (path, item),
                Operand::Root(path) => (path, root),
                _ => return Ok(false),
            };
            Ok(find::from(
                heap,
                path,
                from,
                root,
                Rules {
                    required: path.definite,
                    depth: depth + 1,
                },
            )?
            .is_some()
                == wanted)
        }
        Node::Compare(operator) => {
            let Some((Node::Operand(left), rest)) = code::node(rest) else {
                return Ok(false);
            };
            let Some((Node::Operand(right), _)) = code::node(rest) else {
                return Ok(false);
            };
            if let (Operand::Pattern(pattern), other) | (other, Operand::Pattern(pattern)) =
                (left, right)
            {
                let other = worth(heap, other, item, root, depth)?;
                return Ok(operator == 6 && matches(heap, pattern, other)?);
            }
            let left = worth(heap, left, item, root, depth)?;
            let right = worth(heap, right, item, root, depth)?;
            compare(heap, operator, left, right)
        }
        Node::Operand(_) => Ok(false),
    }
}

fn worth(
    heap: &mut Heap<'_>,
    operand: Operand<'_>,
    item: Value,
    root: Value,
    depth: u32,
) -> Result<Worth, PathError> {
    let path = |heap: &mut Heap<'_>, path, from| {
        let found = find::from(
            heap,
            path,
            from,
            root,
            Rules {
                required: false,
                depth: depth + 1,
            },
        )?;
        Ok(found)
    };
    Ok(Some(match operand {
        Operand::Current(code) => return path(heap, code, item),
        Operand::Root(code) => return path(heap, code, root),
        Operand::Text(bytes) => heap.text(bytes)?,
        Operand::Number(digits) => number(digits),
        Operand::Bool(truth) => Value::Bool(truth),
        Operand::Null => Value::Null,
        Operand::Json(json) => json_value(heap, json)?,
        Operand::Pattern(_) => return Ok(None),
    }))
}

pub(super) fn json_value(heap: &mut Heap<'_>, json: &[u8]) -> Result<Value, PathError> {
    let text = heap.scratch.push(json)?;
    parse(heap, text, Mode::Lenient).map_err(|error| match error {
        JsonError::Bound(bound) => PathError::Bound(bound),
        JsonError::Syntax(_) => PathError::Invalid,
    })
}

pub(super) fn number(digits: &[u8]) -> Value {
    if let Some((number, len)) = short_number(digits)
        && len == digits.len()
    {
        return number;
    }
    let text = core::str::from_utf8(digits).unwrap_or("");
    text.parse()
        .map(Value::Int)
        .or_else(|_| text.parse().map(Value::Double))
        .unwrap_or(Value::Missing)
}

fn is_number(value: Value) -> bool {
    matches!(value, Value::Int(_) | Value::Double(_) | Value::Big(_))
}

fn decimal(heap: &Heap<'_>, value: Value) -> Option<f64> {
    match value {
        Value::Int(number) => Some(number as f64),
        Value::Double(number) => Some(number),
        Value::Big(text) | Value::Text(text) => core::str::from_utf8(heap.bytes(text))
            .ok()?
            .trim()
            .parse()
            .ok(),
        _ => None,
    }
}

fn text_of(heap: &mut Heap<'_>, value: Value) -> Result<Text, PathError> {
    Ok(heap.to_text(value, crate::json::Style::Java)?)
}

/// Jayway's `==`: numbers and texts are compared with each other in the left side's way.
fn equal(heap: &mut Heap<'_>, left: Value, right: Value) -> Result<bool, PathError> {
    Ok(match (left, right) {
        (Value::Int(a), Value::Int(b)) => a == b,
        (left, right)
            if is_number(left) && (is_number(right) || matches!(right, Value::Text(_))) =>
        {
            let (a, b) = (decimal(heap, left), decimal(heap, right));
            a.is_some() && a == b
        }
        (Value::Text(_), right) if is_number(right) || matches!(right, Value::Text(_)) => {
            let (a, b) = (text_of(heap, left)?, text_of(heap, right)?);
            heap.bytes(a) == heap.bytes(b)
        }
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Null | Value::Missing, Value::Null | Value::Missing) => true,
        (Value::List(_), Value::List(_)) | (Value::Map(_), Value::Map(_)) => {
            same(heap, left, right, 0)?
        }
        _ => false,
    })
}

/// Java's `equals` of parsed JSON.
fn same(heap: &mut Heap<'_>, left: Value, right: Value, depth: u32) -> Result<bool, PathError> {
    if depth > crate::json::MAX_DEPTH {
        return Err(PathError::Bound(crate::json::Bound::Depth));
    }
    heap.spend(1)?;
    let (Some(a), Some(b)) = (heap.object(left), heap.object(right)) else {
        return Ok(heap.same_key(left, right));
    };
    if a.len() != b.len() {
        return Ok(false);
    }
    for index in 0..a.len() {
        let (ours, theirs) = match (left, right) {
            (Value::List(_), Value::List(_)) => (heap.item(left, index), heap.item(right, index)),
            (Value::Map(_), Value::Map(_)) => {
                let Some((key, value)) = heap.pair(left, index) else {
                    return Ok(false);
                };
                (Some(value), heap.get(right, key)?)
            }
            _ => return Ok(false),
        };
        match (ours, theirs) {
            (Some(ours), Some(theirs)) if same(heap, ours, theirs, depth + 1)? => {}
            _ => return Ok(false),
        }
    }
    Ok(true)
}

fn order(heap: &mut Heap<'_>, left: Value, right: Value) -> Result<Option<Ordering>, PathError> {
    if is_number(left) && is_number(right) {
        let (a, b) = (decimal(heap, left), decimal(heap, right));
        return Ok(a.zip(b).and_then(|(a, b)| a.partial_cmp(&b)));
    }
    if !matches!((left, right), (Value::Text(_), Value::Text(_))) {
        return Ok(None);
    }
    let (a, b) = (text_of(heap, left)?, text_of(heap, right)?);
    Ok(Some(heap.bytes(a).cmp(heap.bytes(b))))
}

pub(super) fn compare(
    heap: &mut Heap<'_>,
    operator: u8,
    left: Worth,
    right: Worth,
) -> Result<bool, PathError> {
    let (left, right) = match (left, right) {
        (Some(left), Some(right)) => (left, right),
        // What is nowhere equals nothing, and is in nothing.
        _ => return Ok(matches!(operator, 1 | 8 | 10)),
    };
    let class = |value| match value {
        Value::Int(_) | Value::Double(_) | Value::Big(_) => 1,
        Value::Text(_) => 2,
        Value::Bool(_) => 3,
        Value::Null | Value::Missing => 4,
        _ => 5,
    };
    let listed = |value| matches!(value, Value::List(_));
    Ok(match operator {
        0 => equal(heap, left, right)?,
        1 => !equal(heap, left, right)?,
        2 => order(heap, left, right)?.is_some_and(Ordering::is_lt),
        3 => order(heap, left, right)?.is_some_and(Ordering::is_le),
        4 => order(heap, left, right)?.is_some_and(Ordering::is_gt),
        5 => order(heap, left, right)?.is_some_and(Ordering::is_ge),
        7 => class(left) == class(right) && equal(heap, left, right)?,
        8 => class(left) != class(right) || !equal(heap, left, right)?,
        9 | 10 => (listed(right) && contains(heap, right, left)?) == (operator == 9),
        11 => listed(left) && listed(right) && count_in(heap, left, right)? == len(heap, left),
        12 => listed(left) && listed(right) && count_in(heap, left, right)? > 0,
        13 => listed(left) && listed(right) && count_in(heap, left, right)? == 0,
        14 => match (left, right) {
            (_, right) if !is_number(right) => false,
            (Value::Text(text), _) => decimal(heap, right) == Some(units(heap.bytes(text)) as f64),
            (Value::List(_) | Value::Map(_), _) => {
                decimal(heap, right) == Some(f64::from(len(heap, left)))
            }
            _ => false,
        },
        15 => match (left, right) {
            (Value::Text(text), Value::Bool(wanted)) => text.is_empty() == wanted,
            (Value::List(_) | Value::Map(_), Value::Bool(wanted)) => {
                (len(heap, left) == 0) == wanted
            }
            _ => false,
        },
        16 => match (left, right) {
            (Value::Text(a), Value::Text(b)) => crate::vtl::contains(heap.bytes(a), heap.bytes(b)),
            (Value::List(_), _) => contains(heap, left, right)?,
            _ => false,
        },
        17 => listed(left) && listed(right) && count_in(heap, right, left)? == len(heap, right),
        _ => false,
    })
}

fn units(bytes: &[u8]) -> usize {
    core::str::from_utf8(bytes).map_or(bytes.len(), |text| text.encode_utf16().count())
}

fn len(heap: &Heap<'_>, value: Value) -> u32 {
    heap.object(value).map_or(0, |object| object.len())
}

fn contains(heap: &mut Heap<'_>, list: Value, value: Value) -> Result<bool, PathError> {
    for index in 0..len(heap, list) {
        heap.spend(1)?;
        let item = heap.item(list, index).unwrap_or_default();
        if equal(heap, value, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many items of `these` are in `those`.
fn count_in(heap: &mut Heap<'_>, these: Value, those: Value) -> Result<u32, PathError> {
    let mut count = 0;
    for index in 0..len(heap, these) {
        let item = heap.item(these, index).unwrap_or_default();
        count += u32::from(contains(heap, those, item)?);
    }
    Ok(count)
}

/// `=~`: the whole text, or one of a list's.
fn matches(heap: &mut Heap<'_>, pattern: &[u8], with: Worth) -> Result<bool, PathError> {
    let Some(value) = with else {
        return one_matches(heap, pattern, Value::Text(Text::EMPTY));
    };
    if !matches!(value, Value::List(_)) {
        return one_matches(heap, pattern, value);
    }
    for index in 0..len(heap, value) {
        let item = heap.item(value, index).unwrap_or_default();
        if one_matches(heap, pattern, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn one_matches(heap: &mut Heap<'_>, pattern: &[u8], value: Value) -> Result<bool, PathError> {
    let text = match value {
        Value::Text(_) | Value::Int(_) | Value::Double(_) | Value::Big(_) | Value::Bool(_) => {
            text_of(heap, value)?
        }
        _ => Text::EMPTY,
    };
    regex::whole(heap, pattern, text).map_err(|error| match error {
        regex::RunError::Bound(bound) => PathError::Bound(bound),
        regex::RunError::Corrupt => PathError::Invalid,
    })
}
