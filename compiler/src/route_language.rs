//! Whether the requests of a route fit a glob: all of them, none, or some.
//!
//! A route stands for the language of its `API/STAGE/VERB/PATH`, or of a part of it. The glob is run over it as a set of
//! positions; whenever the route may end, the glob's verdict is noted. The walk is bounded: past the bound, and for
//! globs of 256 bytes and more, the answer is "some", which is always right.
//!
//! Whether any request fits at all is asked more often, and is one pass: all requests lead on together.

use std::collections::HashSet;

/// How many pairs of a part of any length and positions in the glob are looked at.
const BOUND: usize = 20_000;

/// A piece of what a route stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Byte(u8),
    /// One or more letters, digits, `_`, `-` or `$`.
    Stage,
    /// One or more bytes but `/`.
    Segment,
    /// One or more bytes.
    Rest,
}

impl Token {
    /// Whether a byte may stand in it.
    fn takes(self, byte: u8) -> bool {
        match self {
            Token::Byte(own) => byte == own,
            Token::Stage => byte.is_ascii_alphanumeric() || b"_-$".contains(&byte),
            Token::Segment => byte != b'/',
            Token::Rest => true,
        }
    }
}

/// A segment of a route's path.
#[derive(Clone, Copy)]
pub(crate) enum Part<'r> {
    Literal(&'r str),
    /// `{name}`.
    One,
    /// `{name+}`.
    Many,
}

/// What a route stands for behind `before`, given one of its verbs: `VERB/PATH`.
pub(crate) fn tokens(before: &[Token], verb: &str, segments: &[Part<'_>]) -> Vec<Token> {
    let mut tokens = before.to_vec();
    tokens.extend(verb.bytes().map(Token::Byte));
    tokens.push(Token::Byte(b'/'));
    tokens.extend(path(segments));
    tokens
}

/// What a route's path stands for.
pub(crate) fn path(segments: &[Part<'_>]) -> Vec<Token> {
    let mut tokens = Vec::new();
    for (i, segment) in segments.iter().enumerate() {
        if i > 0 {
            tokens.push(Token::Byte(b'/'));
        }
        match segment {
            Part::Literal(text) => tokens.extend(text.bytes().map(Token::Byte)),
            Part::One => tokens.push(Token::Segment),
            Part::Many => tokens.push(Token::Rest),
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

/// Positions in a glob, as bits.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Set([u64; 4]);

impl Set {
    /// Positions that there is room for: one more than the bytes of a glob.
    const ROOM: usize = 256;

    fn add(&mut self, at: usize) {
        if let Some(word) = self.0.get_mut(at / 64) {
            *word |= 1 << (at % 64);
        }
    }

    fn has(self, at: usize) -> bool {
        self.0
            .get(at / 64)
            .is_some_and(|word| word >> (at % 64) & 1 == 1)
    }

    fn and(self, other: Set) -> Set {
        Set(std::array::from_fn(|i| self.0[i] & other.0[i]))
    }

    fn or(self, other: Set) -> Set {
        Set(std::array::from_fn(|i| self.0[i] | other.0[i]))
    }

    /// Each position moved on by one.
    fn next(self) -> Set {
        let carry = |i: usize| i.checked_sub(1).map_or(0, |low| self.0[low] >> 63);
        Set(std::array::from_fn(|i| self.0[i] << 1 | carry(i)))
    }
}

/// A glob that is run over many routes.
pub(crate) struct Glob {
    /// With rows of stars as one; the glob has matched behind the last byte.
    text: Vec<u8>,
    stars: Set,
    /// For each byte that stands in the glob, where it and `?` do; the first is for all others.
    takes: Vec<Set>,
    /// Which of these is a byte's.
    index: Box<[u8; 256]>,
    /// Whether the last byte is a star: what reaches it, matches.
    open_end: bool,
    /// The bytes that stand in the glob, in the order of `takes`.
    own: Vec<u8>,
}

impl Glob {
    /// None: it is too long to be looked at.
    pub(crate) fn new(text: &str) -> Option<Glob> {
        let mut bytes = text.as_bytes().to_vec();
        bytes.dedup_by(|a, b| *a == b'*' && *b == b'*');
        if bytes.len() >= Set::ROOM {
            return None;
        }
        let mut glob = Glob {
            text: Vec::new(),
            stars: Set::default(),
            takes: Vec::with_capacity(bytes.len() + 1),
            index: Box::new([0; 256]),
            open_end: bytes.last() == Some(&b'*'),
            own: Vec::with_capacity(bytes.len()),
        };
        glob.takes.push(Set::default());
        let mut any = Set::default();
        for (at, byte) in bytes.iter().enumerate() {
            match byte {
                b'*' => glob.stars.add(at),
                b'?' => any.add(at),
                byte => {
                    let index = &mut glob.index[usize::from(*byte)];
                    if *index == 0 {
                        // Fewer kinds of bytes than positions, so that the number fits.
                        *index = glob.takes.len() as u8;
                        glob.takes.push(Set::default());
                        glob.own.push(*byte);
                    }
                    glob.takes[usize::from(*index)].add(at);
                }
            }
        }
        glob.takes
            .iter_mut()
            .for_each(|takes| *takes = takes.or(any));
        glob.text = bytes;
        Some(glob)
    }

    /// The bytes of a part of any length that make a difference: one that stands for all that are not in the glob,
    /// then those that are.
    fn telling(&self, part: Token) -> impl Iterator<Item = u8> {
        let known = |byte: &u8| self.index[usize::from(*byte)] != 0;
        let other = (0..=u8::MAX).find(|byte| part.takes(*byte) && !known(byte));
        let own = self.own.iter().copied();
        other
            .into_iter()
            .chain(own.filter(move |byte| part.takes(*byte)))
    }

    /// Past stars, which may stand for nothing. No two follow each other.
    fn closed(&self, set: Set) -> Set {
        set.or(set.and(self.stars).next())
    }

    fn start(&self) -> Set {
        let mut set = Set::default();
        set.add(0);
        self.closed(set)
    }

    /// Where a byte leads, given where it is taken.
    fn over(&self, set: Set, takes: Set) -> Set {
        self.closed(set.and(takes).next().or(set.and(self.stars)))
    }

    fn step(&self, set: Set, byte: u8) -> Set {
        self.over(set, self.takes[usize::from(self.index[usize::from(byte)])])
    }

    /// Whether some request of the route fits.
    pub(crate) fn meets(&self, tokens: impl Iterator<Item = Token>) -> bool {
        let mut set = self.start();
        for token in tokens {
            // The star takes whatever comes.
            if self.open_end && set.has(self.text.len() - 1) {
                return true;
            }
            set = match token {
                Token::Byte(byte) => self.step(set, byte),
                part => self.through(set, part),
            };
            if set == Set::default() {
                return false;
            }
        }
        set.has(self.text.len())
    }

    /// Where a part of any length leads, whatever its bytes are.
    fn through(&self, set: Set, part: Token) -> Set {
        let takes = self
            .telling(part)
            .map(|byte| self.takes[usize::from(self.index[usize::from(byte)])])
            .fold(Set::default(), Set::or);
        let mut reached = self.over(set, takes);
        loop {
            let further = reached.or(self.over(reached, takes));
            if further == reached {
                return reached;
            }
            reached = further;
        }
    }

    /// Which of the route's requests fit.
    pub(crate) fn fit(&self, tokens: &[Token]) -> Fit {
        let (mut yes, mut no) = (false, false);
        let whole = self.ends(tokens, |end| {
            *(if end.has(self.text.len()) {
                &mut yes
            } else {
                &mut no
            }) = true;
            !(yes && no)
        });
        match (whole, yes, no) {
            (None, ..) | (_, true, true) => Fit::Some,
            (_, true, false) => Fit::All,
            (_, false, _) => Fit::None,
        }
    }

    /// What is left of the glob behind a text that these stand for, where that is the same for all of them: globs of
    /// which one is to fit the rest.
    pub(crate) fn behind(&self, tokens: &[Token]) -> Option<Vec<String>> {
        let mut found = None;
        let mut alike = true;
        self.ends(tokens, |end| {
            alike = found.is_none_or(|found| found == end);
            found = Some(end);
            alike
        })?;
        let set = found.filter(|_| alike)?;
        // What a star fits has all that is left before it, and right behind it.
        let stars = set.and(self.stars);
        let star = (0..self.text.len()).rev().find(|at| stars.has(*at));
        let hidden = |at: usize| star.is_some_and(|star| at < star || at == star + 1);
        let starts = (0..=self.text.len()).filter(|at| set.has(*at) && !hidden(*at));
        let rest = |at: usize| String::from_utf8(self.text[at..].to_vec()).ok();
        starts.map(rest).collect()
    }

    /// Says where the glob is behind each text that these stand for, until it is told to stop. `None`: there is too
    /// much to look at.
    fn ends(&self, tokens: &[Token], mut end: impl FnMut(Set) -> bool) -> Option<()> {
        let mut all = Set::default();
        all.add(self.text.len());
        if let Some(star) = self.text.len().checked_sub(1) {
            all.add(star);
        }
        let mut seen: HashSet<(usize, bool, Set)> = HashSet::new();
        let mut open = vec![(0usize, false, self.start())];
        while let Some((mut at, inside, mut set)) = open.pop() {
            // Behind a part of any length the next one begins where the last byte left off.
            while let Some(Token::Byte(byte)) = tokens.get(at).filter(|_| !inside) {
                set = self.step(set, *byte);
                at += 1;
                if set == Set::default() {
                    break;
                }
            }
            let over = if set == Set::default() {
                Some(set)
            } else if self.open_end && set.has(self.text.len() - 1) {
                Some(all)
            } else {
                (at == tokens.len()).then_some(set)
            };
            if let Some(over) = over {
                if !end(over) {
                    return Some(());
                }
            } else if seen.insert((at, inside, set)) {
                if seen.len() > BOUND {
                    return None;
                }
                if inside {
                    open.push((at + 1, false, set));
                }
                let part = tokens.get(at).copied().unwrap_or(Token::Rest);
                let mut last = None;
                for byte in self.telling(part) {
                    let next = self.step(set, byte);
                    // Most bytes lead where the others do.
                    if last != Some(next) {
                        open.push((at, true, next));
                    }
                    last = last.or(Some(next));
                }
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_take_all_none_or_some_of_a_route() {
        let p = |_| Part::One;
        let l = |text| Part::Literal(text);
        let g = |_| Part::Many;
        let before: Vec<Token> = "abc/".bytes().map(Token::Byte).collect();
        let before = [before, vec![Token::Stage, Token::Byte(b'/')]].concat();
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
            (vec![], "", Fit::None),
            (vec![l("pets")], "abc/**/GET/**", Fit::All),
            (vec![l("pets")], "abc/*/?ET/p*s", Fit::All),
            // A stage has no slash, so the star before the verb cannot hide one more segment.
            (
                vec![l("a"), l("GET"), l("pets")],
                "abc/*/GET/pets",
                Fit::All,
            ),
        ] {
            let tokens = tokens(&before, "GET", &segments);
            let glob_of = Glob::new(glob).unwrap();
            assert_eq!(glob_of.fit(&tokens), want, "{glob}");
            let meets = glob_of.meets(tokens.into_iter());
            assert_eq!(meets, want != Fit::None, "{glob}");
        }
    }

    #[test]
    fn behind_stage_and_verb_a_glob_is_left_that_asks_for_the_path() {
        let before: Vec<Token> = "abc/".bytes().map(Token::Byte).collect();
        let verb: Vec<Token> = "/GET/".bytes().map(Token::Byte).collect();
        let before = [before, vec![Token::Stage], verb].concat();
        for (glob, want) in [
            (
                "abc/*/GET/orders/*",
                Some(&["*/GET/orders/*", "GET/orders/*", "orders/*"][..]),
            ),
            ("abc/*/*/orders/*", Some(&["*/orders/*", "orders/*"])),
            ("abc/*/POST/orders", Some(&["*/POST/orders", "POST/orders"])),
            ("abc/*", Some(&["*"])),
            ("xyz/*", Some(&[])),
            ("*/admin", Some(&["*/admin", "admin"])),
            ("*", Some(&["*"])),
            ("abc/prod/GET/orders/*", None),
            ("abc/p*/GET/orders/*", None),
            ("abc/*/GE?/o", Some(&["*/GE?/o", "GE?/o", "o"])),
        ] {
            let rests = Glob::new(glob).unwrap().behind(&before);
            let rests = rests
                .as_ref()
                .map(|rests| rests.iter().map(String::as_str).collect());
            assert_eq!(rests, want.map(<[&str]>::to_vec), "{glob}");
        }
    }
}
