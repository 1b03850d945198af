//! What a host says about a program beside its sources: parameters, and which findings
//! are known and accepted. No I/O: the command reads the files.

mod allow;
mod baseline;

use std::collections::BTreeMap;

pub use allow::Allowed;
pub(crate) use allow::apply as apply_allows;
pub(crate) use baseline::apply as apply_baseline;
pub use baseline::baseline;

use crate::source::Source;

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
    /// Findings that may stay, see [`baseline`].
    pub baseline: Option<Source>,
}
