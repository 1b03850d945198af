//! Why a command could not do its work, as people read it.

use std::fmt::Display;
use std::io::ErrorKind;
use std::path::Path;

use crate::terminal;

/// A command could not do its work: bad usage, or input that cannot be read.
#[derive(Debug)]
pub(crate) struct Failure {
    message: String,
    help: Option<String>,
}

impl Failure {
    /// Lower case, no full stop, what the user wrote in backticks.
    pub(crate) fn new(message: impl Into<String>) -> Failure {
        Failure {
            message: message.into(),
            help: None,
        }
    }

    /// What to do about it.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Failure {
        self.help = Some(help.into());
        self
    }

    /// A file or folder that could not be read, or written.
    pub(crate) fn file(doing: &str, path: &Path, error: &std::io::Error) -> Failure {
        let why = match error.kind() {
            ErrorKind::NotFound => "there is no such file or folder".to_owned(),
            ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => plain(error),
        };
        Failure::new(format!("cannot {doing} `{}`: {why}", path.display()))
    }

    pub(crate) fn print(&self) {
        let style = terminal::style(&std::io::stderr());
        eprintln!("{}: {}", style.red("error"), self.message);
        if let Some(help) = &self.help {
            eprintln!("{}: {help}", style.blue("help"));
        }
    }
}

/// The system's words without its number.
pub(crate) fn plain(error: &impl Display) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}
