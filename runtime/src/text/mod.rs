//! Text and bytes: base64, percent-encoding, dates, numbers, media types, patterns.
//!
//! Everything here works on bytes in place or appends to a [`Scratch`](crate::Scratch); nothing knows of
//! bundles or sessions.

pub(crate) mod arn;
pub(crate) mod base64;
pub(crate) mod dates;
pub(crate) mod glob;
pub(crate) mod media;
pub(crate) mod pattern;
pub(crate) mod percent;
pub(crate) mod print;
pub(crate) mod scan;
