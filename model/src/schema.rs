//! Models of bodies.

use crate::NodeId;

/// A model that the program declares.
#[derive(Clone, Debug, PartialEq)]
pub struct Model {
    /// Its name: letters and digits.
    pub name: String,
    /// The description.
    pub doc: String,
    /// The media type that it is for.
    pub content_type: String,
    /// JSON Schema, draft 4, as JSON text; the native syntax has been written as such.
    /// `$ref`s to other models read `#/models/NAME`.
    pub schema: String,
    /// Where it is declared.
    pub node: NodeId,
}
