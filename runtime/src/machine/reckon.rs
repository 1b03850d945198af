//! Arithmetic of conditions: whole numbers of 64 bits, and what cannot be had.

use core::cmp::Ordering;

use super::truth::Truth;
use crate::isa::{Arithmetic, Comparison};

/// The stack of numbers: eight of them. One that cannot be had, one too many and one too few are errors, and what is
/// made of an error is one.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Numbers {
    values: [Option<i64>; Numbers::ROOM],
    depth: usize,
}

impl Numbers {
    pub(super) const ROOM: usize = 8;

    pub(super) fn push(&mut self, value: Option<i64>) {
        if let Some(place) = self.values.get_mut(self.depth) {
            *place = value;
        }
        self.depth = self.depth.saturating_add(1);
    }

    fn pop(&mut self) -> Option<i64> {
        self.depth = self.depth.checked_sub(1)?;
        self.values.get(self.depth).copied().flatten()
    }

    /// What the two on top make.
    pub(super) fn reckon(&mut self, how: Arithmetic) {
        let (right, left) = (self.pop(), self.pop());
        let made = match (left, right) {
            (Some(left), Some(right)) => match how {
                Arithmetic::Add => left.checked_add(right),
                Arithmetic::Subtract => left.checked_sub(right),
                Arithmetic::Multiply => left.checked_mul(right),
                Arithmetic::Divide => left.checked_div(right),
                Arithmetic::Remainder => left.checked_rem(right),
            },
            _ => None,
        };
        self.push(made);
    }

    /// How the two on top compare.
    pub(super) fn compare(&mut self, comparison: Comparison) -> Truth {
        let (right, left) = (self.pop(), self.pop());
        match (left, right) {
            (Some(left), Some(right)) => {
                let order: Ordering = left.cmp(&right);
                comparison.holds(Some(order)).into()
            }
            _ => Truth::Error,
        }
    }
}

/// The whole number that a text says; `None`: it says none, or one of more than 64 bits.
pub(super) fn said(text: &[u8]) -> Option<i64> {
    core::str::from_utf8(text)
        .ok()
        .filter(|text| !text.starts_with('+'))?
        .parse()
        .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(left: Option<i64>, how: Arithmetic, right: Option<i64>) -> Option<i64> {
        let mut numbers = Numbers::default();
        numbers.push(left);
        numbers.push(right);
        numbers.reckon(how);
        numbers.pop()
    }

    #[test]
    fn numbers_are_made_or_are_errors() {
        use Arithmetic::{Add, Divide, Multiply, Remainder, Subtract};
        for (left, how, right, want) in [
            (7, Add, 2, Some(9)),
            (7, Subtract, 9, Some(-2)),
            (-7, Multiply, 2, Some(-14)),
            (-7, Divide, 2, Some(-3)),
            (-7, Remainder, 2, Some(-1)),
            (7, Divide, 0, None),
            (7, Remainder, 0, None),
            (i64::MIN, Divide, -1, None),
            (i64::MIN, Remainder, -1, None),
            (i64::MAX, Add, 1, None),
            (i64::MIN, Subtract, 1, None),
            (i64::MAX, Multiply, 2, None),
        ] {
            assert_eq!(
                made(Some(left), how, Some(right)),
                want,
                "{left} {how:?} {right}"
            );
            assert_eq!(made(None, how, Some(right)), None);
            assert_eq!(made(Some(left), how, None), None);
        }
    }

    #[test]
    fn an_empty_or_overfull_stack_gives_errors() {
        let mut numbers = Numbers::default();
        assert_eq!(numbers.compare(Comparison::Equal), Truth::Error);
        for n in 0..=Numbers::ROOM {
            numbers.push(Some(n as i64));
        }
        assert_eq!(
            numbers.compare(Comparison::Greater),
            Truth::Error,
            "the last is lost"
        );
        assert_eq!(numbers.compare(Comparison::Less), Truth::True);
    }

    #[test]
    fn texts_say_numbers_as_cel_reads_them() {
        for (text, want) in [
            ("7", Some(7)),
            ("-007", Some(-7)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("+7", None),
            ("7.0", None),
            (" 7", None),
            ("-", None),
            ("", None),
        ] {
            assert_eq!(said(text.as_bytes()), want, "{text}");
        }
    }
}
