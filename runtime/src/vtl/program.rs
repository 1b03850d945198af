//! A compiled template: a blob of sections, read in place.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write;

use super::isa::{Extent, Op};
use crate::value::{Src, Text};

const MAGIC: [u8; 4] = *b"VTL1";
const HEADER: usize = 24;

/// Variables that every program has, in the order of their numbers.
pub const ROOTS: [&str; 7] = [
    "input",
    "util",
    "context",
    "stageVariables",
    "foreach",
    "velocityCount",
    "velocityHasNext",
];

/// A compiled template in somebody's bytes. Copying it is free; every read is checked, so a blob that was
/// never [verified](Program::verify) faults and does not panic.
#[derive(Clone, Copy, Debug)]
pub struct Program<'p> {
    pub(super) slots: u16,
    pub(super) code: &'p [u8],
    pub(super) text: &'p [u8],
    pub(super) paths: &'p [u8],
    /// Where the text section is in what [`Src::Bundle`] resolves in.
    text_base: u32,
}

/// Why a blob is no template program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadProgram {
    /// It does not begin as one, or its sections are not in it.
    Header,
    /// No instruction, or one with an operand outside of the program, at this offset of the code.
    Code(u32),
    /// A compiled path at this offset of the path section is not one.
    Path(u32),
}

impl<'p> Program<'p> {
    /// The program in `blob`, which stands at `base` of the bytes that [`Src::Bundle`] resolves in.
    ///
    /// # Errors
    /// [`BadProgram::Header`].
    pub fn open(blob: &'p [u8], base: u32) -> Result<Program<'p>, BadProgram> {
        let bad = BadProgram::Header;
        let header = blob.get(..HEADER).ok_or(bad)?;
        let word = |at: usize| -> Option<u32> {
            Some(u32::from_le_bytes(*header.get(at..)?.first_chunk()?))
        };
        if header.get(..4) != Some(&MAGIC) {
            return Err(bad);
        }
        let slots = word(4)
            .and_then(|slots| u16::try_from(slots).ok())
            .ok_or(bad)?;
        let sizes = [word(8), word(12), word(16)];
        let [Some(code), Some(text), Some(paths)] = sizes else {
            return Err(bad);
        };
        let part = |from: usize, len: u32| blob.get(from..)?.get(..len as usize);
        let text_at = HEADER + code as usize;
        let paths_at = text_at.checked_add(text as usize).ok_or(bad)?;
        Ok(Program {
            slots,
            code: part(HEADER, code).ok_or(bad)?,
            text: part(text_at, text).ok_or(bad)?,
            paths: part(paths_at, paths).ok_or(bad)?,
            text_base: u32::try_from(text_at)
                .ok()
                .and_then(|at| base.checked_add(at))
                .ok_or(bad)?,
        })
    }

    /// Checks every instruction, jump and path. O(size).
    ///
    /// # Errors
    /// The first thing that is wrong.
    pub fn verify(&self) -> Result<(), BadProgram> {
        let extent = Extent {
            slots: self.slots,
            code: self.code.len() as u32,
            text: self.text.len() as u32,
            paths: self.paths.len() as u32,
        };
        if usize::from(self.slots) < ROOTS.len() {
            return Err(BadProgram::Header);
        }
        // A bit per byte of code: where instructions begin.
        let mut begins = alloc::vec![0u8; self.code.len() / 8 + 1];
        let mut targets = Vec::new();
        let mut at = 0;
        while at < self.code.len() {
            let bad = BadProgram::Code(at as u32);
            let (op, next) = Op::decode(self.code, at).ok_or(bad)?;
            if !op.fits(&extent) {
                return Err(bad);
            }
            if let Some(byte) = begins.get_mut(at / 8) {
                *byte |= 1 << (at % 8);
            }
            if let Some(target) = op.target() {
                let back = matches!(op, Op::Next { .. });
                if back != (target <= at as u32) {
                    return Err(bad);
                }
                targets.push((at as u32, target));
            }
            if let Op::InputPath { path } | Op::InputJson { path } | Op::PrintInput { path } = op
                && !crate::jsonpath::verify(self.paths.get(path.0 as usize..).unwrap_or(&[]))
            {
                return Err(BadProgram::Path(path.0));
            }
            at = next;
        }
        for (from, target) in targets {
            let begun = begins
                .get(target as usize / 8)
                .is_some_and(|byte| byte & (1 << (target % 8)) != 0);
            if !begun {
                return Err(BadProgram::Code(from));
            }
        }
        Ok(())
    }

    /// The handle of a text of the program.
    pub(super) fn literal(&self, off: u32, len: u32) -> Text {
        Text::new(Src::Bundle, self.text_base.saturating_add(off), len)
    }

    /// The listing: an offset, an instruction and its operands per line.
    #[must_use]
    pub fn listing(&self) -> String {
        let mut lines = String::new();
        let mut at = 0;
        while let Some((op, next)) = Op::decode(self.code, at) {
            let _ = writeln!(lines, "{at:5}  {op}");
            at = next;
        }
        lines
    }
}

/// Puts the sections of a program together.
#[must_use]
pub fn assemble(slots: u16, code: &[u8], text: &[u8], paths: &[u8]) -> Vec<u8> {
    let mut blob = Vec::with_capacity(HEADER + code.len() + text.len() + paths.len());
    blob.extend_from_slice(&MAGIC);
    for word in [usize::from(slots), code.len(), text.len(), paths.len(), 0] {
        blob.extend_from_slice(&(word as u32).to_le_bytes());
    }
    blob.extend_from_slice(code);
    blob.extend_from_slice(text);
    blob.extend_from_slice(paths);
    blob
}
