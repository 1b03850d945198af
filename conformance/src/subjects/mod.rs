//! The subjects that come with the runner.

pub(crate) mod bundle;
pub(crate) mod reference;

pub use bundle::Bundle;
pub use reference::Reference;
