use crate::diagnostic::diagnostic;

diagnostic! {
    /// A plain string holds `${…}`.
    ///
    /// ## Why
    ///
    /// `${…}` belongs to templates, CloudFormation and Terraform. In a gate file a hole is `@{…}`, so
    /// that it is always plain who fills it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   variables { host: String }
    ///   GET / { integrate http "https://${stageVariables.host}/" }
    /// }
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
    215 Error "dollar-brace"
    DollarBrace { hole: String }
    message "`{hole}` in a plain string is not filled in"
    label "a hole is written `@{{…}}`"
    help "write `@{{…}}`; a text that shall hold `${{` itself stands in a tagged text"
}
