//! What values stand for.

use alloc::vec::Vec;
use core::net::IpAddr;

use super::value::{Cel, Fail, Found, Run, Span, error};

const CELL: usize = core::mem::size_of::<Cel>();

/// A place to which a [`Space`] can be rewound.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    text: usize,
    cells: usize,
}

/// Bytes and cells that expressions make. Cleared at the start of each, it keeps its capacity.
#[derive(Debug, Default)]
pub struct Space {
    pub(super) text: Vec<u8>,
    pub(super) cells: Vec<Cel>,
    /// Elements of lists in the making.
    pub(super) stack: Vec<Cel>,
    /// What the variables of macros are.
    pub(super) locals: Vec<Found>,
    /// Bytes that all of them may still grow by.
    room: usize,
}

impl Space {
    /// Forgets everything, and may grow to `room` bytes.
    pub(super) fn open(&mut self, room: usize) {
        self.text.clear();
        self.cells.clear();
        self.stack.clear();
        self.locals.clear();
        self.room = room;
    }

    /// Where texts and cells go on.
    pub(super) fn mark(&self) -> Mark {
        Mark {
            text: self.text.len(),
            cells: self.cells.len(),
        }
    }

    /// Forgets texts and cells that were made since.
    pub(super) fn rewind(&mut self, mark: Mark) {
        let text = self.text.len().saturating_sub(mark.text);
        let cells = self.cells.len().saturating_sub(mark.cells);
        self.text.truncate(mark.text);
        self.cells.truncate(mark.cells);
        self.room = self.room.saturating_add(text + cells * CELL);
    }

    fn take(&mut self, bytes: usize) -> Result<(), Fail> {
        match self.room.checked_sub(bytes) {
            Some(room) => {
                self.room = room;
                Ok(())
            }
            None => error("it makes too large a value"),
        }
    }

    /// Appends bytes to the text in the making.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), Fail> {
        self.take(bytes.len())?;
        self.text.extend_from_slice(bytes);
        Ok(())
    }

    /// Appends bytes that lie in the space.
    pub(super) fn write_within(&mut self, span: Span) -> Result<(), Fail> {
        let range = span.at as usize..span.at as usize + span.len as usize;
        if range.end > self.text.len() {
            return error("it is no text");
        }
        self.take(range.len())?;
        self.text.extend_from_within(range);
        Ok(())
    }

    /// Takes back what was written beyond `to`.
    pub(super) fn cut(&mut self, to: usize) {
        self.text.truncate(to);
    }

    /// Takes out what was written from `from` up to `to`.
    pub(super) fn close(&mut self, from: usize, to: usize) {
        if from <= to && to <= self.text.len() {
            self.text.copy_within(to.., from);
            self.text.truncate(self.text.len() - (to - from));
        }
    }

    /// Where the next byte goes.
    pub(crate) fn start(&self) -> usize {
        self.text.len()
    }

    /// What was written since `start`.
    pub(crate) fn since(&self, start: usize) -> Span {
        Span {
            code: false,
            at: start as u32,
            len: self.text.len().saturating_sub(start) as u32,
        }
    }

    /// A text; what is no UTF-8 in it is shown as U+FFFD.
    pub(crate) fn text(&mut self, bytes: &[u8]) -> Result<Span, Fail> {
        let start = self.start();
        for chunk in bytes.utf8_chunks() {
            self.write(chunk.valid().as_bytes())?;
            if !chunk.invalid().is_empty() {
                self.write("\u{fffd}".as_bytes())?;
            }
        }
        Ok(self.since(start))
    }

    /// How many elements are in the making.
    pub(crate) fn height(&self) -> usize {
        self.stack.len()
    }

    /// Adds an element to what is in the making.
    pub(crate) fn push(&mut self, value: Cel) -> Result<(), Fail> {
        self.take(CELL)?;
        self.stack.push(value);
        Ok(())
    }

    /// What was pushed since `height`.
    pub(super) fn pushed(&self, height: usize) -> &[Cel] {
        self.stack.get(height..).unwrap_or(&[])
    }

    /// Sets an element of what is in the making.
    pub(super) fn replace(&mut self, at: usize, value: Cel) {
        if let Some(place) = self.stack.get_mut(at) {
            *place = value;
        }
    }

    /// Forgets what was pushed since `height`.
    pub(super) fn lower(&mut self, height: usize) {
        let more = self.stack.len().saturating_sub(height);
        self.stack.truncate(height);
        self.room = self.room.saturating_add(more * CELL);
    }

    /// Makes cells of what was pushed since `height`.
    pub(crate) fn settle(&mut self, height: usize) -> Run {
        let at = self.cells.len() as u32;
        let moved = self.stack.get(height..).unwrap_or(&[]);
        self.cells.extend_from_slice(moved);
        let len = moved.len() as u32;
        self.stack.truncate(height);
        Run { at, len }
    }

    /// The entries of a map that were pushed since `height`, by their names; of one name the last.
    pub(crate) fn settle_named(&mut self, height: usize) -> Run {
        let text = &self.text;
        let name = |cell: &Cel| match cell {
            Cel::Text(span) => {
                let from = span.at as usize;
                let bytes = text.get(from..from + span.len as usize);
                // Those that were pushed later lie behind.
                (bytes.unwrap_or(&[]), span.at)
            }
            _ => (&[][..], 0),
        };
        let at = self.cells.len();
        if let Some(pushed) = self.stack.get_mut(height..) {
            let (entries, _) = pushed.as_chunks_mut::<2>();
            entries.sort_unstable_by(|[left, _], [right, _]| name(left).cmp(&name(right)));
            for (n, entry) in entries.iter().enumerate() {
                let next = entries.get(n + 1).map(|[key, _]| name(key).0);
                if next != Some(name(&entry[0]).0) {
                    self.cells.extend_from_slice(entry);
                }
            }
        }
        self.stack.truncate(height);
        Run {
            at: at as u32,
            len: (self.cells.len() - at) as u32,
        }
    }

    /// The bytes of what lies in the space.
    pub(crate) fn bytes(&self, span: Span) -> &[u8] {
        let from = span.at as usize;
        let bytes = self.text.get(from..from + span.len as usize);
        bytes.filter(|_| !span.code).unwrap_or(&[])
    }

    /// Makes its letters small (ASCII).
    pub(crate) fn lower_case(&mut self, span: Span) {
        let from = span.at as usize;
        if let Some(bytes) = self.text.get_mut(from..from + span.len as usize) {
            bytes.make_ascii_lowercase();
        }
    }

    /// An address.
    pub(crate) fn address(&mut self, address: IpAddr) -> Found {
        let start = self.start();
        match address {
            IpAddr::V4(four) => self.write(&four.octets())?,
            IpAddr::V6(six) => self.write(&six.octets())?,
        }
        Ok(Cel::Ip(self.since(start)))
    }

    /// A claim that is a list or an object.
    pub(crate) fn structured(&mut self, text: Span, json: Span) -> Found {
        let first = self.cell(Cel::Text(text))?;
        self.cell(Cel::Text(json))?;
        Ok(Cel::Structured(first))
    }

    /// A cell with this value.
    pub(super) fn cell(&mut self, value: Cel) -> Result<u32, Fail> {
        self.take(CELL)?;
        self.cells.push(value);
        Ok((self.cells.len() - 1) as u32)
    }

    /// Copies cells to what is in the making.
    pub(super) fn push_run(&mut self, run: Run) -> Result<(), Fail> {
        self.take(run.len as usize * CELL)?;
        let from = run.at as usize;
        let cells = self.cells.get(from..from + run.len as usize);
        self.stack.extend_from_slice(cells.unwrap_or(&[]));
        Ok(())
    }
}
