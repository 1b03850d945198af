//! Truth values of three, and the stack of them.

use crate::isa::Absent;

/// A truth value of three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    False = 0,
    True = 1,
    Error = 2,
}

impl Truth {
    /// Kleene's conjunction.
    pub(crate) fn and(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::False, _) | (_, Truth::False) => Truth::False,
            (Truth::Error, _) | (_, Truth::Error) => Truth::Error,
            _ => Truth::True,
        }
    }

    /// Kleene's disjunction.
    pub(crate) fn or(self, other: Truth) -> Truth {
        match (self, other) {
            (Truth::True, _) | (_, Truth::True) => Truth::True,
            (Truth::Error, _) | (_, Truth::Error) => Truth::Error,
            _ => Truth::False,
        }
    }
}

impl From<bool> for Truth {
    fn from(b: bool) -> Truth {
        if b { Truth::True } else { Truth::False }
    }
}

impl From<Absent> for Truth {
    fn from(absent: Absent) -> Truth {
        match absent {
            Absent::False => Truth::False,
            Absent::True => Truth::True,
            Absent::Error => Truth::Error,
        }
    }
}

/// The stack of truth values, two bits each behind a mark at the bottom: 31 of them. An empty stack pops errors; one
/// that ran over holds nothing else any more.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Truths(u64);

const BOTTOM: u64 = 3;
const OVER: u64 = u64::MAX;

impl Default for Truths {
    fn default() -> Truths {
        Truths(BOTTOM)
    }
}

impl Truths {
    #[inline]
    pub(crate) fn push(&mut self, truth: Truth) {
        self.0 = if self.0 >> 62 == 0 {
            self.0 << 2 | truth as u64
        } else {
            OVER
        };
    }

    #[inline]
    pub(crate) fn top(self) -> Truth {
        match self.0 & 3 {
            0 => Truth::False,
            1 => Truth::True,
            _ => Truth::Error,
        }
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Truth {
        let top = self.top();
        if self.0 & 3 != 3 {
            self.0 >>= 2;
        }
        top
    }

    #[inline]
    pub(crate) fn and(&mut self) {
        let (b, a) = (self.pop(), self.pop());
        self.push(a.and(b));
    }

    #[inline]
    pub(crate) fn or(&mut self) {
        let (b, a) = (self.pop(), self.pop());
        self.push(a.or(b));
    }

    #[inline]
    pub(crate) fn not(&mut self) {
        // An error, an empty stack and one that ran over stay what they are.
        if self.0 & 2 == 0 {
            self.0 ^= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Truth; 3] = [Truth::False, Truth::True, Truth::Error];

    fn two(a: Truth, b: Truth, f: fn(&mut Truths)) -> Truth {
        let mut t = Truths::default();
        t.push(a);
        t.push(b);
        f(&mut t);
        t.pop()
    }

    #[test]
    fn connectives_are_kleenes() {
        for a in ALL {
            for b in ALL {
                let and = match (a, b) {
                    (Truth::False, _) | (_, Truth::False) => Truth::False,
                    (Truth::Error, _) | (_, Truth::Error) => Truth::Error,
                    _ => Truth::True,
                };
                assert_eq!(two(a, b, Truths::and), and);
                // De Morgan, over all nine.
                let mut t = Truths::default();
                t.push(a);
                t.not();
                t.push(b);
                t.not();
                t.and();
                t.not();
                assert_eq!(two(a, b, Truths::or), t.pop());
            }
        }
    }

    #[test]
    fn an_empty_or_overfull_stack_holds_errors() {
        assert_eq!(Truths::default().pop(), Truth::Error);
        let mut t = Truths::default();
        for _ in 0..40 {
            t.push(Truth::True);
        }
        for _ in 0..40 {
            assert_eq!(t.pop(), Truth::Error);
        }
        t.push(Truth::True);
        assert_eq!(t.pop(), Truth::Error, "what ran over stays an error");
        let mut t = Truths::default();
        for i in 0..31 {
            t.push((i % 2 == 0).into());
        }
        for i in (0..31).rev() {
            assert_eq!(t.pop(), Truth::from(i % 2 == 0), "{i}");
        }
    }
}
