//! The `tollgate` command: one file per command under `commands`.
//!
//! Exit codes: 0 all is well, 1 something was found or failed, 2 bad usage or unreadable input.

mod commands;
mod compile;
mod expand;
mod failure;
mod files;
mod identity;
mod laid_open;
mod nearest;
mod rendering;
mod report;
mod serve;
mod terminal;
mod trace;
mod tries;
mod watch;
mod world;

use std::process::ExitCode;

use clap::Parser;

use commands::Command;

/// Compile, check, run and inspect API gateways described in .gate files.
#[derive(Parser)]
#[command(
    name = "tollgate",
    version = version(),
    max_term_width = 100,
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

/// The version, and what programs and bundles it understands.
fn version() -> String {
    format!(
        "{} (language edition {}, bundle format {}, behaviour {})",
        env!("CARGO_PKG_VERSION"),
        tollgate_compiler::EDITION,
        tollgate_runtime::bundle::FORMAT,
        tollgate_compiler::BEHAVIOUR,
    )
}

/// What a command that did its work has to say of its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// All is well.
    Fine,
    /// Something was found, or did not hold.
    Findings,
}

impl Outcome {
    /// Fine only if both are.
    fn and(self, other: Outcome) -> Outcome {
        match self {
            Outcome::Fine => other,
            Outcome::Findings => self,
        }
    }
}

fn main() -> ExitCode {
    match commands::run(Arguments::parse().command) {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Err(failure) => {
            failure.print();
            ExitCode::from(2)
        }
    }
}
