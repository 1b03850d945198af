//! Request ids, extended request ids, and the chance that a canary draw needs.

use std::hash::{BuildHasher, Hasher, RandomState};

/// A fast generator (xoshiro256++), one per worker. Seeded by the operating system, but not fit for secrets;
/// nothing that it makes is one.
pub(crate) struct Chance([u64; 4]);

impl Chance {
    pub(crate) fn seeded() -> Chance {
        // Each `RandomState` draws its keys from the system's entropy.
        Chance(std::array::from_fn(|n| {
            let mut hasher = RandomState::new().build_hasher();
            hasher.write_usize(n);
            hasher.finish()
        }))
    }

    pub(crate) fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }

    pub(crate) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut out = [0; N];
        for chunk in out.chunks_mut(8) {
            let word = self.next().to_le_bytes();
            for (byte, random) in chunk.iter_mut().zip(word) {
                *byte = random;
            }
        }
        out
    }

    /// A UUID of version 4.
    pub(crate) fn uuid(&mut self) -> [u8; 16] {
        let mut id: [u8; 16] = self.bytes();
        id[6] = id[6] & 0x0f | 0x40;
        id[8] = id[8] & 0x3f | 0x80;
        id
    }

    /// What the reference prints as `$context.extendedRequestId`: eleven bytes in base64, `JzFhxGGfIAMFm8A=`.
    pub(crate) fn extended_id(&mut self) -> [u8; 16] {
        const DIGITS: &[u8; 64] =
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut left = u128::from(self.next()) << 64 | u128::from(self.next());
        let mut out = [b'='; 16];
        for (n, digit) in out.iter_mut().take(15).enumerate() {
            // Fifteen digits are 90 bits, eleven bytes 88: the last digit's low bits are zero.
            let value = (left & 63) as usize;
            *digit = DIGITS[if n == 14 { value & !3 } else { value }];
            left >>= 6;
        }
        out
    }
}

/// The bytes of a UUID as people write it; `None` for any other text.
pub(crate) fn parse_uuid(text: &[u8]) -> Option<[u8; 16]> {
    if text.len() != 36 {
        return None;
    }
    let mut out = [0_u8; 16];
    let mut nibbles = 0;
    for (at, &c) in text.iter().enumerate() {
        if matches!(at, 8 | 13 | 18 | 23) {
            if c != b'-' {
                return None;
            }
            continue;
        }
        let digit = (c as char).to_digit(16)? as u8;
        let byte = out.get_mut(nibbles / 2)?;
        *byte = *byte << 4 | digit;
        nibbles += 1;
    }
    Some(out)
}

/// A UUID as people write it.
pub(crate) fn uuid_text(id: &[u8; 16]) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(36);
    for (n, byte) in id.iter().enumerate() {
        if matches!(n, 4 | 6 | 8 | 10) {
            out.push('-');
        }
        // Writing to a string does not fail.
        let _ = write!(out, "{byte:02x}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_says_its_version_and_reads_back() {
        let mut chance = Chance::seeded();
        for _ in 0..1000 {
            let id = chance.uuid();
            let text = uuid_text(&id);
            assert_eq!(text.as_bytes()[14], b'4', "{text}");
            assert!(b"89ab".contains(&text.as_bytes()[19]), "{text}");
            assert_eq!(parse_uuid(text.as_bytes()), Some(id));
        }
    }

    #[test]
    fn what_is_no_uuid_is_refused() {
        for text in [
            "",
            "x",
            "0123456789abcdef0123456789abcdef0123",
            "01234567-89ab-cdef-0123-456789abcdeg",
            "01234567-89ab-cdef-0123-456789abcde",
        ] {
            assert_eq!(parse_uuid(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn ids_differ() {
        let mut chance = Chance::seeded();
        let ids: std::collections::HashSet<_> = (0..10_000).map(|_| chance.uuid()).collect();
        assert_eq!(ids.len(), 10_000);
        let other = Chance::seeded().uuid();
        assert!(!ids.contains(&other));
    }

    #[test]
    fn an_extended_id_is_base64_of_eleven_bytes() {
        let mut chance = Chance::seeded();
        for _ in 0..1000 {
            let id = chance.extended_id();
            assert_eq!(id[15], b'=');
            assert!(
                id[..15]
                    .iter()
                    .all(|c| c.is_ascii_alphanumeric() || b"+/".contains(c))
            );
        }
    }
}
