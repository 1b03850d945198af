//! Percent-encoding of queries.

use crate::scratch::{Exhausted, Scratch};
use crate::value::Text;

fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        b'A'..=b'F' => Some(byte - b'A' + 10),
        _ => None,
    }
}

/// The bytes of a query's name or value, decoded as they are read: `%41` and `+` for a blank. A bad escape stands
/// for itself.
pub(crate) fn decoded(text: &[u8]) -> impl Iterator<Item = u8> + '_ {
    unescaped(text, b' ')
}

/// The same of a path, where `+` is itself.
pub(crate) fn decoded_path(text: &[u8]) -> impl Iterator<Item = u8> + '_ {
    unescaped(text, b'+')
}

fn unescaped(text: &[u8], plus: u8) -> impl Iterator<Item = u8> + '_ {
    let mut rest = text;
    core::iter::from_fn(move || {
        let (first, tail) = rest.split_first()?;
        rest = tail;
        Some(match (first, tail) {
            (b'+', _) => plus,
            (b'%', [a, b, more @ ..]) => match (hex(*a), hex(*b)) {
                (Some(a), Some(b)) => {
                    rest = more;
                    a << 4 | b
                }
                _ => b'%',
            },
            (first, _) => *first,
        })
    })
}

/// Whether decoding changes anything.
pub(crate) fn is_plain(text: &[u8]) -> bool {
    !text.iter().any(|b| matches!(b, b'+' | b'%'))
}

/// Appends the decoded bytes.
pub(crate) fn decode(scratch: &mut Scratch, text: &[u8]) -> Result<Text, Exhausted> {
    let start = scratch.text_len();
    for byte in decoded(text) {
        scratch.append_byte(byte)?;
    }
    Ok(scratch.since(start))
}

/// One byte of a query, encoded.
pub(crate) struct Encoded {
    bytes: [u8; 3],
    len: usize,
}

impl Encoded {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }
}

/// A byte encoded for a query: unreserved characters of RFC 3986 stand for themselves.
pub(crate) fn encoded(byte: u8) -> Encoded {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |n: u8| DIGITS.get(usize::from(n & 15)).copied().unwrap_or(b'0');
    match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => Encoded {
            bytes: [byte, 0, 0],
            len: 1,
        },
        _ => Encoded {
            bytes: [b'%', digit(byte >> 4), digit(byte)],
            len: 3,
        },
    }
}

/// Whether a part of a query is this text, decoded.
pub(crate) fn is(part: &[u8], text: &[u8]) -> bool {
    match part == text && is_plain(part) {
        true => true,
        // Nothing gets longer.
        false => part.len() >= text.len() && decoded(part).eq(text.iter().copied()),
    }
}

/// Bytes of the first parameter of a raw query.
pub(crate) fn first(query: &[u8]) -> usize {
    let end = query.iter().position(|b| matches!(b, b'&' | b';'));
    end.unwrap_or(query.len())
}

/// The parameters of a raw query as (name, value), undecoded. `;` separates as `&` does. A name without `=` has
/// an empty value; empty pieces are skipped.
pub(crate) fn pairs(query: &[u8]) -> impl DoubleEndedIterator<Item = (&[u8], &[u8])> {
    query
        .split(|b| matches!(b, b'&' | b';'))
        .filter(|p| !p.is_empty())
        .map(|pair| match pair.iter().position(|b| *b == b'=') {
            Some(at) => (
                pair.get(..at).unwrap_or(&[]),
                pair.get(at + 1..).unwrap_or(&[]),
            ),
            None => (pair, &[][..]),
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    #[test]
    fn decodes_once_and_keeps_bad_escapes() {
        for (text, bytes) in [
            ("a+b", "a b"),
            ("%41%2541", "A%41"),
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%c3%A4", "ä"),
        ] {
            assert_eq!(
                decoded(text.as_bytes()).collect::<Vec<_>>(),
                bytes.as_bytes(),
                "{text}"
            );
        }
    }

    #[test]
    fn a_part_is_what_it_says_decoded() {
        for (part, text, is_it) in [
            ("page", "page", true),
            ("p%61ge", "page", true),
            ("pag", "page", false),
            ("pages", "page", false),
            ("a+b", "a b", true),
            ("a+b", "a+b", false),
            ("a%2bb", "a+b", true),
            ("100%", "100%", true),
            ("%61", "%61", false),
        ] {
            assert_eq!(is(part.as_bytes(), text.as_bytes()), is_it, "{part}");
        }
    }

    #[test]
    fn encodes_what_is_not_unreserved() {
        let text: Vec<u8> = "a b/ä~%"
            .bytes()
            .flat_map(|b| encoded(b).as_bytes().to_vec())
            .collect();
        assert_eq!(text, b"a%20b%2F%C3%A4~%25");
    }

    #[test]
    fn a_semicolon_separates() {
        let found: Vec<_> = pairs(b"a=1&b;c=2;;&d=e=f").collect();
        let want: [(&[u8], &[u8]); 4] = [(b"a", b"1"), (b"b", b""), (b"c", b"2"), (b"d", b"e=f")];
        assert_eq!(found, want);
    }
}
