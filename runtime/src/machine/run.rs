//! The interpreter.

use super::condition::Several;
use super::output::Output;
use super::principal::ByRole;
use super::truth::{Truth, Truths};
use super::{Halt, Machine, OutBody, Variable};
use crate::bundle::wire::{Label, Str};
use crate::bundle::{Image, Section};
use crate::isa::{Absent, Comparison, Op, Part};
use crate::policy::{self, Verdict};
use crate::response_type::ResponseType;
use crate::text::{dates, glob, pattern};
use crate::value::{Text, Value};

/// Instructions and characters of globs that one program may spend. Running out denies.
pub(super) const FUEL: u32 = 200_000;

/// Where a program's mapped headers go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Request,
    Answer,
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
        let mut truths = Truths::default();
        let out = Output::begin(self.scratch);
        let mut fuel = FUEL;
        let mut acc = Value::Missing;
        let mut compared = Value::Missing;
        let mut broken = false;
        // What the principals of the statement in hand said, and a key of several values that was loaded last.
        let mut by_role = false;
        let mut several: Option<Several<'v>> = None;
        let text = |v: Option<Text>| v.map_or(Value::Missing, Value::Text);
        loop {
            fuel = fuel.checked_sub(1).ok_or(Halt::INTERNAL)?;
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
                    by_role = false;
                    match truths.pop() {
                        Truth::False => next,
                        truth => {
                            ended.verdict = Verdict::Deny(statement);
                            ended.failed = truth == Truth::Error;
                            break;
                        }
                    }
                }
                Op::Allow { statement } => {
                    let through_role = core::mem::take(&mut by_role);
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
                    next
                }
                Op::Delegate { statement } => {
                    by_role = false;
                    if truths.pop() == Truth::True && ended.verdict == Verdict::None {
                        ended.verdict = Verdict::Delegate(statement);
                    }
                    next
                }
                Op::Push { truth } => {
                    truths.push(match truth {
                        0 => Truth::False,
                        1 => Truth::True,
                        _ => Truth::Error,
                    });
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
                Op::IpIn { set, absent } => {
                    truths.push(match self.world.head.vpce {
                        None => policy::in_ranges(image.bytes(set), self.world.head.peer),
                        Some(_) => absent.into(),
                    });
                    next
                }
                Op::VpcIpIn { set, absent } => {
                    truths.push(match self.world.head.vpce {
                        Some(_) => policy::in_ranges(image.bytes(set), self.world.head.peer),
                        None => absent.into(),
                    });
                    next
                }
                Op::AddressIn { set, absent } => {
                    truths.push(self.leaf(acc, several, absent, |m, text| {
                        let address = core::str::from_utf8(m.bytes(text))
                            .ok()
                            .and_then(|t| t.parse().ok());
                        // A text that is no address is in no range.
                        Some(
                            address
                                .map_or(Truth::False, |ip| policy::in_ranges(image.bytes(set), ip)),
                        )
                    }));
                    next
                }
                Op::TextIn { set, absent } => {
                    truths.push(self.leaf(acc, several, absent, |m, text| {
                        Some(policy::in_texts(image, set, m.bytes(text), false).into())
                    }));
                    next
                }
                Op::TextInFolded { set, absent } => {
                    truths.push(self.leaf(acc, several, absent, |m, text| {
                        Some(policy::in_texts(image, set, m.bytes(text), true).into())
                    }));
                    next
                }
                Op::Like { globs, absent } => {
                    let truth = self.leaf(acc, several, absent, |m, text| {
                        policy::like(image, globs, &[m.bytes(text)], &mut fuel).map(Truth::from)
                    });
                    truths.push(truth);
                    next
                }
                Op::ArnLike { globs } => {
                    let fits = self
                        .arn_like(image, globs, &mut fuel)
                        .ok_or(Halt::INTERNAL)?;
                    truths.push(fits.into());
                    next
                }
                Op::TextCompare { comparison } => {
                    truths.push(match (self.text_of(acc), self.text_of(compared)) {
                        (Some(a), Some(b)) => comparison.holds(Some(a.cmp(b))).into(),
                        (a, b) => match comparison {
                            Comparison::Equal => (a.is_none() && b.is_none()).into(),
                            Comparison::NotEqual => (a.is_some() || b.is_some()).into(),
                            _ => Truth::Error,
                        },
                    });
                    next
                }
                Op::TextPart { part } => {
                    truths.push(match (self.text_of(acc), self.text_of(compared)) {
                        (Some(whole), Some(text)) => match part {
                            Part::Start => whole.starts_with(text),
                            Part::End => whole.ends_with(text),
                            Part::Any => crate::vtl::contains(whole, text),
                        }
                        .into(),
                        _ => Truth::Error,
                    });
                    next
                }
                Op::Matches { automaton, absent } => {
                    truths.push(self.leaf(acc, several, absent, |m, text| {
                        Some(pattern::fits(image.bytes(automaton), m.bytes(text)).into())
                    }));
                    next
                }
                Op::ArnIn { globs, absent } => {
                    let truth = self.leaf(acc, several, absent, |m, text| {
                        policy::arn_in(image, globs, m.bytes(text), &mut fuel).map(Truth::from)
                    });
                    truths.push(truth);
                    next
                }
                Op::Fits { manner, absent } => {
                    truths.push(match several {
                        Some(several) if several.are(acc) => Truth::Error,
                        _ => self.fits(acc, compared, manner, absent, &mut fuel),
                    });
                    next
                }
                Op::ArnFits {} => {
                    let fits = match compared {
                        Value::Text(pattern) => {
                            let pieces = self.arn_pieces().ok_or(Halt::INTERNAL)?;
                            glob::fits_literals(self.bytes(pattern), &pieces, &mut fuel)
                                .ok_or(Halt::INTERNAL)?
                        }
                        _ => false,
                    };
                    truths.push(fits.into());
                    next
                }
                Op::PrincipalIn { set } => {
                    let means = self.is_principal(image, set);
                    by_role |= means == Some(ByRole(true));
                    truths.push(means.is_some().into());
                    next
                }
                Op::PrincipalBeyond { set } => {
                    truths.push(self.is_beyond(image, set).into());
                    next
                }
                Op::Number {
                    comparison,
                    value,
                    absent,
                } => {
                    truths.push(match several {
                        Some(several) if several.are(acc) => Truth::Error,
                        _ => self.compares(acc, comparison, f64::from_bits(value), absent),
                    });
                    next
                }
                Op::Moment {
                    comparison,
                    value,
                    absent,
                } => {
                    truths.push(match acc {
                        _ if several.is_some_and(|several| several.are(acc)) => Truth::Error,
                        Value::Int(ms) => comparison.holds(ms.partial_cmp(&(value as i64))).into(),
                        Value::Missing | Value::Null => absent.into(),
                        Value::Text(text) => core::str::from_utf8(self.bytes(text))
                            .ok()
                            .and_then(policy::moment)
                            .is_some_and(|ms| comparison.holds(ms.partial_cmp(&(value as i64))))
                            .into(),
                        _ => Truth::Error,
                    });
                    next
                }
                Op::Boolean { value, absent } => {
                    truths.push(match acc {
                        _ if several.is_some_and(|several| several.are(acc)) => Truth::Error,
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
                    });
                    next
                }
                Op::Missing {} => {
                    truths.push(matches!(acc, Value::Missing | Value::Null).into());
                    next
                }
                Op::JumpFalse { .. } | Op::JumpTrue { .. } => next,

                Op::LoadText { text } => {
                    acc = Value::Text(image.text(text));
                    next
                }
                Op::LoadSlot { slot } => {
                    acc = text(self.constant(slot));
                    next
                }
                Op::LoadHeader { name } => {
                    acc = text(self.header(image.bytes(name)));
                    next
                }
                Op::LoadHeaderFolded { name } => {
                    acc = text(self.header_folded(image.bytes(name)));
                    next
                }
                Op::LoadHeaders { name } => {
                    acc = text(self.headers(image.bytes(name))?);
                    next
                }
                Op::LoadQuery { name } => {
                    acc = text(self.query_value(image.bytes(name))?);
                    next
                }
                Op::LoadQueries { name } => {
                    acc = self.queries(image.bytes(name))?;
                    next
                }
                Op::LoadPath { name } => {
                    acc = text(self.path_value(image.bytes(name))?);
                    next
                }
                Op::LoadContext { variable } => {
                    let variable = Variable::numbered(variable).ok_or(Halt::INTERNAL)?;
                    acc = self.context(variable)?;
                    next
                }
                Op::LoadAuthorizer { name } => {
                    acc = self.authorizer_value(image.bytes(name))?;
                    next
                }
                Op::LoadDefault { text } => {
                    if matches!(acc, Value::Missing | Value::Null) {
                        acc = Value::Text(image.text(text));
                    }
                    next
                }
                Op::LoadTargetPath {} => {
                    acc = Value::Text(self.event_path()?);
                    next
                }
                Op::Length {} => {
                    if let Value::Text(text) = acc {
                        let characters = self.bytes(text).iter().filter(|b| **b & 0xc0 != 0x80);
                        acc = Value::Int(characters.count() as i64);
                    }
                    next
                }
                Op::Clock { part, ahead } => {
                    acc = match acc {
                        Value::Int(ms) => dates::shown(ms.saturating_add(ahead as i64), part)
                            .map_or(Value::Missing, Value::Int),
                        other => other,
                    };
                    next
                }
                Op::LoadPrincipal { name } | Op::LoadPrincipalEach { name } => {
                    let name = image.bytes(name);
                    let mut values = self.principal_values(name);
                    let first = values.next();
                    several = match (first, values.next()) {
                        (Some(first), Some(_)) => Some(Several {
                            name,
                            first,
                            every: matches!(op, Op::LoadPrincipalEach { .. }),
                        }),
                        _ => None,
                    };
                    acc = text(first);
                    next
                }
                Op::LoadVariable { name } => {
                    acc = text(self.variable(image.bytes(name)));
                    next
                }
                Op::LoadBody {} => {
                    acc = self.body_value()?;
                    next
                }
                Op::LoadBodyPath { path } => {
                    acc = self.body_at(image.bytes(path))?;
                    next
                }
                Op::LoadAnswerHeader { name } => {
                    acc = text(self.answer_header(image.bytes(name)));
                    next
                }
                Op::LoadAnswerHeaders { name } => {
                    acc = text(self.answer_headers(image.bytes(name))?);
                    next
                }
                Op::LoadAnswerBody {} => {
                    acc = self.answer_body_value()?;
                    next
                }
                Op::LoadAnswerBodyPath { path } => {
                    acc = self.answer_body_at(image.bytes(path))?;
                    next
                }
                Op::LoadAnswerStatus {} => {
                    acc = self
                        .backend()
                        .map_or(Value::Missing, |b| Value::Int(i64::from(b.status)));
                    next
                }
                Op::LoadErrorMessage {} => {
                    acc = self.error_message()?;
                    next
                }
                Op::LoadErrorString {} => {
                    acc = Value::Text(self.error_string()?);
                    next
                }
                Op::LoadErrorType {} => {
                    acc = self.context(Variable::ErrorResponseType)?;
                    next
                }
                Op::LoadErrorDetail {} => {
                    acc = self.context(Variable::ErrorValidation)?;
                    next
                }
                Op::LoadSecure {} => {
                    acc = Value::Bool(self.world.head.secure);
                    next
                }
                Op::LoadNow {} => {
                    // Policies see whole seconds.
                    let seconds = self.world.now_ms / 1000 * 1000;
                    acc = Value::Int(i64::try_from(seconds).unwrap_or(i64::MAX));
                    next
                }
                Op::LoadVpce {} => {
                    acc = self.context(Variable::IdentityVpceId)?;
                    next
                }

                Op::OutBegin {} => {
                    out.restart(self.scratch);
                    next
                }
                Op::OutText { text } => {
                    self.scratch.emit(image.bytes(text))?;
                    next
                }
                Op::OutSlot { slot } => {
                    if let Some(text) = self.constant(slot) {
                        self.scratch.emit(self.lent(text))?;
                    }
                    next
                }
                Op::OutValue {} => {
                    self.out_value(out, acc)?;
                    next
                }
                Op::OutDash {} => {
                    match self.printed(acc)? {
                        Some(text) if !text.is_empty() => self.out_text(out, text)?,
                        _ => self.scratch.emit(b"-")?,
                    }
                    next
                }
                Op::OutEscaped {} => {
                    match self.printed(acc)? {
                        Some(text) => {
                            let start = self.scratch.text_len();
                            self.append_json(text)?;
                            let escaped = self.scratch.since(start);
                            self.out_text(out, escaped)?;
                        }
                        None => self.scratch.emit(b"-")?,
                    }
                    next
                }
                Op::OutLiteral { manner } => {
                    match self.printed(acc)? {
                        // Only keys of one value can stand in a text.
                        Some(text) if !several.is_some_and(|several| several.are(acc)) => {
                            self.out_literal(out, text, manner)?;
                        }
                        _ => broken = true,
                    }
                    next
                }
                Op::OutPattern {} => {
                    let built = out.done(self.scratch);
                    compared = if core::mem::take(&mut broken) {
                        Value::Missing
                    } else {
                        Value::Text(built)
                    };
                    next
                }
                Op::OutPlaceholder { name } => {
                    match self.placeholder(image.bytes(name)) {
                        Some(value) => self.out_value(out, value)?,
                        None => {
                            self.scratch.emit(b"{")?;
                            self.scratch.emit(image.bytes(name))?;
                            self.scratch.emit(b"}")?;
                        }
                    }
                    next
                }
                Op::OutDone {} => {
                    acc = Value::Text(out.done(self.scratch));
                    next
                }
                Op::OutPart {} => {
                    match self.printed(acc)? {
                        Some(text) => {
                            ended.incomplete |= text.is_empty();
                            self.out_part(out, text)?;
                        }
                        None => {
                            // An absent part is one of its own: no text looks like it.
                            ended.incomplete = true;
                            self.scratch.emit(&[0])?;
                        }
                    }
                    next
                }

                Op::SetHeader { name } => {
                    self.set_header(target, image.text(name), acc)?;
                    next
                }
                Op::SetQuery { name } => {
                    if !matches!(acc, Value::Missing | Value::Null) {
                        let mut list = self.core.request.query;
                        list.push(self.scratch, image.text(name), acc)?;
                        self.core.request.query = list;
                    }
                    next
                }
                Op::SetPlaceholder { name } => {
                    if !matches!(acc, Value::Missing | Value::Null) {
                        let value = self.placed(acc)?;
                        let mut list = self.core.request.placeholders;
                        list.push(self.scratch, image.text(name), value)?;
                        self.core.request.placeholders = list;
                    }
                    next
                }
                Op::SetStatus { status } => {
                    self.message(target).status = status;
                    next
                }

                Op::MediaOfRequest {} => {
                    self.core.media = self.media_of_request();
                    next
                }
                Op::MediaWanted {} => {
                    self.core.media = self.media_wanted();
                    next
                }
                Op::Template { program } => {
                    self.template(image, program, target)?;
                    next
                }
                Op::BodyText { text } => {
                    let text = image.text(text);
                    let message = self.message(target);
                    message.body = OutBody::Text(text);
                    message.rendered = true;
                    next
                }
                Op::BodyPass {} => {
                    self.message(target).body = match target {
                        Target::Request => OutBody::PassRequest,
                        Target::Answer => OutBody::PassBackend,
                    };
                    next
                }
                Op::BodyOut {} => {
                    let text = out.done(self.scratch);
                    let message = self.message(target);
                    message.body = OutBody::Text(text);
                    message.rendered = true;
                    next
                }
                Op::SetMedia { media } => {
                    self.core.content_type = Some(image.text(media));
                    next
                }

                Op::RequireHeader { name } => {
                    let there = self
                        .header(image.bytes(name))
                        .is_some_and(|t| !self.blank(t));
                    self.require(there, image, name)?;
                    next
                }
                Op::RequirePath { name } => {
                    let there = self.path_value(image.bytes(name))?.is_some();
                    self.require(there, image, name)?;
                    next
                }
                Op::RequireQuery { name } => {
                    let value = self.query_value(image.bytes(name))?;
                    let there = value.is_some_and(|t| !self.blank(t));
                    self.require(there, image, name)?;
                    next
                }
            };
        }
        ended.accumulator = acc;
        Ok(ended)
    }

    pub(crate) fn message(&mut self, target: Target) -> &mut super::Message {
        match target {
            Target::Request => &mut self.core.request,
            Target::Answer => &mut self.core.answer,
        }
    }

    fn placeholder(&self, name: &[u8]) -> Option<Value> {
        let list = self.core.request.placeholders;
        (0..list.len).rev().find_map(|i| {
            let (key, value) = list.get(self.scratch, i)?;
            (self.bytes(key) == name).then_some(value)
        })
    }

    fn blank(&self, text: Text) -> bool {
        self.bytes(text).trim_ascii().is_empty()
    }

    fn require(&mut self, there: bool, image: Image<'v>, name: Str) -> Result<(), Halt> {
        if there {
            return Ok(());
        }
        let start = self.scratch.text_len();
        if let Some(so_far) = self.core.missing {
            self.scratch.append_within(so_far.off, so_far.len)?;
            self.scratch.append(b", ")?;
        }
        self.scratch.append(image.bytes(name))?;
        self.core.missing = Some(self.scratch.since(start));
        Ok(())
    }
}
