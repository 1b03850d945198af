//! From tree to text: one layout for every tree, whoever made it.
//!
//! A list, object, call or block stays on one line if it fits in [`WIDTH`] columns, was
//! on one line, and has no comment in it; else each of its elements has a line of its
//! own, without commas. Comments stay with their node, blank lines stay single.

mod names;
mod notes;
mod strings;
mod value;

use crate::ast::{Block, Choice, Entry, Item, ItemKind, Ix, Op, Sentence, Tree, Value, ValueKind};
use crate::parse::Parsed;
use crate::source::{FileId, SyntaxError};
use notes::Notes;

/// The columns that a line should not exceed.
const WIDTH: usize = 100;

/// More items than this are not put on one line.
const ITEMS_ON_A_LINE: usize = 4;

/// Blocks nested deeper than this are not put on one line.
const BLOCKS_ON_A_LINE: usize = 2;

/// Prints a tree. Parsing the result gives a tree that says the same (see
/// [`crate::same_meaning`]); formatting that gives the same text.
///
/// A tree with [`ItemKind::Broken`] items cannot be printed whole: each leaves a comment
/// in its place. Use [`format_text`] where the text comes from a person.
///
/// ```
/// use tollgate_grammar::{FileId, format, parse};
///
/// let parsed = parse(FileId(0), "policy{allow anyone   to invoke * ,}");
/// assert_eq!(format(&parsed.tree), "policy { allow anyone to invoke * }\n");
/// ```
pub fn format(tree: &Tree) -> String {
    let mut printer = Printer {
        notes: Notes::new(tree),
        out: String::new(),
        line: 0,
    };
    printer.items(&tree.items, Ix::MAX, 0);
    printer.out
}

/// Parses a text and prints it.
///
/// # Errors
///
/// The errors of the text, if it has any: then it is better left as it is.
pub fn format_text(text: &str) -> Result<String, Vec<SyntaxError>> {
    let Parsed { tree, errors } = crate::parse(FileId::default(), text);
    if errors.is_empty() {
        Ok(format(&tree))
    } else {
        Err(errors)
    }
}

/// How a node is printed while all on one line is tried: `None` means that it cannot be.
type Flat = Option<()>;

struct Printer<'t> {
    notes: Notes<'t>,
    out: String,
    /// Where the line at hand starts in `out`.
    line: usize,
}

impl Printer<'_> {
    fn column(&self) -> usize {
        columns(&self.out[self.line..])
    }

    fn newline(&mut self, indent: usize) {
        self.out.push('\n');
        self.line = self.out.len();
        self.out.extend(std::iter::repeat_n(' ', indent));
    }

    /// The items of a block or of a file, each on its own lines, and the comments after
    /// the last. The first one's line has begun already if this is a block.
    fn items(&mut self, items: &[Item], around: Ix, indent: usize) {
        for (at, item) in items.iter().enumerate() {
            let begin = self.out.len();
            if at > 0 || around != Ix::MAX {
                self.newline(indent);
            }
            let written = self.out.len();
            self.comments_before(item.id, indent, at == 0);
            for doc in item.docs.iter().flat_map(|doc| doc.split('\n')) {
                self.out.push_str("///");
                self.words(doc);
                self.newline(indent);
            }
            self.item(item, indent);
            self.comment_after(item.id);
            let spread = |text: &str| text.trim().contains('\n');
            let last = self.notes.last_was_spread;
            let this = spread(&self.out[written..]);
            self.notes.last_was_spread = this;
            if self.notes.airy && at > 0 && (this || last) {
                self.out.insert(begin, '\n');
                self.line += 1;
            }
        }
        self.closing_comments(around, indent, items.is_empty());
        if around == Ix::MAX && !self.out.is_empty() {
            self.out.push('\n');
        }
        self.notes.last_was_spread = true;
    }

    fn item(&mut self, item: &Item, indent: usize) {
        match &item.kind {
            ItemKind::Entry(entry) => self.entry(entry, indent),
            ItemKind::Sentence(sentence) => self.sentence(sentence, indent),
            ItemKind::Choice(choice) => self.choice(choice, indent),
            ItemKind::Broken(_) => self.out.push_str("# an item that could not be read"),
        }
    }

    fn entry(&mut self, entry: &Entry, indent: usize) {
        self.place(&entry.place);
        self.out.push_str(match entry.op {
            Op::Set => ": ",
            Op::Map => " = ",
            Op::Append => " += ",
        });
        self.value(&entry.value, indent);
        if let Some(default) = &entry.default {
            self.out.push_str(" = ");
            self.value(default, indent);
        }
    }

    fn sentence(&mut self, sentence: &Sentence, indent: usize) {
        let begin = self.out.len();
        if self.flat_sentence(sentence, 0).is_some() && self.column() <= WIDTH {
            return;
        }
        self.out.truncate(begin);
        // the head on one line, if it fits with what must stand on that line after it
        let opens = if sentence.block.is_some() { 2 } else { 0 };
        let flat_head = self.flat_head(sentence).is_some() && self.column() + opens <= WIDTH;
        if !flat_head {
            self.out.truncate(begin);
            self.spread_head(sentence, indent);
        }
        let mut block_indent = indent;
        if let Some(guard) = &sentence.guard {
            let word = if guard.when { "when {" } else { "unless {" };
            let text = &guard.cel.text;
            let one_line = !text.contains('\n') && !ends_in_comment(text);
            let room = WIDTH.saturating_sub(word.len() + columns(text) + 3 + opens);
            if one_line && self.column() <= room {
                self.out.push(' ');
            } else if one_line && self.column() > indent + 2 {
                block_indent = indent + 2;
                self.newline(block_indent);
            } else {
                self.out.push(' ');
            }
            self.out.push_str(word);
            self.condition(text, one_line, block_indent);
        }
        if let Some(block) = &sentence.block {
            self.out.push(' ');
            self.block(block, block_indent);
        }
    }

    /// What is between the braces of a condition, and the closing brace.
    fn condition(&mut self, text: &str, one_line: bool, indent: usize) {
        if one_line {
            self.out.push(' ');
            self.out.push_str(text);
            self.out.push_str(if text.is_empty() { "}" } else { " }" });
        } else {
            self.newline(indent + 2);
            self.out.push_str(text);
            self.line = self.out.rfind('\n').map_or(0, |at| at + 1);
            self.newline(indent);
            self.out.push('}');
        }
    }

    /// Word, operands, annotation and what stands after `=`, each value on one line if it
    /// fits there.
    fn spread_head(&mut self, sentence: &Sentence, indent: usize) {
        self.place(&sentence.word);
        for operand in &sentence.operands {
            self.out.push(' ');
            self.value(operand, indent);
        }
        if let Some(annotation) = &sentence.annotation {
            self.out.push_str(before_colon(&sentence.operands));
            self.value(annotation, indent);
        }
        if let Some(values) = &sentence.equals {
            self.out.push_str(" =");
            for value in values {
                self.out.push(' ');
                self.value(value, indent);
            }
        }
    }

    fn choice(&mut self, choice: &Choice, indent: usize) {
        let begin = self.out.len();
        if self.flat_choice(choice, 0).is_some() && self.column() <= WIDTH {
            return;
        }
        self.out.truncate(begin);
        let text = &choice.condition.text;
        let one_line = !text.contains('\n') && !ends_in_comment(text);
        self.out.push_str("if {");
        self.condition(text, one_line, indent);
        self.out.push(' ');
        self.spread_block(&choice.then, indent);
        if let Some(otherwise) = &choice.otherwise {
            self.out.push_str(" else ");
            self.spread_block(otherwise, indent);
        }
    }

    fn block(&mut self, block: &Block, indent: usize) {
        let begin = self.out.len();
        if self.flat_block(block, 0).is_some() && self.column() <= WIDTH {
            return;
        }
        self.out.truncate(begin);
        self.spread_block(block, indent);
    }

    fn spread_block(&mut self, block: &Block, indent: usize) {
        self.out.push('{');
        if block.items.is_empty() && !self.notes.has_closing(block.id) {
            self.out.push('}');
            return;
        }
        self.items(&block.items, block.id, indent + 2);
        self.newline(indent);
        self.out.push('}');
    }

    fn flat_block(&mut self, block: &Block, depth: usize) -> Flat {
        if block.items.is_empty() && !self.notes.has_closing(block.id) {
            self.out.push_str("{}");
            return Some(());
        }
        let fits = block.items.len() <= ITEMS_ON_A_LINE && depth < BLOCKS_ON_A_LINE;
        if !fits || self.notes.is_spread(block.id) {
            return None;
        }
        for (at, item) in block.items.iter().enumerate() {
            self.out.push_str(if at == 0 { "{ " } else { ", " });
            self.flat_item(item, depth + 1)?;
            self.room()?;
        }
        self.out.push_str(" }");
        Some(())
    }

    fn flat_item(&mut self, item: &Item, depth: usize) -> Flat {
        if !item.docs.is_empty() || self.notes.has_comment(item.id) {
            return None;
        }
        match &item.kind {
            ItemKind::Entry(entry) => {
                self.place(&entry.place);
                self.out.push_str(match entry.op {
                    Op::Set => ": ",
                    Op::Map => " = ",
                    Op::Append => " += ",
                });
                self.flat_value(&entry.value)?;
                if let Some(default) = &entry.default {
                    self.out.push_str(" = ");
                    self.flat_value(default)?;
                }
                Some(())
            }
            ItemKind::Sentence(sentence) => self.flat_sentence(sentence, depth),
            ItemKind::Choice(choice) => self.flat_choice(choice, depth),
            ItemKind::Broken(_) => None,
        }
    }

    fn flat_sentence(&mut self, sentence: &Sentence, depth: usize) -> Flat {
        self.flat_head(sentence)?;
        if let Some(guard) = &sentence.guard {
            let text = &guard.cel.text;
            if text.contains('\n') || ends_in_comment(text) {
                return None;
            }
            self.out
                .push_str(if guard.when { " when {" } else { " unless {" });
            self.condition(text, true, 0);
        }
        if let Some(block) = &sentence.block {
            self.out.push(' ');
            self.flat_block(block, depth)?;
        }
        self.room()
    }

    fn flat_head(&mut self, sentence: &Sentence) -> Flat {
        self.place(&sentence.word);
        for operand in &sentence.operands {
            self.out.push(' ');
            self.flat_value(operand)?;
        }
        if let Some(annotation) = &sentence.annotation {
            self.out.push_str(before_colon(&sentence.operands));
            self.flat_value(annotation)?;
        }
        if let Some(values) = &sentence.equals {
            self.out.push_str(" =");
            for value in values {
                self.out.push(' ');
                self.flat_value(value)?;
            }
        }
        Some(())
    }

    fn flat_choice(&mut self, choice: &Choice, depth: usize) -> Flat {
        let text = &choice.condition.text;
        if text.contains('\n') || ends_in_comment(text) {
            return None;
        }
        self.out.push_str("if {");
        self.condition(text, true, 0);
        self.out.push(' ');
        self.flat_block(&choice.then, depth)?;
        if let Some(otherwise) = &choice.otherwise {
            self.out.push_str(" else ");
            self.flat_block(otherwise, depth)?;
        }
        self.room()
    }

    /// Gives up on one line as soon as it is too long.
    fn room(&self) -> Flat {
        (self.column() <= WIDTH).then_some(())
    }
}

/// A path would take the colon for a part of itself.
fn before_colon(operands: &[Value]) -> &'static str {
    match operands.last().map(|last| &last.kind) {
        Some(ValueKind::Path(_)) => " : ",
        _ => ": ",
    }
}

/// Whether a brace after a condition would be a part of its last comment.
fn ends_in_comment(cel: &str) -> bool {
    if !cel.contains("//") {
        return false;
    }
    let line = format!("x when {{ {cel} }}");
    !crate::parse(FileId::default(), &line).errors.is_empty()
}

fn columns(text: &str) -> usize {
    text.chars().count()
}
