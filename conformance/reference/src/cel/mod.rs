//! Conditions in CEL, walked over typed expressions.
//!
//! An absent key of a request is `null`: `null` equals only itself, is in nothing, and makes `<` and
//! functions fail. A failure is a value of its own, and `&&`, `||` decide without it where they can.

mod convert;
mod functions;
mod lists;
mod network;
mod numbers;
mod texts;
mod times;
mod value;

use tollgate_model::condition::{Comprehension, Expr, ExprKind, Macro};

pub use self::value::Cel;
use self::value::equal;
use crate::policy::Truth;

/// Why an expression has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed;

type Found = Result<Cel, Failed>;

/// What a condition can read, by the names that it uses: `source.ip`, `request.headers`.
pub type Fields = Vec<(String, Cel)>;

/// The truth of a condition.
pub fn truth(expression: &Expr, fields: &Fields) -> Truth {
    match evaluate(expression, fields) {
        Ok(Cel::Bool(value)) => value.into(),
        Ok(Cel::Claim(text)) => claimed(&text).map_or(Truth::Error, Truth::from),
        _ => Truth::Error,
    }
}

/// The truth value that a claim says.
fn claimed(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

/// The smallest part of a condition that keeps it from being `wanted`; none if nothing does. A conjunction is kept
/// from being true by its first operand that is not, a disjunction by all of it; and the other way round.
pub fn blame<'e>(expression: &'e Expr, fields: &Fields, wanted: bool) -> Option<&'e Expr> {
    let is = |part: &Expr, value: bool| truth(part, fields) == Truth::from(value);
    if is(expression, wanted) {
        return None;
    }
    let part = match &expression.kind {
        ExprKind::Call(operator, operands) => match operator.as_str() {
            "&&" if wanted => operands.iter().find_map(|part| blame(part, fields, true)),
            "||" if !wanted => operands.iter().find_map(|part| blame(part, fields, false)),
            "!" => operands
                .iter()
                .find_map(|part| blame(part, fields, !wanted)),
            _ => None,
        },
        _ => None,
    };
    Some(part.unwrap_or(expression))
}

/// The value of an expression.
///
/// # Errors
///
/// An operand is none that its operator takes.
pub fn evaluate(expression: &Expr, fields: &Fields) -> Found {
    Scope::Fields(fields).value(expression)
}

/// What names mean: the innermost first.
enum Scope<'s> {
    Fields(&'s Fields),
    Local(&'s Scope<'s>, &'s str, Found),
}

impl Scope<'_> {
    fn local(&self, wanted: &str) -> Found {
        match self {
            Scope::Fields(_) => Err(Failed),
            Scope::Local(_, name, value) if *name == wanted => value.clone(),
            Scope::Local(outer, ..) => outer.local(wanted),
        }
    }

    fn field(&self, wanted: &str) -> Cel {
        match self {
            Scope::Fields(fields) => fields
                .iter()
                .find(|(name, _)| name == wanted)
                .map_or(Cel::Null, |(_, value)| value.clone()),
            Scope::Local(outer, ..) => outer.field(wanted),
        }
    }

    fn value(&self, expression: &Expr) -> Found {
        Ok(match &expression.kind {
            ExprKind::Null => Cel::Null,
            ExprKind::Bool(value) => Cel::Bool(*value),
            ExprKind::Int(value) => Cel::Int(*value),
            ExprKind::Uint(value) => Cel::Uint(*value),
            ExprKind::Double(value) => Cel::Double(*value),
            ExprKind::Text(text) => Cel::Text(text.clone()),
            ExprKind::Bytes(bytes) => Cel::Bytes(bytes.clone()),
            ExprKind::TypeName(name) => Cel::Type(name.clone()),
            ExprKind::List(items) => {
                let mut list = Vec::new();
                for item in items {
                    list.extend(self.element(item)?);
                }
                Cel::List(list)
            }
            ExprKind::Map(entries) => {
                let mut map = Vec::new();
                for (key, value) in entries {
                    let key = self.value(key)?;
                    if let Some(value) = self.element(value)? {
                        enter(&mut map, key, value)?;
                    }
                }
                Cel::Entries(map)
            }
            ExprKind::Maybe(_) => return Err(Failed),
            ExprKind::Field(name) => self.field(name),
            ExprKind::Local(name) => return self.local(name),
            ExprKind::Member(operand, name) => {
                return access(self.value(operand)?.opened(), &Cel::Text(name.clone()));
            }
            ExprKind::Index(operand, key) => {
                return access(self.value(operand)?.opened(), &self.value(key)?);
            }
            ExprKind::Has(operand, name) => {
                let (operand, key) = (self.value(operand)?.opened(), Cel::Text(name.clone()));
                let operand = match operand {
                    Cel::Optional(Some(value)) => *value,
                    Cel::Optional(None) => return Ok(Cel::Bool(false)),
                    operand => operand,
                };
                match operand {
                    Cel::Map(_) | Cel::Folded(_) => Cel::Bool(access(operand, &key)? != Cel::Null),
                    Cel::Entries(_) => Cel::Bool(lookup(operand, &key)?.is_some()),
                    _ => return Err(Failed),
                }
            }
            ExprKind::Call(name, operands) => return self.call(name, operands),
            ExprKind::Let(name, value, body) => {
                return Scope::Local(self, name, self.value(value)).value(body);
            }
            ExprKind::Comprehension(walk) => return self.comprehension(walk),
        })
    }

    /// An element; none if it is an optional without a value.
    fn element(&self, element: &Expr) -> Result<Option<Cel>, Failed> {
        let ExprKind::Maybe(inner) = &element.kind else {
            return self.value(element).map(Some);
        };
        match self.value(inner)? {
            Cel::Optional(value) => Ok(value.map(|value| *value)),
            _ => Err(Failed),
        }
    }

    fn bool(&self, expression: &Expr) -> Result<bool, Failed> {
        match self.value(expression)? {
            Cel::Bool(value) => Ok(value),
            Cel::Claim(text) => claimed(&text).ok_or(Failed),
            _ => Err(Failed),
        }
    }

    fn call(&self, name: &str, operands: &[Expr]) -> Found {
        match (name, operands) {
            ("&&", operands) => all(operands.iter().map(|operand| self.bool(operand))),
            // As many a textbook has it: or is not-and-not.
            ("||", operands) => {
                let negated = operands
                    .iter()
                    .map(|operand| self.bool(operand).map(|b| !b));
                negation(all(negated))
            }
            ("?:", [condition, then, otherwise]) => {
                let chosen = if self.bool(condition)? {
                    then
                } else {
                    otherwise
                };
                self.value(chosen)
            }
            ("!", [operand]) => Ok(Cel::Bool(!self.bool(operand)?)),
            ("or" | "orValue", [optional, otherwise]) => {
                let Cel::Optional(held) = self.value(optional)? else {
                    return Err(Failed);
                };
                match held {
                    Some(value) if name == "or" => Ok(Cel::Optional(Some(value))),
                    Some(value) => Ok(*value),
                    None => match self.value(otherwise)? {
                        Cel::Optional(other) if name == "or" => Ok(Cel::Optional(other)),
                        _ if name == "or" => Err(Failed),
                        value => Ok(value),
                    },
                }
            }
            (
                "in",
                [
                    address,
                    Expr {
                        kind: ExprKind::Call(inner, ranges),
                        ..
                    },
                ],
            ) if inner == "cidr" => {
                let address = self.value(address)?;
                let ranges: Result<Vec<Cel>, Failed> =
                    ranges.iter().map(|range| self.value(range)).collect();
                network::within(&address, &ranges?)
            }
            _ => {
                let values: Result<Vec<Cel>, Failed> =
                    operands.iter().map(|operand| self.value(operand)).collect();
                functions::apply(name, &values?)
            }
        }
    }

    fn comprehension(&self, walk: &Comprehension) -> Found {
        let range = self.value(&walk.range)?.opened();
        if let (Macro::OptMap | Macro::OptFlatMap, range) = (walk.which, &range) {
            let Cel::Optional(held) = range else {
                return Err(Failed);
            };
            let Some(held) = held else {
                return Ok(Cel::Optional(None));
            };
            let made =
                Scope::Local(self, &walk.variable, Ok((**held).clone())).value(&walk.body)?;
            return match (walk.which, made) {
                (Macro::OptMap, made) => Ok(Cel::Optional(Some(Box::new(made)))),
                (_, Cel::Optional(made)) => Ok(Cel::Optional(made)),
                _ => Err(Failed),
            };
        }
        let steps = steps(range, walk.second.is_some())?;
        let inside = |step: &(Cel, Cel), part: &Expr| -> Found {
            let scope = Scope::Local(self, &walk.variable, Ok(step.0.clone()));
            match &walk.second {
                Some(second) => Scope::Local(&scope, second, Ok(step.1.clone())).value(part),
                None => scope.value(part),
            }
        };
        let holds = |step: &(Cel, Cel), part: &Expr| match inside(step, part)? {
            Cel::Bool(value) => Ok(value),
            Cel::Claim(text) => claimed(&text).ok_or(Failed),
            _ => Err(Failed),
        };
        let body = &walk.body;
        let mut taken = Vec::new();
        for step in steps {
            let kept = match &walk.filter {
                Some(filter) => holds(&step, filter)?,
                None => true,
            };
            if kept {
                taken.push(step);
            }
        }
        let each = || taken.iter().map(|step| holds(step, body));
        match walk.which {
            Macro::All => all(each()),
            Macro::Exists => negation(all(each().map(|held| held.map(|held| !held)))),
            Macro::ExistsOne => {
                let held: Result<Vec<bool>, Failed> = each().collect();
                Ok(Cel::Bool(
                    held?.into_iter().filter(|held| *held).count() == 1,
                ))
            }
            Macro::Filter => {
                let held: Result<Vec<bool>, Failed> = each().collect();
                let kept = held?.into_iter().zip(&taken).filter(|(held, _)| *held);
                Ok(Cel::List(kept.map(|(_, step)| step.0.clone()).collect()))
            }
            Macro::Map => {
                let made: Result<Vec<Cel>, Failed> =
                    taken.iter().map(|step| inside(step, body)).collect();
                Ok(Cel::List(made?))
            }
            Macro::TransformMap => {
                let mut map = Vec::new();
                for step in &taken {
                    enter(&mut map, step.0.clone(), inside(step, body)?)?;
                }
                Ok(Cel::Entries(map))
            }
            Macro::TransformMapEntry => {
                let mut map = Vec::new();
                for step in &taken {
                    let Cel::Entries(entries) = inside(step, body)? else {
                        return Err(Failed);
                    };
                    for (key, value) in entries {
                        enter(&mut map, key, value)?;
                    }
                }
                Ok(Cel::Entries(map))
            }
            Macro::OptMap | Macro::OptFlatMap => Err(Failed),
        }
    }
}

/// A conjunction: false beside failures, a failure beside truths.
fn all(parts: impl Iterator<Item = Result<bool, Failed>>) -> Found {
    let parts: Vec<Result<bool, Failed>> = parts.collect();
    if parts.contains(&Ok(false)) {
        return Ok(Cel::Bool(false));
    }
    match parts.contains(&Err(Failed)) {
        true => Err(Failed),
        false => Ok(Cel::Bool(true)),
    }
}

fn negation(value: Found) -> Found {
    match value? {
        Cel::Bool(value) => Ok(Cel::Bool(!value)),
        _ => Err(Failed),
    }
}

/// What a macro walks: with one name elements or keys, with two also what stands there.
fn steps(range: Cel, two: bool) -> Result<Vec<(Cel, Cel)>, Failed> {
    let named = |map: Vec<(String, Cel)>| {
        map.into_iter()
            .map(|(key, value)| (Cel::Text(key), value))
            .collect()
    };
    Ok(match range {
        Cel::List(items) if two => (0..).map(Cel::Int).zip(items).collect(),
        Cel::List(items) => items.into_iter().map(|item| (item, Cel::Null)).collect(),
        Cel::Entries(entries) => entries,
        Cel::Map(map) | Cel::Folded(map) => named(map),
        _ => return Err(Failed),
    })
}

/// Adds an entry to a map; its key is a text, a truth value or a whole number, and new.
fn enter(map: &mut Vec<(Cel, Cel)>, key: Cel, value: Cel) -> Result<(), Failed> {
    let is_key = matches!(
        key,
        Cel::Text(_) | Cel::Claim(_) | Cel::Bool(_) | Cel::Int(_) | Cel::Uint(_)
    );
    if !is_key || map.iter().any(|(other, _)| equal(other, &key)) {
        return Err(Failed);
    }
    map.push((key, value));
    Ok(())
}

/// What stands at a key of something that is written out, or null in a request's map; none where nothing does.
fn lookup(operand: Cel, key: &Cel) -> Result<Option<Cel>, Failed> {
    Ok(match (operand, key) {
        (Cel::Entries(map), key) => map
            .into_iter()
            .find(|(other, _)| equal(other, key))
            .map(|(_, value)| value),
        (Cel::List(items), key) => {
            let place = match key {
                Cel::Int(at) => usize::try_from(*at).ok(),
                Cel::Uint(at) => usize::try_from(*at).ok(),
                Cel::Double(at) if at.trunc() == *at => Some(*at)
                    .filter(|at| *at >= 0.0 && *at < 1e9)
                    .map(|at| at as usize),
                _ => return Err(Failed),
            };
            place.and_then(|place| items.into_iter().nth(place))
        }
        (Cel::Map(map), Cel::Text(name) | Cel::Claim(name)) => Some(
            map.into_iter()
                .find(|(key, _)| key == name)
                .map_or(Cel::Null, |(_, value)| value),
        ),
        (Cel::Folded(map), Cel::Text(name) | Cel::Claim(name)) => Some(
            map.into_iter()
                .rev()
                .find(|(key, _)| key.eq_ignore_ascii_case(name))
                .map_or(Cel::Null, |(_, value)| value),
        ),
        _ => return Err(Failed),
    })
}

/// `a.b`, `a[b]`; of an optional's value as an optional.
fn access(operand: Cel, key: &Cel) -> Found {
    match operand {
        Cel::Optional(_) => optional_access(operand, key),
        operand => lookup(operand, key)?.ok_or(Failed),
    }
}

/// `a.?b`, `a[?b]`.
fn optional_access(operand: Cel, key: &Cel) -> Found {
    let operand = match operand {
        Cel::Optional(None) => return Ok(Cel::Optional(None)),
        Cel::Optional(Some(value)) => *value,
        operand => operand,
    };
    // What a request lacks is nothing.
    let of_request = matches!(operand, Cel::Map(_) | Cel::Folded(_));
    let found = lookup(operand, key)?.filter(|value| !of_request || *value != Cel::Null);
    Ok(Cel::Optional(found.map(Box::new)))
}
