//! The types of operands: fields that a listing can print.

use alloc::vec::Vec;
use core::fmt::Formatter;

use crate::bundle::wire::{Blob, Field, Label, Slot, Str};

/// A field that a listing can print.
pub trait Operand: Field {
    /// Prints it; `text` gives the bytes of a text.
    ///
    /// # Errors
    /// Those of `f`.
    fn show(self, f: &mut Formatter<'_>, text: &dyn Fn(Str) -> Vec<u8>) -> core::fmt::Result;
}

macro_rules! shown {
    ($($ty:ty: |$value:ident, $f:ident, $text:ident| $show:expr;)+) => {$(
        impl Operand for $ty {
            fn show(self, $f: &mut Formatter<'_>, $text: &dyn Fn(Str) -> Vec<u8>) -> core::fmt::Result {
                let $value = self;
                let _ = $text;
                $show
            }
        }
    )+};
}
shown! {
    u8: |v, f, text| write!(f, "{v}");
    u16: |v, f, text| write!(f, "{v}");
    u32: |v, f, text| write!(f, "{v}");
    u64: |v, f, text| write!(f, "{v:#x}");
    Str: |v, f, text| write!(f, "\"{}\"", text(v).escape_ascii());
    Blob: |v, f, text| write!(f, "table {}+{}", v.off, v.len);
    Label: |v, f, text| write!(f, "@{}", v.0);
    Slot: |v, f, text| write!(f, "slot {}", v.0);
}

macro_rules! words {
    ($($(#[doc = $doc:literal])+ $name:ident = $label:literal { $($(#[doc = $vdoc:literal])+ $variant:ident = $value:literal $word:literal,)+ })+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum $name { $($(#[doc = $vdoc])+ $variant = $value,)+ }

        impl Field for $name {
            const SIZE: usize = 1;
            const NAME: &'static str = $label;
            #[inline(always)]
            fn get(bytes: &[u8]) -> Option<Self> {
                match bytes.first() {
                    $(Some($value) => Some($name::$variant),)+
                    _ => None,
                }
            }
            fn put(self, out: &mut Vec<u8>) {
                out.push(self as u8);
            }
        }

        impl Operand for $name {
            fn show(self, f: &mut Formatter<'_>, _: &dyn Fn(Str) -> Vec<u8>) -> core::fmt::Result {
                f.write_str(match self { $($name::$variant => $word,)+ })
            }
        }
    )+};
}
words! {
    /// What a leaf pushes when its key is absent.
    Absent = "absent" {
        /// It does not hold.
        False = 0 "absent-false",
        /// It holds.
        True = 1 "absent-true",
        /// It cannot be decided.
        Error = 2 "absent-error",
    }
    /// A comparison.
    Comparison = "comparison" {
        /// `==`
        Equal = 0 "==",
        /// `!=`
        NotEqual = 1 "!=",
        /// `<`
        Less = 2 "<",
        /// `<=`
        LessEqual = 3 "<=",
        /// `>`
        Greater = 4 ">",
        /// `>=`
        GreaterEqual = 5 ">=",
    }
}

impl Comparison {
    /// Whether two things in this order compare so; `None`: they cannot be compared.
    #[must_use]
    pub fn holds(self, order: Option<core::cmp::Ordering>) -> bool {
        use core::cmp::Ordering::{Equal, Greater, Less};
        match self {
            Comparison::Equal => order == Some(Equal),
            Comparison::NotEqual => order != Some(Equal),
            Comparison::Less => order == Some(Less),
            Comparison::LessEqual => matches!(order, Some(Less | Equal)),
            Comparison::Greater => order == Some(Greater),
            Comparison::GreaterEqual => matches!(order, Some(Greater | Equal)),
        }
    }
}
