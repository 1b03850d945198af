//! Mapping templates that render something else than they say, read what is not there, or are never chosen.

mod body;

use std::collections::HashSet;

use tollgate_grammar::Span;
use tollgate_grammar::vtl::VtlSpan;
use tollgate_model::api::{Api, Route};
use tollgate_model::integration::{Integration, RequestTarget, Source, Target, Template};
use tollgate_model::text::{Piece, Text};

use super::Lints;
use crate::diagnostic::codes::{
    UnusedTemplate, VtlBareValue, VtlNeverJson, VtlUnescaped, VtlUnknownStageVariable,
};
use crate::diagnostic::{Code, Diagnostic, Edit, Finding, Fix, nearest};
use crate::template::{JsonReport, JsonVerdict, stage_variables};

/// How many places one finding shows.
const SHOWN: usize = 4;

impl Lints<'_> {
    pub(super) fn mapping_templates(&mut self) {
        let mut lint = TemplateLints {
            lints: self,
            bodies: None,
            said: HashSet::new(),
        };
        for (api, route) in lint.lints.routes() {
            lint.route(api, route);
        }
    }
}

struct TemplateLints<'l, 'a> {
    lints: &'l mut Lints<'a>,
    /// The models of the program, once one was asked for.
    bodies: Option<body::Models<'a>>,
    /// Routes that share an integration share its templates.
    said: HashSet<(Span, Code)>,
}

impl<'a> TemplateLints<'_, 'a> {
    fn route(&mut self, api: &'a Api, route: &'a Route) {
        let integration = &route.integration;
        if is_proxy(&integration.target) {
            return;
        }
        self.unused_requests(integration);
        let typed = integration.mappings.iter().any(|mapping| {
            matches!(&mapping.target, RequestTarget::Header(name) if name.eq_ignore_ascii_case("content-type"))
                && !is_json_source(&mapping.source)
        });
        for (media, template) in &integration.templates {
            self.stage_variables(api, template);
            self.body(route, media, template);
            // A mock reads its request more leniently than JSON.
            if integration.target != Target::Mock && !typed && is_json(media) {
                self.json(template);
            }
        }
        for response in &integration.responses {
            self.unused_responses(&response.templates);
            let typed = response.headers.iter().any(|header| {
                header.name.eq_ignore_ascii_case("content-type") && !is_json_source(&header.source)
            });
            for (media, template) in &response.templates {
                self.stage_variables(api, template);
                if !typed && is_json(media) {
                    self.json(template);
                }
            }
        }
    }

    /// A second template for a type: types are compared without regard to letter case.
    fn unused_requests(&mut self, integration: &Integration) {
        let mut seen: Vec<&str> = Vec::new();
        for (media, template) in &integration.templates {
            if seen.iter().any(|other| other.eq_ignore_ascii_case(media)) {
                self.unused(
                    media,
                    template,
                    "another template is for the same media type",
                );
            }
            seen.push(media);
        }
    }

    /// What a client accepts is compared without parameters; `$default` is for requests.
    fn unused_responses(&mut self, templates: &[(String, Template)]) {
        let json = templates
            .iter()
            .position(|(media, _)| media.eq_ignore_ascii_case("application/json"));
        let fallback = json.unwrap_or(0);
        for (at, (media, template)) in templates.iter().enumerate() {
            let twice = templates
                .iter()
                .take(at)
                .any(|(other, _)| other.eq_ignore_ascii_case(media));
            let why = if at == fallback {
                continue;
            } else if media == "$default" {
                "`$default` is a type for requests, no client accepts it"
            } else if media.contains(';') {
                "the parameters of what a client accepts are passed over"
            } else if twice {
                "another template is for the same media type"
            } else {
                continue;
            };
            self.unused(media, template, why);
        }
    }

    fn unused(&mut self, media: &str, template: &Template, why: &'static str) {
        let finding = UnusedTemplate {
            media: media.to_owned(),
            why,
        };
        let span = self.whole(template);
        self.report(finding.at(span));
    }

    /// Whether what a template renders is JSON.
    fn json(&mut self, template: &Template) {
        // What a stage fills in is not known here.
        if template.pieces.is_some() {
            return;
        }
        let text = template.text.trim();
        let read = self.lints.templates.read(text);
        let Some(report) = read.json() else { return };
        // A template may say in itself what it renders.
        let lower = text.to_ascii_lowercase();
        if lower.contains("override") && lower.contains("content-type") {
            return;
        }
        match report.verdict {
            JsonVerdict::Never if !report.may_be_blank => self.never(template, report),
            JsonVerdict::OnlyIfEscaped => {
                self.unescaped(template, &report.unescaped);
                self.bare(template, &report.bare);
            }
            _ => {}
        }
    }

    fn never(&mut self, template: &Template, report: &JsonReport) {
        let (span, why) = match report.broken {
            Some(span) => (self.place(template, span), "no JSON goes on like this"),
            None => (self.end(template), "it ends before the value is whole"),
        };
        self.report(VtlNeverJson { why }.at(span));
    }

    fn unescaped(&mut self, template: &Template, found: &[VtlSpan]) {
        let Some(first) = found.first() else { return };
        let text = template.text.trim();
        let slice = |span: &VtlSpan| {
            text.get(span.start as usize..span.end as usize)
                .unwrap_or("")
        };
        let place = self.place(template, *first);
        let mut finding = VtlUnescaped {
            reference: slice(first).to_owned(),
        }
        .at(place);
        for other in found.iter().skip(1).take(SHOWN - 1) {
            if let Some(span) = self.verbatim(template, *other) {
                finding = finding.also(span, "and this");
            }
        }
        if let Some(more) = found.len().checked_sub(SHOWN).filter(|more| *more > 0) {
            finding =
                finding.with_note(format!("{more} more values of the template are printed so"));
        }
        let edits: Option<Vec<Edit>> = found
            .iter()
            .map(|span| {
                let at = self.verbatim(template, *span)?;
                Some(Edit {
                    span: at,
                    text: format!(
                        r#"${{util.escapeJavaScript({}).replaceAll("\\'", "'")}}"#,
                        slice(span)
                    ),
                })
            })
            .collect();
        // The quotes of a foreign document would need escapes of its own.
        if let Some(edits) = edits.filter(|_| !self.lints.is_foreign(template.node)) {
            finding = finding.with_fix(Fix {
                title: "escape every value in a text".to_owned(),
                edits,
                certain: true,
            });
        }
        self.report(finding);
    }

    fn bare(&mut self, template: &Template, found: &[VtlSpan]) {
        let Some(first) = found.first() else { return };
        let span = self.place(template, *first);
        let mut finding = VtlBareValue {}.at(span);
        let edits: Option<Vec<Edit>> = found
            .iter()
            .map(|span| {
                let span = self.verbatim(template, *span)?;
                Some(Edit {
                    span,
                    text: "json".to_owned(),
                })
            })
            .collect();
        if let Some(edits) = edits {
            let fix = Fix {
                title: "print the values as JSON".to_owned(),
                edits,
                certain: true,
            };
            // Where the text of a member is JSON itself, this would quote it.
            finding = finding.with_fix(fix.uncertain());
        }
        self.report(finding);
    }

    /// Stage variables that no stage can give.
    fn stage_variables(&mut self, api: &Api, template: &Template) {
        let read = self.lints.templates.read(template.text.trim());
        let Some(tree) = &read.tree else { return };
        for name in stage_variables(tree) {
            let known = || api.variables.iter().map(|variable| variable.name.as_str());
            if known().any(|known| known == name.text) {
                continue;
            }
            let span = self.place(template, name.span);
            let finding = VtlUnknownStageVariable {
                variable: name.text.clone(),
                api: api.name.clone(),
            }
            .at(span);
            // Between brackets the name has quotes, which the name that is meant must not lose.
            let bare = self.lints.map.slice(span) == name.text;
            self.report(match nearest(&name.text, known()) {
                Some(_) if bare => finding.or_near(&name.text, known(), span),
                Some(near) => finding.with_help(format!("did you mean `{near}`?")),
                None => finding,
            });
        }
    }

    fn body(&mut self, route: &'a Route, media: &str, template: &Template) {
        let same = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(media);
        let Some((_, model)) = route
            .body
            .iter()
            .find(same)
            .or_else(|| route.body.iter().find(|(key, _)| key == "$default"))
        else {
            return;
        };
        let read = self.lints.templates.read(template.text.trim());
        let Some(tree) = &read.tree else { return };
        let program = self.lints.program;
        let models = self.bodies.get_or_insert_with(|| body::Models::of(program));
        for (span, finding) in body::findings(models, model, tree) {
            let span = self.place(template, span);
            self.report(finding(span));
        }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self
            .said
            .insert((diagnostic.primary().span(), diagnostic.code()))
        {
            self.lints.report(diagnostic);
        }
    }

    /// The place of a part of a template that was read without the blanks around it.
    fn verbatim(&self, template: &Template, span: VtlSpan) -> Option<Span> {
        let before = template.text.len() - template.text.trim_start().len();
        let before = before as u32;
        template.place(before + span.start, before + span.end)
    }

    /// The same, or the whole template where its source says it in other bytes.
    fn place(&self, template: &Template, span: VtlSpan) -> Span {
        self.verbatim(template, span)
            .unwrap_or_else(|| self.whole(template))
    }

    fn whole(&self, template: &Template) -> Span {
        self.lints.head(template.node)
    }

    /// The last character of a template.
    fn end(&self, template: &Template) -> Span {
        let text = template.text.trim();
        let last = text.chars().next_back().map_or(0, char::len_utf8);
        let end = text.len() as u32;
        self.place(template, VtlSpan::new(end - last as u32, end))
    }
}

fn is_proxy(target: &Target) -> bool {
    matches!(
        target,
        Target::Http { proxy: true, .. }
            | Target::Lambda { proxy: true, .. }
            | Target::Aws { proxy: true, .. }
    )
}

/// Whether a media type promises JSON.
fn is_json(media: &str) -> bool {
    let bare = media.split(';').next().unwrap_or_default().trim();
    let (_, subtype) = bare.split_once('/').unwrap_or_default();
    let subtype = subtype.to_ascii_lowercase();
    subtype == "json" || subtype.ends_with("+json") || subtype.starts_with("x-amz-json")
}

/// Whether a source of a `Content-Type` is a text that promises JSON.
fn is_json_source(source: &Source) -> bool {
    match source {
        Source::Static(Text { pieces, .. }) => match pieces.as_slice() {
            [Piece::Literal(text)] => is_json(text),
            _ => false,
        },
        _ => false,
    }
}
