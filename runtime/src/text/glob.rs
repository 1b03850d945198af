//! Globs of policies: `*` is any run, also an empty one and over `/`; `?` is one character.

use super::scan;

/// Whether `text`, the pieces joined, fits `glob`. O(glob × text) at worst, without recursion.
///
/// `fuel` pays for every step; `None`: it ran out.
pub(crate) fn fits(glob: &[u8], pieces: &[&[u8]], fuel: &mut u32) -> Option<bool> {
    if let [only] = pieces {
        return runs(glob, only, fuel);
    }
    let len = pieces.iter().map(|p| p.len()).sum();
    let at = |mut i: usize| {
        for piece in pieces {
            match piece.get(i) {
                Some(byte) => return Some(*byte),
                None => i -= piece.len(),
            }
        }
        None
    };
    walk(glob, len, at, fuel)
}

/// As [`fits`], of a text in one piece: what stands between `*` is searched for from left to right, as far as there is
/// no `?`.
fn runs(glob: &[u8], text: &[u8], fuel: &mut u32) -> Option<bool> {
    let (head, mut rest) = glob.split_at_checked(special(glob))?;
    let Some(mut text) = text.strip_prefix(head) else {
        return Some(false);
    };
    loop {
        match rest {
            [] => return Some(text.is_empty()),
            [b'*', behind @ ..] => {
                let (run, others) = behind.split_at_checked(special(behind))?;
                match others {
                    [] => return Some(text.ends_with(run)),
                    [b'*', ..] => match find(run, text, fuel)? {
                        Some(end) => (text, rest) = (text.get(end..)?, others),
                        None => return Some(false),
                    },
                    _ => break,
                }
            }
            _ => break,
        }
    }
    walk(rest, text.len(), |i| text.get(i).copied(), fuel)
}

/// Where the first `*` or `?` stands, or the end.
fn special(glob: &[u8]) -> usize {
    scan::find_either(glob, b'*', b'?').unwrap_or(glob.len())
}

/// Where the first `run` in `text` ends. The outer `None`: out of fuel.
fn find(run: &[u8], text: &[u8], fuel: &mut u32) -> Option<Option<usize>> {
    let Some((first, others)) = run.split_first() else {
        return Some(Some(0));
    };
    // A try costs what it compares, at worst.
    let price = 1 + others.len() as u32 / 16;
    let mut rest = text;
    if text.len() < run.len() {
        return Some(None);
    }
    while let Some(at) = scan::find(rest, *first) {
        *fuel = fuel.checked_sub(price)?;
        rest = rest.get(at + 1..)?;
        if let Some(behind) = rest.strip_prefix(others) {
            return Some(Some(text.len() - behind.len()));
        }
    }
    *fuel = fuel.checked_sub(1 + text.len() as u32 / 16)?;
    Some(None)
}

/// Stands before a character of a pattern that is only itself.
const LITERAL: u8 = 0;

/// Appends `text` to a pattern, every character standing for itself alone.
pub(crate) fn literals(text: &[u8], mut push: impl FnMut(&[u8])) {
    for byte in text {
        if matches!(byte, b'*' | b'?' | &LITERAL) {
            push(&[LITERAL]);
        }
        push(&[*byte]);
    }
}

/// Whether a pattern ends with a `*` that stands for others.
pub(crate) fn ends_open(pattern: &[u8]) -> bool {
    match pattern {
        [b'*'] => true,
        [.., before, b'*'] => *before != LITERAL,
        _ => false,
    }
}

/// As [`fits`], of a pattern that may hold [`literals`].
pub(crate) fn fits_literals(pattern: &[u8], pieces: &[&[u8]], fuel: &mut u32) -> Option<bool> {
    if !pattern.contains(&LITERAL) {
        return fits(pattern, pieces, fuel);
    }
    let at = |mut i: usize| {
        for piece in pieces {
            match piece.get(i) {
                Some(byte) => return Some(*byte),
                None => i -= piece.len(),
            }
        }
        None
    };
    let len: usize = pieces.iter().map(|p| p.len()).sum();
    let (mut g, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < len {
        *fuel = fuel.checked_sub(1)?;
        match (pattern.get(g), pattern.get(g + 1)) {
            (Some(&LITERAL), Some(byte)) if Some(*byte) == at(t) => {
                g += 2;
                t += 1;
                continue;
            }
            (Some(&LITERAL), _) => {}
            (Some(b'*'), _) => {
                g += 1;
                back = Some((g, t));
                continue;
            }
            (Some(b'?'), _) => {
                g += 1;
                t += 1;
                while at(t).is_some_and(|b| b & 0xc0 == 0x80) {
                    t += 1;
                }
                continue;
            }
            (Some(byte), _) if Some(*byte) == at(t) => {
                g += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        match back {
            Some((after, from)) => {
                g = after;
                t = from + 1;
                back = Some((after, t));
            }
            None => return Some(false),
        }
    }
    Some(pattern.get(g..).unwrap_or(&[]).iter().all(|b| *b == b'*'))
}

#[inline]
fn walk(glob: &[u8], len: usize, at: impl Fn(usize) -> Option<u8>, fuel: &mut u32) -> Option<bool> {
    let (mut g, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < len {
        *fuel = fuel.checked_sub(1)?;
        match glob.get(g) {
            Some(b'*') => {
                g += 1;
                if g == glob.len() {
                    return Some(true);
                }
                back = Some((g, t));
            }
            // A character of several bytes counts once: its continuation bytes come along.
            Some(b'?') => {
                g += 1;
                t += 1;
                while at(t).is_some_and(|b| b & 0xc0 == 0x80) {
                    t += 1;
                }
            }
            Some(byte) if Some(*byte) == at(t) => {
                g += 1;
                t += 1;
            }
            _ => match back {
                Some((after, from)) => {
                    g = after;
                    t = from + 1;
                    back = Some((after, t));
                }
                None => return Some(false),
            },
        }
    }
    Some(glob.get(g..).unwrap_or(&[]).iter().all(|b| *b == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_fit_as_policies_say() {
        for (glob, text, want) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*c", "abbbc", true),
            ("a*c", "abbb", false),
            ("*/GET/*", "x/dev/GET/a/b", true),
            ("a?c", "abc", true),
            ("a?c", "aäc", true),
            ("a?c", "ac", false),
            ("*a*b*c*", "xxaxxbxxc", true),
            ("a**", "a", true),
            ("**a", "ba", true),
        ] {
            let mut fuel = 1000;
            assert_eq!(
                fits(glob.as_bytes(), &[text.as_bytes()], &mut fuel),
                Some(want),
                "{glob} {text}"
            );
            for cut in 0..=text.len() {
                let (a, b) = text.as_bytes().split_at(cut);
                assert_eq!(
                    fits(glob.as_bytes(), &[a, b], &mut fuel),
                    Some(want),
                    "{glob} {text} cut at {cut}"
                );
            }
        }
    }

    #[test]
    fn literals_stand_for_themselves() {
        for (before, literal, after, text, want) in [
            ("*/", "a*", "/*", "x/a*/y", true),
            ("*/", "a*", "/*", "x/ab/y", false),
            ("", "?", "", "?", true),
            ("", "?", "", "x", false),
            ("", "*", "", "", false),
            ("a*", "*", "", "ab*", true),
            ("a*", "*", "", "ab", false),
            ("", "\0", "*", "\0x", true),
        ] {
            let mut pattern = before.as_bytes().to_vec();
            literals(literal.as_bytes(), |b| pattern.extend_from_slice(b));
            pattern.extend_from_slice(after.as_bytes());
            assert_eq!(
                fits_literals(&pattern, &[text.as_bytes()], &mut 1000),
                Some(want),
                "{before} {literal} {after} {text}"
            );
        }
    }

    #[test]
    fn a_hard_glob_runs_out_of_fuel() {
        let glob = b"*a*a*a*a*a*a*b";
        let text = [b'a'; 2000];
        assert_eq!(fits(b"*?a*a*a*a*b", &[&text], &mut 50), None);
        let (half, other) = text.split_at(1000);
        assert_eq!(fits(glob, &[half, other], &mut 5_000_000), Some(false));
        assert_eq!(fits(glob, &[half, other], &mut 100), None);
        let long = [&[b'a'; 500][..], b"c"].concat();
        let glob = [b"*", &long[..], b"*"].concat();
        assert_eq!(fits(&glob, &[&text], &mut 1000), None);
        assert_eq!(fits(&glob, &[&text], &mut 1_000_000), Some(false));
    }
}
