use crate::diagnostic::diagnostic;

diagnostic! {
    /// A word is not followed by what it needs.
    ///
    /// ## Why
    ///
    /// There is no value that would be right for everybody.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com/", respond 200 }
    /// }
    /// ```
    207 Error "missing-operand"
    MissingOperand { word: String, what: &'static str, form: String }
    message "`{word}` lacks {what}"
    label "{what} is missing"
    help "write `{form}`"
}
