//! What the compiler tells a person: findings with a stable code, places, help and fixes.
//!
//! Each kind of finding is one file in `codes`: a documented struct whose doc comment
//! *is* the page that `tollgate explain` prints and that `docs/diagnostics` holds. How a
//! finding looks on a terminal, in JSON or in SARIF is the business of [`crate::report`].
//!
//! Error convention: lower case, no full stop, user's text in backticks, help apart.

pub(crate) mod codes;
mod explain;
mod suggest;

use std::fmt;

use tollgate_grammar::Span;

pub use explain::{all, explain, find, index_page, page};
pub(crate) use suggest::{did_you_mean, nearest, one_of};

/// A code: `TG0401`. Never reused, never renumbered.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(pub(crate) u16);

impl Code {
    /// The code written so, in any letter case: `TG0401`.
    pub fn parse(text: &str) -> Option<Code> {
        let digits = text
            .strip_prefix("TG")
            .or_else(|| text.strip_prefix("tg"))?;
        (digits.len() == 4).then(|| digits.parse().ok().map(Code))?
    }

    /// The number alone: 401.
    pub fn number(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TG{:04}", self.0)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How grave a finding is. An error keeps a program from being built.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is built.
    Error,
    /// Built, but probably not what was meant.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// `error`, `warning`, `info`.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        }
    }
}

/// What is the same for every finding of one code.
#[derive(Debug)]
pub struct Info {
    pub(crate) code: Code,
    pub(crate) name: &'static str,
    pub(crate) severity: Severity,
    pub(crate) docs: &'static [&'static str],
}

impl Info {
    /// The code.
    pub fn code(&self) -> Code {
        self.code
    }

    /// The name: `duplicate-route`.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// How grave it is.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The first sentence of its page.
    pub fn summary(&self) -> &'static str {
        self.docs.first().map_or("", |line| line.trim())
    }
}

/// A place and what to say there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub(crate) span: Span,
    pub(crate) text: String,
}

impl Label {
    /// The place.
    pub fn span(&self) -> Span {
        self.span
    }

    /// What is said there; may be empty.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Replaces the text of a span.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    pub(crate) span: Span,
    pub(crate) text: String,
}

impl Edit {
    /// What is replaced; empty to insert.
    pub fn span(&self) -> Span {
        self.span
    }

    /// What stands there afterwards.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// A change that removes the finding and adds none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    pub(crate) title: String,
    pub(crate) edits: Vec<Edit>,
    pub(crate) certain: bool,
}

impl Fix {
    /// One replacement.
    pub(crate) fn replace(title: impl Into<String>, span: Span, text: impl Into<String>) -> Fix {
        Fix {
            title: title.into(),
            edits: vec![Edit {
                span,
                text: text.into(),
            }],
            certain: true,
        }
    }

    /// The change is a guess: offered to a person, not applied by `--fix`.
    pub(crate) fn uncertain(mut self) -> Fix {
        self.certain = false;
        self
    }

    /// What it does: `write `@{stage.backend}``.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The replacements; they do not overlap.
    pub fn edits(&self) -> &[Edit] {
        &self.edits
    }

    /// Whether it may be applied without asking.
    pub fn is_certain(&self) -> bool {
        self.certain
    }
}

/// One finding.
#[derive(Clone, Debug)]
pub struct Diagnostic {
    info: &'static Info,
    severity: Severity,
    message: String,
    primary: Label,
    secondary: Vec<Label>,
    help: Option<String>,
    note: Option<String>,
    fix: Option<Fix>,
}

impl Diagnostic {
    /// Its code.
    pub fn code(&self) -> Code {
        self.info.code
    }

    /// What is the same for every finding of its code.
    pub fn info(&self) -> &'static Info {
        self.info
    }

    /// How grave it is: its code's severity, unless this one is milder or graver.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// What is wrong, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where it is wrong.
    pub fn primary(&self) -> &Label {
        &self.primary
    }

    /// Other places that belong to it.
    pub fn secondary(&self) -> &[Label] {
        &self.secondary
    }

    /// What to do.
    pub fn help(&self) -> Option<&str> {
        self.help.as_deref()
    }

    /// What else to know: the reference's own words, mostly.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// How to mend it.
    pub fn fix(&self) -> Option<&Fix> {
        self.fix.as_ref()
    }

    pub(crate) fn also(mut self, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label {
            span,
            text: text.into(),
        });
        self
    }

    pub(crate) fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        if help.is_some() {
            self.help = help;
        }
        self
    }

    /// Suggests the nearest of the names that could have been meant, and offers to write it.
    pub(crate) fn or_near<'n>(
        self,
        written: &str,
        known: impl IntoIterator<Item = &'n str>,
        at: Span,
    ) -> Self {
        let Some(near) = nearest(written, known) else {
            return self;
        };
        let near = crate::check::quoted_name(near);
        self.with_help(format!("did you mean `{near}`?"))
            .with_fix(Fix::replace(format!("write `{near}`"), at, near).uncertain())
    }

    pub(crate) fn with_note(mut self, note: impl Into<String>) -> Self {
        self.note = Some(note.into());
        self
    }

    pub(crate) fn with_fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// The order in which findings are shown: by place, then by code.
    pub(crate) fn order(&self) -> (u32, u32, u32, Code, &str) {
        let span = self.primary.span;
        (
            span.file.0,
            span.start,
            span.end,
            self.info.code,
            &self.message,
        )
    }
}

/// A kind of finding: one struct in [`codes`].
pub(crate) trait Finding: Sized {
    const INFO: Info;

    /// What is wrong, in one line.
    fn message(&self) -> String;

    /// What to say at the place itself.
    fn label(&self) -> String {
        String::new()
    }

    /// What to do.
    fn help(&self) -> Option<String> {
        None
    }

    /// What else to know.
    fn note(&self) -> Option<String> {
        None
    }

    /// The finding at its place.
    fn at(self, span: Span) -> Diagnostic {
        Diagnostic {
            info: const { &Self::INFO },
            severity: Self::INFO.severity,
            message: self.message(),
            primary: Label {
                span,
                text: self.label(),
            },
            secondary: Vec::new(),
            help: self.help(),
            note: self.note(),
            fix: None,
        }
    }
}

/// Declares one kind of finding. The doc comment is its page.
macro_rules! diagnostic {
    (
        $(#[doc = $doc:literal])+
        $code:literal $severity:ident $name:literal
        $finding:ident $fields:tt
        message $message:literal
        $(label $label:literal)?
        $(help $help:literal)?
        $(note $note:literal)?
    ) => {
        $crate::diagnostic::diagnostic!(@struct [$($doc)+] $finding $fields);

        impl $crate::diagnostic::Finding for $finding {
            const INFO: $crate::diagnostic::Info = $crate::diagnostic::Info {
                code: $crate::diagnostic::Code($code),
                name: $name,
                severity: $crate::diagnostic::Severity::$severity,
                docs: &[$($doc),+],
            };

            fn message(&self) -> String {
                $crate::diagnostic::diagnostic!(@text self $fields $message)
            }

            $(fn label(&self) -> String {
                $crate::diagnostic::diagnostic!(@text self $fields $label)
            })?

            $(fn help(&self) -> Option<String> {
                Some($crate::diagnostic::diagnostic!(@text self $fields $help))
            })?

            $(fn note(&self) -> Option<String> {
                Some($crate::diagnostic::diagnostic!(@text self $fields $note))
            })?
        }
    };
    (@struct [$($doc:literal)+] $finding:ident { $($field:ident: $ty:ty),* $(,)? }) => {
        $(#[doc = $doc])+
        pub(crate) struct $finding { $(pub(crate) $field: $ty),* }
    };
    (@text $self:ident { $($field:ident: $ty:ty),* $(,)? } $text:literal) => {{
        #[allow(unused_variables)] // a text need not use every field
        let Self { $($field),* } = $self;
        format!($text)
    }};
}
pub(crate) use diagnostic;
