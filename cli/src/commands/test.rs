//! `tollgate test`: the program's own tests.

use clap::Args;
use serde_json::Value;
use tollgate_compiler::{Severity, SourceMap};
use tollgate_conformance::{Memory, Script, Scripted, TemplateOutput, matching};
use tollgate_model::{ExpectedBody, NodeId, Places, Program, Test, TestStep};
use tollgate_reference::{Answer, BackendAnswer, Call, CallKind, Request};

use crate::Outcome;
use crate::compile::{self, Input};
use crate::failure::Failure;
use crate::world::{self, Given, Local};
use crate::{rendering, report, terminal};

/// Run a program's tests.
///
/// The specification answers; nothing is called, and time stands still. Exits with 1 if a test failed.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Only tests whose title holds this text.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let checked = compile::check(&compile::open(&arguments.input.path)?, &arguments.input)?;
    report::print(&checked, Severity::Error);
    let Some(program) = &checked.program else {
        return Ok(Outcome::Findings);
    };
    let wanted = |test: &&Test| {
        let filter = arguments.filter.as_deref();
        filter.is_none_or(|text| test.title.contains(text))
    };
    let style = terminal::style(&std::io::stdout());
    let (mut passed, mut failed) = (0, 0);
    for test in program.tests.iter().filter(wanted) {
        let faults = one(program, test, &checked.sources);
        if faults.is_empty() {
            passed += 1;
            terminal::print(&format!("{} {}\n", style.green("ok    "), test.title));
            continue;
        }
        failed += 1;
        terminal::print(&format!("{} {}\n", style.red("FAILED"), test.title));
        for fault in faults {
            terminal::print(&format!("  {fault}\n"));
        }
    }
    if passed + failed == 0 {
        return Err(match &arguments.filter {
            Some(text) => Failure::new(format!("no test's title holds `{text}`")),
            None => Failure::new("the program has no tests")
                .help("write one: test \"…\" { send GET / at API.stage, expect 200 }"),
        });
    }
    terminal::print(&format!("{passed} passed, {failed} failed\n"));
    Ok(if failed == 0 {
        Outcome::Fine
    } else {
        Outcome::Findings
    })
}

/// Runs a test; what did not hold, with places.
fn one(program: &Program, test: &Test, places: &SourceMap) -> Vec<String> {
    let mut program = program.clone();
    for stage in &mut program.stages {
        for (name, value) in &test.given.variables {
            stage.variables.retain(|(n, _)| n != name);
            stage.variables.push((
                name.clone(),
                tollgate_model::text::Text::literal(value.clone()),
            ));
        }
    }
    let claims = test
        .given
        .claims
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok());
    let given = Given { claims };
    let mut memory = Memory::default();
    let mut faults = Vec::new();
    let mut steps = test.steps.as_slice();
    // Each request with the steps up to the next one.
    while let Some((first, rest)) = steps.split_first() {
        let next = rest
            .iter()
            .position(|s| matches!(s, TestStep::Send { .. } | TestStep::Render { .. }));
        let (own, later) = rest.split_at(next.unwrap_or(rest.len()));
        steps = later;
        let fault = |node, text: String| format!("{}: {text}", places.file_line(node));
        if let TestStep::Render { .. } = first {
            for (node, text) in rendered(test, first, own) {
                faults.push(fault(node, text));
            }
            continue;
        }
        let Some((api, stage, mut request)) = request(&program, test, first) else {
            faults.push(fault(
                first.node(),
                "there is no request before this".into(),
            ));
            continue;
        };
        world::show_token(&program, api, &given, &mut request);
        let script = Script {
            backend: own.iter().find_map(backend),
            authorizer: None,
            ..Script::default()
        };
        let now_ms = test.given.now_ms.unwrap_or(DEFAULT_NOW_MS);
        let mut local = Local {
            program: &program,
            api,
            scripted: Scripted::new(&mut memory, &script, now_ms),
            given: &given,
        };
        let answer =
            tollgate_reference::answer(&program, api, stage, &request, &mut local, &mut ());
        let calls = local.scripted.integrations;
        for step in own {
            let held = match step {
                TestStep::Expect {
                    status,
                    headers,
                    body,
                    ..
                } => answered(&answer, *status, headers, body.as_ref()),
                TestStep::ExpectBackend {
                    method,
                    url,
                    headers,
                    body,
                    ..
                } => called(&calls, method, url, headers, body.as_ref()),
                TestStep::ExpectRendered { .. } => {
                    Err("expected a rendered text, no template was sent".to_owned())
                }
                TestStep::Send { .. } | TestStep::Render { .. } | TestStep::Backend { .. } => {
                    Ok(())
                }
            };
            if let Err(text) = held {
                faults.push(fault(step.node(), text));
            }
        }
    }
    faults
}

/// Renders a template alone; what did not hold of the steps behind it.
fn rendered(test: &Test, sent: &TestStep, expected: &[TestStep]) -> Vec<(NodeId, String)> {
    let Some(input) = rendering::of_step(sent, &test.given) else {
        return Vec::new();
    };
    let output = rendering::render(&input);
    let mut faults = Vec::new();
    if expected.is_empty() && !matches!(output, TemplateOutput::Rendered { .. }) {
        faults.push((sent.node(), rendering::told(&output)));
    }
    for step in expected {
        let held = match (step, &output) {
            (TestStep::ExpectRendered { body, .. }, TemplateOutput::Rendered { text, .. }) => {
                same_body(Some(body), text.as_bytes())
            }
            (TestStep::ExpectRendered { .. }, output) => Err(rendering::told(output)),
            _ => Err("a template alone has no answer: write `expect \"…\"`".to_owned()),
        };
        if let Err(text) = held {
            faults.push((step.node(), text));
        }
    }
    faults
}

/// 2026-01-01T00:00:00Z, where a test does not say: the same in every run.
pub(super) const DEFAULT_NOW_MS: u64 = 1_767_225_600_000;

fn request<'p>(
    program: &Program,
    test: &'p Test,
    step: &'p TestStep,
) -> Option<(&'p str, &'p str, Request)> {
    let TestStep::Send {
        method,
        target,
        api,
        stage,
        from,
        headers,
        body,
        ..
    } = step
    else {
        return None;
    };
    let mut request = Request::new(method, world::target(stage, target));
    request.headers.clone_from(headers);
    request.domain = world::domain(program, api);
    if request.header("host").is_none() {
        request
            .headers
            .insert(0, ("Host".into(), request.domain.clone()));
    }
    for key in &test.given.keys {
        let value = world::key_value(program, key)?;
        request.headers.push(("x-api-key".into(), value));
    }
    if let Some(from) = from {
        request.source_ip = *from;
    }
    if let Some(body) = body {
        request.body.clone_from(body);
    }
    Some((api, stage, request))
}

fn backend(step: &TestStep) -> Option<BackendAnswer> {
    let TestStep::Backend {
        status,
        headers,
        body,
        ..
    } = step
    else {
        return None;
    };
    Some(BackendAnswer::Answered {
        status: *status,
        headers: headers.clone(),
        body: body.clone().unwrap_or_default(),
    })
}

type Headers = [(String, String)];

fn answered(
    answer: &Answer,
    status: u16,
    headers: &Headers,
    body: Option<&ExpectedBody>,
) -> Result<(), String> {
    if answer.status != status {
        return Err(format!(
            "expected {status}, got {}: {}",
            answer.status,
            String::from_utf8_lossy(&answer.body)
        ));
    }
    same_headers(headers, &answer.headers)?;
    same_body(body, &answer.body)
}

fn called(
    calls: &[Call],
    method: &str,
    url: &str,
    headers: &Headers,
    body: Option<&ExpectedBody>,
) -> Result<(), String> {
    let Some(call) = calls.last() else {
        return Err(format!(
            "expected a call of the backend, {method} {url}: there was none"
        ));
    };
    let got = match call.kind {
        CallKind::Http => call.url(),
        _ => call.uri.clone(),
    };
    if call.method != method || got != url {
        return Err(format!(
            "expected {method} {url}, got {} {got}",
            call.method
        ));
    }
    same_headers(headers, &call.headers)?;
    same_body(body, &call.body)
}

fn same_headers(expected: &Headers, got: &Headers) -> Result<(), String> {
    for (name, value) in expected {
        let values: Vec<&str> = got
            .iter()
            .filter(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
            .collect();
        if values.join(", ") != *value {
            return Err(match values.as_slice() {
                [] => format!("expected the header `{name}: {value}`, there is none of that name"),
                values => format!(
                    "expected the header `{name}: {value}`, got `{}`",
                    values.join(", ")
                ),
            });
        }
    }
    Ok(())
}

fn same_body(expected: Option<&ExpectedBody>, got: &[u8]) -> Result<(), String> {
    let shown = String::from_utf8_lossy(got);
    match expected {
        None => Ok(()),
        Some(ExpectedBody::Text(text)) if text.as_bytes() == got => Ok(()),
        Some(ExpectedBody::Text(text)) => Err(format!("expected the body `{text}`, got `{shown}`")),
        Some(ExpectedBody::Json(text)) => {
            let expected: Value = serde_json::from_str(text).unwrap_or_default();
            match serde_json::from_slice::<Value>(got) {
                Ok(got) if matching::same_json(&expected, &got) => Ok(()),
                _ => Err(format!("expected the body {expected}, got `{shown}`")),
            }
        }
    }
}
