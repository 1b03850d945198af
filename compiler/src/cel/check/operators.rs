//! What operators take and give.

use tollgate_model::condition::{Expr, Type};

use super::types::{base, comparable, is_number, join, name};

/// Why an expression is no condition, if it is none.
pub(super) fn not_bool(expression: &Expr) -> Option<String> {
    match base(&expression.ty) {
        Type::Bool | Type::Dynamic => None,
        other => Some(format!(
            "a condition is true or false, this is {}",
            name(other)
        )),
    }
}

/// The type of an operator's value; why there is none.
pub(super) fn operator(operator: &str, operands: &[Expr]) -> Result<Type, String> {
    let refuse = |types: String| Err(format!("`{operator}` does not take {types}"));
    let both =
        |left: &Expr, right: &Expr| refuse(format!("{} and {}", name(&left.ty), name(&right.ty)));
    match (operator, operands) {
        ("&&" | "||" | "!", operands) => match operands.iter().find_map(not_bool) {
            Some(why) => Err(why),
            None => Ok(Type::Bool),
        },
        ("?:", [condition, then, otherwise]) => match not_bool(condition) {
            Some(why) => Err(why),
            None => Ok(join([&then.ty, &otherwise.ty].into_iter())),
        },
        ("==" | "!=", [left, right]) => match comparable(&left.ty, &right.ty) {
            true => Ok(Type::Bool),
            false => Err(format!(
                "{} and {} are never equal",
                name(&left.ty),
                name(&right.ty)
            )),
        },
        ("<" | "<=" | ">" | ">=", [left, right]) => {
            match ordered(base(&left.ty), base(&right.ty)) {
                true => Ok(Type::Bool),
                false => both(left, right),
            }
        }
        ("in", [element, range]) => match is_in(base(&element.ty), base(&range.ty)) {
            true => Ok(Type::Bool),
            false => both(element, range),
        },
        ("-", [operand]) => match base(&operand.ty) {
            ty @ (Type::Int | Type::Double | Type::Dynamic) => Ok(ty.clone()),
            other => refuse(name(other)),
        },
        ("+" | "-" | "*" | "/" | "%", [left, right]) => {
            let (known_left, known_right) = (base(&left.ty), base(&right.ty));
            if is_number(known_left) && is_number(known_right) && known_left != known_right {
                // CEL mixes kinds of numbers in comparisons alone.
                return refuse("these kinds of numbers together".to_owned());
            }
            if operator == "%" && *known_left == Type::Double {
                return refuse("these kinds of numbers together".to_owned());
            }
            match reckoned(operator, known_left, known_right) {
                Some(ty) => Ok(ty),
                None => both(left, right),
            }
        }
        _ => refuse("these".to_owned()),
    }
}

fn ordered(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::Dynamic, _) | (_, Type::Dynamic) => true,
        (left, right) if is_number(left) && is_number(right) => true,
        (left, right) => {
            let has_order = matches!(
                left,
                Type::Text | Type::Time | Type::Duration | Type::Bytes | Type::Bool
            );
            has_order && left == right
        }
    }
}

fn is_in(element: &Type, range: &Type) -> bool {
    match (element, range) {
        (Type::Ip | Type::Dynamic, Type::Cidrs) | (_, Type::Dynamic) => true,
        (Type::Text | Type::Dynamic | Type::Null, Type::Map(_)) => true,
        (element, Type::List(of) | Type::Entries(of, _)) => comparable(element, of),
        _ => false,
    }
}

/// The type of what arithmetic gives.
fn reckoned(operator: &str, left: &Type, right: &Type) -> Option<Type> {
    Some(match (operator, left, right) {
        (_, Type::Dynamic, _) | (_, _, Type::Dynamic) => Type::Dynamic,
        (_, left, right) if is_number(left) && left == right => left.clone(),
        ("+", Type::Text, Type::Text) => Type::Text,
        ("+", Type::Bytes, Type::Bytes) => Type::Bytes,
        ("+", Type::List(_), Type::List(_)) => join([left, right].into_iter()),
        ("+", Type::List(_), _) | ("+", _, Type::List(_)) => return None,
        ("+" | "-", Type::Time, Type::Duration) | ("+", Type::Duration, Type::Time) => Type::Time,
        ("-", Type::Time, Type::Time) | ("+" | "-", Type::Duration, Type::Duration) => {
            Type::Duration
        }
        _ => return None,
    })
}
