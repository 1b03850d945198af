//! A baseline: findings that a project had when it began to look, and that may stay. A
//! line is a code, a file and a digest of the line that the finding stands on, so that it
//! survives edits elsewhere; the rest of the line is for people.
//!
//! ```text
//! TG0605 api/orders.gate 8f0c2a51 no response takes what no pattern fits
//! ```

use std::collections::HashMap;

use tollgate_grammar::Span;
use tollgate_model::Places;

use super::allow::Allowed;
use crate::diagnostic::codes::UnusedBaseline;
use crate::diagnostic::{Code, Diagnostic, Finding, Severity};
use crate::source::{Source, SourceMap};

/// What identifies a finding across edits.
type Key = (Code, String, String);

/// The baseline of these findings: one line each, sorted. Errors have none.
pub fn baseline(map: &SourceMap, found: &[Diagnostic]) -> String {
    let mut lines: Vec<String> = found
        .iter()
        .filter(|diagnostic| diagnostic.severity() != Severity::Error)
        .map(|diagnostic| {
            let (code, file, digest) = key(map, diagnostic);
            format!("{code} {file} {digest} {}", diagnostic.message())
        })
        .collect();
    lines.sort_unstable();
    let mut text =
        String::from("# Findings that may stay. Made by `tollgate check --write-baseline`.\n");
    for line in lines {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// Takes the findings of the baseline out of a list; lines that fit none are findings.
pub(crate) fn apply(
    map: &mut SourceMap,
    source: &Source,
    found: &mut Vec<Diagnostic>,
) -> Vec<Allowed> {
    let file = map.add(&source.name, &source.bytes);
    let text = map.text(file).to_owned();
    let mut known: HashMap<Key, Vec<Span>> = HashMap::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let at = Span::new(file, start, start + line.trim_end().len() as u32);
        start += line.len() as u32;
        let mut words = line.split_whitespace();
        let code = words.next().and_then(Code::parse);
        if let (Some(code), Some(name), Some(digest)) = (code, words.next(), words.next()) {
            let key = (code, name.to_owned(), digest.to_owned());
            known.entry(key).or_default().push(at);
        }
    }
    let mut allowed = Vec::new();
    let mut kept = Vec::with_capacity(found.len());
    for diagnostic in found.drain(..) {
        let line = match diagnostic.severity() {
            Severity::Error => None,
            _ => known.get_mut(&key(map, &diagnostic)).and_then(Vec::pop),
        };
        match line {
            Some(_) => allowed.push(Allowed {
                diagnostic,
                reason: format!("in the baseline `{}`", source.name),
                by: None,
            }),
            None => kept.push(diagnostic),
        }
    }
    *found = kept;
    for at in known.into_values().flatten() {
        found.push(UnusedBaseline {}.at(at));
    }
    allowed
}

fn key(map: &SourceMap, diagnostic: &Diagnostic) -> Key {
    let span = diagnostic.primary().span();
    let text = map.text(span.file);
    let start = text
        .get(..span.start as usize)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline + 1);
    let line = text
        .get(start..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or("");
    // FNV-1a: the digest tells lines apart, nothing depends on it.
    let mut hash: u32 = 0x811c_9dc5;
    for byte in line.trim().bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    (
        diagnostic.code(),
        map.name(span.file).replace(' ', "%20"),
        format!("{hash:08x}"),
    )
}
