//! Bodies: templates, and JSON that is written as it is.

use tollgate_grammar::Span;
use tollgate_grammar::ast::{self, Entry, Ix, Place, Step, Value, ValueKind};
use tollgate_model::NodeId;
use tollgate_model::integration::Template;
use tollgate_model::text::{Piece, Text};

use super::cx::Cx;
use super::text::Hole;
use crate::diagnostic::Finding;
use crate::diagnostic::codes::{BadMediaType, RepeatedWord, WrongType};

/// What a template's text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Language {
    /// Velocity.
    Vtl,
    /// Plain substitution, in gateway responses.
    Plain,
}

impl<'a> Cx<'a> {
    /// The media type of `body` or `body["type"]`.
    pub(crate) fn body_media_type(&mut self, place: &'a Place) -> Option<String> {
        match place.steps.as_slice() {
            [_] => Some("application/json".to_owned()),
            [_, Step::Key(text)] => {
                let ty = self.literal_text(text)?;
                if ty != "$default" {
                    self.media_type(&ty, text.id, false)?;
                }
                Some(ty)
            }
            _ => {
                let written = self.written(place.id).to_owned();
                self.bad_media_type(written, place.id);
                None
            }
        }
    }

    /// Whether a text is a media type; `*` may stand in those that are patterns.
    pub(crate) fn media_type(&mut self, ty: &str, ix: Ix, pattern: bool) -> Option<()> {
        let token = |text: &str| {
            !text.is_empty()
                && text.chars().all(|c| {
                    c.is_ascii_alphanumeric() || "!#$&-^_.+".contains(c) || (pattern && c == '*')
                })
        };
        let bare = ty.split(';').next().unwrap_or_default().trim();
        let good = bare
            .split_once('/')
            .is_some_and(|(kind, sub)| token(kind) && token(sub));
        if !good {
            self.bad_media_type(ty.to_owned(), ix);
            return None;
        }
        Some(())
    }

    fn bad_media_type(&mut self, text: String, ix: Ix) {
        let span = self.span(ix);
        self.report(BadMediaType { text }.at(span));
    }

    /// `body = …`, `body["type"] = …`.
    pub(crate) fn body_mapping(
        &mut self,
        entry: &'a Entry,
        language: Language,
        templates: &mut Vec<(String, Template)>,
    ) -> Option<()> {
        let media_type = self.body_media_type(&entry.place)?;
        let template = self.template(&entry.value, language)?;
        if language == Language::Vtl {
            self.template_faults(&template);
        }
        if let Some((_, first)) = templates.iter().find(|(other, _)| *other == media_type) {
            let first = self.tree.span(first.node.index);
            let span = self.span(entry.place.id);
            self.report(
                RepeatedWord {
                    word: "body".to_owned(),
                }
                .at(span)
                .also(first, "first here"),
            );
            return None;
        }
        templates.push((media_type, template));
        Some(())
    }

    /// `vtl"…"`, `fmt"…"`, `vtl(file("…"))`, or JSON.
    pub(crate) fn template(&mut self, value: &'a Value, language: Language) -> Option<Template> {
        let tag = match language {
            Language::Vtl => "vtl",
            Language::Plain => "fmt",
        };
        let expected = match language {
            Language::Vtl => "a template `vtl\"…\"`, or JSON",
            Language::Plain => "a text `fmt\"…\"`, or JSON",
        };
        match &value.kind {
            ValueKind::Tagged(name, text) if name.text == tag => self.template_text(text, language),
            ValueKind::Call(call) if call.place.name() == Some(tag) => {
                let (text, file) = self.file_argument(call, value)?;
                let whole = Span::new(file, 0, text.len() as u32);
                Some(Template {
                    text,
                    pieces: None,
                    node: self.node(value.id),
                    verbatim: vec![(0, whole)],
                })
            }
            ValueKind::Object(_) | ValueKind::List(_) => {
                let mut text = String::new();
                self.json(value, Some(language), &mut text)?;
                Some(made_template(text, self.node(value.id)))
            }
            ValueKind::Text(_) => {
                let span = self.span(value.id);
                self.report(
                    WrongType {
                        expected: expected.to_owned(),
                        found: "text",
                    }
                    .at(span)
                    .with_fix(crate::diagnostic::Fix::replace(
                        format!("write `{tag}` before it"),
                        Span::new(span.file, span.start, span.start),
                        tag,
                    )),
                );
                None
            }
            _ => self.wrong_type(value, expected),
        }
    }

    fn template_text(&mut self, text: &'a ast::Text, language: Language) -> Option<Template> {
        let node = self.node(text.id);
        let mut whole = String::new();
        let mut pieces: Vec<Piece> = Vec::new();
        let mut at_load = false;
        for piece in &text.pieces {
            let place = match piece {
                ast::Piece::Literal(literal) => {
                    whole.push_str(literal);
                    super::text::push_literal(&mut pieces, literal);
                    continue;
                }
                ast::Piece::Hole(place) => place,
            };
            match self.hole(place)? {
                Hole::Param(name) => match self.param_value(&name) {
                    Some(value) => {
                        whole.push_str(value);
                        super::text::push_literal(&mut pieces, value);
                    }
                    None => {
                        at_load = true;
                        whole.push_str(&format!("@{{param.{name}}}"));
                        pieces.push(Piece::Param(name));
                    }
                },
                hole => {
                    let text = hole_in_template(hole, language);
                    whole.push_str(&text);
                    super::text::push_literal(&mut pieces, &text);
                }
            }
        }
        let verbatim = text
            .literal()
            .map(|literal| self.verbatim_parts(text, literal))
            .unwrap_or_default();
        Some(Template {
            text: whole,
            pieces: at_load.then_some(Text { pieces, node }),
            node,
            verbatim,
        })
    }

    /// The place of a text that stands in its source byte for byte.
    pub(crate) fn verbatim(&self, text: &ast::Text, literal: &str) -> Option<Span> {
        let span = self.span(text.id);
        let written = self.written(text.id);
        let open = match self.is_foreign() {
            true => 0,
            false => written.find('"')?,
        };
        let quoted = written.get(open..)?;
        // Most begin right behind the quotes, or on the next line; a search for a long text is dear.
        let inside = quoted.trim_start_matches('"');
        let inside = inside.strip_prefix('\n').unwrap_or(inside);
        let at = match inside.starts_with(literal) {
            true => written.len() - inside.len(),
            false => open + quoted.find(literal)?,
        };
        let start = span.start + at as u32;
        (!literal.is_empty()).then(|| Span::new(span.file, start, start + literal.len() as u32))
    }

    /// The places of a text's parts that stand in its source byte for byte: all of it, or each line of a
    /// text whose layout is not part of it. Empty if one line does not.
    fn verbatim_parts(&self, text: &ast::Text, literal: &str) -> Vec<(u32, Span)> {
        if let Some(whole) = self.verbatim(text, literal) {
            return vec![(0, whole)];
        }
        let span = self.span(text.id);
        // The line of the opening quotes has none of the text.
        let Some((head, written)) = self.written(text.id).split_once('\n') else {
            return Vec::new();
        };
        let mut from = span.start + head.len() as u32 + 1;
        let mut offset = 0;
        let mut parts = Vec::new();
        let mut lines = written.split('\n');
        for line in literal.split('\n') {
            let Some(source) = lines.next() else {
                return Vec::new();
            };
            let content = line.trim_start_matches([' ', '\t']);
            if !content.is_empty() {
                let indent = source.len() - source.trim_start_matches([' ', '\t']).len();
                let Some(start) = indent
                    .checked_sub(line.len() - content.len())
                    .filter(|_| source.get(indent..).is_some_and(|s| s.starts_with(content)))
                else {
                    return Vec::new();
                };
                let start = from + start as u32;
                parts.push((
                    offset,
                    Span::new(span.file, start, start + line.len() as u32),
                ));
            }
            offset += line.len() as u32 + 1;
            from += source.len() as u32 + 1;
        }
        parts
    }

    /// Writes a value as JSON. In a template, what the template language would read is escaped.
    pub(crate) fn json(
        &mut self,
        value: &'a Value,
        template: Option<Language>,
        out: &mut String,
    ) -> Option<()> {
        match &value.kind {
            ValueKind::Text(text) => {
                let mut content = String::new();
                for piece in &text.pieces {
                    match piece {
                        ast::Piece::Literal(literal) => push_json(literal, template, &mut content),
                        ast::Piece::Hole(place) => match self.hole(place)? {
                            Hole::Param(name) => match self.param_value(&name) {
                                Some(value) => push_json(value, template, &mut content),
                                None => {
                                    self.literal_text(text)?;
                                }
                            },
                            Hole::Known(known) => push_json(&known, template, &mut content),
                            hole => match template {
                                Some(language) => {
                                    content.push_str(&hole_in_template(hole, language))
                                }
                                None => {
                                    self.literal_text(text)?;
                                }
                            },
                        },
                    }
                }
                out.push('"');
                out.push_str(&content);
                out.push('"');
            }
            ValueKind::Quantity(quantity) if quantity.unit.is_empty() && quantity.per.is_none() => {
                out.push_str(&quantity.number);
            }
            ValueKind::Place(place) if matches!(place.name(), Some("true" | "false" | "null")) => {
                out.push_str(place.name().unwrap_or("null"));
            }
            ValueKind::Place(place) if place.head() == "param" => {
                let text = self.literal(value)?;
                out.push('"');
                push_json(&text, template, out);
                out.push('"');
            }
            ValueKind::List(values) => {
                out.push('[');
                for (at, value) in values.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    self.json(value, template, out)?;
                }
                out.push(']');
            }
            ValueKind::Object(fields) => {
                out.push('{');
                for (at, field) in fields.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    let key = self.key(&field.key)?;
                    out.push('"');
                    push_json(&key, template, out);
                    out.push_str("\": ");
                    match &field.value {
                        Some(value) => self.json(value, template, out)?,
                        None => {
                            let span = self.span(field.id);
                            self.report(
                                WrongType {
                                    expected: "a value".to_owned(),
                                    found: "a name alone",
                                }
                                .at(span),
                            );
                            return None;
                        }
                    }
                }
                out.push('}');
            }
            _ => {
                let help = template.map(|_| {
                    "JSON that is written as it is holds no sources: write a template `vtl\"…\"`".to_owned()
                });
                let span = self.span(value.id);
                self.report(
                    WrongType {
                        expected: "a JSON value".to_owned(),
                        found: super::value::describe(value),
                    }
                    .at(span)
                    .maybe_help(help),
                );
                return None;
            }
        }
        Some(())
    }
}

/// What a hole becomes where the stage is known only when the template runs.
fn hole_in_template(hole: Hole, language: Language) -> String {
    match (hole, language) {
        (Hole::Known(text), _) => text,
        (Hole::Variable(name), _) => format!("${{stageVariables.{name}}}"),
        (Hole::StageName, Language::Vtl) => "${context.stage}".to_owned(),
        (Hole::StageName, Language::Plain) => "$context.stage".to_owned(),
        // Handled by the callers, which know its value.
        (Hole::Param(name), _) => format!("@{{param.{name}}}"),
    }
}

/// The content of a JSON string. `$` and `#` that a template would read become escapes,
/// which mean the same to every reader of JSON.
pub(crate) fn push_json(text: &str, template: Option<Language>, out: &mut String) {
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        let active = match (c, template) {
            ('$', Some(_)) => next.is_some_and(|c| c.is_ascii_alphabetic() || "_{!\\".contains(c)),
            ('#', Some(Language::Vtl)) => {
                next.is_some_and(|c| c.is_ascii_alphabetic() || "{#*[".contains(c))
            }
            _ => false,
        };
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if active || (c as u32) < 0x20 => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
}

/// A template that no text in a source holds.
pub(crate) fn made_template(text: impl Into<String>, node: NodeId) -> Template {
    Template {
        text: text.into(),
        pieces: None,
        node,
        verbatim: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_in_a_template_means_itself() {
        let escaped = |text: &str| {
            let mut out = String::new();
            push_json(text, Some(Language::Vtl), &mut out);
            out
        };
        for (text, expected) in [
            ("costs $5", "costs $5"),
            ("$name", "\\u0024name"),
            ("#if", "\\u0023if"),
            ("a # b", "a # b"),
            ("say \"hi\"\\\n", "say \\\"hi\\\"\\\\\\n"),
        ] {
            assert_eq!(escaped(text), expected, "{text}");
        }
    }
}
