//! Values, places and strings, from the shape of a head.

use super::head::Rule;
use super::item::Builder;
use super::shape::Pair;
use super::text::{self, dedent};
use super::tokens::is_place;
use crate::ast::{
    Arg, Call, Field, Ix, Key, Name, Piece, Place, Quantity, Step, Text, TextForm, Value, ValueKind,
};
use crate::scan::{self, Range};
use crate::source::{SyntaxError, SyntaxErrorKind};

/// The words that cannot be names without backticks.
pub(crate) const RESERVED: [&str; 4] = ["if", "else", "when", "unless"];

/// A piece of text, and where in the file it stands.
#[derive(Clone, Copy)]
pub(super) struct Slice<'s> {
    pub(super) text: &'s str,
    pub(super) at: At<'s>,
}

#[derive(Clone, Copy)]
pub(super) enum At<'s> {
    /// Byte for byte from here on.
    Offset(u32),
    /// Line by line: where a line starts in the text, and how far from the offset.
    Lines(u32, &'s [(u32, u32)]),
    /// Escapes shifted it: all of it is here.
    Whole(Range),
}

impl<'s> Slice<'s> {
    fn range(self, start: usize, end: usize) -> Range {
        match self.at {
            At::Offset(base) => Range::new(base + start as u32, base + end as u32),
            At::Lines(base, lines) => {
                let line = lines.partition_point(|(text, _)| *text as usize <= start);
                let (text, file) = lines.get(line.saturating_sub(1)).copied().unwrap_or((0, 0));
                let first = base + file + (start as u32).saturating_sub(text);
                Range::new(first, first + (end - start) as u32)
            }
            At::Whole(range) => range,
        }
    }

    fn part(self, start: usize, end: usize) -> Slice<'s> {
        let range = self.range(start, end);
        Slice {
            text: self.text.get(start..end).unwrap_or(""),
            at: match self.at {
                At::Whole(_) => self.at,
                _ => At::Offset(range.start),
            },
        }
    }
}

impl<'t> Builder<'t> {
    /// The place of a pair in the file.
    pub(super) fn place_of(&self, pair: &Pair<'_>) -> Range {
        let (from, to) = pair.tokens();
        self.tokens.range(from, to)
    }

    fn slice(&self, pair: &Pair<'_>) -> Slice<'t> {
        let range = self.place_of(pair);
        Slice {
            text: range.of(self.text),
            at: At::Offset(range.start),
        }
    }

    fn bad(&mut self, kind: SyntaxErrorKind, at: Range, message: String, help: Option<String>) {
        let span = self.span(at);
        self.error(SyntaxError {
            kind,
            span,
            message,
            also: None,
            help,
        });
    }

    /// `operand | operand`, or one alone.
    pub(super) fn value(&mut self, pair: Pair<'_>) -> Value {
        let range = self.place_of(&pair);
        let mut operands = pair.into_inner();
        let Some(first) = operands.next() else {
            return self.nothing(range);
        };
        let Some(second) = operands.next() else {
            return self.operand(first);
        };
        let id = self.node(range);
        let mut end = self.place_of(&first).end;
        let mut parts = vec![self.operand(first)];
        for operand in std::iter::once(second).chain(operands) {
            let here = self.place_of(&operand);
            self.hoist(Range::new(end, here.start));
            end = here.end;
            parts.push(self.operand(operand));
        }
        // the `?` after the last alternative is that of the whole: `"a" | "b"?`
        let optional = parts
            .last_mut()
            .is_some_and(|last| std::mem::take(&mut last.optional));
        Value {
            id,
            optional,
            kind: ValueKind::Union(parts),
        }
    }

    /// Stands for what the grammar does not let happen: a value without content.
    fn nothing(&mut self, range: Range) -> Value {
        let id = self.node(range);
        Value {
            id,
            optional: false,
            kind: ValueKind::Star,
        }
    }

    pub(super) fn operand(&mut self, pair: Pair<'_>) -> Value {
        let range = self.place_of(&pair);
        let id = self.node(range);
        let mut inner = pair.into_inner();
        let Some(core) = inner.next() else {
            return Value {
                id,
                optional: false,
                kind: ValueKind::Star,
            };
        };
        let mut optional = false;
        let kind = match core.rule() {
            Rule::place => match inner.next() {
                None => ValueKind::Place(self.operand_place(&core)),
                Some(next) if next.rule() == Rule::optional => {
                    optional = true;
                    ValueKind::Place(self.operand_place(&core))
                }
                Some(args) if args.rule() == Rule::args => {
                    let place = self.operand_place(&core);
                    let args = self.args(id, args);
                    ValueKind::Call(Call { place, args })
                }
                Some(string) => self.tagged(&core, &string),
            },
            Rule::raw => {
                let slice = self.slice(&core);
                let name = self.name(slice.part(0, 1), "r");
                let text = self.text(slice.part(1, slice.text.len()), true);
                ValueKind::Tagged(name, text)
            }
            Rule::text => ValueKind::Text(self.text(self.slice(&core), false)),
            Rule::path => ValueKind::Path(self.slice(&core).text.to_owned()),
            Rule::date => ValueKind::Date(self.slice(&core).text.to_owned()),
            Rule::amount => self.amount(core),
            Rule::list => {
                let whole = self.place_of(&core);
                let mut pairs = core.into_inner().peekable();
                let mut values = Vec::new();
                let end = match pairs.clone().last() {
                    Some(last) if last.rule() == Rule::args => self.place_of(&last).start,
                    _ => whole.end,
                };
                let mut gaps = Gaps::new(self, id, Range::new(whole.start, end));
                while let Some(value) = pairs.next_if(|pair| pair.rule() == Rule::value) {
                    let here = self.place_of(&value);
                    let value = self.value(value);
                    gaps.element(self, here, value.id);
                    values.push(value);
                }
                gaps.end(self);
                match pairs.find(|pair| pair.rule() == Rule::args) {
                    Some(args) => {
                        let args = self.args(id, args);
                        ValueKind::ListCall(values, args)
                    }
                    None => ValueKind::List(values),
                }
            }
            Rule::object => {
                let mut gaps = Gaps::new(self, id, self.place_of(&core));
                let mut fields = Vec::new();
                for field in core.into_inner().filter(|it| it.rule() == Rule::field) {
                    let here = self.place_of(&field);
                    let field = self.field(field);
                    gaps.element(self, here, field.id);
                    fields.push(field);
                }
                gaps.end(self);
                ValueKind::Object(fields)
            }
            _ => ValueKind::Star,
        };
        Value {
            id,
            optional: optional || inner.next().is_some(),
            kind,
        }
    }

    fn amount(&self, pair: Pair<'_>) -> ValueKind {
        let mut from = None;
        let mut to = None;
        let mut range = false;
        for part in pair.into_inner() {
            match part.rule() {
                Rule::dots => range = true,
                _ if range => to = Some(quantity(self.slice(&part).text)),
                _ => from = Some(quantity(self.slice(&part).text)),
            }
        }
        match (range, from) {
            (false, Some(only)) => ValueKind::Quantity(only),
            (_, from) => ValueKind::Range(from.map(Box::new), to.map(Box::new)),
        }
    }

    fn field(&mut self, pair: Pair<'_>) -> Field {
        let id = self.node(self.place_of(&pair));
        let mut inner = pair.into_inner();
        let key = inner.next();
        let key = match key {
            Some(key) if key.rule() == Rule::text => Key::Text(self.text(self.slice(&key), false)),
            Some(key) => Key::Name(self.quoted_name(self.slice(&key))),
            None => Key::Name(Name {
                id,
                text: String::new(),
            }),
        };
        let value = inner.next().map(|value| self.value(value));
        Field { id, key, value }
    }

    fn args(&mut self, call: Ix, pair: Pair<'_>) -> Vec<Arg> {
        let mut gaps = Gaps::new(self, call, self.place_of(&pair));
        let mut args = Vec::new();
        for arg in pair.into_inner().filter(|it| it.rule() == Rule::arg) {
            let here = self.place_of(&arg);
            let mut inner = arg.into_inner();
            let mut label = None;
            let mut value = inner.next();
            if let Some(pair) = value.as_ref().filter(|pair| pair.rule() == Rule::key) {
                label = Some(self.quoted_name(self.slice(pair)));
                value = inner.next();
            }
            let Some(value) = value else { continue };
            let value = self.value(value);
            gaps.element(self, here, value.id);
            args.push(Arg { name: label, value });
        }
        gaps.end(self);
        args
    }

    fn tagged(&mut self, tag: &Pair<'_>, string: &Pair<'_>) -> ValueKind {
        let slice = self.slice(tag);
        if slice.text.contains(['.', '[', '`']) {
            let message = format!("`{}` is not a tag", slice.text);
            let help = "the tag of a string is one name: `vtl\"…\"`, `r\"…\"`, `fmt\"…\"`";
            let at = self.place_of(tag);
            self.bad(SyntaxErrorKind::BadItem, at, message, Some(help.to_owned()));
        }
        let name = self.name(slice, slice.text);
        let text = self.text(self.slice(string), false);
        ValueKind::Tagged(name, text)
    }

    fn name(&mut self, slice: Slice<'_>, text: &str) -> Name {
        let id = self.node(slice.range(0, slice.text.len()));
        Name {
            id,
            text: text.to_owned(),
        }
    }

    /// A name that may have backticks.
    fn quoted_name(&mut self, slice: Slice<'_>) -> Name {
        let Some(inner) = slice
            .text
            .strip_prefix('`')
            .and_then(|rest| rest.strip_suffix('`'))
        else {
            return self.name(slice, slice.text);
        };
        if !inner.contains('\\') {
            return self.name(slice, inner);
        }
        let id = self.node(slice.range(0, slice.text.len()));
        let mut text = String::with_capacity(inner.len());
        let mut at = 0;
        while let Some(c) = inner[at..].chars().next() {
            if c == '\\' {
                let (c, length) = self.escape(slice, inner, at, 1);
                text.push_str(&c);
                at += length;
            } else {
                text.push(c);
                at += c.len_utf8();
            }
        }
        Name { id, text }
    }

    /// The escape at `at` of `inner`, which stands `lead` bytes into `slice`.
    fn escape(&mut self, slice: Slice<'_>, inner: &str, at: usize, lead: usize) -> (String, usize) {
        match text::escape(&inner[at..]) {
            Ok((c, length)) => (c.to_string(), length),
            Err(length) => {
                let written = inner.get(at..at + length).unwrap_or("\\").to_owned();
                let here = slice.range(lead + at, lead + at + written.len());
                let help = "double the backslash, or use `r\"…\"` for a regular expression";
                self.bad(
                    SyntaxErrorKind::BadEscape,
                    here,
                    format!("`{written}` is not an escape"),
                    Some(help.to_owned()),
                );
                let length = written.len();
                (written, length)
            }
        }
    }

    /// A place among the operands and values, where a reserved word is a mistake.
    pub(super) fn operand_place(&mut self, pair: &Pair<'_>) -> Place {
        let slice = self.slice(pair);
        let text = slice.text;
        if text.len() <= 6 && RESERVED.contains(&text) {
            let message = format!("`{text}` is a reserved word");
            let help = format!("quote it with backticks to use it as a name: `` `{text}` ``");
            let at = self.place_of(pair);
            self.bad(SyntaxErrorKind::BadItem, at, message, Some(help));
        }
        self.place(slice)
    }

    /// Splits what the grammar took for a place into its steps.
    pub(super) fn place(&mut self, slice: Slice<'_>) -> Place {
        let id = self.node(slice.range(0, slice.text.len()));
        let bytes = slice.text.as_bytes();
        let dots = bytes
            .iter()
            .filter(|byte| matches!(byte, b'.' | b'['))
            .count();
        let mut steps = Vec::with_capacity(dots + 1);
        let mut at = 0;
        while at < bytes.len() {
            let bracket = bytes[at] == b'[';
            if bracket || bytes[at] == b'.' {
                at += 1;
            }
            let rest = &bytes[at..];
            let length = match rest.first() {
                Some(b'`') => scan::until(rest, 1, b'`', true).0,
                Some(b'"') => scan::quoted(rest, 0, false).span.end as usize,
                _ => rest
                    .iter()
                    .take_while(|byte| !matches!(byte, b'.' | b'[' | b']'))
                    .count(),
            };
            let part = slice.part(at, at + length);
            let first = part.text.bytes().next().unwrap_or(b'0');
            steps.push(match first {
                b'"' => Step::Key(self.text(part, false)),
                b'0'..=b'9' => Step::Index(self.index(part)),
                _ => Step::Name(self.quoted_name(part)),
            });
            at += length.max(1) + usize::from(bracket);
        }
        Place { id, steps }
    }

    fn index(&mut self, part: Slice<'_>) -> u32 {
        part.text.parse().unwrap_or_else(|_| {
            let at = part.range(0, part.text.len());
            let message = format!("the index `{}` is too large", part.text);
            self.bad(SyntaxErrorKind::BadItem, at, message, None);
            u32::MAX
        })
    }

    /// A string, quotes included.
    pub(super) fn text(&mut self, slice: Slice<'_>, raw: bool) -> Text {
        let id = self.node(slice.range(0, slice.text.len()));
        let quoted = scan::quoted(slice.text.as_bytes(), 0, raw);
        let inner = quoted.inner();
        let (start, end) = (inner.start as usize, inner.end as usize);
        if quoted.quotes == 1 {
            let pieces = self.pieces(slice.part(start, end), !raw);
            let form = TextForm::Quoted;
            return Text { id, pieces, form };
        }
        let inner = slice.part(start, end);
        let dedented = dedent(inner.text);
        let at = match inner.at {
            At::Offset(base) => At::Lines(base, &dedented.lines),
            other => other,
        };
        let body = Slice {
            text: &dedented.text,
            at,
        };
        let pieces = self.pieces(body, false);
        let form = TextForm::Fence(quoted.quotes);
        Text { id, pieces, form }
    }

    fn pieces(&mut self, slice: Slice<'_>, escapes: bool) -> Vec<Piece> {
        let text = slice.text;
        if text.is_empty() {
            return Vec::new();
        }
        let plain = !text.contains("@{") && (!escapes || !text.contains('\\'));
        if plain {
            return vec![Piece::Literal(text.to_owned())];
        }
        let mut pieces = Vec::new();
        let mut literal = String::new();
        let mut at = 0;
        while at < text.len() {
            let rest = &text[at..];
            let plain = rest
                .find(|c| c == '@' || (escapes && c == '\\'))
                .unwrap_or(rest.len());
            literal.push_str(&rest[..plain]);
            at += plain;
            let rest = &rest[plain..];
            if rest.starts_with("@@{") {
                literal.push_str("@{");
                at += 3;
            } else if rest.starts_with("@{") {
                match self.hole(slice, at, escapes) {
                    Ok((place, end)) => {
                        if !literal.is_empty() {
                            pieces.push(Piece::Literal(std::mem::take(&mut literal)));
                        }
                        pieces.push(Piece::Hole(place));
                        at = end;
                    }
                    Err(end) => {
                        literal.push_str(&text[at..end]);
                        at = end;
                    }
                }
            } else if rest.starts_with('\\') {
                let (c, length) = self.escape(slice, text, at, 0);
                literal.push_str(&c);
                at += length;
            } else if !rest.is_empty() {
                literal.push('@');
                at += 1;
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal));
        }
        pieces
    }

    /// The hole at `start`, and where it ends; where it is not one, an error, and how far
    /// it goes.
    fn hole(
        &mut self,
        slice: Slice<'_>,
        start: usize,
        escapes: bool,
    ) -> Result<(Place, usize), usize> {
        let text = slice.text;
        let first = start + 2;
        let mut content = String::new();
        let mut at = first;
        let mut quote = None;
        let mut escaped = false;
        let close = loop {
            let Some(c) = text[at..].chars().next().filter(|c| *c != '\n') else {
                break None;
            };
            let (c, length) = match c {
                '\\' if escapes => text::escape(&text[at..]).unwrap_or(('\\', 1)),
                c => (c, c.len_utf8()),
            };
            if c == '}' && quote.is_none() {
                break Some(at);
            }
            if escaped {
                escaped = false;
            } else if quote == Some(c) {
                quote = None;
            } else if quote.is_none() && matches!(c, '"' | '`') {
                quote = Some(c);
            } else if c == '\\' {
                escaped = quote.is_some();
            }
            content.push(c);
            at += length;
        };
        let Some(close) = close else {
            let help = "close the hole with `}`, or write `@@{` for the text `@{`";
            let here = slice.range(start, first);
            let message = "this `@{` has no `}`".to_owned();
            self.bad(
                SyntaxErrorKind::BadHole,
                here,
                message,
                Some(help.to_owned()),
            );
            return Err(first);
        };
        let trimmed = content.trim();
        if !is_place(trimmed) {
            let message = format!("`{trimmed}` is not a place that a hole can name");
            let help = "a hole names a value: `@{stage.backend}`; write `@@{` for the text `@{`";
            let here = slice.range(start, close + 1);
            self.bad(
                SyntaxErrorKind::BadHole,
                here,
                message,
                Some(help.to_owned()),
            );
            return Err(close + 1);
        }
        let unchanged = text[first..close] == content;
        let place = if unchanged {
            let lead = content.len() - content.trim_start().len();
            self.place(slice.part(first + lead, first + lead + trimmed.len()))
        } else {
            self.place(Slice {
                text: trimmed,
                at: At::Whole(slice.range(start, close + 1)),
            })
        };
        Ok((place, close + 1))
    }
}

/// The comments between the elements of one pair of brackets.
struct Gaps {
    around: Ix,
    range: Range,
    several_lines: bool,
    at: u32,
    before: Option<Ix>,
}

impl Gaps {
    fn new(builder: &mut Builder<'_>, around: Ix, range: Range) -> Self {
        Gaps {
            around,
            range,
            several_lines: builder.note_lines(around, range),
            at: range.start + 1,
            before: None,
        }
    }

    fn element(&mut self, builder: &mut Builder<'_>, here: Range, id: Ix) {
        if self.several_lines {
            let gap = Range::new(self.at, here.start);
            builder.between(gap, self.before, Some(id), self.around);
            self.at = here.end;
            self.before = Some(id);
        }
    }

    fn end(self, builder: &mut Builder<'_>) {
        if self.several_lines {
            let gap = Range::new(self.at, self.range.end.saturating_sub(1).max(self.at));
            builder.between(gap, self.before, None, self.around);
        }
    }
}

fn quantity(text: &str) -> Quantity {
    let (left, right) = match text.split_once('/') {
        Some((left, right)) => (left, Some(right)),
        None => (text, None),
    };
    let (number, unit) = number_and_unit(left);
    Quantity {
        number,
        unit,
        per: right.map(number_and_unit),
    }
}

fn number_and_unit(text: &str) -> (String, String) {
    let bytes = text.as_bytes();
    let mut end = 0;
    while let Some(byte) = bytes.get(end) {
        let part = match byte {
            b'0'..=b'9' | b'.' | b'_' => true,
            b'-' => end == 0,
            b'e' | b'E' => {
                let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
                let exponent = bytes.get(end + 1 + sign).is_some_and(u8::is_ascii_digit);
                end += if exponent { sign } else { 0 };
                exponent
            }
            _ => false,
        };
        if !part {
            break;
        }
        end += 1;
    }
    let (number, unit) = text.split_at(end);
    (number.replace('_', ""), unit.to_owned())
}
