//! Look-around, and what only seems to need backtracking, in linear time.
//!
//! A look at a place asks whether something matches from there on, or up to there. That is worked out for all places
//! at once before the search, by one run over the text: against its direction for what lies ahead, with it for what
//! lies behind. Possessive quantifiers and atomic groups are looks too, where what they repeat matches in one way.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::RunError;
use super::compile::Inst;
use super::parse::Node;
use super::run::{Search, before, decode, holds_at};

/// The most looks of one pattern.
pub(super) const MAX_LOOKS: usize = 16;

/// Whether a pattern matches in at most one way at a place.
fn is_fixed(node: &Node) -> bool {
    match node {
        Node::Empty | Node::Set(_) | Node::Assert(_) | Node::Look { .. } | Node::Looked(..) => true,
        Node::Group(inner, _) => is_fixed(inner),
        Node::Sequence(nodes) => nodes.iter().all(is_fixed),
        Node::Either(_) | Node::Repeat { .. } => false,
    }
}

/// `(?!node)`.
fn not_ahead(node: &Node) -> Node {
    Node::Look {
        node: Box::new(without_groups(node)),
        ahead: true,
        negate: true,
    }
}

/// The same pattern with its parts, outside looks, each made anew.
fn with_parts(node: &Node, new: impl Fn(&Node) -> Node) -> Node {
    match node {
        Node::Group(inner, number) => Node::Group(Box::new(new(inner)), *number),
        Node::Sequence(nodes) => Node::Sequence(nodes.iter().map(new).collect()),
        Node::Either(nodes) => Node::Either(nodes.iter().map(new).collect()),
        Node::Repeat {
            node,
            least,
            most,
            greedy,
        } => Node::Repeat {
            node: Box::new(new(node)),
            least: *least,
            most: *most,
            greedy: *greedy,
        },
        node => node.clone(),
    }
}

/// The same without captures.
fn without_groups(node: &Node) -> Node {
    match node {
        Node::Group(inner, _) => Node::Sequence(Vec::from([without_groups(inner)])),
        node => with_parts(node, without_groups),
    }
}

/// Whether a pattern has captures.
pub(super) fn has_groups(node: &Node) -> bool {
    match node {
        Node::Empty | Node::Set(_) | Node::Assert(_) | Node::Looked(..) => false,
        Node::Group(..) => true,
        Node::Look { node, .. } | Node::Repeat { node, .. } => has_groups(node),
        Node::Sequence(nodes) | Node::Either(nodes) => nodes.iter().any(has_groups),
    }
}

/// Whether there is a longest text that a pattern matches: Java wants one behind a place.
pub(super) fn is_bounded(node: &Node) -> bool {
    match node {
        Node::Empty | Node::Set(_) | Node::Assert(_) | Node::Look { .. } | Node::Looked(..) => true,
        Node::Group(inner, _) => is_bounded(inner),
        Node::Repeat { node, most, .. } => most.is_some() && is_bounded(node),
        Node::Sequence(nodes) | Node::Either(nodes) => nodes.iter().all(is_bounded),
    }
}

/// `(?>node)`: its preferred match and no other. Nothing where only backtracking tells which that is.
pub(super) fn atomic(node: Node) -> Option<Node> {
    if is_fixed(&node) {
        return Some(node);
    }
    match node {
        Node::Group(inner, number) => Some(Node::Group(Box::new(atomic(*inner)?), number)),
        Node::Sequence(mut nodes) => {
            let last = nodes.pop()?;
            if !nodes.iter().all(is_fixed) {
                return None;
            }
            nodes.push(atomic(last)?);
            Some(Node::Sequence(nodes))
        }
        // An alternative counts where none before it matches.
        Node::Either(branches) => {
            // Each is a look before all that follow.
            if branches.len() > MAX_LOOKS || !branches.iter().all(is_fixed) {
                return None;
            }
            let guarded = branches.iter().enumerate().map(|(index, branch)| {
                let earlier = branches.iter().take(index).map(not_ahead);
                Node::Sequence(earlier.chain([branch.clone()]).collect())
            });
            Some(Node::Either(guarded.collect()))
        }
        Node::Repeat {
            node,
            least,
            most,
            greedy: true,
        } => possessive(*node, least, most),
        _ => None,
    }
}

/// `node{least,most}+`: as often as it can, and no less.
fn possessive(node: Node, least: u32, most: Option<u32>) -> Option<Node> {
    if !is_fixed(&node) {
        return None;
    }
    let stop = not_ahead(&node);
    let times = |least, most| Node::Repeat {
        node: Box::new(node.clone()),
        least,
        most,
        greedy: true,
    };
    let fewer = |most| Node::Sequence(Vec::from([times(least, most), stop.clone()]));
    Some(match most {
        None => fewer(None),
        Some(most) if most > least => {
            Node::Either(Vec::from([times(most, Some(most)), fewer(Some(most - 1))]))
        }
        Some(_) => times(least, most),
    })
}

/// The same pattern, to be matched against the text's direction.
pub(super) fn backwards(node: &Node) -> Node {
    match with_parts(node, backwards) {
        Node::Sequence(mut nodes) => {
            nodes.reverse();
            Node::Sequence(nodes)
        }
        node => node,
    }
}

/// Bytes of the answers of one look.
pub(super) fn width(text: usize) -> usize {
    text / 8 + 1
}

impl Search<'_> {
    /// Answers every look of the program at every place of the text: the inner ones first, as they are numbered.
    pub(super) fn look_around(&mut self) -> Result<(), RunError> {
        let width = width(self.bytes.len());
        let looks = self.program.looks.len() / 5;
        self.space.looks.clear();
        self.space.looks.resize(looks * width, 0);
        for number in 0..looks {
            let entry = self.program.looks.get(number * 5..).unwrap_or(&[]);
            let Some((ahead, Some(start))) = entry
                .split_first()
                .map(|(ahead, rest)| (*ahead == 1, rest.first_chunk()))
            else {
                return Err(RunError::Corrupt);
            };
            self.look(number * width, u32::from_le_bytes(*start), ahead)?;
        }
        Ok(())
    }

    /// One run over the text; a thread is an instruction.
    fn look(&mut self, answers: usize, start: u32, ahead: bool) -> Result<(), RunError> {
        let mut threads = core::mem::take(&mut self.space.now.at);
        let mut next = core::mem::take(&mut self.space.next.at);
        threads.clear();
        let mut at = if ahead { self.bytes.len() } else { 0 };
        let result = loop {
            next.clear();
            self.round += 1;
            let mut found = false;
            let mut failed = None;
            for thread in threads.iter().copied().chain([start]) {
                match self.follow(thread, at, &mut next) {
                    Ok(matches) => found |= matches,
                    Err(error) => failed = Some(error),
                }
            }
            if let Some(error) = failed {
                break Err(error);
            }
            if found && let Some(byte) = self.space.looks.get_mut(answers + at / 8) {
                *byte |= 1 << (at % 8);
            }
            let (character, step) = if ahead {
                let character = before(self.bytes, at);
                // What is no UTF-8 is one byte long.
                let len = character.map_or(0, |_| step_back(self.bytes, at));
                (character, len)
            } else {
                decode(self.bytes, at)
            };
            let Some(character) = character else {
                break Ok(());
            };
            if let Err(error) = self.spend(next.len() as u64 / 4 + 1) {
                break Err(error);
            }
            threads.clear();
            for thread in next.iter().copied() {
                let passes = match self.program.inst(thread) {
                    Some(Inst::Char(code)) => code == u32::from(character),
                    Some(Inst::Set(set)) => self.program.set_holds(set, character),
                    _ => false,
                };
                if passes {
                    threads.push(thread + 1);
                }
            }
            at = if ahead { at - step } else { at + step };
        };
        self.space.now.at = threads;
        self.space.next.at = next;
        result
    }

    /// Follows everything that takes no character; whether the pattern matches here.
    fn follow(&mut self, start: u32, at: usize, next: &mut Vec<u32>) -> Result<bool, RunError> {
        let mut found = false;
        self.space.stack.clear();
        self.space.stack.push((start, 0, 0));
        while let Some((inst_at, _, _)) = self.space.stack.pop() {
            let round = self.round;
            let Some(seen) = self.space.now.seen.get_mut(inst_at as usize) else {
                return Err(RunError::Corrupt);
            };
            if *seen == round {
                continue;
            }
            *seen = round;
            self.spend(1)?;
            match self.program.inst(inst_at).ok_or(RunError::Corrupt)? {
                Inst::Jump(to) => self.space.stack.push((to, 0, 0)),
                Inst::Split(first, second) => {
                    self.space.stack.push((second, 0, 0));
                    self.space.stack.push((first, 0, 0));
                }
                Inst::Save(_) => self.space.stack.push((inst_at + 1, 0, 0)),
                Inst::Assert(kind) => {
                    if holds_at(self.bytes, at, self.from, kind) {
                        self.space.stack.push((inst_at + 1, 0, 0));
                    }
                }
                Inst::Look(number, negate) => {
                    if self.looked(number, at) != (negate == 1) {
                        self.space.stack.push((inst_at + 1, 0, 0));
                    }
                }
                Inst::Match => found = true,
                Inst::Char(_) | Inst::Set(_) => next.push(inst_at),
            }
        }
        Ok(found)
    }

    /// The answer of a look at a place.
    pub(super) fn looked(&self, number: u32, at: usize) -> bool {
        let byte = number as usize * width(self.bytes.len()) + at / 8;
        let byte = self.space.looks.get(byte).copied().unwrap_or(0);
        byte >> (at % 8) & 1 == 1
    }
}

/// The length of the character that ends at a byte.
fn step_back(bytes: &[u8], at: usize) -> usize {
    (1..=4.min(at))
        .find(|len| decode(bytes, at - len).1 == *len)
        .unwrap_or(1)
}
