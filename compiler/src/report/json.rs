//! Findings as JSON, in a form that has a version and a schema.

use serde_json::{Value, json};
use tollgate_grammar::Span;

use super::{file_name, range};
use crate::diagnostic::{Diagnostic, Label};
use crate::project::Allowed;
use crate::source::SourceMap;

/// The version of the form. A change that a reader could stumble over raises it.
pub const SCHEMA_VERSION: u32 = 1;

/// All findings, and those that are accepted, as one JSON document.
pub fn json(map: &SourceMap, found: &[Diagnostic], allowed: &[Allowed]) -> String {
    let found: Vec<Value> = found
        .iter()
        .map(|diagnostic| one(map, diagnostic))
        .collect();
    let allowed: Vec<Value> = allowed
        .iter()
        .map(|allowed| {
            let mut value = one(map, &allowed.diagnostic);
            value["reason"] = json!(allowed.reason);
            value
        })
        .collect();
    let document = json!({
        "version": SCHEMA_VERSION,
        "diagnostics": found,
        "allowed": allowed,
    });
    format!("{document:#}\n")
}

fn one(map: &SourceMap, diagnostic: &Diagnostic) -> Value {
    let secondary: Vec<Value> = diagnostic
        .secondary()
        .iter()
        .map(|label| label_value(map, label))
        .collect();
    let fix = diagnostic.fix().map(|fix| {
        let edits: Vec<Value> = fix
            .edits()
            .iter()
            .map(|edit| {
                let mut value = place(map, edit.span());
                value["text"] = json!(edit.text());
                value
            })
            .collect();
        json!({ "title": fix.title(), "certain": fix.is_certain(), "edits": edits })
    });
    json!({
        "code": diagnostic.code().to_string(),
        "name": diagnostic.info().name(),
        "severity": diagnostic.severity().as_str(),
        "message": diagnostic.message(),
        "primary": label_value(map, diagnostic.primary()),
        "secondary": secondary,
        "help": diagnostic.help(),
        "note": diagnostic.note(),
        "fix": fix,
    })
}

fn label_value(map: &SourceMap, label: &Label) -> Value {
    let mut value = place(map, label.span());
    value["text"] = json!(label.text());
    value
}

fn place(map: &SourceMap, span: Span) -> Value {
    let range = range(map, span);
    json!({
        "file": file_name(map, span),
        "bytes": [span.start, span.end],
        "start": { "line": range.start.0, "column": range.start.1 },
        "end": { "line": range.end.0, "column": range.end.1 },
    })
}

/// The JSON Schema of [`json()`]'s documents: `docs/diagnostics/schema.json`.
pub fn schema() -> String {
    let codes: Vec<String> = crate::diagnostic::all()
        .iter()
        .map(|info| info.code().to_string())
        .collect();
    let position = json!({
        "type": "object",
        "description": "counted from 1, columns in characters",
        "properties": { "line": { "type": "integer", "minimum": 1 }, "column": { "type": "integer", "minimum": 1 } },
        "required": ["line", "column"],
    });
    let place = json!({
        "type": "object",
        "properties": {
            "file": { "type": "string" },
            "bytes": {
                "description": "first byte, and one past the last",
                "type": "array", "items": { "type": "integer", "minimum": 0 }, "minItems": 2, "maxItems": 2,
            },
            "start": { "$ref": "#/definitions/position" },
            "end": { "$ref": "#/definitions/position" },
            "text": { "description": "what to say there, or to write there", "type": "string" },
        },
        "required": ["file", "bytes", "start", "end", "text"],
    });
    let text_or_null = json!({ "type": ["string", "null"] });
    let diagnostic = json!({
        "type": "object",
        "properties": {
            "code": { "enum": codes },
            "name": { "type": "string" },
            "severity": { "enum": ["error", "warning", "info"] },
            "message": { "type": "string" },
            "primary": { "$ref": "#/definitions/place" },
            "secondary": { "type": "array", "items": { "$ref": "#/definitions/place" } },
            "help": text_or_null,
            "note": text_or_null,
            "fix": {
                "type": ["object", "null"],
                "properties": {
                    "title": { "type": "string" },
                    "certain": { "description": "whether it may be applied without asking", "type": "boolean" },
                    "edits": { "type": "array", "items": { "$ref": "#/definitions/place" } },
                },
                "required": ["title", "certain", "edits"],
            },
            "reason": { "description": "of an accepted finding: why", "type": "string" },
        },
        "required": ["code", "name", "severity", "message", "primary", "secondary", "help", "note", "fix"],
    });
    let document = json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "Diagnostics of Tollgate",
        "type": "object",
        "properties": {
            "version": { "const": SCHEMA_VERSION },
            "diagnostics": { "type": "array", "items": { "$ref": "#/definitions/diagnostic" } },
            "allowed": { "type": "array", "items": { "$ref": "#/definitions/diagnostic" } },
        },
        "required": ["version", "diagnostics", "allowed"],
        "definitions": { "position": position, "place": place, "diagnostic": diagnostic },
    });
    format!("{document:#}\n")
}
