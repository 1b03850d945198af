use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping reads something that does not exist.
    ///
    /// ## Why
    ///
    /// It would always be empty.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com/" { header.a = cookie.a } }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { header.cookie: String?, integrate http "https://example.com/" { header.a = header.cookie } }
    /// }
    /// ```
    512 Error "unknown-source"
    UnknownSource { source: String }
    message "`{source}` names nothing that a mapping can read"
    label "not a source"
}
