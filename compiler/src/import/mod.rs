//! Foreign descriptions of APIs as the gate tree that a person would write.
//!
//! [`openapi`] reads OpenAPI 3.x and Swagger 2.0 with the `x-amazon-apigateway-*` extensions.
//! Formatting the tree is `tollgate import`; compiling it is compiling the document. What each
//! key becomes is the table of `docs/terms.md`; nothing else is ever written.
//!
//! An import never fails: a text that is no document gives an empty tree and the finding that
//! says why. Whatever the tree does not carry is a [`Finding`] that names the property, for
//! the document is read through a cursor that knows what was not read.
//!
//! ```
//! use tollgate_compiler::import::{Options, openapi};
//! use tollgate_grammar::FileId;
//!
//! let imported = openapi(FileId(0), "openapi: 3.0.1\ninfo: {title: Shop, version: '1'}\npaths: {}\n", &Options::default());
//! assert!(imported.findings.is_empty());
//! assert_eq!(imported.tree.items.len(), 1); // rest api Shop { … }
//! ```

mod api;
mod base_path;
mod build;
pub mod corpus;
mod findings;
mod gateway_responses;
mod integration;
mod mapping;
mod method;
mod models;
mod openapi;
mod responses;
mod security;
mod sweep;
mod text;
mod uri;

use tollgate_grammar::ast::{Item, ItemKind, Sentence};
use tollgate_grammar::{FileId, Tree};

pub use findings::{Finding, FindingKind, Severity};

use crate::document::Limits;

/// What an import is told beside the document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// Which kind of API to make; none: an HTTP API where the document uses what only those
    /// have (`payloadFormatVersion: 2.0`, `jwt` authorizers, `x-amazon-apigateway-cors`), else a REST API.
    pub kind: Option<Kind>,
    /// The API's name in the program; none: made from the title.
    pub name: Option<String>,
    /// What the document's base path does.
    pub base_path: BasePath,
    /// How the document meets an API that exists.
    pub mode: Mode,
    /// The endpoint type that a document has which does not say.
    pub endpoint: EndpointType,
    /// The account's region, where it is known: ARNs of this region are then written short.
    pub region: Option<String>,
    /// Bounds on the document.
    pub limits: Limits,
}

/// The kinds of API that OpenAPI can describe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// REST (v1).
    Rest,
    /// HTTP (v2).
    Http,
}

/// The reference's import parameter `basepath`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum BasePath {
    /// Paths stand as they are.
    #[default]
    Ignore,
    /// The base path stands before each path.
    Prepend,
    /// Its first segment, meant as the stage's name, is left out; the rest stands before each path.
    Split,
}

/// The reference's import parameter `mode`, with what the existing API has that a document
/// can add to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mode {
    /// There is no API yet.
    #[default]
    New,
    /// The document adds to the existing API.
    Merge {
        /// Its binary media types.
        binary_media_types: Vec<String>,
    },
    /// The document replaces the existing API.
    Overwrite,
}

/// The reference's import parameter `endpointConfigurationTypes`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum EndpointType {
    /// The reference's default.
    #[default]
    Edge,
    /// In one region.
    Regional,
    /// Only from private networks.
    Private,
}

/// What became of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The program; empty if the text is no document.
    pub tree: Tree,
    /// The stage that the document's base path names, if it is one segment or is split.
    pub stage: Option<String>,
    /// What was not carried over, or was decided; errors first.
    pub findings: Vec<Finding>,
}

impl Imported {
    /// Whether the reference would refuse the document.
    pub fn is_refused(&self) -> bool {
        self.findings
            .iter()
            .any(|finding| finding.severity == Severity::Error)
    }

    /// How many methods and routes the tree has.
    pub fn methods(&self) -> usize {
        let sentences = |items: &[Item]| -> Vec<Sentence> {
            items
                .iter()
                .filter_map(|item| {
                    if let ItemKind::Sentence(sentence) = &item.kind {
                        Some(sentence.clone())
                    } else {
                        None
                    }
                })
                .collect()
        };
        let apis = sentences(&self.tree.items)
            .into_iter()
            .filter_map(|sentence| sentence.block);
        let is_method =
            |word: &str| word == "route" || word.bytes().all(|byte| byte.is_ascii_uppercase());
        apis.map(|block| {
            sentences(&block.items)
                .iter()
                .filter(|sentence| is_method(sentence.word.head()))
                .count()
        })
        .sum()
    }
}

/// Imports OpenAPI 3.x or Swagger 2.0, JSON or YAML.
///
/// Total; O(length) of time and space but for `$ref`s, each of which costs what it stands for.
pub fn openapi(file: FileId, text: &str, options: &Options) -> Imported {
    openapi::import(file, text, options)
}

#[cfg(test)]
mod tests;
