//! Whether the requests of a route fit a glob: all of them, none, or some.
//!
//! A route stands for the language of its `API/STAGE/VERB/PATH`. The glob is run over it as a set of
//! positions; whenever the route may end, the glob's verdict is noted. The walk is bounded: past the bound the
//! answer is "some", which is always right.

use std::collections::HashSet;

use crate::ir::Segment;

/// How many (place in the route, positions in the glob) pairs are looked at.
const BOUND: usize = 20_000;

/// A piece of what a route stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Byte(u8),
    /// One or more letters, digits, `_`, `-` or `$`.
    Stage,
    /// One or more bytes but `/`.
    Segment,
    /// One or more bytes.
    Rest,
}

/// What a route stands for, given one of its verbs.
pub(crate) fn tokens(api: &str, verb: &str, segments: &[Segment]) -> Vec<Token> {
    let mut tokens: Vec<Token> = api.bytes().map(Token::Byte).collect();
    tokens.push(Token::Byte(b'/'));
    tokens.push(Token::Stage);
    tokens.push(Token::Byte(b'/'));
    tokens.extend(verb.bytes().map(Token::Byte));
    tokens.push(Token::Byte(b'/'));
    for (i, segment) in segments.iter().enumerate() {
        if i > 0 {
            tokens.push(Token::Byte(b'/'));
        }
        match segment {
            Segment::Literal(text) => tokens.extend(text.bytes().map(Token::Byte)),
            Segment::Parameter(_) => tokens.push(Token::Segment),
            Segment::Greedy(_) => tokens.push(Token::Rest),
        }
    }
    tokens
}

/// Which requests fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    All,
    None,
    Some,
}

/// Which of the route's requests fit the glob.
pub(crate) fn fit(tokens: &[Token], glob: &str) -> Fit {
    if glob.chars().all(|c| c == '*') && !glob.is_empty() {
        return Fit::All;
    }
    let glob = glob.as_bytes();
    let alphabet = alphabet(tokens, glob);
    let mut seen: HashSet<(usize, bool, Vec<bool>)> = HashSet::new();
    let mut open = vec![(0usize, false, closed(glob, &[0]))];
    let (mut yes, mut no) = (false, false);
    while let Some(state) = open.pop() {
        if !seen.insert(state.clone()) {
            continue;
        }
        if seen.len() > BOUND {
            return Fit::Some;
        }
        let (at, inside, set) = state;
        if at == tokens.len() || (at + 1 == tokens.len() && inside) {
            if set.last() == Some(&true) {
                yes = true
            } else {
                no = true
            }
            if yes && no {
                return Fit::Some;
            }
        }
        // Inside a repeated token the next one may begin as well.
        let mut places = vec![(at, inside)];
        if inside {
            places.push((at + 1, false));
        }
        for (place, _) in places {
            let Some(token) = tokens.get(place) else {
                continue;
            };
            for byte in &alphabet {
                let taken = match token {
                    Token::Byte(b) => b == byte,
                    Token::Stage => {
                        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$')
                    }
                    Token::Segment => *byte != b'/',
                    Token::Rest => true,
                };
                if taken {
                    let next = step(glob, &set, *byte);
                    let state = match token {
                        Token::Byte(_) => (place + 1, false, next),
                        _ => (place, true, next),
                    };
                    open.push(state);
                }
            }
        }
    }
    match (yes, no) {
        (true, false) => Fit::All,
        (false, _) => Fit::None,
        (true, true) => Fit::Some,
    }
}

/// Bytes that can make a difference, and one of each kind that cannot.
fn alphabet(tokens: &[Token], glob: &[u8]) -> Vec<u8> {
    let mut used: Vec<u8> = glob
        .iter()
        .copied()
        .filter(|b| !matches!(b, b'*' | b'?'))
        .collect();
    used.extend(tokens.iter().filter_map(|t| match t {
        Token::Byte(b) => Some(*b),
        _ => None,
    }));
    used.push(b'/');
    if let Some(other) = (b'a'..=b'z')
        .chain(b'A'..=b'Z')
        .chain(b'0'..=b'9')
        .find(|b| !used.contains(b))
    {
        used.push(other);
    }
    if let Some(other) = (1..=31).find(|b| !used.contains(b)) {
        used.push(other);
    }
    used.sort_unstable();
    used.dedup();
    used
}

/// The positions reachable without a byte: past stars.
fn closed(glob: &[u8], starts: &[usize]) -> Vec<bool> {
    let mut set = vec![false; glob.len() + 1];
    for start in starts {
        let mut at = *start;
        loop {
            if let Some(slot) = set.get_mut(at) {
                *slot = true;
            }
            if glob.get(at) != Some(&b'*') {
                break;
            }
            at += 1;
        }
    }
    set
}

fn step(glob: &[u8], set: &[bool], byte: u8) -> Vec<bool> {
    let mut next = Vec::new();
    for (at, _) in set.iter().enumerate().filter(|(_, there)| **there) {
        match glob.get(at) {
            Some(b'*') => next.push(at),
            Some(b'?') => next.push(at + 1),
            Some(b) if *b == byte => next.push(at + 1),
            _ => {}
        }
    }
    closed(glob, &next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_take_all_none_or_some_of_a_route() {
        let p = |n: &str| Segment::Parameter(n.into());
        let l = |n: &str| Segment::Literal(n.into());
        let g = |n: &str| Segment::Greedy(n.into());
        for (segments, glob, want) in [
            (vec![l("pets")], "abc/*/GET/pets", Fit::All),
            (vec![l("pets")], "abc/*/GET/pets/*", Fit::None),
            (vec![l("pets")], "abc/*/POST/pets", Fit::None),
            (vec![l("pets")], "abc/prod/GET/*", Fit::Some),
            (vec![l("pets")], "*", Fit::All),
            (vec![l("pets")], "abc/*", Fit::All),
            (vec![l("pets")], "xyz/*", Fit::None),
            (vec![l("pets"), p("id")], "abc/*/*/pets/*", Fit::All),
            (vec![l("pets"), p("id")], "abc/*/*/pets/1*", Fit::Some),
            (vec![l("pets"), p("id")], "abc/*/*/pets/?*", Fit::All),
            (vec![l("pets"), p("id")], "abc/*/*/pets/??*", Fit::Some),
            (vec![l("pets"), p("id")], "abc/*/*/pets/*/*", Fit::None),
            (vec![g("proxy")], "abc/*/GET/admin/*", Fit::Some),
            (vec![g("proxy")], "abc/*/GET/*", Fit::All),
            (vec![], "abc/*/GET/", Fit::All),
            (vec![], "abc/*/GET", Fit::None),
            // A stage has no slash, so the star before the verb cannot hide one more segment.
            (
                vec![l("a"), l("GET"), l("pets")],
                "abc/*/GET/pets",
                Fit::All,
            ),
        ] {
            assert_eq!(
                fit(&tokens("abc", "GET", &segments), glob),
                want,
                "{segments:?} {glob}"
            );
        }
    }
}
