//! The bundle: a container of images. Offsets, never pointers; little-endian, unaligned, read in place.
//!
//! Every read is a `get`: safety and panic-freedom do not depend on verification, which bounds work and
//! gives good errors.
//!
//! | | |
//! |---|---|
//! | [`wire`] | fields, records, the checksum |
//! | [`records`] | every record of every section |
//! | [`container`](Loaded) | header and image table, [`container()`](container) |
//! | [`image`](Section) | the sections of an image |
//! | [`view`](ImageView) | images laid open, for tools |
//! | `verify` | one check per section, O(size) |

mod container;
mod image;
pub mod records;
mod verify;
mod view;
pub mod wire;

pub use container::{
    Bundle, FEATURES, FORMAT, ImageKind, Keyring, Loaded, MAGIC, Refused, Site, container,
    replace_edge, replace_keyring,
};
pub(crate) use image::Image;
pub use image::{SECTIONS, Section};
pub use view::ImageView;
