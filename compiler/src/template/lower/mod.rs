//! Lowering: one walk over the tree, instructions in the order of evaluation.

mod expression;

use std::collections::{HashMap, HashSet};

use tollgate_grammar::vtl::{
    Access, Block, Expr, ExprKind, Name, Node, Reference, Template, VtlSpan,
};
use tollgate_runtime::jsonpath;
use tollgate_runtime::vtl::regex;
use tollgate_runtime::vtl::{Method, Op, Path, ROOTS, Slot, Str, Target, assemble};

use super::survey::survey;
use super::{Compiled, TemplateNote, TemplateNoteKind, TooLarge};

/// Items of a range that a loop can reach: one more than its rounds, so that the limit is still noticed.
const LOOP_RANGE: u32 = 1001;

/// The number of a method that no class has.
const NO_METHOD: u16 = u16::MAX;

/// Compiles a template.
///
/// # Errors
/// [`TooLarge`] for one with more variables, items or arguments than a program can count.
pub fn compile(template: &Template) -> Result<Compiled, TooLarge> {
    let mut lower = Lower::default();
    for root in ROOTS {
        lower.slot(root, VtlSpan::default())?;
    }
    let found = survey(template);
    lower.assigned = found.assigned;
    lower.has_blocks = found.has_blocks;
    lower.body(&template.block)?;
    let slots = u16::try_from(lower.slots.len()).unwrap_or(u16::MAX);
    let blob = assemble(slots, &lower.code, lower.text.as_bytes(), &lower.paths);
    Ok(Compiled {
        blob,
        places: lower.places,
        notes: {
            let mut notes = lower.notes;
            notes.extend(super::members::unknown(template));
            notes.extend(super::targets::without_effect(template));
            notes
        },
    })
}

/// What `#break` leaves: the whole body, or a loop in it.
struct Frame {
    /// The stack's height inside, above the body's floor.
    height: usize,
    /// The captures open outside.
    captures: usize,
    /// Jumps to its end, to be patched.
    breaks: Vec<usize>,
}

#[derive(Default)]
struct Lower {
    code: Vec<u8>,
    text: String,
    texts: HashMap<String, Str>,
    paths: Vec<u8>,
    path_index: HashMap<String, Path>,
    slots: HashMap<String, u16>,
    assigned: HashSet<String>,
    has_blocks: bool,
    places: Vec<(u32, VtlSpan)>,
    /// Where the last instruction is, if it prints a text and nothing jumps behind it.
    last_text: Option<usize>,
    notes: Vec<TemplateNote>,
    /// Values on the stack above the body's floor.
    height: usize,
    /// The heights at which captures have their marks.
    captures: Vec<usize>,
    frames: Vec<Frame>,
}

impl Lower {
    fn too_large<T>(span: VtlSpan, message: &str) -> Result<T, TooLarge> {
        Err(TooLarge {
            span,
            message: message.into(),
        })
    }

    fn slot(&mut self, name: &str, span: VtlSpan) -> Result<Slot, TooLarge> {
        if let Some(slot) = self.slots.get(name) {
            return Ok(Slot(*slot));
        }
        let Ok(slot) = u16::try_from(self.slots.len()) else {
            return Self::too_large(span, "a template has at most 65,535 variables");
        };
        self.slots.insert(name.into(), slot);
        Ok(Slot(slot))
    }

    fn string(&mut self, text: &str) -> Str {
        if let Some(known) = self.texts.get(text) {
            return *known;
        }
        let place = Str {
            off: self.text.len() as u32,
            len: text.len() as u32,
        };
        self.text.push_str(text);
        self.texts.insert(text.into(), place);
        place
    }

    /// The place of the next instruction, to jump to.
    fn here(&mut self) -> u32 {
        self.last_text = None;
        self.code.len() as u32
    }

    /// Appends an instruction that changes the stack's height by `grows`.
    fn emit(&mut self, op: Op, grows: isize, span: VtlSpan) -> usize {
        let at = self.code.len();
        if self.places.last().is_none_or(|(_, last)| *last != span) {
            self.places.push((at as u32, span));
        }
        op.encode(&mut self.code);
        self.last_text = matches!(op, Op::Text { .. }).then_some(at);
        self.height = self.height.saturating_add_signed(grows);
        at
    }

    /// Takes back the text that is printed last, to print it with what follows.
    fn take_text(&mut self) -> Str {
        let nothing = Str { off: 0, len: 0 };
        let Some(at) = self.last_text.take() else {
            return nothing;
        };
        let Some((Op::Text { text }, _)) = Op::decode(&self.code, at) else {
            return nothing;
        };
        self.code.truncate(at);
        if self
            .places
            .last()
            .is_some_and(|(start, _)| *start as usize == at)
        {
            self.places.pop();
        }
        text
    }

    /// Replaces an instruction by one of the same size: a jump whose target is known now.
    fn patch(&mut self, at: usize, op: Op) {
        let mut bytes = Vec::new();
        op.encode(&mut bytes);
        if let Some(room) = self.code.get_mut(at..at + bytes.len()) {
            room.copy_from_slice(&bytes);
        }
    }

    /// A body that runs by itself: the template, or a `#define`.
    fn body(&mut self, block: &Block) -> Result<(), TooLarge> {
        let outer = (
            self.height,
            std::mem::take(&mut self.captures),
            std::mem::take(&mut self.frames),
        );
        self.height = 0;
        self.frames.push(Frame {
            height: 0,
            captures: 0,
            breaks: Vec::new(),
        });
        self.block(block)?;
        let end = Target(self.here());
        self.emit(Op::End {}, 0, VtlSpan::default());
        self.patch_breaks(end);
        (self.height, self.captures, self.frames) = outer;
        Ok(())
    }

    fn patch_breaks(&mut self, to: Target) {
        let Some(frame) = self.frames.pop() else {
            return;
        };
        for at in frame.breaks {
            match Op::decode(&self.code, at) {
                Some((
                    Op::Break {
                        height,
                        capture,
                        count,
                        ..
                    },
                    _,
                )) => self.patch(
                    at,
                    Op::Break {
                        height,
                        capture,
                        count,
                        to,
                    },
                ),
                Some((
                    Op::BreakScope {
                        height,
                        capture,
                        count,
                        ..
                    },
                    _,
                )) => self.patch(
                    at,
                    Op::BreakScope {
                        height,
                        capture,
                        count,
                        to,
                    },
                ),
                _ => {}
            }
        }
    }

    fn block(&mut self, block: &Block) -> Result<(), TooLarge> {
        block.nodes.iter().try_for_each(|node| self.node(node))
    }

    fn node(&mut self, node: &Node) -> Result<(), TooLarge> {
        match node {
            Node::Text { text, span } => self.print_text(text, *span),
            Node::Print {
                before,
                escaped,
                reference,
                source,
                span,
            } => {
                self.print_text(before, *span);
                if !escaped && self.print_json(reference, *span) {
                    return Ok(());
                }
                if !escaped && !self.has_blocks && self.print_member(reference)? {
                    return Ok(());
                }
                self.reference(reference, reference.path.len())?;
                if *escaped {
                    self.emit(Op::Drop {}, -1, *span);
                    self.print_text(source, *span);
                } else {
                    // Only a block that is already rendering prints its source.
                    let source = if self.has_blocks {
                        self.string(source)
                    } else {
                        Str { off: 0, len: 0 }
                    };
                    self.emit(Op::Print { source }, -1, *span);
                }
            }
            Node::Set {
                target,
                value,
                span,
            } => self.set(target, value, *span)?,
            Node::If {
                arms,
                otherwise,
                span,
            } => self.branches(arms, otherwise.as_ref(), *span)?,
            Node::Foreach {
                item,
                items,
                body,
                span,
            } => self.foreach(item, items, body, *span)?,
            Node::Define { name, body, span } => {
                let slot = self.slot(&name.text, name.span)?;
                let at = self.emit(
                    Op::Define {
                        slot,
                        after: Target(0),
                    },
                    0,
                    *span,
                );
                self.body(body)?;
                let after = Target(self.here());
                self.patch(at, Op::Define { slot, after });
            }
            Node::Break { scope, span } => self.leave(scope.as_ref(), *span)?,
            Node::Stop { span } => {
                self.emit(Op::Stop {}, 0, *span);
            }
            _ => {}
        }
        Ok(())
    }

    fn print_text(&mut self, text: &str, span: VtlSpan) {
        if !text.is_empty() {
            let text = self.string(text);
            self.emit(Op::Text { text }, 0, span);
        }
    }

    fn leave(&mut self, scope: Option<&Reference>, span: VtlSpan) -> Result<(), TooLarge> {
        let Some(scope) = scope else {
            let innermost = self.frames.len().saturating_sub(1);
            let op = self.exit(innermost, span)?;
            let at = self.emit(op, 0, span);
            self.note_break(innermost, at);
            return Ok(());
        };
        // `#break($foreach.parent)`: the loop that it is decides, from the innermost outwards.
        self.reference(scope, scope.path.len())?;
        for frame in (1..self.frames.len()).rev() {
            if let Op::Break {
                height,
                capture,
                count,
                to,
            } = self.exit(frame, span)?
            {
                let op = Op::BreakScope {
                    height,
                    capture,
                    count,
                    to,
                };
                let at = self.emit(op, 0, span);
                self.note_break(frame, at);
            }
        }
        self.emit(Op::NoScope {}, -1, span);
        Ok(())
    }

    fn note_break(&mut self, frame: usize, at: usize) {
        if let Some(frame) = self.frames.get_mut(frame) {
            frame.breaks.push(at);
        }
    }

    /// The jump out of a frame, its target open.
    fn exit(&self, frame: usize, span: VtlSpan) -> Result<Op, TooLarge> {
        let (height, captures) = self
            .frames
            .get(frame)
            .map_or((0, 0), |frame| (frame.height, frame.captures));
        let open = self.captures.get(captures..).unwrap_or(&[]);
        let numbers = (
            u16::try_from(height),
            u16::try_from(open.first().copied().unwrap_or(0)),
            u8::try_from(open.len()),
        );
        match numbers {
            (Ok(height), Ok(capture), Ok(count)) => Ok(Op::Break {
                height,
                capture,
                count,
                to: Target(0),
            }),
            _ => Self::too_large(span, "a `#break` stands too deep in strings"),
        }
    }

    fn set(&mut self, target: &Reference, value: &Expr, span: VtlSpan) -> Result<(), TooLarge> {
        let Some(last) = target.path.last() else {
            if target.formal || target.quiet {
                // Velocity sets nothing by the name of what would be printed.
                self.value(value)?;
                self.emit(Op::Drop {}, -1, span);
                return Ok(());
            }
            let slot = self.slot(&target.name.text, target.name.span)?;
            self.value(value)?;
            self.emit(Op::Store { slot }, -1, span);
            return Ok(());
        };
        self.reference(target, target.path.len() - 1)?;
        match last {
            Access::Property(name) => {
                self.value(value)?;
                let name = self.string(&name.text);
                self.emit(Op::SetProperty { name }, -2, span);
            }
            Access::Index { index, .. } => {
                self.value(index)?;
                self.value(value)?;
                self.emit(Op::SetIndex {}, -3, span);
            }
            // The result of a method cannot be set: Velocity evaluates the right side and lets it go.
            _ => {
                self.value(value)?;
                self.emit(Op::Drop {}, -1, span);
                self.emit(Op::Drop {}, -1, span);
            }
        }
        Ok(())
    }

    fn branches(
        &mut self,
        arms: &[(Expr, Block)],
        otherwise: Option<&Block>,
        span: VtlSpan,
    ) -> Result<(), TooLarge> {
        let mut ends = Vec::new();
        for (index, (condition, body)) in arms.iter().enumerate() {
            // A reference alone needs no truth value.
            let jump = |to| match condition.kind {
                ExprKind::Reference(_) => Op::JumpUnless { to },
                _ => Op::JumpIfFalse { to },
            };
            match &condition.kind {
                ExprKind::Reference(reference) => {
                    self.reference(reference, reference.path.len())?;
                }
                _ => self.condition(condition)?,
            }
            let skip = self.emit(jump(Target(0)), -1, condition.span);
            self.block(body)?;
            if index + 1 < arms.len() || otherwise.is_some() {
                ends.push(self.emit(Op::Jump { to: Target(0) }, 0, span));
            }
            let to = Target(self.here());
            self.patch(skip, jump(to));
        }
        if let Some(body) = otherwise {
            self.block(body)?;
        }
        let to = Target(self.here());
        ends.into_iter()
            .for_each(|at| self.patch(at, Op::Jump { to }));
        Ok(())
    }

    fn foreach(
        &mut self,
        item: &Name,
        items: &Expr,
        body: &Block,
        span: VtlSpan,
    ) -> Result<(), TooLarge> {
        let item = self.slot(&item.text, item.span)?;
        match &items.kind {
            ExprKind::Range(from, to) => self.range(from, to, LOOP_RANGE, items.span)?,
            _ => self.value(items)?,
        }
        let begin = self.emit(
            Op::Begin {
                item,
                end: Target(0),
            },
            8,
            span,
        );
        let body_at = Target(self.here());
        self.frames.push(Frame {
            height: self.height,
            captures: self.captures.len(),
            breaks: Vec::new(),
        });
        self.block(body)?;
        self.emit(
            Op::Next {
                item,
                body: body_at,
            },
            0,
            span,
        );
        let exit = Target(self.here());
        self.emit(Op::EndLoop { item }, -9, span);
        let end = Target(self.here());
        self.patch(begin, Op::Begin { item, end });
        self.patch_breaks(exit);
        Ok(())
    }

    /// Pushes what a reference leads to, by the first `steps` of its path; nothing if it leads nowhere.
    fn reference(&mut self, reference: &Reference, steps: usize) -> Result<(), TooLarge> {
        let path = reference.path.get(..steps).unwrap_or(&[]);
        let name = reference.name.text.as_str();
        let own = !self.assigned.contains(name);
        let rest = match (name, path) {
            (
                "input",
                [
                    Access::Method {
                        name, arguments, ..
                    },
                    rest @ ..,
                ],
            ) if own && self.input(&name.text, arguments, reference.span) => rest,
            ("context", _) if own => {
                self.emit(Op::LoadContext {}, 1, reference.span);
                path
            }
            ("stageVariables", _) if own => {
                self.emit(Op::LoadStage {}, 1, reference.span);
                path
            }
            _ => {
                let slot = self.slot(name, reference.name.span)?;
                match path {
                    [Access::Property(name), rest @ ..] => {
                        let text = self.string(&name.text);
                        self.emit(Op::LoadMember { slot, name: text }, 1, name.span);
                        rest
                    }
                    _ => {
                        self.emit(Op::Load { slot }, 1, reference.span);
                        path
                    }
                }
            }
        };
        rest.iter().try_for_each(|access| self.access(access))
    }

    /// `$input.path('…')` and `$input.json('…')` with a constant path; false for anything else.
    fn input(&mut self, method: &str, arguments: &[Expr], span: VtlSpan) -> bool {
        let [
            Expr {
                kind: ExprKind::Text(path),
                span: place,
            },
        ] = arguments
        else {
            return false;
        };
        if !matches!(method, "path" | "json") {
            return false;
        }
        let known = self.path_index.get(path.as_str()).copied();
        let compiled = match known {
            Some(known) => known,
            None => {
                let at = Path(self.paths.len() as u32);
                if let Err(error) = jsonpath::compile(path.as_bytes(), &mut self.paths) {
                    let message = match error {
                        jsonpath::PathError::Syntax(at) => {
                            format!(
                                "the JSONPath `{path}` cannot be read from character {} on",
                                at + 1
                            )
                        }
                        _ => format!("the JSONPath `{path}` cannot be read"),
                    };
                    self.notes.push(TemplateNote {
                        kind: TemplateNoteKind::BadPath,
                        span: *place,
                        message,
                        help: None,
                    });
                    return false;
                }
                self.path_index.insert(path.clone(), at);
                at
            }
        };
        let op = if method == "json" {
            Op::InputJson { path: compiled }
        } else {
            Op::InputPath { path: compiled }
        };
        self.emit(op, 1, span);
        true
    }

    /// Prints a property of a variable, with the text before it.
    fn print_member(&mut self, reference: &Reference) -> Result<bool, TooLarge> {
        let variable = reference.name.text.as_str();
        let built = matches!(variable, "context" | "stageVariables");
        let [Access::Property(name)] = reference.path.as_slice() else {
            return Ok(false);
        };
        if built && !self.assigned.contains(variable) {
            return Ok(false);
        }
        let slot = self.slot(variable, reference.name.span)?;
        let text = self.take_text();
        let member = self.string(&name.text);
        let op = Op::PrintMember {
            text,
            slot,
            name: member,
        };
        self.emit(op, 0, name.span);
        Ok(true)
    }

    /// Prints `$input.json('…')` with a constant path, without a text of its own between.
    fn print_json(&mut self, reference: &Reference, span: VtlSpan) -> bool {
        let [
            Access::Method {
                name, arguments, ..
            },
        ] = reference.path.as_slice()
        else {
            return false;
        };
        let json = reference.name.text == "input"
            && name.text == "json"
            && !self.assigned.contains("input");
        let start = self.code.len();
        if !json || !self.input("json", arguments, span) {
            return false;
        }
        if let Some((Op::InputJson { path }, _)) = Op::decode(&self.code, start) {
            self.patch(start, Op::PrintInput { path });
            self.height = self.height.saturating_sub(1);
        }
        true
    }

    fn access(&mut self, access: &Access) -> Result<(), TooLarge> {
        match access {
            Access::Property(name) => {
                let text = self.string(&name.text);
                self.emit(Op::Property { name: text }, 0, name.span);
            }
            Access::Method {
                name,
                arguments,
                span,
            } => {
                let Ok(count) = u8::try_from(arguments.len()) else {
                    return Self::too_large(*span, "a method takes at most 255 arguments");
                };
                arguments
                    .iter()
                    .try_for_each(|argument| self.value(argument))?;
                let method = Method::named(&name.text);
                self.check_pattern(method, arguments);
                let method = method.map_or(NO_METHOD, |method| method as u16);
                self.emit(Op::Method { method, count }, -isize::from(count), *span);
            }
            Access::Index { index, span } => {
                self.value(index)?;
                self.emit(Op::Index {}, -1, *span);
            }
            _ => {}
        }
        Ok(())
    }

    /// Notes a constant pattern that will fail.
    fn check_pattern(&mut self, method: Option<Method>, arguments: &[Expr]) {
        let takes = matches!(
            method,
            Some(Method::ReplaceAll | Method::ReplaceFirst | Method::Matches | Method::Split)
        );
        let (
            true,
            Some(Expr {
                kind: ExprKind::Text(pattern),
                span,
            }),
        ) = (takes, arguments.first())
        else {
            return;
        };
        let message = match regex::compile(
            pattern.as_bytes(),
            regex::Flags::default(),
            &mut Vec::new(),
        ) {
            Ok(()) => return,
            Err(regex::BadPattern::Syntax(at)) => format!(
                "the pattern `{pattern}` cannot be read from character {} on",
                at + 1
            ),
            Err(regex::BadPattern::Unsupported(_)) => {
                format!(
                    "the pattern `{pattern}` is not supported: it has a back-reference, a group in look-around, a possessive repeat of alternatives, or names characters by a table that is not here"
                )
            }
            Err(_) => format!("the pattern `{pattern}` is too large"),
        };
        self.notes.push(TemplateNote {
            kind: TemplateNoteKind::BadPattern,
            span: *span,
            message,
            help: None,
        });
    }
}
