//! Sets of characters.

use alloc::boxed::Box;
use alloc::vec::Vec;

/// A set of characters, as parsed.
#[derive(Clone, Debug)]
pub(super) enum Set {
    Range(u32, u32),
    Known(Known),
    Union(Vec<Set>),
    Both(Box<Set>, Box<Set>),
    Not(Box<Set>),
    /// What is in the set in either case: `(?iu)`.
    AnyCase(Box<Set>),
}

/// Sets that Unicode defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Known {
    Letter,
    Lower,
    Upper,
    Number,
    Alphabetic,
    White,
    Control,
    LetterOrDigit,
}

const KNOWN: [Known; 8] = [
    Known::Letter,
    Known::Lower,
    Known::Upper,
    Known::Number,
    Known::Alphabetic,
    Known::White,
    Known::Control,
    Known::LetterOrDigit,
];

impl Known {
    fn has(self, character: char) -> bool {
        match self {
            Known::Letter | Known::Alphabetic => character.is_alphabetic(),
            Known::Lower => character.is_lowercase(),
            Known::Upper => character.is_uppercase(),
            Known::Number => character.is_numeric(),
            Known::White => character.is_whitespace(),
            Known::Control => character.is_control(),
            Known::LetterOrDigit => character.is_alphanumeric(),
        }
    }
}

impl Set {
    pub(super) fn one(character: u32) -> Set {
        Set::Range(character, character)
    }

    pub(super) fn not(self) -> Set {
        Set::Not(Box::new(self))
    }

    pub(super) fn of(ranges: &[(char, char)]) -> Set {
        Set::Union(
            ranges
                .iter()
                .map(|(from, to)| Set::Range(u32::from(*from), u32::from(*to)))
                .collect(),
        )
    }

    /// `\d`.
    pub(super) fn digit() -> Set {
        Set::Range('0'.into(), '9'.into())
    }

    /// `\w`.
    pub(super) fn word() -> Set {
        Set::of(&[('a', 'z'), ('A', 'Z'), ('0', '9'), ('_', '_')])
    }

    /// `\s`.
    pub(super) fn space() -> Set {
        Set::of(&[('\t', '\r'), (' ', ' ')])
    }

    /// `\h`.
    pub(super) fn horizontal() -> Set {
        Set::of(&[
            (' ', ' '),
            ('\t', '\t'),
            ('\u{A0}', '\u{A0}'),
            ('\u{1680}', '\u{1680}'),
            ('\u{180E}', '\u{180E}'),
            ('\u{2000}', '\u{200A}'),
            ('\u{202F}', '\u{202F}'),
            ('\u{205F}', '\u{205F}'),
            ('\u{3000}', '\u{3000}'),
        ])
    }

    /// `\v`.
    pub(super) fn vertical() -> Set {
        Set::of(&[('\n', '\r'), ('\u{85}', '\u{85}'), ('\u{2028}', '\u{2029}')])
    }

    /// `.`: anything but a line terminator.
    pub(super) fn dot() -> Set {
        Set::of(&[
            ('\n', '\n'),
            ('\r', '\r'),
            ('\u{85}', '\u{85}'),
            ('\u{2028}', '\u{2029}'),
        ])
        .not()
    }

    /// Everything.
    pub(super) fn any() -> Set {
        Set::Range(0, 0x10FFFF)
    }

    /// `\p{name}`.
    pub(super) fn named(name: &str) -> Option<Set> {
        let plain = name
            .strip_prefix("Is")
            .or(name.strip_prefix("java"))
            .unwrap_or(name);
        Some(match plain {
            "Lower" => Set::of(&[('a', 'z')]),
            "Upper" => Set::of(&[('A', 'Z')]),
            "ASCII" => Set::of(&[('\0', '\x7F')]),
            "Alpha" => Set::of(&[('a', 'z'), ('A', 'Z')]),
            "Digit" if name != "javaDigit" => Set::digit(),
            "Alnum" => Set::of(&[('a', 'z'), ('A', 'Z'), ('0', '9')]),
            "Punct" => Set::of(&[('!', '/'), (':', '@'), ('[', '`'), ('{', '~')]),
            "Graph" => Set::of(&[('!', '~')]),
            "Print" => Set::of(&[(' ', '~')]),
            "Blank" => Set::of(&[(' ', ' '), ('\t', '\t')]),
            "Cntrl" => Set::of(&[('\0', '\x1F'), ('\x7F', '\x7F')]),
            "XDigit" => Set::of(&[('0', '9'), ('a', 'f'), ('A', 'F')]),
            "Space" => Set::space(),
            "L" | "Letter" => Set::Known(Known::Letter),
            "Lu" | "Uppercase" | "UpperCase" => Set::Known(Known::Upper),
            "Ll" | "Lowercase" | "LowerCase" => Set::Known(Known::Lower),
            "N" | "Nd" | "Digit" => Set::Known(Known::Number),
            "Alphabetic" => Set::Known(Known::Alphabetic),
            "LetterOrDigit" => Set::Known(Known::LetterOrDigit),
            "White_Space" | "WhiteSpace" | "Whitespace" => Set::Known(Known::White),
            "Cc" | "Control" => Set::Known(Known::Control),
            _ => return None,
        })
    }

    /// ASCII letters in both cases.
    pub(super) fn folded(self) -> Set {
        match self {
            Set::Range(from, to) => {
                let mut sets = Vec::from([Set::Range(from, to)]);
                for (low, high, shift) in [(0x41u32, 0x5Au32, 32i64), (0x61, 0x7A, -32)] {
                    let (from, to) = (from.max(low), to.min(high));
                    if from <= to {
                        sets.push(Set::Range(
                            (i64::from(from) + shift) as u32,
                            (i64::from(to) + shift) as u32,
                        ));
                    }
                }
                Set::Union(sets)
            }
            Set::Union(sets) => Set::Union(sets.into_iter().map(Set::folded).collect()),
            Set::Both(a, b) => Set::Both(Box::new(a.folded()), Box::new(b.folded())),
            Set::Not(inner) => inner.folded().not(),
            Set::AnyCase(inner) => Set::AnyCase(inner),
            Set::Known(Known::Lower | Known::Upper) => Set::Union(Vec::from([
                Set::Known(Known::Lower),
                Set::Known(Known::Upper),
            ])),
            known => known,
        }
    }

    /// Letters in both cases: a character is in the set if one of its cases is.
    pub(super) fn in_any_case(self) -> Set {
        let each = |sets: Vec<Set>| sets.into_iter().map(Set::in_any_case).collect();
        match self {
            Set::Range(from, to) if from == to => {
                // The lower case of the upper case stands for all of them: of the three sigmas, say.
                let folded = char::from_u32(from).map_or(from, |character| {
                    let [.., folded] = cases(character);
                    folded.into()
                });
                let both = [Set::one(from), Set::one(folded)];
                Set::AnyCase(Box::new(Set::Union(both.into())))
            }
            Set::Union(sets) => Set::Union(each(sets)),
            Set::Both(a, b) => Set::Both(Box::new(a.in_any_case()), Box::new(b.in_any_case())),
            Set::Not(inner) => inner.in_any_case().not(),
            set => Set::AnyCase(Box::new(set)),
        }
    }

    fn has(&self, character: char) -> bool {
        match self {
            Set::Range(from, to) => (*from..=*to).contains(&u32::from(character)),
            Set::Known(known) => known.has(character),
            Set::Union(sets) => sets.iter().any(|set| set.has(character)),
            Set::Both(a, b) => a.has(character) && b.has(character),
            Set::Not(inner) => !inner.has(character),
            Set::AnyCase(inner) => cases(character).into_iter().any(|case| inner.has(case)),
        }
    }

    /// Sixteen bytes, a bit per ASCII character, and a program for the rest.
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let mut bits = 0u128;
        for byte in 0..128u8 {
            if self.has(char::from(byte)) {
                bits |= 1 << byte;
            }
        }
        out.extend_from_slice(&bits.to_le_bytes());
        self.put(out);
    }

    fn put(&self, out: &mut Vec<u8>) {
        match self {
            Set::Range(from, to) => {
                out.push(0);
                out.extend_from_slice(&from.to_le_bytes());
                out.extend_from_slice(&to.to_le_bytes());
            }
            Set::Known(known) => out.extend_from_slice(&[1, *known as u8]),
            Set::Union(sets) => {
                out.push(2);
                out.extend_from_slice(&(sets.len() as u16).to_le_bytes());
                sets.iter().for_each(|set| set.put(out));
            }
            Set::Both(a, b) => {
                out.push(3);
                a.put(out);
                b.put(out);
            }
            Set::Not(inner) => {
                out.push(4);
                inner.put(out);
            }
            Set::AnyCase(inner) => {
                out.push(5);
                inner.put(out);
            }
        }
    }
}

/// A character, and in upper and lower case where that is one character too, as in Java.
fn cases(character: char) -> [char; 3] {
    let upper = single(character.to_uppercase(), character);
    [character, upper, single(upper.to_lowercase(), upper)]
}

/// The only character of a mapping, or what was mapped.
fn single(mut mapped: impl Iterator<Item = char>, from: char) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(only), None) => only,
        _ => from,
    }
}

/// Whether an encoded set holds a character. Damaged sets hold nothing.
#[inline]
pub(super) fn holds(set: &[u8], character: char) -> bool {
    let Some((bits, rest)) = set.split_first_chunk() else {
        return false;
    };
    let code = u32::from(character);
    if code < 128 {
        return u128::from_le_bytes(*bits) >> code & 1 == 1;
    }
    evaluate(rest, character, 0).is_some_and(|(holds, _)| holds)
}

fn evaluate(set: &[u8], character: char, depth: u32) -> Option<(bool, &[u8])> {
    if depth > 64 {
        return None;
    }
    let (tag, rest) = set.split_first()?;
    match tag {
        0 => {
            let (from, rest) = rest.split_first_chunk()?;
            let (to, rest) = rest.split_first_chunk()?;
            Some((
                (u32::from_le_bytes(*from)..=u32::from_le_bytes(*to))
                    .contains(&u32::from(character)),
                rest,
            ))
        }
        1 => {
            let (known, rest) = rest.split_first()?;
            Some((KNOWN.get(usize::from(*known))?.has(character), rest))
        }
        2 => {
            let (count, mut rest) = rest.split_first_chunk()?;
            let mut any = false;
            for _ in 0..u16::from_le_bytes(*count) {
                let (holds, tail) = evaluate(rest, character, depth + 1)?;
                any |= holds;
                rest = tail;
            }
            Some((any, rest))
        }
        3 => {
            let (a, rest) = evaluate(rest, character, depth + 1)?;
            let (b, rest) = evaluate(rest, character, depth + 1)?;
            Some((a && b, rest))
        }
        4 => evaluate(rest, character, depth + 1).map(|(holds, rest)| (!holds, rest)),
        5 => {
            let mut any = false;
            let mut tail = rest;
            for case in cases(character) {
                let (holds, after) = evaluate(rest, case, depth + 1)?;
                any |= holds;
                tail = after;
            }
            Some((any, tail))
        }
        _ => None,
    }
}
