//! Sources as values, and the table that says where a node stands.
//!
//! The compiler reads nothing by itself: a host hands it [`Source`]s, and a
//! [`SourceProvider`] for the files that a program names (`use`, `schema(file("…"))`).

use std::collections::BTreeMap;
use std::sync::OnceLock;

use tollgate_grammar::{FileId, LineColumn, Lines, NodeId, Origins, Span};
use tollgate_model::Places;

/// One text of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// How people call it: `orders.gate`, `api/orders.gate`. With `/`, relative to the project.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it is.
    pub kind: SourceKind,
}

impl Source {
    /// A source whose kind follows from its name.
    pub fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        let name = name.into();
        Source {
            kind: SourceKind::of(&name),
            name,
            bytes: bytes.into(),
        }
    }
}

/// What a source is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SourceKind {
    /// Gate.
    Gate,
    /// An OpenAPI or Swagger document, JSON or YAML.
    OpenApi,
    /// A text that a program names: a schema, a policy, a template.
    Data,
}

impl SourceKind {
    /// The kind that a name tells: `.gate` is gate, `.json`, `.yaml` and `.yml` are OpenAPI.
    pub fn of(name: &str) -> SourceKind {
        match name.rsplit_once('.').map(|(_, ext)| ext) {
            Some("json" | "yaml" | "yml") => SourceKind::OpenApi,
            Some("gate") => SourceKind::Gate,
            _ => SourceKind::Data,
        }
    }
}

/// Gives the files that a program names. Implemented by the host; a map of names to
/// bytes is one.
pub trait SourceProvider: Sync {
    /// The bytes of a file, by the name that [`join`] made of it; none if there is no such file.
    fn read(&self, name: &str) -> Option<Vec<u8>>;
}

impl SourceProvider for BTreeMap<String, Vec<u8>> {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.get(name).cloned()
    }
}

/// Gives nothing.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl SourceProvider for NoFiles {
    fn read(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
}

/// The name of a file that the source `from` names: relative to its folder, `.` and `..`
/// resolved. None for an absolute name and for one that leaves the project.
pub fn join(from: &str, name: &str) -> Option<String> {
    if name.starts_with('/') || name.contains('\\') || name.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in name.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}

/// All texts of a program, numbered, with the origins of their nodes.
#[derive(Debug, Default)]
pub struct SourceMap {
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    name: String,
    text: String,
    lines: OnceLock<Lines>,
    origins: Origins,
}

impl SourceMap {
    /// Adds a text and numbers it. Bytes that are no UTF-8 are replaced for display.
    pub(crate) fn add(&mut self, name: &str, bytes: &[u8]) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(File {
            name: name.to_owned(),
            // Nearly all are UTF-8, which is told faster than it is mended.
            text: match std::str::from_utf8(bytes) {
                Ok(text) => text.to_owned(),
                Err(_) => String::from_utf8_lossy(bytes).into_owned(),
            },
            lines: OnceLock::new(),
            origins: Origins::default(),
        });
        id
    }

    /// Keeps where the nodes of a tree stand.
    pub(crate) fn set_origins(&mut self, file: FileId, origins: Origins) {
        if let Some(file) = self.files.get_mut(file.0 as usize) {
            file.origins = origins;
        }
    }

    fn file(&self, file: FileId) -> Option<&File> {
        self.files.get(file.0 as usize)
    }

    /// The numbers of all texts.
    pub fn files(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.files.len() as u32).map(FileId)
    }

    /// A text.
    pub fn text(&self, file: FileId) -> &str {
        self.file(file).map_or("", |file| &file.text)
    }

    /// The text of a span.
    pub fn slice(&self, span: Span) -> &str {
        self.text(span.file)
            .get(span.start as usize..span.end as usize)
            .unwrap_or("")
    }

    /// Line and column of a byte of a text.
    pub fn line_column(&self, file: FileId, offset: u32) -> LineColumn {
        match self.file(file) {
            Some(file) => file
                .lines
                .get_or_init(|| Lines::new(&file.text))
                .at(&file.text, offset),
            None => LineColumn { line: 1, column: 1 },
        }
    }

    /// All places of a node, the first one first.
    pub fn spans(&self, node: NodeId) -> Vec<Span> {
        self.file(node.file)
            .map(|file| file.origins.spans(node.index).collect())
            .unwrap_or_default()
    }
}

impl Places for SourceMap {
    fn span(&self, node: NodeId) -> Option<Span> {
        self.file(node.file)?.origins.span(node.index)
    }

    fn file_line(&self, node: NodeId) -> String {
        match self.span(node) {
            Some(span) => format!(
                "{}:{}",
                self.name(span.file),
                self.line_column(span.file, span.start).line
            ),
            None => self.name(node.file).to_owned(),
        }
    }

    fn name(&self, file: FileId) -> &str {
        self.file(file).map_or("", |file| &file.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_resolved_within_the_project() {
        for (from, name, expected) in [
            ("orders.gate", "line.json", Some("line.json")),
            ("api/orders.gate", "./line.json", Some("api/line.json")),
            (
                "api/orders.gate",
                "../models/line.json",
                Some("models/line.json"),
            ),
            ("orders.gate", "../secret", None),
            ("orders.gate", "/etc/passwd", None),
            ("orders.gate", "c:\\x", None),
            ("orders.gate", ".", None),
        ] {
            assert_eq!(join(from, name).as_deref(), expected, "{from} + {name}");
        }
    }

    #[test]
    fn a_place_is_printed_as_file_and_line() {
        let mut map = SourceMap::default();
        let file = map.add("a.gate", b"one\ntwo\n");
        let mut origins = Origins::default();
        let index = origins.push(Span::new(file, 4, 7));
        map.set_origins(file, origins);
        assert_eq!(map.file_line(NodeId { file, index }), "a.gate:2");
        assert_eq!(map.slice(Span::new(file, 4, 7)), "two");
    }
}
