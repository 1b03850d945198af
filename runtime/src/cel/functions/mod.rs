//! Operators and functions all of whose operands are evaluated.

mod compare;
mod convert;
mod format;
mod lists;
pub(super) mod math;
pub(super) mod network;
pub(super) mod optional;
mod reckon;
mod text;
pub mod time;
pub mod zone;

use super::code::{Family, Function};
use super::value::{Cel, Found, Span, error, no_overload};
use super::work::Work;

/// What a function or operator gives.
pub(super) fn call(work: &mut Work<'_>, function: Function, operands: &[Cel]) -> Found {
    match operands {
        // A claim beside a number is the number that it says.
        [Cel::Claim(text), other] if function.compares() => {
            let said = work.view().claim(*text, *other);
            operate(work, function, &[said, *other], Some(*text))
        }
        [other, Cel::Claim(text)] if function.compares() => {
            let said = work.view().claim(*text, *other);
            operate(work, function, &[*other, said], None)
        }
        operands => {
            let mut texts = [Cel::Null; 4];
            for (place, value) in texts.iter_mut().zip(operands) {
                *place = work.view().shown(*value);
            }
            operate(
                work,
                function,
                texts.get(..operands.len()).unwrap_or(&[]),
                None,
            )
        }
    }
}

/// `claim`: the left operand is one.
fn operate(
    work: &mut Work<'_>,
    function: Function,
    operands: &[Cel],
    claim: Option<Span>,
) -> Found {
    match (function.family(), operands) {
        (Family::Compare, [left, right]) => compare::call(work, function, (*left, *right), claim),
        (Family::Plain, [value]) => plain(work, function, *value),
        (Family::Reckon, _) => reckon::call(work, function, operands),
        (Family::Convert, [value]) => convert::call(work, function, *value),
        (Family::Base64, [value]) => convert::base64(work, *value),
        (Family::Time, [value]) => time::call(work, function, *value),
        (Family::Clock, [Cel::Time(seconds, nanos)]) => time::shown(function, *seconds, *nanos),
        (Family::Clock, [Cel::Duration(seconds, nanos)]) => {
            time::part(function, time::ns(*seconds, *nanos))
        }
        (Family::Text, [Cel::List(_)]) | (Family::List, _) => lists::call(work, function, operands),
        (Family::Text, [Cel::Text(pattern), Cel::List(values)]) => {
            format::call(work, function, *pattern, *values)
        }
        (Family::Text, _) => text::call(work, function, operands),
        (Family::Math, _) => math::call(work, function, operands),
        (Family::Network, _) => network::call(work, function, operands),
        (Family::Optional, _) => optional::call(work, function, operands),
        _ => no_overload(),
    }
}

fn plain(work: &Work<'_>, function: Function, value: Cel) -> Found {
    match (function, value) {
        (Function::Not, Cel::Bool(value)) => Ok(Cel::Bool(!value)),
        (Function::Dyn, value) => Ok(value),
        (Function::Size, value) => {
            let size = match value {
                Cel::Text(text) => work.str(text).chars().count(),
                Cel::Bytes(bytes) => bytes.len as usize,
                Cel::List(run) => run.len as usize,
                other => match other.entries() {
                    Some(run) => run.len as usize / 2,
                    None => return no_overload(),
                },
            };
            i64::try_from(size).map_or_else(|_| error("it is too large"), |n| Ok(Cel::Int(n)))
        }
        _ => no_overload(),
    }
}
