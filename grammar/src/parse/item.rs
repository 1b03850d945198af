//! Items, from the scanner's raw ones.

use rayon::prelude::*;

use super::head::{Rule, explain};
use super::shape::{Pairs, Shapes};
use super::tokens::Tokens;
use super::value::RESERVED;
use crate::ast::{
    Block, Choice, Entry, Guard, Island, Item, ItemKind, Ix, Op, Sentence, Trivia, Value,
};
use crate::scan::{GuardWord, MAX_ERRORS, Range, RawBlock, RawGuard, RawItem};
use crate::source::{FileId, Origins, Span, SyntaxError, SyntaxErrorKind};
use crate::visit;

/// Items of fewer bytes than this together are not worth a task of their own.
const PARALLEL_BYTES: usize = 128 << 10;

/// Builds items and numbers their nodes in document order.
pub(crate) struct Builder<'t> {
    pub(super) file: FileId,
    pub(super) text: &'t str,
    pub(crate) origins: Origins,
    pub(crate) trivia: Trivia,
    pub(crate) errors: Vec<SyntaxError>,
    /// Comments of the item at hand that stood where none can be printed.
    pub(super) hoisted: Vec<Option<String>>,
    /// The tokens of the head at hand.
    pub(super) tokens: Tokens,
    shapes: Shapes,
    /// Where the scanner's errors are, in rising order.
    told: &'t [u32],
}

/// What pest found in a head.
struct Head {
    word: crate::ast::Place,
    operands: Vec<Value>,
    annotation: Option<Value>,
    equals: Option<(Op, Range, Vec<Value>)>,
}

impl<'t> Builder<'t> {
    pub(crate) fn new(file: FileId, text: &'t str, told: &'t [u32]) -> Self {
        Builder {
            file,
            text,
            origins: Origins::default(),
            trivia: Trivia::default(),
            errors: Vec::new(),
            hoisted: Vec::new(),
            tokens: Tokens::default(),
            shapes: Shapes::default(),
            told,
        }
    }

    pub(super) fn span(&self, range: Range) -> Span {
        Span::new(self.file, range.start, range.end)
    }

    pub(super) fn node(&mut self, range: Range) -> Ix {
        let span = self.span(range);
        self.origins.push(span)
    }

    pub(super) fn error(&mut self, error: SyntaxError) {
        if self.errors.len() < MAX_ERRORS {
            self.errors.push(error);
        }
    }

    fn bad_item(&mut self, at: Range, message: String, help: Option<&str>) {
        let span = self.span(at);
        self.error(SyntaxError {
            kind: SyntaxErrorKind::BadItem,
            span,
            message,
            also: None,
            help: help.map(str::to_owned),
        });
    }

    /// Builds items one after the other, or, where they are large, in parallel. The
    /// result is the same: a part numbers its nodes from 0 and is shifted when joined.
    pub(crate) fn items(&mut self, raw: &[RawItem]) -> Vec<Item> {
        let bytes = match (raw.first(), raw.last()) {
            (Some(first), Some(last)) => (last.span.end - first.span.start) as usize,
            _ => return Vec::new(),
        };
        if raw.len() < 2 || bytes < 2 * PARALLEL_BYTES || rayon::current_num_threads() < 2 {
            return raw.iter().map(|raw| self.item(raw)).collect();
        }
        let part = (raw.len() * PARALLEL_BYTES / bytes).max(1);
        let (file, text, told) = (self.file, self.text, self.told);
        let parts: Vec<(Vec<Item>, Builder)> = raw
            .par_chunks(part)
            .map(|chunk| {
                let mut builder = Builder::new(file, text, told);
                let items = chunk.iter().map(|raw| builder.item(raw)).collect();
                (items, builder)
            })
            .collect();
        let mut all = Vec::with_capacity(raw.len());
        for (mut items, part) in parts {
            let by = self.origins.len() as Ix;
            for item in &mut items {
                visit::shift(item, by);
            }
            self.origins.append(part.origins);
            visit::append_trivia(&mut self.trivia, part.trivia, by);
            for error in part.errors {
                self.error(error);
            }
            all.append(&mut items);
        }
        all
    }

    fn item(&mut self, raw: &RawItem) -> Item {
        let id = self.node(raw.span);
        let before = self.trivia.before.len();
        if !raw.before.is_empty() {
            let comments = self.comments(&raw.before);
            self.trivia.before.push((id, comments));
        }
        if let Some(comment) = raw.after {
            let comment = comment.of(self.text).to_owned();
            self.trivia.after.push((id, comment));
        }
        let docs = raw
            .docs
            .iter()
            .map(|doc| doc.of(self.text).to_owned())
            .collect();
        let outer = std::mem::take(&mut self.hoisted);
        let kind = self.kind(raw);
        let hoisted = std::mem::replace(&mut self.hoisted, outer);
        if !hoisted.is_empty() {
            match self
                .trivia
                .before
                .get_mut(before)
                .filter(|(node, _)| *node == id)
            {
                Some((_, comments)) => comments.extend(hoisted),
                None => self.trivia.before.insert(before, (id, hoisted)),
            }
        }
        Item { id, docs, kind }
    }

    fn kind(&mut self, raw: &RawItem) -> ItemKind {
        if raw.damaged {
            self.explain_damaged(raw);
            return self.broken(raw);
        }
        if let Some(stray) = raw.stray {
            self.stray(raw, stray);
            return self.broken(raw);
        }
        if let Some(guard) = &raw.guard
            && guard.cel.is_none()
        {
            let word = guard.at.of(self.text).to_owned();
            let message = format!("`{word}` has no condition");
            let help = "a condition stands in braces on the same line: `when { … }`";
            self.bad_item(guard.at, message, Some(help));
            return self.broken(raw);
        }
        if let Some(guard) = raw
            .guard
            .as_ref()
            .filter(|guard| guard.word == GuardWord::If)
        {
            return self.choice(raw, guard);
        }
        if let Some((at, _)) = raw.otherwise {
            self.bad_item(at, "this `else` has no `if`".to_owned(), None);
            return self.broken(raw);
        }
        if raw.head.start == raw.head.end {
            let end = raw.span.end.max(raw.span.start + 1);
            let first = self
                .text
                .get(raw.span.start as usize..)
                .and_then(|rest| rest.chars().next());
            let found = match &raw.guard {
                Some(guard) => guard.at.of(self.text).to_owned(),
                None => first.map(String::from).unwrap_or_default(),
            };
            let at = Range::new(
                raw.span.start,
                end.min(raw.span.start + found.len().max(1) as u32),
            );
            self.bad_item(
                at,
                format!("an item begins with a word, not with `{found}`"),
                None,
            );
            return self.broken(raw);
        }
        let text = raw.head.of(self.text);
        let signs = self.tokens.read(text, raw.head.start);
        let head = match self.shapes.of(&signs) {
            Ok(shape) => self.head(shape.parts()),
            Err(at) => {
                let at = self.tokens.start(at);
                let error = explain(self.file, text, raw.head.start, at);
                self.error(error);
                None
            }
        };
        self.tokens.keep(signs);
        match head {
            Some(head) => self.shape(raw, head),
            None => self.broken(raw),
        }
    }

    /// What the scanner told of an item need not be all that is wrong with it.
    fn explain_damaged(&mut self, raw: &RawItem) {
        let text = raw.head.of(self.text);
        if raw.head.start == raw.head.end {
            return;
        }
        let signs = self.tokens.read(text, raw.head.start);
        let wrong = self.shapes.of(&signs).err();
        self.tokens.keep(signs);
        if let Some(at) = wrong.map(|at| self.tokens.start(at)) {
            let error = explain(self.file, text, raw.head.start, at);
            let near = self.told.partition_point(|told| *told < error.span.start);
            let around = self
                .told
                .get(near.saturating_sub(1)..self.told.len().min(near + 1));
            let mut around = around.unwrap_or(&[]).iter();
            if !around.any(|told| self.on_one_line(*told, error.span.start)) {
                self.error(error);
            }
        }
    }

    /// Whether two places are on one line; those far apart are taken not to be.
    fn on_one_line(&self, a: u32, b: u32) -> bool {
        const FAR: u32 = 4096;
        let between = Range::new(a.min(b), a.max(b));
        between.end - between.start <= FAR && !between.of(self.text).contains('\n')
    }

    fn head(&mut self, pairs: Pairs<'_>) -> Option<Head> {
        let mut word = None;
        let mut operands = Vec::new();
        let mut annotation = None;
        let mut equals = None;
        for pair in pairs {
            match pair.rule() {
                Rule::place => word = Some(self.operand_place(&pair)),
                Rule::operand => operands.push(self.operand(pair)),
                Rule::annotation => {
                    annotation = pair.into_inner().next().map(|value| self.value(value));
                }
                Rule::equals => {
                    let mut inner = pair.into_inner();
                    let sign = inner.next()?;
                    let op = if sign.rule() == Rule::map {
                        Op::Map
                    } else {
                        Op::Append
                    };
                    let at = self.place_of(&sign);
                    let values = inner.map(|value| self.value(value)).collect();
                    equals = Some((op, at, values));
                }
                _ => {}
            }
        }
        Some(Head {
            word: word?,
            operands,
            annotation,
            equals,
        })
    }

    fn shape(&mut self, raw: &RawItem, head: Head) -> ItemKind {
        let Head {
            word,
            operands,
            annotation,
            equals,
        } = head;
        let alone = operands.is_empty() && raw.guard.is_none() && raw.block.is_none();
        let (op, sign, mut values) = match equals {
            Some(equals) => equals,
            None => match annotation {
                Some(value) if alone => {
                    return ItemKind::Entry(Entry {
                        place: word,
                        op: Op::Set,
                        value,
                        default: None,
                    });
                }
                annotation => {
                    return self.sentence(raw, word, operands, annotation, None);
                }
            },
        };
        if alone && values.len() == 1 && (op == Op::Map || annotation.is_none()) {
            let default = values.pop();
            let (op, value, default) = match (annotation, default) {
                (Some(value), default) => (Op::Set, value, default),
                (None, Some(value)) => (op, value, None),
                (None, None) => return self.broken(raw),
            };
            return ItemKind::Entry(Entry {
                place: word,
                op,
                value,
                default,
            });
        }
        if op == Op::Append {
            let message = "`+=` appends one value to one place".to_owned();
            self.bad_item(sign, message, None);
            return self.broken(raw);
        }
        self.sentence(raw, word, operands, annotation, Some(values))
    }

    fn sentence(
        &mut self,
        raw: &RawItem,
        word: crate::ast::Place,
        operands: Vec<Value>,
        annotation: Option<Value>,
        equals: Option<Vec<Value>>,
    ) -> ItemKind {
        let guard = raw.guard.as_ref().and_then(|guard| {
            Some(Guard {
                when: guard.word == GuardWord::When,
                cel: self.island(guard.cel?),
            })
        });
        let block = raw.block.as_ref().map(|block| self.block(block));
        ItemKind::Sentence(Sentence {
            word,
            operands,
            annotation,
            equals,
            guard,
            block,
        })
    }

    fn choice(&mut self, raw: &RawItem, guard: &RawGuard) -> ItemKind {
        let Some(cel) = guard.cel else {
            return self.broken(raw);
        };
        let Some(then) = &raw.block else {
            let message = "this `if` has no block".to_owned();
            let help = "write what holds then in braces: `if { … } { … }`";
            self.bad_item(guard.at, message, Some(help));
            return self.broken(raw);
        };
        if let Some((at, None)) = raw.otherwise {
            let message = "this `else` has no block".to_owned();
            let help = "write what holds else in braces: `else { … }`";
            self.bad_item(at, message, Some(help));
            return self.broken(raw);
        }
        let condition = self.island(cel);
        let then = self.block(then);
        let otherwise = raw.otherwise.as_ref().and_then(|(_, block)| block.as_ref());
        let otherwise = otherwise.map(|block| self.block(block));
        ItemKind::Choice(Choice {
            condition,
            then,
            otherwise,
        })
    }

    fn island(&mut self, range: Range) -> Island {
        let text = range.of(self.text);
        let body = text.trim_ascii();
        let lead = text.len() - text.trim_ascii_start().len();
        let start = range.start + if body.is_empty() { 0 } else { lead as u32 };
        let range = Range::new(start, start + body.len() as u32);
        Island {
            id: self.node(range),
            text: range.of(self.text).to_owned(),
        }
    }

    fn block(&mut self, raw: &RawBlock) -> Block {
        let id = self.node(raw.span);
        self.note_lines(id, raw.span);
        let items = self.items(&raw.items);
        self.closing(id, &raw.closing);
        Block { id, items }
    }

    fn stray(&mut self, raw: &RawItem, stray: Range) {
        let found = stray.of(self.text);
        let found = found.split_whitespace().next().unwrap_or(found).to_owned();
        let at = Range::new(stray.start, stray.start + found.len() as u32);
        let (message, help) = if RESERVED.contains(&found.as_str()) {
            (
                format!("`{found}` continues no item here"),
                Some("to use it as a name, quote it with backticks"),
            )
        } else if raw.otherwise.is_some() && found == "if" {
            (
                "`else` takes a block".to_owned(),
                Some("write `else { if … }`"),
            )
        } else {
            (
                format!("`{found}` is more than the item has room for"),
                Some("an item ends with its block; begin the next one on a new line or after `,`"),
            )
        };
        self.bad_item(at, message, help);
    }

    /// What is left of an item that cannot be read: the items of its blocks.
    fn broken(&mut self, raw: &RawItem) -> ItemKind {
        let otherwise = raw.otherwise.as_ref().and_then(|(_, block)| block.as_ref());
        let blocks: Vec<&RawBlock> = raw.block.iter().chain(otherwise).collect();
        let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else {
            return ItemKind::Broken(None);
        };
        let range = Range::new(first.span.start, last.span.end);
        let id = self.node(range);
        self.note_lines(id, range);
        let mut items = Vec::new();
        for block in blocks {
            items.append(&mut self.items(&block.items));
            self.closing(id, &block.closing);
        }
        ItemKind::Broken(Some(Block { id, items }))
    }
}
