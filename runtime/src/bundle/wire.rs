//! Little-endian reads and writes of flat records.
//!
//! A record is declared once, with the macro `records`: the compiler writes it, the runtime reads it in place, and
//! the documentation lists it. Fields are unaligned; the whole record is one bounds check.

use alloc::vec::Vec;

/// Something of fixed size in a section.
pub trait Field: Sized + Copy {
    /// Bytes.
    const SIZE: usize;
    /// The name in `docs/bytecode.md`.
    const NAME: &'static str;
    /// Reads it from the first [`SIZE`](Field::SIZE) bytes.
    fn get(bytes: &[u8]) -> Option<Self>;
    /// Appends it.
    fn put(self, out: &mut Vec<u8>);
    /// Whether it lies in the image. Anything does that refers to nothing.
    ///
    /// # Errors
    /// What is wrong.
    #[inline]
    fn check(self, bounds: &Bounds) -> Result<(), Flaw> {
        let _ = bounds;
        Ok(())
    }
}

/// What is wrong with a field.
pub type Flaw = &'static str;

/// What fields must lie in.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// Bytes of `Strings`.
    pub strings: u32,
    /// Bytes of `Tables`.
    pub tables: u32,
    /// Bytes of `Code`.
    pub code: u32,
    /// Constants of a stage.
    pub slots: u16,
    /// The place of the instruction, if the field is an operand: jumps lead ahead of it.
    pub at: Option<u32>,
}

macro_rules! numbers {
    ($($ty:ty = $name:literal),+) => {$(
        impl Field for $ty {
            const SIZE: usize = size_of::<$ty>();
            const NAME: &'static str = $name;
            #[inline]
            fn get(bytes: &[u8]) -> Option<Self> {
                Some(<$ty>::from_le_bytes(*bytes.first_chunk()?))
            }
            fn put(self, out: &mut Vec<u8>) {
                out.extend_from_slice(&self.to_le_bytes());
            }
        }
    )+};
}
numbers!(u8 = "u8", u16 = "u16", u32 = "u32", u64 = "u64");

impl Field for [u8; 32] {
    const SIZE: usize = 32;
    const NAME: &'static str = "digest";
    fn get(bytes: &[u8]) -> Option<Self> {
        bytes.first_chunk().copied()
    }
    fn put(self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self);
    }
}

/// A run of bytes in a section of the same image: offset and length in bytes, or in records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Span<const KIND: u8> {
    /// The first.
    pub off: u32,
    /// How many.
    pub len: u32,
}

/// Text in the section `Strings`.
pub type Str = Span<0>;
/// Bytes in the section `Tables`: a set, a glob, an automaton, a template.
pub type Blob = Span<1>;
/// Records in the section that the field names.
pub type Range = Span<2>;

impl<const KIND: u8> Span<KIND> {
    /// Nothing.
    pub const NONE: Self = Span { off: 0, len: 0 };

    /// Whether it is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.len == 0
    }

    /// Its bytes among those of a section; `None` if it does not lie in them.
    #[inline(always)]
    pub(crate) fn within(self, section: &[u8]) -> Option<&[u8]> {
        let from = self.off as usize;
        section.get(from..from.checked_add(self.len as usize)?)
    }
}

impl<const KIND: u8> Field for Span<KIND> {
    const SIZE: usize = 8;
    const NAME: &'static str = match KIND {
        0 => "str",
        1 => "blob",
        _ => "range",
    };
    #[inline]
    fn get(bytes: &[u8]) -> Option<Self> {
        let (off, len) = bytes.first_chunk::<8>()?.split_at(4);
        Some(Span {
            off: u32::get(off)?,
            len: u32::get(len)?,
        })
    }
    fn put(self, out: &mut Vec<u8>) {
        self.off.put(out);
        self.len.put(out);
    }
    #[inline]
    fn check(self, bounds: &Bounds) -> Result<(), Flaw> {
        let (size, flaw) = match KIND {
            0 => (bounds.strings, "a text lies outside its section"),
            1 => (bounds.tables, "a table lies outside its section"),
            // Which section a range is of, only its reader knows; it stops at the section's end.
            _ => return Ok(()),
        };
        match self.off.checked_add(self.len) {
            Some(end) if end <= size => Ok(()),
            _ => Err(flaw),
        }
    }
}

/// A place in the section `Code`: offset in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label(pub u32);

impl Label {
    /// No program.
    pub const NONE: Label = Label(u32::MAX);

    /// Whether there is a program.
    #[must_use]
    pub const fn is_some(self) -> bool {
        self.0 != u32::MAX
    }
}

impl Default for Label {
    fn default() -> Label {
        Label::NONE
    }
}

impl Field for Label {
    const SIZE: usize = 4;
    const NAME: &'static str = "label";
    #[inline]
    fn get(bytes: &[u8]) -> Option<Self> {
        u32::get(bytes).map(Label)
    }
    fn put(self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    #[inline]
    fn check(self, bounds: &Bounds) -> Result<(), Flaw> {
        match bounds.at {
            Some(at) if self.0 > at && self.0 < bounds.code => Ok(()),
            Some(_) => Err("a jump does not lead ahead within the section"),
            None if !self.is_some() || self.0 < bounds.code => Ok(()),
            None => Err("a program lies outside its section"),
        }
    }
}

/// An entry of the constant table of the stage that serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u16);

impl Slot {
    /// No constant.
    pub const NONE: Slot = Slot(u16::MAX);

    /// Whether there is a constant.
    #[must_use]
    pub const fn is_some(self) -> bool {
        self.0 != u16::MAX
    }
}

impl Default for Slot {
    fn default() -> Slot {
        Slot::NONE
    }
}

impl Field for Slot {
    const SIZE: usize = 2;
    const NAME: &'static str = "slot";
    #[inline]
    fn get(bytes: &[u8]) -> Option<Self> {
        u16::get(bytes).map(Slot)
    }
    fn put(self, out: &mut Vec<u8>) {
        self.0.put(out);
    }
    #[inline]
    fn check(self, bounds: &Bounds) -> Result<(), Flaw> {
        if self.is_some() && self.0 >= bounds.slots {
            return Err("a constant that the stages do not have");
        }
        Ok(())
    }
}

/// What the documentation prints of a record.
#[derive(Clone, Copy, Debug)]
pub struct RecordDoc {
    /// Its name.
    pub name: &'static str,
    /// What it is.
    pub doc: &'static [&'static str],
    /// Bytes.
    pub size: usize,
    /// Name, type and meaning of each field, in order.
    pub fields: &'static [(&'static str, &'static str, &'static [&'static str])],
}

/// Declares flat records: struct, reader, writer, documentation.
macro_rules! records {
    ($($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $fdoc:literal])+ $field:ident: $ty:ty,)+ })+) => {
        $(
            $(#[doc = $doc])+
            #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
            pub struct $name { $($(#[doc = $fdoc])+ pub $field: $ty,)+ }

            impl $crate::bundle::wire::Field for $name {
                const SIZE: usize = 0 $(+ <$ty as $crate::bundle::wire::Field>::SIZE)+;
                const NAME: &'static str = stringify!($name);
                #[inline]
                #[allow(unused_assignments)] // the last field moves on too
                fn get(bytes: &[u8]) -> Option<Self> {
                    let bytes = bytes.first_chunk::<{ 0 $(+ <$ty as $crate::bundle::wire::Field>::SIZE)+ }>()?;
                    let mut at = 0;
                    $(
                        let $field = <$ty as $crate::bundle::wire::Field>::get(bytes.get(at..)?)?;
                        at += <$ty as $crate::bundle::wire::Field>::SIZE;
                    )+
                    Some($name { $($field),+ })
                }
                fn put(self, out: &mut alloc::vec::Vec<u8>) {
                    $(self.$field.put(out);)+
                }
                #[inline]
                fn check(self, bounds: &$crate::bundle::wire::Bounds) -> Result<(), $crate::bundle::wire::Flaw> {
                    $($crate::bundle::wire::Field::check(self.$field, bounds)?;)+
                    Ok(())
                }
            }

            impl $name {
                /// What the documentation prints.
                pub const DOC: $crate::bundle::wire::RecordDoc = $crate::bundle::wire::RecordDoc {
                    name: stringify!($name),
                    doc: &[$($doc),+],
                    size: <$name as $crate::bundle::wire::Field>::SIZE,
                    fields: &[$((stringify!($field), <$ty as $crate::bundle::wire::Field>::NAME, &[$($fdoc),+])),+],
                };
            }
        )+
        /// All records, in the order of the documentation.
        pub const RECORDS: &[$crate::bundle::wire::RecordDoc] = &[$($name::DOC),+];
    };
}
pub(crate) use records;

/// The record at `index` of a section; `None` past its end.
#[inline(always)]
pub fn record<F: Field>(section: &[u8], index: u32) -> Option<F> {
    let at = (index as usize).checked_mul(F::SIZE)?;
    F::get(section.get(at..at.checked_add(F::SIZE)?)?)
}

/// The checksum of an image: four lanes of multiply and rotate. It finds damage, not malice.
#[must_use]
pub fn checksum(bytes: &[u8]) -> u64 {
    const K: [u64; 4] = [
        0x9e37_79b9_7f4a_7c15,
        0xc2b2_ae3d_27d4_eb4f,
        0x1656_67b1_9e37_79f9,
        0x27d4_eb2f_1656_67c5,
    ];
    let step = |h: u64, w: u64, k: u64| (h ^ w).wrapping_mul(k).rotate_left(29);
    let mut lanes = K;
    let (blocks, rest) = bytes.as_chunks::<32>();
    for block in blocks {
        let (words, _) = block.as_chunks::<8>();
        for ((lane, word), k) in lanes.iter_mut().zip(words).zip(K) {
            *lane = step(*lane, u64::from_le_bytes(*word), k);
        }
    }
    let [k, ..] = K;
    let mut h = bytes.len() as u64;
    for lane in lanes {
        h = step(h, lane, k);
    }
    for byte in rest {
        h = step(h, u64::from(*byte), k);
    }
    h ^ (h >> 32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_changed_bit_changes_the_checksum() {
        let mut bytes: Vec<u8> = (0..200u8).collect();
        let sum = checksum(&bytes);
        for i in 0..bytes.len() {
            bytes[i] ^= 0x10;
            assert_ne!(checksum(&bytes), sum, "byte {i}");
            bytes[i] ^= 0x10;
        }
        assert_ne!(checksum(&bytes[..199]), sum);
    }
}
