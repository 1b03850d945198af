//! Values as text, and text into what is being built.

use super::course::FUEL;
use super::output::Output;
use super::run::Target;
use super::{Halt, Machine};
use crate::isa::Manner;
use crate::json::{Heap, Style};
use crate::text::glob;
use crate::value::{Text, Value};

impl Machine<'_, '_> {
    /// The heap of this call's lists and maps.
    pub(crate) fn heap(&mut self) -> Heap<'_> {
        Heap::new(self.world, self.scratch, u64::from(FUEL))
    }

    /// The value as text: texts as they are, scalars as Java prints them, objects and arrays as JSON.
    pub(crate) fn printed(&mut self, value: Value) -> Result<Option<Text>, Halt> {
        let style = match value {
            Value::Missing | Value::Null => return Ok(None),
            Value::List(_) | Value::Map(_) => Style::Json,
            _ => Style::Java,
        };
        Ok(Some(self.heap().to_text(value, style)?))
    }

    pub(super) fn out_value(&mut self, out: Output, value: Value) -> Result<(), Halt> {
        match self.printed(value)? {
            Some(text) => self.out_text(out, text),
            None => Ok(()),
        }
    }

    pub(crate) fn out_text(&mut self, out: Output, text: Text) -> Result<(), Halt> {
        if text.src == crate::Src::Scratch {
            Ok(out.text(self.scratch, text)?)
        } else {
            Ok(self.scratch.emit(self.lent(text))?)
        }
    }

    /// Appends a part behind its length, so that no two lists of parts give the same bytes.
    pub(super) fn out_part(&mut self, out: Output, text: Text) -> Result<(), Halt> {
        let [a, b, c, d] = text.len.to_le_bytes();
        self.scratch.emit(&[1, a, b, c, d])?;
        self.out_text(out, text)
    }

    /// Appends a value to a pattern.
    pub(super) fn out_literal(
        &mut self,
        out: Output,
        text: Text,
        manner: Manner,
    ) -> Result<(), Halt> {
        if !matches!(manner, Manner::Like | Manner::Arn) {
            return self.out_text(out, text);
        }
        for at in 0..text.len {
            let byte = self.bytes(text.slice(at, at + 1)).first().copied();
            let byte = byte.ok_or(Halt::INTERNAL)?;
            let mut failed = Ok(());
            glob::literals(&[byte], |bytes| {
                failed = failed.and_then(|()| self.scratch.emit(bytes));
            });
            failed?;
        }
        Ok(())
    }

    /// Sets a header of what is being built; a missing or empty value sets nothing.
    pub(crate) fn set_header(
        &mut self,
        target: Target,
        name: Text,
        value: Value,
    ) -> Result<(), Halt> {
        let value = match value {
            Value::List(_) => self.joined(value)?,
            other => self.printed(other)?,
        };
        let Some(value) = value.filter(|v| !v.is_empty()) else {
            return Ok(());
        };
        let value = self.one_line(value)?;
        let mut list = self.message(target).headers;
        list.push(self.scratch, name, Value::Text(value))?;
        self.message(target).headers = list;
        Ok(())
    }

    /// A value that cannot break out of its header: control characters become blanks.
    pub(crate) fn one_line(&mut self, value: Text) -> Result<Text, Halt> {
        let control = |b: &u8| *b < b' ' && *b != b'\t' || *b == 0x7f;
        if !self.bytes(value).iter().any(control) {
            return Ok(value);
        }
        let start = self.scratch.text_len();
        self.append(value)?;
        let copy = self.scratch.since(start);
        if let Some(bytes) = self.scratch.bytes_mut(copy.off, copy.len) {
            for byte in bytes.iter_mut().filter(|b| control(b)) {
                *byte = b' ';
            }
        }
        Ok(copy)
    }

    /// The items of a list as text, joined with `,`.
    pub(crate) fn joined(&mut self, value: Value) -> Result<Option<Text>, Halt> {
        let Some(object) = self.heap().object(value) else {
            return Ok(None);
        };
        let out = Output::begin(self.scratch);
        for i in 0..object.len() {
            if i > 0 {
                self.scratch.emit(b",")?;
            }
            let item = self.heap().item(value, i).unwrap_or_default();
            self.out_value(out, item)?;
        }
        Ok(Some(out.done(self.scratch)))
    }
}
