//! Where things stand: source texts, spans, and the origins of nodes.

/// One source text of a program, gate or foreign. The compiler numbers them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(pub u32);

/// A half-open byte range of one source text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The text.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// The range `start..end` of `file`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Span { file, start, end }
    }

    /// The smallest span that holds both; of the first file, where they differ.
    pub fn to(self, other: Span) -> Span {
        if self.file != other.file {
            return self;
        }
        Span {
            file: self.file,
            start: self.start.min(other.start),
            end: self.end.max(other.end),
        }
    }
}

/// A node of a tree: the tree it belongs to (named by its main source) and its number there.
///
/// Numbers are given in document order, parents before children, when a file has been
/// parsed or imported. Everything later (model, diagnostics, debug image) refers to
/// nodes, never to text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct NodeId {
    /// The tree.
    pub file: FileId,
    /// The node's number in the tree.
    pub index: u32,
}

/// Where the nodes of one tree came from. A parsed node has one place; an imported
/// node may have several (where a `$ref` or an `Fn::Sub` joined texts), or, when the
/// importer made it up, the place of what made it necessary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origins {
    first: Vec<Span>,
    more: Vec<(u32, Span)>,
}

impl Origins {
    /// Adds a node with its first place, and returns its number.
    pub fn push(&mut self, span: Span) -> u32 {
        self.first.push(span);
        (self.first.len() - 1) as u32
    }

    /// Adds another place to a node.
    pub fn also(&mut self, index: u32, span: Span) {
        self.more.push((index, span));
    }

    /// Adds all nodes of a part that was numbered from 0.
    pub(crate) fn append(&mut self, part: Origins) {
        let by = self.first.len() as u32;
        self.first.extend(part.first);
        self.more.extend(
            part.more
                .into_iter()
                .map(|(index, span)| (index + by, span)),
        );
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.first.len()
    }

    /// Whether there is no node.
    pub fn is_empty(&self) -> bool {
        self.first.is_empty()
    }

    /// The first place of a node.
    pub fn span(&self, index: u32) -> Option<Span> {
        self.first.get(index as usize).copied()
    }

    /// All places of a node, the first one first.
    pub fn spans(&self, index: u32) -> impl Iterator<Item = Span> + '_ {
        let rest = self
            .more
            .iter()
            .filter(move |(at, _)| *at == index)
            .map(|(_, span)| *span);
        self.span(index).into_iter().chain(rest)
    }
}

/// Converts byte offsets to lines and columns.
#[derive(Clone, Debug)]
pub struct Lines {
    starts: Vec<u32>,
}

/// A place as a person counts: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

impl Lines {
    /// Indexes `text`. O(length).
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(
            text.bytes()
                .enumerate()
                .filter(|(_, byte)| *byte == b'\n')
                .map(|(at, _)| at as u32 + 1),
        );
        Lines { starts }
    }

    /// The line and column of a byte offset of the text that was indexed. O(log lines + line).
    pub fn at(&self, text: &str, offset: u32) -> LineColumn {
        let line = self
            .starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1);
        let start = self.starts[line] as usize;
        let end = (offset as usize).min(text.len());
        let column = text
            .get(start..end)
            .map_or(end.saturating_sub(start), |head| head.chars().count());
        LineColumn {
            line: line as u32 + 1,
            column: column as u32 + 1,
        }
    }
}

/// Something that could not be read. The compiler gives it its code and its page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SyntaxError {
    /// Which mistake it is.
    pub kind: SyntaxErrorKind,
    /// Where it is.
    pub span: Span,
    /// What a person is told: lower case, no full stop, user's text in backticks.
    pub message: String,
    /// Another place that belongs to it (the line where a brace opened), and what to say there.
    pub also: Option<(Span, String)>,
    /// What to do.
    pub help: Option<String>,
}

/// The mistakes that reading can find. Each has one diagnostic code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SyntaxErrorKind {
    /// The text is not UTF-8.
    NotUtf8,
    /// Brackets nest deeper than the limit.
    TooDeep,
    /// The text is larger than the limit.
    TooLarge,
    /// A `{`, `[` or `(` is never closed.
    UnclosedBracket,
    /// A `}`, `]` or `)` closes nothing, or closes another kind of bracket.
    StrayBracket,
    /// A string is not closed on its line, or a fence not at all.
    UnclosedString,
    /// An escape that strings do not know.
    BadEscape,
    /// An `@{` without its `}`, or with something else than a place in it.
    BadHole,
    /// An item that is none of the shapes.
    BadItem,
}
