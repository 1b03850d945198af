//! Findings that a person accepts: `# tollgate: allow TG0605 — the backend never fails`
//! before an item covers that item, its block included.
//!
//! Errors cannot be accepted, a reason must be given, and an `allow` that covers nothing is
//! itself a finding, so that they do not outlive their cause.

use tollgate_grammar::{Span, Tree};

use crate::diagnostic::codes::{BadAllow, UnusedAllow};
use crate::diagnostic::{Code, Diagnostic, Finding, Severity, find};
use crate::source::SourceMap;

/// A finding that is accepted.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// The finding.
    pub diagnostic: Diagnostic,
    /// Why.
    pub reason: String,
    /// Where that is said; none for a line of the baseline.
    pub by: Option<Span>,
}

/// One `allow`.
struct Allow {
    code: Code,
    reason: String,
    /// The comment.
    at: Span,
    /// What it covers.
    covers: Span,
    used: bool,
}

const WORD: &str = "tollgate: allow";

/// Takes the accepted findings out of a list, and adds what is wrong with the `allow`s.
pub(crate) fn apply(map: &SourceMap, trees: &[Tree], found: &mut Vec<Diagnostic>) -> Vec<Allowed> {
    let mut allows = Vec::new();
    for tree in trees {
        for (ix, lines) in &tree.trivia.before {
            for line in lines.iter().flatten() {
                if let Some(rest) = line.trim_start().strip_prefix(WORD) {
                    let covers = tree.span(*ix);
                    let at = place(map, covers, line.trim());
                    read(rest, at, covers, &mut allows, found);
                }
            }
        }
    }
    let mut allowed = Vec::new();
    if allows.is_empty() {
        return allowed;
    }
    let mut kept = Vec::with_capacity(found.len());
    for diagnostic in found.drain(..) {
        let span = diagnostic.primary().span();
        let by = allows.iter_mut().find(|allow| {
            allow.code == diagnostic.code()
                && diagnostic.severity() != Severity::Error
                && allow.covers.file == span.file
                && allow.covers.start <= span.start
                && span.end <= allow.covers.end
        });
        match by {
            Some(allow) => {
                allow.used = true;
                allowed.push(Allowed {
                    diagnostic,
                    reason: allow.reason.clone(),
                    by: Some(allow.at),
                });
            }
            None => kept.push(diagnostic),
        }
    }
    *found = kept;
    for allow in allows.iter().filter(|allow| !allow.used) {
        found.push(UnusedAllow { code: allow.code }.at(allow.at));
    }
    allowed
}

/// ` TG0605, TG0604 — reason`.
fn read(rest: &str, at: Span, covers: Span, allows: &mut Vec<Allow>, found: &mut Vec<Diagnostic>) {
    let mut refuse = |why: String| found.push(BadAllow { why }.at(at));
    let (codes, reason) = match rest.find(['—', '–', ':']) {
        Some(sign) => {
            let length = rest[sign..].chars().next().map_or(1, char::len_utf8);
            (&rest[..sign], rest[sign + length..].trim())
        }
        None => (rest, ""),
    };
    if reason.is_empty() {
        refuse("it gives no reason".to_owned());
        return;
    }
    for written in codes.split([',', ' ']).filter(|code| !code.is_empty()) {
        match Code::parse(written).and_then(find) {
            None => refuse(format!("`{written}` is no code")),
            Some(info) if info.severity() == Severity::Error => {
                refuse(format!(
                    "`{written}` is an error, and errors cannot be allowed"
                ));
            }
            Some(info) => allows.push(Allow {
                code: info.code(),
                reason: reason.to_owned(),
                at,
                covers,
                used: false,
            }),
        }
    }
}

/// The place of a comment that stands before an item.
fn place(map: &SourceMap, item: Span, comment: &str) -> Span {
    let before = map.text(item.file).get(..item.start as usize).unwrap_or("");
    match before.rfind(comment) {
        Some(start) => Span::new(item.file, start as u32, (start + comment.len()) as u32),
        None => Span::new(item.file, item.start, item.start),
    }
}
