//! Findings on a terminal: title, snippet, help.

use ariadne::{Cache, CharSet, Config, IndexType, Label, Report, ReportKind, Source};
use tollgate_grammar::{FileId, Span};
use tollgate_model::Places;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::SourceMap;

/// Whether escape sequences colour the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// They do.
    Always,
    /// They do not.
    Never,
}

/// One finding as text, with a newline at its end.
pub fn human(map: &SourceMap, diagnostic: &Diagnostic, color: Color) -> String {
    let labels = std::iter::once(diagnostic.primary()).chain(diagnostic.secondary());
    if labels
        .map(|label| label.span())
        .any(|span| has_long_line(map, span))
    {
        return without_snippet(map, diagnostic);
    }
    let kind = match diagnostic.severity() {
        Severity::Error => ReportKind::Custom("error", ariadne::Color::Red),
        Severity::Warning => ReportKind::Custom("warning", ariadne::Color::Yellow),
        Severity::Info => ReportKind::Custom("info", ariadne::Color::Cyan),
    };
    let main = match diagnostic.severity() {
        Severity::Error => ariadne::Color::Red,
        Severity::Warning => ariadne::Color::Yellow,
        Severity::Info => ariadne::Color::Cyan,
    };
    let config = Config::new()
        .with_index_type(IndexType::Byte)
        .with_char_set(CharSet::Unicode)
        .with_color(color == Color::Always);
    let primary = diagnostic.primary();
    let at = Place(clamp(map, primary.span()));
    let mut labels = vec![
        Label::new(at)
            .with_message(printable(primary.text()))
            .with_color(main)
            .with_priority(1),
    ];
    for label in diagnostic.secondary() {
        labels.push(
            Label::new(Place(clamp(map, label.span())))
                .with_message(printable(label.text()))
                .with_color(ariadne::Color::Blue),
        );
    }
    let mut spans: Vec<(usize, Span)> = std::iter::once(primary.span())
        .chain(diagnostic.secondary().iter().map(|label| label.span()))
        .enumerate()
        .collect();
    // The file of the finding first, then by place: labels of one file are shown together.
    spans.sort_by_key(|(_, span)| (span.file != at.0.file, span.file, span.start));
    let mut report = Report::build(kind, at)
        .with_config(config)
        .with_code(diagnostic.code())
        .with_message(printable(diagnostic.message()));
    let mut labels: Vec<Option<Label<Place>>> = labels.into_iter().map(Some).collect();
    for (order, (at, _)) in spans.into_iter().enumerate() {
        if let Some(label) = labels.get_mut(at).and_then(Option::take) {
            report = report.with_label(label.with_order(order as i32));
        }
    }
    if let Some(help) = diagnostic.help() {
        report = report.with_help(printable(help));
    }
    if let Some(fix) = diagnostic.fix().filter(|fix| fix.is_certain()) {
        report = report.with_help(format!("`--fix` can {}", printable(fix.title())));
    }
    if let Some(note) = diagnostic.note() {
        report = report.with_note(format!("the reference says: {}", printable(note)));
    }
    let mut out = Vec::new();
    // Writing to memory fails only if formatting does, and then there is nothing to show.
    if report.finish().write(Files::new(map), &mut out).is_err() {
        return format!("[{}] {}\n", diagnostic.code(), diagnostic.message());
    }
    let text = String::from_utf8_lossy(&out);
    let text = match color {
        Color::Always => text.into_owned(),
        Color::Never => without_escapes(&text),
    };
    let mut lines: String = text
        .lines()
        .flat_map(|line| [line.trim_end(), "\n"])
        .collect();
    if lines.is_empty() {
        lines.push('\n');
    }
    lines
}

/// Lines longer than this are no snippet for people: minified documents, files of zeros.
const LONGEST_LINE: usize = 2_000;

/// Whether a span begins or ends on a line that is too long to be shown.
fn has_long_line(map: &SourceMap, span: Span) -> bool {
    let text = map.text(span.file).as_bytes();
    [span.start, span.end].into_iter().any(|at| {
        let (before, after) = text.split_at_checked(at as usize).unwrap_or((text, &[]));
        let newline = |b: &u8| *b == b'\n';
        let left = before.iter().rev().take(LONGEST_LINE).position(newline);
        let right = after.iter().take(LONGEST_LINE).position(newline);
        let left = left.unwrap_or(before.len().min(LONGEST_LINE));
        let right = right.unwrap_or(after.len().min(LONGEST_LINE));
        left + right >= LONGEST_LINE
    })
}

/// A finding without the lines that it is about.
fn without_snippet(map: &SourceMap, diagnostic: &Diagnostic) -> String {
    let span = diagnostic.primary().span();
    let at = map.line_column(span.file, span.start);
    let mut out = format!(
        "[{}] {}: {}\n   at {}:{}:{}\n",
        diagnostic.code(),
        diagnostic.severity().as_str(),
        printable(diagnostic.message()),
        map.name(span.file),
        at.line,
        at.column
    );
    if let Some(help) = diagnostic.help() {
        out.push_str(&format!("   Help: {}\n", printable(help)));
    }
    out
}

/// `2 errors, 1 warning`; empty if there is nothing to count.
pub fn summary(found: &[Diagnostic]) -> String {
    let count = |severity| {
        found
            .iter()
            .filter(|diagnostic| diagnostic.severity() == severity)
            .count()
    };
    let parts: Vec<String> = [Severity::Error, Severity::Warning]
        .into_iter()
        .map(|severity| (count(severity), severity.as_str()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
        .collect();
    parts.join(", ")
}

/// The renderer colours a kind of its own whatever it is told.
fn without_escapes(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\u{1b}') {
        plain.push_str(&rest[..at]);
        rest = rest[at..].find('m').map_or("", |end| &rest[at + end + 1..]);
    }
    plain.push_str(rest);
    plain
}

/// A text whose control characters do nothing to a terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() && c != '\n' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

/// The same for a source, byte for byte as long.
fn printable_source(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_ascii_control() && !matches!(c, '\n' | '\r' | '\t') {
                '?'
            } else {
                c
            }
        })
        .collect()
}

/// A span that lies within its text, on the borders of characters, without the end of its line.
fn clamp(map: &SourceMap, span: Span) -> Span {
    let text = map.text(span.file);
    let start = text.floor_char_boundary(span.start as usize);
    let end = text.ceil_char_boundary(span.end as usize).max(start);
    let end = start + text[start..end].trim_end_matches(['\n', '\r']).len();
    Span::new(span.file, start as u32, end as u32)
}

#[derive(Clone, Copy)]
struct Place(Span);

impl ariadne::Span for Place {
    type SourceId = FileId;

    fn source(&self) -> &FileId {
        &self.0.file
    }

    fn start(&self) -> usize {
        self.0.start as usize
    }

    fn end(&self) -> usize {
        self.0.end as usize
    }
}

/// The texts, as the renderer wants them: each is indexed once, when it is first shown.
struct Files<'m> {
    map: &'m SourceMap,
    read: Vec<(FileId, Source<String>)>,
}

impl<'m> Files<'m> {
    fn new(map: &'m SourceMap) -> Self {
        Files {
            map,
            read: Vec::new(),
        }
    }
}

impl Cache<FileId> for Files<'_> {
    type Storage = String;

    fn fetch(&mut self, file: &FileId) -> Result<&Source<String>, impl std::fmt::Debug> {
        let at = match self.read.iter().position(|(known, _)| known == file) {
            Some(at) => at,
            None => {
                let text = printable_source(self.map.text(*file));
                self.read.push((*file, Source::from(text)));
                self.read.len() - 1
            }
        };
        self.read
            .get(at)
            .map(|(_, source)| source)
            .ok_or("no such text")
    }

    fn display<'a>(&self, file: &'a FileId) -> Option<impl std::fmt::Display + 'a> {
        Some(self.map.name(*file).to_owned())
    }
}
