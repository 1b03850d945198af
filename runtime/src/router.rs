//! Route matching: a tree of segments, read in place, that takes part of the method into the choice.
//!
//! Candidates are ranked from the left: literal, then `{parameter}`, then `{greedy+}`; the leftmost literal is
//! preferred but not final, so that a resource without the method yields to a less specific one that has it.
//! Inner slashes stay, and an empty segment never fills a parameter.
//!
//! REST APIs compare segments byte for byte on the undecoded path; leading slashes collapse and trailing ones do
//! not count. HTTP APIs compare them decoded, prefer any full match to a greedy one, and know a slash at the end
//! for an empty segment, which a greedy parameter alone takes.

use crate::bundle::records::{Edge, Node, Parameter};
use crate::bundle::wire::{Field, record};
use crate::bundle::{Image, Section};
use crate::text::scan;

/// How many alternatives may be open at once: variable nodes on the way from the root. The compiler refuses more.
pub const MAX_CHOICES: usize = 64;

/// The hash of a literal edge.
#[must_use]
#[inline]
pub fn edge_hash(parent: u32, segment: &[u8]) -> u32 {
    const K: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut h = (u64::from(parent) << 32 | segment.len() as u64).wrapping_mul(K);
    let mut rest = segment;
    while let Some((word, tail)) = rest.split_first_chunk::<8>() {
        h = (h.rotate_left(23) ^ u64::from_le_bytes(*word)).wrapping_mul(K);
        rest = tail;
    }
    if let (Some(a), Some(b)) = (rest.first_chunk::<4>(), rest.last_chunk::<4>()) {
        let word = u64::from(u32::from_le_bytes(*a)) | u64::from(u32::from_le_bytes(*b)) << 32;
        h = (h.rotate_left(23) ^ word).wrapping_mul(K);
    } else if let (Some(a), Some(b), Some(c)) =
        (rest.first(), rest.get(rest.len() / 2), rest.last())
    {
        let word = u64::from(*a) | u64::from(*b) << 8 | u64::from(*c) << 16;
        h = (h.rotate_left(23) ^ word).wrapping_mul(K);
    }
    (h >> 32) as u32 ^ h as u32
}

/// The number of a verb, as route records and masks count; `None` for a verb that no route can have.
#[must_use]
#[inline]
pub fn verb(method: &[u8]) -> Option<u8> {
    Some(match method {
        b"DELETE" => 0,
        b"GET" => 1,
        b"HEAD" => 2,
        b"OPTIONS" => 3,
        b"PATCH" => 4,
        b"POST" => 5,
        b"PUT" => 6,
        _ => return None,
    })
}

/// The names of the verbs by number, then `ANY`.
pub const VERBS: [&str; 8] = [
    "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "ANY",
];

/// The first `/` at or after `from`, or the end.
#[inline]
fn slash(path: &[u8], from: usize) -> usize {
    path.get(from..)
        .and_then(|rest| scan::find(rest, b'/'))
        .map_or(path.len(), |at| from + at)
}

/// The part of a path that routing looks at: without leading and trailing slashes, as offsets.
#[must_use]
pub(crate) fn trimmed(path: &[u8]) -> (usize, usize) {
    let end = path.len() - path.iter().rev().take_while(|b| **b == b'/').count();
    let start = path.iter().take_while(|b| **b == b'/').count().min(end);
    (start, end)
}

/// A node's children, in the order in which they are tried.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
#[repr(u32)] // visits have no gaps, so a row of them is cleared in large steps
enum Child {
    #[default]
    Literal,
    Parameter,
    Greedy,
}

/// A node of the walk, and the first of its children that is still to be tried at `pos`.
#[derive(Clone, Copy, Default)]
struct Visit {
    node: u32,
    pos: u32,
    child: Child,
}

/// The tree, and the path that is looked up in it.
struct Walk<'a> {
    edges: &'a [[u8; Edge::SIZE]],
    strings: &'a [u8],
    path: &'a [u8],
    /// Whether greedy parameters take part.
    greedy: bool,
    /// Behind this place nothing is left of the path.
    end: usize,
}

impl Walk<'_> {
    fn literal(&self, parent: u32, segment: &[u8]) -> Option<u32> {
        let mask = self.edges.len().checked_sub(1)?;
        let hash = edge_hash(parent, segment);
        let mut at = hash as usize & mask;
        for _ in self.edges {
            let edge = Edge::get(self.edges.get(at)?)?;
            if edge.hash == hash
                && edge.parent == parent
                && edge.segment.within(self.strings)? == segment
            {
                return Some(edge.child);
            }
            if edge.parent == u32::MAX {
                return None;
            }
            at = (at + 1) & mask;
        }
        None
    }

    /// Where a visit leads, and what is left to try there afterwards.
    #[inline]
    fn step(&self, node: &Node, visit: Visit) -> Option<(Visit, Option<Child>)> {
        let Visit { child, .. } = visit;
        let pos = visit.pos as usize;
        let end = slash(self.path, pos);
        let to = |node, pos: usize| Visit {
            node,
            pos: pos as u32,
            child: Child::Literal,
        };
        let greedy = (self.greedy && node.greedy != u32::MAX).then_some(Child::Greedy);
        if child == Child::Literal
            && node.flags & 1 != 0
            && let Some(found) = self.literal(visit.node, self.path.get(pos..end)?)
        {
            let parameter = (node.parameter != u32::MAX).then_some(Child::Parameter);
            return Some((to(found, end + 1), parameter.or(greedy)));
        }
        if child != Child::Greedy && node.parameter != u32::MAX && end > pos {
            return Some((to(node.parameter, end + 1), greedy));
        }
        greedy.map(|_| (to(node.greedy, self.end), None))
    }
}

/// The route for `path` (trimmed, without leading slash) and a verb's number: its index in the section `Routes`.
///
/// O(segments) where one tree path fits; bounded by the nodes that fit otherwise. Never allocates.
#[must_use]
pub(crate) fn find(image: Image<'_>, path: &[u8], verb: u8) -> Option<u32> {
    walk(image, path, verb, true, path.len())
}

/// The same for an HTTP API: `path` without its first slash, its segments decoded but for slashes in them.
#[must_use]
pub(crate) fn find_exact(image: Image<'_>, path: &[u8], verb: u8) -> Option<u32> {
    // `a/` has an empty segment behind its slash; the root has none.
    let end = path.len() + usize::from(!path.is_empty());
    walk(image, path, verb, false, end).or_else(|| walk(image, path, verb, true, end))
}

fn walk(image: Image<'_>, path: &[u8], verb: u8, greedy: bool, end: usize) -> Option<u32> {
    let (nodes, _) = image.section(Section::Nodes).as_chunks::<{ Node::SIZE }>();
    let walk = Walk {
        edges: image.section(Section::Edges).as_chunks().0,
        strings: image.section(Section::Strings),
        path,
        greedy,
        end,
    };
    let bit = 1u8.checked_shl(u32::from(verb))?;
    // Most trees leave nothing open on the way.
    let mut choices: Option<[Visit; MAX_CHOICES]> = None;
    let mut open = 0usize;
    let mut visit = Visit::default();
    // A node has three kinds of children, and each is tried once. The bound holds for bundles that lie.
    let mut budget = nodes.len().saturating_mul(3).saturating_add(8);
    loop {
        budget = budget.checked_sub(1)?;
        let node = Node::get(nodes.get(visit.node as usize)?)?;
        let mut next = None;
        if node.below & bit != 0 {
            if (visit.pos as usize) < end {
                next = walk.step(&node, visit);
            } else if node.verbs & bit != 0 {
                let before = (node.verbs & (bit - 1)).count_ones();
                return record(
                    image.section(Section::NodeRoutes),
                    node.routes.checked_add(before)?,
                );
            }
        }
        visit = match next {
            Some((next, rest)) => {
                if let Some(child) = rest {
                    let choices = choices.get_or_insert([Visit::default(); MAX_CHOICES]);
                    *choices.get_mut(open)? = Visit { child, ..visit };
                    open += 1;
                }
                next
            }
            None => {
                open = open.checked_sub(1)?;
                *choices.as_ref()?.get(open)?
            }
        };
    }
}

/// Where the value of a path parameter lies in the path that was looked up.
#[must_use]
pub(crate) fn capture(path: &[u8], parameter: &Parameter) -> Option<(usize, usize)> {
    let mut from = 0;
    for _ in 0..parameter.segment {
        from = slash(path, from) + 1;
        if from > path.len() {
            return None;
        }
    }
    if parameter.greedy & 1 != 0 {
        // Of an HTTP API's `/pets/` the rest behind `pets` is there, and empty.
        return Some((from, path.len()));
    }
    let to = slash(path, from);
    (from < to).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_around_a_path_do_not_count() {
        for (path, inner) in [
            ("/a/b", "a/b"),
            ("//a/b", "a/b"),
            ("/a/b//", "a/b"),
            ("/a//b/", "a//b"),
            ("/", ""),
            ("", ""),
            ("///", ""),
        ] {
            let (start, end) = trimmed(path.as_bytes());
            assert_eq!(&path[start..end], inner, "{path}");
        }
    }

    #[test]
    fn parameters_take_their_segments() {
        let p = |segment, greedy| Parameter {
            segment,
            greedy,
            ..Parameter::default()
        };
        let path = b"orders/12/items//9";
        assert_eq!(capture(path, &p(1, 0)), Some((7, 9)));
        assert_eq!(capture(path, &p(2, 1)), Some((10, 18)));
        assert_eq!(
            capture(path, &p(3, 0)),
            None,
            "an empty segment fills nothing"
        );
        assert_eq!(capture(path, &p(7, 0)), None);
    }
}
