//! Images laid open for tools that print or compare bundles. Sessions do not read through this.

use super::container::ImageKind;
use super::image::{Image, Section};
use super::wire::{Blob, Field, Range, Str};

/// An image of a bundle, lent to a tool. Reads that do not resolve give nothing.
#[derive(Clone, Copy, Debug)]
pub struct ImageView<'b> {
    image: Image<'b>,
    kind: ImageKind,
    len: u32,
    digest: [u8; 32],
}

impl<'b> ImageView<'b> {
    pub(super) fn new(
        image: Image<'b>,
        kind: ImageKind,
        len: u32,
        digest: [u8; 32],
    ) -> ImageView<'b> {
        ImageView {
            image,
            kind,
            len,
            digest,
        }
    }

    /// What it is.
    #[must_use]
    pub fn kind(&self) -> ImageKind {
        self.kind
    }

    /// Bytes of the image.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.len
    }

    /// Its digest, as the compiler computed it.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// The bytes of a section; empty if the image has none.
    #[must_use]
    pub fn section(&self, section: Section) -> &'b [u8] {
        self.image.section(section)
    }

    /// The record at `index` of a section.
    #[must_use]
    pub fn record<F: Field>(&self, section: Section, index: u32) -> Option<F> {
        self.image.record(section, index)
    }

    /// All records of a section.
    pub fn all<F: Field>(&self, section: Section) -> impl Iterator<Item = F> + use<'b, F> {
        self.image.records(
            section,
            Range {
                off: 0,
                len: u32::MAX,
            },
        )
    }

    /// The records that a range names.
    pub fn records<F: Field>(
        &self,
        section: Section,
        range: Range,
    ) -> impl Iterator<Item = F> + use<'b, F> {
        self.image.records(section, range)
    }

    /// The bytes of a text.
    #[must_use]
    pub fn text(&self, text: Str) -> &'b [u8] {
        self.image.bytes(text)
    }

    /// The bytes of a table.
    #[must_use]
    pub fn table(&self, table: Blob) -> &'b [u8] {
        self.image.bytes(table)
    }
}
