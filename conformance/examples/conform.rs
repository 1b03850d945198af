//! Runs cases against the reference: `cargo run -p tollgate-conformance --example conform -- PATH…`.

use std::path::PathBuf;
use std::process::ExitCode;

use tollgate_conformance::{Options, report, run, subjects::Reference};

fn main() -> ExitCode {
    let mut paths = Vec::new();
    let mut options = Options::default();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--filter" {
            options.filter = arguments.next();
        } else {
            paths.push(PathBuf::from(argument));
        }
    }
    match run(&paths, &options, &mut Reference::default()) {
        Ok(report) => {
            print!("{}", report::text(&report));
            if report.counts().failed == 0 {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
