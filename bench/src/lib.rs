//! What the benches share: the work itself, and the limit that straight Rust sets.

pub mod parse;
pub mod policy;
pub mod route;
pub mod decision;
pub mod tollgate;
