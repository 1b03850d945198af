//! Walking a document so that nothing of it is lost unseen.
//!
//! A node is *read* when its content was looked at, or *taken* when it was taken as a whole
//! with all that is below it. What is neither, below a node that was read, is what the
//! reader of the document does not know.

use std::cell::RefCell;

use super::{Document, Kind, Node, yaml};

/// What was read of one document.
#[derive(Debug)]
pub struct Reads {
    marks: RefCell<Vec<Mark>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mark {
    Unread,
    Read,
    Taken,
}

impl Reads {
    /// Nothing was read of `document` yet.
    pub fn new(document: &Document) -> Reads {
        Reads {
            marks: RefCell::new(vec![Mark::Unread; document.len()]),
        }
    }

    /// A cursor at the document's root.
    pub fn root<'d>(&'d self, document: &'d Document) -> Cursor<'d> {
        Cursor {
            node: document.root(),
            reads: self,
        }
    }

    fn mark(&self, node: Node<'_>, mark: Mark) {
        let mut marks = self.marks.borrow_mut();
        for ix in [node.at, node.ix] {
            if let Some(old) = marks.get_mut(ix as usize) {
                *old = mark.max(*old);
            }
        }
    }

    fn get(&self, node: Node<'_>) -> Mark {
        let marks = self.marks.borrow();
        // An alias that nobody came to is unread, even if its anchor was read elsewhere.
        marks.get(node.at as usize).copied().unwrap_or(Mark::Unread)
    }

    /// The topmost nodes that were not read, in document order: of a mapping's member its
    /// key and its value, of a list's element the element twice.
    pub fn unread<'d>(&self, document: &'d Document) -> Vec<(Node<'d>, Node<'d>)> {
        let mut found = Vec::new();
        let mut waiting = vec![(document.root(), document.root())];
        while let Some((key, node)) = waiting.pop() {
            match self.get(node) {
                Mark::Unread => found.push((key, node)),
                Mark::Taken => {}
                // What an alias stands for is looked at where its anchor is.
                Mark::Read if node.at != node.ix => {}
                Mark::Read => {
                    let below = waiting.len();
                    match node.kind() {
                        Kind::Mapping => waiting.extend(node.own_members()),
                        Kind::Sequence => {
                            waiting.extend(node.elements().map(|element| (element, element)))
                        }
                        _ => {}
                    }
                    waiting[below..].reverse();
                }
            }
        }
        found
    }
}

/// A place in a document. Cheap to copy.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'d> {
    node: Node<'d>,
    reads: &'d Reads,
}

impl<'d> Cursor<'d> {
    /// The node, not recorded as read.
    pub fn node(self) -> Node<'d> {
        self.node
    }

    /// A cursor at another node of the same document.
    pub fn at(self, node: Node<'d>) -> Cursor<'d> {
        Cursor {
            node,
            reads: self.reads,
        }
    }

    /// What the node is, not recorded as read.
    pub fn kind(self) -> Kind {
        self.node.kind()
    }

    /// The keys from the root, joined with dots.
    pub fn path(self) -> String {
        self.node.document.path(self.node.at)
    }

    /// The member of a mapping; none if there is none or it is null, and of anything else
    /// (which stays unread).
    pub fn get(self, key: &str) -> Option<Cursor<'d>> {
        if self.kind() != Kind::Mapping {
            return None;
        }
        self.reads.mark(self.node, Mark::Read);
        let member = self.node.get(key)?;
        self.take_overridden();
        let member = self.at(member);
        if member.kind() == Kind::Null {
            self.reads.mark(member.node, Mark::Taken);
            return None;
        }
        Some(member)
    }

    /// The members of a mapping; of keys that stand twice, the last.
    pub fn members(self) -> impl Iterator<Item = (Node<'d>, Cursor<'d>)> + use<'d> {
        self.reads.mark(self.node, Mark::Read);
        self.take_overridden();
        let document = self.node.document;
        self.node
            .members()
            .filter(move |(key, _)| !document.is_overridden(key.at))
            .map(move |(key, value)| (key, self.at(value)))
    }

    /// What a later key stands in for is named as a duplicate, not as unread; and what `<<`
    /// merges in is read where it comes to.
    fn take_overridden(self) {
        let document = self.node.document;
        if document.duplicates.is_empty() && !document.merges {
            return;
        }
        for (key, value) in self.node.own_members() {
            if key.is_merge() || document.is_overridden(key.at) {
                self.reads.mark(value, Mark::Taken);
            }
        }
    }

    /// The elements of a sequence.
    pub fn elements(self) -> impl Iterator<Item = Cursor<'d>> + use<'d> {
        self.reads.mark(self.node, Mark::Read);
        self.node.elements().map(move |element| self.at(element))
    }

    /// A scalar's text; none of containers and null.
    pub fn scalar(self) -> Option<&'d str> {
        if matches!(self.kind(), Kind::Mapping | Kind::Sequence | Kind::Null) {
            return None;
        }
        self.reads.mark(self.node, Mark::Taken);
        Some(self.node.text())
    }

    /// A boolean, or a text that says `true` or `false`.
    pub fn boolean(self) -> Option<bool> {
        self.scalar().and_then(yaml::as_bool)
    }

    /// Records the node as read, but nothing below it.
    pub fn touch(self) {
        self.reads.mark(self.node, Mark::Read);
    }

    /// Takes the node with all that is below it.
    pub fn take(self) -> Node<'d> {
        self.reads.mark(self.node, Mark::Taken);
        self.node
    }
}
