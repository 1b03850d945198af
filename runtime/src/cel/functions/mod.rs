//! Operators and functions all of whose operands are evaluated.

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

use core::cmp::Ordering;

use super::code::Function;
use super::value::{Cel, Found, error, no_overload};
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

/// `claim`: what is looked for is one.
fn operate(
    work: &mut Work<'_>,
    function: Function,
    operands: &[Cel],
    claim: Option<super::value::Span>,
) -> Found {
    use Function as F;
    let view = work.view();
    let is = |left, right, wanted: &[Ordering]| match view.order(left, right) {
        Some(order) => Ok(Cel::Bool(wanted.contains(&order))),
        None => no_overload(),
    };
    match (function, operands) {
        (F::Equal, [left, right]) => Ok(Cel::Bool(view.equal(*left, *right))),
        (F::NotEqual, [left, right]) => Ok(Cel::Bool(!view.equal(*left, *right))),
        (F::Less, [left, right]) => is(*left, *right, &[Ordering::Less]),
        (F::LessEqual, [left, right]) => is(*left, *right, &[Ordering::Less, Ordering::Equal]),
        (F::Greater, [left, right]) => is(*left, *right, &[Ordering::Greater]),
        (F::GreaterEqual, [left, right]) => {
            is(*left, *right, &[Ordering::Greater, Ordering::Equal])
        }
        (F::Not, [Cel::Bool(value)]) => Ok(Cel::Bool(!value)),
        (F::In, [element, Cel::List(run)]) => Ok(Cel::Bool(view.cells(*run).iter().any(|item| {
            let element = claim.map_or(*element, |text| view.claim(text, *item));
            view.equal(*item, element)
        }))),
        // What a request lacks is in nothing.
        (F::In, [_, Cel::Null]) | (F::In, [Cel::Null, Cel::Request(_) | Cel::Folded(_)]) => {
            Ok(Cel::Bool(false))
        }
        (F::In, [key, map]) if map.entries().is_some() => {
            let found = optional::find(work, *map, *key)?;
            Ok(Cel::Bool(found.is_some()))
        }
        (F::Add | F::Subtract | F::Multiply | F::Divide | F::Remainder, _) => {
            reckon::call(work, function, operands)
        }
        (F::Dyn, [value]) => Ok(*value),
        (F::Size, [value]) => {
            let size = match *value {
                Cel::Text(text) => view.str(text).chars().count(),
                Cel::Bytes(bytes) => bytes.len as usize,
                Cel::List(run) => run.len as usize,
                other => match other.entries() {
                    Some(run) => run.len as usize / 2,
                    None => return no_overload(),
                },
            };
            i64::try_from(size).map_or_else(|_| error("it is too large"), |n| Ok(Cel::Int(n)))
        }
        (F::Bool | F::Int | F::Uint | F::Double | F::String | F::Bytes | F::Type, [value]) => {
            convert::call(work, function, *value)
        }
        (F::Base64Encode | F::Base64Decode, [value]) => convert::base64(work, *value),
        (F::Timestamp | F::Duration, [value]) => time::call(work, function, *value),
        (function, [Cel::Time(seconds, nanos)]) if function.is_clock() => {
            time::shown(function, *seconds, *nanos)
        }
        (function, [Cel::Duration(seconds, nanos)]) if function.is_clock() => {
            time::part(function, time::ns(*seconds, *nanos))
        }
        (F::Format, [Cel::Text(pattern), Cel::List(values)]) => {
            format::format(work, *pattern, *values)
        }
        (F::Reverse, [Cel::List(_)])
        | (
            F::Join | F::Slice | F::Flatten | F::Distinct | F::Sort | F::First | F::Last | F::Range,
            _,
        ) => lists::call(work, function, operands),
        (function, _) if (F::Ceil as u8..=F::Least as u8).contains(&(function as u8)) => {
            math::call(work, function, operands)
        }
        (function, _) if (F::Ip as u8..=F::PrefixLength as u8).contains(&(function as u8)) => {
            network::call(work, function, operands)
        }
        (function, _) if (F::OptionalNone as u8..).contains(&(function as u8)) => {
            optional::call(work, function, operands)
        }
        _ => text::call(work, function, operands),
    }
}
