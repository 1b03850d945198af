//! Java's numbers: `Integer`, `Long`, `BigInteger`, `Double`, `BigDecimal`, with their text and
//! their arithmetic as Velocity does it.

use std::cmp::Ordering;

use num_bigint::BigInt;
use num_traits::{Signed, ToPrimitive, Zero};

/// A number of one of Java's classes.
#[derive(Clone, Debug, PartialEq)]
pub enum Number {
    /// `Integer`.
    Int(i32),
    /// `Long`.
    Long(i64),
    /// `BigInteger`.
    Big(BigInt),
    /// `Double`.
    Double(f64),
    /// `BigDecimal`: unscaled value and scale.
    Decimal(BigInt, i64),
}

/// Velocity's arithmetic operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    /// `+`.
    Add,
    /// `-`.
    Subtract,
    /// `*`.
    Multiply,
    /// `/`.
    Divide,
    /// `%`.
    Remainder,
}

impl Number {
    /// The narrowest of Java's whole classes that holds the value.
    pub fn whole(value: BigInt) -> Number {
        if let Some(int) = value.to_i32() {
            Number::Int(int)
        } else if let Some(long) = value.to_i64() {
            Number::Long(long)
        } else {
            Number::Big(value)
        }
    }

    /// Java's class.
    pub fn class(&self) -> &'static str {
        match self {
            Number::Int(_) => "Integer",
            Number::Long(_) => "Long",
            Number::Big(_) => "BigInteger",
            Number::Double(_) => "Double",
            Number::Decimal(..) => "BigDecimal",
        }
    }

    /// The value as a `double`.
    pub fn to_f64(&self) -> f64 {
        match self {
            Number::Int(value) => f64::from(*value),
            Number::Long(value) => *value as f64,
            Number::Big(value) => value.to_f64().unwrap_or(f64::NAN),
            Number::Double(value) => *value,
            Number::Decimal(..) => self.print().parse().unwrap_or(f64::NAN),
        }
    }

    /// The value as a whole number; none for fractions' classes.
    pub fn to_big(&self) -> Option<BigInt> {
        match self {
            Number::Int(value) => Some(BigInt::from(*value)),
            Number::Long(value) => Some(BigInt::from(*value)),
            Number::Big(value) => Some(value.clone()),
            Number::Double(_) | Number::Decimal(..) => None,
        }
    }

    fn to_decimal(&self) -> Option<(BigInt, i64)> {
        match self {
            Number::Decimal(unscaled, scale) => Some((unscaled.clone(), *scale)),
            // Velocity goes through `new BigDecimal(double)`; its text is good enough for sums.
            Number::Double(value) if value.is_finite() => parse_decimal(&print_double(*value)),
            Number::Double(_) => None,
            whole => whole.to_big().map(|value| (value, 0)),
        }
    }

    /// Whether both are the same number, whatever their classes.
    pub fn same(&self, other: &Number) -> bool {
        self.compare(other) == Some(Ordering::Equal)
    }

    /// Which is greater, whatever their classes; none if one is no number.
    pub fn compare(&self, other: &Number) -> Option<Ordering> {
        match (self.to_big(), other.to_big()) {
            (Some(a), Some(b)) => Some(a.cmp(&b)),
            _ => self.to_f64().partial_cmp(&other.to_f64()),
        }
    }

    /// `self operation other`; none where Java would throw or Velocity refuses.
    pub fn apply(&self, operation: Operation, other: &Number) -> Option<Number> {
        let decimal = matches!(self, Number::Decimal(..)) || matches!(other, Number::Decimal(..));
        let double = matches!(self, Number::Double(_)) || matches!(other, Number::Double(_));
        if decimal {
            let ((a, a_scale), (b, b_scale)) = (self.to_decimal()?, other.to_decimal()?);
            return apply_decimal(a, a_scale, operation, b, b_scale);
        }
        if double {
            let (a, b) = (self.to_f64(), other.to_f64());
            let zero = b == 0.0;
            let value = match operation {
                Operation::Add => a + b,
                Operation::Subtract => a - b,
                Operation::Multiply => a * b,
                // A division by zero is a failed operation, not Infinity.
                Operation::Divide | Operation::Remainder if zero => return None,
                Operation::Divide => a / b,
                Operation::Remainder => a % b,
            };
            return Some(Number::Double(value));
        }
        let (a, b) = (self.to_big()?, other.to_big()?);
        let value = match operation {
            Operation::Add => a + b,
            Operation::Subtract => a - b,
            Operation::Multiply => a * b,
            Operation::Divide | Operation::Remainder if b.is_zero() => return None,
            // Both truncate towards zero, as Java does.
            Operation::Divide => a / b,
            Operation::Remainder => a % b,
        };
        // The result has the wider operand's class, or the next that holds it.
        Some(match (self, other) {
            (Number::Big(_), _) | (_, Number::Big(_)) => Number::Big(value),
            (Number::Long(_), _) | (_, Number::Long(_)) => match value.to_i64() {
                Some(long) => Number::Long(long),
                None => Number::Big(value),
            },
            _ => Number::whole(value),
        })
    }

    /// Java's text.
    pub fn print(&self) -> String {
        match self {
            Number::Int(value) => value.to_string(),
            Number::Long(value) => value.to_string(),
            Number::Big(value) => value.to_string(),
            Number::Double(value) => print_double(*value),
            Number::Decimal(unscaled, scale) => print_decimal(unscaled, *scale),
        }
    }
}

fn apply_decimal(
    mut a: BigInt,
    a_scale: i64,
    operation: Operation,
    mut b: BigInt,
    b_scale: i64,
) -> Option<Number> {
    let ten = |power: i64| BigInt::from(10).pow(u32::try_from(power).unwrap_or(0));
    if operation == Operation::Multiply {
        return Some(Number::Decimal(a * b, a_scale + b_scale));
    }
    let scale = a_scale.max(b_scale);
    a *= ten(scale - a_scale);
    b *= ten(scale - b_scale);
    Some(match operation {
        Operation::Add => Number::Decimal(a + b, scale),
        Operation::Subtract => Number::Decimal(a - b, scale),
        Operation::Divide | Operation::Remainder if b.is_zero() => return None,
        Operation::Remainder => Number::Decimal(a % b, scale),
        // `divide(b, ROUND_HALF_DOWN)` keeps the left side's scale.
        _ => {
            let shifted = a * ten(a_scale);
            let (quotient, rest) = (&shifted / &b, &shifted % &b);
            let up: BigInt = rest.abs() * 2 - b.abs();
            let sign = if shifted.is_negative() == b.is_negative() {
                1
            } else {
                -1
            };
            let rounded = if up.is_positive() {
                quotient + sign
            } else {
                quotient
            };
            Number::Decimal(rounded, a_scale)
        }
    })
}

/// Reads a decimal number's text exactly.
pub fn parse_decimal(text: &str) -> Option<(BigInt, i64)> {
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (&text[..at], text[at + 1..].parse::<i64>().ok()?),
        None => (text, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits: BigInt = format!("{whole}{fraction}").parse().ok()?;
    let scale = i64::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
    // An exponent that no body needs must not cost memory.
    (scale.abs() <= 100_000).then_some((digits, scale))
}

/// `Double.toString`: shortest digits, at least one after the point, `E` from 10⁷ and below 10⁻³.
pub fn print_double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.into();
    }
    if value == 0.0 {
        return if value.is_sign_negative() {
            "-0.0"
        } else {
            "0.0"
        }
        .into();
    }
    if (1e-3..1e7).contains(&value.abs()) {
        let text = format!("{value}");
        return if text.contains('.') {
            text
        } else {
            format!("{text}.0")
        };
    }
    let text = format!("{value:E}");
    match text.split_once('E') {
        Some((mantissa, exponent)) if mantissa.contains('.') => format!("{mantissa}E{exponent}"),
        Some((mantissa, exponent)) => format!("{mantissa}.0E{exponent}"),
        None => text,
    }
}

/// `BigDecimal.toString`: plain unless the exponent is positive or below 10⁻⁶.
pub(crate) fn print_decimal(unscaled: &BigInt, scale: i64) -> String {
    let digits = unscaled.abs().to_string();
    let sign = if unscaled.is_negative() { "-" } else { "" };
    let length = i64::try_from(digits.len()).unwrap_or(i64::MAX);
    let adjusted = length - 1 - scale;
    if scale == 0 {
        return format!("{sign}{digits}");
    }
    if scale > 0 && adjusted >= -6 {
        let point = length - scale;
        if point > 0 {
            let (whole, fraction) = digits.split_at(usize::try_from(point).unwrap_or(0));
            return format!("{sign}{whole}.{fraction}");
        }
        let zeros = "0".repeat(usize::try_from(-point).unwrap_or(0));
        return format!("{sign}0.{zeros}{digits}");
    }
    let (first, rest) = digits.split_at(1);
    let rest = if rest.is_empty() {
        String::new()
    } else {
        format!(".{rest}")
    };
    let plus = if adjusted > 0 { "+" } else { "" };
    format!("{sign}{first}{rest}E{plus}{adjusted}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_print_as_java_prints_them() {
        for (value, text) in [
            (1.5, "1.5"),
            (0.0001, "1.0E-4"),
            (1e7, "1.0E7"),
            (1000.0, "1000.0"),
            (9_999_999.0, "9999999.0"),
            (1.234e-5, "1.234E-5"),
            (-0.0, "-0.0"),
            (0.001, "0.001"),
        ] {
            assert_eq!(print_double(value), text);
        }
    }

    #[test]
    fn whole_numbers_widen_and_truncate() {
        let apply = |a: i64, operation, b: i64| {
            Number::whole(a.into())
                .apply(operation, &Number::whole(b.into()))
                .map(|number| (number.class(), number.print()))
        };
        assert_eq!(
            apply(-7, Operation::Divide, 2),
            Some(("Integer", "-3".into()))
        );
        assert_eq!(
            apply(-7, Operation::Remainder, 2),
            Some(("Integer", "-1".into()))
        );
        assert_eq!(
            apply(2_147_483_647, Operation::Add, 1),
            Some(("Long", "2147483648".into()))
        );
        assert_eq!(
            apply(i64::MAX, Operation::Multiply, 2),
            Some(("BigInteger", "18446744073709551614".into()))
        );
        assert_eq!(apply(1, Operation::Divide, 0), None);
    }
}
