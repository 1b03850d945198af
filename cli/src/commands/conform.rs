//! `tollgate conform`: recorded cases and third-party suites against an implementation.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use tollgate_conformance::subjects::{self, Target};
use tollgate_conformance::{Options, Subject, report};

use crate::Outcome;
use crate::failure::{Failure, plain};
use crate::terminal;

/// Run conformance cases and suites.
///
/// Exits with 1 if a case failed. What the subject cannot do is skipped, and counted.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Files and folders of cases and suites.
    #[arg(required = true)]
    paths: Vec<PathBuf>,
    /// What is put to the test.
    #[arg(long, value_enum, default_value_t = Against::Vm)]
    subject: Against,
    /// Put a gateway behind this URL to the test, over HTTP; the runner plays its backends.
    #[arg(long, value_name = "URL", conflicts_with = "subject")]
    target: Option<String>,
    /// Makes the target serve a deployment: a command of the shell.
    ///
    /// It finds the OpenAPI document on its input, and `STAGE`, `STAGE_VARIABLES` (a JSON object) and `BACKEND`
    /// (where the runner answers) in its environment. A URL as the last line of its output is the base of the
    /// requests that follow. Without a command the target serves what the cases are about already.
    #[arg(long, value_name = "COMMAND", requires = "target")]
    deploy: Option<String>,
    /// Where the runner answers for the target's backends.
    #[arg(
        long,
        value_name = "ADDRESS",
        requires = "target",
        default_value = "127.0.0.1:0"
    )]
    listen: SocketAddr,
    /// The target invokes functions at the runner's address, by the Lambda Invoke API.
    #[arg(long, requires = "target")]
    functions: bool,
    /// Only cases whose id holds this text.
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,
    /// How the report is printed.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Also write the report as an HTML page.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

/// What can be put to the test.
#[derive(Clone, Copy, ValueEnum)]
enum Against {
    /// The executable specification.
    Reference,
    /// The compiled bundle in the runtime.
    Vm,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    /// Failures, reasons of skips, and counts.
    Text,
    /// One JSON document.
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut subject: Box<dyn Subject> = match (&arguments.target, arguments.subject) {
        (Some(url), _) => Box::new(target(url, arguments)?),
        (None, Against::Reference) => Box::new(subjects::Reference::default()),
        (None, Against::Vm) => Box::new(subjects::Bundle::default()),
    };
    let mut options = Options::default();
    options.filter.clone_from(&arguments.filter);
    let report = tollgate_conformance::run(&arguments.paths, &options, subject.as_mut())
        .map_err(|error| Failure::new(plain(&error)))?;
    if report.verdicts.is_empty() {
        return Err(
            Failure::new("no case was found").help(match &arguments.filter {
                Some(_) => "`--filter` takes a part of a case's id",
                None => "name files or folders of cases or suites",
            }),
        );
    }
    match arguments.format {
        Format::Text => terminal::print(&report::text(&report)),
        Format::Json => terminal::print(&format!("{:#}\n", report::json(&report))),
    }
    if let Some(path) = &arguments.html {
        tollgate_project::write(path, report::html(&report).as_bytes())
            .map_err(|error| Failure::file("write", path, &error))?;
    }
    Ok(match report.counts().failed {
        0 => Outcome::Fine,
        _ => Outcome::Findings,
    })
}

fn target(url: &str, arguments: &Arguments) -> Result<Target, Failure> {
    let mut target = Target::new(url, arguments.listen).map_err(|error| {
        Failure::new(format!("cannot put `{url}` to the test: {}", plain(&error)))
    })?;
    if let Some(command) = &arguments.deploy {
        target = target.with_deployer(subjects::target::by_command(command.clone()));
    }
    if arguments.functions {
        target = target.with_functions();
    }
    Ok(target)
}
