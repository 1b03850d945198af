//! Numbers as Java prints them.

use core::fmt::Write;

/// A small text on the stack: what a number prints as.
#[derive(Clone, Copy, Debug)]
pub struct TextBuffer {
    bytes: [u8; 40],
    len: usize,
}

impl Default for TextBuffer {
    fn default() -> TextBuffer {
        TextBuffer {
            bytes: [0; 40],
            len: 0,
        }
    }
}

impl TextBuffer {
    /// The digits of a whole number of 64 bits.
    #[must_use]
    pub fn int(number: i64) -> TextBuffer {
        let mut text = TextBuffer::default();
        if number < 0 {
            text.byte(b'-');
        }
        text.digits(number.unsigned_abs(), 1);
        text
    }

    /// The digits of a whole number.
    #[must_use]
    pub fn of(number: i128) -> TextBuffer {
        let mut text = TextBuffer::default();
        // 40 bytes hold every 128-bit number.
        let _ = write!(text, "{number}");
        text
    }

    fn byte(&mut self, byte: u8) {
        if let Some(slot) = self.bytes.get_mut(self.len) {
            *slot = byte;
            self.len += 1;
        }
    }

    /// Appends the digits of a number, `width` at the least.
    fn digits(&mut self, mut number: u64, width: usize) {
        let mut len = width;
        let mut above = number / 10u64.pow(width as u32);
        while above > 0 {
            above /= 10;
            len += 1;
        }
        let room = self.bytes.get_mut(self.len..self.len + len);
        for digit in room.into_iter().flatten().rev() {
            *digit = b'0' + (number % 10) as u8;
            number /= 10;
        }
        self.len = (self.len + len).min(self.bytes.len());
    }

    /// What is written so far.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}

impl Write for TextBuffer {
    fn write_str(&mut self, text: &str) -> core::fmt::Result {
        let end = self.len + text.len();
        let room = self.bytes.get_mut(self.len..end).ok_or(core::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len = end;
        Ok(())
    }
}

/// A double as Java's `Double.toString` writes it: `1.5`, `1.0E7`, `1.0E-4`, `Infinity`.
#[must_use]
pub fn double_text(number: f64) -> TextBuffer {
    let mut text = TextBuffer::default();
    if number.is_nan() {
        let _ = text.write_str("NaN");
        return text;
    }
    if number.is_infinite() {
        let _ = text.write_str(if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        });
        return text;
    }
    let magnitude = if number < 0.0 { -number } else { number };
    if magnitude < 1e7 && short_text(number, magnitude, &mut text) {
        return text;
    }
    if magnitude == 0.0 || (1e-3..1e7).contains(&magnitude) {
        let _ = write!(text, "{number:?}");
        return text;
    }
    if let Some(text) = long_text(number) {
        return text;
    }
    // Rust writes `1e7` and `1.5e-5`: the same shortest digits, another spelling.
    let mut plain = TextBuffer::default();
    let _ = write!(plain, "{number:e}");
    let plain = core::str::from_utf8(plain.as_bytes()).unwrap_or("0e0");
    let (digits, exponent) = plain.split_once('e').unwrap_or((plain, "0"));
    let point = if digits.contains('.') { "" } else { ".0" };
    let _ = write!(text, "{digits}{point}E{exponent}");
    text
}

/// Writes a number that is a whole count of thousandths, as prices are. A decimal of up to 15 digits and the
/// double next to it are a pair, so no shorter one gives the same double.
fn short_text(number: f64, magnitude: f64, text: &mut TextBuffer) -> bool {
    let thousandths = (magnitude * 1000.0 + 0.5) as u64;
    if thousandths as f64 / 1000.0 != magnitude {
        return false;
    }
    if number.is_sign_negative() {
        text.byte(b'-');
    }
    text.digits(thousandths / 1000, 1);
    text.byte(b'.');
    match thousandths % 1000 {
        part if part.is_multiple_of(100) => text.digits(part / 100, 1),
        part if part.is_multiple_of(10) => text.digits(part / 10, 2),
        part => text.digits(part, 3),
    }
    true
}

/// Digits that Java 17 drops from a whole double of 2^(54 + index).
const DROPPED: [u32; 9] = [0, 0, 0, 0, 1, 1, 1, 2, 2];

/// Whole doubles from 2^53 to 2^63, which Java 17 prints by their exact digits and not by the fewest.
fn long_text(number: f64) -> Option<TextBuffer> {
    let magnitude = if number < 0.0 { -number } else { number };
    if !(9_007_199_254_740_992.0..9_223_372_036_854_775_808.0).contains(&magnitude) {
        return None;
    }
    let mut digits = magnitude as u64;
    let exponent = digits.ilog2();
    let dropped = exponent
        .checked_sub(54)
        .and_then(|at| DROPPED.get(at as usize))
        .copied()
        .unwrap_or(0);
    let unit = 10u64.pow(dropped);
    digits = digits / unit + u64::from(digits % unit >= unit / 2 && unit > 1);
    let mut power = dropped;
    while digits.is_multiple_of(10) && digits > 9 {
        digits /= 10;
        power += 1;
    }
    power += digits.ilog10();
    let scale = 10u64.pow(digits.ilog10());
    let mut text = TextBuffer::default();
    let sign = if number < 0.0 { "-" } else { "" };
    let width = digits.ilog10().max(1) as usize;
    write!(
        text,
        "{sign}{}.{:0width$}E{power}",
        digits / scale,
        digits % scale
    )
    .ok()?;
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_print_as_in_java() {
        let cases = [
            (1.5, "1.5"),
            (0.0, "0.0"),
            (9.95, "9.95"),
            (0.007, "0.007"),
            (0.05, "0.05"),
            (12.34, "12.34"),
            (0.1 + 0.2, "0.30000000000000004"),
            (9_999_999.999, "9999999.999"),
            (-1234.5, "-1234.5"),
            (-0.0, "-0.0"),
            (100.0, "100.0"),
            (0.001, "0.001"),
            (0.0001, "1.0E-4"),
            (9999999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (-1.25e-9, "-1.25E-9"),
            (1e300, "1.0E300"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
            (142.857_142_857_142_86, "142.85714285714286"),
            (f64::MIN_POSITIVE, "2.2250738585072014E-308"),
            (4_611_686_018_427_387_904.0, "4.6116860184273879E18"),
            (-9.223372036854775e18, "-9.2233720368547748E18"),
            (1e18, "1.0E18"),
            (1e16, "1.0E16"),
        ];
        for (number, expected) in cases {
            assert_eq!(
                double_text(number).as_bytes(),
                expected.as_bytes(),
                "{number}"
            );
        }
        assert_eq!(
            TextBuffer::of(i128::MIN).as_bytes(),
            b"-170141183460469231731687303715884105728"
        );
    }
}
