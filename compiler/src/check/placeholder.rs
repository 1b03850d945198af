//! `{name}` in the URI of an integration: what fills it.

use tollgate_grammar::Span;
use tollgate_model::integration::{
    Integration, MappingOp, RequestMapping, RequestTarget, Source, Target,
};
use tollgate_model::text::{Piece, Text};

use super::cx::Cx;
use super::text::push_literal;
use crate::diagnostic::codes::{UnboundPlaceholder, UnusedPathMapping};
use crate::diagnostic::{Finding, did_you_mean};

fn uri_mut(target: &mut Target) -> Option<&mut Text> {
    match target {
        Target::Mock => None,
        Target::Http { uri, .. } | Target::Lambda { uri, .. } | Target::Aws { uri, .. } => {
            Some(uri)
        }
    }
}

/// Turns a placeholder back into text.
pub(super) fn keep_braces(target: &mut Target, name: &str) {
    let Some(uri) = uri_mut(target) else { return };
    let mut pieces = Vec::with_capacity(uri.pieces.len());
    for piece in uri.pieces.drain(..) {
        match piece {
            Piece::Placeholder(other) if other == name => {
                push_literal(&mut pieces, &format!("{{{name}}}"))
            }
            Piece::Literal(literal) => push_literal(&mut pieces, &literal),
            other => pieces.push(other),
        }
    }
    uri.pieces = pieces;
}

/// Binds each `{name}` of the URI: to its mapping, else to the path parameter of that name.
pub(super) fn bind_placeholders(
    cx: &mut Cx<'_>,
    integration: &mut Integration,
    path: &[&str],
    route: Span,
) {
    let Some(uri) = uri_mut(&mut integration.target) else {
        return;
    };
    let names: Vec<String> = uri
        .pieces
        .iter()
        .filter_map(|piece| match piece {
            Piece::Placeholder(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    let uri_node = uri.node;
    for mapping in &integration.mappings {
        if let RequestTarget::Path(name) = &mapping.target
            && !names.contains(name)
        {
            let span = cx.tree.span(mapping.node.index);
            cx.report(UnusedPathMapping { name: name.clone() }.at(span));
        }
    }
    for name in names {
        let target = RequestTarget::Path(name.clone());
        if integration
            .mappings
            .iter()
            .any(|mapping| mapping.target == target)
        {
            continue;
        }
        if path.contains(&name.as_str()) {
            integration.mappings.push(RequestMapping {
                target,
                source: Source::RequestPath(name),
                op: MappingOp::Overwrite,
                node: uri_node,
            });
            continue;
        }
        let span = cx.tree.span(uri_node.index);
        let help = did_you_mean(&name, path.iter().copied());
        cx.report(
            UnboundPlaceholder { name }
                .at(span)
                .also(route, "for this route")
                .maybe_help(help),
        );
    }
}
