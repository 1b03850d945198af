//! Assignments that assign nothing.

use tollgate_grammar::vtl::{Access, Node, Template};

use super::visit::{Visitor, walk_block, walk_node};
use super::{TemplateNote, TemplateNoteKind};

/// Every `#set` whose left side is none: Velocity evaluates the right side and lets it go.
pub(super) fn without_effect(template: &Template) -> Vec<TemplateNote> {
    let mut targets = Targets(Vec::new());
    walk_block(&mut targets, &template.block);
    targets.0
}

struct Targets(Vec<TemplateNote>);

impl Visitor for Targets {
    fn node(&mut self, node: &Node) {
        if let Node::Set { target, .. } = node {
            let name = &target.name.text;
            let found = match target.path.last() {
                None if target.formal || target.quiet => Some((
                    format!(
                        "`#set` sets nothing by this name: not `${name}`, which is written without `!` and braces"
                    ),
                    Some(format!("write `${name}`")),
                )),
                Some(Access::Method { .. }) => Some((
                    "`#set` sets nothing: what a method gives is not set".to_owned(),
                    None,
                )),
                _ => None,
            };
            if let Some((message, help)) = found {
                self.0.push(TemplateNote {
                    kind: TemplateNoteKind::SetsNothing,
                    span: target.span,
                    message,
                    help,
                });
            }
        }
        walk_node(self, node);
    }
}
