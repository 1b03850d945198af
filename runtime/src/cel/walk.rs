//! Macros: over the elements of a list, the keys of a map, the value of an optional.

use super::code::{Cursor, Macro};
use super::machine::{Host, Machine, Verdict, part};
use super::value::{Cel, Fail, Found, error, no_overload};

/// What a macro walks over, and what it does there.
struct Walk<'c> {
    which: Macro,
    range: Cel,
    two: bool,
    filter: Option<Cursor<'c>>,
    body: Cursor<'c>,
}

/// A step: the element or key, and with two names what stands there.
type Pair = (Cel, Option<Cel>);

impl<H: Host> Machine<'_, '_, H> {
    pub(super) fn walk(&mut self, at: &mut Cursor<'_>) -> Found {
        let broken = Fail::Error("its code is broken");
        let which = at.byte().and_then(Macro::numbered).ok_or(broken)?;
        let flags = at.byte().ok_or(broken)?;
        let range = self.opened(at)?;
        let filter = match flags & 2 != 0 {
            true => Some(part(at)?),
            false => None,
        };
        let walk = Walk {
            which,
            range,
            two: flags & 1 != 0,
            filter,
            body: part(at)?,
        };
        match which {
            Macro::OptMap | Macro::OptFlatMap => self.optional(&walk),
            Macro::All => self.quantified(&walk, false),
            Macro::Exists => self.quantified(&walk, true),
            _ => self.collected(&walk),
        }
    }

    /// The n-th step of a walk; none behind the last.
    fn step(&self, walk: &Walk<'_>, n: usize) -> Result<Option<Pair>, Fail> {
        if let Cel::List(run) = walk.range {
            let item = self.work.cell(run, n);
            // With two names the first is the index.
            return Ok(item.map(|item| match walk.two {
                true => (Cel::Int(n as i64), Some(item)),
                false => (item, None),
            }));
        }
        let Some(run) = walk.range.entries() else {
            return error("it cannot be walked over");
        };
        let key = self.work.cell(run, 2 * n);
        let value = self.work.cell(run, 2 * n + 1).filter(|_| walk.two);
        Ok(key.map(|key| (key, value)))
    }

    /// Evaluates for one step.
    fn each<T>(&mut self, (first, second): Pair, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.with(Ok(first), |machine| match second {
            Some(second) => machine.with(Ok(second), inner),
            None => inner(machine),
        })
    }

    /// As a chain of `&&`, or of `||`: one element may decide beside failures.
    fn quantified(&mut self, walk: &Walk<'_>, decisive: bool) -> Found {
        let mut verdict = Verdict::default();
        let mut n = 0;
        while let Some(pair) = self.step(walk, n)? {
            n += 1;
            let mut body = walk.body;
            let truth = self.each(pair, |machine| machine.truth_alone(&mut body));
            if verdict.decided(truth, decisive) {
                return Ok(Cel::Bool(decisive));
            }
        }
        verdict.end(decisive)
    }

    /// Those that take each element in turn, and fail with the first that does.
    fn collected(&mut self, walk: &Walk<'_>) -> Found {
        let height = self.work.space.height();
        let mut holding = 0_u32;
        let mut n = 0;
        while let Some(pair) = self.step(walk, n)? {
            n += 1;
            if let Some(mut filter) = walk.filter
                && !self.each(pair, |machine| machine.truth_alone(&mut filter))?
            {
                continue;
            }
            let mut body = walk.body;
            if let Macro::ExistsOne | Macro::Filter = walk.which {
                let holds = self.each(pair, |machine| machine.truth_alone(&mut body))?;
                holding += u32::from(holds);
                if holds && walk.which == Macro::Filter {
                    self.work.space.push(pair.0)?;
                }
                continue;
            }
            let value = self.each(pair, |machine| machine.value(&mut body))?;
            match walk.which {
                Macro::Map => self.work.space.push(value)?,
                Macro::TransformMap => self.enter(height, pair.0, value)?,
                _ => {
                    let Some(run) = value.entries() else {
                        return no_overload();
                    };
                    for at in (0..run.len as usize).step_by(2) {
                        let (key, value) = (self.work.cell(run, at), self.work.cell(run, at + 1));
                        let (key, value) = (key.unwrap_or(Cel::Null), value.unwrap_or(Cel::Null));
                        self.enter(height, key, value)?;
                    }
                }
            }
        }
        match walk.which {
            Macro::ExistsOne => Ok(Cel::Bool(holding == 1)),
            Macro::TransformMap | Macro::TransformMapEntry => {
                Ok(Cel::Map(self.work.space.settle(height)))
            }
            _ => self.work.list(height),
        }
    }

    fn optional(&mut self, walk: &Walk<'_>) -> Found {
        let held = match walk.range {
            Cel::Optional(None) => return Ok(Cel::Optional(None)),
            Cel::Optional(Some(cell)) => self.work.view().held(cell),
            _ => return no_overload(),
        };
        let mut body = walk.body;
        let made = self.with(Ok(held), |machine| machine.value(&mut body))?;
        match (walk.which, made) {
            (Macro::OptMap, made) => self.work.optional(Some(made)),
            (_, made @ Cel::Optional(_)) => Ok(made),
            _ => no_overload(),
        }
    }
}
