//! Findings as workflow commands, which GitHub shows beside the lines of a change.

use super::{file_name, range};
use crate::diagnostic::{Diagnostic, Severity};
use crate::source::SourceMap;

/// One line for each finding.
pub fn github(map: &SourceMap, found: &[Diagnostic]) -> String {
    let mut out = String::new();
    for diagnostic in found {
        let command = match diagnostic.severity() {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let span = diagnostic.primary().span();
        let range = range(map, span);
        let mut text = diagnostic.message().to_owned();
        for more in [diagnostic.help(), diagnostic.note()].into_iter().flatten() {
            text.push('\n');
            text.push_str(more);
        }
        out.push_str(&format!(
            "::{command} file={},line={},col={},endLine={},endColumn={},title={}::{}\n",
            property(file_name(map, span)),
            range.start.0,
            range.start.1,
            range.end.0,
            range.end.1,
            property(&format!(
                "{} {}",
                diagnostic.code(),
                diagnostic.info().name()
            )),
            data(&text),
        ));
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
