//! What instructions do that neither test nor lead elsewhere: loads, output text, and what is being built.

use super::condition::Several;
use super::run::{Registers, Target};
use super::{Halt, Machine, OutBody, Variable};
use crate::bundle::Image;
use crate::bundle::wire::Str;
use crate::isa::Op;
use crate::value::{Text, Value};

impl<'v> Machine<'_, 'v> {
    /// Carries the one at `at` out.
    #[inline(never)]
    pub(super) fn perform(
        &mut self,
        image: Image<'v>,
        (code, at): (&[u8], usize),
        regs: &mut Registers<'v>,
        target: Target,
    ) -> Result<(), Halt> {
        let (op, _) = Op::decode(code, at).ok_or(Halt::INTERNAL)?;
        let text = |v: Option<Text>| v.map_or(Value::Missing, Value::Text);
        match op {
            Op::LoadText { text } => {
                regs.acc = Value::Text(image.text(text));
            }
            Op::LoadSlot { slot } => {
                regs.acc = text(self.constant(slot));
            }
            Op::LoadHeader { name } => {
                regs.acc = text(self.header(image.bytes(name)));
            }
            Op::LoadHeaders { name } => {
                regs.acc = text(self.headers(image.bytes(name))?);
            }
            Op::LoadQuery { name } => {
                regs.acc = text(self.query_value(image.bytes(name))?);
            }
            Op::LoadQueries { name } => {
                regs.acc = self.queries(image.bytes(name))?;
            }
            Op::LoadPath { name } => {
                regs.acc = text(self.path_value(image.bytes(name))?);
            }
            Op::LoadContext { variable } => {
                let variable = Variable::numbered(variable).ok_or(Halt::INTERNAL)?;
                regs.acc = self.context(variable)?;
            }
            Op::LoadAuthorizer { name } => {
                regs.acc = self.authorizer_value(image.bytes(name))?;
            }
            Op::LoadDefault { text } => {
                if matches!(regs.acc, Value::Missing | Value::Null) {
                    regs.acc = Value::Text(image.text(text));
                }
            }
            Op::LoadTargetPath {} => {
                regs.acc = Value::Text(self.event_path()?);
            }
            Op::LoadPrincipal { name } | Op::LoadPrincipalEach { name } => {
                let name = image.bytes(name);
                let mut values = self.principal_values(name);
                let first = values.next();
                regs.several = match (first, values.next()) {
                    (Some(first), Some(_)) => Some(Several {
                        name,
                        first,
                        every: matches!(op, Op::LoadPrincipalEach { .. }),
                    }),
                    _ => None,
                };
                regs.acc = text(first);
            }
            Op::LoadVariable { name } => {
                regs.acc = text(self.variable(image.bytes(name)));
            }
            Op::LoadBody {} => {
                regs.acc = self.body_value()?;
            }
            Op::LoadBodyPath { path } => {
                regs.acc = self.body_at(image.bytes(path))?;
            }
            Op::LoadAnswerHeader { name } => {
                regs.acc = text(self.answer_header(image.bytes(name)));
            }
            Op::LoadAnswerHeaders { name } => {
                regs.acc = text(self.answer_headers(image.bytes(name))?);
            }
            Op::LoadAnswerBody {} => {
                regs.acc = self.answer_body_value()?;
            }
            Op::LoadAnswerBodyPath { path } => {
                regs.acc = self.answer_body_at(image.bytes(path))?;
            }
            Op::LoadAnswerStatus {} => {
                regs.acc = self
                    .backend()
                    .map_or(Value::Missing, |b| Value::Int(i64::from(b.status)));
            }
            Op::LoadErrorMessage {} => {
                regs.acc = self.error_message()?;
            }
            Op::LoadErrorString {} => {
                regs.acc = Value::Text(self.error_string()?);
            }
            Op::LoadErrorType {} => {
                regs.acc = self.context(Variable::ErrorResponseType)?;
            }
            Op::LoadErrorDetail {} => {
                regs.acc = self.context(Variable::ErrorValidation)?;
            }
            Op::LoadSecure {} => {
                regs.acc = Value::Bool(self.world.head.secure);
            }
            Op::LoadNow {} => {
                // Policies see whole seconds.
                let seconds = self.world.now_ms / 1000 * 1000;
                regs.acc = Value::Int(i64::try_from(seconds).unwrap_or(i64::MAX));
            }
            Op::OutBegin {} => {
                regs.out.restart(self.scratch);
            }
            Op::OutText { text } => {
                self.scratch.emit(image.bytes(text))?;
            }
            Op::OutSlot { slot } => {
                if let Some(text) = self.constant(slot) {
                    self.scratch.emit(self.lent(text))?;
                }
            }
            Op::OutValue {} => {
                self.out_value(regs.out, regs.acc)?;
            }
            Op::OutDash {} => match self.printed(regs.acc)? {
                Some(text) if !text.is_empty() => self.out_text(regs.out, text)?,
                _ => self.scratch.emit(b"-")?,
            },
            Op::OutEscaped {} => match self.printed(regs.acc)? {
                Some(text) => {
                    let start = self.scratch.text_len();
                    self.append_json(text)?;
                    let escaped = self.scratch.since(start);
                    self.out_text(regs.out, escaped)?;
                }
                None => self.scratch.emit(b"-")?,
            },
            Op::OutLiteral { manner } => {
                match self.printed(regs.acc)? {
                    // Only keys of one value can stand in a text.
                    Some(text) if !regs.several.is_some_and(|several| several.are(regs.acc)) => {
                        self.out_literal(regs.out, text, manner)?;
                    }
                    _ => regs.broken = true,
                }
            }
            Op::OutPattern {} => {
                let built = regs.out.done(self.scratch);
                regs.compared = if core::mem::take(&mut regs.broken) {
                    Value::Missing
                } else {
                    Value::Text(built)
                };
            }
            Op::OutPlaceholder { name } => match self.placeholder(image.bytes(name)) {
                Some(value) => self.out_value(regs.out, value)?,
                None => {
                    self.scratch.emit(b"{")?;
                    self.scratch.emit(image.bytes(name))?;
                    self.scratch.emit(b"}")?;
                }
            },
            Op::OutDone {} => {
                regs.acc = Value::Text(regs.out.done(self.scratch));
            }
            Op::OutPart {} => {
                match self.printed(regs.acc)? {
                    Some(text) => {
                        regs.incomplete |= text.is_empty();
                        self.out_part(regs.out, text)?;
                    }
                    None => {
                        // An absent part is one of its own: no text looks like it.
                        regs.incomplete = true;
                        self.scratch.emit(&[0])?;
                    }
                }
            }
            Op::SetHeader { name } => {
                self.set_header(target, image.text(name), regs.acc)?;
            }
            Op::SetQuery { name } => {
                if !matches!(regs.acc, Value::Missing | Value::Null) {
                    let mut list = self.core.request.query;
                    list.push(self.scratch, image.text(name), regs.acc)?;
                    self.core.request.query = list;
                }
            }
            Op::SetPlaceholder { name } => {
                if !matches!(regs.acc, Value::Missing | Value::Null) {
                    let value = self.placed(regs.acc)?;
                    let mut list = self.core.request.placeholders;
                    list.push(self.scratch, image.text(name), value)?;
                    self.core.request.placeholders = list;
                }
            }
            Op::SetStatus { status } => {
                self.message(target).status = status;
            }
            Op::MediaOfRequest {} => {
                self.core.media = self.media_of_request();
            }
            Op::MediaWanted {} => {
                self.core.media = self.media_wanted();
            }
            Op::Template { program } => {
                self.template(image, program, target)?;
            }
            Op::BodyText { text } => {
                let text = image.text(text);
                let message = self.message(target);
                message.body = OutBody::Text(text);
                message.rendered = true;
            }
            Op::BodyPass {} => {
                self.message(target).body = match target {
                    Target::Request => OutBody::PassRequest,
                    Target::Answer => OutBody::PassBackend,
                };
            }
            Op::BodyOut {} => {
                let text = regs.out.done(self.scratch);
                let message = self.message(target);
                message.body = OutBody::Text(text);
                message.rendered = true;
            }
            Op::SetMedia { media } => {
                self.core.content_type = Some(image.text(media));
            }
            Op::RequireHeader { name } => {
                let there = self
                    .header(image.bytes(name))
                    .is_some_and(|t| !self.blank(t));
                self.require(there, image, name)?;
            }
            Op::RequirePath { name } => {
                let there = self.path_value(image.bytes(name))?.is_some();
                self.require(there, image, name)?;
            }
            Op::RequireQuery { name } => {
                let value = self.query_value(image.bytes(name))?;
                let there = value.is_some_and(|t| !self.blank(t));
                self.require(there, image, name)?;
            }
            // The interpreter's own, and tests.
            _ => return Err(Halt::INTERNAL),
        }
        Ok(())
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
