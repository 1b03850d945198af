//! Comments and blank lines inside brackets. The scanner finds those between items.

use super::item::Builder;
use crate::ast::Ix;
use crate::scan::{Comments, Range};

impl Builder<'_> {
    /// Comments before a node, or before the end of one.
    pub(super) fn comments(&self, comments: &Comments) -> Vec<Option<String>> {
        comments
            .iter()
            .map(|comment| comment.map(|range| range.of(self.text).to_owned()))
            .collect()
    }

    /// Keeps the comments before the closing bracket of `node`.
    pub(crate) fn closing(&mut self, node: Ix, comments: &Comments) {
        if !comments.is_empty() {
            let comments = self.comments(comments);
            self.trivia.closing.push((node, comments));
        }
    }

    /// Notes that a node with brackets stood over several lines. Returns whether it did.
    pub(super) fn note_lines(&mut self, node: Ix, range: Range) -> bool {
        let several = range.of(self.text).contains('\n');
        if several {
            self.trivia.multiline.push(node);
        }
        several
    }

    /// Keeps the comments between two elements: at the end of the line of the one, or on
    /// lines before the other; those after the last are the closing ones of `around`.
    pub(super) fn between(
        &mut self,
        gap: Range,
        before: Option<Ix>,
        after: Option<Ix>,
        around: Ix,
    ) {
        let text = gap.of(self.text);
        let has_comment = text.contains('#');
        if !has_comment && text.bytes().filter(|byte| *byte == b'\n').count() < 2 {
            return;
        }
        let mut lines: Vec<Option<String>> = Vec::new();
        let mut segments = text.split('\n').peekable();
        let mut first = true;
        while let Some(segment) = segments.next() {
            let comment = segment.split_once('#').map(|(_, comment)| {
                let comment = comment.strip_prefix(' ').unwrap_or(comment);
                comment.trim_end().to_owned()
            });
            match comment {
                Some(comment) => match before.filter(|_| first) {
                    Some(element) => self.trivia.after.push((element, comment)),
                    None => lines.push(Some(comment)),
                },
                None => {
                    let blank = !first && segments.peek().is_some() && segment.trim().is_empty();
                    let begins = lines.is_empty() && before.is_none();
                    if blank && !begins && lines.last() != Some(&None) {
                        lines.push(None);
                    }
                }
            }
            first = false;
        }
        match after {
            Some(element) if !lines.is_empty() => self.trivia.before.push((element, lines)),
            Some(_) => {}
            None => {
                if lines.last() == Some(&None) {
                    lines.pop();
                }
                if !lines.is_empty() {
                    self.trivia.closing.push((around, lines));
                }
            }
        }
    }

    /// Keeps comments at a place where none can be printed: they go before the item.
    pub(super) fn hoist(&mut self, gap: Range) {
        let text = gap.of(self.text);
        for line in text.split('\n') {
            if let Some((_, comment)) = line.split_once('#') {
                let comment = comment.strip_prefix(' ').unwrap_or(comment);
                self.hoisted.push(Some(comment.trim_end().to_owned()));
            }
        }
    }
}
