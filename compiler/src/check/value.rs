//! Values and their units.

use tollgate_grammar::ast::{Ix, Key, Quantity, Value, ValueKind};
use tollgate_model::ScalarType;
use tollgate_model::traffic::Throttle;

use super::cx::Cx;
use super::operands::{Operands, name_of};
use crate::diagnostic::codes::{MalformedValue, OutOfRange, UnknownChoice, WrongType, WrongUnit};
use crate::diagnostic::{Finding, one_of};

/// What a value is, for people.
pub(crate) fn describe(value: &Value) -> &'static str {
    match &value.kind {
        ValueKind::Text(_) => "text",
        ValueKind::Tagged(..) => "tagged text",
        ValueKind::Quantity(quantity) if quantity.per.is_some() => "a rate",
        ValueKind::Quantity(quantity) if !quantity.unit.is_empty() => "a quantity",
        ValueKind::Quantity(_) => "a number",
        ValueKind::Date(_) => "a date",
        ValueKind::Path(_) => "a path",
        ValueKind::Place(_) => "a name",
        ValueKind::Call(_) => "a call",
        ValueKind::List(_) | ValueKind::ListCall(..) => "a list",
        ValueKind::Range(..) => "a range",
        ValueKind::Object(_) => "an object",
        ValueKind::Union(_) => "alternatives",
        ValueKind::Star => "`*`",
    }
}

impl<'a> Cx<'a> {
    pub(crate) fn wrong_type<T>(&mut self, value: &Value, expected: &str) -> Option<T> {
        let span = self.span(value.id);
        self.report(
            WrongType {
                expected: expected.to_owned(),
                found: describe(value),
            }
            .at(span),
        );
        None
    }

    pub(crate) fn malformed<T>(&mut self, ix: Ix, what: &str, why: impl Into<String>) -> Option<T> {
        let span = self.span(ix);
        self.report(
            MalformedValue {
                what: what.to_owned(),
                why: why.into(),
            }
            .at(span),
        );
        None
    }

    pub(crate) fn out_of_range<T>(
        &mut self,
        ix: Ix,
        what: &str,
        min: &str,
        max: &str,
    ) -> Option<T> {
        let span = self.span(ix);
        self.report(
            OutOfRange {
                what: what.to_owned(),
                min: min.to_owned(),
                max: max.to_owned(),
            }
            .at(span),
        );
        None
    }

    /// `true` or `false`.
    pub(crate) fn truth(&mut self, value: &Value) -> Option<bool> {
        match name_of(value) {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => self.wrong_type(value, "`true` or `false`"),
        }
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&mut self, value: &Value, choices: &[(&str, T)]) -> Option<T> {
        let names = || choices.iter().map(|(name, _)| *name);
        let Some(written) = name_of(value) else {
            return self.wrong_type(value, &one_of(names()));
        };
        if let Some((_, found)) = choices.iter().find(|(name, _)| *name == written) {
            return Some(*found);
        }
        let span = self.span(value.id);
        self.report(
            UnknownChoice {
                written: written.to_owned(),
                expected: one_of(names()),
            }
            .at(span)
            .or_near(written, names(), span),
        );
        None
    }

    fn quantity<'v>(&mut self, value: &'v Value, expected: &str) -> Option<&'v Quantity> {
        match &value.kind {
            ValueKind::Quantity(quantity) if !value.optional => Some(quantity),
            _ => self.wrong_type(value, expected),
        }
    }

    /// A whole number without a unit.
    pub(crate) fn count(&mut self, value: &Value) -> Option<u64> {
        let quantity = self.quantity(value, "a whole number")?;
        if !quantity.unit.is_empty() || quantity.per.is_some() {
            return self.wrong_unit(value.id, "a whole number", "none");
        }
        match quantity.number.parse() {
            Ok(count) => Some(count),
            Err(_) => self.wrong_type(value, "a whole number"),
        }
    }

    /// A status code, 100–599.
    pub(crate) fn status(&mut self, value: &Value) -> Option<u16> {
        let status = self.count(value)?;
        if !(100..=599).contains(&status) {
            return self.out_of_range(value.id, "a status", "100", "599");
        }
        Some(status as u16)
    }

    fn wrong_unit<T>(&mut self, ix: Ix, what: &str, units: &str) -> Option<T> {
        let span = self.span(ix);
        let written = self.written(ix).to_owned();
        self.report(
            WrongUnit {
                written,
                what: what.to_owned(),
                units: units.to_owned(),
            }
            .at(span),
        );
        None
    }

    /// A duration in milliseconds.
    pub(crate) fn duration_ms(&mut self, value: &Value) -> Option<u64> {
        let quantity = self.quantity(value, "a duration")?;
        let unit = match quantity.per {
            None => unit_ms(&quantity.unit),
            Some(_) => None,
        };
        let Some(unit) = unit else {
            return self.wrong_unit(value.id, "a duration", "`ms`, `s`, `min`, `h` or `d`");
        };
        match scaled(&quantity.number, unit) {
            Some(ms) => Some(ms),
            None => self.malformed(
                value.id,
                "duration",
                "it is no whole number of milliseconds",
            ),
        }
    }

    /// A duration in whole seconds, up to a bound.
    pub(crate) fn duration_s(&mut self, value: &Value, what: &str, max: u32) -> Option<u32> {
        let ms = self.duration_ms(value)?;
        if ms % 1000 != 0 {
            return self.malformed(value.id, what, "it is counted in whole seconds");
        }
        if ms / 1000 > u64::from(max) {
            return self.out_of_range(value.id, what, "0s", &format!("{max}s"));
        }
        Some((ms / 1000) as u32)
    }

    /// A size in bytes.
    pub(crate) fn size(&mut self, value: &Value) -> Option<u64> {
        let quantity = self.quantity(value, "a size")?;
        let unit = match (quantity.unit.as_str(), &quantity.per) {
            ("B", None) => Some(1),
            ("KB", None) => Some(1_000),
            ("MB", None) => Some(1_000_000),
            ("GB", None) => Some(1_000_000_000),
            ("KiB", None) => Some(1 << 10),
            ("MiB", None) => Some(1 << 20),
            ("GiB", None) => Some(1 << 30),
            _ => None,
        };
        let Some(unit) = unit else {
            return self.wrong_unit(
                value.id,
                "a size",
                "`B`, `KB`, `MB`, `GB`, `KiB`, `MiB` or `GiB`",
            );
        };
        match scaled(&quantity.number, unit) {
            Some(bytes) => Some(bytes),
            None => self.malformed(value.id, "size", "it is no whole number of bytes"),
        }
    }

    /// A share in hundredths of a percent, 0–10000.
    pub(crate) fn share(&mut self, value: &Value) -> Option<u16> {
        let quantity = self.quantity(value, "a percentage")?;
        if quantity.unit != "%" || quantity.per.is_some() {
            return self.wrong_unit(value.id, "a percentage", "`%`");
        }
        match scaled(&quantity.number, 100) {
            Some(share) if share <= 10_000 => Some(share as u16),
            Some(_) => self.out_of_range(value.id, "a share", "0%", "100%"),
            None => self.malformed(
                value.id,
                "share",
                "it has more than two digits behind the point",
            ),
        }
    }

    /// A rate in thousandths of a request per second.
    pub(crate) fn rate_milli(&mut self, value: &Value) -> Option<u64> {
        let quantity = self.quantity(value, "a rate")?;
        let units = "`/s`, `/min` or `/h`";
        let Some((number, unit)) = &quantity.per else {
            return self.wrong_unit(value.id, "a rate", units);
        };
        let number = if number.is_empty() { "1" } else { number };
        let period = match quantity.unit.as_str() {
            "" => unit_ms(unit).and_then(|unit| scaled(number, unit)),
            _ => None,
        };
        let Some(period) = period.filter(|ms| *ms > 0) else {
            return self.wrong_unit(value.id, "a rate", units);
        };
        // Thousandths of a request in thousandths of a second.
        match scaled(&quantity.number, 1_000_000) {
            Some(millionths) => Some((u128::from(millionths) / u128::from(period)) as u64),
            None => self.malformed(value.id, "rate", "it has too many digits"),
        }
    }

    /// `RATE burst COUNT`.
    pub(crate) fn throttle(&mut self, operands: &mut Operands<'a>) -> Option<Throttle> {
        let rate = operands.need(self, "a rate")?;
        let rate_milli = self.rate_milli(rate)?;
        let burst = if operands.take("burst") {
            let burst = operands.need(self, "the size of the burst")?;
            self.count(burst)?
        } else {
            // Without a burst the bucket holds one second's worth, at least one request.
            rate_milli.div_ceil(1000).max(1)
        };
        operands.refuse_rest(self);
        Some(Throttle { rate_milli, burst })
    }

    /// A list.
    pub(crate) fn list<'v>(&mut self, value: &'v Value, of: &str) -> Option<&'v [Value]> {
        match &value.kind {
            ValueKind::List(values) => Some(values),
            _ => self.wrong_type(value, &format!("a list of {of}")),
        }
    }

    /// A list of texts or names.
    pub(crate) fn names_list(&mut self, value: &'a Value, of: &str) -> Option<Vec<(String, Ix)>> {
        let values = self.list(value, of)?;
        Some(
            values
                .iter()
                .filter_map(|value| match name_of(value) {
                    Some(name) => Some((name.to_owned(), value.id)),
                    None => match &value.kind {
                        ValueKind::Star => Some(("*".to_owned(), value.id)),
                        _ => self.literal(value).map(|text| (text, value.id)),
                    },
                })
                .collect(),
        )
    }

    /// An object whose values are texts.
    pub(crate) fn text_map(&mut self, value: &'a Value) -> Option<Vec<(String, String)>> {
        let ValueKind::Object(fields) = &value.kind else {
            return self.wrong_type(value, "an object");
        };
        let mut map = Vec::with_capacity(fields.len());
        for field in fields {
            let key = self.key(&field.key)?;
            if let Some(value) = &field.value
                && let Some(text) = self.literal(value)
            {
                map.push((key, text));
            }
        }
        Some(map)
    }

    /// The text of an object's key.
    pub(crate) fn key(&mut self, key: &'a Key) -> Option<String> {
        match key {
            Key::Name(name) => Some(name.text.clone()),
            Key::Text(text) => self.literal_text(text),
        }
    }

    /// The type of a parameter or variable, and whether it may be absent.
    pub(crate) fn scalar_type(&mut self, value: &'a Value) -> Option<(ScalarType, bool)> {
        const TYPES: [(&str, ScalarType); 6] = [
            ("String", ScalarType::String),
            ("Int", ScalarType::Int),
            ("Number", ScalarType::Number),
            ("Bool", ScalarType::Bool),
            ("Url", ScalarType::Url),
            ("Arn", ScalarType::Arn),
        ];
        let names = || TYPES.iter().map(|(name, _)| *name);
        match &value.kind {
            ValueKind::Place(place) => {
                let written = place.name().unwrap_or_default();
                if let Some((_, ty)) = TYPES.iter().find(|(name, _)| *name == written) {
                    return Some((ty.clone(), value.optional));
                }
                let span = self.span(value.id);
                self.report(
                    UnknownChoice {
                        written: self.written(place.id).to_owned(),
                        expected: one_of(names()),
                    }
                    .at(span)
                    .or_near(written, names(), span),
                );
                None
            }
            ValueKind::Text(text) => {
                let text = self.literal_text(text)?;
                Some((ScalarType::OneOf(vec![text]), value.optional))
            }
            ValueKind::Union(values) => {
                let mut texts = Vec::with_capacity(values.len());
                for value in values {
                    match &value.kind {
                        ValueKind::Text(text) => texts.push(self.literal_text(text)?),
                        _ => return self.wrong_type(value, "text"),
                    }
                }
                let optional = value.optional || values.iter().any(|value| value.optional);
                Some((ScalarType::OneOf(texts), optional))
            }
            _ => self.wrong_type(value, "a type"),
        }
    }
}

/// Milliseconds of a unit of time.
fn unit_ms(unit: &str) -> Option<u64> {
    Some(match unit {
        "ms" => 1,
        "s" => 1_000,
        "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    })
}

/// A decimal number times a whole unit, if that is a whole number.
fn scaled(number: &str, unit: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: u64 = whole.parse().ok()?;
    let mut total = whole.checked_mul(unit)?;
    if !fraction.is_empty() {
        let digits: u64 = fraction.parse().ok()?;
        let parts = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let scaled = u128::from(digits) * u128::from(unit);
        if scaled % u128::from(parts) != 0 {
            return None;
        }
        total = total.checked_add((scaled / u128::from(parts)) as u64)?;
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use super::scaled;

    #[test]
    fn decimals_are_scaled_exactly_or_refused() {
        for (number, unit, expected) in [
            ("60", 1_000, Some(60_000)),
            ("0.5", 1_000_000_000, Some(500_000_000)),
            ("1.5", 1, None),
            ("12.34", 100, Some(1234)),
            ("-1", 1, None),
            ("99999999999999999999", 1, None),
            ("1.00000000000000000000000000001", 10, None),
        ] {
            assert_eq!(scaled(number, unit), expected, "{number} × {unit}");
        }
    }
}
