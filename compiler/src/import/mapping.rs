//! Expressions of parameter mappings as places and texts of gate.

use tollgate_grammar::Span;
use tollgate_grammar::ast::{Arg, Value, ValueKind};

use super::build::{At, at};
use super::openapi::Import;
use super::text::{Holes, plain};
use crate::document::write::Part;

/// Which request or response a mapping's sources are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The client's request.
    Request,
    /// The backend's answer.
    Response,
}

/// A source, as far as it is a place.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Source<'t> {
    Place(Vec<At>),
    /// A body at a JSONPath that is no place.
    JsonPath(Vec<At>, &'t str),
    Literal(&'t str),
}

/// The place that an expression names; none if it is no expression, or is no place.
pub(super) fn place(text: &str, side: Side) -> Option<Vec<At>> {
    match source(text, side)? {
        Source::Place(place) => Some(place),
        _ => None,
    }
}

/// Whether a text is an expression.
pub(super) fn is_source(text: &str, side: Side) -> bool {
    source(text, side).is_some()
}

fn source(text: &str, side: Side) -> Option<Source<'_>> {
    if let Some(literal) = text
        .strip_prefix('\'')
        .and_then(|text| text.strip_suffix('\''))
    {
        return Some(Source::Literal(literal));
    }
    let bare = text.strip_prefix('$').unwrap_or(text);
    if let Some(name) = bare.strip_prefix("stageVariables.") {
        return (!name.is_empty()).then(|| Source::Place(at(&["stage", name])));
    }
    if let Some(path) = bare.strip_prefix("context.") {
        let mut place = at(&["context"]);
        place.extend(steps(path)?);
        return Some(Source::Place(place));
    }
    // `$request.…` and `$response.…` are what HTTP APIs write.
    let before: &[&str] = match side {
        Side::Request => &["method.request.", "request.", "integration.request."],
        Side::Response => &["integration.response.", "response."],
    };
    let rest = before.iter().find_map(|before| bare.strip_prefix(before))?;
    let (kind, name) = rest.split_once('.').unwrap_or((rest, ""));
    let mut place = match side {
        Side::Request => Vec::new(),
        Side::Response => at(&["response"]),
    };
    match kind {
        // A JSONPath may begin with a bracket: `body[0].a`.
        _ if kind == "body" || kind.starts_with("body[") => {
            let path = rest.get("body".len()..).unwrap_or_default();
            let path = path.strip_prefix('.').unwrap_or(path);
            place.push(At::Name("body".into()));
            if path.is_empty() {
                return Some(Source::Place(place));
            }
            return Some(match steps(path) {
                Some(steps) => {
                    place.extend(steps);
                    Source::Place(place)
                }
                None => Source::JsonPath(place, path),
            });
        }
        "statuscode" if side == Side::Response => place.push(At::Name("status".into())),
        "path" if side == Side::Request && name.is_empty() => place.push(At::Name("path".into())),
        _ if name.is_empty() => return None,
        "header" => place.extend(at(&["header", name])),
        "multivalueheader" | "multivalueheaders" => place.extend(at(&["multivalueheader", name])),
        "querystring" if side == Side::Request => place.extend(at(&["query", name])),
        "multivaluequerystring" if side == Side::Request => {
            place.extend(at(&["multivaluequery", name]))
        }
        "path" if side == Side::Request => place.extend(at(&["path", name])),
        _ => return None,
    }
    Some(Source::Place(place))
}

/// The steps of a path of names, `[0]` and `['key']`; none if it is more than that.
fn steps(path: &str) -> Option<Vec<At>> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(inside) = rest.strip_prefix('[') {
            let end = inside.find(']')?;
            let index = &inside[..end];
            let quoted = |quote: char| {
                index
                    .strip_prefix(quote)
                    .and_then(|index| index.strip_suffix(quote))
            };
            match quoted('\'').or_else(|| quoted('"')) {
                Some(key) => steps.push(At::Key(key.to_owned())),
                None => steps.push(At::Index(index.parse().ok()?)),
            }
            rest = &inside[end + 1..];
            continue;
        }
        let name = if steps.is_empty() {
            rest
        } else {
            rest.strip_prefix('.')?
        };
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (name, after) = name.split_at(end);
        let fits = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ':' | '$' | '/'));
        if !fits || name == "$" {
            return None;
        }
        steps.push(At::Name(name.to_owned()));
        rest = after;
    }
    (!steps.is_empty()).then_some(steps)
}

impl Import<'_> {
    /// The value that an expression is; none if it is no expression.
    pub(super) fn source(&mut self, span: Span, text: &str, side: Side) -> Option<Value> {
        Some(match source(text, side)? {
            Source::Place(place) => self.place_value(span, &place),
            Source::Literal(literal) => self.text_from(span, plain(literal, Holes::Import)),
            Source::JsonPath(place, path) => self.call(span, &place, |this, args| {
                let value = this.literal(span, path);
                args.push(Arg { name: None, value });
            }),
        })
    }

    /// The value of an HTTP API's expression: a source, or text in which sources stand as
    /// `$request.header.x` or `${request.header.x}`.
    pub(super) fn http_source(&mut self, span: Span, text: &str, side: Side) -> Value {
        if text.starts_with('$')
            && let Some(Source::Place(place)) = source(text, side)
        {
            return self.place_value(span, &place);
        }
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some(start) = rest.find('$') {
            literal.push_str(&rest[..start]);
            let after = &rest[start + 1..];
            let braced = after.strip_prefix('{').and_then(|inside| {
                let end = inside.find(['}', '{'])?;
                Some((&inside[..end], inside[end..].strip_prefix('}')?))
            });
            let (expression, next) = braced.unwrap_or_else(|| {
                let is_end = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'));
                after.split_at(after.find(is_end).unwrap_or(after.len()))
            });
            let names = place(expression, side).and_then(|steps| {
                steps
                    .into_iter()
                    .map(|step| {
                        if let At::Name(name) = step {
                            Some(name)
                        } else {
                            None
                        }
                    })
                    .collect::<Option<Vec<String>>>()
            });
            match names {
                Some(names) => {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                    parts.push(Part::Hole(names));
                    rest = next;
                }
                None => {
                    literal.push('$');
                    rest = after;
                }
            }
        }
        literal.push_str(rest);
        parts.push(Part::Literal(literal));
        let mut value = self.text_from(span, parts);
        value.optional = false;
        debug_assert!(matches!(value.kind, ValueKind::Text(_)));
        value
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(text: &str, side: Side) -> String {
        let steps = |steps: Vec<At>| {
            let shown = steps.into_iter().map(|step| match step {
                At::Name(name) => name,
                At::Index(index) => format!("#{index}"),
                At::Key(key) => format!("[{key}]"),
            });
            shown.collect::<Vec<_>>().join(" ")
        };
        match source(text, side) {
            None => "-".into(),
            Some(Source::Place(place)) => steps(place),
            Some(Source::JsonPath(place, path)) => format!("{} ({path})", steps(place)),
            Some(Source::Literal(text)) => format!("'{text}'"),
        }
    }

    #[test]
    fn request_expressions_are_places() {
        let cases = [
            ("method.request.header.X-A.b", "header X-A.b"),
            ("method.request.querystring.q", "query q"),
            ("method.request.path.id", "path id"),
            ("method.request.multivalueheader.h", "multivalueheader h"),
            (
                "method.request.multivaluequerystring.q",
                "multivaluequery q",
            ),
            ("method.request.body", "body"),
            (
                "method.request.body.petstore.pets[0].name",
                "body petstore pets #0 name",
            ),
            ("method.request.body['a b'].c", "body [a b] c"),
            ("method.request.body.$.a", "body ($.a)"),
            ("method.request.body.a..b", "body (a..b)"),
            (
                "context.authorizer.claims['custom:x']",
                "context authorizer claims [custom:x]",
            ),
            ("$context.identity.sourceIp", "context identity sourceIp"),
            ("stageVariables.v", "stage v"),
            ("'*'", "'*'"),
            ("''", "''"),
            ("'", "-"),
            ("true", "-"),
            ("method.request.header.", "-"),
            ("method.request.cookie.x", "-"),
            ("integration.response.header.x", "-"),
            ("", "-"),
        ];
        for (text, expected) in cases {
            assert_eq!(show(text, Side::Request), expected, "{text}");
        }
    }

    #[test]
    fn response_expressions_are_places() {
        let cases = [
            ("integration.response.header.ETag", "response header ETag"),
            (
                "integration.response.multivalueheaders.x",
                "response multivalueheader x",
            ),
            ("integration.response.body", "response body"),
            ("integration.response.body.a.b", "response body a b"),
            ("integration.response.querystring.a", "-"),
            ("method.request.header.x", "-"),
            ("context.apiId", "context apiId"),
        ];
        for (text, expected) in cases {
            assert_eq!(show(text, Side::Response), expected, "{text}");
        }
    }
}
