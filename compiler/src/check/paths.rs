//! Path templates, and which of them cannot stand side by side.

use std::collections::HashMap;

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Value, ValueKind};
use tollgate_model::api::{PathTemplate, RouteKey, Segment};

use super::cx::Cx;
use super::route::CheckedRoute;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{
    BadPath, DuplicateRoute, GreedyNotLast, RepeatedPathParameter, VariableSibling,
};

impl<'a> Cx<'a> {
    /// The text of a path operand: `/pets/{pet}`, or text where no gate path can say it.
    pub(crate) fn path_text(&mut self, value: &'a Value) -> Option<String> {
        match &value.kind {
            ValueKind::Path(path) if !value.optional => Some(path.clone()),
            ValueKind::Text(text) if !value.optional => self.literal_text(text),
            _ => self.wrong_type(value, "a path"),
        }
    }

    /// A path template.
    pub(crate) fn path_template(&mut self, value: &'a Value) -> Option<PathTemplate> {
        let text = self.path_text(value)?;
        let span = self.span(value.id);
        let mut bad = |path: &str, why: String| {
            self.report(
                BadPath {
                    path: path.to_owned(),
                    why,
                }
                .at(span),
            );
            None
        };
        let Some(rest) = text.strip_prefix('/') else {
            return bad(&text, "it does not start with `/`".to_owned());
        };
        // The reference ignores slashes at the end when it matches.
        let rest = rest.trim_end_matches('/');
        let mut segments = Vec::new();
        let mut names: Vec<&str> = Vec::new();
        let parts: Vec<&str> = rest.split('/').collect();
        let last = parts.len() - 1;
        for (at, part) in parts.into_iter().enumerate() {
            if rest.is_empty() {
                break;
            }
            let inner = part
                .strip_prefix('{')
                .and_then(|part| part.strip_suffix('}'));
            let Some(inner) = inner else {
                if part.is_empty() {
                    return bad(&text, "a segment is empty".to_owned());
                }
                if part.contains(['{', '}']) {
                    return bad(
                        &text,
                        format!("a parameter takes a whole segment, and `{part}` has more"),
                    );
                }
                if let Some(c) = part.chars().find(|c| !is_segment_char(*c)) {
                    return bad(&text, format!("`{c}` cannot stand in a segment"));
                }
                segments.push(Segment::Literal(part.to_owned()));
                continue;
            };
            let (name, greedy) = match inner.strip_suffix('+') {
                Some(name) => (name, true),
                None => (inner, false),
            };
            if name.is_empty() || name.contains(['{', '}', '+']) {
                return bad(&text, format!("`{part}` names no parameter"));
            }
            if greedy && at != last {
                self.report(
                    GreedyNotLast {
                        part: part.to_owned(),
                    }
                    .at(span),
                );
                return None;
            }
            if names.contains(&name) {
                self.report(
                    RepeatedPathParameter {
                        name: name.to_owned(),
                    }
                    .at(span),
                );
                return None;
            }
            names.push(name);
            segments.push(if greedy {
                Segment::Greedy(name.to_owned())
            } else {
                Segment::Parameter(name.to_owned())
            });
        }
        Some(PathTemplate { segments })
    }
}

/// What may stand in a literal segment: what a request target may hold there unescaped,
/// and escapes.
fn is_segment_char(c: char) -> bool {
    c.is_alphanumeric() || "-._~!$&'()+,;=:@%".contains(c)
}

/// Reports routes that are the same, and paths with two variable parts at one place; of
/// each only the first stays.
pub(crate) fn conflicts(cx: &mut Cx<'_>, routes: &mut Vec<CheckedRoute>) {
    /// A resource of the tree: its children by literal, and its one variable child.
    #[derive(Default)]
    struct Resource {
        literals: HashMap<String, usize>,
        variable: Option<(String, Span, usize)>,
    }

    let mut tree = vec![Resource::default()];
    let mut first: HashMap<RouteKey, Span> = HashMap::with_capacity(routes.len());
    routes.retain(|checked| {
        let RouteKey::Http { path, .. } = &checked.route.key else {
            return true;
        };
        let mut at = 0;
        for segment in &path.segments {
            let next = tree.len();
            let part = match segment {
                Segment::Literal(literal) => {
                    let child = *tree[at].literals.entry(literal.clone()).or_insert(next);
                    if child == next {
                        tree.push(Resource::default());
                    }
                    at = child;
                    continue;
                }
                Segment::Parameter(name) => format!("{{{name}}}"),
                Segment::Greedy(name) => format!("{{{name}+}}"),
            };
            let child = match &tree[at].variable {
                Some((existing, _, child)) if *existing == part => *child,
                Some((existing, span, _)) => {
                    cx.report(
                        VariableSibling {
                            existing: existing.clone(),
                            part,
                        }
                        .at(checked.path_span)
                        .also(*span, "the other one is here"),
                    );
                    return false;
                }
                None => {
                    tree[at].variable = Some((part, checked.path_span, next));
                    tree.push(Resource::default());
                    next
                }
            };
            at = child;
        }
        match first.get(&checked.route.key) {
            Some(span) => {
                cx.report(
                    DuplicateRoute {
                        route: checked.route.key.display(),
                    }
                    .at(checked.path_span)
                    .also(*span, "first here"),
                );
                false
            }
            None => {
                first.insert(checked.route.key.clone(), checked.path_span);
                true
            }
        }
    });
}
