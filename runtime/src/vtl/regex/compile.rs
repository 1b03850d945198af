//! From the tree of a pattern to its program.
//!
//! A program is: groups (`u16`), the numbers of instructions (`u32`), looks (`u8`) and named groups (`u8`), instructions
//! of nine bytes (a code and two numbers), looks of five (whether ahead, and the first instruction), names (group,
//! length, bytes), and sets.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::class::Set;
use super::look::{MAX_LOOKS, backwards};
use super::parse::{Node, parse};
use super::{BadPattern, Flags};

/// The most instructions of one program.
const MAX_INSTRUCTIONS: usize = 10_000;

/// The most bytes of one pattern: its tree is beside the scratch, and is up to forty times as large.
const MAX_PATTERN: usize = 32 * 1024;

/// One step of a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Inst {
    /// The pattern matches.
    Match,
    /// A character of the set at this offset.
    Set(u32),
    /// One character.
    Char(u32),
    /// Both, the first one preferred.
    Split(u32, u32),
    /// Goes on there.
    Jump(u32),
    /// Notes the place in this slot.
    Save(u32),
    /// Goes on if the assertion holds.
    Assert(u32),
    /// Goes on if the look of this number says yes; or no, if the second is 1.
    Look(u32, u32),
}

impl Inst {
    fn parts(self) -> (u8, u32, u32) {
        match self {
            Inst::Match => (0, 0, 0),
            Inst::Set(at) => (1, at, 0),
            Inst::Char(code) => (2, code, 0),
            Inst::Split(first, second) => (3, first, second),
            Inst::Jump(to) => (4, to, 0),
            Inst::Save(slot) => (5, slot, 0),
            Inst::Assert(kind) => (6, kind, 0),
            Inst::Look(number, negate) => (7, number, negate),
        }
    }

    pub(super) fn of(code: u8, a: u32, b: u32) -> Option<Inst> {
        Some(match code {
            0 => Inst::Match,
            1 => Inst::Set(a),
            2 => Inst::Char(a),
            3 => Inst::Split(a, b),
            4 => Inst::Jump(a),
            5 => Inst::Save(a),
            6 => Inst::Assert(a),
            7 => Inst::Look(a, b),
            _ => return None,
        })
    }
}

/// Appends the program of a pattern to `out`.
///
/// # Errors
/// [`BadPattern`]; `out` is as before then.
pub fn compile(pattern: &[u8], flags: Flags, out: &mut Vec<u8>) -> Result<(), BadPattern> {
    if pattern.len() > MAX_PATTERN {
        return Err(BadPattern::TooLarge);
    }
    let text = core::str::from_utf8(pattern)
        .map_err(|error| BadPattern::Syntax(error.valid_up_to() as u32))?;
    let parsed = parse(text, flags)?;
    let mut compiler = Compiler {
        code: Vec::new(),
        sets: Vec::new(),
        looks: Vec::new(),
    };
    compiler.push(Inst::Save(0))?;
    compiler.node(&parsed.node)?;
    compiler.push(Inst::Save(1))?;
    compiler.push(Inst::Match)?;
    compiler.looks()?;
    let named = parsed.names.iter().filter(|(name, _)| name.len() < 256);
    out.extend_from_slice(&(parsed.groups + 1).to_le_bytes());
    out.extend_from_slice(&(compiler.code.len() as u32).to_le_bytes());
    out.push(compiler.looks.len() as u8);
    out.push(named.clone().count() as u8);
    for inst in &compiler.code {
        let (code, a, b) = inst.parts();
        out.push(code);
        out.extend_from_slice(&a.to_le_bytes());
        out.extend_from_slice(&b.to_le_bytes());
    }
    for look in &compiler.looks {
        out.push(u8::from(look.ahead));
        out.extend_from_slice(&look.start.to_le_bytes());
    }
    for (name, group) in named {
        out.extend_from_slice(&[*group as u8, name.len() as u8]);
        out.extend_from_slice(name.as_bytes());
    }
    out.extend_from_slice(&compiler.sets);
    Ok(())
}

struct Compiler {
    code: Vec<Inst>,
    sets: Vec<u8>,
    /// The looks, the inner ones before those that they stand in.
    looks: Vec<Look>,
}

struct Look {
    ahead: bool,
    /// What is looked for, until its code is there.
    node: Node,
    start: u32,
}

impl Compiler {
    fn push(&mut self, inst: Inst) -> Result<usize, BadPattern> {
        if self.code.len() >= MAX_INSTRUCTIONS || self.sets.len() > 64 * 1024 {
            return Err(BadPattern::TooLarge);
        }
        self.code.push(inst);
        Ok(self.code.len() - 1)
    }

    fn here(&self) -> u32 {
        self.code.len() as u32
    }

    fn patch(&mut self, at: usize, inst: Inst) {
        if let Some(slot) = self.code.get_mut(at) {
            *slot = inst;
        }
    }

    /// The code of all looks, behind the pattern's own. Looks in looks were numbered when they were met.
    fn looks(&mut self) -> Result<(), BadPattern> {
        for number in 0..self.looks.len() {
            let Some(look) = self.looks.get_mut(number) else {
                break;
            };
            let node = core::mem::replace(&mut look.node, Node::Empty);
            let start = self.here();
            self.node(&node)?;
            self.push(Inst::Match)?;
            if let Some(look) = self.looks.get_mut(number) {
                look.start = start;
            }
        }
        Ok(())
    }

    /// Gives every look in `node` a number and puts an instruction in its place; the innermost first.
    fn look(&mut self, node: &Node, ahead: bool) -> Result<u32, BadPattern> {
        let node = if ahead { backwards(node) } else { node.clone() };
        let node = self.numbered(node)?;
        if self.looks.len() >= MAX_LOOKS {
            return Err(BadPattern::TooLarge);
        }
        self.looks.push(Look {
            ahead,
            node,
            start: 0,
        });
        Ok(self.looks.len() as u32 - 1)
    }

    fn numbered(&mut self, node: Node) -> Result<Node, BadPattern> {
        let mut all = |nodes: Vec<Node>| {
            let nodes = nodes.into_iter().map(|node| self.numbered(node));
            nodes.collect::<Result<Vec<_>, _>>()
        };
        Ok(match node {
            Node::Sequence(nodes) => Node::Sequence(all(nodes)?),
            Node::Either(nodes) => Node::Either(all(nodes)?),
            Node::Group(inner, number) => Node::Group(Box::new(self.numbered(*inner)?), number),
            Node::Repeat {
                node,
                least,
                most,
                greedy,
            } => Node::Repeat {
                node: Box::new(self.numbered(*node)?),
                least,
                most,
                greedy,
            },
            Node::Look {
                node,
                ahead,
                negate,
            } => Node::Looked(self.look(&node, ahead)?, negate),
            node => node,
        })
    }

    fn node(&mut self, node: &Node) -> Result<(), BadPattern> {
        match node {
            Node::Look {
                node,
                ahead,
                negate,
            } => {
                let number = self.look(node, *ahead)?;
                self.push(Inst::Look(number, u32::from(*negate))).map(drop)
            }
            Node::Looked(number, negate) => {
                self.push(Inst::Look(*number, u32::from(*negate))).map(drop)
            }
            Node::Empty => Ok(()),
            Node::Set(Set::Range(from, to)) if from == to => self.push(Inst::Char(*from)).map(drop),
            Node::Set(set) => {
                let at = self.sets.len() as u32;
                set.encode(&mut self.sets);
                self.push(Inst::Set(at)).map(drop)
            }
            Node::Assert(assertion) => self.push(Inst::Assert(*assertion as u32)).map(drop),
            Node::Group(inner, number) => {
                self.push(Inst::Save(u32::from(*number) * 2))?;
                self.node(inner)?;
                self.push(Inst::Save(u32::from(*number) * 2 + 1)).map(drop)
            }
            Node::Sequence(nodes) => nodes.iter().try_for_each(|node| self.node(node)),
            Node::Either(branches) => {
                let mut jumps = Vec::new();
                for (index, branch) in branches.iter().enumerate() {
                    if index + 1 == branches.len() {
                        self.node(branch)?;
                        break;
                    }
                    let split = self.push(Inst::Jump(0))?;
                    self.node(branch)?;
                    jumps.push(self.push(Inst::Jump(0))?);
                    let next = self.here();
                    self.patch(split, Inst::Split(split as u32 + 1, next));
                }
                let end = self.here();
                jumps
                    .into_iter()
                    .for_each(|jump| self.patch(jump, Inst::Jump(end)));
                Ok(())
            }
            Node::Repeat {
                node,
                least,
                most,
                greedy,
            } => self.repeat(node, *least, *most, *greedy),
        }
    }

    fn repeat(
        &mut self,
        node: &Node,
        least: u32,
        most: Option<u32>,
        greedy: bool,
    ) -> Result<(), BadPattern> {
        for _ in 0..least {
            self.node(node)?;
        }
        let split = |into: u32, past: u32| {
            if greedy {
                Inst::Split(into, past)
            } else {
                Inst::Split(past, into)
            }
        };
        match most {
            None => {
                let start = self.push(Inst::Jump(0))?;
                self.node(node)?;
                self.push(Inst::Jump(start as u32))?;
                let end = self.here();
                self.patch(start, split(start as u32 + 1, end));
            }
            Some(most) => {
                let mut splits = Vec::new();
                for _ in least..most {
                    splits.push(self.push(Inst::Jump(0))?);
                    self.node(node)?;
                }
                let end = self.here();
                for at in splits {
                    self.patch(at, split(at as u32 + 1, end));
                }
            }
        }
        Ok(())
    }
}
