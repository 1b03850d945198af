use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping template reads a stage variable that the API does not declare.
    ///
    /// ## Why
    ///
    /// No stage can give it a value, and nothing is printed in its place.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   variables { table: String }
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 { body["text/plain"] = vtl"$stageVariables.tabel" }
    ///   }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   variables { table: String }
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 { body["text/plain"] = vtl"$stageVariables.table" }
    ///   }
    /// }
    /// ```
    717 Warning "vtl-unknown-stage-variable"
    VtlUnknownStageVariable { variable: String, api: String }
    message "stage variable `{variable}` is not declared in `{api}`: nothing is printed"
    label "not declared"
}
