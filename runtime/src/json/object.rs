//! What a list or map is: a header with a run of cells.

/// What an [`Object`] is in Java's terms; it decides printing, methods and what may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Kind {
    /// A list made by a template. Prints `[1, 2]`.
    #[default]
    List,
    /// A list read from JSON. Prints as JSON.
    JsonList,
    /// An array, such as the result of `split`. Its size never changes.
    Array,
    /// `keySet()`, `entrySet()`, `values()` or `subList()`: a list to read. Prints `[1, 2]`.
    View,
    /// A map, of a template or read from JSON. Prints `{k=v}`.
    Map,
    /// A map whose members may be assigned once each: `$context.requestOverride.header` and its like.
    OnceMap,
    /// `$context` and the maps in it: they print nothing, as recorded.
    Context,
    /// A map's entry: two cells, key and value.
    Entry,
    /// The state of a loop: count, whether there is a next, and the loop around it.
    Loop,
    /// A `#define` block: one cell, the offset of its code.
    Block,
    /// An iterator: two cells, the list and the index of the next item.
    Iterator,
}

/// A container's header. 16 bytes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Object {
    pub(crate) kind: Kind,
    /// How often its size changed: a loop that sees this change faults, as Java's iterators do.
    pub(crate) changes: u16,
    /// The first cell.
    pub(crate) start: u32,
    /// Items, or entries of two cells each.
    pub(crate) len: u32,
    /// Room, in the unit of `len`.
    pub(crate) room: u32,
}

/// The room of a view of a map, which never grows: the cell before its first one holds the map.
pub(crate) const OF_MAP: u32 = u32::MAX;

const _: () = assert!(core::mem::size_of::<Object>() == 16);

impl Object {
    /// What it is.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The number of items or entries.
    #[must_use]
    pub fn len(&self) -> u32 {
        self.len
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}
