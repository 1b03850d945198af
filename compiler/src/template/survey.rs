//! What a template assigns, and whether it has blocks: both change how its other parts are compiled.

use std::collections::HashSet;

use tollgate_grammar::vtl::{Node, Template};

use super::visit::{Visitor, walk_block, walk_node};

/// What was found.
#[derive(Default)]
pub(super) struct Survey {
    /// Variables that are assigned: `$input` and its like may be among them.
    pub(super) assigned: HashSet<String>,
    /// Whether there is a `#define`.
    pub(super) has_blocks: bool,
}

/// Walks a template once.
pub(super) fn survey(template: &Template) -> Survey {
    let mut found = Survey::default();
    walk_block(&mut found, &template.block);
    found
}

impl Visitor for Survey {
    fn node(&mut self, node: &Node) {
        match node {
            Node::Set { target, .. } if target.path.is_empty() => {
                self.assigned.insert(target.name.text.clone());
            }
            Node::Foreach { item, .. } => {
                self.assigned.insert(item.text.clone());
            }
            Node::Define { name, .. } => {
                self.assigned.insert(name.text.clone());
                self.has_blocks = true;
            }
            _ => {}
        }
        walk_node(self, node);
    }
}
