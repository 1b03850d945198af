//! What is wrong in a mapping template, at its place in the program.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tollgate_grammar::Span;
use tollgate_grammar::vtl::{self, VtlErrorKind, VtlSpan};
use tollgate_model::integration::Template;

use super::cx::Cx;
use crate::diagnostic::codes::{
    VtlAtEnd, VtlBadDirective, VtlBadPath, VtlBadPattern, VtlBadRange, VtlBadReference,
    VtlRefusedDirective, VtlStrayDirective, VtlTooDeep, VtlTooLarge, VtlUnclosed, VtlUnclosedBlock,
    VtlUnknownMember,
};
use crate::diagnostic::{Diagnostic, Finding};
use crate::template::{self, TemplateNoteKind};

/// A mistake in a template, wherever it stands.
#[derive(Clone, Debug)]
struct Fault {
    kind: Kind,
    span: VtlSpan,
    text: String,
    help: Option<String>,
}

#[derive(Clone, Copy, Debug)]
enum Kind {
    Syntax(VtlErrorKind),
    Path,
    Pattern,
    Member,
    TooLarge,
}

/// Templates that were read: most programs say the same few again and again.
#[derive(Default)]
pub(crate) struct Templates {
    read: Mutex<HashMap<String, Arc<Vec<Fault>>>>,
}

impl Templates {
    fn faults(&self, text: &str) -> Arc<Vec<Fault>> {
        // A poisoned lock holds whole entries all the same: they are inserted at once.
        let known = self
            .read
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(faults) = known.get(text) {
            return Arc::clone(faults);
        }
        drop(known);
        let faults = Arc::new(faults(text));
        let mut known = self
            .read
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        known.insert(text.to_owned(), Arc::clone(&faults));
        faults
    }
}

fn faults(text: &str) -> Vec<Fault> {
    let tree = match vtl::parse(text) {
        Ok(tree) => tree,
        Err(errors) => {
            return errors
                .into_iter()
                .map(|error| Fault {
                    kind: Kind::Syntax(error.kind),
                    span: error.span,
                    text: error.message,
                    help: error.help,
                })
                .collect();
        }
    };
    match template::compile(&tree) {
        Ok(compiled) => compiled
            .notes
            .into_iter()
            .map(|note| Fault {
                kind: match note.kind {
                    TemplateNoteKind::BadPath => Kind::Path,
                    TemplateNoteKind::BadPattern => Kind::Pattern,
                    TemplateNoteKind::UnknownMember => Kind::Member,
                },
                span: note.span,
                text: note.message,
                help: note.help,
            })
            .collect(),
        Err(large) => vec![Fault {
            kind: Kind::TooLarge,
            span: large.span,
            text: large.message,
            help: None,
        }],
    }
}

impl Cx<'_> {
    /// Reports what is wrong in a template, as it will be read: without blanks around it.
    pub(crate) fn template_faults(&mut self, template: &Template) {
        let text = template.text.trim();
        if !text.contains(['$', '#', '\\']) {
            return;
        }
        let before = template.text.len() - template.text.trim_start().len();
        let faults = self.world.templates.faults(text);
        for fault in faults.iter() {
            let span = match template.span {
                Some(base) => {
                    let start = base.start + before as u32;
                    Span::new(base.file, start + fault.span.start, start + fault.span.end)
                }
                None => self.tree_span(template.node),
            };
            self.report(finding(fault, span));
        }
    }
}

fn finding(fault: &Fault, span: Span) -> Diagnostic {
    let text = fault.text.clone();
    let finding = match fault.kind {
        Kind::Path => VtlBadPath { text }.at(span),
        Kind::Pattern => VtlBadPattern { text }.at(span),
        Kind::Member => VtlUnknownMember { text }.at(span),
        Kind::TooLarge => VtlTooLarge { text }.at(span),
        Kind::Syntax(kind) => match kind {
            VtlErrorKind::TooDeep => VtlTooDeep { text }.at(span),
            VtlErrorKind::TooLarge => VtlTooLarge { text }.at(span),
            VtlErrorKind::BadReference => VtlBadReference { text }.at(span),
            VtlErrorKind::Unclosed => VtlUnclosed { text }.at(span),
            VtlErrorKind::UnclosedBlock => VtlUnclosedBlock { text }.at(span),
            VtlErrorKind::StrayDirective => VtlStrayDirective { text }.at(span),
            VtlErrorKind::RefusedDirective => VtlRefusedDirective { text }.at(span),
            VtlErrorKind::BadRange => VtlBadRange { text }.at(span),
            VtlErrorKind::LoneAtEnd => VtlAtEnd { text }.at(span),
            // A kind without a code of its own is a directive that cannot be read.
            _ => VtlBadDirective { text }.at(span),
        },
    };
    finding.maybe_help(fault.help.clone())
}
