//! The report for a terminal.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::run::Report;
use crate::verdict::Outcome;

/// Failures with what was expected and what came, reasons of skips with their number, counts
/// by area, and at the end the line `N passed, N failed, N skipped`.
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    let mut skips: BTreeMap<&str, usize> = BTreeMap::new();
    for verdict in &report.verdicts {
        match &verdict.outcome {
            Outcome::Passed => {}
            Outcome::Skipped(reason) => *skips.entry(reason).or_default() += 1,
            Outcome::Failed { at, expected, got } => {
                let _ = writeln!(out, "FAILED {}", verdict.id);
                if !verdict.title.is_empty() {
                    let _ = writeln!(out, "  {}", verdict.title);
                }
                let _ = writeln!(out, "  at       {at}");
                let _ = writeln!(out, "  expected {}", shown(expected));
                let _ = writeln!(out, "  got      {}\n", shown(got));
            }
        }
    }
    if !skips.is_empty() {
        let _ = writeln!(out, "skipped:");
        for (reason, count) in skips {
            let _ = writeln!(out, "  {count:>5}  {reason}");
        }
        out.push('\n');
    }
    for (area, counts) in report.areas() {
        let _ = writeln!(
            out,
            "{area:<30} {:>6} passed {:>5} failed {:>5} skipped",
            counts.passed, counts.failed, counts.skipped
        );
    }
    let counts = report.counts();
    let _ = writeln!(
        out,
        "{} passed, {} failed, {} skipped",
        counts.passed, counts.failed, counts.skipped
    );
    out
}

/// A text on one line, of bearable length.
fn shown(text: &str) -> String {
    const MOST: usize = 600;
    let line = text
        .replace('\\', "\\\\")
        .replace('\n', "\\n")
        .replace('\r', "\\r");
    if line.chars().count() <= MOST {
        return line;
    }
    let cut: String = line.chars().take(MOST).collect();
    format!("{cut}… ({} characters)", line.chars().count())
}
