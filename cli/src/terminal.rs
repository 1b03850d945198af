//! What people see on a terminal: colours there, plain text everywhere else.

use std::io::{self, IsTerminal, Write};

/// Paints text, or does not.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Style {
    on: bool,
}

/// How to write to this stream: with colours on a terminal, unless `NO_COLOR` is set.
pub(crate) fn style(stream: &impl IsTerminal) -> Style {
    Style {
        on: stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty()),
    }
}

impl Style {
    /// Whether text is painted.
    pub(crate) fn is_on(self) -> bool {
        self.on
    }

    fn paint(self, code: &str, text: &str) -> String {
        match self.on {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        }
    }

    pub(crate) fn red(self, text: &str) -> String {
        self.paint("1;31", text)
    }

    pub(crate) fn green(self, text: &str) -> String {
        self.paint("32", text)
    }

    pub(crate) fn yellow(self, text: &str) -> String {
        self.paint("1;33", text)
    }

    pub(crate) fn blue(self, text: &str) -> String {
        self.paint("1;34", text)
    }
}

/// Rows with their cells under each other, two blanks between columns.
pub(crate) fn columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let widths = rows.iter().map(|row| row[column].chars().count());
        widths.max().unwrap_or(0)
    };
    let widths: [usize; N] = std::array::from_fn(width);
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(widths) {
            line.push_str(&format!("{cell:<width$}  "));
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// Writes to the standard output. A reader that has gone away (`| head`) is no failure.
pub(crate) fn print(text: &str) {
    let mut out = io::stdout().lock();
    if let Err(error) = out.write_all(text.as_bytes()).and_then(|()| out.flush())
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        // There is nobody left to tell.
        std::process::exit(2);
    }
}
