//! Request models: JSON Schema draft 4, compiled to checks that are run over a parsed payload in one walk.
//!
//! A program is a run of *nodes*; a node is a run of checks, each a tag byte, a `u32` length and its operands,
//! ended by a zero. Nodes refer to each other by offset, so a recursive schema is a cycle of offsets; work
//! and depth are bounded at run time. Reading is total: a damaged program refuses payloads, it does not panic.

mod decimal;
mod equal;
mod format;
mod message;
mod report;
mod sort;
mod stream;
mod validate;

pub use format::Format;
pub use report::report;
pub(crate) use stream::surely;
pub use validate::{Keyword, judge, validate, verify};

/// How deep schemas and values may nest together.
pub const MAX_DEPTH: u32 = 200;

macro_rules! checks {
    ($($(#[doc = $doc:literal])+ $tag:literal $variant:ident),+ $(,)?) => {
        /// A check of a compiled schema: its tag and what its operands are.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Check { $($(#[doc = $doc])+ $variant = $tag),+ }

        impl Check {
            /// The check with this tag.
            #[must_use]
            pub const fn of(tag: u8) -> Option<Check> {
                match tag { $($tag => Some(Check::$variant),)+ _ => None }
            }
        }
    };
}

checks! {
    /// `type`: a byte of bits: null, boolean, object, array, string, number, integer.
    1 Type,
    /// `enum`: JSON texts, each a run.
    2 Enum,
    /// `minimum`: a double, whether it is exclusive, and the bound's text.
    3 Minimum,
    /// `maximum`: a double, whether it is exclusive, and the bound's text.
    4 Maximum,
    /// `multipleOf`: a double and its text.
    5 MultipleOf,
    /// `minLength`: a `u32`, in characters.
    6 MinLength,
    /// `maxLength`: a `u32`, in characters.
    7 MaxLength,
    /// `pattern`: a pattern program, a run, to be found anywhere; and the pattern's text.
    8 Pattern,
    /// `format`: the number of a [`Format`].
    9 Format,
    /// `minItems`: a `u32`.
    10 MinItems,
    /// `maxItems`: a `u32`.
    11 MaxItems,
    /// `uniqueItems`: nothing.
    12 UniqueItems,
    /// `items` for all: a node.
    13 Items,
    /// `items` by place: what additional ones are (0 free, 1 refused, 2 a node), that node, and nodes.
    14 Tuple,
    /// `required`: names, each a run, in Java's order.
    15 Required,
    /// `minProperties`: a `u32`.
    16 MinProperties,
    /// `maxProperties`: a `u32`.
    17 MaxProperties,
    /// `properties` and its kin: what additional ones are, that node, and runs: a node and a name, or a node
    /// and a pattern program.
    18 Properties,
    /// `dependencies` on names: a name, then names in Java's order; each a run.
    19 RequiredWith,
    /// `dependencies` on a schema: a node and a name.
    20 SchemaWith,
    /// `allOf`: nodes.
    21 AllOf,
    /// `anyOf`: nodes.
    22 AnyOf,
    /// `oneOf`: nodes.
    23 OneOf,
    /// `not`: a node.
    24 Not,
    /// `$ref`: a node.
    25 Ref,
    /// `required`, where every name is one of `properties`: a bit of a `u64` for each, by their order. Asks no more
    /// than [`Check::Required`]; it is for reading in one pass.
    26 RequiredAmong,
}
