//! Bytes looked through eight at a time.

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// Where the first `byte` stands in `text`.
#[inline]
pub(crate) fn find(text: &[u8], byte: u8) -> Option<usize> {
    let mut rest = text;
    while let Some((word, behind)) = rest.split_first_chunk() {
        let x = u64::from_le_bytes(*word) ^ (ONES * u64::from(byte));
        // What is wrongly found stands behind what is rightly found.
        let found = x.wrapping_sub(ONES) & !x & HIGHS;
        if found != 0 {
            return Some(text.len() - rest.len() + (found.trailing_zeros() / 8) as usize);
        }
        rest = behind;
    }
    rest.iter()
        .position(|b| *b == byte)
        .map(|at| text.len() - rest.len() + at)
}

/// How many bytes stand before a quote or a backslash, or a control character where `strict`; eight at once.
#[inline]
pub(crate) fn plain(bytes: &[u8], quote: u8, strict: bool) -> usize {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let (quotes, controls) = (
        ONES * u64::from(quote),
        ONES * if strict { 0x20 } else { 0 },
    );
    for (index, chunk) in chunks.iter().enumerate() {
        let word = u64::from_le_bytes(*chunk);
        // A byte below 128 that is too small borrows from its upper bit.
        let quote = (word ^ quotes).wrapping_sub(ONES);
        let backslash = (word ^ (ONES * u64::from(b'\\'))).wrapping_sub(ONES);
        let control = word.wrapping_sub(controls);
        // Only bits above a true hit can be wrong.
        let hits = (quote | backslash | control) & !word & HIGHS;
        if hits != 0 {
            return index * 8 + (hits.trailing_zeros() / 8) as usize;
        }
    }
    let tail = rest
        .iter()
        .take_while(|b| **b != quote && **b != b'\\' && !(strict && **b < 0x20))
        .count();
    chunks.len() * 8 + tail
}

/// Where the first of two bytes stands in `text`.
#[inline]
pub(crate) fn find_either(text: &[u8], a: u8, b: u8) -> Option<usize> {
    let mut rest = text;
    while let Some((word, behind)) = rest.split_first_chunk() {
        let word = u64::from_le_bytes(*word);
        let (x, y) = (word ^ (ONES * u64::from(a)), word ^ (ONES * u64::from(b)));
        // As above, of either.
        let found = ((x.wrapping_sub(ONES) & !x) | (y.wrapping_sub(ONES) & !y)) & HIGHS;
        if found != 0 {
            return Some(text.len() - rest.len() + (found.trailing_zeros() / 8) as usize);
        }
        rest = behind;
    }
    rest.iter()
        .position(|byte| *byte == a || *byte == b)
        .map(|at| text.len() - rest.len() + at)
}

/// Whether two texts are the same, whatever the letter case (ASCII). Most names differ in length.
#[inline]
pub(crate) fn is_folded(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len()
        && match (a.last_chunk(), b.last_chunk()) {
            (Some(x), Some(y)) => {
                let ((many, _), (others, _)) = (a.as_chunks(), b.as_chunks());
                folded(*x) == folded(*y)
                    && many
                        .iter()
                        .zip(others)
                        .all(|(x, y)| folded(*x) == folded(*y))
            }
            _ => a.eq_ignore_ascii_case(b),
        }
}

/// Eight bytes with their letters in lower case.
fn folded(bytes: [u8; 8]) -> u64 {
    let word = u64::from_le_bytes(bytes);
    // With the upper bits off, no sum carries into the byte beside.
    let low = word & !HIGHS;
    let from_a = low + ONES * u64::from(0x80 - b'A');
    let beyond_z = low + ONES * u64::from(0x7f - b'Z');
    let capitals = from_a & !beyond_z & !word & HIGHS;
    word | capitals >> 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_alone_are_the_same_in_either_case() {
        for len in 0..18 {
            let text: alloc::vec::Vec<u8> = (0..len).map(|i| b"zA9-aZ[@`{"[i % 10]).collect();
            assert!(is_folded(&text, &text.to_ascii_lowercase()), "{len}");
            assert!(is_folded(&text, &text.to_ascii_uppercase()), "{len}");
            assert!(!is_folded(&text, &[&text[..], b"x"].concat()));
            for at in 0..len {
                for byte in 0..=255 {
                    let mut other = text.clone();
                    other[at] = byte;
                    let same = text.eq_ignore_ascii_case(&other);
                    assert_eq!(is_folded(&text, &other), same, "{byte} at {at} of {len}");
                }
            }
        }
    }

    #[test]
    fn a_byte_is_found_wherever_it_is() {
        for len in 0..20 {
            for at in 0..=len {
                let mut text = alloc::vec![b'x'; len];
                // Beside it what a borrow could take for it.
                if at + 1 < len {
                    text[at + 1] = b'/' + 1;
                }
                if at < len {
                    text[at] = b'/';
                }
                assert_eq!(find(&text, b'/'), (at < len).then_some(at), "{text:?}");
                assert_eq!(find(&text, b'?'), None);
                for (a, b) in [(b'/', b'?'), (b'?', b'/')] {
                    assert_eq!(find_either(&text, a, b), (at < len).then_some(at));
                }
            }
        }
    }

    #[test]
    fn what_ends_a_run_is_found_wherever_it_stands() {
        for len in 0..20 {
            for at in 0..=len {
                for end in [b'"', b'\\', 0, 0x1f] {
                    // Beside it what a borrow could take for it.
                    for filler in [b'x', 0x20, 0x21, 0x23, 0x5d, 0x7f, 0x80, 0xa2, 0xdc, 0xff] {
                        let mut text = alloc::vec![filler; len];
                        if let Some(byte) = text.get_mut(at) {
                            *byte = end;
                        }
                        assert_eq!(plain(&text, b'"', true), at, "{text:?}");
                        let control = end < 0x20;
                        let want = if control { len } else { at };
                        assert_eq!(plain(&text, b'"', false), want, "{text:?}");
                    }
                }
            }
        }
    }
}
