//! Where a mapped value comes from: `path.id`, `response.header.ETag`, `context.stage`.

use tollgate_grammar::ast::{Place, Step, Value, ValueKind};
use tollgate_model::integration::Source;

use super::cx::Cx;
use super::operands::name_of;
use super::text::{Hole, Holes};
use super::value::describe;
use crate::diagnostic::codes::{SourceNotHere, UnknownSource, WrongType};
use crate::diagnostic::{Finding, Fix, did_you_mean};

/// Where a source is read, which decides what there is to read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// The request on its way to the backend.
    Request,
    /// The backend's answer.
    Response,
    /// A gateway response: there is a request, and no answer.
    Gateway,
    /// What identifies a caller.
    Identity,
    /// What a cache key holds.
    CacheKey,
    /// An access log.
    Log,
}

impl Side {
    fn heads(self) -> &'static [&'static str] {
        match self {
            Side::Request => &[
                "header",
                "query",
                "path",
                "multivalueheader",
                "multivaluequery",
                "body",
                "context",
                "stage",
            ],
            Side::Response => &["response", "context", "stage"],
            Side::Gateway => &[
                "header",
                "query",
                "path",
                "multivalueheader",
                "multivaluequery",
                "context",
                "stage",
            ],
            Side::Identity => &["header", "query", "context", "stage"],
            Side::CacheKey => &[
                "path",
                "query",
                "header",
                "multivalueheader",
                "multivaluequery",
            ],
            Side::Log => &["context"],
        }
    }

    fn place(self) -> &'static str {
        match self {
            Side::Request => "an integration",
            Side::Response => "a response",
            Side::Gateway => "a gateway response",
            Side::Identity => "an authorizer's identity",
            Side::CacheKey => "a cache key",
            Side::Log => "an access log",
        }
    }

    pub(crate) fn no_concatenation(self) -> &'static str {
        "a `rest api` maps one source to one target; to join several, write a template"
    }
}

impl<'a> Cx<'a> {
    /// A value as a source.
    pub(crate) fn source(&mut self, value: &'a Value, side: Side) -> Option<Source> {
        match &value.kind {
            ValueKind::Text(text)
                if !matches!(side, Side::Identity | Side::CacheKey | Side::Log) =>
            {
                self.text_pieces(text, Holes::Stage).map(Source::Static)
            }
            ValueKind::Place(place) if !value.optional => self.source_place(place, side),
            ValueKind::Call(call) if matches!(call.args.as_slice(), [arg] if arg.name.is_none()) => {
                let arg = call.args.first()?;
                let path = self.literal(&arg.value)?;
                let head = call.place.head();
                let whole = call.place.steps.len() == 1;
                match (head, side) {
                    ("body", Side::Request) if whole => Some(Source::RequestBody(Some(path))),
                    ("response", Side::Response)
                        if super::cx::second(&call.place).as_deref() == Some("body") =>
                    {
                        Some(Source::ResponseBody(Some(path)))
                    }
                    _ => self.unknown_source(&call.place, side),
                }
            }
            _ => {
                let span = self.span(value.id);
                let found = describe(value);
                self.report(
                    WrongType {
                        expected: "a source".to_owned(),
                        found,
                    }
                    .at(span)
                    .with_help(format!(
                        "{} reads {}",
                        side.place(),
                        heads(side)
                    )),
                );
                None
            }
        }
    }

    fn source_place(&mut self, place: &'a Place, side: Side) -> Option<Source> {
        let head = place.head();
        if matches!(head, "param" | "aws") {
            let mut text = tollgate_model::text::Text {
                pieces: Vec::new(),
                node: self.node(place.id),
            };
            match self.hole(place)? {
                Hole::Known(known) => super::text::push_literal(&mut text.pieces, &known),
                Hole::Param(name) => text.pieces.push(tollgate_model::text::Piece::Param(name)),
                _ => return None,
            }
            return Some(Source::Static(text));
        }
        if !side.heads().contains(&head) {
            return self.unknown_source(place, side);
        }
        let name = super::cx::second(place);
        let named = |make: fn(String) -> Source| name.clone().map(make);
        let source = match head {
            "header" => named(Source::RequestHeader),
            "query" => named(Source::RequestQuery),
            "path" => named(Source::RequestPath),
            "multivalueheader" => named(Source::RequestHeaders),
            "multivaluequery" => named(Source::RequestQueries),
            "body" => Some(Source::RequestBody(json_path(&place.steps[1..]))),
            "context" => {
                let steps = steps_text(&place.steps[1..]);
                (!steps.is_empty()).then_some(Source::Context(steps))
            }
            "stage" => {
                let name = name?;
                let span = self.span(place.id);
                match self.variable(&name, span)? {
                    Hole::StageName => Some(Source::Context(vec!["stage".to_owned()])),
                    _ => Some(Source::StageVariable(name)),
                }
            }
            "response" => match place.steps.get(1) {
                Some(Step::Name(part)) => match (part.text.as_str(), &place.steps[2..]) {
                    ("header", [Step::Name(name)]) => {
                        Some(Source::ResponseHeader(name.text.clone()))
                    }
                    ("header", [Step::Key(key)]) => key
                        .literal()
                        .map(|name| Source::ResponseHeader(name.to_owned())),
                    ("multivalueheader", [Step::Name(name)]) => {
                        Some(Source::ResponseHeaders(name.text.clone()))
                    }
                    ("multivalueheader", [Step::Key(key)]) => key
                        .literal()
                        .map(|name| Source::ResponseHeaders(name.to_owned())),
                    ("body", rest) => Some(Source::ResponseBody(json_path(rest))),
                    _ => None,
                },
                _ => None,
            },
            _ => None,
        };
        match source {
            Some(source) => Some(source),
            None => self.unknown_source(place, side),
        }
    }

    fn unknown_source<T>(&mut self, place: &Place, side: Side) -> Option<T> {
        let span = self.span(place.id);
        let head = place.head();
        let written = self.written(place.id).to_owned();
        let elsewhere = [
            "header", "query", "path", "body", "response", "context", "stage",
        ]
        .contains(&head)
            && !side.heads().contains(&head);
        if elsewhere {
            let mut diagnostic = SourceNotHere {
                source: written.clone(),
                place: side.place(),
            }
            .at(span)
            .with_help(format!("{} reads {}", side.place(), heads(side)));
            if side == Side::Response && matches!(head, "header" | "body") {
                diagnostic = diagnostic.with_fix(Fix::replace(
                    format!("write `response.{written}`"),
                    span,
                    format!("response.{written}"),
                ));
            }
            self.report(diagnostic);
            return None;
        }
        let help = did_you_mean(head, side.heads().iter().copied())
            .unwrap_or_else(|| format!("{} reads {}", side.place(), heads(side)));
        self.report(UnknownSource { source: written }.at(span).with_help(help));
        None
    }

    /// A list of sources.
    pub(crate) fn sources(&mut self, value: &'a Value, side: Side) -> Option<Vec<Source>> {
        let values = self.list(value, "sources")?;
        Some(
            values
                .iter()
                .filter_map(|value| self.source(value, side))
                .collect(),
        )
    }

    /// Whether a value is the word `none`.
    pub(crate) fn is_none_word(value: &Value) -> bool {
        name_of(value) == Some("none")
    }
}

fn heads(side: Side) -> String {
    crate::diagnostic::one_of(side.heads().iter().copied())
}

/// The steps of a context variable.
fn steps_text(steps: &[Step]) -> Vec<String> {
    steps
        .iter()
        .filter_map(|step| match step {
            Step::Name(name) => Some(name.text.clone()),
            Step::Index(index) => Some(index.to_string()),
            Step::Key(key) => key.literal().map(str::to_owned),
        })
        .collect()
}

/// The steps behind `body` as a JSONPath without `$.`.
fn json_path(steps: &[Step]) -> Option<String> {
    let mut path = String::new();
    for step in steps {
        match step {
            Step::Name(name) => {
                if !path.is_empty() {
                    path.push('.');
                }
                path.push_str(&name.text);
            }
            Step::Index(index) => path.push_str(&format!("[{index}]")),
            Step::Key(key) => {
                let key = key
                    .literal()
                    .unwrap_or_default()
                    .replace('\\', "\\\\")
                    .replace('\'', "\\'");
                path.push_str(&format!("['{key}']"));
            }
        }
    }
    (!path.is_empty()).then_some(path)
}
