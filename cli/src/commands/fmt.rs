//! `tollgate fmt`: gate files in the one style.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use similar::TextDiff;
use tollgate_grammar::{Lines, SyntaxError, format_text};
use tollgate_project::Project;

use crate::Outcome;
use crate::compile;
use crate::failure::Failure;
use crate::terminal;

/// Write gate files in the one style.
///
/// Comments and blank lines stay. A file with a syntax error is left as it is.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Folders, gate files, or `-` for the standard input, which is written to the standard output.
    #[arg(default_value = ".", value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Change nothing; exit with 1 if a file would change, and name it.
    #[arg(long)]
    check: bool,
    /// Change nothing; print what would change.
    #[arg(long)]
    diff: bool,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let mut outcome = Outcome::Fine;
    for path in &arguments.paths {
        if path == Path::new("-") {
            let mut bytes = Vec::new();
            std::io::stdin()
                .read_to_end(&mut bytes)
                .map_err(|error| Failure::file("read", path, &error))?;
            let done = one("<stdin>", &bytes, arguments, |new| {
                terminal::print(new);
                Ok(())
            })?;
            outcome = outcome.and(done);
            continue;
        }
        if path.is_file() && path.extension().is_none_or(|e| e != "gate") {
            return Err(Failure::new(format!(
                "`{}` is no gate file",
                path.display()
            )));
        }
        let project: Project = compile::open(path)?;
        for source in &project.sources {
            let file = project.root.join(&source.name);
            let shown = match path.is_file() {
                true => path.display().to_string(),
                false => source.name.clone(),
            };
            let done = one(&shown, &source.bytes, arguments, |new| {
                tollgate_project::write(&file, new.as_bytes())
                    .map_err(|error| Failure::file("write", &file, &error))
            })?;
            outcome = outcome.and(done);
        }
    }
    Ok(outcome)
}

fn one(
    name: &str,
    bytes: &[u8],
    arguments: &Arguments,
    write: impl FnOnce(&str) -> Result<(), Failure>,
) -> Result<Outcome, Failure> {
    let Ok(old) = std::str::from_utf8(bytes) else {
        return Err(Failure::new(format!("`{name}` is not UTF-8")));
    };
    let new = match format_text(old) {
        Ok(new) => new,
        Err(errors) => {
            for error in &errors {
                eprintln!("{}", shown(name, old, error));
            }
            return Ok(Outcome::Findings);
        }
    };
    let from_input = name == "<stdin>";
    if arguments.diff && new != old {
        let style = terminal::style(&std::io::stdout());
        let diff = TextDiff::from_lines(old, new.as_str());
        for line in diff
            .unified_diff()
            .header(name, name)
            .to_string()
            .split_inclusive('\n')
        {
            terminal::print(&match line.as_bytes().first() {
                Some(b'+') => style.green(line),
                Some(b'-') => style.red(line),
                _ => line.to_owned(),
            });
        }
    }
    if arguments.check || arguments.diff {
        if new == old {
            return Ok(Outcome::Fine);
        }
        if arguments.check {
            eprintln!("`{name}` is not in the one style");
        }
        return Ok(Outcome::Findings);
    }
    if new != old || from_input {
        write(&new)?;
    }
    Ok(Outcome::Fine)
}

fn shown(name: &str, text: &str, error: &SyntaxError) -> String {
    let style = terminal::style(&std::io::stderr());
    let at = Lines::new(text).at(text, error.span.start);
    let mut out = format!(
        "{name}:{}:{}: {}: {}",
        at.line,
        at.column,
        style.red("error"),
        error.message
    );
    if let Some(help) = &error.help {
        out.push_str(&format!("\n  {}: {help}", style.blue("help")));
    }
    out
}
