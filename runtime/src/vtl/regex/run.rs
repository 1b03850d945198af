//! Running a program: all threads at once, the preferred ones first.

use alloc::vec::Vec;

use super::RunError;
use super::class::holds;
use super::compile::Inst;
use super::look;
use crate::json::{Bound, Heap};
use crate::value::{Text, Value};

/// The most groups of a pattern, the whole match counted.
pub const MAX_GROUPS: usize = 24;

/// Where groups begin and end: bytes of the text, or nothing for a group that took no part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Captures {
    slots: [u32; MAX_GROUPS * 2],
    groups: u16,
}

const NONE: u32 = u32::MAX;

impl Default for Captures {
    fn default() -> Captures {
        Captures {
            slots: [NONE; MAX_GROUPS * 2],
            groups: 0,
        }
    }
}

impl Captures {
    /// The number of groups, the whole match counted as number 0.
    #[must_use]
    pub fn groups(&self) -> usize {
        self.groups.into()
    }

    /// First byte and the byte behind the last of a group.
    #[must_use]
    pub fn group(&self, number: usize) -> Option<(u32, u32)> {
        let from = *self.slots.get(number.checked_mul(2)?)?;
        let to = *self.slots.get(number * 2 + 1)?;
        (from != NONE && to != NONE).then_some((from, to))
    }
}

/// The room that runs use, kept between them.
#[derive(Debug, Default)]
pub struct Space {
    pub(super) now: Threads,
    pub(super) next: Threads,
    pub(super) stack: Vec<(u32, u32, u32)>,
    /// The answers of looks: a bit for each place, look by look.
    pub(super) looks: Vec<u8>,
}

/// Threads in the order of preference, each at most once per instruction.
#[derive(Debug, Default)]
pub(super) struct Threads {
    /// Instructions.
    pub(super) at: Vec<u32>,
    /// The captures of each, side by side.
    slots: Vec<u32>,
    /// By instruction: the round that it was last added in.
    pub(super) seen: Vec<u32>,
}

/// A program in somebody's bytes.
#[derive(Clone, Copy)]
pub(super) struct Program<'p> {
    groups: u16,
    code: &'p [u8],
    /// Five bytes each.
    pub(super) looks: &'p [u8],
    /// The names, and the sets behind them.
    names: u8,
    named: &'p [u8],
    sets: &'p [u8],
}

impl<'p> Program<'p> {
    fn open(bytes: &'p [u8]) -> Option<Program<'p>> {
        let (groups, rest) = bytes.split_first_chunk()?;
        let (count, rest) = rest.split_first_chunk()?;
        let ([looks, names], rest) = rest.split_first_chunk()?;
        let (code, rest) =
            rest.split_at_checked((u32::from_le_bytes(*count) as usize).checked_mul(9)?)?;
        let (looks, named) = rest.split_at_checked(usize::from(*looks) * 5)?;
        let mut sets = named;
        for _ in 0..*names {
            let ([_, len], rest) = sets.split_first_chunk()?;
            sets = rest.get(usize::from(*len)..)?;
        }
        let groups = u16::from_le_bytes(*groups);
        (usize::from(groups) <= MAX_GROUPS).then_some(Program {
            groups,
            code,
            looks,
            names: *names,
            named,
            sets,
        })
    }

    /// Whether the set at this offset holds a character.
    pub(super) fn set_holds(&self, set: u32, character: char) -> bool {
        holds(self.sets.get(set as usize..).unwrap_or(&[]), character)
    }

    pub(super) fn inst(&self, at: u32) -> Option<Inst> {
        let bytes = self.code.get(at as usize * 9..)?;
        let (code, rest) = bytes.split_first()?;
        let (a, rest) = rest.split_first_chunk()?;
        let (b, _) = rest.split_first_chunk()?;
        Inst::of(*code, u32::from_le_bytes(*a), u32::from_le_bytes(*b))
    }

    fn len(&self) -> usize {
        self.code.len() / 9
    }
}

/// The number of the group with a name, in a program.
#[must_use]
pub fn named(program: &[u8], name: &[u8]) -> Option<usize> {
    let program = Program::open(program)?;
    let mut rest = program.named;
    for _ in 0..program.names {
        let ([group, len], tail) = rest.split_first_chunk()?;
        let (own, tail) = tail.split_at_checked(usize::from(*len))?;
        if own == name {
            return Some(usize::from(*group));
        }
        rest = tail;
    }
    None
}

/// Whether the program matches all of `text`.
///
/// # Errors
/// A bound, or bytes that are no program.
pub fn whole(heap: &mut Heap<'_>, program: &[u8], text: Text) -> Result<bool, RunError> {
    let mut captures = Captures::default();
    search(heap, program, text, 0, true, &mut captures)
}

/// Finds the first match at or after byte `from`.
///
/// Work: a unit per character and eight threads.
///
/// # Errors
/// A bound, or bytes that are no program.
pub fn find(
    heap: &mut Heap<'_>,
    program: &[u8],
    text: Text,
    from: u32,
    captures: &mut Captures,
) -> Result<bool, RunError> {
    search(heap, program, text, from, false, captures)
}

fn search(
    heap: &mut Heap<'_>,
    program: &[u8],
    text: Text,
    from: u32,
    all: bool,
    captures: &mut Captures,
) -> Result<bool, RunError> {
    let program = Program::open(program).ok_or(RunError::Corrupt)?;
    // Beside the arenas, but not beyond what they may hold.
    let answers = program.looks.len() / 5 * look::width(text.len as usize);
    let cells = answers / size_of::<Value>();
    heap.scratch
        .admit_values(u32::try_from(cells).unwrap_or(u32::MAX))
        .map_err(Bound::from)?;
    let mut space = core::mem::take(heap.scratch.pattern_space());
    let mut work = heap.work;
    let result = {
        let bytes = heap.bytes(text);
        Search {
            program,
            bytes,
            all,
            space: &mut space,
            work: &mut work,
            round: 0,
            from: from as usize,
        }
        .run(from as usize, captures)
    };
    heap.work = work;
    *heap.scratch.pattern_space() = space;
    result
}

pub(super) struct Search<'s> {
    pub(super) program: Program<'s>,
    pub(super) bytes: &'s [u8],
    all: bool,
    pub(super) space: &'s mut Space,
    work: &'s mut u64,
    pub(super) round: u32,
    /// Where the search begins.
    pub(super) from: usize,
}

impl Search<'_> {
    pub(super) fn spend(&mut self, n: u64) -> Result<(), RunError> {
        *self.work = self
            .work
            .checked_sub(n)
            .ok_or(RunError::Bound(Bound::Work))?;
        Ok(())
    }

    fn run(&mut self, from: usize, captures: &mut Captures) -> Result<bool, RunError> {
        let len = self.program.len();
        let width = usize::from(self.program.groups) * 2;
        for threads in [&mut self.space.now, &mut self.space.next] {
            threads.at.clear();
            threads.slots.clear();
            threads.seen.clear();
            threads.seen.resize(len, 0);
        }
        self.spend(len as u64 / 8)?;
        if !self.program.looks.is_empty() {
            self.look_around()?;
            self.space.now.at.clear();
            self.space.next.at.clear();
        }
        let mut found = false;
        let mut turned = false;
        let mut at = from;
        loop {
            let (character, step) = decode(self.bytes, at);
            if self.space.now.at.is_empty() && (found || self.all && at != from) {
                break;
            }
            if !found && (!self.all || at == from) {
                self.round += 1;
                let round = self.round;
                // Threads of earlier starts come first; a new one only joins where none of them is.
                let fresh = [NONE; MAX_GROUPS * 2];
                if self.space.now.at.is_empty() {
                    self.add(false, 0, at, fresh.get(..width).unwrap_or(&[]), round)?;
                } else {
                    self.join(at, fresh.get(..width).unwrap_or(&[]))?;
                }
            }
            self.round += 1;
            let round = self.round;
            self.space.next.at.clear();
            self.space.next.slots.clear();
            self.spend(self.space.now.at.len() as u64 / 8 + 1)?;
            let mut index = 0;
            while let Some(&inst_at) = self.space.now.at.get(index) {
                let slots = index * width..(index + 1) * width;
                index += 1;
                let inst = self.program.inst(inst_at).ok_or(RunError::Corrupt)?;
                let passes = match (inst, character) {
                    (Inst::Match, _) => {
                        if self.all && at != self.bytes.len() {
                            continue;
                        }
                        captures.slots = [NONE; MAX_GROUPS * 2];
                        captures.groups = self.program.groups;
                        for (slot, value) in captures
                            .slots
                            .iter_mut()
                            .zip(self.space.now.slots.get(slots).unwrap_or(&[]))
                        {
                            *slot = *value;
                        }
                        found = true;
                        // Threads behind this one are less preferred.
                        break;
                    }
                    (Inst::Char(code), Some(character)) => code == u32::from(character),
                    (Inst::Set(set), Some(character)) => self.program.set_holds(set, character),
                    _ => false,
                };
                if passes {
                    let mut copy = [NONE; MAX_GROUPS * 2];
                    for (slot, value) in copy
                        .iter_mut()
                        .zip(self.space.now.slots.get(slots).unwrap_or(&[]))
                    {
                        *slot = *value;
                    }
                    self.add(
                        true,
                        inst_at + 1,
                        at + step,
                        copy.get(..width).unwrap_or(&[]),
                        round,
                    )?;
                }
            }
            core::mem::swap(&mut self.space.now, &mut self.space.next);
            turned = !turned;
            if character.is_none() {
                break;
            }
            at += step;
        }
        // The same search finds the room that it made.
        if turned {
            core::mem::swap(&mut self.space.now, &mut self.space.next);
        }
        Ok(found)
    }

    /// Adds the start of the pattern behind the threads that are there.
    fn join(&mut self, at: usize, slots: &[u32]) -> Result<(), RunError> {
        self.round += 1;
        let round = self.round;
        for index in 0..self.space.now.at.len() {
            if let Some(inst) = self.space.now.at.get(index).copied()
                && let Some(seen) = self.space.now.seen.get_mut(inst as usize)
            {
                *seen = round;
            }
        }
        self.add(false, 0, at, slots, round)
    }

    /// Follows everything that takes no character, in order of preference.
    fn add(
        &mut self,
        next: bool,
        start: u32,
        at: usize,
        slots: &[u32],
        round: u32,
    ) -> Result<(), RunError> {
        let mut current = [NONE; MAX_GROUPS * 2];
        for (slot, value) in current.iter_mut().zip(slots) {
            *slot = *value;
        }
        let width = slots.len();
        // An entry with a slot restores that slot when the way through it is done.
        self.space.stack.clear();
        self.space.stack.push((start, NONE, 0));
        while let Some((inst_at, slot, old)) = self.space.stack.pop() {
            if slot != NONE {
                if let Some(place) = current.get_mut(slot as usize) {
                    *place = old;
                }
                continue;
            }
            let mut inst_at = inst_at;
            loop {
                let threads = if next {
                    &mut self.space.next
                } else {
                    &mut self.space.now
                };
                let Some(seen) = threads.seen.get_mut(inst_at as usize) else {
                    return Err(RunError::Corrupt);
                };
                if *seen == round {
                    break;
                }
                *seen = round;
                match self.program.inst(inst_at).ok_or(RunError::Corrupt)? {
                    Inst::Jump(to) => inst_at = to,
                    Inst::Split(first, second) => {
                        self.space.stack.push((second, NONE, 0));
                        inst_at = first;
                    }
                    Inst::Save(slot) => {
                        let Some(place) = current.get_mut(slot as usize) else {
                            return Err(RunError::Corrupt);
                        };
                        self.space.stack.push((0, slot, *place));
                        *place = at as u32;
                        inst_at += 1;
                    }
                    Inst::Assert(kind) => {
                        if !holds_at(self.bytes, at, self.from, kind) {
                            break;
                        }
                        inst_at += 1;
                    }
                    Inst::Look(number, negate) => {
                        if self.looked(number, at) == (negate == 1) {
                            break;
                        }
                        inst_at += 1;
                    }
                    Inst::Match | Inst::Char(_) | Inst::Set(_) => {
                        threads.at.push(inst_at);
                        threads
                            .slots
                            .extend_from_slice(current.get(..width).unwrap_or(&[]));
                        break;
                    }
                }
            }
            *self.work = self
                .work
                .checked_sub(1)
                .ok_or(RunError::Bound(Bound::Work))?;
        }
        Ok(())
    }
}

/// The character at a byte and its length; nothing at the end. A byte that is no UTF-8 is U+FFFD.
pub(super) fn decode(bytes: &[u8], at: usize) -> (Option<char>, usize) {
    let rest = bytes.get(at..).unwrap_or(&[]);
    match rest.first() {
        None => (None, 0),
        Some(byte) if *byte < 0x80 => (Some(char::from(*byte)), 1),
        Some(_) => {
            let head = rest.get(..rest.len().min(4)).unwrap_or(&[]);
            let valid = match core::str::from_utf8(head) {
                Ok(text) => text,
                Err(error) => head
                    .get(..error.valid_up_to())
                    .and_then(|valid| core::str::from_utf8(valid).ok())
                    .unwrap_or(""),
            };
            match valid.chars().next() {
                Some(character) => (Some(character), character.len_utf8()),
                None => (Some(char::REPLACEMENT_CHARACTER), 1),
            }
        }
    }
}

/// The character that ends at a byte.
pub(super) fn before(bytes: &[u8], at: usize) -> Option<char> {
    let mut from = at.checked_sub(1)?;
    while from > 0 && at - from < 4 && bytes.get(from).is_some_and(|byte| byte & 0xC0 == 0x80) {
        from -= 1;
    }
    decode(bytes, from).0
}

fn is_line_end(character: Option<char>) -> bool {
    matches!(
        character,
        Some('\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
    )
}

pub(super) fn holds_at(bytes: &[u8], at: usize, from: usize, kind: u32) -> bool {
    let end = bytes.len();
    let in_pair = || before(bytes, at) == Some('\r') && decode(bytes, at).0 == Some('\n');
    let at_line_end = || is_line_end(decode(bytes, at).0) && !in_pair();
    let word = |character: Option<char>| character.is_some_and(|c| c == '_' || c.is_alphanumeric());
    match kind {
        0 => at == 0,
        1 => at == end,
        2 => {
            let (next, len) = decode(bytes, at);
            let pair = next == Some('\r') && bytes.get(at + 1) == Some(&b'\n');
            at == end || at_line_end() && at + if pair { 2 } else { len } == end
        }
        3 => at == 0 || at < end && is_line_end(before(bytes, at)) && !in_pair(),
        4 => at == end || at_line_end(),
        5 => word(before(bytes, at)) != word(decode(bytes, at).0),
        6 => word(before(bytes, at)) == word(decode(bytes, at).0),
        7 => at == from,
        8 => at == end || at + 1 == end && bytes.get(at) == Some(&b'\n'),
        9 => at == 0 || at < end && before(bytes, at) == Some('\n'),
        10 => at == end || bytes.get(at) == Some(&b'\n'),
        _ => false,
    }
}
