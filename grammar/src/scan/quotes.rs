//! Where strings and quoted names end.

use crate::scan::Range;

/// A string as its quotes show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quoted {
    /// From quote to quote.
    pub(crate) span: Range,
    /// 1 for `"…"`, 3 or 4 for a fence.
    pub(crate) quotes: u8,
    /// Whether the closing quotes are there.
    pub(crate) closed: bool,
}

impl Quoted {
    /// What stands between the quotes. A fence's closing run may be longer than the
    /// opening one: the quotes too many belong to the text.
    pub(crate) fn inner(self) -> Range {
        let quotes = u32::from(self.quotes);
        let start = self.span.start + quotes;
        let end = if self.closed {
            self.span.end - quotes
        } else {
            self.span.end
        };
        Range::new(start, end.max(start))
    }
}

/// Reads the string whose first quote is at `start`. A plain string ends on its line, a
/// fence anywhere; `raw` strings know no escapes (fences never do).
pub(crate) fn quoted(bytes: &[u8], start: usize, raw: bool) -> Quoted {
    let run = run_of_quotes(bytes, start);
    if run >= 3 {
        return fence(bytes, start, if run == 3 { 3 } else { 4 });
    }
    let (end, closed) = until(bytes, start + 1, b'"', !raw);
    Quoted {
        span: Range::new(start as u32, end as u32),
        quotes: 1,
        closed,
    }
}

fn fence(bytes: &[u8], start: usize, quotes: usize) -> Quoted {
    // No run of quotes lies across `at`. One that closes is as long as a step, so it holds the last byte of one.
    let mut at = start + quotes;
    while let Some(byte) = bytes.get(at + quotes - 1) {
        if *byte != b'"' {
            at += quotes;
            continue;
        }
        let step = &bytes[at..at + quotes];
        let before = step.iter().rev().take_while(|byte| **byte == b'"');
        let found = at + quotes - before.count();
        let run = run_of_quotes(bytes, found);
        if run >= quotes {
            return Quoted {
                span: Range::new(start as u32, (found + run) as u32),
                quotes: quotes as u8,
                closed: true,
            };
        }
        at = found + run;
    }
    Quoted {
        span: Range::new(start as u32, bytes.len() as u32),
        quotes: quotes as u8,
        closed: false,
    }
}

/// The end of a quoted run on one line: past the closing `quote`, or at the line's end.
pub(crate) fn until(bytes: &[u8], mut at: usize, quote: u8, escapes: bool) -> (usize, bool) {
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\n' => return (at, false),
            b'\\' if escapes && bytes.get(at + 1).is_some_and(|next| *next != b'\n') => at += 2,
            _ if byte == quote => return (at + 1, true),
            _ => at += 1,
        }
    }
    (bytes.len(), false)
}

fn run_of_quotes(bytes: &[u8], start: usize) -> usize {
    bytes
        .get(start..)
        .unwrap_or(&[])
        .iter()
        .take_while(|byte| **byte == b'"')
        .count()
}

pub(crate) fn find(bytes: &[u8], from: usize, wanted: u8) -> Option<usize> {
    let rest = bytes.get(from..)?;
    rest.iter()
        .position(|byte| *byte == wanted)
        .map(|at| from + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_ends_at_the_first_run_as_long_as_its_own() {
        for quotes in [3, 4] {
            let run = |count: usize| "\"".repeat(count);
            for before in 0..9 {
                for shorter in 0..quotes {
                    for longer in quotes..quotes + 3 {
                        let inside = "a".repeat(before) + &run(shorter);
                        let text = format!("{}b{inside}c{}d", run(quotes), run(longer));
                        let found = quoted(text.as_bytes(), 0, false);
                        assert!(found.closed, "{text}");
                        assert_eq!(found.span, Range::new(0, text.len() as u32 - 1), "{text}");
                        let open = format!("{}b{inside}c", run(quotes));
                        assert!(!quoted(open.as_bytes(), 0, false).closed, "{open}");
                    }
                }
            }
        }
    }
}
