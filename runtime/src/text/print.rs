//! Numbers, UUIDs, hexadecimal, JSON strings and addresses, appended to the scratch.

use core::net::IpAddr;

use crate::scratch::{Exhausted, Scratch};

const HEX: &[u8; 16] = b"0123456789abcdef";

fn nibble(n: u8) -> u8 {
    HEX.get(usize::from(n & 15)).copied().unwrap_or(b'0')
}

/// Appends a number in decimal.
pub(crate) fn number(scratch: &mut Scratch, n: u64) -> Result<(), Exhausted> {
    let mut digits = [0u8; 20];
    let mut rest = n;
    let mut used = 0;
    for slot in digits.iter_mut().rev() {
        *slot = b'0' + (rest % 10) as u8;
        rest /= 10;
        used += 1;
        if rest == 0 {
            break;
        }
    }
    scratch.append(digits.get(digits.len() - used..).unwrap_or(&[]))
}

/// Appends bytes in hexadecimal, lower case.
pub(crate) fn hex(scratch: &mut Scratch, bytes: &[u8]) -> Result<(), Exhausted> {
    for byte in bytes {
        scratch.append(&[nibble(byte >> 4), nibble(*byte)])?;
    }
    Ok(())
}

/// Appends a UUID with its hyphens.
pub(crate) fn uuid(scratch: &mut Scratch, id: &[u8; 16]) -> Result<(), Exhausted> {
    for (i, byte) in id.iter().enumerate() {
        if matches!(i, 4 | 6 | 8 | 10) {
            scratch.append_byte(b'-')?;
        }
        scratch.append(&[nibble(byte >> 4), nibble(*byte)])?;
    }
    Ok(())
}

/// Whether `text` is a UUID with hyphens.
pub(crate) fn is_uuid(text: &[u8]) -> bool {
    text.len() == 36
        && text.iter().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// Appends `bytes` as the inside of a JSON string. Bytes that are not UTF-8 become U+FFFD.
pub(crate) fn json(scratch: &mut Scratch, bytes: &[u8]) -> Result<(), Exhausted> {
    for chunk in bytes.utf8_chunks() {
        let text = chunk.valid().as_bytes();
        let mut from = 0;
        for (at, byte) in text.iter().enumerate() {
            let short = match byte {
                b'"' => b'"',
                b'\\' => b'\\',
                b'\n' => b'n',
                b'\r' => b'r',
                b'\t' => b't',
                8 => b'b',
                12 => b'f',
                0..=31 => 0,
                _ => continue,
            };
            scratch.append(text.get(from..at).unwrap_or(&[]))?;
            if short == 0 {
                scratch.append(&[b'\\', b'u', b'0', b'0', nibble(byte >> 4), nibble(*byte)])?;
            } else {
                scratch.append(&[b'\\', short])?;
            }
            from = at + 1;
        }
        scratch.append(text.get(from..).unwrap_or(&[]))?;
        if !chunk.invalid().is_empty() {
            scratch.append("\u{fffd}".as_bytes())?;
        }
    }
    Ok(())
}

/// Appends `bytes` as text: what is not UTF-8 becomes U+FFFD.
pub(crate) fn lossy(scratch: &mut Scratch, bytes: &[u8]) -> Result<(), Exhausted> {
    for chunk in bytes.utf8_chunks() {
        scratch.append(chunk.valid().as_bytes())?;
        if !chunk.invalid().is_empty() {
            scratch.append("\u{fffd}".as_bytes())?;
        }
    }
    Ok(())
}

/// Writes formatted text to the scratch.
struct Pen<'s>(&'s mut Scratch);

impl core::fmt::Write for Pen<'_> {
    fn write_str(&mut self, s: &str) -> core::fmt::Result {
        self.0.append(s.as_bytes()).map_err(|_| core::fmt::Error)
    }
}

/// Appends an address as people write it.
pub(crate) fn address(scratch: &mut Scratch, ip: IpAddr) -> Result<(), Exhausted> {
    use core::fmt::Write;
    write!(Pen(scratch), "{ip}").map_err(|_| Exhausted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::String;

    fn printed(f: impl FnOnce(&mut Scratch) -> Result<(), Exhausted>) -> String {
        let mut s = Scratch::new(1000);
        f(&mut s).unwrap();
        String::from_utf8(s.bytes(0, s.text_len()).unwrap().to_vec()).unwrap()
    }

    #[test]
    fn prints() {
        assert_eq!(printed(|s| number(s, 0)), "0");
        assert_eq!(printed(|s| number(s, u64::MAX)), "18446744073709551615");
        assert_eq!(
            printed(|s| uuid(s, &[0xab; 16])),
            "abababab-abab-abab-abab-abababababab"
        );
        assert_eq!(
            printed(|s| json(s, b"a\"\\\n\x01\xffz")),
            "a\\\"\\\\\\n\\u0001\u{fffd}z"
        );
        assert_eq!(printed(|s| address(s, "::1".parse().unwrap())), "::1");
        assert!(is_uuid(b"abababab-abab-abab-abab-abababababab"));
        assert!(!is_uuid(b"abababab-abab-abab-abab-ababababababa"));
        assert!(!is_uuid(b"ababababXabab-abab-abab-abababababab"));
    }
}
