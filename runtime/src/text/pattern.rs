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
//!
//! 3 a program of [`regex`](crate::vtl::regex), for what no automaton of bounded size tells: it looks around, or has
//! too many states. It needs a heap to run in.

use crate::bundle::wire::{Field, record};
use crate::json::{Bound, Heap};
use crate::value::Text;
use crate::vtl::regex::{self, RunError};

/// Whether a pattern needs a heap to run in.
pub(crate) fn is_program(pattern: &[u8]) -> bool {
    pattern.first() == Some(&3)
}

/// Whether the whole of `text` fits any `pattern`. A program costs what [`regex::whole`] says, the others nothing of
/// the heap.
///
/// # Errors
/// A bound that a program met.
pub(crate) fn fits_in(heap: &mut Heap<'_>, pattern: &[u8], text: Text) -> Result<bool, Bound> {
    let Some((3, program)) = pattern.split_first() else {
        return Ok(fits(pattern, heap.bytes(text)));
    };
    match regex::whole(heap, program, text) {
        Ok(whole) => Ok(whole),
        Err(RunError::Bound(bound)) => Err(bound),
        Err(RunError::Corrupt) => Ok(false),
    }
}

/// Whether the whole of `text` fits a `pattern` that is no program. O(text); a pattern that cannot be read fits
/// nothing.
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
    use alloc::vec;

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

    struct Body<'b>(&'b [u8]);

    impl crate::json::Lent for Body<'_> {
        fn lent(&self, text: Text) -> Option<&[u8]> {
            self.0.get(text.off as usize..)?.get(..text.len as usize)
        }
    }

    #[test]
    fn programs_look_around_within_bounds() {
        let mut pattern = vec![3];
        regex::compile(b"(?!40[13])4..", regex::Flags::default(), &mut pattern).unwrap();
        let tried = |pattern: &[u8], text: &'static [u8], work: u64| {
            let body = Body(text);
            let mut scratch = crate::Scratch::new(1 << 16);
            let mut heap = Heap::new(&body, &mut scratch, work);
            fits_in(
                &mut heap,
                pattern,
                Text::whole(crate::value::Src::Body, text),
            )
        };
        assert_eq!(tried(&pattern, b"404", 1000), Ok(true));
        assert_eq!(tried(&pattern, b"403", 1000), Ok(false));
        assert_eq!(tried(&pattern, b"4040", 1000), Ok(false));
        assert_eq!(tried(&pattern, b"404", 1), Err(Bound::Work));
        assert_eq!(tried(b"\x03cut off", b"404", 1000), Ok(false));
        // Without a heap it fits nothing.
        assert!(is_program(&pattern) && !fits(&pattern, b"404"));
        assert_eq!(tried(b"\x00404", b"404", 0), Ok(true));
    }
}
