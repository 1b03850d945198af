//! Lines that stand too far left.
//!
//! Within brackets and quotes YAML wants every line further right than the block around it.
//! SnakeYAML, which the reference uses, does not care, and a good many templates rely on it.
//! There the blanks at a line's start mean nothing, so a text that is refused for such a line
//! is read again with the line moved right. Places are of the text as written.

/// A text with blanks put before some of its lines.
#[derive(Debug, Default)]
pub(super) struct Indented {
    /// Offsets of line starts in the text as written, in order, that get [`PAD`] blanks.
    lines: Vec<usize>,
    /// The text with them; none while it is the text as written.
    text: Option<String>,
    attempts: usize,
}

/// Further right than any block that people write.
const PAD: usize = 256;

/// How often a text is read again: each time costs all of it.
const ATTEMPTS: usize = 64;

/// How many bytes may be read in all those times.
const BYTES: usize = 32 << 20;

impl Indented {
    /// The text to read.
    pub(super) fn text<'t>(&'t self, written: &'t str) -> &'t str {
        self.text.as_deref().unwrap_or(written)
    }

    /// The offset in the text as written.
    pub(super) fn written(&self, offset: usize) -> usize {
        // The n-th line's blanks begin after those of the n lines before it.
        let before = self
            .lines
            .iter()
            .enumerate()
            .take_while(|(count, line)| **line + count * PAD < offset);
        match before.last() {
            None => offset,
            Some((count, line)) => (offset - (count + 1) * PAD).max(*line),
        }
    }

    /// Moves right what the message at `offset` (of the text as written) is about. Whether
    /// that is worth another try.
    pub(super) fn repair(&mut self, written: &str, message: &str, offset: usize) -> bool {
        self.attempts += 1;
        if self.attempts > ATTEMPTS || self.attempts.saturating_mul(written.len()) > BYTES {
            return false;
        }
        let known = self.lines.len();
        match message {
            "invalid indentation" => {
                let line = written
                    .get(..offset)
                    .and_then(|head| head.rfind('\n'))
                    .map_or(0, |at| at + 1);
                self.lines.push(line);
            }
            "invalid indentation in quoted scalar" => {
                let scalar = written.get(offset..).unwrap_or_default();
                let length = quoted_length(scalar);
                let inside = scalar.get(..length).unwrap_or_default();
                self.lines
                    .extend(inside.match_indices('\n').map(|(at, _)| offset + at + 1));
            }
            _ => return false,
        }
        self.lines.sort_unstable();
        self.lines.dedup();
        if self.lines.len() == known {
            return false;
        }
        let mut text = String::with_capacity(written.len() + self.lines.len() * PAD);
        let mut from = 0;
        for line in &self.lines {
            text.push_str(written.get(from..*line).unwrap_or_default());
            text.extend(std::iter::repeat_n(' ', PAD));
            from = *line;
        }
        text.push_str(written.get(from..).unwrap_or_default());
        self.text = Some(text);
        true
    }
}

/// The length of a quoted scalar that `text` begins with.
fn quoted_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let Some(quote) = bytes.first() else { return 0 };
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        let doubled = *quote == b'\'' && byte == quote && bytes.get(at + 1) == Some(quote);
        if doubled || *quote == b'"' && *byte == b'\\' {
            at += 2;
        } else if byte == quote {
            return at + 1;
        } else {
            at += 1;
        }
    }
    bytes.len()
}
