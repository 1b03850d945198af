//! The bundle: a container of images. Offsets, never pointers; little-endian, unaligned, read in place.
//!
//! Every read is a `get`: safety and panic-freedom do not depend on verification, which bounds work and
//! gives good errors.

mod container;

pub use container::{Bundle, Loaded, Refused, Site};
