//! Conditions over parameters, evaluated when the program is built.

use std::cmp::Ordering;

use tollgate_model::condition::{Expr, ExprKind};

/// A value that is known.
#[derive(Clone, Debug, PartialEq)]
pub enum Constant {
    /// `null`.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An unsigned whole number.
    Uint(u64),
    /// A floating-point number.
    Double(f64),
    /// Text.
    Text(String),
    /// A list.
    List(Vec<Constant>),
}

/// The value of an expression that reads nothing of a request; none where it reads one, or
/// where it has no value.
pub fn constant(expression: &Expr) -> Option<Constant> {
    Some(match &expression.kind {
        ExprKind::Null => Constant::Null,
        ExprKind::Bool(value) => Constant::Bool(*value),
        ExprKind::Int(value) => Constant::Int(*value),
        ExprKind::Uint(value) => Constant::Uint(*value),
        ExprKind::Double(value) => Constant::Double(*value),
        ExprKind::Text(value) => Constant::Text(value.clone()),
        ExprKind::List(elements) => {
            Constant::List(elements.iter().map(constant).collect::<Option<Vec<_>>>()?)
        }
        ExprKind::Call(name, operands) => return call(name, operands),
        _ => return None,
    })
}

fn truth(expression: &Expr) -> Option<bool> {
    match constant(expression)? {
        Constant::Bool(value) => Some(value),
        _ => None,
    }
}

fn call(name: &str, operands: &[Expr]) -> Option<Constant> {
    let value = match (name, operands) {
        ("&&", [left, right]) => match (truth(left), truth(right)) {
            (Some(false), _) | (_, Some(false)) => false,
            (Some(true), Some(true)) => true,
            _ => return None,
        },
        ("||", [left, right]) => match (truth(left), truth(right)) {
            (Some(true), _) | (_, Some(true)) => true,
            (Some(false), Some(false)) => false,
            _ => return None,
        },
        ("!", [operand]) => !truth(operand)?,
        ("?:", [condition, then, otherwise]) => {
            return match truth(condition)? {
                true => constant(then),
                false => constant(otherwise),
            };
        }
        ("==", [left, right]) => equal(&constant(left)?, &constant(right)?),
        ("!=", [left, right]) => !equal(&constant(left)?, &constant(right)?),
        ("<" | "<=" | ">" | ">=", [left, right]) => {
            let order = order(&constant(left)?, &constant(right)?)?;
            match name {
                "<" => order.is_lt(),
                "<=" => order.is_le(),
                ">" => order.is_gt(),
                _ => order.is_ge(),
            }
        }
        ("in", [element, range]) => match constant(range)? {
            Constant::List(elements) => {
                let element = constant(element)?;
                elements.iter().any(|other| equal(other, &element))
            }
            _ => return None,
        },
        ("startsWith" | "endsWith" | "contains" | "matches", [receiver, argument]) => {
            let (Constant::Text(text), Constant::Text(part)) =
                (constant(receiver)?, constant(argument)?)
            else {
                return None;
            };
            match name {
                "startsWith" => text.starts_with(&part),
                "endsWith" => text.ends_with(&part),
                "contains" => text.contains(&part),
                _ => regex_automata::meta::Regex::new(&part)
                    .ok()?
                    .is_match(&text),
            }
        }
        ("-", [operand]) => {
            return Some(match constant(operand)? {
                Constant::Int(value) => Constant::Int(value.checked_neg()?),
                Constant::Double(value) => Constant::Double(-value),
                _ => return None,
            });
        }
        ("+" | "-" | "*" | "/" | "%", [left, right]) => {
            return reckon(name, constant(left)?, constant(right)?);
        }
        ("size", [operand]) => {
            let size = match constant(operand)? {
                Constant::Text(text) => text.chars().count(),
                Constant::List(elements) => elements.len(),
                _ => return None,
            };
            return Some(Constant::Int(size as i64));
        }
        _ => return None,
    };
    Some(Constant::Bool(value))
}

/// What an operator of arithmetic gives; none where it fails, as on an overflow.
fn reckon(operator: &str, left: Constant, right: Constant) -> Option<Constant> {
    Some(match (operator, left, right) {
        ("+", Constant::Text(left), Constant::Text(right)) => Constant::Text(left + &right),
        ("+", Constant::List(mut left), Constant::List(right)) => {
            left.extend(right);
            Constant::List(left)
        }
        (_, Constant::Int(left), Constant::Int(right)) => Constant::Int(match operator {
            "+" => left.checked_add(right)?,
            "-" => left.checked_sub(right)?,
            "*" => left.checked_mul(right)?,
            "/" => left.checked_div(right)?,
            _ => left.checked_rem(right)?,
        }),
        (_, Constant::Uint(left), Constant::Uint(right)) => Constant::Uint(match operator {
            "+" => left.checked_add(right)?,
            "-" => left.checked_sub(right)?,
            "*" => left.checked_mul(right)?,
            "/" => left.checked_div(right)?,
            _ => left.checked_rem(right)?,
        }),
        (_, Constant::Double(left), Constant::Double(right)) => Constant::Double(match operator {
            "+" => left + right,
            "-" => left - right,
            "*" => left * right,
            "/" => left / right,
            _ => return None,
        }),
        _ => return None,
    })
}

fn equal(left: &Constant, right: &Constant) -> bool {
    match (left, right) {
        (Constant::List(left), Constant::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(a, b)| equal(a, b))
        }
        (left, right) if is_number(left) && is_number(right) => {
            order(left, right) == Some(Ordering::Equal)
        }
        (left, right) => left == right,
    }
}

fn is_number(value: &Constant) -> bool {
    matches!(
        value,
        Constant::Int(_) | Constant::Uint(_) | Constant::Double(_)
    )
}

fn order(left: &Constant, right: &Constant) -> Option<Ordering> {
    match (left, right) {
        (Constant::Int(left), Constant::Int(right)) => Some(left.cmp(right)),
        (Constant::Uint(left), Constant::Uint(right)) => Some(left.cmp(right)),
        (Constant::Int(left), Constant::Uint(right)) => {
            Some(i128::from(*left).cmp(&i128::from(*right)))
        }
        (Constant::Uint(left), Constant::Int(right)) => {
            Some(i128::from(*left).cmp(&i128::from(*right)))
        }
        (Constant::Uint(left), Constant::Double(right)) => (*left as f64).partial_cmp(right),
        (Constant::Double(left), Constant::Uint(right)) => left.partial_cmp(&(*right as f64)),
        (Constant::Int(left), Constant::Double(right)) => (*left as f64).partial_cmp(right),
        (Constant::Double(left), Constant::Int(right)) => left.partial_cmp(&(*right as f64)),
        (Constant::Double(left), Constant::Double(right)) => left.partial_cmp(right),
        (Constant::Text(left), Constant::Text(right)) => Some(left.cmp(right)),
        (Constant::Bool(left), Constant::Bool(right)) => Some(left.cmp(right)),
        _ => None,
    }
}
