//! The types of operands: fields that a listing can print.

use alloc::vec::Vec;
use core::fmt::{self, Write};

use super::Names;
use crate::bundle::wire::{Blob, Field, Label, Slot, Str};

/// A field that a listing can print.
pub trait Operand: Field {
    /// Prints it; `names` prints what it refers to.
    ///
    /// # Errors
    /// Those of `f`.
    fn show(self, f: &mut dyn Write, names: &dyn Names) -> fmt::Result;

    /// The place that it leads to, if it is one of code.
    fn target(self) -> Option<Label> {
        None
    }
}

impl Operand for Label {
    fn show(self, f: &mut dyn Write, names: &dyn Names) -> fmt::Result {
        names.label(self, f)
    }

    fn target(self) -> Option<Label> {
        Some(self)
    }
}

macro_rules! shown {
    ($($ty:ty: |$value:ident, $f:ident, $names:ident| $show:expr;)+) => {$(
        impl Operand for $ty {
            fn show(self, $f: &mut dyn Write, $names: &dyn Names) -> fmt::Result {
                let $value = self;
                let _ = $names;
                $show
            }
        }
    )+};
}
shown! {
    u8: |v, f, names| write!(f, "{v}");
    u16: |v, f, names| write!(f, "{v}");
    u32: |v, f, names| write!(f, "{v}");
    u64: |v, f, names| write!(f, "{v:#x}");
    Str: |v, f, names| names.text(v, f);
    Blob: |v, f, names| names.table(v, f);
    Slot: |v, f, names| write!(f, "slot {}", v.0);
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
            fn show(self, f: &mut dyn Write, _: &dyn Names) -> fmt::Result {
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
    /// How a text fits a pattern.
    Manner = "manner" {
        /// Letter by letter.
        Exact = 0 "exact",
        /// Whatever the letter case (ASCII).
        Folded = 1 "folded",
        /// `*` and `?` stand for other characters.
        Like = 2 "like",
        /// The same, part by part between colons.
        Arn = 3 "arn",
        /// As truth values.
        Boolean = 4 "boolean",
    }
    /// Which part of a text another text is.
    Part = "part" {
        /// Its beginning.
        Start = 0 "start",
        /// Its end.
        End = 1 "end",
        /// Any part.
        Any = 2 "any",
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
