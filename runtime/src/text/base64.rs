//! Base64 of RFC 4648, standard alphabet, with padding.

use crate::scratch::{Exhausted, Scratch};
use crate::value::Text;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn digit(six: u32) -> u8 {
    ALPHABET.get((six & 63) as usize).copied().unwrap_or(b'=')
}

/// Appends the base64 of `bytes`.
pub(crate) fn encode(scratch: &mut Scratch, bytes: &[u8]) -> Result<Text, Exhausted> {
    let start = scratch.text_len();
    let (triples, rest) = bytes.as_chunks::<3>();
    for [a, b, c] in triples {
        let n = u32::from(*a) << 16 | u32::from(*b) << 8 | u32::from(*c);
        scratch.append(&[digit(n >> 18), digit(n >> 12), digit(n >> 6), digit(n)])?;
    }
    match rest {
        [a] => {
            let n = u32::from(*a) << 16;
            scratch.append(&[digit(n >> 18), digit(n >> 12), b'=', b'='])?;
        }
        [a, b] => {
            let n = u32::from(*a) << 16 | u32::from(*b) << 8;
            scratch.append(&[digit(n >> 18), digit(n >> 12), digit(n >> 6), b'='])?;
        }
        _ => {}
    }
    Ok(scratch.since(start))
}

fn value(byte: u8) -> Option<u32> {
    Some(match byte {
        b'A'..=b'Z' => u32::from(byte - b'A'),
        b'a'..=b'z' => u32::from(byte - b'a') + 26,
        b'0'..=b'9' => u32::from(byte - b'0') + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// Appends the bytes that `text` stands for; `Ok(None)` if it is not base64. Padding may be left out, anything
/// else foreign is an error, as recorded from the reference (plain text does not decode).
pub(crate) fn decode(scratch: &mut Scratch, text: &[u8]) -> Result<Option<Text>, Exhausted> {
    let start = scratch.text_len();
    let end = text.len()
        - text
            .iter()
            .rev()
            .take(2)
            .take_while(|b| **b == b'=')
            .count();
    let body = text.get(..end).unwrap_or(&[]);
    let padded = end < text.len();
    if (padded && !text.len().is_multiple_of(4)) || body.len() % 4 == 1 {
        return Ok(None);
    }
    let (quads, rest) = body.as_chunks::<4>();
    for [a, b, c, d] in quads {
        let (Some(a), Some(b), Some(c), Some(d)) = (value(*a), value(*b), value(*c), value(*d))
        else {
            scratch.truncate_text(start);
            return Ok(None);
        };
        let n = a << 18 | b << 12 | c << 6 | d;
        scratch.append(&[(n >> 16) as u8, (n >> 8) as u8, n as u8])?;
    }
    let tail = match rest {
        [] => Some((0, 0)),
        [a, b] => value(*a)
            .zip(value(*b))
            .map(|(a, b)| (a << 18 | b << 12, 1)),
        [a, b, c] => value(*a)
            .zip(value(*b))
            .zip(value(*c))
            .map(|((a, b), c)| (a << 18 | b << 12 | c << 6, 2)),
        _ => None,
    };
    let Some((n, count)) = tail else {
        scratch.truncate_text(start);
        return Ok(None);
    };
    for byte in [(n >> 16) as u8, (n >> 8) as u8].iter().take(count) {
        scratch.append_byte(*byte)?;
    }
    Ok(Some(scratch.since(start)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn round(bytes: &[u8]) -> (alloc::vec::Vec<u8>, Option<alloc::vec::Vec<u8>>) {
        let mut s = Scratch::new(10_000);
        let text = encode(&mut s, bytes).unwrap();
        let text = s.bytes(text.off, text.len).unwrap().to_vec();
        let back = decode(&mut s, &text).unwrap();
        let back = back.map(|t| s.bytes(t.off, t.len).unwrap().to_vec());
        (text, back)
    }

    #[test]
    fn encodes_as_rfc_4648_and_decodes_what_it_encoded() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(
                round(bytes.as_bytes()),
                (text.as_bytes().to_vec(), Some(bytes.as_bytes().to_vec()))
            );
        }
    }

    #[test]
    fn what_is_not_base64_is_refused() {
        let mut s = Scratch::new(10_000);
        for text in [
            "my text", "a", "Zg=", "Zg==Zg==", "Z=g=", "Zm9v\n", "====", "Zm9vY",
        ] {
            assert_eq!(decode(&mut s, text.as_bytes()), Ok(None), "{text:?}");
            assert_eq!(s.text_len(), 0);
        }
        assert!(
            decode(&mut s, b"Zg").unwrap().is_some(),
            "padding may be left out"
        );
    }
}
