use crate::diagnostic::diagnostic;

diagnostic! {
    /// A key belongs to two plans that open the same stage.
    ///
    /// ## Why
    ///
    /// Which limits would hold is undecided; the reference refuses it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /orders/{id} { api_key: required, integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { }
    /// plan Basic { stages: [Shop.prod] }
    /// plan Gold { stages: [Shop.prod] }
    /// key acme for [Basic, Gold] { value: env("ACME_KEY") }
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
    /// key acme for Basic { value: env("ACME_KEY") }
    /// ```
    1007 Error "key-in-two-plans"
    KeyInTwoPlans { key: String, stage: String, plans: String }
    message "key `{key}` opens `{stage}` through two plans: {plans}"
    label "two plans for one stage"
}
