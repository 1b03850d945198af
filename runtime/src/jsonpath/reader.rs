//! Jayway's view of a text: a position, and the next characters that are no blanks.

/// A text with a position.
pub(super) struct Reader<'t> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t [u8]) -> Reader<'t> {
        Reader { text, at: 0 }
    }

    pub(super) fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    pub(super) fn now(&self) -> Option<u8> {
        self.byte(self.at)
    }

    /// Whether the position is at or behind the last character.
    pub(super) fn is_tail(&self) -> bool {
        self.at + 1 >= self.text.len()
    }

    pub(super) fn blanks(&mut self) {
        while matches!(self.now(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    /// The place of the first character behind `at` that is no blank.
    pub(super) fn next_place(&self, at: usize) -> usize {
        let mut at = at + 1;
        while self.byte(at) == Some(b' ') {
            at += 1;
        }
        at
    }

    /// The place behind `at` of a character, if that is the next which is no blank.
    pub(super) fn next_is(&self, at: usize, wanted: u8) -> Option<usize> {
        let place = self.next_place(at);
        (self.byte(place) == Some(wanted)).then_some(place)
    }

    /// The last character before the position that is no blank.
    pub(super) fn previous(&self) -> Option<u8> {
        self.text
            .get(..self.at)?
            .iter()
            .rev()
            .copied()
            .find(|byte| *byte != b' ')
    }

    /// The place of a quote that closes the text begun at `at`.
    pub(super) fn closing_quote(&self, at: usize, quote: u8) -> Option<usize> {
        let mut escaped = false;
        for (offset, byte) in self.text.get(at + 1..)?.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                byte if *byte == quote => return Some(at + 1 + offset),
                _ => {}
            }
        }
        None
    }

    /// The place of the bracket that closes the one at `at`, over quotes, and over patterns if asked to.
    pub(super) fn closing(&self, at: usize, open: u8, close: u8, patterns: bool) -> Option<usize> {
        if self.byte(at) != Some(open) {
            return None;
        }
        let mut depth = 1u32;
        let mut at = at + 1;
        while let Some(byte) = self.byte(at) {
            match byte {
                b'\'' | b'"' => at = self.closing_quote(at, byte)?,
                b'/' if patterns => at = self.closing_quote(at, b'/')?,
                _ if byte == open => depth += 1,
                _ if byte == close => {
                    depth -= 1;
                    if depth == 0 {
                        return Some(at);
                    }
                }
                _ => {}
            }
            at += 1;
        }
        None
    }

    pub(super) fn slice(&self, from: usize, to: usize) -> &'t [u8] {
        self.text.get(from..to).unwrap_or(&[])
    }
}

/// The text without blanks around it.
pub(super) fn trim(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}
