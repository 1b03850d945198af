//! Functions of lists.

use super::{Constant, Found, error, no_overload};

pub(super) fn call(name: &str, values: &[Constant]) -> Found {
    use Constant::{Int, List, Optional, Text};
    Ok(match (name, values) {
        ("join", [List(items)]) => return join(items, ""),
        ("join", [List(items), Text(between)]) => return join(items, between),
        ("reverse", [List(items)]) => List(items.iter().rev().cloned().collect()),
        ("slice", [List(items), Int(from), Int(to)]) => {
            let inside = |at: &i64| usize::try_from(*at).ok().filter(|at| *at <= items.len());
            match (inside(from), inside(to)) {
                (Some(from), Some(to)) if from <= to => List(items[from..to].to_vec()),
                _ => return error("the slice is outside the list"),
            }
        }
        ("flatten", [List(items)]) => List(flatten(items, 1)),
        ("flatten", [List(items), Int(depth)]) if *depth >= 0 => List(flatten(items, *depth)),
        ("distinct", [List(items)]) => {
            if items.len() > MOST_COMPARED {
                return error("the list is too long to compare its elements");
            }
            let mut kept: Vec<Constant> = Vec::new();
            for item in items {
                if !kept.iter().any(|other| other.equals(item)) {
                    kept.push(item.clone());
                }
            }
            List(kept)
        }
        ("sort", [List(items)]) => return sorted(items.clone(), items),
        // The elements, and what each is ordered by.
        ("sort", [List(items), List(keys)]) if items.len() == keys.len() => {
            return sorted(items.clone(), keys);
        }
        ("first", [List(items)]) => Optional(items.first().cloned().map(Box::new)),
        ("last", [List(items)]) => Optional(items.last().cloned().map(Box::new)),
        ("lists.range", [Int(count)]) => match usize::try_from(*count) {
            Ok(count) if count > super::LONGEST => return error("the list is too long"),
            // A negative number of elements is none.
            _ => List((0..*count).map(Int).collect()),
        },
        _ => return no_overload(name),
    })
}

/// Comparing each element with each other costs the square of their number.
const MOST_COMPARED: usize = 4096;

fn join(items: &[Constant], between: &str) -> Found {
    let mut texts = Vec::with_capacity(items.len());
    let mut length = 0_usize;
    for item in items {
        match item {
            Constant::Text(text) => {
                length = length.saturating_add(text.len() + between.len());
                texts.push(text.as_str());
            }
            _ => return no_overload("join"),
        }
    }
    match length > super::LONGEST + between.len() {
        true => error("it makes too large a value"),
        false => Ok(Constant::Text(texts.join(between))),
    }
}

fn flatten(items: &[Constant], depth: i64) -> Vec<Constant> {
    let mut out = Vec::new();
    for item in items {
        match item {
            Constant::List(inner) if depth > 0 => out.extend(flatten(inner, depth - 1)),
            other => out.push(other.clone()),
        }
    }
    out
}

/// The items by the order of their keys, all of which are of one type; equal ones stay in order.
fn sorted(items: Vec<Constant>, keys: &[Constant]) -> Found {
    if let Some(first) = keys.first() {
        for key in keys {
            if key.type_name() != first.type_name() || key.order(key).is_none() {
                return error("the list has elements that are not ordered");
            }
        }
    }
    let mut pairs: Vec<(&Constant, Constant)> = keys.iter().zip(items).collect();
    pairs.sort_by(|(left, _), (right, _)| left.order(right).unwrap_or(std::cmp::Ordering::Equal));
    Ok(Constant::List(
        pairs.into_iter().map(|(_, item)| item).collect(),
    ))
}
