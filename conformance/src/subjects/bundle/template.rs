//! The runtime's template engine, asked alone.

use std::fmt::Write;

use serde_json::{Map, Value as Json, json};
use tollgate_compiler::template;
use tollgate_runtime::json::{Heap, Style};
use tollgate_runtime::vtl::{Kept, MapHost, Program, Settings, render};
use tollgate_runtime::{Scratch, Value};

use crate::engines::{TemplateInput, TemplateOutput};
use crate::verdict::Missing;

/// Bytes that one rendering may use.
pub(super) const SCRATCH: usize = 64 << 20;

/// Renders a template as a mapping template of a request.
pub(super) fn run(input: &TemplateInput) -> Result<TemplateOutput, Missing> {
    let (prelude, given) = prelude(&input.variables)?;
    let source = format!("{prelude}{}", input.template);
    let parsed = match tollgate_grammar::vtl::parse(&source) {
        Ok(parsed) => parsed,
        Err(error) => return Ok(TemplateOutput::ParseError(format!("{error:?}"))),
    };
    let compiled = match template::compile(&parsed) {
        Ok(compiled) => compiled,
        Err(error) => return Ok(TemplateOutput::ParseError(format!("{error:?}"))),
    };
    let mut context = input.context.clone();
    if !given.is_empty() {
        context = json!({ GIVEN: given });
    }
    let object =
        |pairs: &[(String, Json)]| Json::Object(pairs.iter().cloned().collect()).to_string();
    let host = MapHost {
        program: compiled.blob.clone(),
        body: input.body.clone().into_bytes(),
        path: object(&input.path),
        query: object(&input.query),
        header: object(&input.headers),
        context: object_text(&context),
        stage_variables: object_text(&input.stage_variables),
    };
    let program = Program::open(&compiled.blob, 0)
        .and_then(|program| program.verify().map(|()| program))
        .map_err(|error| Missing(format!("a template that its own loader takes: {error:?}")))?;
    let mut scratch = Scratch::new(SCRATCH);
    let mut kept = Kept::default();
    match render(
        program,
        &host,
        &mut scratch,
        &Settings::default(),
        &mut kept,
    ) {
        Ok(text) => {
            let bytes = scratch.bytes(text.off, text.len).unwrap_or_default();
            let text = String::from_utf8_lossy(bytes).into_owned();
            let overrides = overrides(&host, &mut scratch, kept.context);
            Ok(TemplateOutput::Rendered { text, overrides })
        }
        Err(fault) => Ok(TemplateOutput::RuntimeError(format!("{fault:?}"))),
    }
}

fn object_text(value: &Json) -> String {
    match value {
        Json::Object(_) => value.to_string(),
        _ => "{}".into(),
    }
}

/// The member of `$context` that holds texts which no literal can spell.
const GIVEN: &str = "given";

/// A mapping template has no variables of its host; what a case gives is assigned first, each in a
/// line of its own, which `#set` swallows whole.
fn prelude(variables: &[(String, Json)]) -> Result<(String, Map<String, Json>), Missing> {
    let mut lines = String::new();
    let mut given = Map::new();
    for (name, value) in variables {
        if value.is_null() {
            continue;
        }
        if matches!(
            name.as_str(),
            "context" | "input" | "util" | "stageVariables"
        ) {
            return Err(Missing(format!("a host's own `${name}`")));
        }
        let literal = literal(value, &mut given)?;
        let _ = writeln!(lines, "#set(${name} = {literal})");
    }
    Ok((lines, given))
}

/// A Java value as an expression: lists and maps are of the template, not of a JSON reader.
fn literal(value: &Json, given: &mut Map<String, Json>) -> Result<String, Missing> {
    let mut shared = |value: &Json| {
        let name = format!("v{}", given.len());
        given.insert(name.clone(), value.clone());
        format!("$context.{GIVEN}.{name}")
    };
    Ok(match value {
        Json::Null => return Err(Missing("`null` inside a host's value".into())),
        Json::Bool(value) => value.to_string(),
        Json::Number(_) => shared(value),
        Json::String(text) => match text.contains(['\'', '\n', '\r']) {
            true => shared(value),
            false => format!("'{text}'"),
        },
        Json::Array(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(|item| literal(item, given)).collect();
            format!("[{}]", items?.join(", "))
        }
        Json::Object(members) => {
            let mut pairs = Vec::new();
            for (name, value) in members {
                let name = literal(&Json::String(name.clone()), given)?;
                pairs.push(format!("{name}: {}", literal(value, given)?));
            }
            format!("{{{}}}", pairs.join(", "))
        }
    })
}

/// The override maps that are not empty.
fn overrides(host: &MapHost, scratch: &mut Scratch, context: Value) -> Json {
    let mut heap = Heap::new(host, scratch, 1 << 24);
    let mut kept = Map::new();
    for name in ["requestOverride", "responseOverride"] {
        let Ok(Some(group)) = heap.member(context, name.as_bytes()) else {
            continue;
        };
        let Ok(text) = heap.to_text(group, Style::Json) else {
            continue;
        };
        let Ok(Json::Object(mut group)) = serde_json::from_slice(heap.bytes(text)) else {
            continue;
        };
        group.retain(|_, member| member.as_object().is_none_or(|member| !member.is_empty()));
        if !group.is_empty() {
            kept.insert(name.into(), group.into());
        }
    }
    kept.into()
}
