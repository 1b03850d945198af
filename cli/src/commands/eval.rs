//! `tollgate eval`: one request, answered by the specification, with what every phase found.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};
use tollgate_conformance::{Memory, Script, Scripted, TemplateInput, TemplateOutput};
use tollgate_model::Program;
use tollgate_reference::{BackendAnswer, Event, Request};

use crate::Outcome;
use crate::compile::{self, Input, pair};
use crate::failure::{Failure, plain};
use crate::trace::Trace;
use crate::world::{self, Given, Local};
use crate::{files, rendering, report, terminal};

/// Answer one request as the specification does, and say why.
///
/// Nothing is called: a backend answers as scripted, or 200 with `{}`. With --template, a mapping template is rendered
/// alone.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The project, which may be left out, and the request: 'GET /orders/1?expand=lines'.
    #[arg(required_unless_present = "template", num_args = 1..=2, value_name = "[PROJECT] REQUEST")]
    what: Vec<String>,
    /// Render this mapping template alone, without a program; `-H` and the options below are what it reads.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["what", "data", "at", "from", "claims", "key", "now", "params"])]
    template: Option<PathBuf>,
    /// The payload that the template reads. Default: none.
    #[arg(long, value_name = "FILE", requires = "template")]
    input: Option<PathBuf>,
    /// A JSON object: the members of `$context`.
    #[arg(long, value_name = "FILE", requires = "template")]
    context: Option<PathBuf>,
    /// A JSON object: `$stageVariables`.
    #[arg(long, value_name = "FILE", requires = "template")]
    variables: Option<PathBuf>,
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
    /// A JSON object of the caller's claims: what its token says, or an authorizer finds out.
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
    if let Some(template) = &arguments.template {
        return render(template, arguments);
    }
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
        claims: arguments.claims.as_deref().map(object).transpose()?,
    };
    world::show_token(program, &api, &given, &mut request);
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
        ..Script::default()
    };
    let mut memory = Memory::default();
    let now_ms = arguments.now.unwrap_or_else(present);
    let mut local = Local {
        program,
        api: &api,
        scripted: Scripted::new(&mut memory, &script, now_ms),
        given: &given,
    };
    let mut events: Vec<Event> = Vec::new();
    let answer =
        tollgate_reference::answer(program, &api, &stage, &request, &mut local, &mut events);
    let trace = Trace {
        program,
        sources: &checked.sources,
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

pub(super) fn present() -> u64 {
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

/// Renders a template alone.
fn render(path: &Path, arguments: &Arguments) -> Result<Outcome, Failure> {
    let template = files::text(path)?;
    if let Some(faults) = rendering::faults(&path.display().to_string(), &template) {
        eprint!("{faults}");
        return Ok(Outcome::Findings);
    }
    let read = |path: &Option<PathBuf>| path.as_deref().map(object).transpose();
    let input = TemplateInput {
        template: template.trim().to_owned(),
        body: match &arguments.input {
            Some(path) => files::text(path)?,
            None => String::new(),
        },
        headers: rendering::members(&arguments.headers),
        context: read(&arguments.context)?.unwrap_or_default().into(),
        stage_variables: read(&arguments.variables)?.unwrap_or_default().into(),
        ..TemplateInput::default()
    };
    let output = rendering::render(&input);
    let TemplateOutput::Rendered { text, overrides } = &output else {
        eprintln!("{}: {}", path.display(), rendering::told(&output));
        return Ok(Outcome::Findings);
    };
    match arguments.format {
        Format::Human => {
            terminal::print(text);
            // On a terminal the prompt would stand behind it; elsewhere every byte counts.
            if std::io::IsTerminal::is_terminal(&std::io::stdout()) {
                terminal::print("\n");
            }
            if overrides.as_object().is_some_and(|o| !o.is_empty()) {
                eprintln!("overrides: {overrides}");
            }
        }
        Format::Json => {
            let document = json!({"text": text, "overrides": overrides});
            terminal::print(&format!("{document:#}\n"));
        }
    }
    Ok(Outcome::Fine)
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

/// A JSON object out of a file.
pub(super) fn object(path: &Path) -> Result<Map<String, Value>, Failure> {
    let bytes = std::fs::read(path).map_err(|error| Failure::file("read", path, &error))?;
    serde_json::from_slice(&bytes).map_err(|error| {
        Failure::new(format!(
            "`{}` is no JSON object: {}",
            path.display(),
            plain(&error)
        ))
    })
}
