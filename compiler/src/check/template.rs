//! What is wrong in a mapping template, at its place in the program.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock};

use tollgate_grammar::Span;
use tollgate_grammar::vtl::{self, VtlErrorKind, VtlSpan};
use tollgate_model::integration::Template;

use super::cx::Cx;
use crate::diagnostic::codes::{
    VtlAtEnd, VtlBadDirective, VtlBadPath, VtlBadPattern, VtlBadRange, VtlBadReference,
    VtlRefusedDirective, VtlSetsNothing, VtlStrayDirective, VtlTooDeep, VtlTooLarge, VtlUnclosed,
    VtlUnclosedBlock, VtlUnknownMember,
};
use crate::diagnostic::{Diagnostic, Finding};
use crate::template::{self, JsonReport, TemplateNoteKind};

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
    Target,
    TooLarge,
}

/// A template that was read.
pub(crate) struct Read {
    /// Its tree; none where it cannot be read.
    pub(crate) tree: Option<vtl::Template>,
    faults: Vec<Fault>,
    json: OnceLock<JsonReport>,
}

impl Read {
    /// Whether it renders JSON; none where it cannot be read.
    pub(crate) fn json(&self) -> Option<&JsonReport> {
        let tree = self.tree.as_ref()?;
        Some(self.json.get_or_init(|| template::json_report(tree)))
    }
}

/// Templates that were read: most programs say the same few again and again.
#[derive(Default)]
pub(crate) struct Templates {
    read: Mutex<HashMap<String, Arc<Read>>>,
}

impl Templates {
    /// Reads a template without blanks around it.
    pub(crate) fn read(&self, text: &str) -> Arc<Read> {
        // A poisoned lock holds whole entries all the same: they are inserted at once.
        let known = self
            .read
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        if let Some(read) = known.get(text) {
            return Arc::clone(read);
        }
        drop(known);
        let read = Arc::new(read(text));
        let mut known = self
            .read
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        known.insert(text.to_owned(), Arc::clone(&read));
        read
    }
}

fn read(text: &str) -> Read {
    let (tree, faults) = match vtl::parse(text) {
        Ok(tree) => {
            let faults = compiled(&tree);
            (Some(tree), faults)
        }
        Err(errors) => (None, errors.into_iter().map(syntax).collect()),
    };
    Read {
        tree,
        faults,
        json: OnceLock::new(),
    }
}

fn syntax(error: vtl::VtlError) -> Fault {
    Fault {
        kind: Kind::Syntax(error.kind),
        span: error.span,
        text: error.message,
        help: error.help,
    }
}

fn compiled(tree: &vtl::Template) -> Vec<Fault> {
    match template::compile(tree) {
        Ok(compiled) => compiled
            .notes
            .into_iter()
            .map(|note| Fault {
                kind: match note.kind {
                    TemplateNoteKind::BadPath => Kind::Path,
                    TemplateNoteKind::BadPattern => Kind::Pattern,
                    TemplateNoteKind::UnknownMember => Kind::Member,
                    TemplateNoteKind::SetsNothing => Kind::Target,
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
        let read = self.world.templates.read(text);
        for fault in &read.faults {
            let at = before as u32;
            let span = template
                .place(at + fault.span.start, at + fault.span.end)
                .unwrap_or_else(|| self.tree_span(template.node));
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
        Kind::Target => VtlSetsNothing { text }.at(span),
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
