//! The runtime's template engine, asked alone.

use std::fmt::Write;

use serde_json::{Map, Value as Json, json};
use tollgate_compiler::template;
use tollgate_runtime::json::{Bound, Heap, Kind, Lent, Mode, Style, parse};
use tollgate_runtime::vtl::{Host, Kept, MapHost, Place, Program, Settings, render};
use tollgate_runtime::{Scratch, Text, Value};

use crate::engines::{TemplateInput, TemplateOutput};
use crate::verdict::Missing;

/// Bytes that one rendering may use.
pub(super) const SCRATCH: usize = 64 << 20;

/// Renders a template as a mapping template of a request.
pub(super) fn run(input: &TemplateInput) -> Result<TemplateOutput, Missing> {
    let Prelude {
        lines: prelude,
        given,
        built,
    } = prelude(&input.variables)?;
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
    let host = Given { host, built };
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
            let overrides = overrides(&host.host, &mut scratch, kept.context);
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
/// The member of `$context` that holds what is built: lists and maps with `null` in them, which no template makes.
const BUILT: &str = "built";

/// A host with values that no JSON reader makes either.
struct Given {
    host: MapHost,
    built: Map<String, Json>,
}

impl Lent for Given {
    fn lent(&self, text: Text) -> Option<&[u8]> {
        self.host.lent(text)
    }
}

impl Host for Given {
    fn body(&self) -> Text {
        Host::body(&self.host)
    }

    fn params(&self, place: Place, heap: &mut Heap<'_>) -> Result<Value, Bound> {
        self.host.params(place, heap)
    }

    fn context(&self, heap: &mut Heap<'_>) -> Result<Value, Bound> {
        let context = self.host.context(heap)?;
        if !self.built.is_empty() {
            let built = heap.map(Kind::Map)?;
            for (name, value) in &self.built {
                let value = build(heap, value)?;
                heap.put_member(built, name.as_bytes(), value)?;
            }
            heap.put_member(context, BUILT.as_bytes(), built)?;
        }
        Ok(context)
    }

    fn stage_variables(&self, heap: &mut Heap<'_>) -> Result<Value, Bound> {
        self.host.stage_variables(heap)
    }
}

/// A Java value: lists and maps as a host has them.
fn build(heap: &mut Heap<'_>, value: &Json) -> Result<Value, Bound> {
    Ok(match value {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(*truth),
        Json::String(text) => heap.text(text.as_bytes())?,
        Json::Number(number) => {
            let text = heap.scratch.push(number.to_string().as_bytes())?;
            parse(heap, text, Mode::Strict).unwrap_or_default()
        }
        Json::Array(items) => {
            let items: Result<Vec<_>, _> = items.iter().map(|item| build(heap, item)).collect();
            heap.list(Kind::List, &items?)?
        }
        Json::Object(members) => {
            let map = heap.map(Kind::Map)?;
            for (name, value) in members {
                let value = build(heap, value)?;
                heap.put_member(map, name.as_bytes(), value)?;
            }
            map
        }
    })
}

fn holds_null(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(items) => items.iter().any(holds_null),
        Json::Object(members) => members.values().any(holds_null),
        _ => false,
    }
}

/// Whether a template can name a variable so. No reference reads another.
fn is_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || matches!(character, '_' | '-'))
}

/// What stands before a case's template, and what it reads.
#[derive(Default)]
struct Prelude {
    lines: String,
    given: Map<String, Json>,
    built: Map<String, Json>,
}

/// A mapping template has no variables of its host; what a case gives is assigned first, each in a
/// line of its own, which `#set` swallows whole.
fn prelude(variables: &[(String, Json)]) -> Result<Prelude, Missing> {
    let Prelude {
        mut lines,
        mut given,
        mut built,
    } = Prelude::default();
    for (name, value) in variables {
        if value.is_null() || !is_name(name) {
            continue;
        }
        if matches!(
            name.as_str(),
            "context" | "input" | "util" | "stageVariables"
        ) {
            return Err(Missing(format!("a host's own `${name}`")));
        }
        let literal = if holds_null(value) {
            built.insert(name.clone(), value.clone());
            format!("$context.{BUILT}.{name}")
        } else {
            literal(value, &mut given)?
        };
        let _ = writeln!(lines, "#set(${name} = {literal})");
    }
    Ok(Prelude {
        lines,
        given,
        built,
    })
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
