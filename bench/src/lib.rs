//! What the benches share: the work itself, and the limit that straight Rust sets.

pub mod allocations;
pub mod decision;
pub mod jsonpath;
pub mod model;
pub mod parse;
pub mod policy;
pub mod rounds;
pub mod route;
pub mod statements;
pub mod template;
pub mod tollgate;
