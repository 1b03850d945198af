//! The case runner, and the readers of third-party suites, that hold Tollgate to the reference.
//!
//! A [`Subject`] is anything that takes a deployment and answers requests: the executable
//! specification, the compiled bundle in the runtime, or a gateway behind a URL. [`run`] puts
//! every case below some paths to it. Nothing counts as passed that was not checked: what a
//! subject cannot do is a skip that names the missing feature.
//!
//! What is absent: cases. They are read from where they lie.

pub mod agree;
pub mod aws_view;
mod bytes;
mod case;
mod engines;
mod files;
pub mod generate;
pub mod matching;
pub mod report;
mod run;
mod script;
mod subject;
pub mod subjects;
mod suite;
pub mod velocity;
mod verdict;

pub use case::deployment;
pub use engines::{
    CanonicalForm, CelInput, CelOutput, ConditionClause, Engines, PathOutput, PolicyCaller,
    PolicyDecision, PolicyDocument, PolicyRequest, SignedRequest, TemplateInput, TemplateOutput,
};
pub use run::{Counts, Options, Report, run};
pub use script::{Memory, Scripted};
pub use subject::{Deployment, Exchanged, Script, Subject};
pub use verdict::{Missing, Outcome, Verdict};
