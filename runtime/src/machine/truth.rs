//! Truth values of three, and the stack of them.

use crate::isa::Absent;

/// A truth value of three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Truth {
    False,
    True,
    Error,
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

/// The stack of truth values, two bits each: 32 of them. Underflow pops an error, overflow is one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Truths {
    bits: u64,
    depth: u8,
}

impl Truths {
    #[inline]
    pub(crate) fn push(&mut self, truth: Truth) {
        let two = match truth {
            Truth::False => 0,
            Truth::True => 1,
            Truth::Error => 2,
        };
        self.depth = self.depth.saturating_add(1);
        self.bits = if self.depth > 32 {
            u64::MAX
        } else {
            self.bits << 2 | two
        };
    }

    #[inline]
    pub(crate) fn top(self) -> Truth {
        match (self.depth, self.bits & 3) {
            (0, _) => Truth::Error,
            (_, 0) => Truth::False,
            (_, 1) => Truth::True,
            _ => Truth::Error,
        }
    }

    #[inline]
    pub(crate) fn pop(&mut self) -> Truth {
        let top = self.top();
        self.depth = self.depth.saturating_sub(1);
        // After an overflow everything stays an error until the stack is empty.
        if self.depth < 32 && self.bits != u64::MAX {
            self.bits >>= 2;
        }
        if self.depth == 0 {
            self.bits = 0;
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
        let top = self.pop();
        self.push(match top {
            Truth::True => Truth::False,
            Truth::False => Truth::True,
            Truth::Error => Truth::Error,
        });
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
        assert_eq!(t.pop(), Truth::True);
    }
}
