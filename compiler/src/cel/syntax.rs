//! Text to the crate's tree, in which macros are the calls that were written.

use std::collections::HashMap;

use cel_interpreter::Env;
use cel_interpreter::common::ast::{Expr, IdedExpr, SourceInfo, operators};

use super::{Fault, FaultKind};

/// Longer texts are refused: the parser keeps every token.
const MAX_LENGTH: usize = 16 << 10;
/// Brackets that nest deeper are refused.
const MAX_DEPTH: u16 = 32;
/// What the crate's parser takes of the stack at that depth, in bytes: it calls itself many times for a bracket,
/// and threads have 2 MiB.
const STACK: usize = 6 << 20;
/// So are longer chains of `a.b.c`, and of operators that nest to one side.
const MAX_CHAIN: u16 = 64;

/// Bytes of each node.
pub(super) struct Offsets {
    info: SourceInfo,
    length: u32,
}

impl Offsets {
    /// From the first byte of a node to one past its last.
    pub(super) fn of(&self, tree: &IdedExpr) -> (u32, u32) {
        self.cover(tree).unwrap_or((0, self.length))
    }

    /// The crate places a node at its own token (the dot, the bracket, the operator); what a
    /// person calls the expression reaches from its first operand to its last bracket.
    fn cover(&self, tree: &IdedExpr) -> Option<(u32, u32)> {
        let mut at: Option<(u32, u32)> = None;
        let mut join = |part: Option<(u32, u32)>| {
            if let Some((start, stop)) = part {
                let known = at.get_or_insert((start, stop));
                *known = (known.0.min(start), known.1.max(stop));
            }
        };
        join(self.info.offset_for(tree.id).map(|(start, stop)| {
            // The parser counts the last byte in.
            (
                start.min(self.length),
                stop.saturating_add(1).min(self.length),
            )
        }));
        match &tree.expr {
            Expr::Call(call) => {
                call.target
                    .iter()
                    .for_each(|target| join(self.cover(target)));
                call.args.iter().for_each(|arg| join(self.cover(arg)));
                if operator(&call.func_name).is_none_or(|operator| operator.ends_with("[]")) {
                    at = at.map(|at| self.brackets(at));
                }
            }
            Expr::Select(select) => {
                join(self.cover(&select.operand));
                at = at.map(|at| self.field(at, &select.field));
            }
            Expr::List(list) => {
                list.elements
                    .iter()
                    .for_each(|element| join(self.cover(element)));
                at = at.map(|at| self.brackets(at));
            }
            _ => {}
        }
        at
    }

    /// Takes in the name before an opening bracket, and the closing one.
    fn brackets(&self, (start, stop): (u32, u32)) -> (u32, u32) {
        let text = &self.info.source;
        let name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let before = text.get(..start as usize).unwrap_or("");
        let start = before.trim_end_matches(name).len() as u32;
        let after = text.get(stop as usize..).unwrap_or("");
        let closing = after
            .char_indices()
            .take_while(|(_, c)| c.is_whitespace() || *c == ',' || *c == ')' || *c == ']')
            .find(|(_, c)| *c == ')' || *c == ']');
        (start, closing.map_or(stop, |(at, _)| stop + at as u32 + 1))
    }

    /// Takes in the name behind a dot.
    fn field(&self, (start, stop): (u32, u32), field: &str) -> (u32, u32) {
        let after = self.info.source.get(stop as usize..).unwrap_or("");
        let found = after
            .find(field)
            .filter(|at| after[..*at].trim().is_empty());
        (
            start,
            found.map_or(stop, |at| stop + (at + field.len()) as u32),
        )
    }
}

/// Parses a text.
pub(super) fn parse(text: &str) -> Result<(IdedExpr, Offsets), Fault> {
    let length = text.len() as u32;
    let fault = |why: &str, at| Fault {
        kind: FaultKind::Syntax(why.to_owned()),
        at,
    };
    if text.trim().is_empty() {
        return Err(fault("it is empty", (0, length)));
    }
    if text.len() > MAX_LENGTH {
        return Err(fault("it is longer than 16 KiB", (0, length)));
    }
    if let Some(at) = too_deep(text) {
        return Err(fault("it nests too deep from here on", (at, length)));
    }
    let parsed = stacker::maybe_grow(STACK, STACK, || {
        // An environment without macros leaves them as they are written.
        Env::default()
            .parser()
            .enable_ident_escape_syntax(true)
            .max_recursion_depth(MAX_DEPTH)
            .parse_with_source_info(text)
    });
    match parsed {
        Ok((tree, info)) => Ok((tree, Offsets { info, length })),
        Err(errors) => {
            let first = errors.errors.first();
            let why = first.map_or("it cannot be read", |error| error.msg.as_str());
            let at = first
                .map_or(0, |error| byte_of(text, error.pos))
                .min(length);
            let end = text
                .get(at as usize..)
                .and_then(|rest| rest.chars().next())
                .map_or(at, |c| at + c.len_utf8() as u32);
            Err(fault(&readable(why), (at, end)))
        }
    }
}

/// The byte at which a text nests deeper than the crate's recursive parser is trusted
/// with: its own limit does not keep it from exhausting the stack.
fn too_deep(text: &str) -> Option<u32> {
    let bytes = text.as_bytes();
    let (mut depth, mut dots, mut operators, mut choices) = (0_u16, 0_u16, 0_u16, 0_u16);
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' | b'\'' => {
                let raw = at > 0 && matches!(bytes[at - 1], b'r' | b'R');
                at = after_string(bytes, at, raw);
                continue;
            }
            b'(' | b'[' | b'{' => {
                depth += 1;
                dots += u16::from(*byte == b'[');
            }
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            b'.' => dots += 1,
            b'?' => choices += 1,
            b'&' | b'|' | b',' => (dots, operators) = (0, 0),
            b'=' | b'<' | b'>' | b'+' | b'-' | b'*' | b'/' | b'%' | b'!' => {
                dots = 0;
                // `==` and its like count once.
                operators += u16::from(at == 0 || !b"=<>!".contains(&bytes[at - 1]));
            }
            _ => {}
        }
        if depth > MAX_DEPTH || choices > MAX_DEPTH || dots > MAX_CHAIN || operators > MAX_CHAIN {
            return Some(at as u32);
        }
        at += 1;
    }
    None
}

/// One past the string that starts at `at`.
fn after_string(bytes: &[u8], at: usize, raw: bool) -> usize {
    let quote = bytes[at];
    let long = bytes.get(at..at + 3) == Some(&[quote; 3]);
    let mut end = at + if long { 3 } else { 1 };
    while let Some(byte) = bytes.get(end) {
        match byte {
            b'\\' if !raw => end += 1,
            byte if *byte == quote && !long => return end + 1,
            byte if *byte == quote && bytes.get(end..end + 3) == Some(&[quote; 3]) => {
                return end + 3;
            }
            _ => {}
        }
        end += 1;
    }
    end
}

/// The byte of a line and column, both from 1.
fn byte_of(text: &str, (line, column): (isize, isize)) -> u32 {
    let Ok(line) = usize::try_from(line - 1) else {
        return 0;
    };
    let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(before..).unwrap_or("");
    let inside: usize = rest
        .chars()
        .take(usize::try_from(column - 1).unwrap_or(0))
        .map(char::len_utf8)
        .sum();
    (before + inside) as u32
}

/// The parser's message without its list of token names.
fn readable(message: &str) -> String {
    let message = message.split(" expecting ").next().unwrap_or(message);
    let message = message.split("\n").next().unwrap_or(message);
    let message = message
        .replace("'<EOF>'", "its end")
        .replace("<EOF>", "its end");
    message.trim().trim_end_matches('.').replace('\'', "`")
}

/// What an operator is called in the model.
pub(super) fn operator(name: &str) -> Option<&'static str> {
    let names: HashMap<&str, &'static str> = HashMap::from([
        (operators::CONDITIONAL, "?:"),
        (operators::LOGICAL_AND, "&&"),
        (operators::LOGICAL_OR, "||"),
        (operators::LOGICAL_NOT, "!"),
        (operators::SUBSTRACT, "-"),
        (operators::ADD, "+"),
        (operators::EQUALS, "=="),
        (operators::NOT_EQUALS, "!="),
        (operators::GREATER_EQUALS, ">="),
        (operators::LESS_EQUALS, "<="),
        (operators::GREATER, ">"),
        (operators::LESS, "<"),
        (operators::IN, "in"),
        (operators::INDEX, "[]"),
        (operators::OPT_INDEX, "?[]"),
        (operators::OPT_SELECT, "?."),
        (operators::NEGATE, "-"),
        (operators::MULTIPLY, "*"),
        (operators::DIVIDE, "/"),
        (operators::MODULO, "%"),
    ]);
    names.get(name).copied()
}
