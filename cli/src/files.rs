//! Files that the user names, read.

use std::path::Path;

use crate::failure::Failure;

/// The text of a file.
///
/// # Errors
/// It cannot be read, or is not UTF-8: then with the line of the first byte that is none.
pub(crate) fn text(path: &Path) -> Result<String, Failure> {
    let bytes = tollgate_project::read(path).map_err(|error| match error {
        tollgate_project::OpenError::Unreadable(path, error) => {
            Failure::file("read", &path, &error)
        }
        other => Failure::new(other.to_string()),
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = error.as_bytes().iter().take(at);
        let line = before.filter(|byte| **byte == b'\n').count() + 1;
        Failure::new(format!(
            "`{}` is not UTF-8: byte {at}, on line {line}",
            path.display()
        ))
        .help("save the file as UTF-8")
    })
}
