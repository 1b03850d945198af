//! Compile gate sources from a build script.
//!
//! ```no_run
//! // in the `main` of build.rs
//! tollgate_build::compile("api/");
//! ```
//!
//! leaves `tollgate.bundle` and `tollgate.rs` in `OUT_DIR`; the crate takes them in with
//!
//! ```text
//! mod gateway {
//!     include!(concat!(env!("OUT_DIR"), "/tollgate.rs"));
//! }
//! ```
//!
//! and has the bundle's bytes as `gateway::BUNDLE`, an enum of routes per API, and a type
//! per route with path parameters. Findings show in cargo's output with their place in
//! the gate source; an error fails the build and leaves the last good bundle where it is.

mod routes;

use std::path::{Path, PathBuf};
use std::process;

use tollgate_compiler::{Diagnostic, Options, Severity, Source, SourceMap};
use tollgate_model::Places;
use tollgate_project::Project;

/// Compiles the project in `folder` (relative to the package) into `OUT_DIR`, tells
/// cargo what it read, and ends the build script with status 1 if there is an error.
pub fn compile(folder: impl AsRef<Path>) {
    Config::default().compile(folder);
}

/// How a project is compiled, for build scripts that want more than [`compile`].
#[derive(Clone, Debug, Default)]
pub struct Config {
    params: Vec<(String, String)>,
    out: Option<PathBuf>,
}

impl Config {
    /// Gives a value to a parameter; it wins over `params.toml`.
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.params.push((name.into(), value.into()));
        self
    }

    /// Where results go, instead of `OUT_DIR`.
    pub fn out_dir(mut self, folder: impl Into<PathBuf>) -> Self {
        self.out = Some(folder.into());
        self
    }

    /// As the function [`compile`].
    pub fn compile(&self, folder: impl AsRef<Path>) {
        let result = self.try_compile(folder.as_ref());
        for line in &result.cargo {
            println!("{line}");
        }
        if !result.sound {
            process::exit(1);
        }
    }

    /// Compiles, and returns what cargo should be told instead of telling it.
    pub fn try_compile(&self, folder: &Path) -> Outcome {
        let mut outcome = Outcome {
            cargo: vec![format!("cargo::rerun-if-changed={}", folder.display())],
            sound: false,
        };
        let project = match Project::open(folder) {
            Ok(project) => project,
            Err(error) => {
                outcome.cargo.push(format!("cargo::error={error}"));
                return outcome;
            }
        };
        let mut options = Options::default();
        options.params.extend(project.params.clone());
        options.params.extend(self.params.iter().cloned());
        let baseline = project.baseline.as_deref();
        options.baseline = baseline.map(|bytes| Source::new(tollgate_project::BASELINE, bytes));
        let built = tollgate_compiler::build(project.sources.clone(), &project, &options);
        for path in project.dependencies() {
            outcome
                .cargo
                .push(format!("cargo::rerun-if-changed={}", path.display()));
        }
        for diagnostic in &built.diagnostics {
            outcome
                .cargo
                .extend(tell(diagnostic, &built.sources, &project.root));
        }
        let (Some(program), Some(bundle)) = (&built.program, &built.bundle) else {
            return outcome;
        };
        let Some(out) = self
            .out
            .clone()
            .or_else(|| std::env::var_os("OUT_DIR").map(PathBuf::from))
        else {
            outcome
                .cargo
                .push("cargo::error=OUT_DIR is not set: call this from a build script".into());
            return outcome;
        };
        let module = routes::module(program, "tollgate.bundle");
        for (name, bytes) in [
            ("tollgate.bundle", bundle.as_slice()),
            ("tollgate.rs", module.as_bytes()),
        ] {
            let path = out.join(name);
            if let Err(error) = tollgate_project::write(&path, bytes) {
                outcome.cargo.push(format!(
                    "cargo::error=cannot write `{}`: {error}",
                    path.display()
                ));
                return outcome;
            }
        }
        outcome.sound = true;
        outcome
    }
}

/// What compiling gave.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// Lines for cargo: `cargo::rerun-if-changed=…`, `cargo::warning=…`, `cargo::error=…`.
    pub cargo: Vec<String>,
    /// Whether the bundle was written.
    pub sound: bool,
}

/// A finding as cargo shows it, on one line: `api/orders.gate:12:5: TG0301: …`.
fn tell(diagnostic: &Diagnostic, sources: &SourceMap, root: &Path) -> Option<String> {
    let word = match diagnostic.severity() {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => return None,
    };
    let span = diagnostic.primary().span();
    let at = sources.line_column(span.file, span.start);
    let file = root.join(sources.name(span.file));
    let help = diagnostic
        .help()
        .map(|help| format!(" (help: {help})"))
        .unwrap_or_default();
    let text = format!(
        "{}:{}:{}: {}: {}{help}",
        file.display(),
        at.line,
        at.column,
        diagnostic.code(),
        diagnostic.message()
    );
    Some(format!("cargo::{word}={}", text.replace('\n', " ")))
}
