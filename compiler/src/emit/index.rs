//! The table of an index, as `runtime/src/policy/index.rs` lays it open.

use std::collections::BTreeSet;

use tollgate_runtime::bundle::wire::Field;
use tollgate_runtime::policy::Segments;
use tollgate_runtime::router::edge_hash;

use crate::ir::{IndexKey as Key, Indexed};

/// Members of ranges together, for each statement; past it, what is filed under addresses is asked always.
const MEMBERS: usize = 8;

/// The table; `places` are those of the statements and of what follows them, behind the instruction `index`.
pub(super) fn table(index: &Indexed, places: &[u32]) -> Vec<u8> {
    let mut keyed: Vec<(u32, u16)> = Vec::new();
    let (mut four, mut six) = (Vec::new(), Vec::new());
    let mut always = vec![0u64; index.statements.len().div_ceil(64)];
    let mut segments = Segments::None;
    for (at, filed) in index.statements.iter().enumerate() {
        let statement = at as u16;
        for key in filed.under.iter().flatten() {
            match key {
                Key::Segment(text) | Key::PathSegment(text) => {
                    // Those of the path are among the ARN's.
                    segments = match key {
                        Key::PathSegment(_) if segments != Segments::Arn => Segments::Path,
                        _ => Segments::Arn,
                    };
                    keyed.push((edge_hash(0, text.as_bytes()), statement));
                }
                Key::Text(load, text) => {
                    let key = number(index, load);
                    keyed.push((edge_hash(u32::from(key), text.as_bytes()), statement));
                }
                Key::Source(set) => {
                    four.extend(set.four.iter().map(|(a, b)| (*a, *b, statement)));
                    six.extend(set.six.iter().map(|(a, b)| (*a, *b, statement)));
                }
            }
        }
        if filed.under.is_none() {
            always[at / 64] |= 1 << (at % 64);
        }
    }
    let most = index.statements.len() * MEMBERS;
    let (four, six) = match (parts(&four, u32::MAX, most), parts(&six, u128::MAX, most)) {
        (Some(a), Some(b)) => (a, b),
        _ => {
            for (_, _, statement) in &four {
                always[usize::from(*statement) / 64] |= 1 << (statement % 64);
            }
            for (_, _, statement) in &six {
                always[usize::from(*statement) / 64] |= 1 << (statement % 64);
            }
            (Vec::new(), Vec::new())
        }
    };
    let buckets = keyed.len().next_power_of_two();
    let mask = buckets as u32 - 1;
    keyed.sort_by_key(|(hash, statement)| (hash & mask, *statement));
    let mut out = Vec::new();
    for count in [
        index.statements.len(),
        buckets,
        four.len(),
        six.len(),
        segments as usize,
    ] {
        (count as u16).put(&mut out);
    }
    places.iter().for_each(|place| place.put(&mut out));
    always.iter().for_each(|word| word.put(&mut out));
    for bucket in 0..=buckets as u32 {
        let start = keyed.partition_point(|(hash, _)| hash & mask < bucket);
        (start as u16).put(&mut out);
    }
    for (hash, statement) in &keyed {
        ((hash >> 16) as u16).put(&mut out);
        statement.put(&mut out);
    }
    let mut members: Vec<u16> = Vec::new();
    let mut starts = |sets: &mut dyn Iterator<Item = &BTreeSet<u16>>, out: &mut Vec<u8>| {
        for set in sets {
            (members.len() as u16).put(out);
            members.extend(set);
        }
        (members.len() as u16).put(out);
    };
    four.iter().for_each(|(border, _)| border.put(&mut out));
    starts(&mut four.iter().map(|(_, set)| set), &mut out);
    for (border, _) in &six {
        out.extend_from_slice(&border.to_le_bytes());
    }
    starts(&mut six.iter().map(|(_, set)| set), &mut out);
    members.iter().for_each(|member| member.put(&mut out));
    out
}

/// The number of a load's key; 0 is that of segments.
pub(super) fn number(index: &Indexed, load: &crate::ir::Load) -> u8 {
    let at = index.loads.iter().position(|l| l == load);
    at.map_or(u8::MAX, |at| at as u8 + 1)
}

/// Where another set of statements begins, and which; `None`: too much to write down.
fn parts<T: Copy + Ord + std::ops::Add<Output = T> + From<u8>>(
    ranges: &[(T, T, u16)],
    last: T,
    most: usize,
) -> Option<Vec<(T, BTreeSet<u16>)>> {
    let mut borders: BTreeSet<T> = BTreeSet::new();
    for (from, to, _) in ranges {
        borders.insert(*from);
        if *to < last {
            borders.insert(*to + T::from(1));
        }
    }
    let mut members = 0;
    let mut parts = Vec::new();
    let mut sorted = ranges.to_vec();
    sorted.sort_unstable();
    let mut open: Vec<(T, u16)> = Vec::new();
    let mut next = sorted.into_iter().peekable();
    for border in borders {
        open.retain(|(to, _)| *to >= border);
        while let Some((_, to, statement)) = next.next_if(|(from, _, _)| *from <= border) {
            open.push((to, statement));
        }
        let set: BTreeSet<u16> = open.iter().map(|(_, statement)| *statement).collect();
        members += set.len();
        if members > most {
            return None;
        }
        parts.push((border, set));
    }
    Some(parts)
}
