//! What conditions ask of a value.

use super::Machine;
use super::truth::Truth;
use crate::bundle::records as r;
use crate::bundle::wire::Blob;
use crate::bundle::{Image, Section};
use crate::isa::{Absent, Comparison, Manner};
use crate::policy;
use crate::text::{arn, glob};
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

impl<'v> Machine<'_, 'v> {
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
        // What is no number, and what has no order beside one.
        match number.and_then(|n: f64| n.partial_cmp(&with)) {
            Some(order) => comparison.holds(Some(order)).into(),
            None if absent == Absent::Error => Truth::Error,
            None => Truth::False,
        }
    }
}
