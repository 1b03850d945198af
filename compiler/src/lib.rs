//! Tree to model to IR to bundle; importers and exporters.

pub mod arn;
mod build;
pub mod cel;
mod check;
mod cover;
pub mod diagnostic;
pub mod document;
pub mod emit;
pub mod identity_policy;
pub mod import;
mod ir;
mod lint;
mod lower;
mod optimize;
pub mod project;
pub mod report;
mod route_language;
pub mod schema;
mod session;
pub mod source;
pub mod template;
pub mod words;

pub use build::{Built, build};
pub use diagnostic::{Diagnostic, Severity};
pub use lower::Unsupported;
pub use project::Options;
pub use session::{Checked, check, check_text};
pub use source::{Source, SourceKind, SourceMap, SourceProvider};

/// The newest edition of the language.
pub const EDITION: &str = "2026";

/// The newest dated behaviour of the reference that programs may ask for.
pub const BEHAVIOUR: &str = "2026-11";
