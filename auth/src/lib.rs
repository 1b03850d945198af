//! Signatures, tokens and keys, sans-IO.

mod encoding;
mod json;
pub mod jwks;
pub mod jws;
pub mod jwt;
pub mod mtls;
mod secret;
pub mod sigv4;
mod time;

pub use secret::Secret;
