//! `if { param.env == "dev" } { … } else { … }`: decided when the program is built.

use std::collections::HashMap;

use tollgate_grammar::NodeId;
use tollgate_grammar::ast::{Block, Item, ItemKind};

use super::cx::Cx;

impl<'a> Cx<'a> {
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
}

impl<'a> Cx<'a> {
    fn holds(&mut self, cel: &'a tollgate_grammar::ast::Island) -> Option<bool> {
        use crate::diagnostic::Finding;
        let span = self.span(cel.id);
        self.report(
            crate::diagnostic::codes::NotSupportedYet {
                what: "a choice".to_owned(),
            }
            .at(span),
        );
        None
    }
}
