//! Text with holes, in pieces from the first day.

use crate::NodeId;
use crate::integration::Source;

/// Text whose holes are filled at build, per stage, or per request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Text {
    /// The pieces; no two literals in a row; empty for empty text.
    pub pieces: Vec<Piece>,
    /// Where it is written.
    pub node: NodeId,
}

/// A piece of a [`Text`].
#[derive(Clone, Debug, PartialEq)]
pub enum Piece {
    /// Text as it stands.
    Literal(String),
    /// `@{param.NAME}`: known when a bundle is loaded.
    Param(String),
    /// `@{stage.NAME}`: a stage variable; known per stage and canary side. Empty where unset.
    Variable(String),
    /// `@{stage.name}` or a builtin of the account: the name of the stage that serves.
    StageName,
    /// `{name}` in an integration's URI: filled by the path mapping of that name.
    Placeholder(String),
    /// `@{header.x}`: known per request, only where the reference concatenates.
    Request(Source),
}

impl Text {
    /// Text without holes.
    pub fn literal(text: impl Into<String>) -> Text {
        let text = text.into();
        let pieces = if text.is_empty() {
            Vec::new()
        } else {
            vec![Piece::Literal(text)]
        };
        Text {
            pieces,
            node: NodeId::default(),
        }
    }

    /// The text, if it has no hole.
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [] => Some(""),
            [Piece::Literal(text)] => Some(text),
            _ => None,
        }
    }
}
