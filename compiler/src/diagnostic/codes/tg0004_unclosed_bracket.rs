use crate::diagnostic::diagnostic;

diagnostic! {
    /// A `{`, `[` or `(` is never closed.
    ///
    /// ## Why
    ///
    /// Where its content ends decides what everything after it belongs to.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock, respond 200 }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    4 Error "unclosed-bracket"
    UnclosedBracket { text: String }
    message "{text}"
}
