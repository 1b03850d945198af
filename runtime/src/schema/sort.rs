//! Members in the order of their names, as Java's `String.compareTo` has it: by UTF-16 units.

use core::cmp::Ordering;

use crate::json::{Bound, Heap};
use crate::value::Value;

/// Sorts the cells `from..from + n`, each the number of a member of `map`, by the members' names: a heap sort, in
/// place. Work: a unit per comparison and eight bytes of a name.
pub(super) fn by_name(heap: &mut Heap<'_>, map: Value, from: u32, n: u32) -> Result<(), Bound> {
    let mut members = Members { heap, map, from };
    for root in (0..n / 2).rev() {
        members.sift(root, n)?;
    }
    for end in (1..n).rev() {
        members.swap(0, end);
        members.sift(0, end)?;
    }
    Ok(())
}

struct Members<'m, 'h> {
    heap: &'m mut Heap<'h>,
    map: Value,
    from: u32,
}

impl Members<'_, '_> {
    fn cell(&self, at: u32) -> Value {
        let cell = self.heap.scratch.cell(self.from.saturating_add(at));
        cell.unwrap_or_default()
    }

    fn swap(&mut self, a: u32, b: u32) {
        let (left, right) = (self.cell(a), self.cell(b));
        self.heap.scratch.set_cell(self.from + a, right);
        self.heap.scratch.set_cell(self.from + b, left);
    }

    fn name(&self, at: u32) -> &[u8] {
        let Value::Int(number) = self.cell(at) else {
            return &[];
        };
        match self.heap.pair(self.map, number as u32) {
            Some((Value::Text(name), _)) => self.heap.bytes(name),
            _ => &[],
        }
    }

    fn less(&mut self, a: u32, b: u32) -> Result<bool, Bound> {
        self.heap.spend(1 + self.name(a).len() as u64 / 8)?;
        let text = |bytes| core::str::from_utf8(bytes).unwrap_or_default();
        let (a, b) = (text(self.name(a)), text(self.name(b)));
        Ok(a.encode_utf16().cmp(b.encode_utf16()) == Ordering::Less)
    }

    /// Moves the member at `root` down until none below it, before `end`, comes behind it.
    fn sift(&mut self, mut root: u32, end: u32) -> Result<(), Bound> {
        loop {
            let left = root.saturating_mul(2).saturating_add(1);
            if left >= end {
                return Ok(());
            }
            let right = left + 1;
            let larger = if right < end && self.less(left, right)? {
                right
            } else {
                left
            };
            if !self.less(root, larger)? {
                return Ok(());
            }
            self.swap(root, larger);
            root = larger;
        }
    }
}
