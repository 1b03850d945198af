//! Parts of values, and CEL's optionals.

use super::super::code::Function;
use super::super::value::{Cel, Fail, Found, error, no_overload};
use super::super::work::Work;

/// What stands at a key or in a place; none where nothing does.
pub(super) fn find(work: &mut Work<'_>, value: Cel, key: Cel) -> Result<Option<Cel>, Fail> {
    if let Some(run) = value.entries() {
        work.charge(run.len as usize)?;
    }
    let view = work.view();
    match (value, key) {
        (Cel::List(run), key) => Ok(position(key)?.and_then(|at| work.cell(run, at))),
        (Cel::Map(run), key) => Ok(view.at(view.cells(run), key)),
        (Cel::Request(run), Cel::Text(_) | Cel::Claim(_)) => Ok(view.at(view.cells(run), key)),
        (Cel::Folded(run), Cel::Text(name) | Cel::Claim(name)) => {
            let name = view.bytes(name);
            let mut entries = view.cells(run).chunks_exact(2);
            Ok(entries.find_map(|entry| match entry {
                [Cel::Text(other), value] if view.bytes(*other).eq_ignore_ascii_case(name) => {
                    Some(*value)
                }
                _ => None,
            }))
        }
        _ => error("it has no such parts"),
    }
}

/// A place in a list; none for one that no list has.
fn position(key: Cel) -> Result<Option<usize>, Fail> {
    match key {
        Cel::Int(at) => Ok(usize::try_from(at).ok()),
        Cel::Uint(at) => Ok(usize::try_from(at).ok()),
        Cel::Double(at) if super::math::trunc(at) == at => {
            Ok((0.0..4e9).contains(&at).then_some(at as usize))
        }
        _ => error("a list has no such index"),
    }
}

/// `a.b` and `a[b]`; through an optional what is found is optional, too. What a map of a request lacks is `null`.
pub(in super::super) fn access(work: &mut Work<'_>, operand: Cel, key: Cel) -> Found {
    match operand {
        Cel::Optional(_) => select(work, operand, key),
        operand => match (find(work, operand, key)?, operand) {
            (Some(value), _) => Ok(value),
            (None, Cel::Request(_) | Cel::Folded(_)) => Ok(Cel::Null),
            (None, _) => error("there is no such key"),
        },
    }
}

/// `a.?b` and `a[?b]`.
fn select(work: &mut Work<'_>, operand: Cel, key: Cel) -> Found {
    let operand = match operand {
        Cel::Optional(None) => return Ok(operand),
        Cel::Optional(Some(cell)) => work.view().held(cell),
        operand => operand,
    };
    let found = find(work, operand, key)?;
    work.optional(found)
}

/// `has(a.name)`.
pub(in super::super) fn has(work: &mut Work<'_>, value: Cel, name: Cel) -> Result<bool, Fail> {
    match value {
        Cel::Optional(Some(cell)) => {
            let held = work.view().held(cell);
            has(work, held, name)
        }
        Cel::Optional(None) => Ok(false),
        map if map.entries().is_some() => Ok(find(work, map, name)?.is_some()),
        _ => error("it has no fields"),
    }
}

/// The functions of optionals.
pub(super) fn call(work: &mut Work<'_>, function: Function, operands: &[Cel]) -> Found {
    match (function, operands) {
        (Function::SelectMember | Function::SelectIndex, [operand, key]) => {
            select(work, *operand, *key)
        }
        (Function::OptionalNone, []) => Ok(Cel::Optional(None)),
        (Function::OptionalOf, [value]) => work.optional(Some(*value)),
        (Function::OptionalOfNonZero, [value]) => {
            let value = (!is_zero(*value)).then_some(*value);
            work.optional(value)
        }
        (Function::OptionalUnwrap | Function::UnwrapOpt, [Cel::List(run)]) => {
            let height = work.space.height();
            for at in 0..run.len as usize {
                match work.cell(*run, at) {
                    Some(Cel::Optional(Some(cell))) => {
                        let held = work.view().held(cell);
                        work.space.push(held)?;
                    }
                    Some(Cel::Optional(None)) => {}
                    _ => return no_overload(),
                }
            }
            work.list(height)
        }
        (Function::HasValue, [Cel::Optional(value)]) => Ok(Cel::Bool(value.is_some())),
        (Function::Value, [Cel::Optional(value)]) => match value {
            Some(cell) => Ok(work.view().held(*cell)),
            None => error("the optional has no value"),
        },
        _ => no_overload(),
    }
}

/// Whether a value is its type's zero.
fn is_zero(value: Cel) -> bool {
    match value {
        Cel::Null | Cel::Optional(None) => true,
        Cel::Bool(value) => !value,
        Cel::Int(0) | Cel::Uint(0) | Cel::Duration(0, 0) | Cel::Time(0, 0) => true,
        Cel::Double(value) => value == 0.0,
        Cel::Text(span) | Cel::Claim(span) | Cel::Bytes(span) => span.len == 0,
        Cel::List(run) => run.len == 0,
        other => other.entries().is_some_and(|run| run.len == 0),
    }
}
