//! Reading and changing lists and maps.

use core::ops::Range;

use crate::json::keys::{self, FEW, Pairs};
use crate::json::{Bound, Kind, OF_MAP, Object};
use crate::scratch::Scratch;
use crate::value::{Src, Text, Value};

/// Whoever lends the bytes of texts that are not in the scratch.
pub trait Lent {
    /// The bytes of `text`; `None` if it does not resolve.
    fn lent(&self, text: Text) -> Option<&[u8]>;

    /// What [`Src::Body`] resolves in, where most texts are; empty if [`lent`](Lent::lent) must be asked.
    fn lent_body(&self) -> &[u8] {
        &[]
    }
}

impl Lent for crate::World<'_> {
    fn lent(&self, text: Text) -> Option<&[u8]> {
        self.resolve_lent(text)
    }

    fn lent_body(&self) -> &[u8] {
        self.body.unwrap_or(&[])
    }
}

/// Lent bytes, the scratch, and the work that may still be done: what values are read and changed through.
pub struct Heap<'h> {
    /// The lender.
    pub lent: &'h dyn Lent,
    /// The lender's body.
    body: &'h [u8],
    /// The arenas.
    pub scratch: &'h mut Scratch,
    /// Units of work left.
    pub work: u64,
    /// Objects whose change is noticed: what a payload was read into.
    watched: Range<u32>,
    /// Whether one of them changed.
    pub(crate) touched: bool,
}

/// Whether two names of one length are the same: short ones by their ends, which overlap, without a call.
#[inline]
fn same_name(a: &[u8], b: &[u8]) -> bool {
    match a.len() {
        0..4 => a.iter().eq(b),
        4..8 => {
            a.first_chunk::<4>() == b.first_chunk::<4>()
                && a.last_chunk::<4>() == b.last_chunk::<4>()
        }
        8..=16 => {
            a.first_chunk::<8>() == b.first_chunk::<8>()
                && a.last_chunk::<8>() == b.last_chunk::<8>()
        }
        _ => a == b,
    }
}

/// A piece of the text arena.
fn part(texts: &[u8], text: Text) -> &[u8] {
    texts
        .get(text.off as usize..)
        .and_then(|rest| rest.get(..text.len as usize))
        .unwrap_or(&[])
}

impl<'h> Heap<'h> {
    /// A heap with `work` units to spend.
    pub fn new(lent: &'h dyn Lent, scratch: &'h mut Scratch, work: u64) -> Heap<'h> {
        Heap {
            lent,
            body: lent.lent_body(),
            scratch,
            work,
            watched: 0..0,
            touched: false,
        }
    }

    /// Notices changes of `objects` from now on.
    pub(crate) fn watch(&mut self, objects: Range<u32>) {
        self.watched = objects;
        self.touched = false;
    }

    /// Takes `n` units of work.
    ///
    /// # Errors
    /// [`Bound::Work`] when fewer are left.
    #[inline]
    pub fn spend(&mut self, n: u64) -> Result<(), Bound> {
        match self.work.checked_sub(n) {
            Some(left) => {
                self.work = left;
                Ok(())
            }
            None => {
                self.work = 0;
                Err(Bound::Work)
            }
        }
    }

    /// The bytes of a text; empty if it does not resolve.
    #[inline]
    #[must_use]
    pub fn bytes(&self, text: Text) -> &[u8] {
        match text.src {
            Src::Scratch => self.scratch.bytes(text.off, text.len).unwrap_or(&[]),
            _ => self.lent_bytes(text),
        }
    }

    /// The bytes of a text that is not in the scratch.
    #[inline]
    fn lent_bytes(&self, text: Text) -> &'h [u8] {
        if text.src == Src::Body
            && let Some(rest) = self.body.get(text.off as usize..)
            && let Some(bytes) = rest.get(..text.len as usize)
        {
            return bytes;
        }
        self.asked_bytes(text)
    }

    #[inline(never)]
    fn asked_bytes(&self, text: Text) -> &'h [u8] {
        self.lent.lent(text).unwrap_or(&[])
    }

    /// Appends the bytes of a text to the text arena.
    pub(crate) fn append(&mut self, text: Text) -> Result<(), Bound> {
        if text.src == Src::Scratch {
            self.scratch.append_within(text.off, text.len)?;
        } else {
            let bytes = self.lent_bytes(text);
            self.scratch.append(bytes)?;
        }
        Ok(())
    }

    /// Appends the bytes of a text to the output.
    pub(crate) fn emit(&mut self, text: Text) -> Result<(), Bound> {
        if text.src == Src::Scratch {
            self.scratch.emit_within(text.off, text.len)?;
        } else {
            let bytes = self.lent_bytes(text);
            self.scratch.emit(bytes)?;
        }
        Ok(())
    }

    /// Puts bytes into the text arena.
    ///
    /// # Errors
    /// [`Bound::Memory`] at the cap of the scratch.
    pub fn text(&mut self, bytes: &[u8]) -> Result<Value, Bound> {
        Ok(Value::Text(self.scratch.push(bytes)?))
    }

    /// The header of a list, map or other object.
    #[must_use]
    pub fn object(&self, value: Value) -> Option<Object> {
        match value {
            Value::List(id) | Value::Map(id) | Value::Object(id) => self.scratch.object(id),
            _ => None,
        }
    }

    // ---- lists

    /// A list of `items`.
    ///
    /// # Errors
    /// [`Bound::Memory`] at the cap of the scratch.
    pub fn list(&mut self, kind: Kind, items: &[Value]) -> Result<Value, Bound> {
        let height = self.scratch.height();
        for item in items {
            self.scratch.push_value(*item)?;
        }
        self.list_above(kind, height)
    }

    /// A list of what the stack holds above `height`, taken from it.
    pub(crate) fn list_above(&mut self, kind: Kind, height: usize) -> Result<Value, Bound> {
        let (start, len) = self.scratch.settle(height)?;
        let id = self.scratch.push_object(Object {
            kind,
            changes: 0,
            start,
            len,
            room: len,
        })?;
        Ok(Value::List(id))
    }

    /// As [`list_above`](Heap::list_above), of entries of `map`: a loop over it faults when the map changes.
    pub(crate) fn view_above(&mut self, map: Value, height: usize) -> Result<Value, Bound> {
        self.scratch.push_cell(map)?;
        let (start, len) = self.scratch.settle(height)?;
        let object = Object {
            kind: Kind::View,
            changes: 0,
            start,
            len,
            room: OF_MAP,
        };
        Ok(Value::List(self.scratch.push_object(object)?))
    }

    /// The item at `index`.
    #[must_use]
    pub fn item(&self, list: Value, index: u32) -> Option<Value> {
        let object = self.object(list)?;
        if index >= object.len {
            return None;
        }
        self.scratch.cell(object.start.checked_add(index)?)
    }

    /// All items of a list; nothing of what is none.
    pub(crate) fn items(&self, list: Value) -> &[Value] {
        let Value::List(id) = list else { return &[] };
        let cells = self
            .scratch
            .object(id)
            .and_then(|object| self.scratch.cells(object.start, object.len));
        cells.unwrap_or(&[])
    }

    /// Replaces the item at `index`; `false` if there is none.
    pub fn set_item(&mut self, list: Value, index: u32, item: Value) -> bool {
        let Some(object) = self.object(list) else {
            return false;
        };
        self.notice(list);
        index < object.len
            && self
                .scratch
                .set_cell(object.start.saturating_add(index), item)
    }

    /// Puts `item` before the one at `index`, or at the end.
    ///
    /// # Errors
    /// [`Bound::Memory`] or [`Bound::Work`]; a list of `n` items costs up to `n / 8` units.
    pub fn insert_item(&mut self, list: Value, index: u32, item: Value) -> Result<(), Bound> {
        let Value::List(id) = list else { return Ok(()) };
        let Some(mut object) = self.scratch.object(id) else {
            return Ok(());
        };
        let index = index.min(object.len);
        self.reserve(&mut object, 1, 1)?;
        self.spend(u64::from((object.len - index) / 8 + 1))?;
        let mut at = object.start + object.len;
        while at > object.start + index {
            let before = self.scratch.cell(at - 1).unwrap_or_default();
            self.scratch.set_cell(at, before);
            at -= 1;
        }
        self.scratch.set_cell(at, item);
        object.len += 1;
        self.changed(id, object);
        Ok(())
    }

    /// Takes the item at `index` out of a list.
    ///
    /// # Errors
    /// [`Bound::Work`].
    pub fn remove_item(&mut self, list: Value, index: u32) -> Result<Option<Value>, Bound> {
        let Value::List(id) = list else {
            return Ok(None);
        };
        let Some(mut object) = self.scratch.object(id) else {
            return Ok(None);
        };
        let Some(gone) = self.item(list, index) else {
            return Ok(None);
        };
        self.spend(u64::from((object.len - index) / 8 + 1))?;
        for at in object.start + index..object.start + object.len - 1 {
            let next = self.scratch.cell(at + 1).unwrap_or_default();
            self.scratch.set_cell(at, next);
        }
        object.len -= 1;
        self.changed(id, object);
        Ok(Some(gone))
    }

    /// Empties a list or map.
    pub fn clear(&mut self, value: Value) {
        if let Value::List(id) | Value::Map(id) = value
            && let Some(mut object) = self.scratch.object(id)
        {
            object.len = 0;
            self.changed(id, object);
        }
    }

    /// Makes room for `more` units of `width` cells each behind the present ones.
    fn reserve(&mut self, object: &mut Object, more: u32, width: u32) -> Result<(), Bound> {
        let wanted = object.len.checked_add(more).ok_or(Bound::Memory)?;
        if wanted <= object.room {
            return Ok(());
        }
        let room = wanted.max(object.len.saturating_mul(2)).max(4);
        let cells = room.checked_mul(width).ok_or(Bound::Memory)?;
        let start = self.scratch.push_cells(cells)?;
        self.spend(u64::from(object.len * width / 8 + 1))?;
        for at in 0..object.len * width {
            let cell = self.scratch.cell(object.start + at).unwrap_or_default();
            self.scratch.set_cell(start + at, cell);
        }
        object.start = start;
        object.room = room;
        Ok(())
    }

    fn notice(&mut self, value: Value) {
        if let Value::List(id) | Value::Map(id) = value {
            self.touched |= self.watched.contains(&id);
        }
    }

    fn changed(&mut self, id: u32, mut object: Object) {
        object.changes = object.changes.wrapping_add(1);
        self.notice(Value::List(id));
        if let Some(slot) = self.scratch.object_mut(id) {
            *slot = object;
        }
    }

    // ---- maps

    /// An empty map.
    ///
    /// # Errors
    /// [`Bound::Memory`] at the cap of the scratch.
    pub fn map(&mut self, kind: Kind) -> Result<Value, Bound> {
        let id = self.scratch.push_object(Object {
            kind,
            ..Object::default()
        })?;
        Ok(Value::Map(id))
    }

    /// A map of the keys and values, by turns, that the stack holds above `height`. A repeated
    /// key keeps its first place and its last value.
    pub(crate) fn map_above(&mut self, kind: Kind, height: usize) -> Result<Value, Bound> {
        let pairs = (self.scratch.height().saturating_sub(height) / 2) as u32;
        let unique = self.unique(height, pairs)?;
        let (start, cells) = self.scratch.settle(height)?;
        let id = self.scratch.push_object(Object {
            kind,
            changes: 0,
            start,
            len: unique,
            room: cells / 2,
        })?;
        Ok(Value::Map(id))
    }

    /// Moves pairs with repeated keys together at the front; says how many are left.
    fn unique(&mut self, height: usize, pairs: u32) -> Result<u32, Bound> {
        if pairs > FEW {
            self.spend(u64::from(pairs) * u64::from(pairs.ilog2() + 1))?;
            self.scratch.admit_values(pairs)?;
        } else {
            self.spend(u64::from(pairs))?;
        }
        let lent = self.lent;
        let (texts, stack) = self.scratch.texts_and_stack();
        let resolve = |text: Text| match text.src {
            Src::Scratch => part(texts, text),
            _ => lent.lent(text).unwrap_or(&[]),
        };
        Ok(Pairs::unique(stack, height, resolve))
    }

    /// All keys with their values; nothing of what is no map.
    pub(crate) fn pairs(&self, map: Value) -> &[[Value; 2]] {
        let Value::Map(id) = map else { return &[] };
        let cells = self.scratch.object(id).and_then(|object| {
            let cells = object.len.checked_mul(2)?;
            self.scratch.cells(object.start, cells)
        });
        cells.unwrap_or(&[]).as_chunks().0
    }

    /// Key and value number `index` of a map.
    #[must_use]
    pub fn pair(&self, map: Value, index: u32) -> Option<(Value, Value)> {
        let object = self.object(map)?;
        if index >= object.len {
            return None;
        }
        let at = object.start.checked_add(index.checked_mul(2)?)?;
        Some((self.scratch.cell(at)?, self.scratch.cell(at + 1)?))
    }

    /// Where `key` is in a map.
    ///
    /// # Errors
    /// [`Bound::Work`]; a map of `n` entries costs up to `n / 8` units.
    pub fn find(&mut self, map: Value, key: Value) -> Result<Option<u32>, Bound> {
        let Some(object) = self.object(map) else {
            return Ok(None);
        };
        self.spend(u64::from(object.len / 8 + 1))?;
        let cells = self
            .scratch
            .cells(object.start, object.len.saturating_mul(2))
            .unwrap_or(&[]);
        if let Value::Text(text) = key {
            let wanted = self.bytes(text);
            let at = cells.iter().step_by(2).position(|cell| matches!(cell, Value::Text(own) if own.len as usize == wanted.len() && self.bytes(*own) == wanted));
            return Ok(at.map(|at| at as u32));
        }
        Ok(cells
            .iter()
            .step_by(2)
            .position(|cell| self.same_key(*cell, key))
            .map(|at| at as u32))
    }

    /// The value of `key` in a map.
    ///
    /// # Errors
    /// As [`find`](Heap::find).
    pub fn get(&mut self, map: Value, key: Value) -> Result<Option<Value>, Bound> {
        Ok(self
            .find(map, key)?
            .and_then(|at| self.pair(map, at))
            .map(|(_, value)| value))
    }

    /// The value of the member with these bytes as its name.
    ///
    /// # Errors
    /// As [`find`](Heap::find).
    pub fn member(&mut self, map: Value, name: &[u8]) -> Result<Option<Value>, Bound> {
        let Some(object) = self.object(map) else {
            return Ok(None);
        };
        self.spend(u64::from(object.len / 8 + 1))?;
        let cells = self
            .scratch
            .cells(object.start, object.len.saturating_mul(2))
            .unwrap_or(&[]);
        let (pairs, _) = cells.as_chunks::<2>();
        let found = pairs.iter().find(|[key, _]| {
            matches!(key, Value::Text(own) if own.len as usize == name.len() && same_name(self.bytes(*own), name))
        });
        Ok(found.map(|[_, value]| *value))
    }

    /// Sets `key` to `value`; the old value, if there was one.
    ///
    /// # Errors
    /// [`Bound::Memory`] or [`Bound::Work`].
    pub fn put(&mut self, map: Value, key: Value, value: Value) -> Result<Option<Value>, Bound> {
        let Value::Map(id) = map else { return Ok(None) };
        if let Some(at) = self.find(map, key)? {
            let old = self.pair(map, at).map(|(_, old)| old);
            if let Some(object) = self.scratch.object(id) {
                self.notice(map);
                self.scratch.set_cell(object.start + at * 2 + 1, value);
            }
            return Ok(old);
        }
        let Some(mut object) = self.scratch.object(id) else {
            return Ok(None);
        };
        self.reserve(&mut object, 1, 2)?;
        self.scratch.set_cell(object.start + object.len * 2, key);
        self.scratch
            .set_cell(object.start + object.len * 2 + 1, value);
        object.len += 1;
        self.changed(id, object);
        Ok(None)
    }

    /// Sets the member `name`, whose bytes are copied, to `value`.
    ///
    /// # Errors
    /// [`Bound::Memory`] or [`Bound::Work`].
    pub fn put_member(&mut self, map: Value, name: &[u8], value: Value) -> Result<(), Bound> {
        let key = self.text(name)?;
        self.put(map, key, value)?;
        Ok(())
    }

    /// Takes `key` out of a map; its value, if it was there.
    ///
    /// # Errors
    /// [`Bound::Work`].
    pub fn remove(&mut self, map: Value, key: Value) -> Result<Option<Value>, Bound> {
        let (Value::Map(id), Some(at)) = (map, self.find(map, key)?) else {
            return Ok(None);
        };
        let Some(mut object) = self.scratch.object(id) else {
            return Ok(None);
        };
        let gone = self.pair(map, at).map(|(_, value)| value);
        self.spend(u64::from((object.len - at) / 4 + 1))?;
        for cell in object.start + at * 2..object.start + (object.len - 1) * 2 {
            let next = self.scratch.cell(cell + 2).unwrap_or_default();
            self.scratch.set_cell(cell, next);
        }
        object.len -= 1;
        self.changed(id, object);
        Ok(gone)
    }

    /// Whether two keys are one: Java's `equals` of scalars.
    #[must_use]
    pub fn same_key(&self, a: Value, b: Value) -> bool {
        keys::same(a, b, |text| self.bytes(text))
    }
}
