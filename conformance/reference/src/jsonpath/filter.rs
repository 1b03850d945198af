//! The filters of a path: `[?(@.price < 10 && !@.sold)]`.

use std::cmp::Ordering;

use crate::json;
use crate::number::{Number, parse_decimal};
use crate::regex;
use crate::value::Value;

use super::compile::{closing, compile_at, quote_end, unescape};
use super::{Path, PathError};

/// A condition on an item.
#[derive(Clone, Debug)]
pub(crate) enum Filter {
    /// Any of these.
    Or(Vec<Filter>),
    /// All of these.
    And(Vec<Filter>),
    /// Not this.
    Not(Box<Filter>),
    /// A path that leads somewhere, or (false) must not.
    Exists(Path, bool),
    /// An operator between two operands.
    Relation(Operand, String, Operand),
}

/// A side of an operator.
#[derive(Clone, Debug)]
pub(crate) enum Operand {
    /// What a path finds.
    Path(Path),
    /// A number, text, truth value, null, object or list.
    Literal(Value),
    /// `/pattern/flags`, with the flags in Java's inline form.
    Pattern(String),
}

/// What an operand is, once its path is evaluated.
enum Side {
    Undefined,
    Value(Value),
    Pattern(String),
}

const OPERATORS: &[&str] = &[
    ">=", "<=", "==", "===", "!==", "!=", "<", ">", "=~", "nin", "in", "contains", "all", "size",
    "type", "empty", "subsetof", "anyof", "noneof",
];

fn invalid<T>(message: impl Into<String>) -> Result<T, PathError> {
    Err(PathError::Invalid(message.into()))
}

/// Reads a filter with its outer parentheses.
pub(super) fn compile(chars: &[char], depth: usize) -> Result<Filter, PathError> {
    let mut reader = Reader {
        chars,
        at: 0,
        depth,
    };
    let filter = reader.or(0)?;
    reader.skip();
    if reader.at < chars.len() {
        return invalid("a filter that goes on after its end");
    }
    Ok(filter)
}

struct Reader<'a> {
    chars: &'a [char],
    at: usize,
    depth: usize,
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn skip(&mut self) {
        while self.peek() == Some(' ') {
            self.at += 1;
        }
    }

    fn eat(&mut self, text: &str) -> bool {
        self.skip();
        let wanted: Vec<char> = text.chars().collect();
        let found = self.chars[self.at.min(self.chars.len())..].starts_with(&wanted);
        if found {
            self.at += wanted.len();
        }
        found
    }

    fn or(&mut self, depth: usize) -> Result<Filter, PathError> {
        if depth > 50 {
            return invalid("a filter that nests too deep");
        }
        let mut any = vec![self.and(depth)?];
        while self.eat("||") {
            any.push(self.and(depth)?);
        }
        Ok(if any.len() == 1 {
            any.remove(0)
        } else {
            Filter::Or(any)
        })
    }

    fn and(&mut self, depth: usize) -> Result<Filter, PathError> {
        let mut all = vec![self.operand_of_and(depth)?];
        while self.eat("&&") {
            all.push(self.operand_of_and(depth)?);
        }
        Ok(if all.len() == 1 {
            all.remove(0)
        } else {
            Filter::And(all)
        })
    }

    fn operand_of_and(&mut self, depth: usize) -> Result<Filter, PathError> {
        if depth > 50 {
            return invalid("a filter that nests too deep");
        }
        self.skip();
        let start = self.at;
        if self.eat("!") {
            self.skip();
            // Before a path it belongs to the test for existence.
            if !matches!(self.peek(), Some('$' | '@')) {
                let inner = self.operand_of_and(depth + 1)?;
                return Ok(Filter::Not(Box::new(inner)));
            }
            self.at = start;
        }
        if self.eat("(") {
            let inner = self.or(depth + 1)?;
            if !self.eat(")") {
                return invalid("a parenthesis that is never closed");
            }
            return Ok(inner);
        }
        self.relation()
    }

    fn relation(&mut self) -> Result<Filter, PathError> {
        self.skip();
        let negated = self.peek() == Some('!');
        let left = self.operand()?;
        let after_left = self.at;
        if let Ok(operator) = self.operator()
            && let Ok(right) = self.operand()
        {
            return Ok(Filter::Relation(left, operator, right));
        }
        self.at = after_left;
        match left {
            Operand::Path(path) => Ok(Filter::Exists(path, !negated)),
            _ => invalid("a literal is no condition"),
        }
    }

    fn operator(&mut self) -> Result<String, PathError> {
        self.skip();
        let is_sign = |c: char| matches!(c, '<' | '>' | '=' | '~' | '!');
        let start = self.at;
        if self.peek().is_some_and(is_sign) {
            while self.peek().is_some_and(is_sign) {
                self.at += 1;
            }
        } else {
            while self.peek().is_some_and(|c| c != ' ') {
                self.at += 1;
            }
        }
        let text: String = self.chars[start..self.at].iter().collect();
        let text = text.to_lowercase();
        if OPERATORS.contains(&text.as_str()) {
            Ok(text)
        } else {
            invalid(format!("`{text}` is no operator"))
        }
    }

    fn operand(&mut self) -> Result<Operand, PathError> {
        self.skip();
        match self.peek() {
            Some('$' | '@') => self.path(),
            Some('!') => {
                self.at += 1;
                self.skip();
                match self.peek() {
                    Some('$' | '@') => self.path(),
                    _ => invalid("a `!` that stands before no path"),
                }
            }
            Some('\'' | '"') => {
                let Some(end) = quote_end(self.chars, self.at) else {
                    return invalid("a text that is never closed");
                };
                let text: String = self.chars[self.at + 1..end].iter().collect();
                self.at = end + 1;
                Ok(Operand::Literal(Value::text(unescape(&text))))
            }
            Some('{' | '[') => {
                let open = self.chars[self.at];
                let close = if open == '{' { '}' } else { ']' };
                let Some(end) = closing(self.chars, self.at, open, close, false)? else {
                    return invalid("a bracket that is never closed");
                };
                let text: String = self.chars[self.at..=end].iter().collect();
                self.at = end + 1;
                match json::read(&text) {
                    Some(value) => Ok(Operand::Literal(value)),
                    None => invalid(format!("`{text}` is no JSON")),
                }
            }
            Some('/') => {
                let Some(end) = quote_end(self.chars, self.at) else {
                    return invalid("a pattern that is never closed");
                };
                let text: String = self.chars[self.at + 1..end].iter().collect();
                self.at = end + 1;
                let mut flags = String::new();
                while let Some(c) = self.peek().filter(|c| "dixmsuU".contains(*c)) {
                    flags.push(c);
                    self.at += 1;
                }
                let flags = if flags.is_empty() {
                    flags
                } else {
                    format!("(?{flags})")
                };
                let pattern = format!("{flags}{text}");
                match regex::compile(&pattern) {
                    Ok(_) => Ok(Operand::Pattern(pattern)),
                    Err(error) => invalid(error),
                }
            }
            _ => self.word(),
        }
    }

    /// `true`, `false`, `null`, or a number.
    fn word(&mut self) -> Result<Operand, PathError> {
        for (word, value) in [
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("null", Value::Null),
        ] {
            if self.eat(word) {
                return Ok(Operand::Literal(value));
            }
        }
        let start = self.at;
        while self
            .peek()
            .is_some_and(|c| c.is_ascii_digit() || matches!(c, '-' | '.' | 'e' | 'E'))
        {
            self.at += 1;
        }
        let text: String = self.chars[start..self.at].iter().collect();
        match parse_decimal(&text) {
            Some((unscaled, scale)) if !text.is_empty() => Ok(Operand::Literal(Value::Number(
                Number::Decimal(unscaled, scale),
            ))),
            _ => invalid(format!(
                "what begins at position {start} of a filter is no literal"
            )),
        }
    }

    /// A path, up to a blank, an operator or the filter's own parenthesis.
    fn path(&mut self) -> Result<Operand, PathError> {
        let start = self.at;
        self.at += 1;
        while self.at < self.chars.len() {
            if self.peek() == Some('[') {
                match closing(self.chars, self.at, '[', ']', false)? {
                    Some(end) => self.at = end + 1,
                    None => return invalid("a bracket that is never closed"),
                }
            }
            match self.peek() {
                None => break,
                Some(c) if c == ' ' || matches!(c, '<' | '>' | '=' | '~' | '!') => break,
                Some(')') if !self.closes_function(start) => break,
                Some(_) => self.at += 1,
            }
        }
        let text: String = self.chars[start..self.at].iter().collect();
        compile_at(&text, self.depth).map(Operand::Path)
    }

    /// Whether the parenthesis here belongs to a function of the path that began at `start`.
    fn closes_function(&self, start: usize) -> bool {
        let mut open = 0_i32;
        for c in &self.chars[start..self.at] {
            match c {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
        }
        open > 0
    }
}

impl Filter {
    /// Whether an item passes.
    pub(crate) fn accepts(&self, item: &Value, root: &Value) -> Result<bool, PathError> {
        Ok(match self {
            Filter::Or(any) => {
                for filter in any {
                    if filter.accepts(item, root)? {
                        return Ok(true);
                    }
                }
                false
            }
            Filter::And(all) => {
                for filter in all {
                    if !filter.accepts(item, root)? {
                        return Ok(false);
                    }
                }
                true
            }
            Filter::Not(filter) => !filter.accepts(item, root)?,
            Filter::Exists(path, wanted) => path.evaluate(item, root, true)?.is_some() == *wanted,
            Filter::Relation(left, operator, right) => {
                let (left, right) = (left.side(item, root)?, right.side(item, root)?);
                relate(&left, operator, &right)?
            }
        })
    }
}

impl Operand {
    fn side(&self, item: &Value, root: &Value) -> Result<Side, PathError> {
        Ok(match self {
            Operand::Literal(value) => Side::Value(value.clone()),
            Operand::Pattern(pattern) => Side::Pattern(pattern.clone()),
            Operand::Path(path) => match path.evaluate(item, root, false)? {
                Some(value) => Side::Value(value),
                None => Side::Undefined,
            },
        })
    }
}

fn relate(left: &Side, operator: &str, right: &Side) -> Result<bool, PathError> {
    let order = || compare(left, right);
    Ok(match operator {
        "==" => equal(left, right),
        "!=" => !equal(left, right),
        "===" => same_class(left, right) && equal(left, right),
        "!==" => !(same_class(left, right) && equal(left, right)),
        "<" => order() == Some(Ordering::Less),
        "<=" => matches!(order(), Some(Ordering::Less | Ordering::Equal)),
        ">" => order() == Some(Ordering::Greater),
        ">=" => matches!(order(), Some(Ordering::Greater | Ordering::Equal)),
        "=~" => return fits(left, right),
        "in" => contained(left, right)?,
        "nin" => !contained(left, right)?,
        "contains" => match (left, right) {
            (Side::Value(Value::Text(text)), Side::Value(Value::Text(part))) => {
                text.contains(part.as_ref())
            }
            (Side::Value(Value::List(_)), _) => contained(right, left)?,
            _ => false,
        },
        "all" => {
            let Some(wanted) = items(right) else {
                return invalid("`all` needs a list on its right");
            };
            match items(left) {
                Some(items) => wanted
                    .iter()
                    .all(|wanted| items.iter().any(|item| equal_values(item, wanted))),
                None => matches!(left, Side::Value(Value::Map(_))),
            }
        }
        "size" => {
            let Side::Value(Value::Number(expected)) = right else {
                return Ok(false);
            };
            let size = match left {
                Side::Value(Value::Text(text)) => text.encode_utf16().count(),
                Side::Value(Value::List(list)) => list.items.borrow().len(),
                Side::Value(Value::Map(map)) => map.entries.borrow().len(),
                _ => return Ok(false),
            };
            size as f64 == expected.to_f64().trunc()
        }
        "empty" => {
            let empty = match left {
                Side::Value(Value::Text(text)) => text.is_empty(),
                Side::Value(Value::List(list)) => list.items.borrow().is_empty(),
                Side::Value(Value::Map(map)) => map.entries.borrow().is_empty(),
                _ => return Ok(false),
            };
            match right {
                Side::Value(Value::Bool(wanted)) => empty == *wanted,
                _ => return invalid("`empty` needs a truth value on its right"),
            }
        }
        "subsetof" | "anyof" | "noneof" => {
            let Some(right) = items(right) else {
                return if matches!(right, Side::Value(Value::Map(_))) {
                    Ok(false)
                } else {
                    invalid(format!("`{operator}` needs a list on its right"))
                };
            };
            let Some(left) = items(left) else {
                return if matches!(left, Side::Value(Value::Map(_))) {
                    Ok(false)
                } else {
                    invalid(format!("`{operator}` needs a list on its left"))
                };
            };
            let inside = |item: &Value| right.iter().any(|other| equal_values(item, other));
            match operator {
                "subsetof" => left.iter().all(inside),
                "anyof" => left.iter().any(inside),
                _ => !left.iter().any(inside),
            }
        }
        // Java classes on the right cannot be written in a path's text.
        _ => false,
    })
}

fn items(side: &Side) -> Option<Vec<Value>> {
    match side {
        Side::Value(Value::List(list)) => Some(list.items.borrow().clone()),
        _ => None,
    }
}

/// Whether `list` holds what equals `item`.
fn contained(item: &Side, list: &Side) -> Result<bool, PathError> {
    match list {
        Side::Value(Value::List(list)) => Ok(list.items.borrow().iter().any(|other| {
            equal(&Side::Value(other.clone()), item) || equal(item, &Side::Value(other.clone()))
        })),
        Side::Value(Value::Map(_)) => Ok(false),
        _ => invalid("`in` needs a list on its right"),
    }
}

fn equal(left: &Side, right: &Side) -> bool {
    match (left, right) {
        (Side::Value(left), Side::Value(right)) => equal_values(left, right),
        (Side::Pattern(left), Side::Pattern(right)) => left == right,
        _ => false,
    }
}

/// Numbers and texts that say the same are equal; objects and lists by content.
fn equal_values(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => a.same(b),
        (Value::Number(a), Value::Text(text)) => parse_decimal(text)
            .is_some_and(|(unscaled, scale)| a.same(&Number::Decimal(unscaled, scale))),
        (Value::Text(text), Value::Number(b)) => **text == b.print(),
        (Value::List(a), Value::List(b)) => {
            let (a, b) = (a.items.borrow(), b.items.borrow());
            a.len() == b.len() && a.iter().zip(b.iter()).all(|(a, b)| equal_json(a, b))
        }
        (Value::Map(_), Value::Map(_)) => equal_json(left, right),
        _ => left.same(right),
    }
}

fn equal_json(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => a.same(b),
        _ => left.same(right),
    }
}

fn same_class(left: &Side, right: &Side) -> bool {
    let class = |side: &Side| match side {
        Side::Undefined => "undefined",
        Side::Pattern(_) => "pattern",
        Side::Value(Value::Number(_)) => "number",
        Side::Value(Value::List(_) | Value::Map(_)) => "json",
        Side::Value(other) => other.class(),
    };
    class(left) == class(right)
}

fn compare(left: &Side, right: &Side) -> Option<Ordering> {
    match (left, right) {
        (Side::Value(Value::Number(a)), Side::Value(Value::Number(b))) => a.compare(b),
        (Side::Value(Value::Text(a)), Side::Value(Value::Text(b))) => {
            Some(a.encode_utf16().cmp(b.encode_utf16()))
        }
        _ => None,
    }
}

/// `=~`: the whole text fits, or any text of a list.
fn fits(left: &Side, right: &Side) -> Result<bool, PathError> {
    let (pattern, other) = match (left, right) {
        (Side::Pattern(pattern), other @ (Side::Value(_) | Side::Undefined))
        | (other @ (Side::Value(_) | Side::Undefined), Side::Pattern(pattern)) => (pattern, other),
        _ => return Ok(false),
    };
    let input = |value: &Value| match value {
        Value::Text(_) | Value::Number(_) | Value::Bool(_) => value.print(),
        _ => String::new(),
    };
    Ok(match other {
        Side::Value(Value::List(list)) => list
            .items
            .borrow()
            .iter()
            .any(|item| regex::matches(pattern, &input(item))),
        Side::Value(value) => regex::matches(pattern, &input(value)),
        _ => regex::matches(pattern, ""),
    })
}
