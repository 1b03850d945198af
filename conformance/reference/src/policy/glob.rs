//! Globs: `*` any run, `?` one character, and their escapes `${*}`, `${?}`, `${$}`.

/// A piece of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This character.
    Literal(char),
    /// `?`.
    One,
    /// `*`.
    Run,
}

/// The pieces of a pattern without escapes.
pub fn pieces(pattern: &str) -> Vec<Piece> {
    pattern
        .chars()
        .map(|c| match c {
            '*' => Piece::Run,
            '?' => Piece::One,
            c => Piece::Literal(c),
        })
        .collect()
}

/// Whether a whole text fits a pattern.
pub fn matches(pattern: &str, text: &str) -> bool {
    fits(&pieces(pattern), text)
}

/// Whether a whole text fits these pieces. The time is at most the product of the lengths.
pub fn fits(pattern: &[Piece], text: &str) -> bool {
    // reached[i]: the pieces before i can stand for the text so far.
    let mut reached = vec![false; pattern.len() + 1];
    let start = |reached: &mut Vec<bool>| {
        for (at, piece) in pattern.iter().enumerate() {
            if reached[at] && *piece == Piece::Run {
                reached[at + 1] = true;
            }
        }
    };
    reached[0] = true;
    start(&mut reached);
    for c in text.chars() {
        let mut next = vec![false; pattern.len() + 1];
        for (at, piece) in pattern.iter().enumerate() {
            if !reached[at] {
                continue;
            }
            match piece {
                Piece::Literal(wanted) if *wanted == c => next[at + 1] = true,
                Piece::Literal(_) => {}
                Piece::One => next[at + 1] = true,
                Piece::Run => next[at] = true,
            }
        }
        start(&mut next);
        reached = next;
    }
    reached[pattern.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_cross_everything() {
        for (pattern, text, expected) in [
            ("*", "", true),
            ("a*c", "a/b/c", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*/GET/*", "api/a/b/GET/pets", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b", "ab c", false),
            ("", "", true),
            ("", "a", false),
        ] {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }
}
