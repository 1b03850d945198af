use crate::diagnostic::diagnostic;

diagnostic! {
    /// An integration that maps its answer has no default response.
    ///
    /// ## Why
    ///
    /// An answer that no pattern fits becomes a 500: `No match for output mapping and no default
    /// output mapping configured`.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http custom "https://example.com/", respond 404 matching r"404" }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http custom "https://example.com/", respond 200, respond 404 matching r"404" }
    /// }
    /// ```
    605 Warning "no-default-response"
    NoDefaultResponse {}
    message "no response takes what no pattern fits"
    label "no default response"
    help "add `respond 200`"
}
