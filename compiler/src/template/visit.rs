//! One walk over a template for everyone who looks for something in it.

use tollgate_grammar::vtl::{Access, Block, Expr, ExprKind, Node, Reference};

/// Sees every node, expression and reference, in the order in which they are written. What is not
/// overridden goes on to the parts.
pub(crate) trait Visitor: Sized {
    fn node(&mut self, node: &Node) {
        walk_node(self, node);
    }

    fn expr(&mut self, expr: &Expr) {
        walk_expr(self, expr);
    }

    fn reference(&mut self, reference: &Reference) {
        walk_path(self, &reference.path);
    }
}

pub(crate) fn walk_block(visitor: &mut impl Visitor, block: &Block) {
    block.nodes.iter().for_each(|node| visitor.node(node));
}

/// The parts of a node. The target of an assignment is no reference that is read: only what stands in its
/// brackets is.
pub(crate) fn walk_node(visitor: &mut impl Visitor, node: &Node) {
    match node {
        Node::Set { target, value, .. } => {
            walk_path(visitor, &target.path);
            visitor.expr(value);
        }
        Node::If {
            arms, otherwise, ..
        } => {
            for (condition, body) in arms {
                visitor.expr(condition);
                walk_block(visitor, body);
            }
            if let Some(body) = otherwise {
                walk_block(visitor, body);
            }
        }
        Node::Foreach { items, body, .. } => {
            visitor.expr(items);
            walk_block(visitor, body);
        }
        Node::Define { body, .. } => walk_block(visitor, body),
        Node::Print { reference, .. } => visitor.reference(reference),
        _ => {}
    }
}

/// The parts of an expression. A string is a template of its own.
pub(crate) fn walk_expr(visitor: &mut impl Visitor, expr: &Expr) {
    match &expr.kind {
        ExprKind::Interpolated(inside) => walk_block(visitor, inside),
        ExprKind::Reference(reference) => visitor.reference(reference),
        ExprKind::List(items) => items.iter().for_each(|item| visitor.expr(item)),
        ExprKind::Map(entries) => entries.iter().for_each(|(key, value)| {
            visitor.expr(key);
            visitor.expr(value);
        }),
        ExprKind::Not(inner) => visitor.expr(inner),
        ExprKind::Range(left, right) | ExprKind::Binary(_, left, right) => {
            visitor.expr(left);
            visitor.expr(right);
        }
        _ => {}
    }
}

/// What stands in the brackets and parentheses of a reference.
pub(crate) fn walk_path(visitor: &mut impl Visitor, path: &[Access]) {
    for access in path {
        match access {
            Access::Method { arguments, .. } => {
                arguments.iter().for_each(|argument| visitor.expr(argument));
            }
            Access::Index { index, .. } => visitor.expr(index),
            _ => {}
        }
    }
}
