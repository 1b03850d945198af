//! The comments and blank lines of a tree, by node.

use std::collections::{HashMap, HashSet};

use super::Printer;
use crate::ast::{Ix, Tree};

pub(super) struct Notes<'t> {
    before: HashMap<Ix, Vec<&'t Option<String>>>,
    after: HashMap<Ix, Vec<&'t str>>,
    closing: HashMap<Ix, Vec<&'t Option<String>>>,
    spread: HashSet<Ix>,
    /// The tree says nothing of blank lines: they are put where items of several lines meet.
    pub(super) airy: bool,
    pub(super) last_was_spread: bool,
}

impl<'t> Notes<'t> {
    pub(super) fn new(tree: &'t Tree) -> Self {
        let trivia = &tree.trivia;
        let mut notes = Notes {
            before: HashMap::new(),
            after: HashMap::new(),
            closing: HashMap::new(),
            spread: trivia.multiline.iter().copied().collect(),
            airy: trivia.multiline.is_empty()
                && trivia
                    .before
                    .iter()
                    .all(|(_, lines)| !lines.contains(&None)),
            last_was_spread: false,
        };
        for (node, lines) in &trivia.before {
            notes.before.entry(*node).or_default().extend(lines);
        }
        for (node, line) in &trivia.after {
            notes.after.entry(*node).or_default().push(line);
        }
        for (node, lines) in &trivia.closing {
            notes.closing.entry(*node).or_default().extend(lines);
        }
        notes
    }

    /// Whether a node with brackets cannot be on one line.
    pub(super) fn is_spread(&self, node: Ix) -> bool {
        self.spread.contains(&node) || self.has_closing(node)
    }

    pub(super) fn has_closing(&self, node: Ix) -> bool {
        self.closing.contains_key(&node)
    }

    /// Whether a node needs lines of its own.
    pub(super) fn has_comment(&self, node: Ix) -> bool {
        self.after.contains_key(&node)
            || self
                .before
                .get(&node)
                .is_some_and(|lines| lines.iter().any(|line| line.is_some()))
    }
}

impl Printer<'_> {
    /// What stands before a node, on a line that has begun; leaves the line begun.
    pub(super) fn comments_before(&mut self, node: Ix, indent: usize, first: bool) {
        let lines = self.notes.before.get(&node).cloned().unwrap_or_default();
        let mut may_be_blank = !first;
        for line in lines {
            match line {
                Some(comment) => {
                    self.comment(comment, indent);
                    self.newline(indent);
                    may_be_blank = true;
                }
                None if may_be_blank => {
                    self.blank_line(indent);
                    may_be_blank = false;
                }
                None => {}
            }
        }
    }

    /// An empty line above the line that has begun.
    fn blank_line(&mut self, indent: usize) {
        self.out.truncate(self.line);
        self.newline(indent);
    }

    pub(super) fn comment_after(&mut self, node: Ix) {
        if let Some(comments) = self.notes.after.get(&node) {
            let comment = comments.join(" ").replace('\n', " ");
            self.out.push_str("  #");
            self.words(comment.trim_end());
        }
    }

    /// The comments before the end of a block, list or file.
    pub(super) fn closing_comments(&mut self, node: Ix, indent: usize, alone: bool) {
        let lines = self.notes.closing.get(&node).cloned().unwrap_or_default();
        let mut blank = false;
        let mut first = alone;
        for line in lines {
            let Some(comment) = line else {
                blank = !first;
                continue;
            };
            if blank {
                self.out.push('\n');
            }
            if !(first && node == Ix::MAX) {
                self.newline(indent);
            }
            self.comment(comment, indent);
            blank = false;
            first = false;
        }
    }

    fn comment(&mut self, comment: &str, indent: usize) {
        for (at, line) in comment.split('\n').enumerate() {
            if at > 0 {
                self.newline(indent);
            }
            self.out.push('#');
            self.words(line);
        }
    }

    /// The words of a comment or of documentation after its sign.
    pub(super) fn words(&mut self, words: &str) {
        let words = words.trim_end();
        let sign = words.starts_with(['#', '!']) && self.out.ends_with('#');
        if !words.is_empty() && !sign {
            self.out.push(' ');
        }
        self.out.push_str(words);
    }
}
