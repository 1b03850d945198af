//! The subjects that come with the runner.

mod reference;

pub use reference::Reference;
