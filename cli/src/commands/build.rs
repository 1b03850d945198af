//! `tollgate build`: a program to a bundle.

use std::path::PathBuf;

use clap::Args;

use crate::Outcome;
use crate::compile::{self, Compilation, EXTENSION, Input};
use crate::failure::Failure;

/// Compile a program to a bundle.
///
/// The same sources and parameters give the same bytes on every machine.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(flatten)]
    input: Input,
    /// Where the bundle goes. Default: the project's name, in this folder.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let project = compile::open(&arguments.input.path)?;
    let Compilation::Done(compiled) = compile::compile(&project, &arguments.input)? else {
        return Ok(Outcome::Findings);
    };
    let output = match &arguments.output {
        Some(output) => output.clone(),
        None => default_name(&arguments.input.path),
    };
    let bytes = compiled.bundle.view().bytes();
    tollgate_project::write(&output, bytes)
        .map_err(|error| Failure::file("write", &output, &error))?;
    eprintln!("wrote `{}`, {} bytes", output.display(), bytes.len());
    Ok(Outcome::Fine)
}

fn default_name(project: &std::path::Path) -> PathBuf {
    let whole = std::fs::canonicalize(project).unwrap_or_else(|_| project.to_owned());
    let stem = match whole.is_dir() {
        true => whole.file_name(),
        false => whole.file_stem(),
    };
    let mut name = stem.unwrap_or("program".as_ref()).to_owned();
    name.push(".");
    name.push(EXTENSION);
    name.into()
}
