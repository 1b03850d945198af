//! The machine.

use super::arithmetic::{self, Operation};
use super::fault::{Failure, Fault};
use super::host::{Host, Place};
use super::isa::{Op, Str};
use super::loops;
use super::program::Program;
use super::{Kept, Settings};
use crate::json::{Heap, Kind, Lent, Object, Style};
use crate::jsonpath;
use crate::scratch::Scratch;
use crate::value::{Text, Value};

/// `$input`, as a value.
pub(super) const INPUT: Value = Value::Object(u32::MAX);
/// `$util`, as a value.
pub(super) const UTIL: Value = Value::Object(u32::MAX - 1);

const CONTEXT: usize = 2;
const STAGE: usize = 3;

/// Velocity renders a block at most twice inside itself.
const BLOCK_DEPTH: u16 = 2;
/// Different blocks that render at once: as many as may render inside each other.
const MAX_BLOCKS: usize = 32;

/// Runs a template. The result is in the scratch; so is all it made on the way, which the caller rewinds
/// when nothing of it is needed any more ([`Kept`] needs it).
///
/// # Errors
/// A [`Fault`]: a bound, or a method that Java would have thrown from.
pub fn render(
    program: Program<'_>,
    host: &dyn Host,
    scratch: &mut Scratch,
    settings: &Settings,
    kept: &mut Kept,
) -> Result<Text, Fault> {
    let lent: &dyn Lent = host;
    let floor = scratch.height();
    let start = scratch.out_len();
    let mut machine = Machine {
        program,
        host,
        heap: Heap::new(lent, scratch, settings.limits.work),
        settings,
        kept,
        locals: floor,
        depth: 0,
        blocks: [(0, 0); MAX_BLOCKS],
        params: Value::Missing,
        document: None,
        captures: 0,
        first_capture: 0,
        start,
        at: 0,
    };
    let result = machine.run(start);
    let at = machine.at as u32;
    scratch.lower(floor);
    match result {
        Ok(()) => Ok(scratch.cut_out(start)),
        Err(failure) => {
            scratch.truncate_out(start);
            Err(Fault { failure, at })
        }
    }
}

/// How a run of code ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    End,
    Stop,
}

pub(super) struct Machine<'m> {
    pub(super) program: Program<'m>,
    pub(super) host: &'m dyn Host,
    pub(super) heap: Heap<'m>,
    pub(super) settings: &'m Settings,
    kept: &'m mut Kept,
    /// Where the variables begin on the stack.
    locals: usize,
    depth: u16,
    /// Blocks rendering now: offset of the code, how often.
    blocks: [(u32, u16); MAX_BLOCKS],
    /// `$input.params()`, once built.
    params: Value,
    /// The payload as a value, once it was read; a template that changed it reads it anew.
    document: Option<Option<Value>>,
    /// Captures open now, and the output before the first of them, which `#stop` goes back to.
    captures: u32,
    first_capture: usize,
    /// The output before this run.
    start: usize,
    at: usize,
}

impl<'m> Machine<'m> {
    fn run(&mut self, start: usize) -> Result<(), Failure> {
        for slot in 0..self.program.slots {
            let value = match slot {
                0 => INPUT,
                1 => UTIL,
                _ => Value::Missing,
            };
            self.heap.scratch.push_value(value)?;
        }
        self.execute(0)?;
        if self.heap.scratch.out_len().saturating_sub(start) > self.settings.limits.output as usize
        {
            return Err(Failure::Output);
        }
        Ok(())
    }

    pub(super) fn pop(&mut self) -> Result<Value, Failure> {
        if self.heap.scratch.height() <= self.locals {
            return Err(Failure::Corrupt);
        }
        self.heap.scratch.pop_value().ok_or(Failure::Corrupt)
    }

    fn top(&mut self) -> Result<&mut Value, Failure> {
        self.heap
            .scratch
            .stack_mut()
            .last_mut()
            .ok_or(Failure::Corrupt)
    }

    pub(super) fn push(&mut self, value: Value) -> Result<(), Failure> {
        Ok(self.heap.scratch.push_value(value)?)
    }

    pub(super) fn local(&self, slot: usize) -> Value {
        self.heap
            .scratch
            .stack()
            .get(self.locals + slot)
            .copied()
            .unwrap_or_default()
    }

    pub(super) fn set_local(&mut self, slot: usize, value: Value) {
        let at = self.locals + slot;
        if let Some(place) = self.heap.scratch.stack_mut().get_mut(at) {
            *place = value;
        }
    }

    fn literal(&self, text: Str) -> &'m [u8] {
        self.program
            .text
            .get(text.off as usize..)
            .and_then(|rest| rest.get(..text.len as usize))
            .unwrap_or(&[])
    }

    fn execute(&mut self, from: usize) -> Result<Flow, Failure> {
        let program = self.program;
        let floor = self.heap.scratch.height();
        let mut at = from;
        loop {
            self.at = at;
            let (op, next) = Op::decode(program.code, at).ok_or(Failure::Corrupt)?;
            self.heap.spend(1)?;
            at = next;
            match op {
                Op::End {} => return Ok(Flow::End),
                Op::Text { text } => {
                    let bytes = self.name(text);
                    // Texts alone are as long as the program: the loop or the end looks at the sum.
                    self.heap.scratch.emit(bytes)?;
                }
                Op::Print { source } => {
                    let value = self.pop()?;
                    if self.print(value, Some(source))? == Flow::Stop {
                        return Ok(Flow::Stop);
                    }
                    self.check_output()?;
                }
                Op::Drop {} => {
                    self.pop()?;
                }
                Op::PushText { text } => {
                    self.push(Value::Text(program.literal(text.off, text.len)))?
                }
                Op::PushInt { number } => self.push(Value::Int(number))?,
                Op::PushBig { digits } => {
                    self.push(Value::Big(program.literal(digits.off, digits.len)))?
                }
                Op::PushDouble { number } => self.push(Value::Double(number))?,
                Op::PushBool { truth } => self.push(Value::Bool(truth != 0))?,
                Op::Load { slot } => {
                    let value = self.local(slot.0.into());
                    self.push(value)?;
                }
                Op::LoadContext {} => {
                    let context = self.context()?;
                    self.push(context)?;
                }
                Op::LoadStage {} => {
                    if self.local(STAGE) == Value::Missing {
                        let variables = self.host.stage_variables(&mut self.heap)?;
                        self.set_local(STAGE, variables);
                    }
                    self.push(self.local(STAGE))?;
                }
                Op::LoadMember { slot, name } => {
                    let value = self.property(self.local(slot.0.into()), name)?;
                    self.push(value)?;
                }
                Op::PrintMember { text, slot, name } => {
                    self.heap.scratch.emit(self.name(text))?;
                    match self.property(self.local(slot.0.into()), name)? {
                        Value::Text(text) => self.heap.emit(text)?,
                        value => {
                            if self.print(value, None)? == Flow::Stop {
                                return Ok(Flow::Stop);
                            }
                        }
                    }
                    self.check_output()?;
                }
                Op::Store { slot } => {
                    let value = self.pop()?;
                    if !matches!(value, Value::Missing | Value::Null) {
                        self.set_local(slot.0.into(), value);
                    }
                }
                Op::Property { name } => {
                    let object = self.pop()?;
                    let value = self.property(object, name)?;
                    self.push(value)?;
                }
                Op::Index {} => {
                    let index = self.pop()?;
                    let object = self.pop()?;
                    let value = self.index(object, index)?;
                    self.push(value)?;
                }
                Op::Method { method, count } => {
                    let value = self.method(method, count)?;
                    self.push(value)?;
                }
                Op::Resolve {} => {
                    let nothing = if self.settings.undefined_is_null {
                        Value::Null
                    } else {
                        Value::Text(Text::EMPTY)
                    };
                    let top = self.top()?;
                    if matches!(top, Value::Missing | Value::Null) {
                        *top = nothing;
                    }
                }
                Op::Truth {} => {
                    let top = self.top()?;
                    *top = Value::Bool(!matches!(
                        top,
                        Value::Missing | Value::Null | Value::Bool(false)
                    ));
                }
                Op::Not {} => {
                    let top = self.top()?;
                    *top = Value::Bool(*top != Value::Bool(true));
                }
                Op::Equal {} => {
                    let same = self.equal_operands()?;
                    self.push(Value::Bool(same))?;
                }
                Op::NotEqual {} => {
                    let same = self.equal_operands()?;
                    self.push(Value::Bool(!same))?;
                }
                Op::Less {} => self.ordered(|order| order.is_lt())?,
                Op::LessOrEqual {} => self.ordered(|order| order.is_le())?,
                Op::Greater {} => self.ordered(|order| order.is_gt())?,
                Op::GreaterOrEqual {} => self.ordered(|order| order.is_ge())?,
                Op::Add {} => self.add()?,
                Op::Subtract {} => self.arithmetic(Operation::Subtract)?,
                Op::Multiply {} => self.arithmetic(Operation::Multiply)?,
                Op::Divide {} => self.arithmetic(Operation::Divide)?,
                Op::Remainder {} => self.arithmetic(Operation::Remainder)?,
                Op::Jump { to } => at = to.0 as usize,
                Op::JumpIfFalse { to } => {
                    if self.pop()? != Value::Bool(true) {
                        at = to.0 as usize;
                    }
                }
                Op::JumpUnless { to } => {
                    let taken = match self.pop()? {
                        Value::Missing | Value::Null => !self.settings.undefined_is_null,
                        Value::Bool(truth) => truth,
                        _ => true,
                    };
                    if !taken {
                        at = to.0 as usize;
                    }
                }
                Op::JumpIfFalseOrPop { to } => {
                    if *self.top()? == Value::Bool(true) {
                        self.pop()?;
                    } else {
                        at = to.0 as usize;
                    }
                }
                Op::JumpIfTrueOrPop { to } => {
                    if *self.top()? == Value::Bool(true) {
                        at = to.0 as usize;
                    } else {
                        self.pop()?;
                    }
                }
                Op::List { count } => {
                    let height = self.operands(count.into(), floor)?;
                    let list = self.heap.list_above(Kind::List, height)?;
                    self.push(list)?;
                }
                Op::Map { count } => {
                    let height = self.operands(usize::from(count) * 2, floor)?;
                    let map = self.heap.map_above(Kind::Map, height)?;
                    self.push(map)?;
                }
                Op::Range { cap } => self.range(cap)?,
                Op::Begin { item, end } => {
                    if !self.begin(item.0.into())? {
                        at = end.0 as usize;
                    }
                }
                Op::Next { item, body } => {
                    self.check_output()?;
                    if self.advance(item.0.into())? {
                        at = body.0 as usize;
                    }
                }
                Op::EndLoop { item } => self.end_loop(item.0.into(), floor)?,
                Op::Break {
                    height,
                    capture,
                    count,
                    to,
                } => {
                    self.unwind(floor, height, capture, count)?;
                    at = to.0 as usize;
                }
                Op::BreakScope {
                    height,
                    capture,
                    count,
                    to,
                } => {
                    let state =
                        (floor + usize::from(height)).checked_sub(loops::FRAME - loops::STATE);
                    let state = state
                        .and_then(|at| self.heap.scratch.stack().get(at))
                        .copied();
                    let wanted = *self.top()?;
                    if matches!(wanted, Value::Object(_)) && state == Some(wanted) {
                        self.unwind(floor, height, capture, count)?;
                        at = to.0 as usize;
                    }
                }
                Op::NoScope {} => return Err(Failure::BadArgument),
                Op::PushNull {} => self.push(Value::Null)?,
                Op::Stop {} => {
                    if self.captures > 0 {
                        self.heap.scratch.truncate_out(self.first_capture);
                    }
                    return Ok(Flow::Stop);
                }
                Op::Capture {} => {
                    let mark = self.heap.scratch.out_len();
                    if self.captures == 0 {
                        self.first_capture = mark;
                    }
                    self.captures += 1;
                    self.push(Value::Int(mark as i64))?;
                }
                Op::Captured {} => {
                    let Value::Int(mark) = self.pop()? else {
                        return Err(Failure::Corrupt);
                    };
                    self.captures = self.captures.saturating_sub(1);
                    let text = self.heap.scratch.cut_out((mark as usize).max(self.start));
                    self.push(Value::Text(text))?;
                }
                Op::Define { slot, after } => {
                    let start = self.heap.scratch.push_cell(Value::Int(at as i64))?;
                    let block = Object {
                        kind: Kind::Block,
                        start,
                        len: 1,
                        room: 1,
                        ..Object::default()
                    };
                    let id = self.heap.scratch.push_object(block)?;
                    self.set_local(slot.0.into(), Value::Object(id));
                    at = after.0 as usize;
                }
                Op::SetProperty { name } => {
                    let value = self.pop()?;
                    let object = self.pop()?;
                    let key = Value::Text(program.literal(name.off, name.len));
                    self.set_member(object, key, value)?;
                }
                Op::SetIndex {} => {
                    let value = self.pop()?;
                    let index = self.pop()?;
                    let object = self.pop()?;
                    self.set_index(object, index, value)?;
                }
                Op::InputPath { path } => {
                    let found = self.find(program.paths.get(path.0 as usize..).unwrap_or(&[]))?;
                    self.push(found)?;
                }
                Op::InputJson { path } => {
                    let found = self.find(program.paths.get(path.0 as usize..).unwrap_or(&[]))?;
                    let text = self.json_text(found)?;
                    self.push(text)?;
                }
                Op::PrintInput { path } => {
                    let found = self.find(program.paths.get(path.0 as usize..).unwrap_or(&[]))?;
                    match found {
                        Value::Missing | Value::Null => self.heap.scratch.emit(b"\"\"")?,
                        found => self.heap.print(found, Style::Json)?,
                    }
                    self.check_output()?;
                }
            }
        }
    }

    fn check_output(&self) -> Result<(), Failure> {
        let length = self.heap.scratch.out_len().saturating_sub(self.start);
        if length > self.settings.limits.output as usize {
            Err(Failure::Output)
        } else {
            Ok(())
        }
    }

    /// Where the last `count` values of the stack begin.
    pub(super) fn operands(&self, count: usize, floor: usize) -> Result<usize, Failure> {
        self.heap
            .scratch
            .height()
            .checked_sub(count)
            .filter(|height| *height >= floor)
            .ok_or(Failure::Corrupt)
    }

    // ---- printing

    /// Prints a value; a block renders.
    fn print(&mut self, value: Value, source: Option<Str>) -> Result<Flow, Failure> {
        if let Some(code) = self.block(value) {
            return self.render_block(code, source);
        }
        self.heap.print(value, Style::Java)?;
        Ok(Flow::End)
    }

    #[inline]
    fn block(&self, value: Value) -> Option<u32> {
        let Value::Object(_) = value else { return None };
        let object = self.heap.object(value)?;
        match (object.kind, self.heap.scratch.cell(object.start)) {
            (Kind::Block, Some(Value::Int(code))) => u32::try_from(code).ok(),
            _ => None,
        }
    }

    fn render_block(&mut self, code: u32, source: Option<Str>) -> Result<Flow, Failure> {
        let found = self
            .blocks
            .iter()
            .position(|(block, depth)| *depth > 0 && *block == code);
        let free = self.blocks.iter().position(|(_, depth)| *depth == 0);
        let slot = found.or(free);
        let Some(entry) = slot.and_then(|slot| self.blocks.get_mut(slot)) else {
            return Err(Failure::Bound(crate::json::Bound::Depth));
        };
        if entry.1 >= BLOCK_DEPTH {
            if let Some(source) = source {
                let program = self.program;
                let bytes = program
                    .text
                    .get(source.off as usize..)
                    .and_then(|rest| rest.get(..source.len as usize))
                    .unwrap_or(&[]);
                self.heap.scratch.emit(bytes)?;
            }
            return Ok(Flow::End);
        }
        if self.depth >= self.settings.limits.depth {
            return Err(Failure::Bound(crate::json::Bound::Depth));
        }
        *entry = (code, entry.1 + 1);
        self.depth += 1;
        let floor = self.heap.scratch.height();
        let flow = self.execute(code as usize);
        self.heap.scratch.lower(floor);
        self.depth -= 1;
        if let Some(entry) = slot.and_then(|slot| self.blocks.get_mut(slot)) {
            entry.1 -= 1;
        }
        flow
    }

    /// The text of a value as `toString` gives it; a block is rendered.
    pub(super) fn text_of(&mut self, value: Value) -> Result<Text, Failure> {
        if let Some(code) = self.block(value) {
            let mark = self.heap.scratch.out_len();
            self.render_block(code, None)?;
            return Ok(self.heap.scratch.cut_out(mark));
        }
        Ok(self.heap.to_text(value, Style::Java)?)
    }

    fn unwind(
        &mut self,
        floor: usize,
        height: u16,
        capture: u16,
        count: u8,
    ) -> Result<(), Failure> {
        if count > 0 {
            let mark = self
                .heap
                .scratch
                .stack()
                .get(floor + usize::from(capture))
                .copied();
            let Some(Value::Int(mark)) = mark else {
                return Err(Failure::Corrupt);
            };
            self.heap
                .scratch
                .truncate_out((mark as usize).max(self.start));
            self.captures = self.captures.saturating_sub(count.into());
        }
        self.heap.scratch.lower(floor + usize::from(height));
        Ok(())
    }

    // ---- operators

    fn equal_operands(&mut self) -> Result<bool, Failure> {
        let right = self.pop()?;
        let left = self.pop()?;
        self.equal(left, right)
    }

    fn ordered(&mut self, test: impl Fn(core::cmp::Ordering) -> bool) -> Result<(), Failure> {
        let right = self.pop()?;
        let left = self.pop()?;
        let order = arithmetic::order(&self.heap, left, right);
        self.push(Value::Bool(order.is_some_and(test)))
    }

    fn add(&mut self) -> Result<(), Failure> {
        let right = self.pop()?;
        let left = self.pop()?;
        let nothing = |value| matches!(value, Value::Missing | Value::Null);
        let joins = matches!(left, Value::Text(_)) || matches!(right, Value::Text(_));
        let sum = if joins && !nothing(left) && !nothing(right) {
            let mark = self.heap.scratch.out_len();
            for side in [left, right] {
                let text = self.text_of(side)?;
                self.heap.emit(text)?;
            }
            Value::Text(self.heap.scratch.cut_out(mark))
        } else {
            arithmetic::apply(&mut self.heap, Operation::Add, left, right)?
        };
        self.push(sum)
    }

    fn arithmetic(&mut self, operation: Operation) -> Result<(), Failure> {
        let right = self.pop()?;
        let left = self.pop()?;
        let result = arithmetic::apply(&mut self.heap, operation, left, right)?;
        self.push(result)
    }

    fn range(&mut self, cap: u32) -> Result<(), Failure> {
        let to = self.pop()?;
        let from = self.pop()?;
        let (Some(from), Some(to)) = (
            arithmetic::int_value(&self.heap, from),
            arithmetic::int_value(&self.heap, to),
        ) else {
            return self.push(Value::Missing);
        };
        let count = (i64::from(to) - i64::from(from)).unsigned_abs() + 1;
        let count = count.min(u64::from(cap));
        self.heap.spend(count)?;
        let height = self.heap.scratch.height();
        for step in 0..count as i64 {
            let number = if to >= from {
                i64::from(from) + step
            } else {
                i64::from(from) - step
            };
            self.push(Value::Int(number))?;
        }
        let list = self.heap.list_above(Kind::List, height)?;
        self.push(list)
    }

    // ---- what the host gives

    fn context(&mut self) -> Result<Value, Failure> {
        if self.local(CONTEXT) == Value::Missing {
            if self.kept.context == Value::Missing {
                self.kept.context = self.host.context(&mut self.heap)?;
            }
            let context = self.kept.context;
            self.set_local(CONTEXT, context);
        }
        Ok(self.local(CONTEXT))
    }

    /// `$input.params()`.
    pub(super) fn params(&mut self) -> Result<Value, Failure> {
        if self.params == Value::Missing {
            let map = self.heap.map(Kind::Map)?;
            for place in Place::ALL {
                let inner = self.host.params(place, &mut self.heap)?;
                self.heap.put_member(map, place.key().as_bytes(), inner)?;
            }
            self.params = map;
        }
        Ok(self.params)
    }

    /// The payload as a value; `None` if it is none.
    pub(super) fn document(&mut self) -> Result<Option<Value>, Failure> {
        if let Some(document) = self.document
            && !self.heap.touched
        {
            return Ok(document);
        }
        let body = self.host.body();
        let blank = self.heap.bytes(body).iter().all(u8::is_ascii_whitespace);
        let first = self.heap.scratch.objects_len();
        let document = if blank {
            None
        } else {
            match crate::json::parse(&mut self.heap, body, crate::json::Mode::Lenient) {
                Ok(value) => Some(value),
                Err(crate::json::JsonError::Bound(bound)) => return Err(bound.into()),
                Err(crate::json::JsonError::Syntax(_)) => None,
            }
        };
        self.heap.watch(first..self.heap.scratch.objects_len());
        self.document = Some(document);
        Ok(document)
    }

    /// What a compiled path finds in the payload; nothing in a payload that is not JSON.
    pub(super) fn find(&mut self, path: &[u8]) -> Result<Value, Failure> {
        let Some(document) = self.document()? else {
            return Ok(Value::Missing);
        };
        // A document that is `null` is no document to a path.
        if document == Value::Null {
            return Err(Failure::BadPath);
        }
        match jsonpath::find(&mut self.heap, path, document) {
            Ok(found) => Ok(found.unwrap_or_default()),
            Err(jsonpath::PathError::Bound(bound)) => Err(bound.into()),
            Err(_) => Err(Failure::BadPath),
        }
    }

    /// `$input.json`: JSON text, `""` for nothing.
    pub(super) fn json_text(&mut self, found: Value) -> Result<Value, Failure> {
        if matches!(found, Value::Missing | Value::Null) {
            return Ok(self.heap.text(b"\"\"")?);
        }
        Ok(Value::Text(self.heap.to_text(found, Style::Json)?))
    }

    /// The name in an instruction, as bytes.
    pub(super) fn name(&self, name: Str) -> &'m [u8] {
        self.literal(name)
    }
}
