//! Numbers as Java's `BigDecimal` prints them once its trailing zeros are stripped.

use crate::json::{Bound, Heap};
use crate::value::Text;

/// Where the digits of a number are and how large it is.
struct Decimal {
    negative: bool,
    /// The bytes from the first digit that is not zero to the last one; the point may be among them.
    from: usize,
    to: usize,
    /// Digits among those bytes.
    digits: i64,
    /// How many of them stand behind the point; below zero, how many zeros are left out.
    scale: i64,
}

/// Appends a number of JSON to the output: whole ones as they are, others from their first digit that is not zero
/// to their last one, with an exponent where `BigDecimal.toString` writes one: `1.50` is `1.5`, `2e5` is `2E+5`.
/// A unit of work per byte.
pub(super) fn emit(heap: &mut Heap<'_>, number: Text) -> Result<(), Bound> {
    heap.spend(u64::from(number.len))?;
    let bytes = heap.bytes(number);
    if !bytes.iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        return heap.emit(number);
    }
    let Some(decimal) = Decimal::of(bytes) else {
        return Ok(heap.scratch.emit(b"0")?);
    };
    if decimal.negative {
        heap.scratch.emit(b"-")?;
    }
    let size = decimal.digits - 1 - decimal.scale;
    let plain = decimal.scale >= 0 && size >= -6;
    // Digits in front of the point.
    let whole = if plain {
        decimal.digits - decimal.scale
    } else {
        1
    };
    if whole <= 0 {
        heap.scratch.emit(b"0.")?;
        for _ in whole..0 {
            heap.scratch.emit(b"0")?;
        }
    }
    let mut written = 0;
    for at in decimal.from..decimal.to {
        let Some(digit @ b'0'..=b'9') = heap.bytes(number).get(at).copied() else {
            continue;
        };
        if written == whole && written > 0 {
            heap.scratch.emit(b".")?;
        }
        heap.scratch.emit(&[digit])?;
        written += 1;
    }
    if !plain {
        heap.scratch.emit(if size > 0 { b"E+" } else { b"E" })?;
        let size = crate::json::TextBuffer::int(size);
        heap.scratch.emit(size.as_bytes())?;
    }
    Ok(())
}

impl Decimal {
    /// `None`: it is zero.
    fn of(bytes: &[u8]) -> Option<Decimal> {
        let end = bytes
            .iter()
            .position(|byte| matches!(byte, b'e' | b'E'))
            .unwrap_or(bytes.len());
        let (mantissa, exponent) = bytes.split_at_checked(end)?;
        let counts = |byte: &u8| matches!(byte, b'1'..=b'9');
        let from = mantissa.iter().position(counts)?;
        let to = mantissa.iter().rposition(counts)? + 1;
        let digits = |bytes: &[u8]| bytes.iter().filter(|b| b.is_ascii_digit()).count() as i64;
        let fraction = mantissa
            .iter()
            .position(|byte| *byte == b'.')
            .and_then(|point| mantissa.get(point..))
            .map_or(0, digits);
        let left_out = mantissa.get(to..).map_or(0, digits);
        Some(Decimal {
            negative: bytes.first() == Some(&b'-'),
            from,
            to,
            digits: mantissa.get(from..to).map_or(0, digits),
            scale: fraction - left_out - power(exponent),
        })
    }
}

/// The number behind an `e`, within what a 32 bit number can say.
fn power(exponent: &[u8]) -> i64 {
    let negative = exponent.get(1) == Some(&b'-');
    let size = exponent
        .iter()
        .filter(|byte| byte.is_ascii_digit())
        .fold(0i64, |sum, digit| {
            (sum * 10 + i64::from(digit - b'0')).min(i64::from(i32::MAX))
        });
    if negative { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Lent;
    use crate::scratch::Scratch;

    struct Nothing;

    impl Lent for Nothing {
        fn lent(&self, _: Text) -> Option<&[u8]> {
            None
        }
    }

    /// What `BigDecimal.stripTrailingZeros().toString()` gives.
    #[test]
    fn numbers_are_printed_as_java_does() {
        for (number, want) in [
            ("7", "7"),
            ("-0", "-0"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("10000000000000000000", "10000000000000000000"),
            ("1.0", "1"),
            ("1.50", "1.5"),
            ("-0.0", "0"),
            ("0e7", "0"),
            ("1e0", "1"),
            ("2e5", "2E+5"),
            ("1200.0", "1.2E+3"),
            ("1200.50", "1200.5"),
            ("-12.3400e3", "-1.234E+4"),
            ("0.00012", "0.00012"),
            ("0.0000010", "0.000001"),
            ("0.000000010", "1E-8"),
            ("12.5e-9", "1.25E-8"),
            ("1E400", "1E+400"),
            ("90071992547409930.125", "90071992547409930.125"),
            ("100.25e1", "1002.5"),
        ] {
            let mut scratch = Scratch::new(1 << 16);
            let mut heap = Heap::new(&Nothing, &mut scratch, 1000);
            let text = heap.scratch.push(number.as_bytes()).unwrap();
            emit(&mut heap, text).unwrap();
            let told = heap.scratch.cut_out(0);
            assert_eq!(core::str::from_utf8(heap.bytes(told)), Ok(want), "{number}");
        }
    }
}
