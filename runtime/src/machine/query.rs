//! The parameters of the query, cut once for everything that asks for one.

use super::{Halt, Machine};
use crate::json::Kind;
use crate::scratch::Exhausted;
use crate::text::{percent, scan};
use crate::value::{Src, Text, Value};

/// A query, cut.
#[derive(Clone, Copy)]
pub(crate) struct Query {
    pairs: [Pair; Query::CUT],
    count: usize,
    /// Where the cutting ended.
    end: usize,
}

/// Name and value of a parameter, as offsets in the query.
#[derive(Clone, Copy, Default)]
struct Pair {
    from: u32,
    /// The `=`, or the end.
    equals: u32,
    to: u32,
}

impl Query {
    /// As many parameters are cut; those behind them whenever one is asked for.
    const CUT: usize = 8;

    #[inline(never)]
    fn of(query: &[u8]) -> Query {
        let mut cut = Query {
            pairs: [Pair::default(); Query::CUT],
            count: 0,
            end: 0,
        };
        while let (Some(rest), Some(pair)) = (query.get(cut.end..), cut.pairs.get_mut(cut.count)) {
            let len = percent::first(rest);
            let equals = scan::find(rest.get(..len).unwrap_or(&[]), b'=').unwrap_or(len);
            let at = |offset: usize| (cut.end + offset) as u32;
            *pair = Pair {
                from: at(0),
                equals: at(equals),
                to: at(len),
            };
            cut.count += usize::from(len > 0);
            cut.end += len + 1;
        }
        cut
    }

    /// The values of the parameters of this name, in their order, encoded as they are.
    fn values<'q>(
        &self,
        query: &'q [u8],
        name: &[u8],
    ) -> impl DoubleEndedIterator<Item = &'q [u8]> {
        let part = move |from: u32, to: u32| query.get(from as usize..to as usize).unwrap_or(&[]);
        let cut = (self.pairs.get(..self.count).unwrap_or(&[]).iter()).map(move |p| {
            (
                part(p.from, p.equals),
                part(p.equals.saturating_add(1), p.to),
            )
        });
        cut.chain(percent::pairs(query.get(self.end..).unwrap_or(&[])))
            .filter(|(key, _)| percent::is(key, name))
            .map(|(_, value)| value)
    }
}

impl<'v> Machine<'_, 'v> {
    /// The last value of a query parameter, decoded.
    pub(crate) fn query_value(&mut self, name: &[u8]) -> Result<Option<Text>, Exhausted> {
        let query = self.query();
        let cut = self.cut.get_or_insert_with(|| Query::of(query));
        let last = cut.values(query, name).next_back();
        last.map(|value| self.decoded(value)).transpose()
    }

    /// All values of a query parameter, decoded: a list, or the value if there is one.
    pub(super) fn queries(&mut self, name: &[u8]) -> Result<Value, Halt> {
        let height = self.scratch.height();
        let query = self.query();
        let cut = *self.cut.get_or_insert_with(|| Query::of(query));
        for value in cut.values(query, name) {
            let text = self.decoded(value)?;
            self.scratch.push_value(Value::Text(text))?;
        }
        match self.scratch.height() - height {
            0 => Ok(Value::Missing),
            // One value is itself, not a list.
            1 => Ok(self.scratch.pop_value().unwrap_or_default()),
            _ => Ok(self.heap().list_above(Kind::List, height)?),
        }
    }

    /// The text of a part of the query, decoded.
    pub(crate) fn decoded(&mut self, part: &'v [u8]) -> Result<Text, Exhausted> {
        if !percent::is_plain(part) {
            return percent::decode(self.scratch, part);
        }
        // A plain part is text of the target; its place is found by address-free arithmetic on the slices.
        match super::lookup::offset(self.world.head.target, part) {
            Some(off) => Ok(Text {
                src: Src::Target,
                off,
                len: part.len() as u32,
            }),
            None => self.scratch.push(part),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn a_query_is_cut_as_it_is_walked() {
        let mut long = Vec::new();
        for at in 0..20 {
            let query: Vec<u8> = long.clone();
            for query in [
                &query[..],
                b"",
                b"a",
                b"a=",
                b"=a",
                b"&;a=1&;b&a=2;",
                b"a=b=c&",
            ] {
                for name in [&b"a"[..], b"b", b"", b"c"] {
                    let walked: Vec<_> = percent::pairs(query)
                        .filter(|(key, _)| percent::is(key, name))
                        .map(|(_, value)| value)
                        .collect();
                    let cut: Vec<_> = Query::of(query).values(query, name).collect();
                    assert_eq!(cut, walked, "{query:?}");
                }
            }
            long.extend_from_slice(&[b"a=1&"[..].to_vec(), b"b&;".to_vec()][at % 2]);
        }
    }
}
