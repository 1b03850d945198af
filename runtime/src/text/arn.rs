//! ARNs against globs: six parts between colons, each compared by itself.

use super::glob;

/// How many parts an ARN has; the last one may hold colons itself.
const PARTS: usize = 6;

/// Whether `text` is an ARN that fits the pattern part by part, so that a `*` stays inside its part. A pattern
/// of fewer parts that ends with `*` fits whatever follows. `None`: out of fuel.
pub(crate) fn fits(pattern: &[u8], text: &[u8], fuel: &mut u32) -> Option<bool> {
    let colon = |b: &u8| *b == b':';
    if !text.starts_with(b"arn:") || text.splitn(PARTS, colon).count() < PARTS {
        return Some(false);
    }
    if pattern == b"*" {
        return Some(true);
    }
    let count = pattern.splitn(PARTS, colon).count();
    let mut rest = text;
    for (i, glob) in pattern.splitn(PARTS, colon).enumerate() {
        if i + 1 == count {
            let open = count == PARTS || glob::ends_open(glob);
            return Some(open && glob::fits_literals(glob, &[rest], fuel)?);
        }
        let end = rest.iter().position(colon)?;
        let (part, tail) = rest.split_at_checked(end)?;
        if !glob::fits_literals(glob, &[part], fuel)? {
            return Some(false);
        }
        rest = tail.get(1..)?;
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stays_in_its_part() {
        for (pattern, text, want) in [
            ("arn:aws:s:*:1:x/*", "arn:aws:s:r:2:y:1:x/z", false),
            ("arn:aws:s:*:2:*", "arn:aws:s:r:2:y:1:x/z", true),
            ("arn:aws:iam::1:role/r", "arn:aws:iam::1:role/r", true),
            ("arn:aws:iam:*", "arn:aws:iam::1:role/r", true),
            ("arn:aws:iam", "arn:aws:iam::1:role/r", false),
            ("*", "arn:aws:iam::1:role/r", true),
            ("*", "no arn", false),
            ("arn:*:*:*:*:user/?ob", "arn:aws:iam::1:user/Bob", true),
            ("arn:\0*:iam::1:*", "arn:aws:iam::1:x", false),
        ] {
            assert_eq!(
                fits(pattern.as_bytes(), text.as_bytes(), &mut 10_000),
                Some(want),
                "{pattern} {text}"
            );
        }
    }
}
