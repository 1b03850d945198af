//! The interpreter.

use super::condition::{Arn, Several};
use super::course::{Course, Left};
use super::output::Output;
use super::truth::Truth;
use super::{Halt, Machine};
use crate::bundle::wire::Label;
use crate::bundle::{Image, Section};
use crate::isa::Op;
use crate::policy::{self, Index, Picked, Verdict};
use crate::response_type::ResponseType;
use crate::value::{Src, Text, Value};

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
    /// A key of several values that was loaded last.
    pub(super) several: Option<Several<'v>>,
    pub(super) out: Output,
    pub(super) course: Course,
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
    /// What the policy at `label` of `image` says, and whether it denies because it could not be evaluated. `None`:
    /// the same, of a bundle that lies.
    pub(crate) fn verdict(&mut self, image: Image<'v>, label: Label) -> Option<(Verdict, bool)> {
        let mut course = Course::begin(label, self.core.resource_path);
        course
            .run(self.world, &image)
            .or_else(|| self.verdict_from(image, course))
    }

    /// The same, from an instruction on that asks for more.
    #[inline(never)]
    pub(crate) fn verdict_from(
        &mut self,
        image: Image<'v>,
        course: Course,
    ) -> Option<(Verdict, bool)> {
        let ended = self.resume(image, course, Target::Request).ok()?;
        Some((ended.verdict, ended.failed))
    }

    /// Runs the program at `label` of `image`.
    pub(crate) fn run(
        &mut self,
        image: Image<'v>,
        label: Label,
        target: Target,
    ) -> Result<Ended, Halt> {
        if !label.is_some() {
            return Ok(Ended {
                accumulator: Value::Missing,
                verdict: Verdict::None,
                failed: false,
                incomplete: false,
            });
        }
        self.resume(image, Course::begin(label, self.core.resource_path), target)
    }

    /// Goes on with a program.
    fn resume(&mut self, image: Image<'v>, course: Course, target: Target) -> Result<Ended, Halt> {
        let code = image.section(Section::Code);
        let mut regs = Registers {
            acc: Value::Missing,
            compared: Value::Missing,
            broken: false,
            several: None,
            out: Output::begin(self.scratch),
            course,
            incomplete: false,
            arn: None,
        };
        // What the statements so far come to, and whether that is a denial that could not be evaluated.
        let (mut verdict, mut failed) = (Verdict::None, false);
        // Of a program with an index.
        let mut picked: Option<Picked<'v>> = None;
        loop {
            let at = regs.course.at;
            let (op, next) = Op::decode(code, at).ok_or(Halt::INTERNAL)?;
            // Jumps lead ahead; a bundle that lies is stopped here.
            let jump = |to: Label| {
                if to.0 as usize > at {
                    Ok(to.0 as usize)
                } else {
                    Err(Halt::INTERNAL)
                }
            };
            let to = match op {
                Op::Jump { to } => jump(to)?,
                Op::Fail { ty } => {
                    return Err(Halt::new(
                        ResponseType::numbered(ty).unwrap_or(ResponseType::Default5xx),
                    ));
                }
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
                Op::Allow { statement } if regs.course.by_role => {
                    regs.course.by_role = false;
                    // Another statement may name the session itself.
                    if regs.course.truths.pop() == Truth::True
                        && !matches!(verdict, Verdict::Role(_))
                    {
                        verdict = Verdict::Role(statement);
                    }
                    behind(&mut picked, at, next)?
                }
                Op::Delegate { statement } => {
                    regs.course.by_role = false;
                    if regs.course.truths.pop() == Truth::True && verdict == Verdict::None {
                        verdict = Verdict::Delegate(statement);
                    }
                    behind(&mut picked, at, next)?
                }
                Op::ArnLike { globs } => {
                    let fits = self.arn_like(image, globs, &mut regs);
                    regs.course.truths.push(fits.ok_or(Halt::INTERNAL)?.into());
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
                        Some(policy::in_texts(&image, set, m.bytes(text)).into())
                    });
                    regs.course.truths.push(truth);
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
                    regs.course.indexed = true;
                    behind(&mut picked, at, next)?
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
                Op::End {}
                | Op::PeerIn { .. }
                | Op::IpIn { .. }
                | Op::VpcIpIn { .. }
                | Op::VpceIn { .. }
                | Op::PathLike { .. }
                | Op::Push { .. }
                | Op::Not {}
                | Op::And {}
                | Op::Or {}
                | Op::JumpFalse { .. }
                | Op::JumpTrue { .. }
                | Op::Deny { .. }
                | Op::DenyUnless { .. }
                | Op::AllowAll { .. }
                | Op::Allow { .. } => match regs.course.follow(self.world, &image, code) {
                    Left::Ended(Verdict::None, _) => break,
                    Left::Ended(said, fails) => {
                        (verdict, failed) = (said, fails);
                        break;
                    }
                    Left::Passed(next) => behind(&mut picked, regs.course.at, next)?,
                    Left::Other if regs.course.at > at => continue,
                    Left::Other | Left::Fails => return Err(Halt::INTERNAL),
                },
                _ => {
                    self.test(image, (code, at), &mut regs, target)?;
                    next
                }
            };
            regs.course.at = to;
            regs.course.fuel = regs.course.fuel.checked_sub(1).ok_or(Halt::INTERNAL)?;
        }
        Ok(Ended {
            accumulator: regs.acc,
            verdict,
            failed,
            incomplete: regs.incomplete,
        })
    }
}

/// Where a program goes on behind a statement at `at` that does not decide.
#[inline]
fn behind(picked: &mut Option<Picked<'_>>, at: usize, next: usize) -> Result<usize, Halt> {
    match picked {
        None => Ok(next),
        Some(asked) => asked.follow(at, next).ok_or(Halt::INTERNAL),
    }
}
