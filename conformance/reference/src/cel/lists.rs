//! Functions of lists.

use super::value::{equal, order};
use super::{Cel, Failed, Found};

pub(super) fn apply(name: &str, values: &[Cel]) -> Found {
    match (name, values) {
        ("join", [list]) => apply(name, &[list.clone(), Cel::Text(String::new())]),
        ("join", [Cel::List(items), Cel::Text(between)]) => {
            let texts: Result<Vec<String>, Failed> = items
                .iter()
                .map(|item| match item {
                    Cel::Text(text) | Cel::Claim(text) => Ok(text.clone()),
                    _ => Err(Failed),
                })
                .collect();
            Ok(Cel::Text(texts?.join(between)))
        }
        ("reverse", [Cel::List(items)]) => {
            let mut items = items.clone();
            items.reverse();
            Ok(Cel::List(items))
        }
        ("slice", [Cel::List(items), Cel::Int(from), Cel::Int(to)]) => {
            let (from, to) = (
                usize::try_from(*from).map_err(|_| Failed)?,
                usize::try_from(*to).map_err(|_| Failed)?,
            );
            items
                .get(from..to)
                .map(|items| Cel::List(items.to_vec()))
                .ok_or(Failed)
        }
        ("flatten", [list]) => apply(name, &[list.clone(), Cel::Int(1)]),
        ("flatten", [Cel::List(items), Cel::Int(depth)]) if *depth >= 0 => {
            let mut items = items.clone();
            for _ in 0..*depth {
                if !items.iter().any(|item| matches!(item, Cel::List(_))) {
                    break;
                }
                items = items
                    .into_iter()
                    .flat_map(|item| match item {
                        Cel::List(inner) => inner,
                        item => vec![item],
                    })
                    .collect();
            }
            Ok(Cel::List(items))
        }
        ("distinct", [Cel::List(items)]) => {
            let mut once = Vec::new();
            for item in items {
                if once.iter().all(|other| !equal(other, item)) {
                    once.push(item.clone());
                }
            }
            Ok(Cel::List(once))
        }
        ("sort", [Cel::List(items)]) => sorted(items, items),
        ("sort", [Cel::List(items), Cel::List(keys)]) => sorted(items, keys),
        ("first", [Cel::List(items)]) => Ok(Cel::Optional(items.first().cloned().map(Box::new))),
        ("last", [Cel::List(items)]) => Ok(Cel::Optional(items.last().cloned().map(Box::new))),
        ("lists.range", [Cel::Int(count)]) if *count <= 1 << 20 => {
            Ok(Cel::List((0..*count).map(Cel::Int).collect()))
        }
        _ => Err(Failed),
    }
}

/// By insertion, which keeps equal ones in order.
fn sorted(items: &[Cel], keys: &[Cel]) -> Found {
    let mut done: Vec<(&Cel, &Cel)> = Vec::new();
    for (item, key) in items.iter().zip(keys) {
        if key.type_name() != keys[0].type_name() {
            return Err(Failed);
        }
        // What has no order, not even beside itself, cannot be sorted.
        order(key, key)?.ok_or(Failed)?;
        let mut place = done.len();
        while place > 0 && order(done[place - 1].1, key)?.ok_or(Failed)?.is_gt() {
            place -= 1;
        }
        done.insert(place, (item, key));
    }
    Ok(Cel::List(
        done.into_iter().map(|(item, _)| item.clone()).collect(),
    ))
}
