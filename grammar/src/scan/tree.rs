//! Folds the events of the walk into nested items. The walk has matched every bracket,
//! so this cannot fail; its recursion is bounded by [`super::MAX_DEPTH`].

use super::lex::{Event, EventKind};
use super::{Comments, GuardWord, Range, RawBlock, RawGuard, RawItem};

/// What may stand between tokens; what Unicode calls blank beside it is not.
const BLANK: [char; 4] = [' ', '\t', '\r', '\n'];

pub(super) fn fold(text: &str, events: &[Event], damaged: &[Range]) -> (Vec<RawItem>, Comments) {
    Fold {
        text,
        events,
        at: 0,
        damaged,
    }
    .items()
}

struct Fold<'e> {
    text: &'e str,
    events: &'e [Event],
    at: usize,
    damaged: &'e [Range],
}

impl Fold<'_> {
    fn next(&mut self) -> Option<Event> {
        let event = self.events.get(self.at).copied();
        self.at += 1;
        event
    }

    /// The items up to the end of a block or of the file, and the comments after the last.
    fn items(&mut self) -> (Vec<RawItem>, Comments) {
        let mut items: Vec<RawItem> = Vec::new();
        let mut comments: Comments = Vec::new();
        let mut docs = Vec::new();
        while let Some(event) = self.events.get(self.at).copied() {
            match event.kind {
                EventKind::CloseBlock => break,
                EventKind::Blank => {
                    let first = items.is_empty() && comments.is_empty();
                    if docs.is_empty() && !first && comments.last() != Some(&None) {
                        comments.push(None);
                    }
                }
                EventKind::Comment => comments.push(Some(event.at)),
                EventKind::TrailingComment => match items.last_mut() {
                    Some(item) if item.after.is_none() && comments.is_empty() => {
                        item.after = Some(event.at);
                    }
                    _ => comments.push(Some(event.at)),
                },
                EventKind::Doc => docs.push(event.at),
                EventKind::Begin => {
                    self.at += 1;
                    let mut item = self.item(event.at.start);
                    item.docs = std::mem::take(&mut docs);
                    let inside = std::mem::replace(&mut item.before, std::mem::take(&mut comments));
                    item.before.extend(inside);
                    items.push(item);
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
        // documentation of nothing is kept as a comment
        comments.extend(docs.into_iter().map(Some));
        if comments.last() == Some(&None) {
            comments.pop();
        }
        (items, comments)
    }

    fn item(&mut self, start: u32) -> RawItem {
        let mut item = RawItem {
            span: Range::new(start, start),
            docs: Vec::new(),
            before: Vec::new(),
            after: None,
            head: Range::new(start, start),
            guard: None,
            block: None,
            otherwise: None,
            stray: None,
            damaged: false,
        };
        // how far the item's own text is accounted for, and the parts it has by now
        let mut known: Option<u32> = None;
        let mut comment: Option<u32> = None;
        while let Some(event) = self.next() {
            let begins = event.at.start;
            match event.kind {
                EventKind::Comment => {
                    comment.get_or_insert(begins);
                    item.before.extend(item.after.take().map(Some));
                    item.before.push(Some(event.at));
                    continue;
                }
                EventKind::TrailingComment => {
                    comment.get_or_insert(begins);
                    if let Some(earlier) = item.after.replace(event.at) {
                        item.before.push(Some(earlier));
                    }
                    continue;
                }
                EventKind::Blank | EventKind::Doc | EventKind::Begin => continue,
                _ => {}
            }
            match known {
                None => item.head.end = self.head_end(start, begins, comment),
                Some(known) => self.check_gap(&mut item, known, begins),
            }
            known = Some(event.at.end);
            match event.kind {
                EventKind::If | EventKind::When | EventKind::Unless => {
                    let word = match event.kind {
                        EventKind::If => GuardWord::If,
                        EventKind::When => GuardWord::When,
                        _ => GuardWord::Unless,
                    };
                    if item.guard.is_none() && item.block.is_none() {
                        item.guard = Some(RawGuard {
                            word,
                            at: event.at,
                            cel: None,
                        });
                    } else {
                        item.stray.get_or_insert(event.at);
                    }
                }
                EventKind::OpenCel => {
                    let end = match self.events.get(self.at) {
                        Some(close) if close.kind == EventKind::CloseCel => {
                            self.at += 1;
                            known = Some(close.at.end);
                            close.at.start
                        }
                        _ => event.at.end,
                    };
                    let cel = Range::new(event.at.end, end.max(event.at.end));
                    match &mut item.guard {
                        Some(guard) if guard.cel.is_none() => guard.cel = Some(cel),
                        _ => {
                            item.stray.get_or_insert(event.at);
                        }
                    }
                }
                EventKind::OpenBlock => {
                    let block = self.block(event.at.start);
                    known = Some(block.span.end);
                    if let Some((_, otherwise @ None)) = &mut item.otherwise {
                        *otherwise = Some(block);
                    } else if let Some(first) = &mut item.block {
                        // no shape has two blocks; their items are kept all the same
                        item.stray.get_or_insert(event.at);
                        first.absorb(block);
                    } else {
                        item.block = Some(block);
                    }
                }
                EventKind::Else => {
                    if item.block.is_some() && item.otherwise.is_none() {
                        item.otherwise = Some((event.at, None));
                    } else {
                        item.stray.get_or_insert(event.at);
                    }
                }
                _ => {
                    item.span.end = event.at.end.max(start);
                    break;
                }
            }
        }
        item.head.end = self.trim(item.head);
        item.damaged = self.is_damaged(&item);
        item
    }

    /// Where a head ends that is followed by a part at `next`: before the comments between
    /// them, the first of which has its text at `comment`.
    fn head_end(&self, start: u32, next: u32, comment: Option<u32>) -> u32 {
        let comment = comment.filter(|comment| *comment < next);
        let head = Range::new(start, comment.unwrap_or(next)).of(self.text);
        let sign = comment.and_then(|_| head.rfind('#'));
        start + sign.unwrap_or(head.len()) as u32
    }

    fn trim(&self, range: Range) -> u32 {
        range.start + range.of(self.text).trim_end_matches(BLANK).len() as u32
    }

    /// Notes text between two parts of an item. Comments there gave events of their own.
    fn check_gap(&self, item: &mut RawItem, from: u32, to: u32) {
        if from >= to {
            return;
        }
        let mut at = from;
        for line in Range::new(from, to).of(self.text).split_inclusive('\n') {
            let lead = line.len() - line.trim_start().len();
            let code = line.split('#').next().unwrap_or("").trim();
            if !code.is_empty() {
                let start = at + lead as u32;
                let range = Range::new(start, start + code.len() as u32);
                item.stray.get_or_insert(range);
                return;
            }
            at += line.len() as u32;
        }
    }

    fn block(&mut self, start: u32) -> RawBlock {
        let (items, closing) = self.items();
        let end = self.next().map_or(start, |close| close.at.end);
        RawBlock {
            span: Range::new(start, end.max(start)),
            items,
            closing,
        }
    }

    /// Whether an error in the item's own text, its blocks apart, was told already.
    fn is_damaged(&self, item: &RawItem) -> bool {
        if self.damaged.is_empty() {
            return false;
        }
        let touches = |from: u32, to: u32| {
            let next = self.damaged.partition_point(|range| range.start < to);
            // ranges are lines or parts of lines, rarely nested: a few steps back suffice
            self.damaged[..next]
                .iter()
                .rev()
                .take(8)
                .any(|range| range.end > from && range.start < to)
        };
        let mut from = item.span.start;
        let blocks = [
            item.block.as_ref(),
            item.otherwise
                .as_ref()
                .and_then(|(_, block)| block.as_ref()),
        ];
        for block in blocks.into_iter().flatten() {
            if touches(from, block.span.start.max(from + 1)) {
                return true;
            }
            from = block.span.end;
        }
        from < item.span.end && touches(from, item.span.end)
    }
}
