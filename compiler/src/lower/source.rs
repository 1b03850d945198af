//! Mapping sources as loads.

use tollgate_model::integration::Source;
use tollgate_model::text::{Piece, Text};
use tollgate_runtime::Variable;

use super::Lowering;
use crate::ir::{ContextVariable, Instruction, Load, Program};

/// The load of a context variable, by its name behind `context.`; `None` for a name that has no value.
pub(super) fn context(name: &str) -> Option<Load> {
    if let Some(member) = name.strip_prefix("authorizer.") {
        return Some(Load::Authorizer(member.to_string()));
    }
    Variable::named(name.as_bytes()).map(|v| Load::Context(ContextVariable(v)))
}

/// A compiled JSONPath; `None` for a text that is none: it finds nothing.
fn json_path(path: &str) -> Option<Vec<u8>> {
    let mut code = Vec::new();
    tollgate_runtime::jsonpath::compile(path.as_bytes(), &mut code).ok()?;
    Some(code)
}

impl Lowering {
    /// The load of a source; `None` if the source never has a value.
    pub(super) fn load(&mut self, source: &Source) -> Option<Load> {
        Some(match source {
            Source::Static(text) => return self.static_load(text),
            Source::RequestHeader(name) => Load::Header(name.clone()),
            Source::RequestHeaders(name) => Load::Headers(name.clone()),
            Source::RequestQuery(name) => Load::Query(name.clone()),
            Source::RequestQueries(name) => Load::Queries(name.clone()),
            Source::RequestPath(name) => Load::Path(name.clone()),
            Source::RequestBody(None) => Load::Body,
            Source::RequestBody(Some(path)) => Load::BodyPath(json_path(path)?),
            Source::ResponseHeader(name) => Load::AnswerHeader(name.clone()),
            Source::ResponseHeaders(name) => Load::AnswerHeaders(name.clone()),
            Source::ResponseBody(None) => Load::AnswerBody,
            Source::ResponseBody(Some(path)) => Load::AnswerBodyPath(json_path(path)?),
            Source::ResponseStatus => Load::AnswerStatus,
            Source::Context(steps) => return context(&steps.join(".")),
            Source::StageVariable(name) => Load::Variable(name.clone()),
        })
    }

    /// The load of a mapping's source: a context variable that is no text is left out, as recorded.
    pub(super) fn mapped(&mut self, source: &Source) -> Option<Load> {
        match self.load(source) {
            Some(Load::Context(ContextVariable(Variable::RequestTimeEpoch))) => None,
            load => load,
        }
    }

    /// A text that no request changes: itself, or a slot if a stage does.
    pub(super) fn static_load(&mut self, text: &Text) -> Option<Load> {
        if let Some(literal) = text.as_literal() {
            return Some(Load::Text(literal.to_string()));
        }
        if text
            .pieces
            .iter()
            .any(|p| matches!(p, Piece::Placeholder(_) | Piece::Request(_)))
        {
            self.unsupported(
                text.node,
                "a text that only a request fills cannot stand here",
            );
            return None;
        }
        Some(Load::Slot(self.slot(text.pieces.clone(), text.node)))
    }

    /// A slot for a text that no request changes.
    pub(super) fn static_slot(&mut self, text: &Text) -> Option<u16> {
        match self.static_load(text)? {
            Load::Slot(slot) => Some(slot),
            _ => Some(self.slot(text.pieces.clone(), text.node)),
        }
    }

    /// A program that leaves a text in the accumulator; `{name}`s and requests are filled in.
    pub(super) fn text_program(&mut self, text: &Text) -> Program {
        let mut program = Program::default();
        let of_request = text
            .pieces
            .iter()
            .any(|p| matches!(p, Piece::Placeholder(_) | Piece::Request(_)));
        if !of_request {
            if let Some(load) = self.static_load(text) {
                program.push(Instruction::Load(load));
            }
            program.push(Instruction::End);
            return program;
        }
        program.push(Instruction::OutBegin);
        let mut joined: Vec<Piece> = Vec::new();
        for piece in &text.pieces {
            match piece {
                Piece::Placeholder(name) => {
                    self.flush(&mut joined, text, &mut program);
                    program.push(Instruction::OutPlaceholder(name.clone()));
                }
                Piece::Request(source) => {
                    self.flush(&mut joined, text, &mut program);
                    if let Some(load) = self.load(source) {
                        program.push(Instruction::Load(load));
                        program.push(Instruction::OutValue);
                    }
                }
                other => joined.push(other.clone()),
            }
        }
        self.flush(&mut joined, text, &mut program);
        program.push(Instruction::OutDone);
        program.push(Instruction::End);
        program
    }

    /// Pieces between two holes of the request are joined beforehand: one literal, or one slot.
    fn flush(&mut self, joined: &mut Vec<Piece>, text: &Text, program: &mut Program) {
        match joined.as_slice() {
            [] => {}
            [Piece::Literal(literal)] => program.push(Instruction::OutText(literal.clone())),
            _ => {
                let slot = self.slot(std::mem::take(joined), text.node);
                program.push(Instruction::OutSlot(slot));
            }
        }
        joined.clear();
    }
}
