//! Evaluation.

use super::code::{Cursor, FIELDS, Family, Field, Function, Node};
use super::functions::{self, time};
use super::space::Space;
use super::value::{Cel, Fail, Found, Run, Span, error, no_overload};
use super::view::View;
use super::work::Work;

/// How deep expressions may be.
pub const DEEPEST: u32 = 200;

/// What an expression reads beside itself.
pub trait Host {
    /// What a request says; of a map all of it.
    ///
    /// # Errors
    /// It cannot be had.
    fn field(&mut self, field: Field, space: &mut Space) -> Found;

    /// What a map of a request says; `null` where it says nothing.
    ///
    /// # Errors
    /// It cannot be had.
    fn member(&mut self, field: Field, key: Key<'_>, space: &mut Space) -> Found;

    /// The elements of a claim that is a list or an object.
    ///
    /// # Errors
    /// It cannot be had.
    fn elements(&mut self, json: Key<'_>, space: &mut Space) -> Found;

    /// Whether a pattern that the code does not carry is found in a text.
    ///
    /// # Errors
    /// It is no pattern, or it is not looked for here.
    fn matches(&mut self, text: &str, pattern: &str) -> Result<bool, Fail>;

    /// Seconds that the clocks of a zone that the code does not carry are ahead of UTC, at a second since 1970.
    fn ahead(&mut self, zone: &str, second: i64) -> Option<i64>;
}

/// The key of a map of a request.
#[derive(Clone, Copy, Debug)]
pub struct Key<'k> {
    code: &'k [u8],
    span: Span,
}

impl Key<'_> {
    /// A text and the key behind it, in the space.
    pub(crate) fn behind(self, text: &[u8], space: &mut Space) -> Result<Span, Fail> {
        let start = space.start();
        space.write(text)?;
        match self.span.code {
            true => {
                let from = self.span.at as usize;
                let bytes = self.code.get(from..from + self.span.len as usize);
                space.write(bytes.unwrap_or(&[]))?;
            }
            false => space.write_within(self.span)?,
        }
        Ok(space.since(start))
    }

    /// The key.
    #[must_use]
    pub fn bytes<'b>(&'b self, space: &'b Space) -> &'b [u8] {
        View {
            code: self.code,
            text: &space.text,
            cells: &[],
        }
        .bytes(self.span)
    }
}

/// The value of an expression, and what it stands for. At most `room` bytes are used, and `steps` are taken off what
/// there is.
///
/// # Errors
/// It has none.
pub fn evaluate<'e>(
    code: &'e [u8],
    host: &mut impl Host,
    space: &'e mut Space,
    room: usize,
    steps: &mut u64,
) -> Result<(Cel, View<'e>), Fail> {
    space.open(room);
    let mut machine = Machine {
        work: Work {
            code,
            space: &mut *space,
            steps: *steps,
        },
        host,
        depth: 0,
        fields: [None; FIELDS.len()],
    };
    let found = machine.value(&mut Cursor { code, at: 0 });
    *steps = machine.work.steps;
    let space: &'e Space = space;
    let view = View {
        code,
        text: &space.text,
        cells: &space.cells,
    };
    Ok((found?, view))
}

/// Code that makes no sense.
const BROKEN: Fail = Fail::Error("its code is broken");

pub(super) struct Machine<'m, 'h, H> {
    pub(super) work: Work<'m>,
    host: &'h mut H,
    depth: u32,
    /// Fields that were asked for before.
    pub(super) fields: [Option<Cel>; FIELDS.len()],
}

impl<H: Host> Machine<'_, '_, H> {
    pub(super) fn value(&mut self, at: &mut Cursor<'_>) -> Found {
        self.work.charge(1)?;
        if self.depth == DEEPEST {
            return error("it is too deep");
        }
        self.depth += 1;
        let height = self.work.space.height();
        let found = self.node(at);
        self.depth -= 1;
        if found.is_err() {
            // What was in the making is no part of what goes on.
            self.work.space.lower(height);
        }
        found
    }

    fn node(&mut self, at: &mut Cursor<'_>) -> Found {
        Ok(match at.node().ok_or(BROKEN)? {
            Node::Null => Cel::Null,
            Node::False => Cel::Bool(false),
            Node::True => Cel::Bool(true),
            Node::Int => Cel::Int(i64::from_le_bytes(at.array().ok_or(BROKEN)?)),
            Node::Uint => Cel::Uint(u64::from_le_bytes(at.array().ok_or(BROKEN)?)),
            Node::Double => Cel::Double(f64::from_le_bytes(at.array().ok_or(BROKEN)?)),
            Node::Text => Cel::Text(span(at)?),
            Node::Bytes => Cel::Bytes(span(at)?),
            Node::Type => Cel::Type(span(at)?),
            Node::Time => time::in_range(nanoseconds(at)?)?,
            Node::Duration => time::length_in_range(nanoseconds(at)?)?,
            Node::Ip => Cel::Ip(span(at)?),
            Node::Cidr => Cel::Cidr(span(at)?),
            Node::List => {
                let height = self.work.space.height();
                for _ in 0..at.count().ok_or(BROKEN)? {
                    if let Some(value) = self.element(at)? {
                        self.work.space.push(value)?;
                    }
                }
                return self.work.list(height);
            }
            Node::Map => {
                let height = self.work.space.height();
                for _ in 0..at.count().ok_or(BROKEN)? {
                    let key = self.value(at)?;
                    if let Some(value) = self.element(at)? {
                        self.enter(height, key, value)?;
                    }
                }
                Cel::Map(self.work.space.settle(height))
            }
            Node::Maybe => return error("an optional element stands alone"),
            Node::Field => {
                let field = Field::numbered(at.byte().ok_or(BROKEN)?).ok_or(BROKEN)?;
                return self.field(field);
            }
            Node::Member => {
                let field = Field::numbered(at.byte().ok_or(BROKEN)?).ok_or(BROKEN)?;
                let span = self.text(at)?;
                let code = self.work.code;
                self.host
                    .member(field, Key { code, span }, self.work.space)?
            }
            Node::Local => {
                let index = usize::from(at.byte().ok_or(BROKEN)?);
                return *self.work.space.locals.get(index).ok_or(BROKEN)?;
            }
            Node::Access => {
                let (operand, key) = (self.opened(at)?, self.value(at)?);
                functions::optional::access(&mut self.work, operand, key)?
            }
            Node::Has => {
                let operand = self.opened(at)?;
                let name = Cel::Text(span(at)?);
                Cel::Bool(functions::optional::has(&mut self.work, operand, name)?)
            }
            Node::And => return self.connective(at, false),
            Node::Or => return self.connective(at, true),
            Node::Choice => {
                let chosen = self.truth(at)?;
                let (mut then, mut other) = (part(at)?, part(at)?);
                return self.value(if chosen { &mut then } else { &mut other });
            }
            Node::Otherwise => {
                let (optional, mut otherwise) = (self.value(at)?, part(at)?);
                match optional {
                    Cel::Optional(Some(_)) => optional,
                    Cel::Optional(None) => match self.value(&mut otherwise)? {
                        otherwise @ Cel::Optional(_) => otherwise,
                        _ => return no_overload(),
                    },
                    _ => return no_overload(),
                }
            }
            Node::OrValue => {
                let (optional, mut otherwise) = (self.value(at)?, part(at)?);
                match optional {
                    Cel::Optional(Some(cell)) => self.work.view().held(cell),
                    Cel::Optional(None) => self.value(&mut otherwise)?,
                    _ => return no_overload(),
                }
            }
            Node::Within => {
                let address = self.value(at)?;
                let height = self.work.space.height();
                for _ in 0..at.count().ok_or(BROKEN)? {
                    let text = self.value(at)?;
                    self.work.space.push(text)?;
                }
                let ranges = self.work.space.settle(height);
                functions::network::within(&mut self.work, address, ranges)?
            }
            Node::Call => return self.call(at),
            Node::Walk => return self.walk(at),
            Node::Let => {
                let (mut value, mut body) = (part(at)?, part(at)?);
                let value = self.value(&mut value);
                return self.with(value, |machine| machine.value(&mut body));
            }
            Node::Matches => {
                let text = self.text(at)?;
                let automaton = span(at)?;
                self.work.charge(text.len as usize)?;
                let view = self.work.view();
                let fits = crate::text::pattern::fits(view.bytes(automaton), view.bytes(text));
                Cel::Bool(fits)
            }
            Node::Clock => {
                let function = Function::numbered(at.byte().ok_or(BROKEN)?).ok_or(BROKEN)?;
                let Cel::Time(second, nanos) = self.value(at)? else {
                    return no_overload();
                };
                let zone = span(at)?;
                match functions::zone::offset(self.work.bytes(zone), second) {
                    Some(ahead) => time::shown(function, second.saturating_add(ahead), nanos)?,
                    None => return error("the time zone is unknown"),
                }
            }
            Node::Error => return error("it fails for every request"),
        })
    }

    /// What a request says: asked for once.
    fn field(&mut self, field: Field) -> Found {
        let known = self.fields.get(field as usize).copied().flatten();
        if let Some(value) = known {
            return Ok(value);
        }
        let before = self.work.space.start();
        let value = self.host.field(field, self.work.space)?;
        let made = self.work.space.start().saturating_sub(before);
        self.work.charge(made / 8)?;
        if let Some(place) = self.fields.get_mut(field as usize) {
            *place = Some(value);
        }
        Ok(value)
    }

    /// The truth value of a part for which nothing that it makes is kept.
    pub(super) fn truth_alone(&mut self, at: &mut Cursor<'_>) -> Result<bool, Fail> {
        let (mark, fields) = (self.work.space.mark(), self.fields);
        let truth = self.truth(at);
        self.work.space.rewind(mark);
        // What was asked for within it is gone.
        self.fields = fields;
        truth
    }

    /// A value whose parts are asked for.
    pub(super) fn opened(&mut self, at: &mut Cursor<'_>) -> Found {
        let value = self.value(at)?;
        self.open(value)
    }

    /// The elements of a claim that has some; other values as they are.
    fn open(&mut self, value: Cel) -> Found {
        match value {
            Cel::Structured(cell) => match self.work.view().held(cell.saturating_add(1)) {
                Cel::Text(span) => {
                    let code = self.work.code;
                    self.host.elements(Key { code, span }, self.work.space)
                }
                _ => Err(BROKEN),
            },
            other => Ok(other),
        }
    }

    /// A text.
    fn text(&mut self, at: &mut Cursor<'_>) -> Result<Span, Fail> {
        let value = self.value(at)?;
        match self.work.view().shown(value) {
            Cel::Text(span) => Ok(span),
            _ => no_overload(),
        }
    }

    /// The value of an element, unless it is an optional without one.
    fn element(&mut self, at: &mut Cursor<'_>) -> Result<Option<Cel>, Fail> {
        let mut ahead = *at;
        if ahead.node() != Some(Node::Maybe) {
            return self.value(at).map(Some);
        }
        *at = ahead;
        match self.value(at)? {
            Cel::Optional(Some(cell)) => Ok(Some(self.work.view().held(cell))),
            Cel::Optional(None) => Ok(None),
            _ => error("an optional element needs an optional"),
        }
    }

    /// Adds an entry to the map in the making: keys are texts, truth values and whole numbers, once each.
    pub(super) fn enter(&mut self, height: usize, key: Cel, value: Cel) -> Result<(), Fail> {
        if !matches!(
            key,
            Cel::Text(_) | Cel::Claim(_) | Cel::Bool(_) | Cel::Int(_) | Cel::Uint(_)
        ) {
            return error("a map has no keys of this type");
        }
        let made = self.work.space.height() - height;
        self.work.charge(made)?;
        let pushed = self.work.space.pushed(height);
        if self.work.view().at(pushed, key).is_some() {
            return error("a key of a map is repeated");
        }
        self.work.space.push(key)?;
        self.work.space.push(value)
    }

    /// Evaluates with one local variable more.
    pub(super) fn with<T>(&mut self, value: Found, inner: impl FnOnce(&mut Self) -> T) -> T {
        self.work.space.locals.push(value);
        let result = inner(self);
        self.work.space.locals.pop();
        result
    }

    pub(super) fn truth(&mut self, at: &mut Cursor<'_>) -> Result<bool, Fail> {
        let value = self.value(at)?;
        truth(value, self.work.view())
    }

    /// `&&` and `||`: one operand may decide whatever the others are.
    fn connective(&mut self, at: &mut Cursor<'_>, decisive: bool) -> Found {
        let mut verdict = Verdict::default();
        let mut is_decided = false;
        for _ in 0..at.count().ok_or(BROKEN)? {
            let mut operand = part(at)?;
            if !is_decided {
                let truth = self.truth(&mut operand);
                is_decided = verdict.decided(truth, decisive);
            }
        }
        match is_decided {
            true => Ok(Cel::Bool(decisive)),
            false => verdict.end(decisive),
        }
    }

    fn call(&mut self, at: &mut Cursor<'_>) -> Found {
        let function = Function::numbered(at.byte().ok_or(BROKEN)?).ok_or(BROKEN)?;
        let height = self.work.space.height();
        let mut failed = None;
        for _ in 0..at.count().ok_or(BROKEN)? {
            match self.value(&mut part(at)?) {
                Ok(value) => self.work.space.push(value)?,
                Err(Fail::Request) => failed = Some(Fail::Request),
                // A strict operand that fails decides, whatever the request holds.
                Err(fail) => return Err(fail),
            }
        }
        let run = self.work.space.settle(height);
        if let Some(fail) = failed {
            return Err(fail);
        }
        let count = run.len as usize;
        for at in 0..count {
            let operand = self.work.cell(run, at).unwrap_or(Cel::Null);
            self.work.charge_for(operand)?;
        }
        if let (true, [left, right]) = (function.compares(), self.work.cells(run)) {
            let (left, right) = (*left, *right);
            self.work.charge_equal(left, right)?;
        }
        let mut operands = [Cel::Null; 4];
        if let Some(few) = operands.get_mut(..count) {
            few.copy_from_slice(self.work.cells(run));
            // What is searched, or held against a list or a map.
            if let (true, [left, right, ..]) = (function.compares(), &mut operands) {
                let has_parts =
                    |value: Cel| matches!(value, Cel::List(_)) || value.entries().is_some();
                if has_parts(*right) && function != Function::In {
                    *left = self.open(*left)?;
                }
                if has_parts(*left) || function == Function::In {
                    *right = self.open(*right)?;
                }
            } else if let (true, [list, ..]) = (function.takes_lists(), &mut operands) {
                *list = self.open(*list)?;
            }
        }
        match (function, operands.get(..count)) {
            (Function::Matches, Some([Cel::Text(text), Cel::Text(pattern)])) => {
                let view = self.work.view();
                let (text, pattern) = (view.str(*text), view.str(*pattern));
                Ok(Cel::Bool(self.host.matches(text, pattern)?))
            }
            (function, Some([Cel::Time(second, nanos), Cel::Text(zone)]))
                if function.family() == Family::Clock =>
            {
                let name = self.work.view().str(*zone);
                let ahead = functions::zone::fixed(name).or_else(|| self.host.ahead(name, *second));
                match ahead {
                    Some(ahead) => time::shown(function, second.saturating_add(ahead), *nanos),
                    None => error("the time zone is unknown"),
                }
            }
            (function, Some(operands)) => functions::call(&mut self.work, function, operands),
            (function, None) => self.many(function, run),
        }
    }

    /// Those that take any number of values.
    fn many(&mut self, function: Function, run: Run) -> Found {
        match function {
            Function::Greatest | Function::Least => {
                functions::math::extreme(&self.work, function, run)
            }
            _ => no_overload(),
        }
    }
}

/// The truth value that a value is.
pub(crate) fn truth(value: Cel, view: View<'_>) -> Result<bool, Fail> {
    match value {
        Cel::Bool(value) => Ok(value),
        Cel::Claim(text) => match view.truth(text) {
            Some(value) => Ok(value),
            None => no_overload(),
        },
        _ => no_overload(),
    }
}

/// What the operands of a connective came to.
#[derive(Default)]
pub(super) struct Verdict {
    failed: Option<Fail>,
}

impl Verdict {
    /// Whether this operand decides.
    pub(super) fn decided(&mut self, truth: Result<bool, Fail>, decisive: bool) -> bool {
        match truth {
            Ok(value) => return value == decisive,
            // What a request may still decide is no failure yet.
            Err(Fail::Request) => self.failed = Some(Fail::Request),
            Err(fail) => self.failed = self.failed.or(Some(fail)),
        }
        false
    }

    /// What they come to where none decided.
    pub(super) fn end(self, decisive: bool) -> Found {
        match self.failed {
            Some(fail) => Err(fail),
            None => Ok(Cel::Bool(!decisive)),
        }
    }
}

pub(super) fn part<'c>(at: &mut Cursor<'c>) -> Result<Cursor<'c>, Fail> {
    at.part().ok_or(BROKEN)
}

/// Bytes of the code behind their number.
fn span(at: &mut Cursor<'_>) -> Result<Span, Fail> {
    let (from, to) = at.run().ok_or(BROKEN)?;
    Ok(Span {
        code: true,
        at: from as u32,
        len: (to - from) as u32,
    })
}

fn nanoseconds(at: &mut Cursor<'_>) -> Result<i128, Fail> {
    let seconds = i64::from_le_bytes(at.array().ok_or(BROKEN)?);
    let nanos = u32::from_le_bytes(at.array().ok_or(BROKEN)?);
    Ok(time::ns(seconds, nanos))
}
