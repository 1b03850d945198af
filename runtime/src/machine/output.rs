//! The output text of a program: built in the scratch's output, beside the text that loads append to.

use crate::scratch::{Exhausted, Scratch};
use crate::value::{Src, Text};

/// Where the output text starts in the scratch's output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Output {
    start: usize,
}

impl Output {
    /// An empty output.
    pub(crate) fn begin(scratch: &Scratch) -> Output {
        Output {
            start: scratch.out_len(),
        }
    }

    /// Forgets what was appended.
    pub(crate) fn restart(self, scratch: &mut Scratch) {
        scratch.truncate_out(self.start);
    }

    /// Appends a text of the scratch.
    pub(crate) fn text(self, scratch: &mut Scratch, text: Text) -> Result<(), Exhausted> {
        if text.src != Src::Scratch {
            return Err(Exhausted);
        }
        scratch.emit_within(text.off, text.len)
    }

    /// Moves the output into the text.
    pub(crate) fn done(self, scratch: &mut Scratch) -> Text {
        scratch.cut_out(self.start)
    }
}
