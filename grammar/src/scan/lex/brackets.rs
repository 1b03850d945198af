//! Brackets that are believed: what they open, and what they close.

use super::{EventKind, Frame, Last, Lexer, Mode, Trust, closes};
use crate::scan::MAX_DEPTH;
use crate::source::{SyntaxError, SyntaxErrorKind};

impl Lexer<'_> {
    pub(super) fn open(&mut self, bracket: u8) {
        let at = self.pos;
        if self.frames.len() >= MAX_DEPTH {
            self.significant(at);
            if self.overflow == 0 {
                self.overflow_at = at as u32;
                self.error(SyntaxError {
                    kind: SyntaxErrorKind::TooDeep,
                    span: self.span(at, at + 1),
                    message: format!("brackets nest deeper than {MAX_DEPTH}"),
                    also: None,
                    help: None,
                });
            }
            self.overflow = self.overflow.saturating_add(1);
            self.done(at + 1, Last::Other);
            return;
        }
        if bracket == b'{' && self.mode() == Mode::Cel && self.ends_condition() {
            self.pop_unclosed();
        }
        self.significant(at);
        let (mode, root) = match (self.mode(), bracket, self.last) {
            (Mode::Block, b'{', Last::Guard) => (Mode::Cel, true),
            (Mode::Block, b'{', Last::Close | Last::Other) => (Mode::Block, false),
            (Mode::Block | Mode::Value, ..) => (Mode::Value, false),
            (Mode::Cel, ..) => (Mode::Cel, false),
        };
        if mode == Mode::Block {
            self.event(EventKind::OpenBlock, at, at + 1);
            self.in_item = false;
        } else if root {
            self.event(EventKind::OpenCel, at, at + 1);
        }
        self.frames.push(Frame {
            bracket,
            mode,
            root,
            phantom: false,
            at: at as u32,
            line: self.line,
            indent: self.indent,
            content: None,
        });
        self.done(at + 1, Last::Other);
    }

    pub(super) fn close(&mut self, closer: u8) {
        if self.overflow > 0 {
            self.overflow -= 1;
            if self.overflow == 0 {
                self.damage(self.overflow_at as usize, self.pos + 1);
            }
            self.done(self.pos + 1, Last::Other);
            return;
        }
        let fits = self
            .frames
            .last()
            .is_some_and(|top| closes(top.bracket, closer));
        match self.trust {
            Trust::Indentation => self.close_by_indentation(closer),
            _ if fits => self.close_innermost(),
            _ => self.restart(),
        }
    }

    /// The bracket at hand closes the innermost one.
    pub(super) fn close_innermost(&mut self) {
        self.pop(self.pos, self.pos + 1);
        self.pos += 1;
    }

    /// Closes the innermost bracket at `start..end`, an empty range if nothing closes it.
    pub(super) fn pop(&mut self, start: usize, end: usize) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        if self.frames.len() < self.base {
            self.base = self.frames.len();
            self.popped.push(frame);
        }
        match frame.mode {
            Mode::Block => {
                if self.in_item {
                    self.end_item();
                }
                self.out.events.append(&mut self.pending);
                self.event(EventKind::CloseBlock, start, end);
                self.in_item = true;
            }
            Mode::Cel if frame.root => self.event(EventKind::CloseCel, start, end),
            _ => {}
        }
        self.last_end = end as u32;
        self.last = match frame.mode {
            Mode::Block => Last::Close,
            _ => Last::Other,
        };
    }
}
