//! Evaluates what reads nothing of a request, when the program is built.
//!
//! A failure is a value of its own: `&&` and `||` decide without it where they can, and what a request
//! decides is told from what fails whatever it says. Steps and sizes are bounded: an expression beyond
//! them fails.

mod convert;
mod format;
mod functions;
mod lists;
mod math;
pub(crate) mod network;
mod optional;
mod reckon;
mod text;
pub(crate) mod time;
mod walk;
pub(crate) mod zone;

use tollgate_model::condition::{Expr, ExprKind};

use super::value::{Constant, at};

/// Steps that one expression may take: nodes visited, elements and bytes made or copied.
const STEPS: u64 = 4 << 20;
/// The longest text, in bytes, and the longest list that an expression may make.
const LONGEST: usize = 1 << 20;

/// Why an expression has no known value.
#[derive(Clone, Debug, PartialEq)]
pub enum Failure {
    /// A request decides.
    Request,
    /// It fails, whatever a request says.
    Error(String),
}

/// A value, or why there is none.
pub(crate) type Found = Result<Constant, Failure>;

/// It fails.
pub(crate) fn error<T>(why: impl Into<String>) -> Result<T, Failure> {
    Err(Failure::Error(why.into()))
}

/// No function or operator takes these.
pub(crate) fn no_overload<T>(name: &str) -> Result<T, Failure> {
    error(format!("`{name}` does not take these values"))
}

/// The value of an expression that reads nothing of a request but what is bound.
///
/// # Errors
///
/// A request decides, or the expression fails.
pub fn evaluate(expression: &Expr, bound: &[(String, Constant)]) -> Result<Constant, Failure> {
    Fold {
        bound,
        locals: Vec::new(),
        steps: STEPS,
    }
    .value(expression)
}

/// The value of an expression that reads nothing of a request, within steps that several share.
pub(crate) fn evaluate_within(expression: &Expr, steps: &mut u64) -> Found {
    let mut fold = Fold {
        bound: &[],
        locals: Vec::new(),
        steps: *steps,
    };
    let found = fold.value(expression);
    *steps = fold.steps;
    found
}

/// The value of an expression that reads nothing of a request; none where it reads one, or where it fails.
pub fn constant(expression: &Expr) -> Option<Constant> {
    evaluate(expression, &[]).ok()
}

struct Fold<'f> {
    bound: &'f [(String, Constant)],
    locals: Vec<(String, Found)>,
    steps: u64,
}

impl Fold<'_> {
    fn charge(&mut self, steps: usize) -> Result<(), Failure> {
        match self.steps.checked_sub(steps as u64) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => error("it takes too many steps"),
        }
    }

    /// Pays for a value that is made or copied.
    fn made(&mut self, value: Constant) -> Found {
        self.charge(weight(&value))?;
        let length = match &value {
            Constant::Text(text) => text.len(),
            Constant::Bytes(bytes) => bytes.len(),
            Constant::List(items) => items.len(),
            Constant::Map(entries) => entries.len(),
            _ => 0,
        };
        match length > LONGEST {
            true => error("it makes too large a value"),
            false => Ok(value),
        }
    }

    fn value(&mut self, expression: &Expr) -> Found {
        self.charge(1)?;
        Ok(match &expression.kind {
            ExprKind::Null => Constant::Null,
            ExprKind::Bool(value) => Constant::Bool(*value),
            ExprKind::Int(value) => Constant::Int(*value),
            ExprKind::Uint(value) => Constant::Uint(*value),
            ExprKind::Double(value) => Constant::Double(*value),
            ExprKind::Text(text) => return self.made(Constant::Text(text.clone())),
            ExprKind::Bytes(bytes) => return self.made(Constant::Bytes(bytes.clone())),
            ExprKind::TypeName(name) => Constant::Type(name.clone()),
            ExprKind::List(items) => {
                let mut list = Vec::with_capacity(items.len());
                for item in items {
                    match self.perhaps(item)? {
                        Some(value) => list.push(value),
                        None => continue,
                    }
                }
                Constant::List(list)
            }
            ExprKind::Map(entries) => {
                let mut map: Vec<(Constant, Constant)> = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let key = self.value(key)?;
                    if let Some(value) = self.perhaps(value)? {
                        self.insert(&mut map, key, value)?;
                    }
                }
                Constant::Map(map)
            }
            ExprKind::Maybe(_) => return error("an optional element stands alone"),
            ExprKind::Field(name) => match self.bound.iter().find(|(other, _)| other == name) {
                Some((_, value)) => return self.made(value.clone()),
                None => return Err(Failure::Request),
            },
            ExprKind::Local(name) => {
                let local = self.locals.iter().rev().find(|(other, _)| other == name);
                match local {
                    Some((_, value)) => {
                        let value = value.clone()?;
                        return self.made(value);
                    }
                    None => return error(format!("`{name}` means nothing")),
                }
            }
            ExprKind::Member(operand, name) => {
                optional::access(self.value(operand)?, &Constant::Text(name.clone()))?
            }
            ExprKind::Has(operand, name) => Constant::Bool(has(&self.value(operand)?, name)?),
            ExprKind::Index(operand, key) => {
                let (operand, key) = (self.value(operand)?, self.value(key)?);
                optional::access(operand, &key)?
            }
            ExprKind::Call(name, operands) => return self.call(name, operands),
            ExprKind::Comprehension(walk) => return self.comprehension(walk),
            ExprKind::Let(name, value, body) => {
                let value = self.value(value);
                self.with(name, value, |fold| fold.value(body))?
            }
        })
    }

    /// The value of an element, unless it is an optional without one.
    fn perhaps(&mut self, element: &Expr) -> Result<Option<Constant>, Failure> {
        match &element.kind {
            ExprKind::Maybe(inner) => match self.value(inner)? {
                Constant::Optional(value) => Ok(value.map(|value| *value)),
                _ => error("an optional element needs an optional"),
            },
            _ => self.value(element).map(Some),
        }
    }

    /// Keys are texts, truth values and whole numbers, once each.
    fn insert(
        &mut self,
        map: &mut Vec<(Constant, Constant)>,
        key: Constant,
        value: Constant,
    ) -> Result<(), Failure> {
        self.charge(map.len())?;
        if !matches!(
            key,
            Constant::Text(_) | Constant::Bool(_) | Constant::Int(_) | Constant::Uint(_)
        ) {
            return error(format!("a map has no keys of the type {}", key.type_name()));
        }
        if at(map, &key).is_some() {
            return error("a key of a map is repeated");
        }
        map.push((key, value));
        Ok(())
    }

    fn with<T>(&mut self, name: &str, value: Found, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.locals.push((name.to_owned(), value));
        let result = inner(self);
        self.locals.pop();
        result
    }

    fn truth(&mut self, expression: &Expr) -> Result<bool, Failure> {
        match self.value(expression)? {
            Constant::Bool(value) => Ok(value),
            _ => no_overload("a condition"),
        }
    }

    fn call(&mut self, name: &str, operands: &[Expr]) -> Found {
        match (name, operands) {
            // One side may decide whatever the other is: `decisive` does.
            ("&&" | "||", operands) => {
                let decisive = name == "||";
                let mut failed = None;
                for operand in operands {
                    match self.truth(operand) {
                        Ok(value) if value == decisive => return Ok(Constant::Bool(decisive)),
                        Ok(_) => {}
                        // What a request may still decide is no failure yet.
                        Err(Failure::Request) => failed = Some(Failure::Request),
                        Err(failure) => failed = failed.or(Some(failure)),
                    }
                }
                failed.map_or(Ok(Constant::Bool(!decisive)), Err)
            }
            ("?:", [condition, then, otherwise]) => match self.truth(condition)? {
                true => self.value(then),
                false => self.value(otherwise),
            },
            // These take their second operand only if the first has no value.
            ("or" | "orValue", [optional, otherwise]) => match (name, self.value(optional)?) {
                ("or", optional @ Constant::Optional(Some(_))) => Ok(optional),
                (_, Constant::Optional(Some(value))) => Ok(*value),
                (_, Constant::Optional(None)) => match (name, self.value(otherwise)?) {
                    ("or", otherwise @ Constant::Optional(_)) => Ok(otherwise),
                    ("or", _) => no_overload(name),
                    (_, otherwise) => Ok(otherwise),
                },
                _ => no_overload(name),
            },
            // Ranges to look an address up in may be written as single addresses, too.
            (
                "in",
                [
                    address,
                    Expr {
                        kind: ExprKind::Call(cidr, ranges),
                        ..
                    },
                ],
            ) if cidr == "cidr" => {
                let address = self.value(address)?;
                let mut texts = Vec::with_capacity(ranges.len());
                for range in ranges {
                    texts.push(self.value(range)?);
                }
                network::within(&address, &texts)
            }
            _ => {
                let mut values = Vec::with_capacity(operands.len());
                let mut failed = None;
                for operand in operands {
                    match self.value(operand) {
                        Ok(value) => values.push(value),
                        Err(Failure::Request) => failed = failed.or(Some(Failure::Request)),
                        // A strict operand that fails decides, whatever the request holds.
                        Err(failure) => return Err(failure),
                    }
                }
                match failed {
                    Some(failure) => Err(failure),
                    None => {
                        self.charge(values.iter().map(weight).sum())?;
                        let value = functions::call(name, &values)?;
                        self.made(value)
                    }
                }
            }
        }
    }
}

/// What a value costs: its elements and bytes.
fn weight(value: &Constant) -> usize {
    1 + match value {
        Constant::Text(text) => text.len() / 8,
        Constant::Bytes(bytes) => bytes.len() / 8,
        Constant::List(items) => items.iter().map(weight).sum(),
        Constant::Map(entries) => entries.iter().map(|(k, v)| weight(k) + weight(v)).sum(),
        Constant::Optional(Some(value)) => weight(value),
        _ => 0,
    }
}

/// `has(a.name)`.
fn has(value: &Constant, name: &str) -> Result<bool, Failure> {
    match value {
        Constant::Map(entries) => Ok(entries
            .iter()
            .any(|(key, _)| matches!(key, Constant::Text(key) if key == name))),
        Constant::Optional(Some(value)) => has(value, name),
        Constant::Optional(None) => Ok(false),
        other => error(format!(
            "a value of the type {} has no fields",
            other.type_name()
        )),
    }
}

/// What stands at a key or in a place; none where nothing does.
fn find(value: Constant, key: &Constant) -> Result<Option<Constant>, Failure> {
    match value {
        Constant::List(mut items) => Ok(position(key)?
            .filter(|at| *at < items.len())
            .map(|at| items.swap_remove(at))),
        Constant::Map(entries) => Ok(at(&entries, key).cloned()),
        other => error(format!(
            "a value of the type {} has no parts",
            other.type_name()
        )),
    }
}

/// A place in a list; none for one that no list has.
fn position(key: &Constant) -> Result<Option<usize>, Failure> {
    match key {
        Constant::Int(at) => Ok(usize::try_from(*at).ok()),
        Constant::Uint(at) => Ok(usize::try_from(*at).ok()),
        Constant::Double(at) if at.fract() == 0.0 => {
            Ok((*at >= 0.0 && *at < 4e9).then_some(*at as usize))
        }
        _ => error("a list has no such index"),
    }
}
