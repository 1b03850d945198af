use crate::diagnostic::diagnostic;

diagnostic! {
    /// A file that the program names does not exist, or lies outside of the project.
    ///
    /// ## Why
    ///
    /// A program is what its directory holds, so that it builds the same everywhere.
    ///
    /// ## Example
    ///
    /// ```gate
    /// use "shared/models.gate"
    /// ```
    103 Error "file-not-found"
    FileNotFound { name: String }
    message "there is no file `{name}`"
    label "not found"
    help "names are relative to the file that they stand in, and stay within the project"
}
