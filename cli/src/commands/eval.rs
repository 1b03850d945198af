//! `tollgate eval`: one request, answered by the specification, with what every phase found.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use tollgate_conformance::{Memory, Script, Scripted};
use tollgate_model::{NodeId, Places, Program};
use tollgate_reference::{Answer, BackendAnswer, Call, Event, Request};

use crate::Outcome;
use crate::compile::{self, Input, pair};
use crate::failure::{Failure, plain};
use crate::nearest::nearest;
use crate::world::{self, Given, Local};
use crate::{report, terminal};

/// Answer one request as the specification does, and say why.
///
/// Nothing is called: a backend answers as scripted, or 200 without a body.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The project, which may be left out, and the request: 'GET /orders/1?expand=lines'.
    #[arg(required = true, num_args = 1..=2, value_name = "[PROJECT] REQUEST")]
    what: Vec<String>,
    /// A header of the request.
    #[arg(short = 'H', long = "header", value_name = "NAME: VALUE", value_parser = header)]
    headers: Vec<(String, String)>,
    /// The body of the request; `@FILE` reads it.
    #[arg(short, long = "data", value_name = "BODY")]
    data: Option<String>,
    /// The stage. Default: the only one.
    #[arg(long, value_name = "API.STAGE")]
    at: Option<String>,
    /// The client's address.
    #[arg(long, value_name = "IP")]
    from: Option<IpAddr>,
    /// A JSON object of the caller's claims: what an authorizer finds out.
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// The API key of this name is sent.
    #[arg(long, value_name = "NAME")]
    key: Option<String>,
    /// The time: 2026-11-23T10:00:00Z. Default: the present.
    #[arg(long, value_name = "TIME", value_parser = time)]
    now: Option<u64>,
    /// The backend's status.
    #[arg(long, value_name = "STATUS", default_value_t = 200)]
    backend_status: u16,
    /// A header of the backend's answer.
    #[arg(long = "backend-header", value_name = "NAME: VALUE", value_parser = header)]
    backend_headers: Vec<(String, String)>,
    /// The body of the backend's answer, or a function's result; `@FILE` reads it.
    #[arg(long, value_name = "BODY")]
    backend_data: Option<String>,
    /// A parameter's value; beats params.toml.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    params: Vec<(String, String)>,
    /// How the answer and its trace are printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Human,
    Json,
}

fn header(text: &str) -> Result<(String, String), String> {
    match text.split_once(':') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.trim().to_owned())),
        _ => Err("write 'NAME: VALUE'".into()),
    }
}

fn time(text: &str) -> Result<u64, String> {
    let time: jiff::Timestamp = text
        .parse()
        .map_err(|_| "write it like 2026-11-23T10:00:00Z".to_owned())?;
    u64::try_from(time.as_millisecond()).map_err(|_| "no time before 1970".into())
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let (project, line) = match arguments.what.as_slice() {
        [project, line] => (Path::new(project.as_str()), line),
        [line] => (Path::new("."), line),
        _ => return Err(Failure::new("write a request")),
    };
    let (method, path) = request_line(line)?;
    let input = Input {
        path: project.to_owned(),
        params: arguments.params.clone(),
    };
    let checked = compile::check(&compile::open(project)?, &input)?;
    let Some(program) = checked.program.as_ref() else {
        report::print(&checked, tollgate_compiler::Severity::Error);
        return Ok(Outcome::Findings);
    };
    let (api, stage) = stage(program, arguments.at.as_deref())?;
    let mut request = Request::new(method, world::target(&stage, path));
    request.headers.clone_from(&arguments.headers);
    request.domain = world::domain(program, &api);
    if request.header("host").is_none() {
        request
            .headers
            .insert(0, ("Host".into(), request.domain.clone()));
    }
    if let Some(name) = &arguments.key {
        let value = world::key_value(program, name).ok_or_else(|| {
            let names: Vec<_> = program
                .keys
                .iter()
                .map(|k| format!("`{}`", k.name))
                .collect();
            Failure::new(format!("there is no key `{name}`")).help(match names.as_slice() {
                [] => "the program has no keys".to_owned(),
                names => format!("the program's keys are {}", names.join(", ")),
            })
        })?;
        request.headers.push(("x-api-key".into(), value));
    }
    if let Some(from) = arguments.from {
        request.source_ip = from;
    }
    if let Some(data) = &arguments.data {
        request.body = body(data)?;
    }
    let given = Given {
        claims: arguments.claims.as_deref().map(claims).transpose()?,
    };
    let script = Script {
        backend: Some(BackendAnswer::Answered {
            status: arguments.backend_status,
            headers: arguments.backend_headers.clone(),
            body: match &arguments.backend_data {
                Some(data) => body(data)?,
                None => b"{}".to_vec(),
            },
        }),
        authorizer: None,
    };
    let mut memory = Memory::default();
    let now_ms = arguments.now.unwrap_or_else(present);
    let mut local = Local {
        scripted: Scripted::new(&mut memory, &script, now_ms),
        given: &given,
    };
    let mut events: Vec<Event> = Vec::new();
    let answer =
        tollgate_reference::answer(program, &api, &stage, &request, &mut local, &mut events);
    let trace = Trace {
        program,
        places: &checked.sources,
        api: &api,
        method,
        path,
        events: &events,
    };
    terminal::print(&match arguments.format {
        Format::Human => trace.human(&answer),
        Format::Json => format!("{:#}\n", trace.json(&answer)),
    });
    Ok(Outcome::Fine)
}

fn present() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
}

fn request_line(line: &str) -> Result<(&str, &str), Failure> {
    let (method, path) = line.split_once(' ').unwrap_or(("GET", line));
    if path.starts_with('/') && !path.contains(' ') && !method.is_empty() {
        return Ok((method, path));
    }
    Err(Failure::new(format!("`{line}` is no request"))
        .help("write it like 'GET /orders/1?expand=lines'"))
}

/// The API and stage that are meant.
fn stage(program: &Program, at: Option<&str>) -> Result<(String, String), Failure> {
    let names: Vec<String> = program
        .stages
        .iter()
        .map(|s| format!("{}.{}", s.api, s.name))
        .collect();
    let found = match at {
        Some(at) => program
            .stages
            .iter()
            .find(|s| format!("{}.{}", s.api, s.name) == at),
        None if names.len() == 1 => program.stages.first(),
        None => None,
    };
    if let Some(stage) = found {
        return Ok((stage.api.clone(), stage.name.clone()));
    }
    let failure = match at {
        Some(at) => Failure::new(format!("there is no stage `{at}`")),
        None if names.is_empty() => Failure::new("the program has no stage"),
        None => Failure::new("the program has several stages"),
    };
    Err(match names.as_slice() {
        [] => failure.help("write one: stage dev of API {}"),
        names => failure.help(format!("name one with --at: {}", names.join(", "))),
    })
}

/// A body as given, or out of `@FILE`.
fn body(text: &str) -> Result<Vec<u8>, Failure> {
    match text.strip_prefix('@') {
        Some(file) => {
            let path = Path::new(file);
            std::fs::read(path).map_err(|error| Failure::file("read", path, &error))
        }
        None => Ok(text.as_bytes().to_vec()),
    }
}

fn claims(path: &Path) -> Result<Map<String, Value>, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file("read", path, &error))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure::new(format!(
            "`{}` is no JSON object of claims: {}",
            path.display(),
            plain(&error)
        ))
    })
}

/// What the recorder heard, for people and for tools.
struct Trace<'a> {
    program: &'a Program,
    places: &'a dyn Places,
    api: &'a str,
    method: &'a str,
    path: &'a str,
    events: &'a [Event],
}

impl Trace<'_> {
    fn place(&self, node: &Option<NodeId>) -> Option<String> {
        node.map(|node| self.places.file_line(node))
    }

    /// The routes that were perhaps meant, if none matched.
    fn nearest(&self, event: &Event) -> Vec<String> {
        let Event::Refused {
            phase: tollgate_reference::Phase::Route,
            ..
        } = event
        else {
            return Vec::new();
        };
        let Some(api) = self.program.api(self.api) else {
            return Vec::new();
        };
        let named = |route: &&tollgate_model::api::Route| {
            format!(
                "{} ({})",
                route.key.display(),
                self.places.file_line(route.node)
            )
        };
        nearest(api, self.method, self.path)
            .iter()
            .map(named)
            .collect()
    }

    fn human(&self, answer: &Answer) -> String {
        let style = terminal::style(&std::io::stdout());
        let mut out = format!("{}\n", answer.status);
        for (name, value) in &answer.headers {
            out.push_str(&format!("{name}: {value}\n"));
        }
        out.push('\n');
        if !answer.body.is_empty() {
            out.push_str(&String::from_utf8_lossy(&answer.body));
            out.push_str("\n\n");
        }
        for event in self.events {
            let (name, text, place) = match event {
                Event::Passed {
                    phase,
                    finding,
                    node,
                } => (phase_name(*phase), finding.clone(), self.place(node)),
                Event::Refused {
                    phase,
                    response,
                    reason,
                    node,
                } => {
                    let text = format!("{} {}: {reason}", style.red("refused"), response.name());
                    (phase_name(*phase), text, self.place(node))
                }
                Event::Called { call } => ("→ backend", called(call), None),
                Event::Received { status, body, .. } => {
                    ("← backend", format!("{status}, {} bytes", body.len()), None)
                }
                Event::Statement { node, sid, matched } => {
                    let sid = sid
                        .as_ref()
                        .map(|sid| format!(" `{sid}`"))
                        .unwrap_or_default();
                    let text = match matched {
                        Ok(()) => format!("statement{sid} matches"),
                        Err((why, _)) => format!("statement{sid} does not match: {why}"),
                    };
                    ("", text, self.place(&Some(*node)))
                }
            };
            let place = place.map(|p| format!("  ({p})")).unwrap_or_default();
            out.push_str(&format!("{name:<20} {text}{place}\n"));
            for (n, near) in self.nearest(event).iter().enumerate() {
                let label = if n == 0 { "nearest is" } else { "then" };
                out.push_str(&format!("{:<20} {label} {near}\n", ""));
            }
        }
        out
    }

    fn json(&self, answer: &Answer) -> Value {
        let trace: Vec<Value> = self
            .events
            .iter()
            .map(|event| match event {
                Event::Passed { phase, finding, node } => json!({
                    "phase": phase_name(*phase), "passed": true, "finding": finding, "at": self.place(node),
                }),
                Event::Refused {
                    phase,
                    response,
                    reason,
                    node,
                } => json!({
                    "phase": phase_name(*phase), "passed": false, "response": response.name(), "reason": reason,
                    "at": self.place(node), "nearest": self.nearest(event),
                }),
                Event::Called { call } => json!({
                    "called": {"method": call.method, "url": call.url(), "headers": call.headers,
                        "body": String::from_utf8_lossy(&call.body)},
                }),
                Event::Received { status, headers, body } => json!({
                    "received": {"status": status, "headers": headers, "body": String::from_utf8_lossy(body)},
                }),
                Event::Statement { node, sid, matched } => json!({
                    "statement": {"at": self.places.file_line(*node), "sid": sid, "matched": matched.is_ok(),
                        "failed": matched.as_ref().err().map(|(why, _)| why)},
                }),
            })
            .collect();
        json!({
            "status": answer.status,
            "headers": answer.headers,
            "body": String::from_utf8_lossy(&answer.body),
            "response": answer.refusal.map(|r| r.name()),
            "trace": trace,
        })
    }
}

fn called(call: &Call) -> String {
    format!("{} {}, {} bytes", call.method, call.url(), call.body.len())
}

fn phase_name(phase: tollgate_reference::Phase) -> &'static str {
    use tollgate_reference::Phase;
    match phase {
        Phase::Site => "stage",
        Phase::Canary => "canary",
        Phase::Route => "route",
        Phase::Policy => "resource policy",
        Phase::Authorize => "authorizer",
        Phase::Key => "API key",
        Phase::Limits => "limits",
        Phase::Validate => "validation",
        Phase::Cache => "cache",
        Phase::IntegrationRequest => "integration request",
        Phase::Integration => "integration",
        Phase::IntegrationResponse => "integration response",
        Phase::MethodResponse => "method response",
    }
}
