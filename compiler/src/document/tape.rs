//! Building a document: what both readers push onto, and where the bounds are.

use std::collections::HashMap;

use tollgate_grammar::FileId;

use super::{Document, Entry, Kind, Limits, ReadError, ReadErrorKind, Shape, Store};

/// Builds a tape. Both readers use it, so that the bounds are the same.
pub(super) struct Tape<'l> {
    pub(super) document: Document,
    pub(super) limits: &'l Limits,
    open: Vec<u32>,
    /// Room for the keys of a mapping that ends.
    keys: Vec<u32>,
    /// Nodes so far, aliases counted with what they stand for.
    pub(super) weight: usize,
}

impl<'l> Tape<'l> {
    pub(super) fn new(file: FileId, text: &str, limits: &'l Limits) -> Result<Self, ReadError> {
        let mut tape = Tape {
            document: Document::new(file, ""),
            limits,
            open: Vec::new(),
            keys: Vec::new(),
            weight: 0,
        };
        if text.len() > limits.bytes {
            return Err(tape.limit(0, format!("the text is larger than {} bytes", limits.bytes)));
        }
        tape.document = Document::new(file, text);
        Ok(tape)
    }

    pub(super) fn syntax(&self, start: usize, end: usize, message: impl Into<String>) -> ReadError {
        let span = self.document.span(start as u32, end as u32);
        ReadError {
            kind: ReadErrorKind::Syntax,
            span,
            message: message.into(),
        }
    }

    pub(super) fn limit(&self, at: usize, message: String) -> ReadError {
        let span = self.document.span(at as u32, at as u32);
        ReadError {
            kind: ReadErrorKind::Limit,
            span,
            message,
        }
    }

    pub(super) fn too_deep(&self, at: usize) -> ReadError {
        let depth = self.limits.depth;
        self.limit(at, format!("lists and mappings nest deeper than {depth}"))
    }

    fn count(&mut self, at: usize, nodes: usize) -> Result<(), ReadError> {
        self.weight = self.weight.saturating_add(nodes);
        if self.weight > self.limits.nodes {
            return Err(self.limit(
                at,
                format!("the document has more than {} nodes", self.limits.nodes),
            ));
        }
        Ok(())
    }

    /// A scalar whose text stands in the source at `from..to`.
    pub(super) fn scalar(
        &mut self,
        kind: Kind,
        start: usize,
        end: usize,
        from: usize,
        to: usize,
    ) -> Result<u32, ReadError> {
        self.push(
            start,
            end,
            Shape::Scalar {
                kind,
                store: Store::Source,
                from: from as u32,
                to: to as u32,
            },
        )
    }

    /// A scalar whose text has been put at the end of the side buffer, from `from` on.
    pub(super) fn decoded(
        &mut self,
        kind: Kind,
        start: usize,
        end: usize,
        from: usize,
    ) -> Result<u32, ReadError> {
        let to = self.document.decoded.len() as u32;
        self.push(
            start,
            end,
            Shape::Scalar {
                kind,
                store: Store::Decoded,
                from: from as u32,
                to,
            },
        )
    }

    pub(super) fn alias(
        &mut self,
        start: usize,
        end: usize,
        target: u32,
        weight: usize,
    ) -> Result<u32, ReadError> {
        self.count(start, weight)?;
        self.push(start, end, Shape::Alias(target))
    }

    fn push(&mut self, start: usize, end: usize, shape: Shape) -> Result<u32, ReadError> {
        self.count(start, 1)?;
        let ix = self.document.nodes.len() as u32;
        self.document.nodes.push(Entry {
            start: start as u32,
            end: end as u32,
            shape,
        });
        Ok(ix)
    }

    pub(super) fn enter(&mut self, mapping: bool, start: usize) -> Result<u32, ReadError> {
        if self.open.len() >= self.limits.depth {
            return Err(self.too_deep(start));
        }
        let ix = self.push(
            start,
            start,
            Shape::Container {
                mapping,
                next: 0,
                count: 0,
            },
        )?;
        self.open.push(ix);
        Ok(ix)
    }

    pub(super) fn leave(&mut self, end: usize) {
        let Some(ix) = self.open.pop() else { return };
        let after = self.document.nodes.len() as u32;
        let mut count = 0;
        let mut at = ix + 1;
        let mut keys = std::mem::take(&mut self.keys);
        keys.clear();
        let mapping = matches!(
            self.document.entry(ix).shape,
            Shape::Container { mapping: true, .. }
        );
        while at < after {
            if mapping {
                keys.push(at);
                self.document.merges |= self.document.node(at).is_merge();
                at = self.document.next(at);
            }
            at = self.document.next(at);
            count += 1;
        }
        if let Some(entry) = self.document.nodes.get_mut(ix as usize) {
            entry.end = end as u32;
            entry.shape = Shape::Container {
                mapping,
                next: after,
                count,
            };
        }
        self.find_duplicates(&keys);
        self.keys = keys;
    }

    fn find_duplicates(&mut self, keys: &[u32]) {
        let document = &self.document;
        let text = |ix: u32| document.node(ix).text();
        let mut found = Vec::new();
        if keys.len() <= 16 {
            for (count, later) in keys.iter().enumerate() {
                if let Some(earlier) = keys[..count]
                    .iter()
                    .rev()
                    .find(|earlier| text(**earlier) == text(*later))
                {
                    found.push((*earlier, *later));
                }
            }
        } else {
            let mut seen = HashMap::with_capacity(keys.len());
            for later in keys {
                if let Some(earlier) = seen.insert(text(*later), *later) {
                    found.push((earlier, *later));
                }
            }
        }
        self.document.duplicates.extend(found);
    }

    pub(super) fn finish(mut self) -> Document {
        self.document.tags.sort_by_key(|(ix, _)| *ix);
        self.document.duplicates.sort_unstable();
        self.document
    }
}
