use crate::diagnostic::diagnostic;

diagnostic! {
    /// A stage variable is used, or given by a stage, that the API does not declare.
    ///
    /// ## Why
    ///
    /// An undeclared variable is empty text at run time: a URL without a host, a function without a
    /// name.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop { GET / { integrate http "https://@{stage.host}/" } }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   variables { host: String }
    ///   GET / { integrate http "https://@{stage.host}/" }
    /// }
    /// ```
    302 Error "unknown-variable"
    UnknownVariable { variable: String, api: String }
    message "stage variable `{variable}` is not declared in `{api}`"
    label "not declared"
}
