//! Whole numbers of more than 128 bits, as Java's `BigInteger` reckons with them, up to a bound.

use core::cmp::Ordering;

use super::arithmetic::Operation;
use super::fault::Failure;
use crate::json::Heap;
use crate::value::Value;

/// The most digits that a number may have that is reckoned with.
pub const MAX_DIGITS: usize = 999;

/// Digits of a limb.
const DIGITS: usize = 9;
const BASE: u64 = 1_000_000_000;
const LIMBS: usize = MAX_DIGITS / DIGITS;

/// A number by sign and magnitude: limbs of nine digits, the least first, those above the number zero.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Wide {
    negative: bool,
    limbs: [u32; LIMBS],
}

const ZERO: Wide = Wide {
    negative: false,
    limbs: [0; LIMBS],
};

impl Wide {
    /// The number that decimal digits behind an optional `-` say.
    ///
    /// # Errors
    /// [`Failure::TooWide`] for more than [`MAX_DIGITS`] digits.
    pub(super) fn read(text: &[u8]) -> Result<Wide, Failure> {
        let (negative, digits) = match text.strip_prefix(b"-") {
            Some(digits) => (true, digits),
            None => (false, text),
        };
        let mut wide = ZERO;
        let mut limbs = wide.limbs.iter_mut();
        for part in digits.rchunks(DIGITS) {
            let limb = limbs.next().ok_or(Failure::TooWide)?;
            for digit in part {
                *limb = *limb * 10 + u32::from(digit.wrapping_sub(b'0') % 10);
            }
        }
        wide.negative = negative && !wide.is_zero();
        Ok(wide)
    }

    fn is_zero(&self) -> bool {
        self.limbs.iter().all(|limb| *limb == 0)
    }

    /// How many limbs are in use.
    fn len(&self) -> usize {
        let unused = self.limbs.iter().rev().take_while(|limb| **limb == 0);
        LIMBS - unused.count()
    }

    fn limb(&self, at: usize) -> u64 {
        self.limbs.get(at).copied().unwrap_or(0).into()
    }

    fn magnitude(&self, other: &Wide) -> Ordering {
        self.limbs.iter().rev().cmp(other.limbs.iter().rev())
    }

    pub(super) fn order(&self, other: &Wide) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.magnitude(other),
            (true, true) => other.magnitude(self),
        }
    }

    fn negated(self) -> Wide {
        Wide {
            negative: !self.negative && !self.is_zero(),
            ..self
        }
    }

    /// The sum of the magnitudes.
    fn sum(&self, other: &Wide) -> Result<Wide, Failure> {
        let mut result = ZERO;
        let mut carry = 0;
        for (at, limb) in result.limbs.iter_mut().enumerate() {
            let sum = self.limb(at) + other.limb(at) + carry;
            *limb = (sum % BASE) as u32;
            carry = sum / BASE;
        }
        match carry {
            0 => Ok(result),
            _ => Err(Failure::TooWide),
        }
    }

    /// The difference of the magnitudes, of which `other`'s is not the larger.
    fn difference(&self, other: &Wide) -> Wide {
        let mut result = ZERO;
        let mut borrow = 0;
        for (at, limb) in result.limbs.iter_mut().enumerate() {
            let taken = other.limb(at) + borrow;
            let own = self.limb(at);
            borrow = u64::from(own < taken);
            *limb = (own + borrow * BASE).saturating_sub(taken) as u32;
        }
        result
    }

    fn add(&self, other: &Wide) -> Result<Wide, Failure> {
        let mut result = match (self.negative == other.negative, self.magnitude(other)) {
            (true, _) => Wide {
                negative: self.negative,
                ..self.sum(other)?
            },
            (false, Ordering::Less) => Wide {
                negative: other.negative,
                ..other.difference(self)
            },
            (false, _) => Wide {
                negative: self.negative,
                ..self.difference(other)
            },
        };
        result.negative &= !result.is_zero();
        Ok(result)
    }

    fn multiply(&self, other: &Wide) -> Result<Wide, Failure> {
        let mut result = ZERO;
        for at in 0..self.len() {
            let factor = self.limb(at);
            let mut carry = 0;
            for with in 0..other.len() + 1 {
                let sum = factor * other.limb(with) + carry + result.limb(at + with);
                carry = sum / BASE;
                match result.limbs.get_mut(at + with) {
                    Some(limb) => *limb = (sum % BASE) as u32,
                    None if sum > 0 => return Err(Failure::TooWide),
                    None => {}
                }
            }
            if carry > 0 {
                return Err(Failure::TooWide);
            }
        }
        result.negative = self.negative != other.negative && !result.is_zero();
        Ok(result)
    }

    /// The magnitude times a limb.
    fn times(&self, factor: u64) -> Option<Wide> {
        let mut result = ZERO;
        let mut carry = 0;
        for (at, limb) in result.limbs.iter_mut().enumerate() {
            let product = self.limb(at) * factor + carry;
            *limb = (product % BASE) as u32;
            carry = product / BASE;
        }
        (carry == 0).then_some(result)
    }

    /// Quotient and remainder, cut towards zero; the remainder has the sign of `self`. `None`: by zero.
    fn divide(&self, by: &Wide) -> Option<(Wide, Wide)> {
        if by.is_zero() {
            return None;
        }
        let by_magnitude = Wide {
            negative: false,
            ..*by
        };
        let (mut quotient, mut rest) = (ZERO, ZERO);
        for at in (0..self.len()).rev() {
            // The limbs of the rest and those that are still to come are together no more than `self`'s: the
            // highest limb is free.
            rest.limbs.rotate_right(1);
            if let Some(first) = rest.limbs.first_mut() {
                *first = self.limbs.get(at).copied().unwrap_or(0);
            }
            // The largest digit of the quotient that fits, by halving.
            let (mut low, mut high) = (0u64, BASE - 1);
            while low < high {
                let middle = (low + high).div_ceil(2);
                let fits = by_magnitude
                    .times(middle)
                    .is_some_and(|product| product.magnitude(&rest) != Ordering::Greater);
                match fits {
                    true => low = middle,
                    false => high = middle - 1,
                }
            }
            if let Some(taken) = by_magnitude.times(low) {
                rest = rest.difference(&taken);
            }
            if let Some(limb) = quotient.limbs.get_mut(at) {
                *limb = low as u32;
            }
        }
        quotient.negative = self.negative != by.negative && !quotient.is_zero();
        rest.negative = self.negative && !rest.is_zero();
        Some((quotient, rest))
    }

    /// The number as a value: of 64 bits where it fits.
    ///
    /// # Errors
    /// At the cap of the scratch.
    fn value(&self, heap: &mut Heap<'_>) -> Result<Value, Failure> {
        let mut text = [0u8; MAX_DIGITS + 1];
        let mut at = text.len();
        for limb in self.limbs {
            let mut limb = limb;
            for _ in 0..DIGITS {
                at = at.saturating_sub(1);
                if let Some(digit) = text.get_mut(at) {
                    *digit = b'0' + (limb % 10) as u8;
                }
                limb /= 10;
            }
        }
        let digits = text.get(at..).unwrap_or(&[]);
        let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
        let mut start = at + zeros.min(digits.len().saturating_sub(1));
        if self.negative {
            start = start.saturating_sub(1);
            if let Some(sign) = text.get_mut(start) {
                *sign = b'-';
            }
        }
        let text = text.get(start..).unwrap_or(&[]);
        let small = core::str::from_utf8(text)
            .ok()
            .and_then(|text| text.parse().ok());
        match small {
            Some(small) => Ok(Value::Int(small)),
            None => Ok(Value::Big(heap.scratch.push(text)?)),
        }
    }
}

/// The result; nothing where the divisor is zero.
///
/// # Errors
/// [`Failure::TooWide`] for a result of more than [`MAX_DIGITS`] digits. Costs work by the square of the length,
/// a division more.
pub(super) fn apply(
    heap: &mut Heap<'_>,
    operation: Operation,
    left: &Wide,
    right: &Wide,
) -> Result<Value, Failure> {
    let (long, short) = (left.len() as u64, right.len() as u64);
    let result = match operation {
        Operation::Add => {
            heap.spend(long + short)?;
            left.add(right)?
        }
        Operation::Subtract => {
            heap.spend(long + short)?;
            left.add(&right.negated())?
        }
        Operation::Multiply => {
            heap.spend(long * short)?;
            left.multiply(right)?
        }
        Operation::Divide | Operation::Remainder => {
            // Thirty halvings for each limb of the quotient.
            heap.spend(long * LIMBS as u64 * 8)?;
            match (left.divide(right), operation) {
                (None, _) => return Ok(Value::Missing),
                (Some((quotient, _)), Operation::Divide) => quotient,
                (Some((_, rest)), _) => rest,
            }
        }
    };
    result.value(heap)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(text: &str) -> Wide {
        Wide::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn numbers_of_128_bits_are_those_of_rust() {
        let samples: [i128; 9] = [
            0,
            1,
            -1,
            999_999_999,
            -1_000_000_000,
            i128::from(i64::MAX),
            -123_456_789_012_345_678_901_234_567_890,
            i128::MAX,
            i128::MIN,
        ];
        for a in samples {
            for b in samples {
                let (left, right) = (wide(&alloc::format!("{a}")), wide(&alloc::format!("{b}")));
                assert_eq!(left.order(&right), a.cmp(&b), "{a} {b}");
                if let Some(sum) = a.checked_add(b) {
                    assert!(
                        left.add(&right) == Ok(wide(&alloc::format!("{sum}"))),
                        "{a} + {b}"
                    );
                }
                if let Some(product) = a.checked_mul(b) {
                    let product = wide(&alloc::format!("{product}"));
                    assert!(left.multiply(&right) == Ok(product), "{a} * {b}");
                }
                let (quotient, rest) = (a.checked_div(b), a.checked_rem(b));
                if let (Some(quotient), Some(rest)) = (quotient, rest) {
                    let expected = (
                        wide(&alloc::format!("{quotient}")),
                        wide(&alloc::format!("{rest}")),
                    );
                    assert!(left.divide(&right) == Some(expected), "{a} / {b}");
                }
            }
        }
        assert!(wide("1").divide(&wide("0")).is_none());
    }

    #[test]
    fn what_is_multiplied_is_divided_again_up_to_the_last_digit() {
        for (long, short) in [(500, 480), (980, 9), (400, 1), (37, 600)] {
            let a = wide(&"7".repeat(long));
            let b = wide(&alloc::format!("-{}", "93".repeat(short / 2 + 1)));
            let rest = wide("5");
            let product = a
                .multiply(&b)
                .and_then(|product| product.add(&rest.negated()));
            let Ok(number) = product else {
                panic!("{long} {short}")
            };
            assert!(
                number.divide(&b) == Some((a, rest.negated())),
                "{long} {short}"
            );
        }
        let most = wide(&"9".repeat(MAX_DIGITS));
        assert!(most.add(&wide("1")) == Err(Failure::TooWide));
        assert!(most.multiply(&wide("2")) == Err(Failure::TooWide));
        assert!(most.divide(&most) == Some((wide("1"), wide("0"))));
        assert!(Wide::read("9".repeat(MAX_DIGITS + 1).as_bytes()).is_err());
    }
}
