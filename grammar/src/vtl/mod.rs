//! Mapping templates: the Velocity Template Language, read as Velocity 1.7 reads it.
//!
//! [`parse`] gives the tree of a template, or every mistake in it. The dialect is that of
//! API Gateway, so `#macro`, `#parse`, `#include` and `#evaluate` are mistakes. Blanks
//! matter: a directive eats the newline behind it, `#set` also the blanks before it where
//! no text stands between, and everything else is printed. The tree holds what is left.
//!
//! ```
//! use tollgate_grammar::vtl::{self, Node};
//!
//! let template = vtl::parse("{\"id\": \"$input.params('id')\"}").unwrap();
//! assert_eq!(template.block.nodes.len(), 3);
//! assert!(matches!(&template.block.nodes[1], Node::Print { reference, .. } if reference.name.text == "input"));
//!
//! let errors = vtl::parse("#if($x) open").unwrap_err();
//! assert_eq!(errors[0].message, "`#if` has no `#end`");
//! ```

mod ast;
mod error;
mod expr;
mod quoted;
#[cfg(test)]
mod tests;
mod tree;

pub use ast::{Access, Block, Expr, ExprKind, Name, Node, Operator, Reference, Template, VtlSpan};
pub use error::{VtlError, VtlErrorKind};

/// How deep blocks, strings and brackets may nest, counted together.
pub const MAX_DEPTH: usize = 100;

/// The largest template in bytes: 300 KB, the reference's limit.
pub const MAX_BYTES: usize = 300 * 1024;

/// Reads a template.
///
/// Spans are byte ranges of `text`, also inside strings. Time and memory are linear in
/// the length for anything a person would write.
///
/// # Errors
///
/// All mistakes found, in document order, at most 20.
pub fn parse(text: &str) -> Result<Template, Vec<VtlError>> {
    tree::template(text)
}

/// The parser that pest derives from `vtl.pest`.
#[allow(missing_docs)]
mod rules {
    #[derive(pest_derive::Parser)]
    #[grammar = "vtl/vtl.pest"]
    pub(super) struct Rules;
}
