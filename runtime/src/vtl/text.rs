//! Texts as Java counts them: in UTF-16 units.

/// The length in UTF-16 units. Bytes that are no UTF-8 count one each.
pub(super) fn units(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
        + bytes.iter().filter(|byte| **byte >= 0xF0).count()
}

/// The byte at which unit `index` begins; the length for the index behind the last. `None` beyond it.
/// A unit in the middle of a character beyond the basic plane is taken for that character's begin.
pub(super) fn byte_of(bytes: &[u8], index: usize) -> Option<usize> {
    if bytes.is_ascii() {
        return (index <= bytes.len()).then_some(index);
    }
    let mut unit = 0;
    for (at, byte) in bytes
        .iter()
        .enumerate()
        .filter(|(_, byte)| **byte & 0xC0 != 0x80)
    {
        let width = if *byte >= 0xF0 { 2 } else { 1 };
        if index < unit + width {
            return Some(at);
        }
        unit += width;
    }
    (index == unit).then_some(bytes.len())
}

/// Where `needle` is in `haystack`, at or after byte `from`.
pub(crate) fn find(haystack: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    let rest = haystack.get(from..)?;
    match needle {
        [] => Some(from),
        [only] => rest
            .iter()
            .position(|byte| byte == only)
            .map(|at| from + at),
        _ => rest
            .windows(needle.len())
            .position(|window| window == needle)
            .map(|at| from + at),
    }
}

/// Where `needle` is last, beginning at or before byte `until`.
pub(super) fn find_last(haystack: &[u8], needle: &[u8], until: usize) -> Option<usize> {
    let last = haystack.len().checked_sub(needle.len())?.min(until);
    (0..=last)
        .rev()
        .find(|at| haystack.get(*at..*at + needle.len()) == Some(needle))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_those_of_java() {
        let text = "aé\u{1F600}z".as_bytes();
        assert_eq!(units(text), 5);
        let starts: std::vec::Vec<_> = (0..7).map(|index| byte_of(text, index)).collect();
        assert_eq!(
            starts,
            [Some(0), Some(1), Some(3), Some(3), Some(7), Some(8), None]
        );
        assert_eq!(find(b"abcabc", b"bc", 2), Some(4));
        assert_eq!(find_last(b"abcabc", b"bc", 3), Some(1));
        assert_eq!(find(b"abc", b"", 3), Some(3));
        assert_eq!(find_last(b"ab", b"abc", 9), None);
    }
}
