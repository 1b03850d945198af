use crate::diagnostic::diagnostic;

diagnostic! {
    /// An API has routes that require a key, and one of its stages is in no plan.
    ///
    /// ## Why
    ///
    /// A key opens a stage through a plan: every call of these routes would be refused with 403.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { api_key: required, integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { api_key: required, integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { }
    /// plan Basic { stages: [Shop.prod] }
    /// ```
    1012 Warning "no-plan-for-stage"
    NoPlanForStage { stage: String }
    message "no plan opens `{stage}`, and its API asks for keys"
    label "no key opens it"
    help "add it to a plan: `plan NAME {{ stages: [{stage}] }}`"
}
