//! The tokens of an item's head. pest reads their signs, one character a token, and what
//! it finds is mapped back to the text by their places.

use crate::scan::{self, Range};

/// A run of blanks without a line end, and one with line ends or comments.
const BLANK: u8 = b' ';
const GAP: u8 = b'\n';
/// One name; a place of several steps.
const NAME: u8 = b'n';
const PLACE: u8 = b'p';
const TEXT: u8 = b't';
const RAW: u8 = b'r';
const PATH: u8 = b'/';
const QUANTITY: u8 = b'q';
const DOTS: u8 = b'.';
const DATE: u8 = b'd';
const APPEND: u8 = b'+';
/// What is no token; no rule takes it.
const NONE: u8 = b'!';

/// Where the tokens of one head stand in the file.
#[derive(Default)]
pub(super) struct Tokens {
    places: Vec<Range>,
    end: u32,
    /// Room for the signs of the next head.
    room: String,
}

impl Tokens {
    /// Splits a head that starts at `start` of the file; the signs are what pest reads.
    pub(super) fn read(&mut self, head: &str, start: u32) -> String {
        let mut signs = std::mem::take(&mut self.room);
        signs.clear();
        self.places.clear();
        self.end = start + head.len() as u32;
        let bytes = head.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let (sign, length) = token(bytes, at);
            signs.push(char::from(sign));
            let from = start + at as u32;
            at += length.max(1);
            self.places.push(Range::new(from, start + at as u32));
        }
        signs
    }

    /// Takes the signs back when they are read, for their room.
    pub(super) fn keep(&mut self, signs: String) {
        self.room = signs;
    }

    /// Where the tokens `from..to` stand.
    pub(super) fn range(&self, from: usize, to: usize) -> Range {
        let start = self.start(from);
        let last = to.checked_sub(1).filter(|last| *last >= from);
        let end = last.and_then(|last| self.places.get(last));
        Range::new(start, end.map_or(start, |place| place.end))
    }

    /// Where a token starts; behind the last one, the end of the head.
    pub(super) fn start(&self, token: usize) -> u32 {
        self.places.get(token).map_or(self.end, |place| place.start)
    }
}

/// Whether all of `text` is a place.
pub(super) fn is_place(text: &str) -> bool {
    matches!(place(text.as_bytes(), 0), Some((_, end)) if end == text.len())
}

/// The sign and the length of the token at `at`.
fn token(bytes: &[u8], at: usize) -> (u8, usize) {
    let rest = bytes.get(at..).unwrap_or(&[]);
    let Some(&first) = rest.first() else {
        return (NONE, 0);
    };
    match first {
        b' ' | b'\t' | b'\r' | b'\n' | b'#' => blanks(rest),
        b'a'..=b'z' | b'A'..=b'Z' | b'$' | b'_' | b'`' => match place(bytes, at) {
            None => (NONE, 1),
            Some((_, end)) if &bytes[at..end] == b"r" && bytes.get(end) == Some(&b'"') => {
                match string(bytes, end, true) {
                    Some(end) => (RAW, end - at),
                    None => (NONE, 1),
                }
            }
            Some((sign, end)) => (sign, end - at),
        },
        b'"' => match string(bytes, at, false) {
            Some(end) => (TEXT, end - at),
            None => (NONE, 1),
        },
        b'/' if rest.get(1) != Some(&b'/') => (PATH, scan::path_end(bytes, at) - at),
        b'0'..=b'9' | b'-' => match quantity(rest) {
            Some(length) => (QUANTITY, length),
            None => match date(rest) {
                Some(length) => (DATE, length),
                None => (NONE, 1),
            },
        },
        b'.' if rest.get(1) == Some(&b'.') => (DOTS, 2),
        b'+' if rest.get(1) == Some(&b'=') => (APPEND, 2),
        b'[' | b']' | b'{' | b'}' | b'(' | b')' | b',' | b':' | b'=' | b'|' | b'?' | b'*' => {
            (first, 1)
        }
        // all of a character, so that no place splits one
        _ => (
            NONE,
            rest.iter()
                .skip(1)
                .take_while(|byte| **byte & 0xc0 == 0x80)
                .count()
                + 1,
        ),
    }
}

fn blanks(rest: &[u8]) -> (u8, usize) {
    let mut sign = BLANK;
    let mut at = 0;
    while let Some(byte) = rest.get(at) {
        match byte {
            b' ' | b'\t' | b'\r' => at += 1,
            b'\n' => {
                sign = GAP;
                at += 1;
            }
            b'#' => {
                sign = GAP;
                at += rest[at..].iter().take_while(|byte| **byte != b'\n').count();
            }
            _ => break,
        }
    }
    (sign, at)
}

/// The sign and the end of the place at `at`: `name.name.0["key"][1]`.
fn place(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let mut end = name(bytes, at)?;
    let mut sign = NAME;
    loop {
        let step = match bytes.get(end) {
            Some(b'.') => name(bytes, end + 1).or_else(|| digits(bytes, end + 1)),
            Some(b'[') => digits(bytes, end + 1)
                .or_else(|| string(bytes, end + 1, false))
                .filter(|key| bytes.get(*key) == Some(&b']'))
                .map(|key| key + 1),
            _ => None,
        };
        match step {
            Some(next) => end = next,
            None => return Some((sign, end)),
        }
        sign = PLACE;
    }
}

fn name(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at)? {
        b'`' => {
            let (end, closed) = scan::until(bytes, at + 1, b'`', true);
            closed.then_some(end)
        }
        b'a'..=b'z' | b'A'..=b'Z' | b'$' | b'_' => {
            let more = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
            Some(at + 1 + bytes[at + 1..].iter().take_while(more).count())
        }
        _ => None,
    }
}

fn digits(bytes: &[u8], at: usize) -> Option<usize> {
    let count = count_digits(bytes, at);
    (count > 0).then_some(at + count)
}

fn count_digits(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or(&[]);
    rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
}

/// The end of the string whose first quote is at `at`, if it is closed.
fn string(bytes: &[u8], at: usize, raw: bool) -> Option<usize> {
    if bytes.get(at) != Some(&b'"') {
        return None;
    }
    let quoted = scan::quoted(bytes, at, raw);
    quoted.closed.then_some(quoted.span.end as usize)
}

/// The length of `-1_000.5e3s/5min`, of which only the digits are always there.
fn quantity(rest: &[u8]) -> Option<usize> {
    let mut at = usize::from(rest.first() == Some(&b'-'));
    at = number(rest, at)?;
    if matches!(rest.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(rest.get(at + 1), Some(b'+' | b'-')));
        at = digits(rest, at + 1 + sign).unwrap_or(at);
    }
    at = unit(rest, at).unwrap_or(at);
    if rest.get(at) == Some(&b'/') {
        let from = number(rest, at + 1).unwrap_or(at + 1);
        at = unit(rest, from)?;
    }
    ends(rest, at)
}

fn number(rest: &[u8], at: usize) -> Option<usize> {
    let mut at = digits(rest, at)?;
    while rest.get(at) == Some(&b'_')
        && let Some(next) = digits(rest, at + 1)
    {
        at = next;
    }
    if rest.get(at) == Some(&b'.')
        && let Some(next) = digits(rest, at + 1)
    {
        at = next;
    }
    Some(at)
}

fn unit(rest: &[u8], at: usize) -> Option<usize> {
    if rest.get(at) == Some(&b'%') {
        return Some(at + 1);
    }
    let rest = rest.get(at..).unwrap_or(&[]);
    let letters = rest
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    (letters > 0).then_some(at + letters)
}

/// The length of `2026-11` or `2026-11-23`.
fn date(rest: &[u8]) -> Option<usize> {
    let two = |at: usize| rest.get(at) == Some(&b'-') && count_digits(rest, at + 1) >= 2;
    if count_digits(rest, 0) < 4 || !two(4) {
        return None;
    }
    ends(rest, if two(7) { 10 } else { 7 })
}

/// A number ends where nothing is joined to it.
fn ends(rest: &[u8], at: usize) -> Option<usize> {
    let joined = rest.get(at).is_some_and(|byte| {
        byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'$' | b'/')
    });
    (!joined).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_the_signs_of_its_tokens() {
        let cases = [
            ("GET /orders/{id}", "n /"),
            ("path.id = path.pet", "p = p"),
            ("header[\"x y\"][0].1 += \"a\"", "p + t"),
            ("throttle 2_000/5min burst 10%", "n q n q"),
            ("a 1..100 0.. ..-5 -1.5e3s", "n q.q q. .q q"),
            ("a 2026-11 2026-11-23", "n d d"),
            ("a 2026-1 2026-11-2x 3foo_bar 50/ 1/5", "n !!!!!!! "),
            ("a r\"\\\" vtl\"x\" rr\"x\"", "n r nt nt"),
            ("a \"\"\"x \"y\" z\"\"\"?", "n t?"),
            ("a [\n  b # c\n  d, e\n]", "n [\nn\nn, n\n]"),
            ("a Shopper(scopes: [\"r\"])", "n n(n: [t])"),
            ("`a b`.`c\\`d`", "p"),
            ("a. a[ a[x] a[\"b\"", "n! n[ n[n] n[t"),
            ("//x @ é", "!! ! !"),
            ("\"open", "!nope"),
        ];
        for (head, expected) in cases {
            let signs = Tokens::default().read(head, 0);
            // what follows something that is no token is of no account
            let known = expected.find('!').unwrap_or(expected.len());
            assert_eq!(signs.get(..known), expected.get(..known), "{head}: {signs}");
            assert_eq!(
                signs.contains('!'),
                expected.contains('!'),
                "{head}: {signs}"
            );
        }
    }

    #[test]
    fn tokens_cover_their_head() {
        let head = "GET /x/{id} a[\"é\"] é \"\"\"y\n\"\"\"";
        let mut tokens = Tokens::default();
        tokens.read(head, 7);
        let mut at = 7;
        for place in &tokens.places {
            assert_eq!(place.start, at);
            at = place.end;
        }
        assert_eq!(at, 7 + head.len() as u32);
        assert_eq!(tokens.range(0, tokens.places.len()), Range::new(7, at));
        assert_eq!(tokens.range(2, 2), Range::new(11, 11));
    }
}
