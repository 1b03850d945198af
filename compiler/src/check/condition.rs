//! Conditions in CEL, and the choices that are decided by them.

use std::collections::HashMap;

use tollgate_grammar::ast::{Block, Island, Item, ItemKind};
use tollgate_grammar::{NodeId, Span};
use tollgate_model::ScalarType;
use tollgate_model::condition::Expr;

use super::cx::Cx;
use crate::cel::{self, Constant, Fault, FaultKind, Scope};
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{
    CelLiteral, CelSyntax, CelType, CelUnknown, CelUnsupported, HoleNotHere, Undecided,
};
use crate::lower;

impl<'a> Cx<'a> {
    /// A condition over a request.
    pub(crate) fn condition(&mut self, cel: &Island) -> Option<Expr> {
        let params = |name: &str| self.constant(name);
        match cel::parse(&cel.text, &Scope::Request(&params)) {
            Ok(expression) => {
                for refused in lower::refused(&expression) {
                    let at = refused.part.unwrap_or(expression.at);
                    let kind = FaultKind::Unsupported(refused.message);
                    self.cel_fault(Fault { kind, at }, cel);
                }
                Some(expression)
            }
            Err(fault) => {
                self.cel_fault(fault, cel);
                None
            }
        }
    }

    /// Whether the condition of a choice holds.
    fn holds(&mut self, cel: &Island) -> Option<bool> {
        let params = |name: &str| self.constant(name);
        let expression = match cel::parse(&cel.text, &Scope::Params(&params)) {
            Ok(expression) => expression,
            Err(fault) => {
                self.cel_fault(fault, cel);
                return None;
            }
        };
        match cel::constant(&expression) {
            Some(Constant::Bool(holds)) => Some(holds),
            _ => {
                let span = self.span(cel.id);
                self.report(Undecided {}.at(span));
                None
            }
        }
    }

    /// Decides every choice below, by the parameters.
    pub(crate) fn decide(&mut self, items: &'a [Item], choices: &mut HashMap<NodeId, bool>) {
        for item in items {
            match &item.kind {
                ItemKind::Choice(choice) => {
                    if let Some(holds) = self.holds(&choice.condition) {
                        choices.insert(self.node(choice.condition.id), holds);
                    }
                    self.decide(&choice.then.items, choices);
                    self.decide_block(&choice.otherwise, choices);
                }
                ItemKind::Sentence(sentence) => self.decide_block(&sentence.block, choices),
                ItemKind::Broken(block) => self.decide_block(block, choices),
                ItemKind::Entry(_) => {}
            }
        }
    }

    fn decide_block(&mut self, block: &'a Option<Block>, choices: &mut HashMap<NodeId, bool>) {
        if let Some(block) = block {
            self.decide(&block.items, choices);
        }
    }

    /// The value of a parameter, if it is known when the program is built.
    fn constant(&self, name: &str) -> Option<Constant> {
        let text = self.param_value(name)?;
        let param = self.world.params.iter().find(|param| param.name == name)?;
        Some(match param.ty {
            ScalarType::Int => Constant::Int(text.parse().ok()?),
            ScalarType::Number => Constant::Double(text.parse().ok()?),
            ScalarType::Bool => Constant::Bool(text == "true"),
            _ => Constant::Text(text.to_owned()),
        })
    }

    fn cel_fault(&mut self, fault: Fault, cel: &Island) {
        let whole = self.span(cel.id);
        // The places of an island are those of its text, byte for byte, unless it was made.
        let span = match self.world.map.slice(whole) == cel.text {
            true => Span::new(
                whole.file,
                whole.start + fault.at.0,
                whole.start + fault.at.1,
            ),
            false => whole,
        };
        let finding = match fault.kind {
            FaultKind::Syntax(why) => CelSyntax { why }.at(span),
            FaultKind::Type(why) => CelType { why }.at(span),
            FaultKind::Unsupported(what) => CelUnsupported { what }.at(span),
            FaultKind::Literal(why) => CelLiteral { why }.at(span),
            FaultKind::Unknown(name, near) => {
                let declared = name
                    .strip_prefix("param.")
                    .is_some_and(|name| self.world.params.iter().any(|param| param.name == name));
                if declared {
                    HoleNotHere {
                        hole: name,
                        expected: "a value that is known when the program is built",
                    }
                    .at(span)
                } else {
                    let help = near.map(|near| format!("did you mean `{near}`?"));
                    CelUnknown { name }.at(span).maybe_help(help)
                }
            }
        };
        self.report(finding);
    }
}
