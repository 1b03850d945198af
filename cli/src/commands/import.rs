//! `tollgate import`: a foreign description as the gate file that a person would write.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use tollgate_compiler::import::{self, BasePath, EndpointType, Finding, Kind, Options, Severity};
use tollgate_grammar::{FileId, Lines, format};

use crate::Outcome;
use crate::failure::Failure;
use crate::{files, terminal};

/// Print a foreign description of an API as a gate file.
///
/// What is not carried over is named, with its place. Exits with 1 if the reference refuses the document.
#[derive(Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    from: From,
}

#[derive(Subcommand)]
enum From {
    /// OpenAPI 3.x or Swagger 2.0 with the x-amazon-apigateway extensions, JSON or YAML.
    Openapi(Openapi),
}

#[derive(Args)]
pub(crate) struct Openapi {
    /// The document.
    file: PathBuf,
    /// Where the gate file goes. Default: the standard output.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The API's name. Default: made from the title.
    #[arg(long)]
    name: Option<String>,
    /// The kind of API. Default: what the document needs.
    #[arg(long, value_enum)]
    kind: Option<KindName>,
    /// What the document's base path does.
    #[arg(long, value_enum, default_value_t = BasePathName::Ignore)]
    basepath: BasePathName,
    /// The endpoint type of a document that does not say.
    #[arg(long, value_enum, default_value_t = EndpointName::Edge)]
    endpoint: EndpointName,
    /// The account's region: ARNs of it are written short.
    #[arg(long)]
    region: Option<String>,
    /// Do not name what is not carried over.
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum KindName {
    Rest,
    Http,
}

#[derive(Clone, Copy, ValueEnum)]
enum BasePathName {
    /// Paths stand as they are.
    Ignore,
    /// The base path stands before each path.
    Prepend,
    /// Its first segment is left out; the rest stands before each path.
    Split,
}

#[derive(Clone, Copy, ValueEnum)]
enum EndpointName {
    Edge,
    Regional,
    Private,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let From::Openapi(arguments) = &arguments.from;
    let path = &arguments.file;
    let text = files::text(path)?;
    let mut options = Options::default();
    options.name.clone_from(&arguments.name);
    options.region.clone_from(&arguments.region);
    options.kind = arguments.kind.map(|kind| match kind {
        KindName::Rest => Kind::Rest,
        KindName::Http => Kind::Http,
    });
    options.base_path = match arguments.basepath {
        BasePathName::Ignore => BasePath::Ignore,
        BasePathName::Prepend => BasePath::Prepend,
        BasePathName::Split => BasePath::Split,
    };
    options.endpoint = match arguments.endpoint {
        EndpointName::Edge => EndpointType::Edge,
        EndpointName::Regional => EndpointType::Regional,
        EndpointName::Private => EndpointType::Private,
    };
    let imported = import::openapi(FileId::default(), &text, &options);
    let lines = Lines::new(&text);
    for finding in &imported.findings {
        if finding.severity == Severity::Error || !arguments.quiet {
            eprintln!(
                "{}",
                shown(&path.display().to_string(), &text, &lines, finding)
            );
        }
    }
    if imported.is_refused() {
        return Ok(Outcome::Findings);
    }
    let gate = format(&imported.tree);
    match &arguments.output {
        Some(output) => tollgate_project::write(output, gate.as_bytes())
            .map_err(|error| Failure::file("write", output, &error))?,
        None => terminal::print(&gate),
    }
    Ok(Outcome::Fine)
}

pub(super) fn shown(name: &str, text: &str, lines: &Lines, finding: &Finding) -> String {
    let style = terminal::style(&std::io::stderr());
    let at = lines.at(text, finding.span.start);
    let severity = match finding.severity {
        Severity::Error => style.red("error"),
        Severity::Warning => style.yellow("warning"),
        Severity::Note => style.blue("note"),
    };
    let mut out = format!(
        "{name}:{}:{}: {severity}: {}",
        at.line, at.column, finding.message
    );
    if finding.count > 1 {
        out.push_str(&format!(" (at {} places)", finding.count));
    }
    if let Some(help) = &finding.help {
        out.push_str(&format!("\n  {}: {help}", style.blue("help")));
    }
    out
}
