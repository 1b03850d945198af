//! What a host says about a program beside its sources: parameters, and which findings
//! are known and accepted. No I/O: the command reads the files.

use std::collections::BTreeMap;

/// How a program is checked.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Options {
    /// Values of parameters, by name.
    pub params: BTreeMap<String, String>,
    /// Whether API keys may stand in the program in clear: only in recorded cases, whose
    /// keys are no secrets.
    pub clear_secrets: bool,
    /// How OpenAPI documents are read.
    pub import: crate::import::Options,
}
