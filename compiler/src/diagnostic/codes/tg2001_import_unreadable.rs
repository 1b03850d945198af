use crate::diagnostic::diagnostic;

diagnostic! {
    /// An imported text is neither JSON nor YAML, or larger or deeper than the bounds.
    ///
    /// ## Why
    ///
    /// What it should mean is unknown.
    ///
    /// ## Example
    ///
    /// ```yaml
    /// openapi: 3.0.1
    ///   info: [
    /// ```
    2001 Error "import-unreadable"
    ImportUnreadable { text: String }
    message "{text}"
}
