//! A *record*: an image of its own with the programs of policies that arrive at request time, compiled into the
//! encoding of the bundle's, and with the caller's principal, context and usage key. The host keeps it and lends
//! it again as [`World::identity`](crate::World::identity).

use alloc::vec::Vec;

use super::judge::Kind;
use super::resource::Place;
use crate::bundle::records::{Item, Variable as Member};
use crate::bundle::wire::{Blob, Field, Label, Range, Str};
use crate::bundle::{SECTIONS, Section};
use crate::isa::Op;
use crate::json::Heap;
use crate::value::Value;

/// Bytes that a record may have.
const MAX_RECORD: usize = 256 * 1024;
/// Statements, clauses and values that the policies of one record may have.
pub(super) const MAX_PARTS: usize = 8192;
/// Values that one condition key may have.
const MAX_VALUES: usize = 64;

/// Where the table of programs stands among a record's lists.
pub(crate) const PROGRAMS: u32 = 2;
/// Where a record of a question holds the last part of the ARN that is asked about.
pub(crate) const ASKED: u32 = 3;
/// From where on a record of a caller holds names and JSON of the claims that are lists or objects.
pub(crate) const STRUCTURED: u32 = 4;

/// Why there is no record: a policy is not of the allowed shape, or too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Malformed;

pub(super) type Done<T = ()> = Result<T, Malformed>;

/// The programs of one set of policies: what it says of a call, and of passing the cache by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) kind: Kind,
    pub(crate) call: u32,
    pub(crate) fresh: u32,
}

impl Program {
    /// Bytes of one in the table.
    pub(crate) const SIZE: usize = 9;

    pub(crate) fn read(bytes: &[u8]) -> Option<Program> {
        Some(Program {
            kind: Kind::numbered(*bytes.first()?)?,
            call: u32::get(bytes.get(1..)?)?,
            fresh: u32::get(bytes.get(5..)?)?,
        })
    }
}

/// A record in the making.
#[derive(Default)]
pub(crate) struct Record {
    strings: Vec<u8>,
    code: Vec<u8>,
    tables: Vec<u8>,
    members: Vec<u8>,
    lists: Vec<u8>,
    parts: usize,
    /// Keys of several values: in lower case.
    several: Vec<(Vec<u8>, Vec<Vec<u8>>)>,
    /// The set in the making.
    set: Vec<Str>,
    /// Where the statement in hand jumps to its end.
    jumps: Vec<usize>,
    /// Whether the document in hand has policy variables.
    pub(super) variables: bool,
    /// Whether every condition key is one of the caller's: the question is about no request of a gateway.
    pub(super) asked: bool,
}

impl Record {
    /// Sets principal and usage key.
    pub(crate) fn caller(&mut self, principal: &[u8], usage_key: &[u8]) {
        self.list(principal);
        self.list(usage_key);
    }

    /// Adds a text to the lists.
    pub(crate) fn list(&mut self, text: &[u8]) {
        let text = self.text(text);
        Item { text }.put(&mut self.lists);
    }

    /// Adds a member of the caller's context.
    pub(crate) fn member(&mut self, name: &[u8], value: &[u8]) -> Done {
        self.part()?;
        let (name, value) = (self.text(name), self.text(value));
        Member { name, value }.put(&mut self.members);
        Ok(())
    }

    /// Adds a member of any number of values. Policies that are added later see all of them.
    pub(crate) fn members(&mut self, name: &[u8], values: Vec<Vec<u8>>) -> Done {
        if values.len() > MAX_VALUES {
            return Err(Malformed);
        }
        for value in &values {
            self.member(name, value)?;
        }
        if values.len() > 1 {
            self.several.push((name.to_ascii_lowercase(), values));
        }
        Ok(())
    }

    /// The values of a key that has several.
    pub(super) fn values(&self, key: &str) -> Option<Vec<Vec<u8>>> {
        let found = self
            .several
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(key.as_bytes()));
        found.map(|(_, values)| values.clone())
    }

    /// Adds policies, in sets of one kind and level each: what they say of calls, and of passing the cache by.
    pub(crate) fn policies(
        &mut self,
        heap: &Heap<'_>,
        documents: &[((Kind, u8), Value)],
        place: &Place<'_>,
    ) -> Done {
        let mut sets: Vec<(Kind, u8)> = documents.iter().map(|(set, _)| *set).collect();
        sets.sort_unstable();
        sets.dedup();
        let mut table = Vec::new();
        for set in sets {
            let of: Vec<Value> = documents
                .iter()
                .filter(|(other, _)| *other == set)
                .map(|(_, document)| *document)
                .collect();
            table.push(set.0 as u8);
            for program in self.programs(heap, &of, set.0, place)? {
                program.put(&mut table);
            }
        }
        self.list(&table);
        Ok(())
    }

    /// The finished record.
    pub(crate) fn finish(mut self) -> Done<Vec<u8>> {
        Op::End {}.encode(&mut self.code);
        let sections = [
            (Section::Strings, &self.strings),
            (Section::Code, &self.code),
            (Section::Tables, &self.tables),
            (Section::Variables, &self.members),
            (Section::Lists, &self.lists),
        ];
        let mut out = Vec::new();
        let mut at = SECTIONS.len() * Range::SIZE;
        for (section, ..) in SECTIONS {
            let found = sections.iter().find(|(s, _)| s == section);
            let len = found.map_or(0, |(_, bytes)| bytes.len());
            Range {
                off: at as u32,
                len: len as u32,
            }
            .put(&mut out);
            at += len;
        }
        if at > MAX_RECORD {
            return Err(Malformed);
        }
        // The sections are listed in the order of the table.
        for (section, ..) in SECTIONS {
            if let Some((_, bytes)) = sections.iter().find(|(s, _)| s == section) {
                out.extend_from_slice(bytes);
            }
        }
        Ok(out)
    }

    /// Where the code goes on.
    pub(super) fn here(&self) -> u32 {
        self.code.len() as u32
    }

    pub(super) fn part(&mut self) -> Done {
        self.parts += 1;
        if self.parts > MAX_PARTS || self.strings.len() > MAX_RECORD {
            Err(Malformed)
        } else {
            Ok(())
        }
    }

    pub(super) fn text(&mut self, bytes: &[u8]) -> Str {
        let text = Str {
            off: self.strings.len() as u32,
            len: bytes.len() as u32,
        };
        self.strings.extend_from_slice(bytes);
        text
    }

    /// Adds the table that `write` appends.
    pub(super) fn table(&mut self, write: impl FnOnce(&mut Vec<u8>)) -> Blob {
        let off = self.tables.len();
        write(&mut self.tables);
        Blob {
            off: off as u32,
            len: (self.tables.len() - off) as u32,
        }
    }

    /// Adds a text, the pieces joined, to the set in the making.
    pub(super) fn add(&mut self, pieces: &[&[u8]]) {
        let off = self.strings.len();
        for piece in pieces {
            self.strings.extend_from_slice(piece);
        }
        self.set.push(Str {
            off: off as u32,
            len: (self.strings.len() - off) as u32,
        });
    }

    /// Finishes the set of the texts that were added: ordered, each once.
    pub(super) fn set(&mut self) -> Blob {
        let mut set = core::mem::take(&mut self.set);
        let bytes = |text: &Str| text.within(&self.strings);
        set.sort_unstable_by(|a, b| bytes(a).cmp(&bytes(b)));
        set.dedup_by(|a, b| bytes(a) == bytes(b));
        let table = self.table(|out| {
            for text in &set {
                text.put(out);
            }
        });
        set.clear();
        self.set = set;
        table
    }

    /// Jumps to the statement's end if it is false so far.
    pub(super) fn unless(&mut self) {
        self.op(Op::JumpFalse { to: Label(0) });
        self.jumps.push(self.code.len() - Label::SIZE);
    }

    /// The statement's end: its jumps lead here.
    pub(super) fn end(&mut self) {
        let end = self.here().to_le_bytes();
        for at in self.jumps.drain(..) {
            if let Some(to) = self.code.get_mut(at..at + Label::SIZE) {
                to.copy_from_slice(&end);
            }
        }
    }

    pub(super) fn op(&mut self, op: Op) {
        op.encode(&mut self.code);
    }
}
