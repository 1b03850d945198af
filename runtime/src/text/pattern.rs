//! Compiled patterns: whole-string tests of selection patterns and the like.
//!
//! A pattern is the simplest thing that decides it. First byte: 0 exactly the rest; 1 any text that starts with
//! the rest and goes on without a line break; 2 an automaton over byte classes:
//!
//! | bytes | |
//! |---|---|
//! | 256 | the class of each byte |
//! | 2 | states |
//! | 2 | classes |
//! | 2 | the first state |
//! | 2 | the first accepting state; those after it accept too |
//! | 2 × states × classes | the next state by state and class; state 0 never accepts and is never left |

use crate::bundle::wire::{Field, record};

/// Whether the whole of `text` fits `pattern`. O(text); a pattern that cannot be read fits nothing.
pub(crate) fn fits(pattern: &[u8], text: &[u8]) -> bool {
    match pattern.split_first() {
        Some((0, word)) => word == text,
        Some((1, head)) => text
            .strip_prefix(head)
            .is_some_and(|rest| !rest.iter().any(|b| matches!(b, b'\n' | b'\r'))),
        Some((2, automaton)) => walk(automaton, text).unwrap_or(false),
        _ => false,
    }
}

fn walk(automaton: &[u8], text: &[u8]) -> Option<bool> {
    let (classes, rest) = automaton.split_first_chunk::<256>()?;
    let width = u32::from(u16::get(rest.get(2..)?)?);
    let mut state = u16::get(rest.get(4..)?)?;
    let accepting = u16::get(rest.get(6..)?)?;
    let table = rest.get(8..)?;
    for byte in text {
        let class = classes.get(usize::from(*byte)).copied()?;
        state = record(table, u32::from(state) * width + u32::from(class))?;
        if state == 0 {
            return Some(false);
        }
    }
    Some(state >= accepting && state != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_prefixes_fit() {
        assert!(fits(b"\x00404", b"404"));
        assert!(!fits(b"\x00404", b"4040"));
        assert!(fits(b"\x01Invalid", b"Invalid request"));
        assert!(fits(b"\x01", b""));
        assert!(!fits(b"\x01Invalid", b"Invalid\nrequest"));
        assert!(!fits(b"", b""));
        assert!(!fits(b"\x02cut off", b"x"));
    }
}
