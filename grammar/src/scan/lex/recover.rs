//! Reading on where brackets do not balance.
//!
//! People indent, and editors indent for them: what stands in a block is deeper than the
//! line that opened it, and a closing bracket that begins a line is as deep as that line.
//! Where the brackets contradict themselves, this is what decides.

use super::{EventKind, Frame, Last, Lexer, Mode, Trust, closes};
use crate::scan::{Quoted, quotes};
use crate::source::{Span, SyntaxError, SyntaxErrorKind};

impl Lexer<'_> {
    /// Goes back to the last item in the first column, to read it by its indentation.
    pub(super) fn restart(&mut self) {
        let mark = self.checkpoint;
        self.trust = Trust::Indentation;
        self.out.events.truncate(mark.events);
        self.out.errors.truncate(mark.errors);
        self.out.damaged.truncate(mark.damaged);
        self.frames.clear();
        self.pending.clear();
        self.pos = mark.pos;
        self.line = mark.line;
        self.fresh = true;
        self.line_has_content = false;
        self.in_item = false;
        self.last = Last::Other;
        self.last_end = mark.pos as u32;
        self.blind_end = 0;
        self.overflow = 0;
        self.no_more_triples = false;
        self.next_indent = None;
        self.set_undo();
    }

    /// Brings the open brackets into line with the indentation of the line that begins
    /// with `byte`. Returns whether the walk is still where it was.
    pub(super) fn agree_with_columns(&mut self, byte: u8) -> bool {
        let closer = matches!(byte, b'}' | b']' | b')');
        let open = !self.frames.is_empty() || self.overflow > 0;
        if self.trust == Trust::Columns {
            if self.indent == 0 && open && !closer {
                self.restart();
                return false;
            }
            return true;
        }
        if closer {
            while self
                .frames
                .last()
                .is_some_and(|top| top.indent > self.indent)
            {
                self.pop_unclosed();
            }
            return true;
        }
        // a line shallower than the items of a block is not one of them either
        while self.frames.last().is_some_and(|top| {
            top.indent >= self.indent || top.content.is_some_and(|usual| self.indent < usual)
        }) {
            self.pop_unclosed();
        }
        if self.mode() != Mode::Block || (self.in_item && self.continues()) {
            return true;
        }
        if self.in_item && self.last != Last::Close {
            let usual = self.frames.last().map_or(Some(0), |top| top.content);
            if let Some(indent) = usual.filter(|usual| *usual < self.indent) {
                self.open_phantom(indent);
            }
        }
        true
    }

    /// A line is deeper than the items before it, and no brace says why: one was lost.
    fn open_phantom(&mut self, indent: u32) {
        if self.frames.len() >= super::MAX_DEPTH {
            return;
        }
        let at = self.last_end as usize;
        self.error(SyntaxError {
            kind: SyntaxErrorKind::UnclosedBracket,
            span: self.last_character(at),
            message: "the lines below are indented like a block, but no `{` opens it".to_owned(),
            also: None,
            help: Some("write `{` at the end of this line".to_owned()),
        });
        self.event(EventKind::OpenBlock, at, at);
        self.out.events.append(&mut self.pending);
        self.in_item = false;
        self.frames.push(Frame {
            bracket: b'{',
            mode: Mode::Block,
            root: false,
            phantom: true,
            at: at as u32,
            line: self.line,
            indent,
            content: None,
        });
    }

    fn last_character(&self, end: usize) -> Span {
        let before = self.text.get(..end).unwrap_or("");
        let last = before.chars().next_back().map_or(0, char::len_utf8);
        self.span(end - last, end)
    }

    /// Closes the innermost bracket where nothing in the text does.
    pub(super) fn pop_unclosed(&mut self) {
        if self.overflow > 0 {
            self.overflow = 0;
            self.damage(self.overflow_at as usize, self.last_end as usize);
        }
        let Some(frame) = self.frames.last().copied() else {
            return;
        };
        let end = self.last_end as usize;
        if !frame.phantom {
            let at = frame.at as usize;
            let bracket = frame.bracket as char;
            let closer = match frame.bracket {
                b'{' => '}',
                b'[' => ']',
                _ => ')',
            };
            let rest = self.text.get(self.pos..).unwrap_or("");
            let next = rest.chars().next().map_or(0, char::len_utf8);
            let seen = self.span(self.pos, self.pos + next);
            self.error(SyntaxError {
                kind: SyntaxErrorKind::UnclosedBracket,
                span: self.span(at, at + 1),
                message: format!("this `{bracket}` is never closed"),
                also: Some((seen, format!("`{closer}` was expected before this"))),
                help: Some(format!("close it with `{closer}`")),
            });
            if frame.mode != Mode::Block {
                self.damage(at, end);
            }
        }
        self.pop(end, end);
    }

    /// Where a condition's closing brace was lost, the brace that ends the line opens the
    /// block after it.
    pub(super) fn ends_condition(&self) -> bool {
        let root = self
            .frames
            .last()
            .is_some_and(|top| top.root && top.line == self.line);
        let rest = self
            .text
            .get(self.pos + 1..self.end_of_line())
            .unwrap_or("");
        self.trust == Trust::Indentation && root && rest.trim().is_empty()
    }

    pub(super) fn close_by_indentation(&mut self, closer: u8) {
        let begins_line = self.line as usize + self.indent as usize == self.pos;
        // the frames that this bracket may close: those of its own line, or, where it
        // begins the line, those of a line as deep; else the line after must agree
        let line = self.line;
        let indent = self.indent;
        let found = self
            .frames
            .iter()
            .rposition(|frame| closes(frame.bracket, closer));
        let next = found.map_or((0, false), |_| self.next_indent());
        let near = |frame: &Frame| {
            frame.line == line || (begins_line && frame.indent == indent && !frame.phantom)
        };
        let chosen = self
            .frames
            .iter()
            .rposition(|frame| closes(frame.bracket, closer) && near(frame))
            .or_else(|| {
                self.frames
                    .last()
                    .filter(|top| top.phantom && closer == b'}' && begins_line)
                    .filter(|top| top.indent == indent)
                    .map(|_| self.frames.len() - 1)
            })
            .or(found.filter(|at| {
                self.frames
                    .get(*at)
                    .is_some_and(|frame| next.0 < frame.indent || next == (frame.indent, false))
            }));
        let Some(chosen) = chosen else {
            return self.stray(closer);
        };
        while self.frames.len() > chosen + 1 {
            self.pop_unclosed();
        }
        self.close_innermost();
    }

    fn stray(&mut self, closer: u8) {
        let closer = closer as char;
        let also = self.frames.last().map(|top| {
            let at = top.at as usize;
            let bracket = top.bracket as char;
            (
                self.span(at, at + 1),
                format!("`{bracket}` is what is open here"),
            )
        });
        self.error(SyntaxError {
            kind: SyntaxErrorKind::StrayBracket,
            span: self.span(self.pos, self.pos + 1),
            message: format!("this `{closer}` closes nothing"),
            also,
            help: Some("remove it, or find the bracket before it that was lost".to_owned()),
        });
        if self.in_item {
            self.damage(self.pos, self.pos + 1);
        }
        self.pos += 1;
        if self.in_item {
            self.last_end = self.pos as u32;
        }
    }

    /// How far the next line that is not blank is indented, 0 at the end; and whether it
    /// begins with a closing bracket.
    fn next_indent(&mut self) -> (u32, bool) {
        if let Some((_, indent)) = self.next_indent.filter(|(end, _)| self.pos <= *end) {
            return indent;
        }
        let end = self.end_of_line();
        let indent = self.indent_after(end);
        self.next_indent = Some((end, indent));
        indent
    }

    fn indent_after(&self, end_of_line: usize) -> (u32, bool) {
        let mut at = end_of_line;
        while at < self.bytes.len() {
            let start = at + 1;
            let rest = self.bytes.get(start..).unwrap_or(&[]);
            let blanks = rest
                .iter()
                .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
                .count();
            match rest.get(blanks) {
                Some(b'\n') => at = start + blanks,
                Some(first) => return (blanks as u32, matches!(first, b'}' | b']' | b')')),
                None => return (0, false),
            }
        }
        (0, false)
    }

    /// Where a fence ends, and whether its quotes do that. `None` if the walk went back.
    pub(super) fn fence_end(&mut self, found: Quoted) -> Option<(usize, bool)> {
        let shallow = |lexer: &Self| lexer.shallow_line(found);
        if self.trust != Trust::Indentation {
            let paired =
                found.closed && !(self.ends_before_a_fence(found) && shallow(self).is_some());
            if !paired {
                self.restart();
                return None;
            }
            return Some((found.span.end as usize, true));
        }
        Some(match shallow(self) {
            Some(newline) => (newline, false),
            None => (found.span.end as usize, found.closed),
        })
    }

    /// The end of the line after which a fence's text is not deeper than the line that
    /// opened it: there it is no longer its text.
    fn shallow_line(&self, found: Quoted) -> Option<usize> {
        let end = found.span.end as usize;
        let mut at = self.pos;
        while let Some(newline) = quotes::find(self.bytes, at, b'\n') {
            if newline >= end {
                break;
            }
            let rest = &self.bytes[newline + 1..];
            let blanks = rest
                .iter()
                .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
                .count();
            let first = newline + 1 + blanks;
            let blank = matches!(self.bytes.get(first), None | Some(b'\n'));
            let closing = found.closed && first + usize::from(found.quotes) >= end;
            if !blank && !closing && blanks as u32 <= self.indent {
                return Some(newline);
            }
            at = newline + 1;
        }
        None
    }

    /// Whether the quotes that close a fence stand where quotes open one: behind a tag or a
    /// sign that wants a value. Together with text that is too shallow this says that the
    /// fence's own quotes were lost.
    fn ends_before_a_fence(&self, found: Quoted) -> bool {
        let text = self.text.get(..found.span.end as usize).unwrap_or("");
        let before = text.trim_end_matches('"');
        let line = before.rsplit('\n').next().unwrap_or("");
        let word = line.trim_end_matches(|c: char| c.is_ascii_alphanumeric());
        let tag = &line[word.len()..];
        ["vtl", "fmt", "iam", "schema", "r"].contains(&tag)
            || (tag.is_empty() && line.trim_end().ends_with(['=', ':']))
    }
}
