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

#[cfg(test)]
mod tests {
    use super::*;

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
            }
        }
    }
}
