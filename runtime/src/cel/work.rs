//! What functions work with: the values that there are, and room for those that they make.

use core::fmt;

use super::space::Space;
use super::value::{Cel, Fail, Found, Run, Span, error};
use super::view::View;

/// The longest list that an expression may make.
pub(super) const LONGEST: usize = 1 << 20;

pub(super) struct Work<'w> {
    pub(super) code: &'w [u8],
    pub(super) space: &'w mut Space,
    pub(super) steps: u64,
}

impl Work<'_> {
    pub(super) fn view(&self) -> View<'_> {
        View {
            code: self.code,
            text: &self.space.text,
            cells: &self.space.cells,
        }
    }

    pub(super) fn bytes(&self, span: Span) -> &[u8] {
        self.view().bytes(span)
    }

    pub(super) fn str(&self, span: Span) -> &str {
        self.view().str(span)
    }

    pub(super) fn cells(&self, run: Run) -> &[Cel] {
        self.view().cells(run)
    }

    /// An element of a list.
    pub(super) fn cell(&self, run: Run, at: usize) -> Option<Cel> {
        self.cells(run).get(at).copied()
    }

    /// Pays for steps.
    pub(super) fn charge(&mut self, steps: usize) -> Result<(), Fail> {
        match self.steps.checked_sub(steps as u64) {
            Some(left) => {
                self.steps = left;
                Ok(())
            }
            None => {
                self.steps = 0;
                error("it takes too many steps")
            }
        }
    }

    /// Pays for looking at all of a value.
    pub(super) fn charge_for(&mut self, value: Cel) -> Result<(), Fail> {
        let weight = match value {
            Cel::Text(span) | Cel::Claim(span) | Cel::Bytes(span) => span.len as usize / 8,
            Cel::List(run) | Cel::Map(run) | Cel::Request(run) | Cel::Folded(run) => {
                for at in 0..run.len as usize {
                    let element = self.cell(run, at).unwrap_or(Cel::Null);
                    self.charge_for(element)?;
                }
                0
            }
            Cel::Optional(Some(cell)) => {
                let held = self.view().held(cell);
                return self.charge_for(held);
            }
            _ => 0,
        };
        self.charge(1 + weight)
    }

    /// Pays for holding two maps against each other, which costs what each key against each costs.
    pub(super) fn charge_equal(&mut self, left: Cel, right: Cel) -> Result<(), Fail> {
        match (left.entries(), right.entries()) {
            (Some(left), Some(right)) => {
                self.charge((left.len as usize / 2).saturating_mul(right.len as usize / 2))
            }
            _ => Ok(()),
        }
    }

    /// Appends a piece to the text in the making.
    pub(super) fn put(&mut self, span: Span) -> Result<(), Fail> {
        self.charge(span.len as usize / 8)?;
        match span.code {
            true => {
                let from = span.at as usize;
                let bytes = self.code.get(from..from + span.len as usize);
                self.space.write(bytes.unwrap_or(&[]))
            }
            false => self.space.write_within(span),
        }
    }

    /// Prints to the text in the making.
    pub(super) fn print(&mut self, what: fmt::Arguments<'_>) -> Result<(), Fail> {
        struct Out<'o>(&'o mut Space);
        impl fmt::Write for Out<'_> {
            fn write_str(&mut self, text: &str) -> fmt::Result {
                self.0.write(text.as_bytes()).map_err(|_| fmt::Error)
            }
        }
        match fmt::write(&mut Out(self.space), what) {
            Ok(()) => Ok(()),
            Err(fmt::Error) => error("it makes too large a value"),
        }
    }

    /// A text that is printed.
    pub(super) fn printed(&mut self, what: fmt::Arguments<'_>) -> Result<Span, Fail> {
        let start = self.space.start();
        self.print(what)?;
        Ok(self.space.since(start))
    }

    /// Bytes that are made.
    pub(super) fn written(&mut self, bytes: &[u8]) -> Result<Span, Fail> {
        let start = self.space.start();
        self.space.write(bytes)?;
        Ok(self.space.since(start))
    }

    /// Orders what was pushed since `height`; nothing in it is equal.
    pub(super) fn sort(
        &mut self,
        height: usize,
        order: impl Fn(View<'_>, Cel, Cel) -> core::cmp::Ordering,
    ) {
        let view = View {
            code: self.code,
            text: &self.space.text,
            cells: &self.space.cells,
        };
        if let Some(pushed) = self.space.stack.get_mut(height..) {
            pushed.sort_unstable_by(|left, right| order(view, *left, *right));
        }
    }

    /// The list of what was pushed since `height`.
    pub(super) fn list(&mut self, height: usize) -> Found {
        let run = self.space.settle(height);
        if run.len as usize > LONGEST {
            return error("the list is too long");
        }
        self.charge(run.len as usize)?;
        Ok(Cel::List(run))
    }

    /// An optional that holds a value, or none.
    pub(super) fn optional(&mut self, value: Option<Cel>) -> Found {
        Ok(Cel::Optional(match value {
            Some(value) => Some(self.space.cell(value)?),
            None => None,
        }))
    }
}
