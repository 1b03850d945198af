//! Hexadecimal, base64url and percent-encoding, as signatures and tokens need them.

use base64ct::{Base64, Base64UrlUnpadded, Encoding};

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes
        .iter()
        .flat_map(|b| [b >> 4, b & 15])
        .map(|nibble| char::from(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0')))
        .collect()
}

/// The bytes of base64url without padding; `None` for any other character, and for bits that a decoder would
/// drop (RFC 7515: one text for one value).
pub(crate) fn base64url_decode(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

/// Base64url without padding.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Base64 with padding.
pub(crate) fn base64(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// Appends `bytes` percent-encoded: everything but RFC 3986's unreserved characters and what `keep` names.
pub(crate) fn percent_encode(bytes: &[u8], keep: Option<u8>, out: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for &b in bytes {
        if b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~') || Some(b) == keep {
            out.push(b);
        } else {
            out.push(b'%');
            for nibble in [b >> 4, b & 15] {
                out.push(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0'));
            }
        }
    }
}

/// The bytes of one name or value of a query: `%XX` decoded once, `+` is a blank, a `%` that no two digits
/// follow stands for itself, as the reference reads queries.
pub(crate) fn query_decode(raw: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        out.push(match (first, tail) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => match (hex_digit(*high), hex_digit(*low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    high << 4 | low
                }
                _ => b'%',
            },
            _ => first,
        });
    }
    out
}

/// 32 bytes of 64 lower-case hexadecimal digits.
pub(crate) fn hex_decode_32(text: &[u8]) -> Option<[u8; 32]> {
    let mut out = [0; 32];
    if text.len() != 64 || text.iter().any(u8::is_ascii_uppercase) {
        return None;
    }
    for (slot, pair) in out.iter_mut().zip(text.as_chunks::<2>().0) {
        let [high, low] = *pair;
        *slot = hex_digit(high)? << 4 | hex_digit(low)?;
    }
    Some(out)
}

fn hex_digit(c: u8) -> Option<u8> {
    char::from(c)
        .to_digit(16)
        .and_then(|d| u8::try_from(d).ok())
}

/// What a message shows of a client's bytes: at most 128 characters.
pub(crate) fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes.get(..512).unwrap_or(bytes))
        .chars()
        .take(128)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn queries_are_decoded_once() {
        for (raw, decoded) in [
            ("a+b", "a b"),
            ("a%20b", "a b"),
            ("%2B", "+"),
            ("%252F", "%2F"),
            ("%zz%", "%zz%"),
            ("%4", "%4"),
            ("", ""),
        ] {
            assert_eq!(query_decode(raw.as_bytes()), decoded.as_bytes(), "{raw}");
        }
    }

    #[test]
    fn one_text_for_one_value() {
        assert_eq!(base64url_decode("Zg"), Some(b"f".to_vec()));
        for text in ["Zh", "Zg==", "Z", "Z g", "Zm9v\n", "+/8", "Zg="] {
            assert_eq!(base64url_decode(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn encoding_then_decoding_gives_back(bytes: Vec<u8>) {
            let mut encoded = Vec::new();
            percent_encode(&bytes, None, &mut encoded);
            prop_assert_eq!(query_decode(&encoded), bytes.clone());
            prop_assert_eq!(base64url_decode(&base64url(&bytes)), Some(bytes));
        }

        #[test]
        fn digests_round_trip(bytes: [u8; 32]) {
            prop_assert_eq!(hex_decode_32(hex(&bytes).as_bytes()), Some(bytes));
        }
    }
}
