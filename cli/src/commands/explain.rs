//! `tollgate explain`: what a diagnostic means and what to do about it.

use clap::Args;
use tollgate_compiler::diagnostic;

use crate::Outcome;
use crate::failure::Failure;
use crate::terminal;

/// Explain a diagnostic's code; without one, list them all.
#[derive(Args)]
pub(crate) struct Arguments {
    /// The code, for example TG0401.
    code: Option<String>,
}

pub(crate) fn run(arguments: &Arguments) -> Result<Outcome, Failure> {
    let Some(code) = &arguments.code else {
        let mut list = String::new();
        for info in diagnostic::all() {
            list.push_str(&format!(
                "{}  {:<8} {}\n",
                info.code(),
                info.severity().as_str(),
                info.summary()
            ));
        }
        terminal::print(&list);
        return Ok(Outcome::Fine);
    };
    match diagnostic::explain(&code.to_ascii_uppercase()) {
        Some(page) => {
            terminal::print(&page);
            Ok(Outcome::Fine)
        }
        None => Err(Failure::new(format!("there is no diagnostic `{code}`"))
            .help("`tollgate explain` lists them all")),
    }
}
