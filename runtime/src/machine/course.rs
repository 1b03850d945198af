//! What most policies are made of: instructions that ask for nothing but the connection, and the ends of statements.
//! All that they need fits in the processor's registers, so a policy of nothing else costs no more than them.

use super::truth::{Truth, Truths};
use crate::bundle::wire::{Blob, Label};
use crate::bundle::{Image, Section};
use crate::isa::Op;
use crate::policy::{self, Verdict};
use crate::value::Text;
use crate::world::World;

/// Instructions and characters of globs that one program may spend. Running out denies.
pub(super) const FUEL: u32 = 200_000;

/// A program under way.
#[derive(Clone, Copy)]
pub(crate) struct Course {
    /// The place of the instruction in hand.
    pub(super) at: usize,
    pub(super) truths: Truths,
    pub(super) fuel: u32,
    /// Whether the principals of the statement in hand mean the role of the caller's session.
    pub(super) by_role: bool,
    /// Whether an index says which statement is next.
    pub(super) indexed: bool,
    /// What the method's ARN shows of the path.
    path: Text,
}

/// Why a course of these instructions is over.
pub(super) enum Left {
    /// The program is over. The flag: it denies because it could not be evaluated.
    Ended(Verdict, bool),
    /// A statement does not decide, and an index says which is next; the instruction behind it is here.
    Passed(usize),
    /// The instruction in hand is none of these.
    Other,
    /// It cannot be carried out: the fuel is spent, or the bundle lies.
    Fails,
}

impl Course {
    /// The program at `label`, about a path as the method's ARN shows it; with no label it is over.
    #[inline(always)]
    pub(crate) fn begin(label: Label, path: Text) -> Course {
        Course {
            at: label.0 as usize,
            truths: Truths::default(),
            fuel: FUEL,
            by_role: false,
            indexed: false,
            path,
        }
    }

    /// What the policy of `image` says and whether it denies because it could not be evaluated, if it is made of
    /// these instructions alone.
    #[inline(always)]
    pub(crate) fn run(&mut self, world: &World<'_>, image: &Image<'_>) -> Option<(Verdict, bool)> {
        if self.at == Label::NONE.0 as usize {
            return Some((Verdict::None, false));
        }
        match self.follow(world, image, image.section(Section::Code)) {
            Left::Ended(verdict, failed) => Some((verdict, failed)),
            _ => None,
        }
    }

    /// Goes on as far as instructions are of these.
    #[inline(always)]
    pub(super) fn follow(&mut self, world: &World<'_>, image: &Image<'_>, code: &[u8]) -> Left {
        let head = &world.head;
        let peer_in = |set: Blob| policy::in_ranges(image.bytes(set), head.peer);
        loop {
            if self.fuel == 0 {
                return Left::Fails;
            }
            let Some((op, mut next)) = Op::decode(code, self.at) else {
                return Left::Other;
            };
            let truth = match op {
                Op::PeerIn { set } => Some(peer_in(set)),
                Op::IpIn { set, absent } => Some(match head.vpce {
                    None => peer_in(set),
                    Some(_) => absent.into(),
                }),
                Op::VpcIpIn { set, absent } => Some(match head.vpce {
                    Some(_) => peer_in(set),
                    None => absent.into(),
                }),
                Op::VpceIn { set, absent } => Some(match head.vpce {
                    Some(vpce) => policy::in_texts(image, set, vpce).into(),
                    None => absent.into(),
                }),
                Op::PathLike { globs } => {
                    // Only HTTP APIs, which have no resource policy, decode paths into the scratch.
                    let fits = world
                        .resolve_lent(self.path)
                        .and_then(|path| like(image, globs, path, self.fuel));
                    let Some((fits, fuel)) = fits else {
                        return Left::Fails;
                    };
                    self.fuel = fuel;
                    Some(fits.into())
                }
                Op::Push { truth } => Some(match truth {
                    0 => Truth::False,
                    1 => Truth::True,
                    _ => Truth::Error,
                }),
                Op::Not {} => {
                    self.truths.not();
                    None
                }
                Op::And {} => {
                    self.truths.and();
                    None
                }
                Op::Or {} => {
                    self.truths.or();
                    None
                }
                Op::Deny { statement } | Op::DenyUnless { statement } => {
                    let spared = Truth::from(matches!(op, Op::DenyUnless { .. }));
                    let truth = self.truths.pop();
                    if truth != spared {
                        return Left::Ended(Verdict::Deny(statement), truth == Truth::Error);
                    }
                    self.by_role = false;
                    if self.indexed {
                        return Left::Passed(next);
                    }
                    None
                }
                Op::AllowAll { statement } => {
                    return Left::Ended(Verdict::Allow(statement), false);
                }
                Op::Allow { statement } if !self.by_role => {
                    if self.truths.pop() == Truth::True {
                        return Left::Ended(Verdict::Allow(statement), false);
                    }
                    if self.indexed {
                        return Left::Passed(next);
                    }
                    None
                }
                Op::JumpFalse { to } | Op::JumpTrue { to } => {
                    let wanted = Truth::from(matches!(op, Op::JumpTrue { .. }));
                    if self.truths.top() == wanted {
                        // Jumps lead ahead; a bundle that lies is stopped here.
                        if to.0 as usize <= self.at {
                            return Left::Fails;
                        }
                        next = to.0 as usize;
                    }
                    None
                }
                Op::End {} => return Left::Ended(Verdict::None, false),
                _ => return Left::Other,
            };
            if let Some(truth) = truth {
                // Mostly a statement hangs on one test: what it comes to need not go over the stack.
                match Op::decode(code, next) {
                    Some((Op::DenyUnless { .. }, behind))
                        if truth == Truth::True && !self.indexed =>
                    {
                        self.by_role = false;
                        next = behind;
                    }
                    _ => self.truths.push(truth),
                }
            }
            self.fuel -= 1;
            self.at = next;
        }
    }
}

/// Whether the path fits, and the fuel that is left. A function of its own, so that a [`Course`] stays in registers.
#[inline(never)]
fn like(image: &Image<'_>, globs: Blob, path: &[u8], mut fuel: u32) -> Option<(bool, u32)> {
    let fits = policy::like(image, globs, &[path], &mut fuel)?;
    Some((fits, fuel))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::bundle::wire::Field;
    use crate::bundle::{Bundle, SECTIONS};
    use crate::world::Head;

    /// What a policy of these instructions says.
    fn said(ops: &[Op]) -> Option<(Verdict, bool)> {
        let mut code = Vec::new();
        ops.iter().for_each(|op| op.encode(&mut code));
        let mut image = Vec::new();
        for (section, ..) in SECTIONS {
            let len = match section {
                Section::Code => code.len() as u32,
                _ => 0,
            };
            let off = (SECTIONS.len() * Blob::SIZE) as u32;
            Blob { off, len }.put(&mut image);
        }
        image.extend(code);
        let world = World::plain(Bundle::NOTHING, Head::plain(b"GET", b"/"));
        Course::begin(Label(0), Text::EMPTY).run(&world, &Image::new(&image, 0))
    }

    #[test]
    fn a_denial_holds_unless_its_test_says_otherwise_for_certain() {
        for (truth, denies, denies_unless) in [
            (0, None, Some((Verdict::Deny(1), false))),
            (1, Some((Verdict::Deny(1), false)), None),
            (
                2,
                Some((Verdict::Deny(1), true)),
                Some((Verdict::Deny(1), true)),
            ),
        ] {
            let allowed = Some((Verdict::Allow(2), false));
            let of = |denial: Op| {
                let allow = Op::AllowAll { statement: 2 };
                // A statement hangs on one test, or on a connective.
                let alone = said(&[Op::Push { truth }, denial, allow]);
                let (yes, and) = (Op::Push { truth: 1 }, Op::And {});
                let together = said(&[Op::Push { truth }, yes, and, denial, allow]);
                assert_eq!(alone, together, "{denial:?} of {truth}");
                alone
            };
            assert_eq!(of(Op::Deny { statement: 1 }), denies.or(allowed));
            assert_eq!(
                of(Op::DenyUnless { statement: 1 }),
                denies_unless.or(allowed)
            );
        }
    }

    #[test]
    fn an_allowance_takes_a_test_that_holds() {
        for (truth, want) in [
            (0, Verdict::None),
            (1, Verdict::Allow(1)),
            (2, Verdict::None),
        ] {
            let allow = Op::Allow { statement: 1 };
            let said = said(&[Op::Push { truth }, allow, Op::End {}]);
            assert_eq!(said, Some((want, false)), "{truth}");
        }
    }

    #[test]
    fn a_program_that_leads_back_or_nowhere_says_nothing() {
        let back = Op::JumpTrue { to: Label(0) };
        assert_eq!(said(&[Op::Push { truth: 1 }, back, Op::End {}]), None);
        assert_eq!(said(&[Op::Push { truth: 1 }]), None);
    }
}
