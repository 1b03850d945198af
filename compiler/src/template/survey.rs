//! What a template assigns, and whether it has blocks: both change how its other parts are compiled.

use std::collections::HashSet;

use tollgate_grammar::vtl::{Access, Block, Expr, ExprKind, Node, Reference, Template};

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
    block(&template.block, &mut found);
    found
}

fn block(inside: &Block, found: &mut Survey) {
    for node in &inside.nodes {
        match node {
            Node::Set { target, value, .. } => {
                if target.path.is_empty() {
                    found.assigned.insert(target.name.text.clone());
                }
                expr(value, found);
            }
            Node::If {
                arms, otherwise, ..
            } => {
                for (condition, body) in arms {
                    expr(condition, found);
                    block(body, found);
                }
                if let Some(body) = otherwise {
                    block(body, found);
                }
            }
            Node::Foreach {
                item, items, body, ..
            } => {
                found.assigned.insert(item.text.clone());
                expr(items, found);
                block(body, found);
            }
            Node::Define { name, body, .. } => {
                found.assigned.insert(name.text.clone());
                found.has_blocks = true;
                block(body, found);
            }
            Node::Print {
                reference: shown, ..
            } => reference(shown, found),
            _ => {}
        }
    }
}

/// Strings are templates, so they may assign too.
fn expr(shown: &Expr, found: &mut Survey) {
    match &shown.kind {
        ExprKind::Interpolated(inside) => block(inside, found),
        ExprKind::Reference(inner) => reference(inner, found),
        ExprKind::List(items) => items.iter().for_each(|item| expr(item, found)),
        ExprKind::Map(entries) => entries.iter().for_each(|(key, value)| {
            expr(key, found);
            expr(value, found);
        }),
        ExprKind::Not(inner) => expr(inner, found),
        ExprKind::Range(left, right) | ExprKind::Binary(_, left, right) => {
            expr(left, found);
            expr(right, found);
        }
        _ => {}
    }
}

fn reference(shown: &Reference, found: &mut Survey) {
    for access in &shown.path {
        match access {
            Access::Method { arguments, .. } => {
                arguments.iter().for_each(|argument| expr(argument, found))
            }
            Access::Index { index, .. } => expr(index, found),
            _ => {}
        }
    }
}
