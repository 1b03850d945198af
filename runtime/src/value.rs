//! Values and texts: handles of fixed size that borrow nothing, so they outlive every call.

/// Where the bytes of a [`Text`] are. The host lends all of these again at every call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Src {
    /// The bundle, counted from its first byte.
    #[default]
    Bundle,
    /// [`Head::method`](crate::Head::method).
    Method,
    /// [`Head::target`](crate::Head::target).
    Target,
    /// The name of the n-th request header.
    HeaderName(u16),
    /// The value of the n-th request header.
    HeaderValue(u16),
    /// [`Head::domain`](crate::Head::domain).
    Domain,
    /// [`Head::protocol`](crate::Head::protocol).
    Protocol,
    /// [`Head::vpce`](crate::Head::vpce).
    Vpce,
    /// [`World::extended_request_id`](crate::World::extended_request_id).
    ExtendedRequestId,
    /// The request body.
    Body,
    /// The name of the n-th backend header.
    BackendName(u16),
    /// The value of the n-th backend header.
    BackendValue(u16),
    /// The backend's body.
    Backend,
    /// The kept identity record.
    Identity,
    /// The text arena of the [`Scratch`](crate::Scratch).
    Scratch,
}

/// A run of bytes in one of the lent sources. 12 bytes, `Copy`; it resolves through
/// [`World::resolve`](crate::World::resolve), and a handle that does not resolve is a fault, never a panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Text {
    /// The source.
    pub src: Src,
    /// First byte, counted from the start of the source.
    pub off: u32,
    /// Length in bytes.
    pub len: u32,
}

impl Text {
    /// The text without bytes.
    pub const EMPTY: Text = Text {
        src: Src::Bundle,
        off: 0,
        len: 0,
    };

    /// A text of `len` bytes at `off` in `src`.
    #[must_use]
    pub const fn new(src: Src, off: u32, len: u32) -> Text {
        Text { src, off, len }
    }

    /// The whole of `bytes`, which are lent as `src`; cut at 4 GiB.
    #[must_use]
    pub fn whole(src: Src, bytes: &[u8]) -> Text {
        Text {
            src,
            off: 0,
            len: u32::try_from(bytes.len()).unwrap_or(u32::MAX),
        }
    }

    /// Bytes `from..to` of this text; clamped to it.
    #[must_use]
    pub fn slice(self, from: u32, to: u32) -> Text {
        let to = to.min(self.len);
        let from = from.min(to);
        Text {
            src: self.src,
            off: self.off.saturating_add(from),
            len: to - from,
        }
    }

    /// Whether the text has no bytes.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }
}

/// A value of a template, a mapping or a condition. 16 bytes, `Copy`, handles only.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub enum Value {
    /// There is no such value. Not the same as JSON `null`.
    #[default]
    Missing,
    /// JSON `null`.
    Null,
    /// A boolean.
    Bool(bool),
    /// An integer that fits 64 bits.
    Int(i64),
    /// A decimal number.
    Double(f64),
    /// An integer of more than 64 bits, as its decimal digits.
    Big(Text),
    /// A text.
    Text(Text),
    /// A mutable list in the scratch; copies are aliases, as in Java.
    List(u32),
    /// A mutable map in the scratch, in insertion order; copies are aliases, as in Java.
    Map(u32),
    /// What only templates see: `$input`, a map's entry, the state of a loop, a `#define` block.
    Object(u32),
}

const _: () = assert!(core::mem::size_of::<Value>() == 16);
const _: () = assert!(core::mem::size_of::<Text>() == 12);
