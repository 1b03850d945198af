//! Comparisons.

use core::cmp::Ordering;

use super::super::code::Function;
use super::super::value::{Cel, Found, Span, no_overload};
use super::super::work::Work;
use super::optional;

/// `claim`: the left operand is one, said as what stands beside it.
pub(super) fn call(
    work: &mut Work<'_>,
    function: Function,
    (left, right): (Cel, Cel),
    claim: Option<Span>,
) -> Found {
    let view = work.view();
    let ordered = |wanted: &[Ordering]| match view.order(left, right) {
        Some(order) => Ok(wanted.contains(&order)),
        None => no_overload(),
    };
    Ok(Cel::Bool(match function {
        Function::Equal => view.equal(left, right),
        Function::NotEqual => !view.equal(left, right),
        Function::Less => ordered(&[Ordering::Less])?,
        Function::LessEqual => ordered(&[Ordering::Less, Ordering::Equal])?,
        Function::Greater => ordered(&[Ordering::Greater])?,
        Function::GreaterEqual => ordered(&[Ordering::Greater, Ordering::Equal])?,
        _ => match (left, right) {
            (element, Cel::List(run)) => view.cells(run).iter().any(|item| {
                let element = claim.map_or(element, |text| view.claim(text, *item));
                view.equal(*item, element)
            }),
            // What a request lacks is in nothing.
            (_, Cel::Null) | (Cel::Null, Cel::Request(_) | Cel::Folded(_)) => false,
            (key, map) if map.entries().is_some() => optional::find(work, map, key)?.is_some(),
            _ => return no_overload(),
        },
    }))
}
