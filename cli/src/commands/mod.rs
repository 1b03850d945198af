//! The commands, one file each.

mod completions;

use clap::Subcommand;

use crate::Outcome;
use crate::failure::Failure;

/// What can be asked for.
#[derive(Subcommand)]
pub(crate) enum Command {
    Completions(completions::Arguments),
}

/// Does what was asked for.
pub(crate) fn run(command: Command) -> Result<Outcome, Failure> {
    match command {
        Command::Completions(arguments) => completions::run(&arguments),
    }
}
