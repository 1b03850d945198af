use crate::diagnostic::diagnostic;

diagnostic! {
    /// A value does not have the type that the variable or parameter is declared with.
    ///
    /// ## Why
    ///
    /// Types catch mistakes before a deployment does.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   variables { host: Url }
    ///   GET / { integrate http "@{stage.host}/" }
    /// }
    /// stage prod of Shop { variables { host: "example.com" } }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   variables { host: Url }
    ///   GET / { integrate http "@{stage.host}/" }
    /// }
    /// stage prod of Shop { variables { host: "https://example.com" } }
    /// ```
    304 Error "variable-type"
    VariableType { variable: String, why: String }
    message "`{variable}` does not fit its declaration: {why}"
    label "{why}"
}
