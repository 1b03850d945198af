//! `String.format`: `%s`, `%d`, `%x`, `%f`, `%c`, `%b`, `%n`, `%%`, with width, precision, `-` and `0`.

use core::fmt::Write;

use super::super::fault::Failure;
use super::super::machine::Machine;
use crate::json::TextBuffer;
use crate::value::{Text, Value};

/// Widths beyond this are refused, not padded.
const MAX_WIDTH: usize = 1000;

/// A conversion as written: `%-10.2f`.
#[derive(Default)]
struct Spec {
    left: bool,
    zero: bool,
    plus: bool,
    width: usize,
    precision: Option<usize>,
}

impl Machine<'_> {
    /// The text that a format and its arguments make.
    pub(super) fn format(&mut self, format: Text, arguments: &[Value]) -> Result<Value, Failure> {
        let mark = self.heap.scratch.out_len();
        let result = self.format_into(format, arguments);
        if result.is_err() {
            self.heap.scratch.truncate_out(mark);
        }
        result?;
        Ok(Value::Text(self.heap.scratch.cut_out(mark)))
    }

    fn format_into(&mut self, format: Text, arguments: &[Value]) -> Result<(), Failure> {
        let mut at = 0;
        let mut next = 0;
        while at < format.len {
            let rest = self.heap.bytes(format).get(at as usize..).unwrap_or(&[]);
            let plain = rest.iter().take_while(|byte| **byte != b'%').count() as u32;
            if plain > 0 {
                self.heap.emit(format.slice(at, at + plain))?;
                at += plain;
                continue;
            }
            let (spec, conversion, used) =
                read(rest.get(1..).unwrap_or(&[])).ok_or(Failure::BadArgument)?;
            at += 1 + used as u32;
            match conversion {
                b'%' => self.heap.scratch.emit(b"%")?,
                b'n' => self.heap.scratch.emit(b"\n")?,
                _ => {
                    let value = arguments.get(next).copied().ok_or(Failure::BadArgument)?;
                    next += 1;
                    self.convert(&spec, conversion, value)?;
                }
            }
        }
        Ok(())
    }

    fn convert(&mut self, spec: &Spec, conversion: u8, value: Value) -> Result<(), Failure> {
        let mut digits = TextBuffer::default();
        let written = match (conversion, value) {
            (b's' | b'S', _) => return self.text_padded(spec, value),
            (b'b', Value::Bool(truth)) => write!(digits, "{truth}"),
            (b'b', _) => write!(digits, "true"),
            (b'c', Value::Text(_)) => return self.text_padded(spec, value),
            (b'd', Value::Int(number)) if spec.plus && number >= 0 => write!(digits, "+{number}"),
            (b'd', Value::Int(number)) => write!(digits, "{number}"),
            (b'd', Value::Big(_)) => return self.text_padded(spec, value),
            (b'x', Value::Int(number)) => match i32::try_from(number) {
                Ok(number) => write!(digits, "{number:x}"),
                Err(_) => write!(digits, "{number:x}"),
            },
            (b'f', Value::Double(number)) => write!(
                digits,
                "{number:.precision$}",
                precision = spec.precision.unwrap_or(6).min(20)
            ),
            _ => return Err(Failure::BadArgument),
        };
        written.map_err(|_| Failure::BadArgument)?;
        let text = self.heap.scratch.push(digits.as_bytes())?;
        self.padded(spec, text, spec.zero && !spec.left)
    }

    fn text_padded(&mut self, spec: &Spec, value: Value) -> Result<(), Failure> {
        let text = self.text_of(value)?;
        let cut = spec
            .precision
            .and_then(|most| super::super::text::byte_of(self.heap.bytes(text), most));
        self.padded(
            spec,
            text.slice(0, cut.map_or(text.len, |cut| cut as u32)),
            false,
        )
    }

    fn padded(&mut self, spec: &Spec, text: Text, zero: bool) -> Result<(), Failure> {
        let missing = spec
            .width
            .saturating_sub(super::super::text::units(self.heap.bytes(text)));
        if spec.left {
            self.heap.emit(text)?;
        }
        let sign = zero && matches!(self.heap.bytes(text).first(), Some(b'-' | b'+'));
        if sign {
            self.heap.emit(text.slice(0, 1))?;
        }
        for _ in 0..missing {
            self.heap.scratch.emit(if zero { b"0" } else { b" " })?;
        }
        if !spec.left {
            self.heap.emit(text.slice(u32::from(sign), text.len))?;
        }
        Ok(())
    }
}

/// Flags, width, precision and conversion, and how many bytes they take.
fn read(bytes: &[u8]) -> Option<(Spec, u8, usize)> {
    let mut spec = Spec::default();
    let mut at = 0;
    while let Some(flag @ (b'-' | b'0' | b'+')) = bytes.get(at) {
        match flag {
            b'-' => spec.left = true,
            b'0' => spec.zero = true,
            _ => spec.plus = true,
        }
        at += 1;
    }
    let number = |at: &mut usize| {
        let mut number = 0usize;
        while let Some(digit @ b'0'..=b'9') = bytes.get(*at) {
            number = (number * 10 + usize::from(digit - b'0')).min(MAX_WIDTH + 1);
            *at += 1;
        }
        number
    };
    spec.width = number(&mut at);
    if bytes.get(at) == Some(&b'.') {
        at += 1;
        spec.precision = Some(number(&mut at));
    }
    (spec.width <= MAX_WIDTH).then_some((spec, *bytes.get(at)?, at + 1))
}
