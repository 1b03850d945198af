//! What conditions ask of a value.

use super::principal::ByRole;
use super::run::{Registers, Target};
use super::truth::Truth;
use super::{Halt, Machine};
use crate::bundle::records as r;
use crate::bundle::wire::Blob;
use crate::bundle::{Image, Section};
use crate::isa::{Absent, Comparison, Manner, Op, Part};
use crate::policy::{self, Index, Picked, Segments};
use crate::text::{arn, glob, pattern};
use crate::value::{Text, Value};

/// A condition key of the caller that has several values.
#[derive(Clone, Copy)]
pub(super) struct Several<'v> {
    pub(super) name: &'v [u8],
    pub(super) first: Text,
    /// Whether all of them are to fit, or one.
    pub(super) every: bool,
}

impl Several<'_> {
    /// Whether the accumulator holds these.
    pub(super) fn are(&self, acc: Value) -> bool {
        acc == Value::Text(self.first)
    }
}

/// `API/STAGE/VERB/PATH` in one piece, while a program runs that asks for it.
pub(super) struct Arn {
    bytes: [u8; Arn::SIZE],
    len: usize,
}

impl Arn {
    /// Longer ones are compared in pieces.
    const SIZE: usize = 256;

    const EMPTY: Arn = Arn {
        bytes: [0; Arn::SIZE],
        len: 0,
    };

    /// Puts it together in place; `None`: it is too long.
    fn fill(&mut self, pieces: [&[u8]; 7]) -> Option<()> {
        for piece in pieces {
            let end = self.len + piece.len();
            let room = self.bytes.get_mut(self.len..end)?;
            match (room, piece) {
                // The slashes between.
                ([room], [byte]) => *room = *byte,
                (room, piece) => room.copy_from_slice(piece),
            }
            self.len = end;
        }
        Some(())
    }

    fn text(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}

impl<'v> Machine<'_, 'v> {
    /// Pushes what an instruction tests, or carries out one that pushes nothing.
    #[inline(never)]
    pub(super) fn test(
        &mut self,
        image: Image<'v>,
        (code, at): (&[u8], usize),
        regs: &mut Registers<'v>,
        target: Target,
    ) -> Result<(), Halt> {
        let (op, _) = Op::decode(code, at).ok_or(Halt::INTERNAL)?;
        let truth = match op {
            Op::AddressIn { set, absent } => {
                self.leaf(regs.acc, regs.several, absent, |m, text| {
                    let address = core::str::from_utf8(m.bytes(text))
                        .ok()
                        .and_then(|t| t.parse().ok());
                    // A text that is no address is in no range.
                    Some(address.map_or(Truth::False, |ip| policy::in_ranges(image.bytes(set), ip)))
                })
            }
            Op::TextInFolded { set, absent } => {
                self.leaf(regs.acc, regs.several, absent, |m, text| {
                    Some(policy::in_texts_folded(&image, set, m.bytes(text)).into())
                })
            }
            Op::Like { globs, absent } => {
                let fuel = &mut regs.course.fuel;
                self.leaf(regs.acc, regs.several, absent, |m, text| {
                    policy::like(&image, globs, &[m.bytes(text)], fuel).map(Truth::from)
                })
            }
            Op::TextCompare { comparison } => {
                match (self.text_of(regs.acc), self.text_of(regs.compared)) {
                    (Some(a), Some(b)) => comparison.holds(Some(a.cmp(b))).into(),
                    (a, b) => match comparison {
                        Comparison::Equal => (a.is_none() && b.is_none()).into(),
                        Comparison::NotEqual => (a.is_some() || b.is_some()).into(),
                        _ => Truth::Error,
                    },
                }
            }
            Op::TextPart { part } => match (self.text_of(regs.acc), self.text_of(regs.compared)) {
                (Some(whole), Some(text)) => match part {
                    Part::Start => whole.starts_with(text),
                    Part::End => whole.ends_with(text),
                    Part::Any => crate::vtl::contains(whole, text),
                }
                .into(),
                _ => Truth::Error,
            },
            Op::Matches { automaton, absent } => {
                self.leaf(regs.acc, regs.several, absent, |m, text| {
                    Some(pattern::fits(image.bytes(automaton), m.bytes(text)).into())
                })
            }
            Op::ArnIn { globs, absent } => {
                let fuel = &mut regs.course.fuel;
                self.leaf(regs.acc, regs.several, absent, |m, text| {
                    policy::arn_in(&image, globs, m.bytes(text), fuel).map(Truth::from)
                })
            }
            Op::Fits { manner, absent } => match regs.several {
                Some(several) if several.are(regs.acc) => Truth::Error,
                _ => {
                    let fuel = &mut regs.course.fuel;
                    self.fits(regs.acc, regs.compared, manner, absent, fuel)
                }
            },
            Op::ArnFits {} => match regs.compared {
                Value::Text(pattern) => {
                    let pieces = self.arn_pieces().ok_or(Halt::INTERNAL)?;
                    let fuel = &mut regs.course.fuel;
                    glob::fits_literals(self.bytes(pattern), &pieces, fuel)
                        .ok_or(Halt::INTERNAL)?
                        .into()
                }
                _ => Truth::False,
            },
            Op::PrincipalIn { set } => {
                let means = self.is_principal(image, set);
                regs.course.by_role |= means == Some(ByRole(true));
                means.is_some().into()
            }
            Op::PrincipalBeyond { set } => self.is_beyond(image, set).into(),
            Op::Number {
                comparison,
                value,
                absent,
            } => match regs.several {
                Some(several) if several.are(regs.acc) => Truth::Error,
                _ => self.compares(regs.acc, comparison, f64::from_bits(value), absent),
            },
            Op::Moment {
                comparison,
                value,
                absent,
            } => match regs.acc {
                _ if regs.several.is_some_and(|several| several.are(regs.acc)) => Truth::Error,
                Value::Int(ms) => comparison.holds(ms.partial_cmp(&(value as i64))).into(),
                Value::Missing | Value::Null => absent.into(),
                Value::Text(text) => core::str::from_utf8(self.bytes(text))
                    .ok()
                    .and_then(policy::moment)
                    .is_some_and(|ms| comparison.holds(ms.partial_cmp(&(value as i64))))
                    .into(),
                _ => Truth::Error,
            },
            Op::Boolean { value, absent } => match regs.acc {
                _ if regs.several.is_some_and(|several| several.are(regs.acc)) => Truth::Error,
                Value::Bool(b) => (b == (value != 0)).into(),
                Value::Missing | Value::Null => absent.into(),
                Value::Text(text) => {
                    let word: &[u8] = if value != 0 { b"true" } else { b"false" };
                    let text = self.bytes(text);
                    let is = |word: &[u8]| text.eq_ignore_ascii_case(word);
                    if absent == Absent::Error && !is(b"true") && !is(b"false") {
                        Truth::Error
                    } else {
                        is(word).into()
                    }
                }
                _ => Truth::Error,
            },
            Op::Computed { code } => self.computed(image.bytes(code), &mut regs.course.fuel),
            Op::Missing {} => matches!(regs.acc, Value::Missing | Value::Null).into(),
            _ => return self.perform(image, (code, at), regs, target),
        };
        regs.course.truths.push(truth);
        Ok(())
    }

    /// Tests the accumulator; of a key of several values every one or any.
    pub(super) fn leaf(
        &self,
        acc: Value,
        several: Option<Several<'v>>,
        absent: Absent,
        mut test: impl FnMut(&Self, Text) -> Option<Truth>,
    ) -> Truth {
        if let Some(several) = several.filter(|several| several.are(acc)) {
            let mut truth = Truth::from(several.every);
            for value in self.principal_values(several.name) {
                let one = test(self, value).unwrap_or(Truth::Error);
                truth = match several.every {
                    true => truth.and(one),
                    false => truth.or(one),
                };
            }
            return truth;
        }
        match acc {
            Value::Text(text) => test(self, text).unwrap_or(Truth::Error),
            Value::Missing | Value::Null => absent.into(),
            _ => Truth::Error,
        }
    }

    /// `API/STAGE/VERB/PATH` of the request, in pieces.
    pub(super) fn arn_pieces(&self) -> Option<[&[u8]; 7]> {
        if self.core.asked {
            let identity = self.identity()?;
            let item: r::Item = identity.record(Section::Lists, policy::ASKED)?;
            let mut pieces = [b"".as_slice(); 7];
            if let Some(first) = pieces.first_mut() {
                *first = identity.bytes(item.text);
            }
            return Some(pieces);
        }
        let api = self.api()?;
        let stage = self.stage()?;
        Some([
            self.image.bytes(api.id),
            b"/",
            self.edge.bytes(stage.name),
            b"/",
            self.lent(self.core.method),
            b"/",
            self.bytes(self.core.resource_path),
        ])
    }

    /// Adds the statements that are filed under the accumulator, under every value of it.
    pub(super) fn pick(
        &self,
        index: &Index<'_>,
        key: u32,
        regs: &Registers<'v>,
        picked: &mut Picked<'_>,
    ) -> Option<()> {
        if let Some(several) = regs.several.filter(|several| several.are(regs.acc)) {
            return self
                .principal_values(several.name)
                .try_for_each(|value| index.text(key, self.bytes(value), picked));
        }
        match regs.acc {
            Value::Text(text) => index.text(key, self.bytes(text), picked),
            // Nothing is filed under what is missing.
            Value::Missing | Value::Null => Some(()),
            _ => {
                picked.add_all();
                Some(())
            }
        }
    }

    /// Adds those that are filed under the ARN and the client's address, and those that are filed nowhere.
    pub(super) fn pick_by_request(
        &self,
        index: &Index<'_>,
        regs: &mut Registers<'v>,
        picked: &mut Picked<'_>,
    ) -> Option<()> {
        index.always(picked);
        let mut file = |text: &[u8]| {
            text.split(|b| *b == b'/')
                .try_for_each(|segment| index.text(0, segment, picked))
        };
        match index.segments {
            Segments::None => {}
            Segments::Path => file(self.bytes(self.core.resource_path))?,
            // Nothing is filed under the API's id, which stands before them.
            Segments::Arn => match self.arn(regs)? {
                Some(arn) => file(arn.text())?,
                None => self.arn_pieces()?.into_iter().try_for_each(file)?,
            },
        }
        index.address(self.world.head.peer, picked)
    }

    /// Whether `API/STAGE/VERB/PATH` fits one of the globs. `None`: it is not there, or out of fuel.
    pub(super) fn arn_like(
        &self,
        image: Image<'v>,
        globs: Blob,
        regs: &mut Registers<'v>,
    ) -> Option<bool> {
        let mut fuel = regs.course.fuel;
        let fits = match self.arn(regs)? {
            Some(arn) => policy::like(&image, globs, &[arn.text()], &mut fuel),
            None => policy::like(&image, globs, &self.arn_pieces()?, &mut fuel),
        };
        regs.course.fuel = fuel;
        fits
    }

    /// `API/STAGE/VERB/PATH`, put together once; the inner `None`: it is too long for that.
    fn arn<'r>(&self, regs: &'r mut Registers<'v>) -> Option<Option<&'r Arn>> {
        if regs.arn.is_none() {
            let pieces = self.arn_pieces()?;
            if regs.arn.insert(Arn::EMPTY).fill(pieces).is_none() {
                regs.arn = None;
            }
        }
        Some(regs.arn.as_ref())
    }

    pub(super) fn text_of(&self, value: Value) -> Option<&[u8]> {
        match value {
            Value::Text(text) => Some(self.bytes(text)),
            _ => None,
        }
    }

    /// Whether the accumulator fits the pattern.
    pub(super) fn fits(
        &self,
        acc: Value,
        pattern: Value,
        manner: Manner,
        absent: Absent,
        fuel: &mut u32,
    ) -> Truth {
        let value = match acc {
            Value::Missing | Value::Null => return absent.into(),
            Value::Bool(true) => b"true",
            Value::Bool(false) => b"false".as_slice(),
            Value::Text(text) => self.bytes(text),
            _ => return Truth::Error,
        };
        // A variable without a value fits nothing.
        let Value::Text(pattern) = pattern else {
            return Truth::False;
        };
        let pattern = self.bytes(pattern);
        let fits = match manner {
            Manner::Exact => Some(pattern == value),
            Manner::Folded => Some(pattern.eq_ignore_ascii_case(value)),
            Manner::Boolean => {
                let word = |b: &[u8]| pattern.eq_ignore_ascii_case(b);
                Some((word(b"true") || word(b"false")) && pattern.eq_ignore_ascii_case(value))
            }
            Manner::Like => glob::fits_literals(pattern, &[value], fuel),
            Manner::Arn => arn::fits(pattern, value, fuel),
        };
        fits.map_or(Truth::Error, Truth::from)
    }

    /// How the accumulator compares with a number.
    pub(super) fn compares(
        &self,
        acc: Value,
        comparison: Comparison,
        with: f64,
        absent: Absent,
    ) -> Truth {
        let number = match acc {
            Value::Missing | Value::Null => return absent.into(),
            Value::Int(n) => Some(n as f64),
            Value::Double(n) => Some(n),
            Value::Text(text) => core::str::from_utf8(self.bytes(text))
                .ok()
                .and_then(|t| t.parse().ok()),
            _ => None,
        };
        // What is no number, and what has no order beside one.
        match number.and_then(|n: f64| n.partial_cmp(&with)) {
            Some(order) => comparison.holds(Some(order)).into(),
            None if absent == Absent::Error => Truth::Error,
            None => Truth::False,
        }
    }
}
