//! The sections of an image.

use super::wire::{Field, Range, Span, record};
use crate::value::{Src, Text};

macro_rules! sections {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// A section of an image. Each kind of image uses some of them; the others are empty.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u8)]
        pub enum Section { $($(#[doc = $doc])+ $name,)+ }

        /// Name and meaning of each section, in the order of the table at the start of an image.
        pub const SECTIONS: &[(Section, &str, &[&str])] = &[$((Section::$name, stringify!($name), &[$($doc),+])),+];
    };
}

sections! {
    /// The bytes of all texts.
    Strings,
    /// Instructions.
    Code,
    /// Sets, globs, automata, templates: addressed by `blob`s.
    Tables,
    /// What is true of the whole API.
    Api,
    /// The route tree.
    Nodes,
    /// The hash table of its literal children.
    Edges,
    /// `u32`: routes of the nodes.
    NodeRoutes,
    /// Routes.
    Routes,
    /// Path parameters.
    Parameters,
    /// Integrations.
    Integrations,
    /// Integration responses.
    Responses,
    /// `u16`: statuses.
    Numbers,
    /// Gateway responses.
    GatewayResponses,
    /// Lists of texts.
    Lists,
    /// Authorizers.
    Authorizers,
    /// Request models.
    Models,
    /// Switches.
    Behaviour,
    /// Deployments that the stages serve.
    Deployments,
    /// Stages.
    Stages,
    /// `str`: constants of the stages.
    Constants,
    /// Stage variables.
    Variables,
    /// Method settings.
    Settings,
    /// `u32`: settings of the routes, by their index; `u32::MAX`: none.
    RouteSettings,
    /// The account's throttle.
    Account,
    /// Usage plans at their stages.
    Plans,
    /// API keys.
    Keys,
    /// `u32`: plans of the keys.
    KeyPlans,
    /// Digests of API keys, ordered: 32 bytes and the key's index.
    Digests,
    /// For people: statements and routes with their places.
    Places,
}

/// Bytes of the table at the start of an image.
pub(crate) const TABLE: usize = SECTIONS.len() * 8;

/// An image in a bundle, lent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Image<'b> {
    bytes: &'b [u8],
    /// The places of its sections; of an image that is cut off, no places at all.
    table: &'b [u8; TABLE],
    /// The sections that almost every instruction looks into.
    strings: &'b [u8],
    tables: &'b [u8],
    base: u32,
    src: Src,
}

impl Default for Image<'_> {
    fn default() -> Self {
        Image::new(&[], 0)
    }
}

impl<'b> Image<'b> {
    /// The image whose bytes these are, `base` bytes into the bundle.
    #[inline]
    pub(crate) fn new(bytes: &'b [u8], base: u32) -> Image<'b> {
        let mut image = Image {
            bytes,
            table: bytes.first_chunk().unwrap_or(&[0; TABLE]),
            strings: &[],
            tables: &[],
            base,
            src: Src::Bundle,
        };
        image.strings = image.section(Section::Strings);
        image.tables = image.section(Section::Tables);
        image
    }

    /// An identity record as an image.
    pub(crate) fn of_identity(bytes: &'b [u8]) -> Image<'b> {
        Image {
            src: Src::Identity,
            ..Image::new(bytes, 0)
        }
    }

    /// Whether not even the table of its sections is there.
    pub(crate) fn is_cut_off(self) -> bool {
        self.bytes.len() < TABLE
    }

    /// Offset and length of a section within the image.
    #[inline(always)]
    pub(crate) fn range(&self, section: Section) -> Range {
        record(self.table, section as u32).unwrap_or_default()
    }

    /// The bytes of a section; empty if it does not resolve.
    #[inline(always)]
    pub(crate) fn section(&self, section: Section) -> &'b [u8] {
        self.range(section).within(self.bytes).unwrap_or(&[])
    }

    /// The record at `index` of a section.
    #[inline]
    pub(crate) fn record<F: Field>(self, section: Section, index: u32) -> Option<F> {
        record(self.section(section), index)
    }

    /// The records that a range names; stops at the section's end.
    pub(crate) fn records<F: Field>(
        self,
        section: Section,
        range: Range,
    ) -> impl Iterator<Item = F> + use<'b, F> {
        let bytes = self.section(section);
        let from = (range.off as usize).saturating_mul(F::SIZE);
        let len = (range.len as usize).saturating_mul(F::SIZE);
        let bytes = bytes.get(from..).unwrap_or(&[]);
        let bytes = bytes.get(..len).unwrap_or(bytes);
        bytes.chunks_exact(F::SIZE.max(1)).filter_map(F::get)
    }

    /// The bytes of a text or table; empty if it does not resolve.
    #[inline(always)]
    pub(crate) fn bytes<const KIND: u8>(&self, span: Span<KIND>) -> &'b [u8] {
        let section = if KIND == 0 { self.strings } else { self.tables };
        span.within(section).unwrap_or(&[])
    }

    /// Where a table starts, counted from the start of the bundle.
    pub(crate) fn blob_offset(self, blob: Span<1>) -> u32 {
        let tables = self.range(Section::Tables).off;
        self.base.saturating_add(tables).saturating_add(blob.off)
    }

    /// A handle on a text of this image.
    #[inline]
    pub(crate) fn text(self, span: Span<0>) -> Text {
        let strings = self.range(Section::Strings).off;
        Text {
            src: self.src,
            off: self.base.saturating_add(strings).saturating_add(span.off),
            len: span.len,
        }
    }
}
