//! The commands, one file each.

mod build;
mod completions;
mod conform;
mod explain;
mod run;

use clap::Subcommand;

use crate::Outcome;
use crate::failure::Failure;

/// What can be asked for.
#[derive(Subcommand)]
pub(crate) enum Command {
    Build(build::Arguments),
    Run(run::Arguments),
    Conform(conform::Arguments),
    Explain(explain::Arguments),
    Completions(completions::Arguments),
}

/// Does what was asked for.
pub(crate) fn run(command: Command) -> Result<Outcome, Failure> {
    match command {
        Command::Build(arguments) => build::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Conform(arguments) => conform::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
    }
}
