//! Functions of lists.

use core::cmp::Ordering;

use super::super::code::Function;
use super::super::value::{Cel, Fail, Found, Run, Span, error, no_overload};
use super::super::work::{LONGEST, Work};

/// Comparing each element with each other costs the square of their number.
const MOST_COMPARED: usize = 4096;

pub(super) fn call(work: &mut Work<'_>, function: Function, operands: &[Cel]) -> Found {
    use Cel::{Int, List, Text};
    use Function as F;
    match (function, operands) {
        (F::Join, [List(items)]) => join(work, *items, Span::EMPTY),
        (F::Join, [List(items), Text(between)]) => join(work, *items, *between),
        (F::Reverse, [List(items)]) => {
            let height = work.space.height();
            for at in (0..items.len as usize).rev() {
                let item = work.cell(*items, at).unwrap_or(Cel::Null);
                work.space.push(item)?;
            }
            work.list(height)
        }
        (F::Slice, [List(items), Int(from), Int(to)]) => {
            let inside = |at: &i64| u32::try_from(*at).ok().filter(|at| *at <= items.len);
            match (inside(from), inside(to)) {
                (Some(from), Some(to)) if from <= to => Ok(List(Run {
                    at: items.at + from,
                    len: to - from,
                })),
                _ => error("the slice is outside the list"),
            }
        }
        (F::Flatten, [List(items)]) => {
            let height = work.space.height();
            flatten(work, *items, 1)?;
            work.list(height)
        }
        (F::Flatten, [List(items), Int(depth)]) if *depth >= 0 => {
            let height = work.space.height();
            flatten(work, *items, *depth)?;
            work.list(height)
        }
        (F::Distinct, [List(items)]) => {
            if items.len as usize > MOST_COMPARED {
                return error("the list is too long to compare its elements");
            }
            let height = work.space.height();
            for at in 0..items.len as usize {
                let item = work.cell(*items, at).unwrap_or(Cel::Null);
                let kept = work.space.pushed(height);
                let steps = kept.len();
                let view = work.view();
                if !kept.iter().any(|other| view.equal(*other, item)) {
                    work.space.push(item)?;
                }
                work.charge(steps)?;
            }
            work.list(height)
        }
        (F::Sort, [List(items)]) => sorted(work, *items, *items),
        // The elements, and what each is ordered by.
        (F::Sort, [List(items), List(keys)]) if items.len == keys.len => {
            sorted(work, *items, *keys)
        }
        (F::First, [List(items)]) => {
            let first = work.cell(*items, 0);
            work.optional(first)
        }
        (F::Last, [List(items)]) => {
            let last = work.cells(*items).last().copied();
            work.optional(last)
        }
        (F::Range, [Int(count)]) => {
            // A negative number of elements is none.
            let count = (*count).max(0);
            if count as u64 > LONGEST as u64 {
                return error("the list is too long");
            }
            let height = work.space.height();
            for n in 0..count {
                work.space.push(Int(n))?;
            }
            work.list(height)
        }
        _ => no_overload(),
    }
}

fn join(work: &mut Work<'_>, items: Run, between: Span) -> Found {
    let start = work.space.start();
    for at in 0..items.len as usize {
        let Some(Cel::Text(text) | Cel::Claim(text)) = work.cell(items, at) else {
            return no_overload();
        };
        if at > 0 {
            work.put(between)?;
        }
        work.put(text)?;
    }
    Ok(Cel::Text(work.space.since(start)))
}

/// Pushes the elements, and for `depth` levels those of lists among them.
fn flatten(work: &mut Work<'_>, items: Run, depth: i64) -> Result<(), Fail> {
    for at in 0..items.len as usize {
        work.charge(1)?;
        match work.cell(items, at) {
            Some(Cel::List(inner)) if depth > 0 => flatten(work, inner, depth - 1)?,
            other => work.space.push(other.unwrap_or(Cel::Null))?,
        }
    }
    Ok(())
}

/// The items by the order of their keys, all of which are of one type; equal ones stay in order.
fn sorted(work: &mut Work<'_>, items: Run, keys: Run) -> Found {
    let view = work.view();
    let cells = view.cells(keys);
    if let Some(first) = cells.first() {
        let fits =
            |key: &Cel| key.type_name() == first.type_name() && view.order(*key, *key).is_some();
        if !cells.iter().all(fits) {
            return error("the list has elements that are not ordered");
        }
    }
    let count = items.len as usize;
    work.charge(count.saturating_mul(count.checked_ilog2().unwrap_or(0) as usize + 1))?;
    let height = work.space.height();
    for at in 0..count {
        work.space.push(Cel::Int(at as i64))?;
    }
    work.sort(height, |view, left, right| {
        let key = |place: Cel| match place {
            Cel::Int(at) => view.cells(keys).get(at as usize).copied(),
            _ => None,
        };
        let by_key = match (key(left), key(right)) {
            (Some(a), Some(b)) => view.order(a, b),
            _ => None,
        };
        let by_place = view.order(left, right).unwrap_or(Ordering::Equal);
        by_key.unwrap_or(Ordering::Equal).then(by_place)
    });
    for at in height..height + count {
        let place = match work.space.pushed(at).first() {
            Some(Cel::Int(place)) => *place as usize,
            _ => 0,
        };
        let item = work.cell(items, place).unwrap_or(Cel::Null);
        work.space.replace(at, item);
    }
    work.list(height)
}
