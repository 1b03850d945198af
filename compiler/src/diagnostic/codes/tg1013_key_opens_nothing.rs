use crate::diagnostic::diagnostic;

diagnostic! {
    /// A key belongs to no plan, or to plans without stages.
    ///
    /// ## Why
    ///
    /// Whoever uses it is refused with 403.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// key acme { value: env("ACME_KEY") }
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
    /// key acme for Basic { value: env("ACME_KEY") }
    /// ```
    1013 Warning "key-opens-nothing"
    KeyOpensNothing { key: String }
    message "key `{key}` opens nothing"
    label "in no plan with stages"
    help "write `key {key} for PLAN {{ … }}`"
}
