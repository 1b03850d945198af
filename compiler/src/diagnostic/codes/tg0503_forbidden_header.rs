use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping sets a header that belongs to the gateway or the connection.
    ///
    /// ## Why
    ///
    /// The reference accepts it when it is configured, and answers every request with 500.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com/" { header.Content-Length = "0" } }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com/" }
    /// }
    /// ```
    503 Warning "forbidden-header"
    ForbiddenHeader { header: String }
    message "a mapping cannot set the header `{header}`"
    label "every request will fail"
    help "leave it out: the gateway sets it itself, or must not"
}
