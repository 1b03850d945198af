//! Tree to model to IR to bundle; importers and exporters.

pub mod document;
pub mod import;
