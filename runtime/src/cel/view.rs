//! Reading values: equality and order.

use core::cmp::Ordering;
use core::net::IpAddr;

use super::value::{Cel, Run, Span};

/// What values stand for, to read.
#[derive(Clone, Copy, Debug)]
pub struct View<'v> {
    pub(super) code: &'v [u8],
    pub(super) text: &'v [u8],
    pub(super) cells: &'v [Cel],
}

impl<'v> View<'v> {
    /// The bytes of a text, of bytes or of an address.
    #[must_use]
    pub fn bytes(self, span: Span) -> &'v [u8] {
        let source = if span.code { self.code } else { self.text };
        let from = span.at as usize;
        source.get(from..from + span.len as usize).unwrap_or(&[])
    }

    /// A text.
    #[must_use]
    pub fn str(self, span: Span) -> &'v str {
        core::str::from_utf8(self.bytes(span)).unwrap_or_default()
    }

    /// The elements of a list, or keys and values of a map by turns.
    #[must_use]
    pub fn cells(self, run: Run) -> &'v [Cel] {
        let from = run.at as usize;
        self.cells.get(from..from + run.len as usize).unwrap_or(&[])
    }

    /// What an optional holds.
    #[must_use]
    pub fn held(self, cell: u32) -> Cel {
        self.cells.get(cell as usize).copied().unwrap_or(Cel::Null)
    }

    /// An address.
    #[must_use]
    pub fn address(self, span: Span) -> Option<IpAddr> {
        let bytes = self.bytes(span);
        if let Ok(four) = <[u8; 4]>::try_from(bytes) {
            return Some(four.into());
        }
        <[u8; 16]>::try_from(bytes).ok().map(IpAddr::from)
    }

    /// A range of addresses: one of them, and the length of the prefix.
    #[must_use]
    pub fn network(self, span: Span) -> Option<(IpAddr, u8)> {
        let prefix = *self.bytes(span).last()?;
        let address = self.address(span.slice(0, (span.len as usize).checked_sub(1)?))?;
        Some((address, prefix))
    }

    /// Whether two values are equal: numbers by value whatever their kind, others of one type by content; values of
    /// two types are not.
    #[must_use]
    pub fn equal(self, left: Cel, right: Cel) -> bool {
        if let (Some(a), Some(b)) = (left.entries(), right.entries()) {
            let (a, b) = (self.cells(a), self.cells(b));
            return a.len() == b.len()
                && a.chunks_exact(2).all(|entry| match entry {
                    [key, value] => self
                        .at(b, *key)
                        .is_some_and(|other| self.equal(*value, other)),
                    _ => false,
                });
        }
        match (left, right) {
            (Cel::List(a), Cel::List(b)) => {
                let (a, b) = (self.cells(a), self.cells(b));
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| self.equal(*a, *b))
            }
            (Cel::Optional(Some(a)), Cel::Optional(Some(b))) => {
                self.equal(self.held(a), self.held(b))
            }
            (Cel::Ip(a), Cel::Ip(b)) => {
                let canonical = |span| self.address(span).map(|address| address.to_canonical());
                canonical(a) == canonical(b)
            }
            (Cel::Structured(cell), other) | (other, Cel::Structured(cell)) => {
                self.equal(self.held(cell), other)
            }
            (Cel::Text(a) | Cel::Claim(a), Cel::Text(b) | Cel::Claim(b))
            | (Cel::Bytes(a), Cel::Bytes(b))
            | (Cel::Type(a), Cel::Type(b))
            | (Cel::Cidr(a), Cel::Cidr(b)) => self.bytes(a) == self.bytes(b),
            (left, right) if left.is_number() && right.is_number() => {
                self.order(left, right) == Some(Ordering::Equal)
            }
            (left, right) => left == right,
        }
    }

    /// How two values are ordered; none where they are not: of other types, and beside a NaN.
    #[must_use]
    pub fn order(self, left: Cel, right: Cel) -> Option<Ordering> {
        match (left, right) {
            // As doubles, as CEL has it: large whole numbers are rounded.
            (Cel::Int(left), Cel::Double(right)) => (left as f64).partial_cmp(&right),
            (Cel::Uint(left), Cel::Double(right)) => (left as f64).partial_cmp(&right),
            (Cel::Double(_), Cel::Int(_) | Cel::Uint(_)) => {
                self.order(right, left).map(Ordering::reverse)
            }
            (Cel::Double(left), Cel::Double(right)) => left.partial_cmp(&right),
            (left, right) if left.is_number() && right.is_number() => {
                Some(whole(left)?.cmp(&whole(right)?))
            }
            // UTF-8 orders as its characters do.
            (Cel::Text(left) | Cel::Claim(left), Cel::Text(right) | Cel::Claim(right))
            | (Cel::Bytes(left), Cel::Bytes(right)) => {
                Some(self.bytes(left).cmp(self.bytes(right)))
            }
            (Cel::Bool(left), Cel::Bool(right)) => Some(left.cmp(&right)),
            (Cel::Time(a, b), Cel::Time(c, d)) | (Cel::Duration(a, b), Cel::Duration(c, d)) => {
                Some((a, b).cmp(&(c, d)))
            }
            _ => None,
        }
    }

    /// What stands at a key among keys and values.
    pub(super) fn at(self, entries: &[Cel], key: Cel) -> Option<Cel> {
        entries.chunks_exact(2).find_map(|entry| match entry {
            [other, value] if self.equal(*other, key) => Some(*value),
            _ => None,
        })
    }

    /// A claim as the text that it is shown as.
    pub(super) fn shown(self, value: Cel) -> Cel {
        match value {
            Cel::Claim(text) => Cel::Text(text),
            Cel::Structured(cell) => self.held(cell),
            other => other,
        }
    }

    /// The claim as what it is compared with: beside a number the number that it says, beside a truth value that.
    pub(super) fn claim(self, text: Span, beside: Cel) -> Cel {
        let said = match beside {
            Cel::Bool(_) => self.truth(text).map(Cel::Bool),
            Cel::Int(_) | Cel::Uint(_) | Cel::Double(_) => {
                self.str(text).parse().ok().map(Cel::Double)
            }
            _ => None,
        };
        said.unwrap_or(Cel::Text(text))
    }

    /// The truth value that a claim says.
    pub(super) fn truth(self, text: Span) -> Option<bool> {
        let text = self.bytes(text);
        if text.eq_ignore_ascii_case(b"true") {
            Some(true)
        } else if text.eq_ignore_ascii_case(b"false") {
            Some(false)
        } else {
            None
        }
    }
}

/// A whole number, wide enough for both kinds.
fn whole(value: Cel) -> Option<i128> {
    match value {
        Cel::Int(value) => Some(i128::from(value)),
        Cel::Uint(value) => Some(i128::from(value)),
        _ => None,
    }
}
