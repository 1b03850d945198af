//! The walk over the text: brackets, quotes, comments, line ends, reserved words.

mod brackets;
mod recover;
mod strings;

use crate::scan::{MAX_DEPTH, MAX_ERRORS, Range, quotes};
use crate::source::{FileId, Span, SyntaxError, SyntaxErrorKind};

/// Something that shapes items. Brackets inside values are matched but give no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) kind: EventKind,
    pub(super) at: Range,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum EventKind {
    Blank,
    Comment,
    TrailingComment,
    Doc,
    Begin,
    End,
    If,
    When,
    Unless,
    Else,
    OpenCel,
    CloseCel,
    OpenBlock,
    CloseBlock,
}

pub(super) struct Lexed {
    pub(super) events: Vec<Event>,
    pub(super) errors: Vec<SyntaxError>,
    /// Ranges whose error was told already, in order.
    pub(super) damaged: Vec<Range>,
}

/// What the bytes at hand mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Items.
    Block,
    /// Inside `[`, `(` or an object's `{`.
    Value,
    /// Inside a condition's `{`.
    Cel,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    bracket: u8,
    mode: Mode,
    /// The outermost bracket of a condition.
    root: bool,
    /// Made up where a `{` must have been lost.
    phantom: bool,
    at: u32,
    /// Where the line of the bracket starts, and how far it is indented.
    line: u32,
    indent: u32,
    /// How far the first item that begins a line in this block is indented.
    content: Option<u32>,
}

/// The last token that matters to what a `{` opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Last {
    /// `:`, `=` or `|`: a value follows.
    Sign,
    /// `if`, `when`, `unless`: a condition follows.
    Guard,
    /// The `}` of a block.
    Close,
    Other,
}

/// How far brackets are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    /// Wholly: nothing was wrong so far.
    Brackets,
    /// Unless one is open where an item begins in the first column.
    Columns,
    /// Only as far as the indentation agrees, up to the next item in the first column.
    Indentation,
}

/// A place to go back to, with what was known there.
#[derive(Clone, Copy, Debug)]
struct Mark {
    pos: usize,
    line: u32,
    events: usize,
    errors: usize,
    damaged: usize,
    in_item: bool,
    last: Last,
    last_end: u32,
}

pub(super) struct Lexer<'t> {
    file: FileId,
    text: &'t str,
    bytes: &'t [u8],
    pos: usize,
    frames: Vec<Frame>,
    /// Frames below `base` that were closed since the undo mark, innermost first.
    popped: Vec<Frame>,
    base: usize,
    out: Lexed,
    /// Own-line comments after a line that may yet be continued.
    pending: Vec<Event>,
    line: u32,
    indent: u32,
    /// No token of this line was seen yet.
    fresh: bool,
    line_has_content: bool,
    in_item: bool,
    last: Last,
    last_end: u32,
    /// Up to here quotes are not believed.
    blind_end: usize,
    /// Brackets opened past the depth limit, and where the first one is.
    overflow: u32,
    overflow_at: u32,
    trust: Trust,
    undo: Mark,
    checkpoint: Mark,
    /// A condition's `"""` was not closed: no later one is looked for, so that many
    /// of them do not cost many walks to the end.
    no_more_triples: bool,
    /// The end of the line whose successor's indentation is known.
    next_indent: Option<(usize, (u32, bool))>,
}

impl<'t> Lexer<'t> {
    pub(super) fn new(file: FileId, text: &'t str) -> Self {
        let pos = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let mark = Mark {
            pos,
            line: pos as u32,
            events: 0,
            errors: 0,
            damaged: 0,
            in_item: false,
            last: Last::Other,
            last_end: pos as u32,
        };
        Lexer {
            file,
            text,
            bytes: text.as_bytes(),
            pos,
            frames: Vec::new(),
            popped: Vec::new(),
            base: 0,
            out: Lexed {
                events: Vec::new(),
                errors: Vec::new(),
                damaged: Vec::new(),
            },
            pending: Vec::new(),
            line: pos as u32,
            indent: 0,
            fresh: true,
            line_has_content: false,
            in_item: false,
            last: Last::Other,
            last_end: pos as u32,
            blind_end: 0,
            overflow: 0,
            overflow_at: 0,
            trust: Trust::Brackets,
            undo: mark,
            checkpoint: mark,
            no_more_triples: false,
            next_indent: None,
        }
    }

    pub(super) fn run(mut self) -> Lexed {
        loop {
            let Some(&byte) = self.bytes.get(self.pos) else {
                if self.finish() {
                    break;
                }
                continue;
            };
            match byte {
                b' ' | b'\t' | b'\r' => self.pos += 1,
                b'\n' => self.line_end(),
                b'#' if self.mode() != Mode::Cel && self.comment_starts() => self.comment(),
                _ => {
                    self.line_has_content = true;
                    if self.fresh && !self.begin_line(byte) {
                        continue;
                    }
                    match self.mode() {
                        Mode::Cel => self.cel(byte),
                        _ => self.token(byte),
                    }
                }
            }
        }
        self.out.damaged.sort_by_key(|range| range.start);
        self.out
    }

    fn mode(&self) -> Mode {
        match self.frames.last() {
            None if self.overflow == 0 => Mode::Block,
            Some(top) if top.mode != Mode::Block || self.overflow == 0 => top.mode,
            // what stands past the depth limit is skipped as if it were one value
            _ => Mode::Value,
        }
    }

    fn blind(&self) -> bool {
        self.pos < self.blind_end
    }

    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.pos + ahead).copied()
    }

    /// Whether the slash at hand is that of `50/s` or `10%/5min`.
    fn in_quantity(&self) -> bool {
        self.previous()
            .is_some_and(|byte| is_word(byte) || byte == b'%')
    }

    fn previous(&self) -> Option<u8> {
        self.pos
            .checked_sub(1)
            .and_then(|at| self.bytes.get(at))
            .copied()
    }

    fn event(&mut self, kind: EventKind, start: usize, end: usize) {
        self.out.events.push(Event {
            kind,
            at: Range::new(start as u32, end as u32),
        });
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start as u32, end as u32)
    }

    fn error(&mut self, error: SyntaxError) {
        if self.out.errors.len() < MAX_ERRORS {
            self.out.errors.push(error);
        }
    }

    fn end_of_line(&self) -> usize {
        quotes::find(self.bytes, self.pos, b'\n').unwrap_or(self.bytes.len())
    }

    fn mark(&self) -> Mark {
        Mark {
            pos: self.pos,
            line: self.line,
            events: self.out.events.len(),
            errors: self.out.errors.len(),
            damaged: self.out.damaged.len(),
            in_item: self.in_item,
            last: self.last,
            last_end: self.last_end,
        }
    }

    fn set_undo(&mut self) {
        self.undo = self.mark();
        self.popped.clear();
        self.base = self.frames.len();
    }

    fn line_end(&mut self) {
        if !self.line_has_content && self.mode() == Mode::Block {
            let blank = Event {
                kind: EventKind::Blank,
                at: Range::new(self.pos as u32, self.pos as u32),
            };
            let list = if self.in_item {
                &mut self.pending
            } else {
                &mut self.out.events
            };
            if list.last().is_none_or(|last| last.kind != EventKind::Blank) {
                list.push(blank);
            }
        }
        self.pos += 1;
        self.line = self.pos as u32;
        self.fresh = true;
        self.line_has_content = false;
    }

    /// The first token of a line: decides whether the item before goes on. Returns
    /// whether the walk is still where it was.
    fn begin_line(&mut self, byte: u8) -> bool {
        self.fresh = false;
        self.indent = self.pos as u32 - self.line;
        if self.trust != Trust::Brackets && !self.agree_with_columns(byte) {
            return false;
        }
        if self.in_item && self.mode() == Mode::Block {
            if !self.continues() {
                self.end_item();
            }
            self.out.events.append(&mut self.pending);
        }
        self.set_undo();
        true
    }

    /// Whether the word at hand makes this line a part of the item before.
    fn continues(&self) -> bool {
        let rest = &self.bytes[self.pos..];
        ["when", "unless", "else"].iter().any(|word| {
            rest.starts_with(word.as_bytes())
                && !rest
                    .get(word.len())
                    .is_some_and(|next| is_word(*next) || *next == b'.')
        })
    }

    fn end_item(&mut self) {
        let end = self.last_end as usize;
        self.event(EventKind::End, end, end);
        self.in_item = false;
        self.last = Last::Other;
    }

    /// A token at `start` belongs to an item; begins one if none is open.
    fn significant(&mut self, start: usize) {
        if self.in_item || self.mode() != Mode::Block {
            return;
        }
        let begins_line = self.line as usize + self.indent as usize == start;
        if begins_line {
            if let Some(top) = self.frames.last_mut() {
                top.content.get_or_insert(self.indent);
            } else if self.indent == 0 {
                // a checkpoint is read by indentation at most once, so the walk ends
                if self.trust == Trust::Indentation && self.pos != self.checkpoint.pos {
                    self.trust = Trust::Columns;
                }
                self.checkpoint = self.mark();
            }
        }
        self.event(EventKind::Begin, start, start);
        self.in_item = true;
        self.last = Last::Other;
        self.last_end = start as u32;
    }

    fn done(&mut self, end: usize, last: Last) {
        self.pos = end;
        self.last_end = end as u32;
        self.last = last;
    }

    fn token(&mut self, byte: u8) {
        match byte {
            b'{' | b'[' | b'(' => self.open(byte),
            b'}' | b']' | b')' => self.close(byte),
            b',' if self.mode() == Mode::Block && !self.blind() => self.comma(),
            b'"' if !self.blind() => self.string(self.pos, false),
            b'`' if !self.blind() => self.backticks(),
            b'/' if !self.in_quantity() => self.slash(),
            b':' | b'=' | b'|' => {
                self.significant(self.pos);
                self.done(self.pos + 1, Last::Sign);
            }
            _ if is_word(byte) => self.word(),
            _ => {
                self.significant(self.pos);
                self.done(self.pos + 1, Last::Other);
            }
        }
    }

    fn comma(&mut self) {
        if self.in_item {
            self.end_item();
        } else {
            // an item that is nothing but its comma: told when it is parsed
            self.significant(self.pos);
            self.done(self.pos + 1, Last::Other);
            self.end_item();
            return;
        }
        self.pos += 1;
    }

    fn word(&mut self) {
        let start = self.pos;
        let mut end = start + 1;
        while self.bytes.get(end).copied().is_some_and(is_word) {
            end += 1;
        }
        let word = &self.bytes[start..end];
        let named = self.previous() == Some(b'.');
        if self.bytes.get(end) == Some(&b'"') && !self.blind() {
            let raw = word == b"r" && !named;
            self.significant(start);
            self.pos = end;
            self.string(start, raw);
            return;
        }
        let begins = !self.in_item;
        self.significant(start);
        let mut last = Last::Other;
        if self.mode() == Mode::Block && !named {
            let guard = match word {
                b"if" if begins => Some(EventKind::If),
                b"when" => Some(EventKind::When),
                b"unless" => Some(EventKind::Unless),
                b"else" => {
                    self.event(EventKind::Else, start, end);
                    None
                }
                _ => None,
            };
            if let Some(kind) = guard {
                self.event(kind, start, end);
                last = Last::Guard;
            }
        }
        self.done(end, last);
    }

    fn damage(&mut self, start: usize, end: usize) {
        let (start, end) = (start as u32, end.max(start + 1) as u32);
        let kept = self.undo.damaged;
        match self
            .out
            .damaged
            .get_mut(kept..)
            .and_then(|new| new.last_mut())
        {
            Some(last) if last.start <= start && start <= last.end => last.end = last.end.max(end),
            _ => self.out.damaged.push(Range::new(start, end)),
        }
    }

    fn slash(&mut self) {
        if self.peek(1) != Some(b'/') || self.blind() {
            self.significant(self.pos);
            let end = path_end(self.bytes, self.pos);
            self.done(end, Last::Other);
            return;
        }
        let end = self.end_of_line();
        let trimmed = self.text[..end].trim_end().len();
        if self.peek(2) == Some(b'/') && !self.in_item && self.mode() == Mode::Block {
            let start = self.pos + 3;
            let start = start + usize::from(self.bytes.get(start) == Some(&b' '));
            self.event(EventKind::Doc, start, trimmed.max(start));
            self.pos = end;
            return;
        }
        let url = self.previous() == Some(b':');
        let doc = self.peek(2) == Some(b'/');
        self.error(SyntaxError {
            kind: SyntaxErrorKind::BadItem,
            span: self.span(self.pos, self.pos + 2 + usize::from(doc)),
            message: if url {
                "a URL is a string".to_owned()
            } else if doc {
                "`///` documents nothing here".to_owned()
            } else {
                "`//` is neither a path nor a comment".to_owned()
            },
            also: None,
            help: Some(if url {
                "write it in quotes".to_owned()
            } else if doc {
                "put it on a line of its own before an item, or write `#`".to_owned()
            } else {
                "a comment begins with `#`".to_owned()
            }),
        });
        if url {
            self.damage(self.pos, end);
        }
        self.pos = end;
    }

    fn comment_starts(&self) -> bool {
        !self.blind()
            || self
                .previous()
                .is_none_or(|byte| byte.is_ascii_whitespace())
    }

    fn comment(&mut self) {
        let end = self.end_of_line();
        if self.mode() == Mode::Block {
            let start = self.pos + 1;
            let start = start + usize::from(self.bytes.get(start) == Some(&b' '));
            let trimmed = self.text[..end].trim_end().len().max(start.min(end));
            let at = Range::new(start.min(trimmed) as u32, trimmed as u32);
            if self.line_has_content {
                self.out.events.push(Event {
                    kind: EventKind::TrailingComment,
                    at,
                });
            } else {
                let event = Event {
                    kind: EventKind::Comment,
                    at,
                };
                if self.in_item {
                    self.pending.push(event);
                } else {
                    self.out.events.push(event);
                }
            }
        }
        self.line_has_content = true;
        self.pos = end;
    }

    fn cel(&mut self, byte: u8) {
        match byte {
            b'{' | b'[' | b'(' => self.open(byte),
            b'}' | b']' | b')' => self.close(byte),
            b'"' | b'\'' if !self.blind() => self.cel_string(byte),
            b'/' if self.peek(1) == Some(b'/') && !self.blind() => self.pos = self.end_of_line(),
            _ => {
                self.pos += 1;
                self.last_end = self.pos as u32;
            }
        }
    }

    /// The end of the text. Returns whether the walk is over.
    fn finish(&mut self) -> bool {
        if !self.frames.is_empty() || self.overflow > 0 {
            if self.trust != Trust::Indentation {
                self.restart();
                return false;
            }
            while !self.frames.is_empty() || self.overflow > 0 {
                self.pop_unclosed();
            }
        }
        if self.in_item {
            self.end_item();
        }
        self.out.events.append(&mut self.pending);
        true
    }
}

/// Letters, digits, `_ - $`, and everything beyond ASCII.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$') || byte >= 0x80
}

fn closes(bracket: u8, closer: u8) -> bool {
    matches!(
        (bracket, closer),
        (b'{', b'}') | (b'[', b']') | (b'(', b')')
    )
}

/// Past the path that starts at `start`. Braces belong to it where they hold a name
/// without blanks: `/orders/{id}`.
pub(crate) fn path_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        if is_path_byte(byte) {
            at += 1;
        } else if byte == b'{' {
            let inner = bytes[at + 1..]
                .iter()
                .take_while(|byte| is_brace_byte(**byte))
                .count();
            if inner == 0 || bytes.get(at + 1 + inner) != Some(&b'}') {
                break;
            }
            at += inner + 2;
        } else {
            break;
        }
    }
    at
}

fn is_path_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&'*+;=:@/?".contains(&byte) || byte >= 0x80
}

fn is_brace_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~%!$&*+:@".contains(&byte) || byte >= 0x80
}
