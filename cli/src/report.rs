//! Findings as people read them.

use std::io::IsTerminal;

use tollgate_compiler::report::{Color, human, summary};
use tollgate_compiler::{Checked, Severity, SourceMap, Unsupported};
use tollgate_model::Places;

use crate::terminal;

/// Prints the findings of this severity and graver, and a line that counts them.
pub(crate) fn print(checked: &Checked, least: Severity) {
    let color = color(&std::io::stderr());
    let mut found = checked.diagnostics.clone();
    found.retain(|diagnostic| diagnostic.severity() <= least);
    for diagnostic in &found {
        eprintln!("{}", human(&checked.sources, diagnostic, color));
    }
    if !found.is_empty() {
        eprintln!("{}", summary(&found));
    }
}

/// Whether a stream gets colours.
pub(crate) fn color(stream: &impl IsTerminal) -> Color {
    match terminal::style(stream).is_on() {
        true => Color::Always,
        false => Color::Never,
    }
}

/// Prints what the back end cannot express.
pub(crate) fn unsupported(finding: &Unsupported, sources: &SourceMap) {
    let style = terminal::style(&std::io::stderr());
    eprintln!(
        "{}: {}: {finding}",
        sources.file_line(finding.node),
        style.red("error")
    );
}
