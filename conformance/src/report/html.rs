//! The report as one HTML file that needs nothing else.

use std::fmt::Write;

use crate::run::Report;
use crate::verdict::Outcome;

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;\
padding:0 1rem;color-scheme:light dark}table{border-collapse:collapse}td,th{padding:.2rem .8rem;\
text-align:left;vertical-align:top;border-bottom:1px solid #8884}td.n{text-align:right}\
pre{white-space:pre-wrap;margin:0}details{margin:.4rem 0}summary{cursor:pointer}.failed{color:#c33}\
.skipped{color:#888}.passed{color:#383}";

/// A page with counts by area, every failure with what was expected and got, and every skip.
pub fn html(report: &Report) -> String {
    let counts = report.counts();
    let mut out = String::from("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">");
    let _ = write!(
        out,
        "<title>Conformance of {0}</title><style>{STYLE}</style><h1>Conformance of {0}</h1>\
         <p>{1} passed, {2} failed, {3} skipped</p>\
         <table><tr><th>Area<th>Passed<th>Failed<th>Skipped",
        escape(&report.subject),
        counts.passed,
        counts.failed,
        counts.skipped
    );
    for (area, counts) in report.areas() {
        let _ = write!(
            out,
            "<tr><td>{}<td class=\"n passed\">{}<td class=\"n failed\">{}<td class=\"n skipped\">{}",
            escape(&area),
            counts.passed,
            counts.failed,
            counts.skipped
        );
    }
    out.push_str("</table>");
    for verdict in &report.verdicts {
        let (class, inside) = match &verdict.outcome {
            Outcome::Passed => continue,
            Outcome::Skipped(reason) => ("skipped", format!("<p>{}</p>", escape(reason))),
            Outcome::Failed { at, expected, got } => (
                "failed",
                format!(
                    "<p>{}</p><table><tr><th>at<td>{}<tr><th>expected<td><pre>{}</pre>\
                     <tr><th>got<td><pre>{}</pre></table>",
                    escape(&verdict.title),
                    escape(at),
                    escape(expected),
                    escape(got)
                ),
            ),
        };
        let _ = write!(
            out,
            "<details><summary class=\"{class}\">{class}: {}</summary>{inside}</details>",
            escape(&verdict.id)
        );
    }
    out.push_str("</html>\n");
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
