use crate::diagnostic::diagnostic;

diagnostic! {
    /// The edition is none that this compiler knows.
    ///
    /// ## Why
    ///
    /// The edition fixes the syntax. A file of a later edition may mean something that this compiler
    /// does not know.
    ///
    /// ## Example
    ///
    /// ```gate
    /// edition 2031
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// edition 2026
    /// ```
    101 Error "unknown-edition"
    UnknownEdition { edition: String, newest: &'static str }
    message "edition `{edition}` is not known"
    label "not an edition"
    help "the newest edition is `{newest}`"
}
