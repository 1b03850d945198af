//! Runs cases without the command: `cargo run -p tollgate-conformance --example cases --
//! ref|bundle PATH… [--filter TEXT]`.

use std::path::PathBuf;
use std::process::ExitCode;

use tollgate_conformance::{Options, Subject, report, run, subjects};

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let mut subject: Box<dyn Subject> = match arguments.next().as_deref() {
        Some("ref") => Box::<subjects::Reference>::default(),
        Some("bundle") => Box::<subjects::Bundle>::default(),
        _ => {
            eprintln!("first `ref` or `bundle`, then paths");
            return ExitCode::FAILURE;
        }
    };
    let mut paths = Vec::new();
    let mut options = Options::default();
    while let Some(argument) = arguments.next() {
        if argument == "--filter" {
            options.filter = arguments.next();
        } else {
            paths.push(PathBuf::from(argument));
        }
    }
    match run(&paths, &options, &mut *subject) {
        Ok(report) => {
            print!("{}", report::text(&report));
            match report.counts().failed {
                0 => ExitCode::SUCCESS,
                _ => ExitCode::FAILURE,
            }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
