//! Which statements of a long policy a request may fit at all.
//!
//! Each statement that has one is filed under a leaf that must hold for it: an exact text, a segment of the ARN, a
//! range of addresses. A request looks its own up and asks what it finds, with the statements that are filed
//! nowhere. What is found too often costs time and changes nothing, for a statement tests its leaf again; so texts
//! are compared by their hashes alone.
//!
//! The table, in this order:
//!
//! | | |
//! |---|---|
//! | `u16` × 5 | statements; buckets, a power of two; borders of IPv4; borders of IPv6; which segments are filed: 0 none, 1 the ARN's, 2 the path's |
//! | `u32` for each statement, and one | its place behind the instruction `index`; the last: where the program goes on |
//! | `u64` for 64 statements | those that are asked always |
//! | `u16` for each bucket, and one | its first entry |
//! | `u16` × 2 for each entry | the upper half of a text's hash, and the statement |
//! | `u32` for each border of IPv4 | where another set of statements begins |
//! | `u16` for each of them, and one | its first member |
//! | `u128` for each border of IPv6 | the same |
//! | `u16` for each of them, and one | the same |
//! | `u16` for each member | the statement |

use core::net::IpAddr;

use crate::bundle::wire::{Field, record};
use crate::router::edge_hash;

/// Statements that one index holds at most.
pub const STATEMENTS: usize = 64 * WORDS;
const WORDS: usize = 16;

/// Bytes of the counts at the start.
const HEAD: usize = 10;

/// The statements that a request asks, as bits, in their order.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Picked<'t> {
    words: [u64; WORDS],
    /// All words before this one are empty.
    first: usize,
    /// The index whose statements are asked just now, and the place of its instruction.
    index: Option<(Index<'t>, usize)>,
}

impl<'t> Picked<'t> {
    /// From here on its statements are asked.
    pub(crate) fn begin(&mut self, index: Index<'t>, at: usize) {
        self.index = Some((index, at));
    }

    /// Where the program goes on behind a statement at `at` that does not decide: ahead. `None`: the index lies.
    #[inline]
    pub(crate) fn follow(&mut self, at: usize, next: usize) -> Option<usize> {
        let Some((index, from)) = self.index else {
            return Some(next);
        };
        let statement = match self.take() {
            Some(statement) if statement < index.statements() => Some(statement),
            // None of this index any more: those of the next one are added to none.
            Some(_) => {
                *self = Picked::default();
                None
            }
            None => {
                (self.index, self.first) = (None, 0);
                None
            }
        };
        let to = from.checked_add(index.place(statement)?)?;
        Some(to).filter(|to| *to > at)
    }

    #[inline]
    fn add(&mut self, statement: u16) {
        let at = usize::from(statement);
        if let Some(word) = self.words.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    /// Every statement: where nothing is known of a text.
    pub(crate) fn add_all(&mut self) {
        self.words = [u64::MAX; WORDS];
    }

    /// Takes the first one out.
    #[inline]
    fn take(&mut self) -> Option<usize> {
        while let Some(word) = self.words.get_mut(self.first) {
            if *word != 0 {
                let at = word.trailing_zeros() as usize;
                *word &= *word - 1;
                return Some(self.first * 64 + at);
            }
            self.first += 1;
        }
        None
    }
}

/// What of a request's `API/STAGE/VERB/PATH` statements are filed under.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segments {
    /// Nothing.
    None = 0,
    /// Its segments.
    Arn = 1,
    /// Those of the path alone.
    Path = 2,
}

/// An index in its image.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Index<'t> {
    places: &'t [u8],
    always: &'t [u8],
    buckets: &'t [u8],
    mask: u32,
    entries: &'t [u8],
    /// Which segments are filed.
    pub(crate) segments: Segments,
    four: (&'t [u8], &'t [u8]),
    six: (&'t [u8], &'t [u8]),
    members: &'t [u8],
}

impl<'t> Index<'t> {
    /// Lays a table open; `None`: it is cut off. O(1).
    #[inline]
    pub(crate) fn open(table: &'t [u8]) -> Option<Index<'t>> {
        let (head, rest) = table.split_first_chunk::<HEAD>()?;
        let [a, b, c, d, e, f, g, h, i, j] = *head;
        let count = |low, high| usize::from(u16::from_le_bytes([low, high]));
        let (statements, buckets) = (count(a, b), count(c, d));
        let (four, six) = (count(e, f), count(g, h));
        let (places, rest) = rest.split_at_checked((statements + 1) * 4)?;
        let (always, rest) = rest.split_at_checked(statements.div_ceil(64) * 8)?;
        let (starts, rest) = rest.split_at_checked((buckets + 1) * 2)?;
        let entries = starts.last_chunk::<2>().map(|b| u16::from_le_bytes(*b))?;
        let (entries, rest) = rest.split_at_checked(usize::from(entries) * 4)?;
        let (four_borders, rest) = rest.split_at_checked(four * 4)?;
        let (four_starts, rest) = rest.split_at_checked((four + 1) * 2)?;
        let (six_borders, rest) = rest.split_at_checked(six * 16)?;
        let (six_starts, members) = rest.split_at_checked((six + 1) * 2)?;
        Some(Index {
            places,
            always,
            buckets: starts,
            mask: (buckets as u32).wrapping_sub(1),
            entries,
            segments: match count(i, j) {
                0 => Segments::None,
                2 => Segments::Path,
                _ => Segments::Arn,
            },
            four: (four_borders, four_starts),
            six: (six_borders, six_starts),
            members,
        })
    }

    /// Whether a table is whole, and every statement of it lies behind its instruction at `at`, within the code.
    pub(crate) fn verify(table: &[u8], at: usize, code: usize) -> bool {
        let Some(index) = Index::open(table) else {
            return false;
        };
        let (places, _) = index.places.as_chunks::<4>();
        let mut before = 0;
        places.iter().all(|place| {
            let place = u32::from_le_bytes(*place) as usize;
            let ahead = place > before;
            before = place;
            ahead && at.checked_add(place).is_some_and(|to| to < code)
        })
    }

    fn statements(&self) -> usize {
        (self.places.len() / 4).saturating_sub(1)
    }

    /// Where a statement begins, counted from the instruction `index`; the last place for none.
    #[inline]
    pub(crate) fn place(&self, statement: Option<usize>) -> Option<usize> {
        let at = statement.unwrap_or(self.statements());
        record::<u32>(self.places, at as u32).map(|place| place as usize)
    }

    /// Adds the statements that are filed nowhere.
    #[inline]
    pub(crate) fn always(&self, picked: &mut Picked<'_>) {
        for (word, always) in picked.words.iter_mut().zip(self.always.as_chunks::<8>().0) {
            *word |= u64::from_le_bytes(*always);
        }
    }

    /// Adds those that are filed under a text of this key: 0 for segments.
    #[inline]
    pub(crate) fn text(&self, key: u32, text: &[u8], picked: &mut Picked<'_>) -> Option<()> {
        let hash = edge_hash(key, text);
        let bucket = hash & self.mask;
        let from = usize::from(record::<u16>(self.buckets, bucket)?);
        let to = usize::from(record::<u16>(self.buckets, bucket + 1)?);
        let tag = (hash >> 16) as u16;
        for entry in self.entries.get(from * 4..to * 4)?.as_chunks::<4>().0 {
            let [a, b, c, d] = *entry;
            if u16::from_le_bytes([a, b]) == tag {
                picked.add(u16::from_le_bytes([c, d]));
            }
        }
        Some(())
    }

    /// Adds those that are filed under an address.
    #[inline]
    pub(crate) fn address(&self, ip: IpAddr, picked: &mut Picked<'_>) -> Option<()> {
        let (starts, border) = match ip {
            IpAddr::V4(ip) => {
                let wanted = u32::from(ip);
                let (borders, starts) = self.four;
                let below = |b: &[u8; 4]| u32::from_le_bytes(*b) <= wanted;
                (starts, borders.as_chunks::<4>().0.partition_point(below))
            }
            IpAddr::V6(ip) => {
                let wanted = u128::from(ip);
                let (borders, starts) = self.six;
                let below = |b: &[u8; 16]| u128::from_le_bytes(*b) <= wanted;
                (starts, borders.as_chunks::<16>().0.partition_point(below))
            }
        };
        // Nothing is filed below the first border.
        let Some(at) = border.checked_sub(1) else {
            return Some(());
        };
        let from = usize::from(record::<u16>(starts, at as u32)?);
        let to = usize::from(record::<u16>(starts, at as u32 + 1)?);
        for member in self.members.get(from * 2..to * 2)?.as_chunks::<2>().0 {
            picked.add(u16::get(member)?);
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn the_first_is_taken_first_and_once() {
        let mut picked = Picked::default();
        for statement in [700, 3, 64, 3, 1023, 5000] {
            picked.add(statement);
        }
        let taken: Vec<usize> = core::iter::from_fn(|| picked.take()).collect();
        assert_eq!(taken, [3, 64, 700, 1023]);
        picked.first = 0;
        picked.add_all();
        assert_eq!(core::iter::from_fn(|| picked.take()).count(), STATEMENTS);
    }

    #[test]
    fn a_table_that_is_cut_off_is_no_index() {
        let mut table = Vec::from([0u8; HEAD]);
        table[0] = 1;
        table[2] = 1;
        table.extend([0; 4 * 2 + 8 + 2 * 2 + 2 + 2]);
        assert!(Index::open(&table).is_some());
        for cut in 0..table.len() {
            assert!(Index::open(&table[..cut]).is_none(), "cut at {cut}");
        }
    }
}
