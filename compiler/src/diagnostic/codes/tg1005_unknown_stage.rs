use crate::diagnostic::diagnostic;

diagnostic! {
    /// A plan or a test names a stage that the program does not declare.
    ///
    /// ## Why
    ///
    /// The plan would open nothing, the test would reach nobody.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /orders/{id} { api_key: required, integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { }
    /// plan Basic { stages: [Shop.production] }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /orders/{id} { api_key: required, integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { }
    /// plan Basic { stages: [Shop.prod] }
    /// ```
    1005 Error "unknown-stage"
    UnknownStage { stage: String, note: String }
    message "there is no stage `{stage}`"
    label "no such stage"
    note "{note}"
}
