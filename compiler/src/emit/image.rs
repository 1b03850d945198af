//! An image in the making: sections, the pool of texts, the pool of tables.

use std::collections::HashMap;

use tollgate_runtime::bundle::wire::{Blob, Field, Range, Str};
use tollgate_runtime::bundle::{SECTIONS, Section};

/// Longer texts of a table that one is held against.
const SHARED: usize = 8;

/// Sections that grow.
#[derive(Debug)]
pub(crate) struct ImageWriter {
    sections: Vec<Vec<u8>>,
    strings: HashMap<Vec<u8>, Str>,
    tables: HashMap<Vec<u8>, Blob>,
}

impl ImageWriter {
    pub(crate) fn new() -> ImageWriter {
        ImageWriter {
            sections: vec![Vec::new(); SECTIONS.len()],
            strings: HashMap::new(),
            tables: HashMap::new(),
        }
    }

    /// The bytes of a section so far.
    pub(crate) fn section(&mut self, section: Section) -> &mut Vec<u8> {
        &mut self.sections[section as usize]
    }

    /// The place of a text; equal texts share one.
    pub(crate) fn text(&mut self, text: &str) -> Str {
        if text.is_empty() {
            return Str::NONE;
        }
        if let Some(found) = self.strings.get(text.as_bytes()) {
            return *found;
        }
        let pool = self.section(Section::Strings);
        let place = Str {
            off: pool.len() as u32,
            len: text.len() as u32,
        };
        pool.extend_from_slice(text.as_bytes());
        self.strings.insert(text.as_bytes().to_vec(), place);
        place
    }

    /// The place of a table; equal tables share one.
    pub(crate) fn table(&mut self, bytes: Vec<u8>) -> Blob {
        if bytes.is_empty() {
            return Blob::NONE;
        }
        if let Some(found) = self.tables.get(&bytes) {
            return *found;
        }
        let pool = self.section(Section::Tables);
        let place = Blob {
            off: pool.len() as u32,
            len: bytes.len() as u32,
        };
        pool.extend_from_slice(&bytes);
        self.tables.insert(bytes, place);
        place
    }

    /// A table of texts, in the given order. The end of another one shares its place: what globs over paths differ by
    /// is mostly how they begin.
    pub(crate) fn texts(&mut self, texts: &[String]) -> Blob {
        let mut longest: Vec<&String> = texts.iter().collect();
        longest.sort_by_key(|text| usize::MAX - text.len());
        for (at, text) in longest.iter().enumerate() {
            // Of many texts few are the end of another.
            let before = longest
                .get(at.saturating_sub(SHARED)..at)
                .unwrap_or_default();
            match before.iter().find(|longer| longer.ends_with(*text)) {
                Some(longer) => self.end_of(longer, text),
                None => {
                    self.text(text);
                }
            }
        }
        let mut bytes = Vec::new();
        for text in texts {
            self.text(text).put(&mut bytes);
        }
        self.table(bytes)
    }

    /// Gives a text its place at the end of another one, unless it has one.
    fn end_of(&mut self, longer: &str, text: &str) {
        let whole = self.text(longer);
        let len = text.len() as u32;
        let place = Str {
            off: whole.off + whole.len - len,
            len,
        };
        self.strings
            .entry(text.as_bytes().to_vec())
            .or_insert(place);
    }

    /// Appends a record; gives its index.
    pub(crate) fn record<F: Field>(&mut self, section: Section, record: F) -> u32 {
        let bytes = self.section(section);
        let index = (bytes.len() / F::SIZE) as u32;
        record.put(bytes);
        index
    }

    /// Appends records; gives their range.
    pub(crate) fn records<F: Field>(
        &mut self,
        section: Section,
        records: impl IntoIterator<Item = F>,
    ) -> Range {
        let off = (self.section(section).len() / F::SIZE) as u32;
        let mut len = 0;
        for record in records {
            self.record(section, record);
            len += 1;
        }
        if len == 0 {
            Range::NONE
        } else {
            Range { off, len }
        }
    }

    /// The finished image.
    ///
    /// # Errors
    /// An image of more than 4 GiB.
    pub(crate) fn finish(self) -> Result<Vec<u8>, String> {
        let mut table = Vec::new();
        let mut at = SECTIONS.len() * Range::SIZE;
        for section in &self.sections {
            let off = u32::try_from(at).map_err(|_| "an image exceeds 4 GiB".to_string())?;
            let len =
                u32::try_from(section.len()).map_err(|_| "an image exceeds 4 GiB".to_string())?;
            if len == 0 {
                Range::NONE
            } else {
                Range { off, len }
            }
            .put(&mut table);
            at += section.len();
        }
        for section in self.sections {
            table.extend_from_slice(&section);
        }
        Ok(table)
    }
}
