use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping or a cache key reads a request parameter that the route does not declare.
    ///
    /// ## Why
    ///
    /// Parameters are declared with their types; one that is misspelt would always be empty.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com/" { header.trace = header.x-trace } }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { header.x-trace: String?, integrate http "https://example.com/" { header.trace = header.x-trace } }
    /// }
    /// ```
    502 Error "undeclared-parameter"
    UndeclaredParameter { parameter: String, reference: String }
    message "`{parameter}` is read and not declared"
    label "not declared by the route"
    note "Invalid mapping expression parameter specified: {reference}"
}
