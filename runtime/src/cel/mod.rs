//! Conditions in CEL that are more than comparisons: an evaluator of expressions.
//!
//! The compiler checks the types of an expression and encodes it ([`Node`]); what it knows it has evaluated by then,
//! with this same evaluator. A value is a handle of 16 bytes; what it stands for lies in the code or in a [`Space`],
//! which a [`Scratch`](crate::Scratch) keeps, so that a warm one allocates nothing.
//!
//! A failure is a value of its own: `&&` and `||` decide without it where they can. Steps, bytes and depth are
//! bounded; an expression beyond them fails, as does code that makes no sense.

mod code;
mod functions;
mod listing;
mod machine;
mod space;
mod value;
mod view;
mod walk;
mod work;

pub(crate) use code::NODES;
pub use code::{FIELDS, FUNCTIONS, Field, Function, MACROS, Macro, Node, length};
pub use functions::time;
pub use functions::zone;
pub use listing::{Listing, listing};
pub(crate) use machine::truth;
pub use machine::{DEEPEST, Host, Key, evaluate};
pub use space::Space;
pub use value::{Cel, Fail, Found, Run, Span};
pub use view::View;

#[cfg(test)]
mod tests;
