use crate::diagnostic::diagnostic;

diagnostic! {
    /// A response has a pattern that no answer of the backend fits, or the pattern of another
    /// response.
    ///
    /// ## Why
    ///
    /// It has no effect, and something was meant by it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http custom "https://example.com/", respond 200, respond 404 matching r"not found.*" }
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
    608 Warning "unreachable-response"
    UnreachableResponse { why: &'static str }
    message "no answer selects this response: {why}"
    label "never selected"
}
