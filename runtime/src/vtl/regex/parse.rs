//! From the text of a pattern to its tree.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::class::Set;
use super::look::{atomic, has_groups, is_bounded};
use super::run::MAX_GROUPS;
use super::{BadPattern, Flags};

/// How deep groups and classes may nest.
const MAX_DEPTH: u32 = 50;

/// A pattern.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Empty,
    Set(Set),
    Assert(Assertion),
    Group(Box<Node>, u16),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat {
        node: Box<Node>,
        least: u32,
        most: Option<u32>,
        greedy: bool,
    },
    /// Whether `node` matches from here on, or up to here; or whether it does not.
    Look {
        node: Box<Node>,
        ahead: bool,
        negate: bool,
    },
    /// A look that has its number, and whether it must say no.
    Looked(u32, bool),
}

/// What holds between two characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Assertion {
    /// `^`, `\A`.
    Start,
    /// `\z`.
    End,
    /// `$`, `\Z`: at the end, or before a line terminator there.
    LastLine,
    /// `^` under `(?m)`.
    LineStart,
    /// `$` under `(?m)`.
    LineEnd,
    /// `\b`.
    Word,
    /// `\B`.
    NotWord,
    /// `\G`: where the search began.
    Resumed,
    /// `$`, `\Z` under `(?d)`.
    UnixLastLine,
    /// `^` under `(?m)` and `(?d)`.
    UnixLineStart,
    /// `$` under `(?m)` and `(?d)`.
    UnixLineEnd,
}

/// A pattern that was read.
pub(super) struct Parsed<'t> {
    pub(super) node: Node,
    /// How many groups it has, the whole one not counted.
    pub(super) groups: u16,
    /// The groups with names.
    pub(super) names: Vec<(&'t str, u16)>,
}

/// Reads a pattern.
pub(super) fn parse(pattern: &str, flags: Flags) -> Result<Parsed<'_>, BadPattern> {
    let mut parser = Parser {
        text: pattern,
        at: 0,
        flags,
        groups: 0,
        names: Vec::new(),
    };
    let node = parser.either(0)?;
    match parser.peek() {
        None => Ok(Parsed {
            node,
            groups: parser.groups,
            names: parser.names,
        }),
        Some(_) => parser.wrong(),
    }
}

struct Parser<'t> {
    text: &'t str,
    at: usize,
    flags: Flags,
    groups: u16,
    names: Vec<(&'t str, u16)>,
}

impl<'t> Parser<'t> {
    fn wrong<T>(&self) -> Result<T, BadPattern> {
        Err(BadPattern::Syntax(self.at as u32))
    }

    fn unsupported<T>(&self) -> Result<T, BadPattern> {
        Err(BadPattern::Unsupported(self.at as u32))
    }

    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn raw(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// The next character; under `(?x)` behind blanks and comments.
    fn peek(&mut self) -> Option<char> {
        while self.flags.comments {
            match self.raw() {
                Some(blank) if blank.is_ascii_whitespace() => self.at += 1,
                Some('#') => {
                    let rest = self.rest();
                    self.at += rest.find('\n').unwrap_or(rest.len());
                }
                _ => break,
            }
        }
        self.raw()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.raw()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn eat(&mut self, wanted: &str) -> bool {
        let there = self.rest().starts_with(wanted);
        if there {
            self.at += wanted.len();
        }
        there
    }

    fn either(&mut self, depth: u32) -> Result<Node, BadPattern> {
        if depth > MAX_DEPTH {
            return Err(BadPattern::TooLarge);
        }
        let mut branches = Vec::from([self.sequence(depth)?]);
        while self.peek() == Some('|') {
            self.at += 1;
            branches.push(self.sequence(depth)?);
        }
        Ok(if branches.len() == 1 {
            branches.pop().unwrap_or(Node::Empty)
        } else {
            Node::Either(branches)
        })
    }

    fn sequence(&mut self, depth: u32) -> Result<Node, BadPattern> {
        let mut nodes = Vec::new();
        while let Some(next) = self.peek() {
            if matches!(next, '|' | ')') {
                break;
            }
            if self.eat("\\Q") {
                let rest = self.rest();
                let (quoted, used) = rest.find("\\E").map_or((rest, rest.len()), |end| {
                    (rest.get(..end).unwrap_or(""), end + 2)
                });
                self.at += used;
                let count = quoted.chars().count();
                for (index, character) in quoted.chars().enumerate() {
                    let node = Node::Set(self.literal(character));
                    // A quantifier behind the quotation takes its last character.
                    let node = if index + 1 == count {
                        self.quantified(node)?
                    } else {
                        node
                    };
                    nodes.push(node);
                }
                continue;
            }
            let Some(node) = self.atom(next, depth)? else {
                continue;
            };
            nodes.push(self.quantified(node)?);
        }
        Ok(Node::Sequence(nodes))
    }

    fn literal(&self, character: char) -> Set {
        self.folded(Set::one(character.into()))
    }

    fn folded(&self, set: Set) -> Set {
        match (self.flags.ignore_case, self.flags.unicode_case) {
            (false, _) => set,
            (true, false) => set.folded(),
            (true, true) => set.in_any_case(),
        }
    }

    /// One atom; nothing for what only sets flags.
    fn atom(&mut self, next: char, depth: u32) -> Result<Option<Node>, BadPattern> {
        self.at += next.len_utf8();
        Ok(Some(match next {
            '.' => Node::Set(match (self.flags.dot_all, self.flags.unix_lines) {
                (true, _) => Set::any(),
                (false, true) => Set::one(10).not(),
                (false, false) => Set::dot(),
            }),
            '^' => Node::Assert(match (self.flags.multi_line, self.flags.unix_lines) {
                (true, true) => Assertion::UnixLineStart,
                (true, false) => Assertion::LineStart,
                (false, _) => Assertion::Start,
            }),
            '$' => Node::Assert(match (self.flags.multi_line, self.flags.ecma) {
                (true, _) if self.flags.unix_lines => Assertion::UnixLineEnd,
                (true, _) => Assertion::LineEnd,
                (false, true) => Assertion::End,
                (false, false) => self.last_line(),
            }),
            '(' => return self.group(depth),
            '[' => {
                let set = self.class(depth + 1)?;
                Node::Set(self.folded(set))
            }
            '\\' => self.escape()?,
            '{' => {
                self.at -= 1;
                Node::Empty
            }
            '*' | '+' | '?' => {
                self.at -= 1;
                return self.wrong();
            }
            character => Node::Set(self.literal(character)),
        }))
    }

    fn group(&mut self, depth: u32) -> Result<Option<Node>, BadPattern> {
        let outer = self.flags;
        let mut number = None;
        if self.eat("?") {
            for (sign, ahead, negate) in [
                ("<=", false, false),
                ("<!", false, true),
                ("=", true, false),
                ("!", true, true),
            ] {
                if self.eat(sign) {
                    return self.look(ahead, negate, depth).map(Some);
                }
            }
            if self.eat(">") {
                let start = self.at;
                let inner = self.inside(depth)?;
                let inner = atomic(inner).ok_or(BadPattern::Unsupported(start as u32))?;
                // A sequence of one keeps a quantifier behind the group on all of it.
                return Ok(Some(Node::Sequence(Vec::from([inner]))));
            }
            if self.eat("<") {
                let rest = self.rest();
                let name = rest.split('>').next().unwrap_or("");
                let good = name.starts_with(|c: char| c.is_ascii_alphabetic())
                    && name.chars().all(|c| c.is_ascii_alphanumeric());
                if !good
                    || !rest.contains('>')
                    || self.names.iter().any(|(known, _)| *known == name)
                {
                    return self.wrong();
                }
                self.names.push((name, self.groups + 1));
                self.at += name.len() + 1;
                number = Some(());
            } else {
                self.set_flags()?;
                match self.take() {
                    Some(':') => {}
                    // `(?i)` holds to the end of the group around it.
                    Some(')') => return Ok(None),
                    _ => return self.wrong(),
                }
            }
        } else {
            number = Some(());
        }
        let number = match number {
            Some(()) => {
                self.groups += 1;
                if usize::from(self.groups) >= MAX_GROUPS {
                    return Err(BadPattern::TooLarge);
                }
                Some(self.groups)
            }
            None => None,
        };
        let inner = self.inside(depth)?;
        self.flags = outer;
        Ok(Some(match number {
            Some(number) => Node::Group(Box::new(inner), number),
            // A sequence of one keeps a quantifier behind the group on all of it.
            None => Node::Sequence(Vec::from([inner])),
        }))
    }

    /// What stands in a group, and the end of it. Flags that it sets end with it.
    fn inside(&mut self, depth: u32) -> Result<Node, BadPattern> {
        let outer = self.flags;
        let inner = self.either(depth + 1)?;
        if self.peek() != Some(')') {
            return self.wrong();
        }
        self.at += 1;
        self.flags = outer;
        Ok(inner)
    }

    fn look(&mut self, ahead: bool, negate: bool, depth: u32) -> Result<Node, BadPattern> {
        let start = self.at as u32;
        let inner = self.inside(depth)?;
        if !ahead && !is_bounded(&inner) {
            return Err(BadPattern::Syntax(start));
        }
        // Answers are worked out for all places at once, which leaves no captures.
        if !negate && has_groups(&inner) {
            return Err(BadPattern::Unsupported(start));
        }
        Ok(Node::Look {
            node: Box::new(inner),
            ahead,
            negate,
        })
    }

    fn last_line(&self) -> Assertion {
        if self.flags.unix_lines {
            Assertion::UnixLastLine
        } else {
            Assertion::LastLine
        }
    }

    fn set_flags(&mut self) -> Result<(), BadPattern> {
        let mut on = true;
        while let Some(flag) = self.raw() {
            match flag {
                '-' if on => on = false,
                'i' => self.flags.ignore_case = on,
                's' => self.flags.dot_all = on,
                'm' => self.flags.multi_line = on,
                'x' => self.flags.comments = on,
                'u' => self.flags.unicode_case = on,
                'd' => self.flags.unix_lines = on,
                'U' if on => return self.unsupported(),
                'U' => {}
                _ => break,
            }
            self.at += 1;
        }
        Ok(())
    }

    /// One quantifier at most: another one behind it has nothing to repeat, but for `{…}`, which repeats the
    /// empty text between them.
    fn quantified(&mut self, node: Node) -> Result<Node, BadPattern> {
        let (least, most) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => {
                self.at += 1;
                let least = self.number()?;
                let most = if self.eat(",") {
                    if self.raw() == Some('}') {
                        None
                    } else {
                        Some(self.number()?)
                    }
                } else {
                    Some(least)
                };
                if self.raw() != Some('}') || most.is_some_and(|most| most < least) {
                    return self.wrong();
                }
                (least, most)
            }
            _ => return Ok(node),
        };
        self.at += 1;
        let greedy = match self.raw() {
            Some('?') => {
                self.at += 1;
                false
            }
            Some('+') => {
                let start = self.at as u32;
                self.at += 1;
                let repeat = Node::Repeat {
                    node: Box::new(node),
                    least,
                    most,
                    greedy: true,
                };
                return atomic(repeat).ok_or(BadPattern::Unsupported(start));
            }
            _ => true,
        };
        Ok(Node::Repeat {
            node: Box::new(node),
            least,
            most,
            greedy,
        })
    }

    fn number(&mut self) -> Result<u32, BadPattern> {
        let rest = self.rest();
        let len = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number = rest.get(..len).and_then(|digits| digits.parse().ok());
        self.at += len;
        match number {
            Some(number) if number <= 5000 => Ok(number),
            Some(_) => Err(BadPattern::TooLarge),
            None => self.wrong(),
        }
    }

    fn escape(&mut self) -> Result<Node, BadPattern> {
        let Some(next) = self.raw() else {
            return self.wrong();
        };
        let assertion = match next {
            'A' => Some(Assertion::Start),
            'z' => Some(Assertion::End),
            'Z' => Some(self.last_line()),
            'G' => Some(Assertion::Resumed),
            'b' => Some(Assertion::Word),
            'B' => Some(Assertion::NotWord),
            _ => None,
        };
        if let Some(assertion) = assertion {
            self.at += 1;
            return Ok(Node::Assert(assertion));
        }
        match next {
            '1'..='9' | 'k' | 'X' | 'N' => return self.unsupported(),
            'R' => {
                self.at += 1;
                let pair = Node::Sequence(Vec::from([
                    Node::Set(Set::one(13)),
                    Node::Set(Set::one(10)),
                ]));
                return Ok(Node::Either(Vec::from([pair, Node::Set(Set::vertical())])));
            }
            _ => {}
        }
        let set = self.escaped_set()?;
        Ok(Node::Set(self.folded(set)))
    }

    /// What stands behind a backslash and is a character or a set of them.
    fn escaped_set(&mut self) -> Result<Set, BadPattern> {
        let Some(next) = self.take() else {
            return self.wrong();
        };
        Ok(match next {
            'd' => Set::digit(),
            'D' => Set::digit().not(),
            'w' => Set::word(),
            'W' => Set::word().not(),
            's' => Set::space(),
            'S' => Set::space().not(),
            'h' => Set::horizontal(),
            'H' => Set::horizontal().not(),
            'v' => Set::vertical(),
            'V' => Set::vertical().not(),
            'p' | 'P' => {
                let rest = self.rest();
                let name = match rest.strip_prefix('{') {
                    Some(inner) => {
                        let Some(end) = inner.find('}') else {
                            return self.wrong();
                        };
                        self.at += end + 2;
                        inner.get(..end).unwrap_or("")
                    }
                    None => {
                        let Some(only) = self.take() else {
                            return self.wrong();
                        };
                        rest.get(..only.len_utf8()).unwrap_or("")
                    }
                };
                let Some(set) = Set::named(name) else {
                    return self.unsupported();
                };
                if next == 'P' { set.not() } else { set }
            }
            't' => Set::one(9),
            'n' => Set::one(10),
            'r' => Set::one(13),
            'f' => Set::one(12),
            'a' => Set::one(7),
            'e' => Set::one(27),
            'c' => match self.take() {
                Some(control) if control.is_ascii() => Set::one(u32::from(control) ^ 64),
                _ => return self.wrong(),
            },
            '0' => Set::one(self.octal()?),
            'x' => Set::one(self.hex()?),
            'u' => Set::one(self.digits(4)?),
            other if other.is_ascii_alphanumeric() => {
                self.at -= 1;
                return self.wrong();
            }
            other => Set::one(other.into()),
        })
    }

    fn octal(&mut self) -> Result<u32, BadPattern> {
        let rest = self.rest();
        let len = rest
            .bytes()
            .take(3)
            .take_while(|digit| matches!(digit, b'0'..=b'7'))
            .count();
        let len = if len == 3 && !matches!(rest.as_bytes().first(), Some(b'0'..=b'3')) {
            2
        } else {
            len
        };
        let Some(number) = rest
            .get(..len)
            .and_then(|digits| u32::from_str_radix(digits, 8).ok())
        else {
            return self.wrong();
        };
        self.at += len;
        Ok(number)
    }

    fn hex(&mut self) -> Result<u32, BadPattern> {
        let rest = self.rest();
        let Some(inner) = rest.strip_prefix('{') else {
            return self.digits(2);
        };
        let Some(end) = inner.find('}') else {
            return self.wrong();
        };
        let number = inner
            .get(..end)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .filter(|code| *code <= 0x10FFFF);
        let Some(number) = number else {
            return self.wrong();
        };
        self.at += end + 2;
        Ok(number)
    }

    fn digits(&mut self, count: usize) -> Result<u32, BadPattern> {
        let hex = |text: &str| {
            u32::from_str_radix(text, 16)
                .ok()
                .filter(|_| text.bytes().all(|b| b.is_ascii_hexdigit()))
        };
        let Some(first) = self.rest().get(..count).and_then(hex) else {
            return self.wrong();
        };
        self.at += count;
        // Two escapes that make one character beyond the basic plane.
        if count == 4
            && (0xD800..0xDC00).contains(&first)
            && let Some(low) = self
                .rest()
                .strip_prefix("\\u")
                .and_then(|rest| rest.get(..4))
                .and_then(hex)
            && (0xDC00..0xE000).contains(&low)
        {
            self.at += 6;
            return Ok(0x10000 + ((first - 0xD800) << 10) + (low - 0xDC00));
        }
        Ok(first)
    }

    /// The inside of `[…]`, with unions and `&&`.
    fn class(&mut self, depth: u32) -> Result<Set, BadPattern> {
        if depth > MAX_DEPTH {
            return Err(BadPattern::TooLarge);
        }
        let negated = self.eat("^");
        let mut left: Option<Set> = None;
        let mut sets = Vec::new();
        let mut first = true;
        loop {
            let Some(next) = self.peek() else {
                return self.wrong();
            };
            if next == ']' && (!first || left.is_some()) {
                self.at += 1;
                break;
            }
            if self.eat("&&") {
                let right = Set::Union(core::mem::take(&mut sets));
                left = Some(match left {
                    None => right,
                    Some(left) => Set::Both(Box::new(left), Box::new(right)),
                });
                first = true;
                continue;
            }
            first = false;
            if next == '[' {
                self.at += 1;
                sets.push(self.class(depth + 1)?);
                continue;
            }
            sets.push(self.range()?);
        }
        let last = Set::Union(sets);
        let whole = match left {
            Some(left) => Set::Both(Box::new(left), Box::new(last)),
            None => last,
        };
        Ok(if negated { whole.not() } else { whole })
    }

    fn range(&mut self) -> Result<Set, BadPattern> {
        if self.eat("\\Q") {
            let rest = self.rest();
            let end = rest.find("\\E");
            let quoted = rest.get(..end.unwrap_or(rest.len())).unwrap_or("");
            self.at += end.map_or(rest.len(), |end| end + 2);
            return Ok(Set::Union(
                quoted.chars().map(|c| Set::one(c.into())).collect(),
            ));
        }
        let from = self.class_character()?;
        let Set::Range(low, high) = from else {
            return Ok(from);
        };
        let rest = self.rest();
        if low != high
            || !rest.starts_with('-')
            || rest.starts_with("-]")
            || rest.starts_with("-[")
            || rest.starts_with("-&&")
        {
            return Ok(from);
        }
        self.at += 1;
        match self.class_character()? {
            Set::Range(to, end) if to == end && low <= to => Ok(Set::Range(low, to)),
            _ => self.wrong(),
        }
    }

    fn class_character(&mut self) -> Result<Set, BadPattern> {
        match self.take() {
            Some('\\') => self.escaped_set(),
            Some(character) => Ok(Set::one(character.into())),
            None => self.wrong(),
        }
    }
}
