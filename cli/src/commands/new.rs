//! `tollgate new`: a project to begin with.

use std::path::{Path, PathBuf};

use clap::Args;
use tollgate_compiler::import;
use tollgate_compiler::project::baseline;
use tollgate_compiler::source::NoFiles;
use tollgate_compiler::{Checked, Options, Severity, Source};
use tollgate_conformance::{Memory, Script, Scripted};
use tollgate_grammar::{FileId, format, format_text};
use tollgate_model::api::{Api, ApiKind, Method, Variable};
use tollgate_model::{Program, ScalarType};
use tollgate_project::BASELINE;
use tollgate_reference::{BackendAnswer, Request};

use crate::Outcome;
use crate::commands::test;
use crate::failure::Failure;
use crate::files;
use crate::report;
use crate::tries::{Try, tries};
use crate::world::{self, Given, Local};

/// How many requests the tests of an imported project send at most.
const TESTS: usize = 3;

/// Make a project that can be checked, tested and run.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The folder, which must not be there yet, or be empty.
    name: PathBuf,
    /// Begin with this OpenAPI document.
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let folder = &arguments.name;
    let stem = folder
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .ok_or_else(|| {
            Failure::new(format!("`{}` names no folder", folder.display()))
                .help("write a name: tollgate new shop")
        })?;
    vacant(folder)?;
    let name = api_name(&stem);
    let file = format!("{}.gate", file_stem(&stem));
    let files = match &arguments.from {
        None => Some(written(&file, &name)),
        Some(document) => imported(&file, document)?,
    };
    let Some(files) = files else {
        return Ok(Outcome::Findings);
    };
    write(folder, &files)?;
    let shown = folder.display();
    eprintln!("made `{shown}`; go on with");
    for command in ["check", "test", "run"] {
        eprintln!("  tollgate {command} {shown}");
    }
    Ok(Outcome::Fine)
}

type Files = Vec<(String, String)>;

/// Fails if the folder holds something.
fn vacant(folder: &Path) -> Result<(), Failure> {
    let taken = match std::fs::read_dir(folder) {
        Ok(mut entries) => entries.next().is_some(),
        Err(_) => folder.exists(),
    };
    match taken {
        true => Err(
            Failure::new(format!("`{}` is there already", folder.display()))
                .help("name a folder that is not there, or an empty one"),
        ),
        false => Ok(()),
    }
}

/// Everything in one folder, or nothing: the folder gets its name when it is whole.
fn write(folder: &Path, files: &Files) -> Result<(), Failure> {
    let failed = |error: &std::io::Error| Failure::file("write", folder, error);
    let mut aside = folder.as_os_str().to_owned();
    aside.push(format!(".{}.part", std::process::id()));
    let aside = PathBuf::from(aside);
    let all = || {
        std::fs::create_dir_all(&aside)?;
        for (name, text) in files {
            tollgate_project::write(&aside.join(name), text.as_bytes())?;
        }
        std::fs::rename(&aside, folder)
    };
    all().map_err(|error| {
        let _ = std::fs::remove_dir_all(&aside);
        failed(&error)
    })
}

/// `my-shop` → `MyShop`.
fn api_name(stem: &str) -> String {
    let mut name = String::new();
    for word in stem.split(|c: char| !c.is_ascii_alphanumeric()) {
        let mut chars = word.chars();
        name.extend(chars.next().map(|c| c.to_ascii_uppercase()));
        name.push_str(chars.as_str());
    }
    match name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        true => name,
        false => format!("Api{name}"),
    }
}

/// A name of a file that needs no quotes anywhere.
fn file_stem(stem: &str) -> String {
    let fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let name: String = stem
        .chars()
        .map(|c| if fit(c) { c.to_ascii_lowercase() } else { '-' })
        .collect();
    match name.starts_with(|c: char| c.is_ascii_alphanumeric()) {
        true => name,
        false => format!("api{name}"),
    }
}

fn written(file: &str, name: &str) -> Files {
    let program = format!(
        r#"edition 2026
behaviour: 2026-11

/// What callers can do here.
rest api {name} {{
  variables {{ backend: Url }}

  GET /greetings/{{who}} {{
    query.language: "en" | "de"?
    integrate http "@{{stage.backend}}/greetings/{{who}}" {{ timeout: 3s }}
  }}

  GET /health {{ integrate mock, respond 200 {{ body = {{ ok: true }} }} }}
}}

/// For this machine: what is sent to the backend comes back as its answer.
stage dev of {name} {{ variables {{ backend: "echo:" }} }}
"#
    );
    let tests = format!(
        r#"# `tollgate test` runs these; no backend is called.

test "it is healthy" {{
  send GET /health at {name}.dev
  expect 200 {{ body: {{ ok: true }} }}
}}

test "a greeting comes from the backend" {{
  given {{ vars: {{ backend: "https://backend.example" }} }}
  send GET /greetings/ada?language=en at {name}.dev
  backend 200 {{ body = {{ greeting: "hello, ada" }} }}
  expect backend GET "https://backend.example/greetings/ada?language=en"
  expect 200 {{ body: {{ greeting: "hello, ada" }} }}
}}
"#
    );
    vec![(file.to_owned(), program), ("tests.gate".into(), tests)]
}

/// The project of a document; none: it has errors, which are printed.
fn imported(file: &str, document: &Path) -> Result<Option<Files>, Failure> {
    let text = files::text(document)?;
    let imported = import::openapi(FileId::default(), &text, &import::Options::default());
    let lines = tollgate_grammar::Lines::new(&text);
    for finding in &imported.findings {
        let name = document.display().to_string();
        eprintln!("{}", super::import::shown(&name, &text, &lines, finding));
    }
    if imported.is_refused() {
        return Ok(None);
    }
    let mut files: Files = vec![(file.to_owned(), format(&imported.tree))];
    let checked = check(&files);
    let Some(program) = &checked.program else {
        report::print(&checked, Severity::Error);
        return Ok(None);
    };
    let stages: String = program.apis.iter().map(stage).collect();
    if !stages.is_empty() {
        files.push(("stages.gate".into(), styled(stages)));
    }
    let staged = check(&files);
    let Some(program) = &staged.program else {
        report::print(&staged, Severity::Error);
        return Ok(None);
    };
    if let Some(tests) = tests(program, &files) {
        files.push(("tests.gate".into(), tests));
    }
    // What the document had before there was a project may stay; what comes later is told.
    let whole = check(&files);
    if !whole.diagnostics.is_empty() {
        files.push((
            BASELINE.into(),
            baseline(&whole.sources, &whole.diagnostics),
        ));
    }
    Ok(Some(files))
}

fn check(files: &Files) -> Checked {
    let sources = files
        .iter()
        .filter(|(name, _)| name.ends_with(".gate"))
        .map(|(name, text)| Source::new(name.as_str(), text.as_str()))
        .collect();
    tollgate_compiler::check(sources, &NoFiles, &Options::default())
}

fn styled(text: String) -> String {
    format_text(&text).unwrap_or(text)
}

/// A stage for this machine, with a value for every variable that needs one.
fn stage(api: &Api) -> String {
    let needed = |variable: &&Variable| !variable.optional && variable.default.is_none();
    let values: Vec<String> = api
        .variables
        .iter()
        .filter(needed)
        .map(|variable| format!("{}: \"{}\"", variable.name, value(&variable.ty)))
        .collect();
    let variables = match values.as_slice() {
        [] => String::new(),
        values => format!(" variables {{ {} }} ", values.join(", ")),
    };
    format!(
        "/// For this machine.\nstage dev of {} {{{variables}}}\n",
        api.name
    )
}

fn value(ty: &ScalarType) -> &str {
    match ty {
        ScalarType::String => "local",
        ScalarType::Int | ScalarType::Number => "1",
        ScalarType::Bool => "true",
        ScalarType::Url => "echo:",
        ScalarType::Arn => "arn:aws:lambda:us-east-1:000000000000:function:local",
        ScalarType::OneOf(texts) => texts.first().map_or("local", String::as_str),
    }
}

/// Tests that hold what the program answers now; none if there is nothing to send.
fn tests(program: &Program, files: &Files) -> Option<String> {
    let mut text = String::from(
        "# What the program answers now. `tollgate test` runs these; no backend is called.\n",
    );
    let mut count = 0;
    for one in tries(program) {
        if count == TESTS {
            break;
        }
        let Some(test) = test_of(program, &one) else {
            continue;
        };
        // A path that the language cannot write as one is passed over.
        let mut all = files.clone();
        all.push(("tests.gate".into(), format!("{text}{test}")));
        if check(&all).program.is_some() {
            text.push_str(&test);
            count += 1;
        }
    }
    (count > 0).then(|| styled(text))
}

/// A test that sends the request and expects the status that comes.
fn test_of(program: &Program, one: &Try) -> Option<String> {
    if program.api(&one.api)?.kind != ApiKind::Rest {
        return None;
    }
    let method = match one.method {
        Method::Any => "GET",
        other => other.as_str(),
    };
    let mut request = Request::new(method, world::target(&one.stage, &one.target));
    request.domain = world::domain(program, &one.api);
    request
        .headers
        .push(("Host".into(), request.domain.clone()));
    request.headers.extend(one.headers.iter().cloned());
    let script = Script {
        backend: Some(BackendAnswer::Answered {
            status: 200,
            headers: Vec::new(),
            body: b"{}".to_vec(),
        }),
        authorizer: None,
        ..Script::default()
    };
    let mut memory = Memory::default();
    let given = Given::default();
    let mut local = Local {
        program,
        api: &one.api,
        scripted: Scripted::new(&mut memory, &script, test::DEFAULT_NOW_MS),
        given: &given,
    };
    let answer =
        tollgate_reference::answer(program, &one.api, &one.stage, &request, &mut local, &mut ());
    let target = &one.target;
    let headers: Vec<String> = one
        .headers
        .iter()
        .map(|(name, value)| format!("header.`{name}` = \"{value}\""))
        .collect();
    let block = match headers.as_slice() {
        [] => String::new(),
        headers => format!(" {{ {} }}", headers.join(", ")),
    };
    Some(format!(
        "\ntest \"{method} {target}\" {{\n  send {method} {target} at {}.{}{block}\n  backend 200 {{ body = {{}} }}\n  expect {}\n}}\n",
        one.api, one.stage, answer.status
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_of_what_the_language_takes() {
        for (folder, api, file) in [
            ("shop", "Shop", "shop"),
            ("my-shop_2", "MyShop2", "my-shop_2"),
            ("2024 prices", "Api2024Prices", "2024-prices"),
            ("größe", "GrE", "gr--e"),
            ("…", "Api", "api-"),
        ] {
            assert_eq!(
                (api_name(folder).as_str(), file_stem(folder).as_str()),
                (api, file)
            );
        }
    }
}
