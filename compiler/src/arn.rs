//! Patterns over ARNs, compared with each other.

/// Whether one ARN can fit both patterns (`*`, `?`; part by part between colons). A part that is missing at the end
/// of a pattern may be anything. O(length × length).
#[must_use]
pub fn overlap(one: &str, other: &str) -> bool {
    let parts = |text: &str| -> Vec<Vec<char>> {
        let mut parts: Vec<Vec<char>> = match text {
            "*" => Vec::new(),
            text => text
                .splitn(6, ':')
                .map(|part| part.chars().collect())
                .collect(),
        };
        parts.resize(6, vec!['*']);
        parts
    };
    parts(one)
        .iter()
        .zip(&parts(other))
        .all(|(one, other)| share_a_text(one, other))
}

/// Whether one text fits both globs.
fn share_a_text(one: &[char], other: &[char]) -> bool {
    // reached[j]: some text fits what stands before `i` in the one and before `j` in the other.
    let mut reached = vec![false; other.len() + 1];
    for i in 0..=one.len() {
        let mut next = vec![false; other.len() + 1];
        for j in 0..=other.len() {
            let star = |glob: &[char], at: usize| at > 0 && glob[at - 1] == '*';
            let either = star(one, i) || star(other, j);
            // A star of either side stands for nothing, or for what the other side has there.
            next[j] = (i == 0 && j == 0)
                || either && (i > 0 && reached[j] || j > 0 && next[j - 1])
                || !either
                    && (i > 0 && j > 0)
                    && reached[j - 1]
                    && (one[i - 1] == other[j - 1] || one[i - 1] == '?' || other[j - 1] == '?');
        }
        reached = next;
    }
    reached[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_overlap_where_one_arn_fits_both() {
        let arn = |last: &str| format!("arn:aws:execute-api:us-east-1:111122223333:{last}");
        for (one, other, want) in [
            ("abc/*", "abc/prod/GET/pets", true),
            ("abc/prod/*", "abc/dev/GET/pets", false),
            ("abc/*/GET/pets", "abc/prod/*", true),
            ("*/GET/*", "*/POST/*", true),
            ("a?c", "ab?", true),
            ("a?c", "ab", false),
            ("*a*b", "b*a", false),
            ("*a*b", "b*ab", true),
            ("", "*", true),
            ("", "?", false),
        ] {
            assert_eq!(overlap(&arn(one), &arn(other)), want, "{one} {other}");
            assert_eq!(overlap(&arn(other), &arn(one)), want, "{other} {one}");
        }
        assert!(overlap("*", &arn("x")));
        assert!(overlap("arn:aws:execute-api", &arn("x")));
        assert!(!overlap("arn:aws:s3", &arn("x")));
        assert!(!overlap("arn:aws:execute-api:eu-*", &arn("x")));
    }
}
