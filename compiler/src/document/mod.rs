//! Foreign text as one *spanned document*: JSON and YAML, read once, the same to
//! everything after it.
//!
//! A [`Document`] is a tape: its nodes stand in document order, a container before its
//! content, and each node knows where the next one after it begins. Every node keeps its
//! place in the source; scalars keep their text as written (`1.0` stays `1.0`, a YAML date
//! stays its digits); duplicate keys stay, and are listed; a YAML alias is a node of its own
//! that stands for its anchor's content.
//!
//! [`json`] and [`yaml`] read a text, [`read`] chooses between them. A [`Cursor`] walks the
//! document and records what was read, so that "every property carried over or named" is a
//! set difference: [`Reads::unread`]. [`holes`] finds what other tools fill in (`${…}`,
//! `Fn::Sub`, `!Ref`), and [`mod@write`] prints a node as JSON.
//!
//! What is absent: any knowledge of OpenAPI or CloudFormation.

pub mod cursor;
pub mod holes;
mod indent;
pub mod json;
mod tape;
pub mod write;
pub mod yaml;

use std::collections::HashSet;

use tollgate_grammar::{FileId, Span};

pub use cursor::{Cursor, Reads};

/// Bounds on what is read. A document beyond them is refused with one error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of text.
    pub bytes: usize,
    /// Containers within containers.
    pub depth: usize,
    /// Nodes, with what aliases stand for counted again at each alias.
    pub nodes: usize,
}

impl Default for Limits {
    /// 64 MiB, 200 deep, 16 million nodes: far above the reference's 6 MB.
    fn default() -> Self {
        Limits {
            bytes: 64 << 20,
            depth: 200,
            nodes: 16_000_000,
        }
    }
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`, `~`, or nothing at all.
    Null,
    /// `true`, `false`, and what YAML 1.1 takes for them.
    Bool,
    /// A number; its text is as written.
    Number,
    /// Text.
    String,
    /// A list.
    Sequence,
    /// Keys and values.
    Mapping,
}

/// Where a scalar's text is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Store {
    /// In the source, verbatim.
    Source,
    /// In the side buffer: escapes, folds and indents were resolved.
    Decoded,
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    Scalar {
        kind: Kind,
        store: Store,
        from: u32,
        to: u32,
    },
    Container {
        mapping: bool,
        next: u32,
        count: u32,
    },
    /// Stands for the node with this number.
    Alias(u32),
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    start: u32,
    end: u32,
    shape: Shape,
}

/// A read document.
#[derive(Debug)]
pub struct Document {
    file: FileId,
    text: String,
    decoded: String,
    nodes: Vec<Entry>,
    tags: Vec<(u32, String)>,
    duplicates: Vec<(u32, u32)>,
    /// Whether any mapping has the key `<<`.
    merges: bool,
}

/// Why a text is not a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadError {
    /// Which kind of failure.
    pub kind: ReadErrorKind,
    /// Where reading stopped.
    pub span: Span,
    /// Lower case, no full stop, the user's text in backticks.
    pub message: String,
}

/// The ways in which reading fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ReadErrorKind {
    /// Not JSON, or not YAML.
    Syntax,
    /// A bound of [`Limits`].
    Limit,
}

/// Reads a text: as JSON if it begins like an object or a list, else as YAML. A text that
/// begins like JSON and is none is tried as YAML (which knows trailing commas and comments);
/// where both fail, the JSON error is the one that helps.
///
/// # Errors
///
/// One [`ReadError`], with the place at which reading stopped. O(length) of time and space.
pub fn read(file: FileId, text: &str, limits: &Limits) -> Result<Document, ReadError> {
    let begins = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    if !begins.starts_with(['{', '[']) {
        return yaml::read(file, text, limits);
    }
    json::read(file, text, limits).or_else(|error| match error.kind {
        ReadErrorKind::Limit => Err(error),
        ReadErrorKind::Syntax => yaml::read(file, text, limits).map_err(|_| error),
    })
}

impl Document {
    fn new(file: FileId, text: &str) -> Document {
        Document {
            file,
            text: text.to_owned(),
            decoded: String::new(),
            nodes: Vec::with_capacity(text.len() / 12),
            tags: Vec::new(),
            duplicates: Vec::new(),
            merges: false,
        }
    }

    /// The source.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// The source's text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The outermost node.
    pub fn root(&self) -> Node<'_> {
        self.node(0)
    }

    /// How many nodes there are; at least one.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there is no node; never, of a document that was read.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// The keys that stand twice in one mapping: the earlier, then the later one. Of such a
    /// pair the later one counts.
    pub fn duplicates(&self) -> impl Iterator<Item = (Node<'_>, Node<'_>)> {
        self.duplicates
            .iter()
            .map(|(first, second)| (self.node(*first), self.node(*second)))
    }

    /// Every node that is not an alias, in document order.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        (0..self.nodes.len() as u32)
            .filter(|ix| !matches!(self.nodes[*ix as usize].shape, Shape::Alias(_)))
            .map(|ix| self.node(ix))
    }

    fn node(&self, at: u32) -> Node<'_> {
        // An alias never stands for another alias: anchors are resolved as they are read.
        let ix = match self.nodes.get(at as usize).map(|entry| entry.shape) {
            Some(Shape::Alias(target)) => target,
            _ => at,
        };
        Node {
            document: self,
            at,
            ix,
        }
    }

    /// Whether a later key of the same mapping stands in for this one.
    fn is_overridden(&self, key: u32) -> bool {
        self.duplicates
            .binary_search_by_key(&key, |(first, _)| *first)
            .is_ok()
    }

    fn entry(&self, ix: u32) -> Entry {
        self.nodes.get(ix as usize).copied().unwrap_or(Entry {
            start: 0,
            end: 0,
            shape: Shape::Scalar {
                kind: Kind::Null,
                store: Store::Source,
                from: 0,
                to: 0,
            },
        })
    }

    /// The number of the node after `at` and all its content.
    fn next(&self, at: u32) -> u32 {
        match self.entry(at).shape {
            Shape::Container { next, .. } => next,
            _ => at + 1,
        }
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span::new(self.file, start, end)
    }

    /// The keys from the root to the node `at`, as `paths./pets.get`.
    fn path(&self, at: u32) -> String {
        let mut path = String::new();
        let mut here = 0;
        while here != at {
            let Shape::Container { mapping, next, .. } = self.entry(here).shape else {
                break;
            };
            let mut child = here + 1;
            let mut index = 0;
            let mut inside = None;
            while child < next {
                let value = if mapping { self.next(child) } else { child };
                let after = self.next(value);
                if (child..after).contains(&at) {
                    let key = if mapping {
                        self.node(child).text().to_owned()
                    } else {
                        index.to_string()
                    };
                    inside = Some((key, if at == child { at } else { value }));
                    break;
                }
                child = after;
                index += 1;
            }
            let Some((key, value)) = inside else { break };
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&key);
            here = value;
        }
        path
    }
}

/// A node of a [`Document`]. Cheap to copy. A YAML alias has its own place and its anchor's
/// content.
#[derive(Clone, Copy, Debug)]
pub struct Node<'d> {
    document: &'d Document,
    /// The node itself, an alias if it is one.
    at: u32,
    /// What holds its content.
    ix: u32,
}

impl<'d> Node<'d> {
    /// What it is.
    pub fn kind(self) -> Kind {
        match self.document.entry(self.ix).shape {
            Shape::Scalar { kind, .. } => kind,
            Shape::Container { mapping: true, .. } => Kind::Mapping,
            Shape::Container { mapping: false, .. } => Kind::Sequence,
            Shape::Alias(_) => Kind::Null,
        }
    }

    /// Its place.
    pub fn span(self) -> Span {
        let entry = self.document.entry(self.at);
        self.document.span(entry.start, entry.end)
    }

    /// A scalar's text: of a string its value, else as written. Empty for containers.
    pub fn text(self) -> &'d str {
        match self.document.entry(self.ix).shape {
            Shape::Scalar {
                store, from, to, ..
            } => {
                let text = match store {
                    Store::Source => &self.document.text,
                    Store::Decoded => &self.document.decoded,
                };
                text.get(from as usize..to as usize).unwrap_or_default()
            }
            _ => "",
        }
    }

    /// Whether [`Node::text`] stands so in the source, and where.
    pub fn verbatim(self) -> Option<Span> {
        match self.document.entry(self.ix).shape {
            Shape::Scalar {
                store: Store::Source,
                from,
                to,
                ..
            } => Some(self.document.span(from, to)),
            _ => None,
        }
    }

    /// The keys from the root to it, joined with dots.
    pub fn path(self) -> String {
        self.document.path(self.at)
    }

    /// The YAML tag, if it is not one of the language's own: `!Sub`.
    pub fn tag(self) -> Option<&'d str> {
        let tags = &self.document.tags;
        let found = tags.binary_search_by_key(&self.ix, |(ix, _)| *ix).ok()?;
        tags.get(found).map(|(_, tag)| tag.as_str())
    }

    /// Whether it is a container without content.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// How many elements or members it has; 0 for scalars.
    pub fn len(self) -> usize {
        match self.document.entry(self.ix).shape {
            Shape::Container { count, .. } => count as usize,
            _ => 0,
        }
    }

    /// The elements of a sequence; none of anything else.
    pub fn elements(self) -> impl Iterator<Item = Node<'d>> + use<'d> {
        let document = self.document;
        let (mut at, end) = match document.entry(self.ix).shape {
            Shape::Container {
                mapping: false,
                next,
                ..
            } => (self.ix + 1, next),
            _ => (0, 0),
        };
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let element = document.node(at);
                at = document.next(at);
                element
            })
        })
    }

    /// The members of a mapping as key and value, in document order, duplicates included;
    /// then those of the mappings that YAML's `<<` merges in and that are not overridden.
    pub fn members(self) -> impl Iterator<Item = (Node<'d>, Node<'d>)> + use<'d> {
        let merging = self.document.merges && self.own_members().any(|(key, _)| key.is_merge());
        let merged = if merging {
            self.merged_members()
        } else {
            Vec::new()
        };
        self.own_members()
            .filter(move |(key, value)| !(merging && key.is_merge() && !merges(*value).is_empty()))
            .chain(merged)
    }

    /// What `<<` brings; rare, so gathered at once.
    fn merged_members(self) -> Vec<(Node<'d>, Node<'d>)> {
        let mut seen: HashSet<&str> = self.own_members().map(|(key, _)| key.text()).collect();
        let mut found = Vec::new();
        for (key, value) in self.own_members() {
            if key.is_merge() {
                let members = merges(value)
                    .into_iter()
                    .flat_map(|mapping| mapping.members().collect::<Vec<_>>());
                found.extend(members.filter(|(key, _)| seen.insert(key.text())));
            }
        }
        found
    }

    /// The value of a key; the last one, if the key stands twice.
    pub fn get(self, key: &str) -> Option<Node<'d>> {
        let mut found = None;
        for (name, value) in self.own_members() {
            if name.text() == key {
                found = Some(value);
            }
        }
        if found.is_some() || !self.document.merges {
            return found;
        }
        let merging = self.own_members().filter(|(name, _)| name.is_merge());
        merging
            .flat_map(|(_, value)| merges(value))
            .find_map(|mapping| mapping.get(key))
    }

    /// A plain `<<` key, not a quoted one.
    fn is_merge(self) -> bool {
        let entry = self.document.entry(self.at);
        entry.end.saturating_sub(entry.start) == 2 && self.text() == "<<"
    }

    fn own_members(self) -> impl Iterator<Item = (Node<'d>, Node<'d>)> + use<'d> {
        let document = self.document;
        let (mut at, end) = match document.entry(self.ix).shape {
            Shape::Container {
                mapping: true,
                next,
                ..
            } => (self.ix + 1, next),
            _ => (0, 0),
        };
        std::iter::from_fn(move || {
            (at < end).then(|| {
                let key = document.node(at);
                let value = document.node(document.next(at));
                at = document.next(value.at);
                (key, value)
            })
        })
    }
}

/// The mappings that the value of a `<<` merges in.
fn merges(value: Node<'_>) -> Vec<Node<'_>> {
    match value.kind() {
        Kind::Mapping => vec![value],
        Kind::Sequence => value
            .elements()
            .filter(|element| element.kind() == Kind::Mapping)
            .collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests;
