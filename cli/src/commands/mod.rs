//! The commands, one file each.

mod build;
mod check;
mod completions;
mod conform;
mod eval;
mod explain;
mod fmt;
mod import;
mod inspect;
mod new;
mod routes;
mod run;
mod test;
mod token;

use clap::Subcommand;

use crate::Outcome;
use crate::failure::Failure;

/// What can be asked for.
#[derive(Subcommand)]
pub(crate) enum Command {
    New(new::Arguments),
    Check(check::Arguments),
    Fmt(fmt::Arguments),
    Build(build::Arguments),
    Inspect(inspect::Arguments),
    Routes(routes::Arguments),
    Eval(Box<eval::Arguments>),
    Test(test::Arguments),
    Run(run::Arguments),
    Token(token::Arguments),
    Import(import::Arguments),
    Conform(conform::Arguments),
    Explain(explain::Arguments),
    Completions(completions::Arguments),
}

/// Does what was asked for.
pub(crate) fn run(command: Command) -> Result<Outcome, Failure> {
    match command {
        Command::New(arguments) => new::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Fmt(arguments) => fmt::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Inspect(arguments) => inspect::run(&arguments),
        Command::Routes(arguments) => routes::run(&arguments),
        Command::Eval(arguments) => eval::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Run(arguments) => run::run(&arguments),
        Command::Token(arguments) => token::run(&arguments),
        Command::Import(arguments) => import::run(&arguments),
        Command::Conform(arguments) => conform::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
    }
}
