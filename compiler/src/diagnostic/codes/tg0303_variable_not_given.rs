use crate::diagnostic::diagnostic;

diagnostic! {
    /// A stage gives no value for a variable that has no default.
    ///
    /// ## Why
    ///
    /// It would be empty text at run time.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   variables { host: String }
    ///   GET / { integrate http "https://@{stage.host}/" }
    /// }
    /// stage prod of Shop { }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   variables { host: String }
    ///   GET / { integrate http "https://@{stage.host}/" }
    /// }
    /// stage prod of Shop { variables { host: "example.com" } }
    /// ```
    303 Error "variable-not-given"
    VariableNotGiven { variable: String, stage: String }
    message "stage `{stage}` does not give `{variable}`"
    label "`{variable}` is missing"
    help "give it in `variables {{ … }}`, or declare it with a default or as optional"
}
