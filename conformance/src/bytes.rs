//! Bytes in cases and in URLs: base64, percent-encoding.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(crate) fn encode(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Percent-decoded once; in a query `+` is a blank.
pub(crate) fn percent_decoded(text: &str, in_query: bool) -> String {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        rest = tail;
        match (first, tail) {
            (b'+', _) if in_query => out.push(b' '),
            (b'%', [a, b, more @ ..]) => {
                let hex = std::str::from_utf8(&[*a, *b])
                    .ok()
                    .and_then(|h| u8::from_str_radix(h, 16).ok());
                match hex {
                    Some(byte) => {
                        out.push(byte);
                        rest = more;
                    }
                    None => out.push(b'%'),
                }
            }
            (byte, _) => out.push(*byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
