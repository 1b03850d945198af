//! The scratch: the one thing of the runtime that grows. The host owns it, reuses it and caps it.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::json::Object;
use crate::value::{Src, Text, Value};
use crate::vtl::Patterns;
use crate::vtl::regex::Space;

/// The scratch is full: its cap, or 4 GiB, is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exhausted;

impl core::fmt::Display for Exhausted {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("the scratch is exhausted")
    }
}

/// A place to which a [`Scratch`] can be rewound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Mark {
    text: u32,
    cells: u32,
    objects: u32,
}

/// Arenas addressed by index: bytes, cells, and the lists and maps that live in cells. Nothing is freed but by
/// [`rewind`](Scratch::rewind) and [`clear`](Scratch::clear), which keep the capacity; so a warm scratch
/// allocates nothing. Beside them: the stack and the output of a template while it runs.
#[derive(Debug, Default)]
pub struct Scratch {
    text: Vec<u8>,
    cells: Vec<Value>,
    objects: Vec<Object>,
    stack: Vec<Value>,
    out: Vec<u8>,
    path_code: Vec<u8>,
    patterns: Patterns,
    pattern_space: Space,
    conditions: Option<Box<crate::cel::Space>>,
    cap: usize,
    /// Bytes that are known to be free, so that not every one more has to add up what all arenas hold.
    slack: usize,
    /// Whether [`SPARE`] bytes more may be used, until everything is forgotten.
    spare: bool,
}

/// Bytes beyond the cap for the answer to a request that met it.
pub const SPARE: usize = 4096;

const CELL: usize = core::mem::size_of::<Value>();
const OBJECT: usize = core::mem::size_of::<Object>();

/// What printing needs at once: everything to read, and the output to write.
pub(crate) struct Split<'s> {
    pub(crate) text: &'s [u8],
    pub(crate) cells: &'s [Value],
    pub(crate) objects: &'s [Object],
    pub(crate) out: &'s mut Vec<u8>,
    /// Bytes that the output may still grow by.
    pub(crate) room: usize,
}

/// What reading JSON fills.
pub(crate) struct Growing<'s> {
    pub(crate) cells: &'s mut Vec<Value>,
    pub(crate) objects: &'s mut Vec<Object>,
    pub(crate) stack: &'s mut Vec<Value>,
    /// Texts that are no piece of the source; they go to the text arena in the end.
    pub(crate) out: &'s mut Vec<u8>,
    /// Bytes that all of them together may still grow by.
    pub(crate) room: usize,
}

impl Growing<'_> {
    /// Takes `bytes` of the room.
    #[inline]
    pub(crate) fn take(&mut self, bytes: usize) -> Result<(), Exhausted> {
        self.room = self.room.checked_sub(bytes).ok_or(Exhausted)?;
        Ok(())
    }

    /// Puts a value on the stack.
    #[inline]
    pub(crate) fn push(&mut self, value: Value) -> Result<(), Exhausted> {
        self.take(CELL)?;
        self.stack.push(value);
        Ok(())
    }

    /// Puts a key and its value on the stack.
    #[inline]
    pub(crate) fn push_pair(&mut self, key: Value, value: Value) -> Result<(), Exhausted> {
        self.take(2 * CELL)?;
        self.stack.extend_from_slice(&[key, value]);
        Ok(())
    }

    /// Moves what the stack holds above `height` into cells; hands out the index of the first and their number.
    #[inline]
    pub(crate) fn settle(&mut self, height: usize) -> (u32, u32) {
        let at = self.cells.len() as u32;
        let moved = self.stack.get(height..).unwrap_or(&[]);
        self.cells.extend_from_slice(moved);
        let n = moved.len() as u32;
        self.stack.truncate(height);
        (at, n)
    }

    /// Appends an object and hands out its index.
    #[inline]
    pub(crate) fn push_object(&mut self, object: Object) -> Result<u32, Exhausted> {
        self.take(OBJECT)?;
        let at = self.objects.len() as u32;
        self.objects.push(object);
        Ok(at)
    }
}

impl Scratch {
    /// An empty scratch that may hold `cap_bytes` bytes in all arenas together, and 4 KiB more for the answer to
    /// a request that needed them all. Allocates nothing yet.
    #[must_use]
    pub fn new(cap_bytes: usize) -> Scratch {
        Scratch {
            cap: cap_bytes.min(u32::MAX as usize),
            ..Scratch::default()
        }
    }

    /// As [`new`](Scratch::new), with room for `text` bytes and `cells` cells reserved at once.
    #[must_use]
    pub fn with_room(cap_bytes: usize, text: usize, cells: usize) -> Scratch {
        Scratch {
            text: Vec::with_capacity(text),
            cells: Vec::with_capacity(cells),
            cap: cap_bytes.min(u32::MAX as usize),
            ..Scratch::default()
        }
    }

    /// Bytes in use. O(1).
    #[must_use]
    pub fn used(&self) -> usize {
        self.text.len()
            + (self.cells.len() + self.stack.len()) * CELL
            + self.objects.len() * OBJECT
            + self.out.len()
    }

    /// Whatever makes an arena longer asks here first.
    #[inline]
    fn admit(&mut self, more: usize) -> Result<(), Exhausted> {
        match self.slack.checked_sub(more) {
            Some(slack) => {
                self.slack = slack;
                Ok(())
            }
            None => self.admit_exactly(more),
        }
    }

    #[cold]
    fn admit_exactly(&mut self, more: usize) -> Result<(), Exhausted> {
        let room = self.room();
        self.slack = room.checked_sub(more).ok_or(Exhausted)?;
        Ok(())
    }

    /// Bytes that are free.
    pub(crate) fn room(&self) -> usize {
        self.cap().saturating_sub(self.used())
    }

    fn cap(&self) -> usize {
        match self.spare {
            true => self.cap.saturating_add(SPARE).min(u32::MAX as usize),
            false => self.cap,
        }
    }

    /// Opens the spare bytes until [`clear`](Scratch::clear).
    pub(crate) fn open_spare(&mut self) {
        self.spare = true;
    }

    /// Forgets everything, keeps the capacity.
    pub fn clear(&mut self) {
        self.text.clear();
        self.cells.clear();
        self.objects.clear();
        self.stack.clear();
        self.out.clear();
        self.spare = false;
        self.slack = 0;
    }

    /// The present place.
    #[must_use]
    pub fn mark(&self) -> Mark {
        Mark {
            text: self.text.len() as u32,
            cells: self.cells.len() as u32,
            objects: self.objects.len() as u32,
        }
    }

    /// Forgets what came after `mark`. A mark from the future changes nothing.
    pub fn rewind(&mut self, mark: Mark) {
        self.text.truncate(mark.text as usize);
        self.cells.truncate(mark.cells as usize);
        self.objects.truncate(mark.objects as usize);
    }

    /// Length of the text arena: where the next byte goes.
    #[must_use]
    pub fn text_len(&self) -> u32 {
        self.text.len() as u32
    }

    /// Appends bytes to the text arena.
    ///
    /// # Errors
    /// [`Exhausted`] at the cap; nothing is appended then.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Exhausted> {
        self.admit(bytes.len())?;
        self.text.extend_from_slice(bytes);
        Ok(())
    }

    /// Appends one byte to the text arena.
    ///
    /// # Errors
    /// [`Exhausted`] at the cap.
    pub fn append_byte(&mut self, byte: u8) -> Result<(), Exhausted> {
        self.admit(1)?;
        self.text.push(byte);
        Ok(())
    }

    /// Appends a copy of bytes that are already in the text arena.
    ///
    /// # Errors
    /// [`Exhausted`] at the cap, or when the range is not in the arena.
    pub fn append_within(&mut self, off: u32, len: u32) -> Result<(), Exhausted> {
        let end = (off as usize).checked_add(len as usize).ok_or(Exhausted)?;
        if end > self.text.len() {
            return Err(Exhausted);
        }
        self.admit(len as usize)?;
        self.text.extend_from_within(off as usize..end);
        Ok(())
    }

    /// Everything appended since the arena had `start` bytes.
    #[must_use]
    pub fn since(&self, start: u32) -> Text {
        Text {
            src: Src::Scratch,
            off: start,
            len: self.text_len().saturating_sub(start),
        }
    }

    /// Forgets the text after its first `len` bytes.
    pub fn truncate_text(&mut self, len: u32) {
        self.text.truncate(len as usize);
    }

    /// Appends bytes and hands out their text.
    ///
    /// # Errors
    /// [`Exhausted`] at the cap.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Text, Exhausted> {
        let start = self.text_len();
        self.append(bytes)?;
        Ok(self.since(start))
    }

    /// The bytes `off..off + len` of the text arena.
    #[must_use]
    pub fn bytes(&self, off: u32, len: u32) -> Option<&[u8]> {
        self.text.get(off as usize..)?.get(..len as usize)
    }

    /// The same bytes, for change in place.
    pub fn bytes_mut(&mut self, off: u32, len: u32) -> Option<&mut [u8]> {
        self.text.get_mut(off as usize..)?.get_mut(..len as usize)
    }

    /// The number of cells: the index of the next one.
    #[must_use]
    pub fn cells_len(&self) -> u32 {
        self.cells.len() as u32
    }

    /// Appends one cell and hands out its index.
    ///
    /// # Errors
    /// [`Exhausted`] at the cap.
    pub fn push_cell(&mut self, value: Value) -> Result<u32, Exhausted> {
        self.admit(CELL)?;
        let at = self.cells_len();
        self.cells.push(value);
        Ok(at)
    }

    /// Appends `n` cells that are [`Value::Missing`] and hands out the index of the first.
    ///
    /// # Errors
    /// [`Exhausted`] at the cap.
    pub fn push_cells(&mut self, n: u32) -> Result<u32, Exhausted> {
        self.admit((n as usize).checked_mul(CELL).ok_or(Exhausted)?)?;
        let at = self.cells_len();
        self.cells
            .resize(self.cells.len() + n as usize, Value::Missing);
        Ok(at)
    }

    /// The cell at `index`.
    #[must_use]
    pub fn cell(&self, index: u32) -> Option<Value> {
        self.cells.get(index as usize).copied()
    }

    /// The cells `from..from + n`.
    #[must_use]
    pub fn cells(&self, from: u32, n: u32) -> Option<&[Value]> {
        self.cells.get(from as usize..)?.get(..n as usize)
    }

    /// Appends an object and hands out its index.
    pub(crate) fn push_object(&mut self, object: Object) -> Result<u32, Exhausted> {
        self.admit(OBJECT)?;
        let at = self.objects.len() as u32;
        self.objects.push(object);
        Ok(at)
    }

    /// The number of objects: the index of the next one.
    pub(crate) fn objects_len(&self) -> u32 {
        self.objects.len() as u32
    }

    /// The object at `index`.
    pub(crate) fn object(&self, index: u32) -> Option<Object> {
        self.objects.get(index as usize).copied()
    }

    /// The object at `index`, for change in place.
    pub(crate) fn object_mut(&mut self, index: u32) -> Option<&mut Object> {
        self.objects.get_mut(index as usize)
    }

    /// The height of the stack.
    pub(crate) fn height(&self) -> usize {
        self.stack.len()
    }

    /// Puts a value on the stack.
    pub(crate) fn push_value(&mut self, value: Value) -> Result<(), Exhausted> {
        self.admit(CELL)?;
        self.stack.push(value);
        Ok(())
    }

    /// Takes the value on top of the stack.
    pub(crate) fn pop_value(&mut self) -> Option<Value> {
        self.stack.pop()
    }

    /// The stack, its bottom first.
    pub(crate) fn stack(&self) -> &[Value] {
        &self.stack
    }

    /// The stack, for change in place.
    pub(crate) fn stack_mut(&mut self) -> &mut [Value] {
        &mut self.stack
    }

    /// Lowers the stack to `height` values.
    pub(crate) fn lower(&mut self, height: usize) {
        self.stack.truncate(height);
    }

    /// Moves what the stack holds above `height` into cells; hands out the index of the first.
    pub(crate) fn settle(&mut self, height: usize) -> Result<(u32, u32), Exhausted> {
        let n = self.stack.len().saturating_sub(height);
        let at = self.cells_len();
        self.cells
            .extend_from_slice(self.stack.get(height..).unwrap_or(&[]));
        self.stack.truncate(height);
        // Cells and stack count alike, so the cap holds as it did.
        Ok((at, n as u32))
    }

    /// The length of the output so far.
    pub(crate) fn out_len(&self) -> usize {
        self.out.len()
    }

    /// Forgets the output after its first `len` bytes.
    pub(crate) fn truncate_out(&mut self, len: usize) {
        self.out.truncate(len);
    }

    /// Appends to the output.
    pub(crate) fn emit(&mut self, bytes: &[u8]) -> Result<(), Exhausted> {
        self.admit(bytes.len())?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Appends bytes of the text arena to the output.
    pub(crate) fn emit_within(&mut self, off: u32, len: u32) -> Result<(), Exhausted> {
        self.admit(len as usize)?;
        let bytes = self
            .text
            .get(off as usize..)
            .and_then(|rest| rest.get(..len as usize))
            .ok_or(Exhausted)?;
        self.out.extend_from_slice(bytes);
        Ok(())
    }

    /// Moves the output from `start` on into the text arena.
    pub(crate) fn cut_out(&mut self, start: usize) -> Text {
        let off = self.text_len();
        self.text
            .extend_from_slice(self.out.get(start..).unwrap_or(&[]));
        self.out.truncate(start);
        self.since(off)
    }

    /// Room for the code of a path that a request brings.
    pub(crate) fn path_code(&mut self) -> &mut Vec<u8> {
        &mut self.path_code
    }

    /// Patterns that requests brought.
    pub(crate) fn patterns(&mut self) -> &mut Patterns {
        &mut self.patterns
    }

    /// The room that patterns are run in.
    pub(crate) fn pattern_space(&mut self) -> &mut Space {
        &mut self.pattern_space
    }

    /// Everything to read and the output to write, side by side.
    pub(crate) fn split(&mut self) -> Split<'_> {
        let room = self.room();
        self.slack = 0;
        Split {
            text: &self.text,
            cells: &self.cells,
            objects: &self.objects,
            out: &mut self.out,
            room,
        }
    }

    /// The text arena, taken out while something is read from it. [`put_text`](Scratch::put_text) must follow.
    pub(crate) fn take_text(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.text)
    }

    /// What conditions in CEL make their values in, taken out.
    pub(crate) fn take_space(&mut self) -> Box<crate::cel::Space> {
        self.conditions.take().unwrap_or_default()
    }

    /// Puts it back.
    pub(crate) fn put_space(&mut self, space: Box<crate::cel::Space>) {
        self.conditions = Some(space);
    }

    /// Puts the text arena back.
    pub(crate) fn put_text(&mut self, text: Vec<u8>) {
        self.text = text;
    }

    /// Everything that reading JSON fills, side by side; `away` bytes are in use but taken out.
    pub(crate) fn growing(&mut self, away: usize) -> Growing<'_> {
        let room = self.room().saturating_sub(away);
        self.slack = 0;
        Growing {
            cells: &mut self.cells,
            objects: &mut self.objects,
            stack: &mut self.stack,
            out: &mut self.out,
            room,
        }
    }

    /// The text arena beside the stack.
    pub(crate) fn texts_and_stack(&mut self) -> (&[u8], &mut Vec<Value>) {
        (&self.text, &mut self.stack)
    }

    /// Whether the stack may grow by `n` values.
    pub(crate) fn admit_values(&mut self, n: u32) -> Result<(), Exhausted> {
        self.admit((n as usize).checked_mul(CELL).ok_or(Exhausted)?)
    }

    /// Replaces the cell at `index`; `false` if there is none.
    pub fn set_cell(&mut self, index: u32, value: Value) -> bool {
        match self.cells.get_mut(index as usize) {
            Some(cell) => {
                *cell = value;
                true
            }
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cap_counts_both_arenas() {
        let mut s = Scratch::new(40);
        assert!(s.push(b"0123456789").is_ok());
        assert_eq!(s.push_cell(Value::Null), Ok(0));
        assert_eq!(s.push_cell(Value::Null), Err(Exhausted));
        assert!(s.push(b"0123456789abcd").is_ok());
        assert_eq!(s.push(b"x"), Err(Exhausted));
        assert_eq!(s.used(), 40);
    }

    #[test]
    fn a_rewound_scratch_forgets_and_keeps_what_came_before() {
        let mut s = Scratch::new(1000);
        let kept = s.push(b"kept").unwrap();
        let mark = s.mark();
        let gone = s.push(b"gone").unwrap();
        s.push_cell(Value::Int(1)).unwrap();
        s.rewind(mark);
        assert_eq!(s.bytes(kept.off, kept.len), Some(&b"kept"[..]));
        assert_eq!(s.bytes(gone.off, gone.len), None);
        assert_eq!(s.cell(0), None);
    }

    #[test]
    fn a_copy_within_needs_its_range() {
        let mut s = Scratch::new(1000);
        s.push(b"abc").unwrap();
        assert_eq!(s.append_within(1, 2), Ok(()));
        assert_eq!(s.bytes(0, 5), Some(&b"abcbc"[..]));
        assert_eq!(s.append_within(4, 2), Err(Exhausted));
        assert_eq!(s.append_within(u32::MAX, 2), Err(Exhausted));
    }
}
