//! Programs as people read them: the instructions of one program, and how many of them a run may execute.

use alloc::vec::Vec;
use core::fmt::{self, Write};

use super::Op;
use crate::bundle::wire::{Blob, Label, Str};

/// How a listing prints what operands refer to.
pub trait Names {
    /// Prints a text.
    ///
    /// # Errors
    /// Those of `f`.
    fn text(&self, text: Str, f: &mut dyn Write) -> fmt::Result;

    /// Prints a table.
    ///
    /// # Errors
    /// Those of `f`.
    fn table(&self, table: Blob, f: &mut dyn Write) -> fmt::Result;

    /// Prints a place of the code.
    ///
    /// # Errors
    /// Those of `f`.
    fn label(&self, label: Label, f: &mut dyn Write) -> fmt::Result;
}

/// An instruction of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its place in the section `Code`.
    pub at: u32,
    /// The instruction.
    pub op: Op,
}

/// The instructions of the program at `start`: up to the end that no jump leads beyond. None if there is no
/// program. Stops at bytes that are no instruction.
#[must_use]
pub fn program(code: &[u8], start: Label) -> Vec<Step> {
    let mut steps = Vec::new();
    if !start.is_some() {
        return steps;
    }
    let mut at = start.0 as usize;
    let mut furthest = at;
    while let Some((op, next)) = Op::decode(code, at) {
        let Ok(here) = u32::try_from(at) else { break };
        steps.push(Step { at: here, op });
        if let Some(to) = op.target() {
            furthest = furthest.max(to.0 as usize);
        }
        if ends(op) && next > furthest {
            break;
        }
        at = next;
    }
    steps
}

/// How many instructions one run of a program executes at most. There is no way back, so it is the longest way
/// through. O(instructions × log).
#[must_use]
pub fn worst_case(program: &[Step]) -> u32 {
    // From the end: what follows an instruction is known before it.
    let mut longest: Vec<u32> = alloc::vec![0; program.len() + 1];
    for (index, step) in program.iter().enumerate().rev() {
        let after = |at: usize| longest.get(at).copied().unwrap_or(0);
        let next = match step.op {
            op if ends(op) => 0,
            Op::Jump { .. } => 0,
            _ => after(index + 1),
        };
        let jump = step.op.target().map_or(0, |to| {
            program
                .binary_search_by_key(&to.0, |s| s.at)
                .map_or(0, after)
        });
        if let Some(own) = longest.get_mut(index) {
            *own = 1 + next.max(jump);
        }
    }
    longest.first().copied().unwrap_or(0)
}

fn ends(op: Op) -> bool {
    matches!(op, Op::End {} | Op::Fail { .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(ops: &[Op]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for op in ops {
            op.encode(&mut bytes);
        }
        bytes
    }

    #[test]
    fn a_program_ends_where_no_jump_leads_beyond() {
        // push; jump.true behind the first end; end; push; end; another program
        let bytes = code(&[
            Op::Push { truth: 0 },
            Op::JumpTrue { to: Label(8) },
            Op::End {},
            Op::Push { truth: 1 },
            Op::Not {},
            Op::End {},
            Op::LoadNow {},
            Op::End {},
        ]);
        let steps = program(&bytes, Label(0));
        let places: Vec<u32> = steps.iter().map(|s| s.at).collect();
        assert_eq!(places, [0, 2, 7, 8, 10, 11]);
        assert_eq!(worst_case(&steps), 5, "the way over the jump is longer");
        assert_eq!(program(&bytes, Label(12)).len(), 2);
        assert!(program(&bytes, Label::NONE).is_empty());
        assert_eq!(worst_case(&[]), 0);
    }

    #[test]
    fn what_a_jump_passes_by_is_not_counted() {
        let bytes = code(&[
            Op::Jump { to: Label(7) },
            Op::LoadNow {},
            Op::LoadNow {},
            Op::End {},
        ]);
        assert_eq!(worst_case(&program(&bytes, Label(0))), 2);
    }
}
