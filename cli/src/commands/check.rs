//! `tollgate check`: everything that is wrong with a program, and what to do about it.

mod fix;
mod hook;

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::Value;
use tollgate_compiler::project::Allowed;
use tollgate_compiler::project::baseline;
use tollgate_compiler::report::{github, human, json, sarif, summary};
use tollgate_compiler::{Checked, Diagnostic, Severity, Source, SourceMap, SourceProvider};
use tollgate_project::Project;

use crate::Outcome;
use crate::compile::{self, pair};
use crate::failure::Failure;
use crate::{report, terminal};

/// Say what is wrong with a program.
///
/// Exits with 1 if there are errors or warnings. A finding that is meant stays silent after a comment
/// `# tollgate: allow CODE — reason` before its item, or in a baseline.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Folders of gate files, gate files, or OpenAPI documents: each is a program.
    #[arg(default_value = ".", value_name = "PROJECT")]
    paths: Vec<PathBuf>,
    /// A parameter's value; beats params.toml.
    #[arg(long = "param", value_name = "NAME=VALUE", value_parser = pair)]
    params: Vec<(String, String)>,
    /// How findings are printed.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Also print what is allowed, and why.
    #[arg(long)]
    show_allowed: bool,
    /// Findings that may stay, as `--write-baseline` wrote them. Default: baseline.txt in the project's folder.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the findings that there are now, errors left out, to a file for `--baseline`.
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
    /// Mend what can be mended without a doubt.
    #[arg(long)]
    fix: bool,
    /// The paths are files that changed: check the programs that they belong to, and pass over JSON and YAML
    /// that describe no API.
    #[arg(long)]
    hook: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// With the lines that they are about.
    Human,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of a workflow on GitHub.
    Github,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let paths = match arguments.hook {
        true => hook::programs(&arguments.paths)?,
        false => arguments.paths.clone(),
    };
    let of_one = arguments.baseline.is_some() || arguments.write_baseline.is_some();
    if of_one && paths.len() > 1 {
        return Err(Failure::new(
            "a baseline is of one program, and several are named",
        ));
    }
    let mut outcome = Outcome::Fine;
    // A document is one, however many programs it is about.
    let mut document = None;
    for path in &paths {
        outcome = outcome.and(one(path, arguments, &mut document)?);
    }
    if paths.is_empty() {
        // Nothing to check is a document without findings.
        add(
            &mut document,
            of(arguments.format, &SourceMap::default(), &[], &[]),
        );
    }
    if let Some(document) = document {
        terminal::print(&format!("{document:#}\n"));
    }
    Ok(outcome)
}

fn one(
    path: &Path,
    arguments: &Arguments,
    document: &mut Option<Value>,
) -> Result<Outcome, Failure> {
    let mut checked = check(path, arguments)?;
    if arguments.fix {
        let mut mended = 0;
        // Mending may bring other findings to light; each round removes some.
        for _ in 0..10 {
            match fix::apply(&checked)? {
                0 => break,
                n => mended += n,
            }
            checked = check(path, arguments)?;
        }
        if mended > 0 {
            eprintln!(
                "mended {mended} {}",
                if mended == 1 { "finding" } else { "findings" }
            );
        }
    }
    if let Some(file) = &arguments.write_baseline {
        let text = baseline(&checked.sources, &checked.diagnostics);
        let text = renamed(&text, |name| {
            name.strip_prefix(&spelled(&prefix(&compile::open(path).ok()?)))
                .map(str::to_owned)
        });
        tollgate_project::write(file, text.as_bytes())
            .map_err(|error| Failure::file("write", file, &error))?;
        eprintln!("wrote `{}`", file.display());
    } else {
        print(&checked, arguments, document);
    }
    let grave = |diagnostic: &Diagnostic| diagnostic.severity() <= Severity::Warning;
    let only_errors = arguments.write_baseline.is_some();
    let found = match only_errors {
        true => checked.count(Severity::Error) > 0,
        false => checked.diagnostics.iter().any(grave),
    };
    Ok(if found {
        Outcome::Findings
    } else {
        Outcome::Fine
    })
}

/// Checks with the names of files as people here write them, so that editors and workflows find them.
fn check(path: &Path, arguments: &Arguments) -> Result<Checked, Failure> {
    let project = compile::open(path)?;
    let prefix = prefix(&project);
    let mut options = compile::options(&project, &arguments.params);
    if let Some(file) = &arguments.baseline {
        let bytes =
            tollgate_project::read(file).map_err(|error| Failure::new(error.to_string()))?;
        options.baseline = Some(Source::new(file.to_string_lossy(), bytes));
    } else if let Some(own) = &mut options.baseline {
        own.name = format!("{prefix}{}", own.name);
    }
    if arguments.write_baseline.is_some() {
        // What stays is written anew.
        options.baseline = None;
    }
    if let Some(baseline) = &mut options.baseline {
        let text = String::from_utf8_lossy(&baseline.bytes);
        let below = renamed(&text, |name| Some(format!("{}{name}", spelled(&prefix))));
        baseline.bytes = below.into_bytes();
    }
    let mut sources = project.sources.clone();
    for source in &mut sources {
        source.name = format!("{prefix}{}", source.name);
    }
    let files = Below {
        project: &project,
        prefix: &prefix,
    };
    let checked = tollgate_compiler::check(sources, &files, &options);
    compile::known_params(&project, &arguments.params, &checked)?;
    Ok(checked)
}

/// What the names of a project's files begin with, as people here write them.
fn prefix(project: &Project) -> String {
    match project.root.to_string_lossy().replace('\\', "/") {
        root if root == "." || root.is_empty() => String::new(),
        root => format!("{}/", root.trim_end_matches('/')),
    }
}

/// As names stand in a baseline.
fn spelled(prefix: &str) -> String {
    prefix.replace(' ', "%20")
}

/// A baseline with other names of files: those in the file count from the project's folder, wherever people are.
fn renamed(baseline: &str, rename: impl Fn(&str) -> Option<String>) -> String {
    let line = |line: &str| {
        let mut words = line.splitn(3, ' ');
        let (code, name, rest) = (words.next()?, words.next()?, words.next()?);
        let is_entry = code.starts_with("TG");
        is_entry.then(|| Some(format!("{code} {} {rest}", rename(name)?)))?
    };
    baseline
        .lines()
        .map(|text| line(text).unwrap_or_else(|| text.to_owned()) + "\n")
        .collect()
}

/// A project's files, by names that begin with its folder.
struct Below<'p> {
    project: &'p Project,
    prefix: &'p str,
}

impl SourceProvider for Below<'_> {
    fn read(&self, name: &str) -> Option<Vec<u8>> {
        self.project.read(name.strip_prefix(self.prefix)?)
    }
}

/// The findings as one document, in the formats that are one.
fn of(
    format: Format,
    sources: &SourceMap,
    found: &[Diagnostic],
    allowed: &[Allowed],
) -> Option<Value> {
    let text = match format {
        Format::Json => json(sources, found, allowed),
        Format::Sarif => sarif(sources, found, allowed),
        Format::Human | Format::Github => return None,
    };
    serde_json::from_str(&text).ok()
}

/// Adds a program's document to that of the programs before it.
fn add(document: &mut Option<Value>, more: Option<Value>) {
    let (Some(Value::Object(whole)), Some(Value::Object(more))) = (&mut *document, &more) else {
        *document = document.take().or(more);
        return;
    };
    for (name, value) in more {
        if let (Some(Value::Array(all)), Value::Array(new)) = (whole.get_mut(name), value) {
            all.extend(new.iter().cloned());
        }
    }
}

fn print(checked: &Checked, arguments: &Arguments, document: &mut Option<Value>) {
    let Checked {
        diagnostics,
        allowed,
        sources,
        ..
    } = checked;
    let shown = if arguments.show_allowed {
        allowed.as_slice()
    } else {
        &[]
    };
    match arguments.format {
        Format::Json | Format::Sarif => {
            add(document, of(arguments.format, sources, diagnostics, shown))
        }
        Format::Github => terminal::print(&github(sources, diagnostics)),
        Format::Human => {
            let color = report::color(&std::io::stdout());
            for diagnostic in diagnostics {
                terminal::print(&human(sources, diagnostic, color));
                terminal::print("\n");
            }
            for allowed in shown {
                let diagnostic = &allowed.diagnostic;
                let span = diagnostic.primary().span();
                let at = sources.line_column(span.file, span.start);
                let name = tollgate_model::Places::name(sources, span.file);
                terminal::print(&format!(
                    "allowed: {name}:{}:{}: {}: {} — {}\n",
                    at.line,
                    at.column,
                    diagnostic.code(),
                    diagnostic.message(),
                    allowed.reason
                ));
            }
            if !diagnostics.is_empty() {
                terminal::print(&format!("{}\n", summary(diagnostics)));
            }
        }
    }
}
