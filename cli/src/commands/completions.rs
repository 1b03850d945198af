//! `tollgate completions`: what a shell needs to complete the command line.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::Outcome;
use crate::failure::Failure;
use crate::terminal;

/// Print completions for a shell.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The shell.
    shell: Shell,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(
        arguments.shell,
        &mut crate::Arguments::command(),
        "tollgate",
        &mut script,
    );
    terminal::print(&String::from_utf8_lossy(&script));
    Ok(Outcome::Fine)
}
