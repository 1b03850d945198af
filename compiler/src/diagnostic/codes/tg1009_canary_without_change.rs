use crate::diagnostic::diagnostic;

diagnostic! {
    /// A canary has neither variables nor an API of its own.
    ///
    /// ## Why
    ///
    /// Its share of the requests is served as all others.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { canary 10% { } }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   variables { shade: String? }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { canary 10% { variables { shade: "blue" } } }
    /// ```
    1009 Warning "canary-without-change"
    CanaryWithoutChange {}
    message "this canary serves what the stage serves"
    label "changes nothing"
    help "give it `variables {{ … }}` or `api: NAME`"
}
