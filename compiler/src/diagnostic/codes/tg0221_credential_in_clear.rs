use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping writes a literal into a header that carries credentials.
    ///
    /// ## Why
    ///
    /// Whoever can read the program, its history or its bundle could use it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com/" { header.x-api-key = "0123456789abcdef" } }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// param key: String = "unset"
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com/" { header.x-api-key = "@{param.key}" } }
    /// }
    /// ```
    221 Warning "credential-in-clear"
    CredentialInClear { header: String }
    message "the header `{header}` gets a credential in clear"
    label "in clear"
    help "give it by a stage variable or a parameter, or let a role sign: `as \"arn:…\"`"
}
