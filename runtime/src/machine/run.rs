//! The interpreter.

use super::condition::{Arn, Several};
use super::output::Output;
use super::truth::{Truth, Truths};
use super::{Halt, Machine};
use crate::bundle::wire::Label;
use crate::bundle::{Image, Section};
use crate::isa::Op;
use crate::policy::{self, Index, Picked, Verdict};
use crate::response_type::ResponseType;
use crate::value::{Src, Text, Value};

/// Instructions and characters of globs that one program may spend. Running out denies.
pub(super) const FUEL: u32 = 200_000;

/// Where a program's mapped headers go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Request,
    Answer,
}

/// What instructions read and write between each other.
pub(super) struct Registers<'v> {
    pub(super) acc: Value,
    /// What the next comparison of two texts compares with.
    pub(super) compared: Value,
    /// Whether the pattern in the making fits nothing.
    pub(super) broken: bool,
    /// What the principals of the statement in hand said.
    pub(super) by_role: bool,
    /// A key of several values that was loaded last.
    pub(super) several: Option<Several<'v>>,
    pub(super) out: Output,
    pub(super) fuel: u32,
    /// A part of a key was missing or empty.
    pub(super) incomplete: bool,
    /// Once an instruction asked for it.
    pub(super) arn: Option<Arn>,
}

/// How a program ended.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ended {
    pub(crate) accumulator: Value,
    pub(crate) verdict: Verdict,
    /// Whether the verdict is a denial because it could not be evaluated.
    pub(crate) failed: bool,
    /// A part of a key was missing or empty: who identifies a caller by it refuses the request.
    pub(crate) incomplete: bool,
}

impl<'v> Machine<'_, 'v> {
    /// Runs the program at `label` of `image`.
    pub(crate) fn run(
        &mut self,
        image: Image<'v>,
        label: Label,
        target: Target,
    ) -> Result<Ended, Halt> {
        let mut ended = Ended {
            accumulator: Value::Missing,
            verdict: Verdict::None,
            failed: false,
            incomplete: false,
        };
        if !label.is_some() {
            return Ok(ended);
        }
        let code = image.section(Section::Code);
        let mut at = label.0 as usize;
        let mut regs = Registers {
            acc: Value::Missing,
            compared: Value::Missing,
            broken: false,
            by_role: false,
            several: None,
            out: Output::begin(self.scratch),
            fuel: FUEL,
            incomplete: false,
            arn: None,
        };
        let mut truths = Truths::default();
        // Of a program with an index.
        let mut picked: Option<Picked<'v>> = None;
        loop {
            regs.fuel = regs.fuel.checked_sub(1).ok_or(Halt::INTERNAL)?;
            let (op, next) = Op::decode(code, at).ok_or(Halt::INTERNAL)?;
            // Jumps lead ahead; a bundle that lies is stopped here.
            let jump = |to: Label| {
                if to.0 as usize > at {
                    Ok(to.0 as usize)
                } else {
                    Err(Halt::INTERNAL)
                }
            };
            at = match op {
                Op::End {} => break,
                Op::Jump { to } => jump(to)?,
                Op::Fail { ty } => {
                    return Err(Halt::new(
                        ResponseType::numbered(ty).unwrap_or(ResponseType::Default5xx),
                    ));
                }
                Op::JumpFalse { to } if truths.top() == Truth::False => jump(to)?,
                Op::JumpTrue { to } if truths.top() == Truth::True => jump(to)?,
                Op::CaseMedia { media, to } => {
                    let wanted = self.bytes(self.core.media);
                    let wanted = if wanted.is_empty() {
                        b"application/json"
                    } else {
                        wanted
                    };
                    if image.bytes(media).eq_ignore_ascii_case(wanted) {
                        jump(to)?
                    } else {
                        next
                    }
                }
                Op::CaseFull { value, to } => {
                    let sent = self.header_folded(b"Content-Type").map(|t| self.lent(t));
                    if sent == Some(image.bytes(value)) {
                        jump(to)?
                    } else {
                        next
                    }
                }
                Op::Deny { statement } => {
                    regs.by_role = false;
                    match truths.pop() {
                        Truth::False => follow(&mut picked, at, next)?,
                        truth => {
                            ended.verdict = Verdict::Deny(statement);
                            ended.failed = truth == Truth::Error;
                            break;
                        }
                    }
                }
                Op::DenyUnless { statement } => {
                    regs.by_role = false;
                    match truths.pop() {
                        Truth::True => follow(&mut picked, at, next)?,
                        truth => {
                            ended.verdict = Verdict::Deny(statement);
                            ended.failed = truth == Truth::Error;
                            break;
                        }
                    }
                }
                Op::AllowAll { statement } => {
                    ended.verdict = Verdict::Allow(statement);
                    break;
                }
                Op::Allow { statement } => {
                    let through_role = core::mem::take(&mut regs.by_role);
                    if truths.pop() == Truth::True {
                        if !through_role {
                            ended.verdict = Verdict::Allow(statement);
                            break;
                        }
                        // Another statement may name the session itself.
                        if !matches!(ended.verdict, Verdict::Role(_)) {
                            ended.verdict = Verdict::Role(statement);
                        }
                    }
                    follow(&mut picked, at, next)?
                }
                Op::Delegate { statement } => {
                    regs.by_role = false;
                    if truths.pop() == Truth::True && ended.verdict == Verdict::None {
                        ended.verdict = Verdict::Delegate(statement);
                    }
                    follow(&mut picked, at, next)?
                }
                Op::JumpFalse { .. } | Op::JumpTrue { .. } => next,
                // What short policies are made of.
                Op::Push { truth } => {
                    truths.push(match truth {
                        0 => Truth::False,
                        1 => Truth::True,
                        _ => Truth::Error,
                    });
                    next
                }
                Op::PeerIn { set } => {
                    let peer = self.world.head.peer;
                    truths.push(policy::in_ranges(image.bytes(set), peer));
                    next
                }
                Op::IpIn { set, absent } => {
                    let head = &self.world.head;
                    truths.push(match head.vpce {
                        None => policy::in_ranges(image.bytes(set), head.peer),
                        Some(_) => absent.into(),
                    });
                    next
                }
                Op::VpcIpIn { set, absent } => {
                    let head = &self.world.head;
                    truths.push(match head.vpce {
                        Some(_) => policy::in_ranges(image.bytes(set), head.peer),
                        None => absent.into(),
                    });
                    next
                }
                Op::ArnLike { globs } => {
                    let fits = self.arn_like(image, globs, &mut regs);
                    truths.push(fits.ok_or(Halt::INTERNAL)?.into());
                    next
                }
                Op::VpceIn { set, absent } => {
                    let vpce = self.world.head.vpce;
                    truths.push(vpce.map_or(absent.into(), |vpce| {
                        policy::in_texts(image, set, vpce, false).into()
                    }));
                    next
                }
                Op::LoadVpce {} => {
                    let vpce = self.world.head.vpce;
                    regs.acc =
                        vpce.map_or(Value::Missing, |v| Value::Text(Text::whole(Src::Vpce, v)));
                    next
                }
                Op::LoadHeaderFolded { name } => {
                    let value = self.header_folded(image.bytes(name));
                    regs.acc = value.map_or(Value::Missing, Value::Text);
                    next
                }
                Op::TextIn { set, absent } => {
                    let truth = self.leaf(regs.acc, regs.several, absent, |m, text| {
                        Some(policy::in_texts(image, set, m.bytes(text), false).into())
                    });
                    truths.push(truth);
                    next
                }
                Op::Not {} => {
                    truths.not();
                    next
                }
                Op::And {} => {
                    truths.and();
                    next
                }
                Op::Or {} => {
                    truths.or();
                    next
                }
                Op::IndexText { table, key } => {
                    let index = Index::open(image.bytes(table)).ok_or(Halt::INTERNAL)?;
                    let picked = picked.get_or_insert_default();
                    self.pick(&index, u32::from(key), &regs, picked)
                        .ok_or(Halt::INTERNAL)?;
                    next
                }
                Op::Index { table } => {
                    let index = Index::open(image.bytes(table)).ok_or(Halt::INTERNAL)?;
                    let asked = picked.get_or_insert_default();
                    self.pick_by_request(&index, &mut regs, asked)
                        .ok_or(Halt::INTERNAL)?;
                    asked.begin(index, at);
                    follow(&mut picked, at, next)?
                }
                // What required parameters and keys of caches are made of. These and the others are decoded again, so
                // that no instruction has to be put together for those above.
                Op::RequireHeader { .. }
                | Op::RequirePath { .. }
                | Op::RequireQuery { .. }
                | Op::LoadHeader { .. }
                | Op::LoadPath { .. }
                | Op::LoadQuery { .. }
                | Op::OutBegin {}
                | Op::OutPart {}
                | Op::OutDone {} => {
                    self.perform(image, (code, at), &mut regs, target)?;
                    next
                }
                _ => {
                    truths = self.test(image, (code, at), truths, &mut regs, target)?;
                    next
                }
            };
        }
        ended.accumulator = regs.acc;
        ended.incomplete = regs.incomplete;
        Ok(ended)
    }
}

/// Where a program goes on behind a statement at `at` that does not decide.
#[inline]
fn follow(picked: &mut Option<Picked<'_>>, at: usize, next: usize) -> Result<usize, Halt> {
    match picked {
        None => Ok(next),
        Some(asked) => asked.follow(at, next).ok_or(Halt::INTERNAL),
    }
}
