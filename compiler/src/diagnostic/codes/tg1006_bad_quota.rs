use crate::diagnostic::diagnostic;

diagnostic! {
    /// The offset of a quota is larger than its period allows: 0 a day, 6 a week, 27 a month.
    ///
    /// ## Why
    ///
    /// It would be refused when the program is deployed.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /orders/{id} { api_key: required, integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { }
    /// plan Basic { stages: [Shop.prod], quota 1_000/week offset 9 }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /orders/{id} { api_key: required, integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { }
    /// plan Basic { stages: [Shop.prod], quota 1_000/week offset 3 }
    /// ```
    1006 Error "bad-quota"
    BadQuota { most: u64 }
    message "the offset of this quota is at most {most}"
    label "more than {most}"
}
