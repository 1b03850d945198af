//! The subjects that come with the runner.

mod bundle;
mod reference;

pub use bundle::Bundle;
pub use reference::Reference;
