//! The subjects that come with the runner.

pub(crate) mod bundle;
pub(crate) mod reference;
pub mod target;

pub use bundle::Bundle;
pub use reference::Reference;
pub use target::Target;

#[cfg(test)]
mod tests;
