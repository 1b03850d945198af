use crate::diagnostic::diagnostic;

diagnostic! {
    /// A pattern is no regular expression, or uses what the gateway's linear engine cannot do.
    ///
    /// ## Why
    ///
    /// Back-references, and groups in look-around, can take time without bounds, so the gateway has none.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http custom "https://example.com/", respond 200, respond 400 matching r"4(" }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http custom "https://example.com/", respond 200, respond 400 matching r"4.." }
    /// }
    /// ```
    603 Error "bad-pattern"
    BadPattern { why: String }
    message "this is no regular expression: {why}"
    label "{why}"
}
