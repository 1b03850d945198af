//! Templates, and which of them belongs to which media type.

use tollgate_model::integration::{Passthrough, Template};
use tollgate_model::text::{Piece, Text};
use tollgate_runtime::ResponseType;

use super::Lowering;
use crate::ir::{Instruction, Program};

impl Lowering {
    /// The choice of a request template, by the request's media type.
    pub(super) fn request_templates(
        &mut self,
        templates: &[(String, Template)],
        passthrough: Passthrough,
        program: &mut Program,
    ) {
        if templates.is_empty() && passthrough != Passthrough::Never {
            program.push(Instruction::BodyPass);
            program.push(Instruction::End);
            return;
        }
        let default = templates.iter().find(|(media, _)| media == "$default");
        let named: Vec<_> = templates
            .iter()
            .filter(|(media, _)| media != "$default")
            .collect();
        let labels: Vec<_> = named.iter().map(|_| program.label()).collect();
        program.push(Instruction::MediaOfRequest);
        // A key with parameters needs the whole header; it is tried before the bare ones.
        for ((media, _), label) in named.iter().zip(&labels) {
            if media.contains(';') {
                program.push(Instruction::CaseFull(media.clone(), *label));
            }
        }
        for ((media, _), label) in named.iter().zip(&labels) {
            if !media.contains(';') {
                program.push(Instruction::CaseMedia(media.clone(), *label));
            }
        }
        match default {
            Some((_, template)) => self.template(template, program),
            None => match passthrough {
                Passthrough::WhenNoMatch => program.push(Instruction::BodyPass),
                Passthrough::WhenNoTemplates | Passthrough::Never => {
                    program.push(Instruction::Fail(ResponseType::UnsupportedMediaType.into()));
                }
            },
        }
        program.push(Instruction::End);
        for ((_, template), label) in named.iter().zip(&labels) {
            program.push(Instruction::Label(*label));
            self.template(template, program);
            program.push(Instruction::End);
        }
    }

    /// The choice of a response template, by what the client accepts first: an exact match, else
    /// `application/json`, else the first.
    pub(super) fn response_templates(
        &mut self,
        templates: &[(String, Template)],
        program: &mut Program,
    ) {
        let json = templates
            .iter()
            .position(|(media, _)| media.eq_ignore_ascii_case("application/json"));
        let Some(fallback) = json.or((!templates.is_empty()).then_some(0)) else {
            program.push(Instruction::BodyPass);
            program.push(Instruction::End);
            return;
        };
        let mut cases = Vec::new();
        program.push(Instruction::MediaWanted);
        for (i, (media, template)) in templates.iter().enumerate() {
            if i != fallback {
                let label = program.label();
                program.push(Instruction::CaseMedia(media.clone(), label));
                cases.push((label, template));
            }
        }
        if let Some((_, template)) = templates.get(fallback) {
            self.response_template(template, program);
        }
        program.push(Instruction::End);
        for (label, template) in cases {
            program.push(Instruction::Label(label));
            self.response_template(template, program);
            program.push(Instruction::End);
        }
    }

    /// An empty response template leaves the body as it is.
    fn response_template(&mut self, template: &Template, program: &mut Program) {
        if template.text.trim().is_empty() {
            program.push(Instruction::BodyPass);
        } else {
            self.template(template, program);
        }
    }

    /// The instruction that makes the body. A text without directives and references is itself,
    /// unless the body may be bytes: then even it fails.
    fn template(&mut self, template: &Template, program: &mut Program) {
        let text = match &template.pieces {
            Some(pieces) => self.with_holes(pieces),
            None => template.text.clone(),
        };
        let text = text.trim();
        if !self.bytes && !text.contains(['$', '#', '\\']) {
            program.push(Instruction::BodyText(text.to_string()));
            return;
        }
        // A text that is no template fails when it is asked for, as the reference does; the front end has
        // told its author.
        let blob = tollgate_grammar::vtl::parse(text)
            .ok()
            .and_then(|tree| crate::template::compile(&tree).ok())
            .map(|compiled| compiled.blob);
        program.push(Instruction::Template(blob.unwrap_or_default()));
    }

    /// The text of a template whose holes a stage fills: as references that say the same.
    fn with_holes(&mut self, text: &Text) -> String {
        let mut out = String::new();
        for piece in &text.pieces {
            match piece {
                Piece::Literal(literal) => out.push_str(literal),
                Piece::Variable(name) => out.push_str(&format!("${{stageVariables.{name}}}")),
                Piece::StageName => out.push_str("${context.stage}"),
                Piece::Param(name) => {
                    self.unsupported(
                        text.node,
                        format!("the parameter `{name}` in a template has no value"),
                    );
                }
                Piece::Placeholder(_) | Piece::Request(_) => {
                    self.unsupported(text.node, "a template reads requests through `$input`");
                }
            }
        }
        out
    }
}
