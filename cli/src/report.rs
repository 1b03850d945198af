//! Findings as people read them in a few lines.

use tollgate_compiler::{Checked, Diagnostic, Severity, SourceMap, Unsupported};
use tollgate_model::Places;

use crate::terminal;

/// Prints the findings of this severity and graver.
pub(crate) fn print(checked: &Checked, least: Severity) {
    for diagnostic in &checked.diagnostics {
        if diagnostic.severity() <= least {
            eprintln!("{}", short(diagnostic, &checked.sources));
        }
    }
}

fn short(diagnostic: &Diagnostic, sources: &SourceMap) -> String {
    let style = terminal::style(&std::io::stderr());
    let span = diagnostic.primary().span();
    let at = sources.line_column(span.file, span.start);
    let severity = format!("{}[{}]", diagnostic.severity().as_str(), diagnostic.code());
    let mut line = format!(
        "{}:{}:{}: {}: {}",
        sources.name(span.file),
        at.line,
        at.column,
        style.red(&severity),
        diagnostic.message()
    );
    if let Some(help) = diagnostic.help() {
        line.push_str(&format!("\n  help: {help}"));
    }
    line
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
