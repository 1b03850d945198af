//! Functions of numbers: `math.…`.

use core::cmp::Ordering;

use super::super::code::Function;
use super::super::value::{Cel, Found, Run, error, no_overload};
use super::super::work::Work;

pub(super) fn call(work: &mut Work<'_>, function: Function, operands: &[Cel]) -> Found {
    use Cel::{Bool, Double, Int, Uint};
    use Function as F;
    Ok(match (function, operands) {
        (F::Greatest | F::Least, [Cel::List(run)]) => return extreme(work, function, *run),
        (F::Greatest | F::Least, operands) => {
            let height = work.space.height();
            for operand in operands {
                work.space.push(*operand)?;
            }
            let run = work.space.settle(height);
            return extreme(work, function, run);
        }
        (F::Ceil, [Double(value)]) => Double(-floor(-value)),
        (F::Floor, [Double(value)]) => Double(floor(*value)),
        (F::Round, [Double(value)]) => Double(round(*value)),
        (F::Trunc, [Double(value)]) => Double(trunc(*value)),
        (F::Abs, [Int(value)]) => match value.checked_abs() {
            Some(value) => Int(value),
            None => return error("the number overflows"),
        },
        (F::Abs, [Uint(value)]) => Uint(*value),
        (F::Abs, [Double(value)]) => Double(value.abs()),
        (F::Sign, [Int(value)]) => Int(value.signum()),
        (F::Sign, [Uint(value)]) => Uint(u64::from(*value > 0)),
        (F::Sign, [Double(value)]) => Double(match *value == 0.0 || value.is_nan() {
            true => *value,
            false => value.signum(),
        }),
        (F::Sqrt, [Double(value)]) => Double(sqrt(*value)),
        (F::Sqrt, [Int(value)]) => Double(sqrt(*value as f64)),
        (F::Sqrt, [Uint(value)]) => Double(sqrt(*value as f64)),
        (F::IsNan, [Double(value)]) => Bool(value.is_nan()),
        (F::IsInf, [Double(value)]) => Bool(value.is_infinite()),
        (F::IsFinite, [Double(value)]) => Bool(value.is_finite()),
        (F::BitAnd, [Int(left), Int(right)]) => Int(left & right),
        (F::BitAnd, [Uint(left), Uint(right)]) => Uint(left & right),
        (F::BitOr, [Int(left), Int(right)]) => Int(left | right),
        (F::BitOr, [Uint(left), Uint(right)]) => Uint(left | right),
        (F::BitXor, [Int(left), Int(right)]) => Int(left ^ right),
        (F::BitXor, [Uint(left), Uint(right)]) => Uint(left ^ right),
        (F::BitNot, [Int(value)]) => Int(!value),
        (F::BitNot, [Uint(value)]) => Uint(!value),
        (F::BitShiftLeft | F::BitShiftRight, [Int(_) | Uint(_), Int(..=-1)]) => {
            return error("the shift is negative");
        }
        (F::BitShiftLeft, [Int(value), Int(by)]) => {
            Int(shifted(*value as u64, *by, u64::checked_shl) as i64)
        }
        (F::BitShiftLeft, [Uint(value), Int(by)]) => Uint(shifted(*value, *by, u64::checked_shl)),
        // The sign is a bit as any other.
        (F::BitShiftRight, [Int(value), Int(by)]) => {
            Int(shifted(*value as u64, *by, u64::checked_shr) as i64)
        }
        (F::BitShiftRight, [Uint(value), Int(by)]) => Uint(shifted(*value, *by, u64::checked_shr)),
        _ => return no_overload(),
    })
}

/// No bit is left beyond 63 places.
fn shifted(value: u64, by: i64, shift: fn(u64, u32) -> Option<u64>) -> u64 {
    u32::try_from(by)
        .ok()
        .and_then(|by| shift(value, by))
        .unwrap_or(0)
}

/// The first of the greatest, or of the least.
pub(in super::super) fn extreme(work: &Work<'_>, function: Function, run: Run) -> Found {
    let view = work.view();
    let wanted = match function {
        Function::Greatest => Ordering::Greater,
        _ => Ordering::Less,
    };
    let mut found: Option<Cel> = None;
    for item in view.cells(run) {
        if !item.is_number() {
            return no_overload();
        }
        if found.is_none_or(|found| view.order(*item, found) == Some(wanted)) {
            found = Some(*item);
        }
    }
    match found {
        Some(found) => Ok(found),
        None => no_overload(),
    }
}

/// Doubles from here on are whole numbers.
const WHOLE: f64 = 4_503_599_627_370_496.0;

/// The whole number towards zero. `core` has none of these.
pub(super) fn trunc(value: f64) -> f64 {
    // A NaN is less than nothing.
    if value.abs() < WHOLE {
        (value as i64 as f64).copysign(value)
    } else {
        value
    }
}

fn floor(value: f64) -> f64 {
    let whole = trunc(value);
    if whole > value { whole - 1.0 } else { whole }
}

/// Halves go away from zero.
fn round(value: f64) -> f64 {
    let whole = trunc(value);
    if (value - whole).abs() >= 0.5 {
        whole + value.signum()
    } else {
        whole
    }
}

/// The nearest double to the root, as IEEE 754 has it.
fn sqrt(value: f64) -> f64 {
    if value.is_nan() || value == 0.0 || value == f64::INFINITY {
        return value;
    }
    if value < 0.0 {
        return f64::NAN;
    }
    // value = mantissa · 2^exponent, the mantissa with 53 bits, the exponent even.
    let bits = value.to_bits();
    let (mut mantissa, mut exponent) = match (bits >> 52) as i64 {
        0 => {
            let up = bits.leading_zeros() - 11;
            (bits << up, -1074 - i64::from(up))
        }
        biased => (bits & ((1 << 52) - 1) | 1 << 52, biased - 1075),
    };
    if exponent % 2 != 0 {
        mantissa <<= 1;
        exponent -= 1;
    }
    // The root of 2^56 as much has 55 bits, of which a bit for what lies beyond them rounds two off.
    let square = u128::from(mantissa) << 56;
    let root = square.isqrt();
    let beyond = u64::from(root * root != square);
    let root = (root as u64) << 1 | beyond;
    let scale = (exponent - 56) / 2 - 1;
    root as f64 * f64::from_bits(((scale + 1023) as u64) << 52)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_rounded_as_the_standard_library_does() {
        let mut values = std::vec![
            0.0,
            -0.0,
            0.5,
            -0.5,
            1.5,
            2.5,
            -2.5,
            0.49999999999999994,
            1e15,
            -1e15,
            4503599627370495.5,
            9007199254740993.0,
            1e300,
            -1e300,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::MIN_POSITIVE,
            5e-324,
            2.0,
            3.0,
            1e-310,
            f64::MAX,
            0.1,
            123456.789,
        ];
        let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
        for _ in 0..20_000 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            values.push(f64::from_bits(seed));
        }
        for value in values {
            let same = |own: f64, other: f64| {
                own.to_bits() == other.to_bits() || own.is_nan() && other.is_nan()
            };
            assert!(same(trunc(value), value.trunc()), "trunc {value:e}");
            assert!(same(floor(value), value.floor()), "floor {value:e}");
            assert!(same(-floor(-value), value.ceil()), "ceil {value:e}");
            assert!(same(round(value), value.round()), "round {value:e}");
            assert!(same(sqrt(value), value.sqrt()), "sqrt {value:e}");
        }
    }
}
