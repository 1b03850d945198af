//! Repeated keys: the first place and the last value are kept, as a `LinkedHashMap` filled in order does.

use alloc::vec::Vec;

use crate::value::{Text, Value};

/// Up to this many pairs every key is held against every other.
pub(super) const FEW: u32 = 8;

/// Keys and values, by turns, at the top of a stack, and what texts mean.
pub(super) struct Pairs<'s, R> {
    stack: &'s mut Vec<Value>,
    height: usize,
    pairs: u32,
    resolve: R,
}

impl<'b, R: Fn(Text) -> &'b [u8]> Pairs<'_, R> {
    /// Moves the pairs above `height` with different keys together at the front; says how many they are. More
    /// than [`FEW`] pairs take one more value of the stack each, and `pairs * log(pairs)` comparisons.
    pub(super) fn unique(stack: &mut Vec<Value>, height: usize, resolve: R) -> u32 {
        let pairs = (stack.len().saturating_sub(height) / 2) as u32;
        let mut pairs = Pairs {
            stack,
            height,
            pairs,
            resolve,
        };
        if pairs.pairs <= FEW {
            pairs.one_by_one()
        } else {
            pairs.sorted()
        }
    }

    fn key(&self, pair: u32) -> Value {
        self.stack
            .get(self.height + pair as usize * 2)
            .copied()
            .unwrap_or_default()
    }

    fn same(&self, a: u32, b: u32) -> bool {
        same(self.key(a), self.key(b), &self.resolve)
    }

    fn one_by_one(&mut self) -> u32 {
        let mut kept = 0;
        for pair in 0..self.pairs {
            let first = (0..kept).find(|other| self.same(*other, pair));
            self.move_pair(pair, first.unwrap_or(kept), first.is_none());
            kept += u32::from(first.is_none());
        }
        kept
    }

    /// Sorted numbers of pairs stand equal keys side by side, the first one first.
    fn sorted(&mut self) -> u32 {
        let base = self.stack.len();
        self.stack
            .extend((0..self.pairs).map(|pair| Value::Int(pair.into())));
        self.sort(base);
        let mut repeated = false;
        let mut at = 0;
        while at < self.pairs {
            let first = self.number(base, at);
            let mut end = at + 1;
            while end < self.pairs && self.same(first, self.number(base, end)) {
                end += 1;
            }
            // The last value of each run of equal keys goes to the run's first pair.
            if end > at + 1 {
                repeated = true;
                self.move_pair(self.number(base, end - 1), first, false);
                for gone in at + 1..end {
                    let slot = self.height + self.number(base, gone) as usize * 2;
                    if let Some(key) = self.stack.get_mut(slot) {
                        *key = Value::Missing;
                    }
                }
            }
            at = end;
        }
        self.stack.truncate(base);
        if !repeated {
            return self.pairs;
        }
        let mut kept = 0;
        for pair in 0..self.pairs {
            if self.key(pair) != Value::Missing {
                self.move_pair(pair, kept, true);
                kept += 1;
            }
        }
        kept
    }

    fn number(&self, base: usize, at: u32) -> u32 {
        match self.stack.get(base + at as usize) {
            Some(Value::Int(pair)) => *pair as u32,
            _ => 0,
        }
    }

    /// Sorts the pair numbers above `base` by key bytes, then by number: a heap sort, in place.
    fn sort(&mut self, base: usize) {
        let n = self.pairs as usize;
        for root in (0..n / 2).rev() {
            self.sift(base, root, n);
        }
        for end in (1..n).rev() {
            self.stack.swap(base, base + end);
            self.sift(base, 0, end);
        }
    }

    fn sift(&mut self, base: usize, mut root: usize, end: usize) {
        loop {
            let mut child = root * 2 + 1;
            if child >= end {
                return;
            }
            if child + 1 < end && self.less(base, child, child + 1) {
                child += 1;
            }
            if !self.less(base, root, child) {
                return;
            }
            self.stack.swap(base + root, base + child);
            root = child;
        }
    }

    fn less(&self, base: usize, a: usize, b: usize) -> bool {
        let (a, b) = (self.number(base, a as u32), self.number(base, b as u32));
        let key = |pair: u32| match self.key(pair) {
            Value::Text(text) => (self.resolve)(text),
            _ => &[],
        };
        (key(a), a) < (key(b), b)
    }

    fn move_pair(&mut self, from: u32, to: u32, with_key: bool) {
        let (from, to) = (
            self.height + from as usize * 2,
            self.height + to as usize * 2,
        );
        if let (Some(key), Some(value)) = (
            self.stack.get(from).copied(),
            self.stack.get(from + 1).copied(),
        ) {
            if with_key && let Some(slot) = self.stack.get_mut(to) {
                *slot = key;
            }
            if let Some(slot) = self.stack.get_mut(to + 1) {
                *slot = value;
            }
        }
    }
}

/// Whether two keys are one: Java's `equals` of scalars.
pub(super) fn same<'b>(a: Value, b: Value, resolve: impl Fn(Text) -> &'b [u8]) -> bool {
    match (a, b) {
        (Value::Text(a), Value::Text(b)) | (Value::Big(a), Value::Big(b)) => {
            a == b || a.len == b.len && resolve(a) == resolve(b)
        }
        (Value::Double(a), Value::Double(b)) => a.to_bits() == b.to_bits(),
        (Value::Missing | Value::Null, Value::Missing | Value::Null) => true,
        _ => a == b,
    }
}
