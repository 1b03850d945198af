//! What an import has to say.

use std::collections::HashMap;

use tollgate_grammar::Span;

/// Something that an import could not carry over as it stood, or had to decide.
///
/// Warnings and notes that say the same are one finding with a count, so that a thousand
/// `deprecated` are one line; each error stands by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which it is.
    pub kind: FindingKind,
    /// How bad it is.
    pub severity: Severity,
    /// The first place.
    pub span: Span,
    /// The keys from the document's root to that place, joined with dots.
    pub property: String,
    /// Lower case, no full stop, the user's text in backticks.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// What the reference itself says of this, word by word, where that is known.
    pub reference: Option<String>,
    /// How many places there are.
    pub count: usize,
}

/// How bad a [`Finding`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// For the record: the reference does nothing with it either.
    Note,
    /// The tree means something else than the document seems to say.
    Warning,
    /// The reference refuses this document, or the tree would be less strict than it.
    Error,
}

/// The kinds of [`Finding`]; each has one diagnostic code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum FindingKind {
    /// The text is neither JSON nor YAML, or larger or deeper than the bounds.
    Unreadable,
    /// The document is no OpenAPI 3 or Swagger 2.0.
    NotOpenApi,
    /// A key stands twice; the last one counts.
    DuplicateKey,
    /// A property that neither OpenAPI nor the reference knows.
    UnknownProperty,
    /// A property that the reference does not use.
    Unused,
    /// A property that gate has no words for.
    NotCarried,
    /// A property that was carried over as something else.
    Changed,
    /// A value that is not what its place asks for.
    BadValue,
    /// A `$ref` to nothing, or in circles.
    DanglingReference,
    /// A `$ref` to another document.
    ExternalReference,
    /// A model that the document does not define.
    UnknownModel,
    /// A request validator that the document does not define.
    UnknownValidator,
    /// A security scheme that the document does not define, or that promises an authorizer
    /// and has none.
    UnknownAuthorizer,
    /// A security scheme that the reference cannot use.
    UnusableScheme,
    /// A key that must be a media type and is none.
    BadMediaType,
    /// A minimum compression size that is no number of bytes in range.
    BadCompressionSize,
    /// The URI of an AWS integration that is no ARN.
    NotAnArn,
    /// An integration without the verb that its type needs.
    MissingVerb,
    /// A mapping's source that is no expression.
    BadMapping,
    /// A mapping's source that is no text; the reference warns and drops it.
    MappingNotText,
}

impl FindingKind {
    /// How bad findings of this kind are, unless one says otherwise.
    pub fn severity(self) -> Severity {
        match self {
            FindingKind::Unused => Severity::Note,
            FindingKind::DuplicateKey
            | FindingKind::UnknownProperty
            | FindingKind::NotCarried
            | FindingKind::Changed
            | FindingKind::UnusableScheme
            | FindingKind::MappingNotText => Severity::Warning,
            FindingKind::Unreadable
            | FindingKind::NotOpenApi
            | FindingKind::BadValue
            | FindingKind::DanglingReference
            | FindingKind::ExternalReference
            | FindingKind::UnknownModel
            | FindingKind::UnknownValidator
            | FindingKind::UnknownAuthorizer
            | FindingKind::BadMediaType
            | FindingKind::BadCompressionSize
            | FindingKind::NotAnArn
            | FindingKind::MissingVerb
            | FindingKind::BadMapping => Severity::Error,
        }
    }
}

impl Finding {
    pub(super) fn new(
        kind: FindingKind,
        span: Span,
        property: impl Into<String>,
        message: impl Into<String>,
    ) -> Finding {
        Finding {
            kind,
            severity: kind.severity(),
            span,
            property: property.into(),
            message: message.into(),
            help: None,
            reference: None,
            count: 1,
        }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    pub(super) fn severity(mut self, severity: Severity) -> Finding {
        self.severity = severity;
        self
    }

    pub(super) fn reference(mut self, words: impl Into<String>) -> Finding {
        self.reference = Some(words.into());
        self
    }
}

/// Gathers findings: each error, and warnings and notes of one message as one.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    /// By kind, message and, of errors, place.
    known: HashMap<(FindingKind, String, u32), usize>,
    /// How many there are of each severity.
    counts: [usize; 3],
    left_out: usize,
}

/// How many findings of one severity are kept: nobody reads more, and each costs the way to
/// its place.
const MOST: usize = 1_000;

impl Findings {
    /// Whether nothing more need be done about a finding with this message, because there is
    /// one already, which is counted, or because there are too many. A caller so spares itself
    /// the work of describing the place.
    pub(super) fn again(&mut self, kind: FindingKind, message: &str) -> bool {
        kind.severity() != Severity::Error && self.is_known(kind, message, 0) || self.is_full(kind)
    }

    fn is_known(&mut self, kind: FindingKind, message: &str, at: u32) -> bool {
        let found = self.known.get(&(kind, message.to_owned(), at));
        let finding = found.and_then(|at| self.list.get_mut(*at));
        // An error that is met twice at one place (a shared parameter) is one.
        let grouped = finding.map(|finding| finding.count += usize::from(at == 0));
        grouped.is_some()
    }

    fn is_full(&mut self, kind: FindingKind) -> bool {
        // Where an error is left out, others are there: the document stays refused.
        let full = self.counts[kind.severity() as usize] >= MOST;
        self.left_out += usize::from(full);
        full
    }

    pub(super) fn push(&mut self, finding: Finding) {
        let at = if finding.kind.severity() == Severity::Error {
            finding.span.start + 1
        } else {
            0
        };
        if self.is_known(finding.kind, &finding.message, at) || self.is_full(finding.kind) {
            return;
        }
        self.counts[finding.kind.severity() as usize] += 1;
        self.known
            .insert((finding.kind, finding.message.clone(), at), self.list.len());
        self.list.push(finding);
    }

    /// The errors first, then by place.
    pub(super) fn finish(mut self) -> Vec<Finding> {
        if self.left_out > 0 {
            let message = format!("{} more findings are left out", self.left_out);
            let span = self
                .list
                .first()
                .map(|finding| finding.span)
                .unwrap_or_default();
            self.list
                .push(Finding::new(FindingKind::NotCarried, span, "", message));
        }
        self.list
            .sort_by_key(|finding| (std::cmp::Reverse(finding.severity), finding.span.start));
        self.list
    }
}
