//! A reader of JSON, one character at a time, that stops in the middle and goes on behind a hole.

use super::kind::Kind;

/// How deep brackets may nest.
const MAX_DEPTH: usize = 200;

/// Where a reader is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct State {
    /// Open brackets.
    stack: Vec<u8>,
    mode: Mode,
    /// Whether some value on the way would have broken it.
    pub(super) breakable: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Mode {
    /// A value must come.
    Value,
    /// The first value of a list, or its end.
    FirstItem,
    /// The first name of an object, or its end.
    FirstName,
    Name,
    Colon,
    /// A value is over.
    After,
    Text {
        is_name: bool,
        /// Digits of `\u` that are still to come, and one more for the letter after a backslash.
        escape: u8,
    },
    Number(Part),
    /// The rest of `true`, `false` or `null`.
    Word(&'static str),
    Broken,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Sign,
    Zero,
    Whole,
    Point,
    Fraction,
    E,
    ESign,
    Exponent,
}

impl Part {
    fn is_whole(self) -> bool {
        matches!(
            self,
            Part::Zero | Part::Whole | Part::Fraction | Part::Exponent
        )
    }

    fn next(self, c: char) -> Option<Part> {
        Some(match (self, c) {
            (Part::Sign, '0') => Part::Zero,
            (Part::Sign | Part::Whole, '0'..='9') => Part::Whole,
            (Part::Zero | Part::Whole, '.') => Part::Point,
            (Part::Point | Part::Fraction, '0'..='9') => Part::Fraction,
            (Part::Zero | Part::Whole | Part::Fraction, 'e' | 'E') => Part::E,
            (Part::E, '+' | '-') => Part::ESign,
            (Part::E | Part::ESign | Part::Exponent, '0'..='9') => Part::Exponent,
            _ => return None,
        })
    }
}

impl State {
    /// Before the first character.
    pub(super) fn start() -> State {
        State {
            stack: Vec::new(),
            mode: Mode::Value,
            breakable: false,
        }
    }

    /// Whether nothing but blanks was read.
    pub(super) fn is_blank(&self) -> bool {
        self.stack.is_empty() && self.mode == Mode::Value
    }

    /// Whether what was read is a whole value.
    pub(super) fn is_whole(&self) -> bool {
        self.stack.is_empty()
            && match self.mode {
                Mode::After => true,
                Mode::Number(part) => part.is_whole(),
                _ => false,
            }
    }

    pub(super) fn is_broken(&self) -> bool {
        self.mode == Mode::Broken
    }

    /// Whether the next character stands in a text or a name.
    pub(super) fn in_text(&self) -> bool {
        matches!(self.mode, Mode::Text { .. })
    }

    /// Whether a value comes next, in a list or an object.
    pub(super) fn wants_member(&self) -> bool {
        !self.stack.is_empty() && matches!(self.mode, Mode::Value | Mode::FirstItem)
    }

    /// Reads a text; the offset in it of the character that no JSON has there.
    pub(super) fn read(&mut self, text: &str) -> Option<usize> {
        if self.is_broken() {
            return None;
        }
        for (at, c) in text.char_indices() {
            self.step(c);
            if self.is_broken() {
                return Some(at);
            }
        }
        None
    }

    fn step(&mut self, c: char) {
        let blank = matches!(c, ' ' | '\t' | '\n' | '\r');
        self.mode = match self.mode {
            Mode::Broken => Mode::Broken,
            Mode::Text { is_name, escape: 0 } => match c {
                '"' if is_name => Mode::Colon,
                '"' => Mode::After,
                '\\' => Mode::Text { is_name, escape: 5 },
                c if c < ' ' => Mode::Broken,
                _ => Mode::Text { is_name, escape: 0 },
            },
            Mode::Text { is_name, escape: 5 } => match c {
                'u' => Mode::Text { is_name, escape: 4 },
                '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => Mode::Text { is_name, escape: 0 },
                _ => Mode::Broken,
            },
            Mode::Text { is_name, escape } if c.is_ascii_hexdigit() => Mode::Text {
                is_name,
                escape: escape - 1,
            },
            Mode::Text { .. } => Mode::Broken,
            Mode::Word(rest) => match rest.strip_prefix(c) {
                Some("") => Mode::After,
                Some(rest) => Mode::Word(rest),
                None => Mode::Broken,
            },
            Mode::Number(part) => match part.next(c) {
                Some(part) => Mode::Number(part),
                None if part.is_whole() => {
                    self.mode = Mode::After;
                    return self.step(c);
                }
                None => Mode::Broken,
            },
            mode if blank => mode,
            Mode::FirstItem if c == ']' => self.close(b'['),
            Mode::Value | Mode::FirstItem => match c {
                '{' => self.open(b'{', Mode::FirstName),
                '[' => self.open(b'[', Mode::FirstItem),
                '"' => Mode::Text {
                    is_name: false,
                    escape: 0,
                },
                '-' => Mode::Number(Part::Sign),
                '0' => Mode::Number(Part::Zero),
                '1'..='9' => Mode::Number(Part::Whole),
                't' => Mode::Word("rue"),
                'f' => Mode::Word("alse"),
                'n' => Mode::Word("ull"),
                _ => Mode::Broken,
            },
            Mode::FirstName if c == '}' => self.close(b'{'),
            Mode::FirstName | Mode::Name => match c {
                '"' => Mode::Text {
                    is_name: true,
                    escape: 0,
                },
                _ => Mode::Broken,
            },
            Mode::Colon => match c {
                ':' => Mode::Value,
                _ => Mode::Broken,
            },
            Mode::After => match (c, self.stack.last()) {
                (',', Some(b'{')) => Mode::Name,
                (',', Some(b'[')) => Mode::Value,
                ('}', Some(b'{')) => self.close(b'{'),
                (']', Some(b'[')) => self.close(b'['),
                _ => Mode::Broken,
            },
        };
    }

    fn open(&mut self, bracket: u8, mode: Mode) -> Mode {
        if self.stack.len() >= MAX_DEPTH {
            return Mode::Broken;
        }
        self.stack.push(bracket);
        mode
    }

    fn close(&mut self, bracket: u8) -> Mode {
        match self.stack.pop() {
            Some(open) if open == bracket => Mode::After,
            _ => Mode::Broken,
        }
    }

    /// Reads what a reference prints; `None`: the state behind it depends on it.
    pub(super) fn hole(&mut self, kind: &Kind) -> Option<()> {
        if self.mode == Mode::Broken {
            return Some(());
        }
        match (kind, self.mode) {
            (Kind::Known(text), _) => {
                self.read(text);
            }
            (Kind::Number | Kind::Plain, Mode::Text { escape: 0, .. }) => {}
            (_, Mode::Text { escape: 0, .. }) => self.breakable = true,
            (Kind::Json | Kind::Number, Mode::Value | Mode::FirstItem) => self.mode = Mode::After,
            (Kind::Plain | Kind::Escaped | Kind::Any, Mode::Value | Mode::FirstItem) => {
                self.breakable = true;
                self.mode = Mode::After;
            }
            _ => return None,
        }
        Some(())
    }
}
