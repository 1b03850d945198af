//! What conditions ask of a value.

use super::Machine;
use super::truth::Truth;
use crate::bundle::Image;
use crate::bundle::wire::Blob;
use crate::isa::{Absent, Comparison, Manner};
use crate::policy;
use crate::text::{arn, glob};
use crate::value::{Text, Value};

impl<'v> Machine<'_, 'v> {
    pub(super) fn leaf(
        &self,
        acc: Value,
        absent: Absent,
        test: impl FnOnce(&Self, Text) -> Option<Truth>,
    ) -> Truth {
        match acc {
            Value::Text(text) => test(self, text).unwrap_or(Truth::Error),
            Value::Missing | Value::Null => absent.into(),
            _ => Truth::Error,
        }
    }

    /// `API/STAGE/VERB/PATH` of the request, in pieces.
    pub(super) fn arn_pieces(&self) -> Option<[&'v [u8]; 7]> {
        let api = self.api()?;
        let stage = self.stage()?;
        Some([
            self.image.bytes(api.id),
            b"/",
            self.edge.bytes(stage.name),
            b"/",
            self.lent(self.core.method),
            b"/",
            self.routed(),
        ])
    }

    pub(super) fn arn_like(&self, image: Image<'v>, globs: Blob, fuel: &mut u32) -> Option<bool> {
        policy::like(image, globs, &self.arn_pieces()?, fuel)
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
        match number {
            Some(n) => comparison.holds(n.partial_cmp(&with)).into(),
            None if absent == Absent::Error => Truth::Error,
            None => Truth::False,
        }
    }
}
