//! Statements of a long policy with what each is filed under.

use tollgate_runtime::policy::Ranges;

use super::{Condition, Load};

/// Statements, of which a request asks those alone that it may fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Indexed {
    /// In the order in which they are asked.
    pub(crate) statements: Vec<Filed>,
    /// What texts are looked up by, in the order of their keys.
    pub(crate) loads: Vec<Load>,
}

/// A statement of an index.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Filed {
    /// One of these holds where the statement's condition does not fail to hold; `None`: nobody knows.
    pub(crate) under: Option<Vec<Key>>,
    pub(crate) condition: Condition,
    pub(crate) effect: Effect,
    /// The statement's id.
    pub(crate) id: u32,
}

/// What a statement does to a request that it fits. In the order in which statements are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Effect {
    Deny,
    Allow,
    /// Lets the caller's account decide.
    Delegate,
}

/// What a statement is filed under.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// A whole segment of `STAGE/VERB/PATH`.
    Segment(String),
    /// A whole segment of the path.
    PathSegment(String),
    /// A loaded value is this text; the load by its number.
    Text(Load, String),
    /// The client's address is one of these.
    Source(Ranges),
}
