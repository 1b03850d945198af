//! Strings, fences, quoted names and the strings of conditions: where they end, and what
//! is read again where they do not.

use super::{Last, Lexer, is_word};
use crate::scan::quotes;
use crate::source::{SyntaxError, SyntaxErrorKind};

impl Lexer<'_> {
    /// A string whose first quote is at hand, and whose tag, if it has one, at `start`.
    pub(super) fn string(&mut self, start: usize, raw: bool) {
        self.significant(start);
        let found = quotes::quoted(self.bytes, self.pos, raw);
        if found.quotes == 1 {
            if found.closed {
                self.done(found.span.end as usize, Last::Other);
            } else {
                self.unclosed_quote(self.pos, "string", '"');
            }
            return;
        }
        match self.fence_end(found) {
            None => {}
            Some((end, true)) => {
                self.done(end, Last::Other);
                // the tokens after a fence are on a line that begins inside it
                self.set_undo();
            }
            Some((end, false)) => {
                let fence = "\"".repeat(usize::from(found.quotes));
                self.error(SyntaxError {
                    kind: SyntaxErrorKind::UnclosedString,
                    span: self.span(self.pos, self.pos + fence.len()),
                    message: format!("this `{fence}` is never closed"),
                    also: None,
                    help: Some(format!("close the text with `{fence}`")),
                });
                self.damage(start, end);
                self.done(end, Last::Other);
            }
        }
    }

    pub(super) fn backticks(&mut self) {
        self.significant(self.pos);
        match quotes::until(self.bytes, self.pos + 1, b'`', true) {
            (end, true) => self.done(end, Last::Other),
            (_, false) => self.unclosed_quote(self.pos, "name", '`'),
        }
    }

    /// A quote that its line does not close: reads the line again, from its start,
    /// without believing any quote, for the one that is missing may be an earlier one.
    pub(super) fn unclosed_quote(&mut self, at: usize, what: &str, quote: char) {
        let end = self.end_of_line();
        let undo = self.undo;
        self.out.events.truncate(undo.events);
        self.out.errors.truncate(undo.errors);
        self.out.damaged.truncate(undo.damaged);
        self.in_item = undo.in_item;
        self.last = undo.last;
        self.last_end = undo.last_end;
        self.frames.truncate(self.base);
        self.frames.extend(self.popped.drain(..).rev());
        self.pos = undo.pos;
        self.blind_end = end;
        self.damage(undo.pos, end);
        self.error(SyntaxError {
            kind: SyntaxErrorKind::UnclosedString,
            span: self.span(at, self.text[..end].trim_end().len().max(at + 1)),
            message: format!("this {what} is not closed on its line"),
            also: None,
            help: Some(match quote {
                '"' => "close it with `\"`, or use `\"\"\"` for a text of several lines".to_owned(),
                _ => format!("close it with `{quote}`"),
            }),
        });
        self.set_undo();
    }

    pub(super) fn cel_string(&mut self, quote: u8) {
        let raw = self.cel_raw();
        let start = self.pos;
        if self.peek(1) == Some(quote) && self.peek(2) == Some(quote) {
            let mut at = start + 3;
            while let Some(rest) = self.bytes.get(at..).filter(|_| !self.no_more_triples) {
                match rest {
                    [] => break,
                    [a, b, c, ..] if [a, b, c] == [&quote; 3] => {
                        self.done(at + 3, Last::Other);
                        self.set_undo();
                        return;
                    }
                    [b'\\', ..] if !raw => at += 2,
                    _ => at += 1,
                }
            }
            self.no_more_triples = true;
            self.unclosed_quote(start, "string", quote as char);
            return;
        }
        match quotes::until(self.bytes, start + 1, quote, !raw) {
            (end, true) => self.done(end, Last::Other),
            (_, false) => self.unclosed_quote(start, "string", quote as char),
        }
    }

    /// Whether the letters before a CEL string say `r`: `r"…"`, `bR'…'`.
    pub(super) fn cel_raw(&self) -> bool {
        let before = |back: usize| self.pos.checked_sub(back).and_then(|at| self.bytes.get(at));
        let prefix = |byte: &&u8| matches!(byte, b'r' | b'R' | b'b' | b'B');
        let letters = (1..=2).map_while(|back| before(back).filter(prefix));
        let count = letters.clone().count();
        letters
            .clone()
            .any(|letter| letter.eq_ignore_ascii_case(&b'r'))
            && !before(count + 1).is_some_and(|byte| is_word(*byte) && *byte != b'-')
    }
}
