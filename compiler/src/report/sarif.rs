//! Findings as SARIF 2.1.0, which code hosts and editors read.

use serde_json::{Value, json};
use tollgate_grammar::Span;

use super::{file_name, range};
use crate::diagnostic::{self, Diagnostic, Info, Severity};
use crate::project::Allowed;
use crate::source::SourceMap;

/// All findings as one SARIF document. Accepted ones are results with a suppression.
pub fn sarif(map: &SourceMap, found: &[Diagnostic], allowed: &[Allowed]) -> String {
    // Only the rules that are used: a document stays small.
    let mut rules: Vec<&'static Info> = found
        .iter()
        .chain(allowed.iter().map(|allowed| &allowed.diagnostic))
        .map(Diagnostic::info)
        .collect();
    rules.sort_by_key(|info| info.code());
    rules.dedup_by_key(|info| info.code());
    let index = |diagnostic: &Diagnostic| {
        rules
            .iter()
            .position(|info| info.code() == diagnostic.code())
            .unwrap_or(0)
    };
    let mut results: Vec<Value> = found
        .iter()
        .map(|diagnostic| result(map, diagnostic, index(diagnostic)))
        .collect();
    for allowed in allowed {
        let mut value = result(map, &allowed.diagnostic, index(&allowed.diagnostic));
        let kind = if allowed.by.is_some() {
            "inSource"
        } else {
            "external"
        };
        value["suppressions"] = json!([{ "kind": kind, "justification": allowed.reason }]);
        results.push(value);
    }
    let rules: Vec<Value> = rules.into_iter().map(rule).collect();
    let document = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "tollgate",
                "version": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    format!("{document:#}\n")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

fn rule(info: &'static Info) -> Value {
    json!({
        "id": info.code().to_string(),
        "name": info.name(),
        "shortDescription": { "text": info.summary() },
        "help": { "text": diagnostic::page(info), "markdown": diagnostic::page(info) },
        "defaultConfiguration": { "level": level(info.severity()) },
    })
}

fn result(map: &SourceMap, diagnostic: &Diagnostic, rule: usize) -> Value {
    let mut text = diagnostic.message().to_owned();
    if let Some(help) = diagnostic.help() {
        text.push_str("\n\nhelp: ");
        text.push_str(help);
    }
    if let Some(note) = diagnostic.note() {
        text.push_str("\n\nthe reference says: ");
        text.push_str(note);
    }
    let related: Vec<Value> = diagnostic
        .secondary()
        .iter()
        .enumerate()
        .map(|(id, label)| {
            let mut value = location(map, label.span());
            value["id"] = json!(id);
            value["message"] = json!({ "text": label.text() });
            value
        })
        .collect();
    let mut value = json!({
        "ruleId": diagnostic.code().to_string(),
        "ruleIndex": rule,
        "level": level(diagnostic.severity()),
        "message": { "text": text },
        "locations": [location(map, diagnostic.primary().span())],
    });
    if !related.is_empty() {
        value["relatedLocations"] = json!(related);
    }
    if let Some(fix) = diagnostic.fix() {
        let changes: Vec<Value> = fix
            .edits()
            .iter()
            .map(|edit| {
                json!({
                    "artifactLocation": { "uri": uri(file_name(map, edit.span())) },
                    "replacements": [{
                        "deletedRegion": region(map, edit.span()),
                        "insertedContent": { "text": edit.text() },
                    }],
                })
            })
            .collect();
        value["fixes"] =
            json!([{ "description": { "text": fix.title() }, "artifactChanges": changes }]);
    }
    value
}

fn location(map: &SourceMap, span: Span) -> Value {
    json!({ "physicalLocation": {
        "artifactLocation": { "uri": uri(file_name(map, span)) },
        "region": region(map, span),
    } })
}

fn region(map: &SourceMap, span: Span) -> Value {
    let range = range(map, span);
    json!({
        "startLine": range.start.0,
        "startColumn": range.start.1,
        "endLine": range.end.0,
        "endColumn": range.end.1,
    })
}

/// A name as a relative URI reference.
fn uri(name: &str) -> String {
    let mut uri = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}
