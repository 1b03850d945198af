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
        let Some(rest) = text.strip_prefix('/') else {
            return self.bad_path(span, &text, "it does not start with `/`");
        };
        // REST APIs ignore slashes at the end when they match; in HTTP APIs they would be another path.
        let http = self.is_http();
        let bare = rest.trim_end_matches('/');
        if http && bare.len() < rest.len() {
            return self.bad_path(span, &text, "a route of an HTTP API does not end in `/`");
        }
        let rest = bare;
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
                    return self.bad_path(span, &text, "a segment is empty");
                }
                if part.contains(['{', '}']) {
                    let why = format!("a parameter takes a whole segment, and `{part}` has more");
                    return self.bad_path(span, &text, why);
                }
                if let Some(c) = part.chars().find(|c| !is_segment_char(*c)) {
                    let why = format!("`{c}` cannot stand in a segment");
                    return self.bad_path(span, &text, why);
                }
                segments.push(Segment::Literal(part.to_owned()));
                continue;
            };
            let (name, greedy) = match inner.strip_suffix('+') {
                Some(name) => (name, true),
                None => (inner, false),
            };
            let named = |c: char| c.is_ascii_alphanumeric() || "._:-".contains(c);
            if name.is_empty()
                || name.contains(['{', '}', '+'])
                || (http && !name.chars().all(named))
            {
                let why = format!("`{part}` names no parameter");
                return self.bad_path(span, &text, why);
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

    fn bad_path<T>(&mut self, span: Span, path: &str, why: impl Into<String>) -> Option<T> {
        self.report(
            BadPath {
                path: path.to_owned(),
                why: why.into(),
            }
            .at(span),
        );
        None
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
    if cx.is_http() {
        return same_requests(cx, routes);
    }
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

/// Reports routes of an HTTP API that take the same requests: the names of parameters tell no two apart. Of each
/// only the first stays.
fn same_requests(cx: &mut Cx<'_>, routes: &mut Vec<CheckedRoute>) {
    let mut first: HashMap<RouteKey, Span> = HashMap::with_capacity(routes.len());
    routes.retain(|checked| {
        let mut shape = checked.route.key.clone();
        if let RouteKey::Http { path, .. } = &mut shape {
            for segment in &mut path.segments {
                match segment {
                    Segment::Literal(_) => {}
                    Segment::Parameter(name) | Segment::Greedy(name) => name.clear(),
                }
            }
        }
        let Some(span) = first.get(&shape) else {
            first.insert(shape, checked.path_span);
            return true;
        };
        cx.report(
            DuplicateRoute {
                route: checked.route.key.display(),
            }
            .at(checked.path_span)
            .also(*span, "first here"),
        );
        false
    });
}
