use crate::diagnostic::diagnostic;

diagnostic! {
    /// A `cors` covers no path.
    ///
    /// ## Why
    ///
    /// It has no effect.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   cors /order/* { origins: ["https://a.example.com"] }
    ///   GET /orders/{id} { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   cors /orders/* { origins: ["https://a.example.com"] }
    ///   GET /orders/{id} { integrate mock, respond 200 }
    /// }
    /// ```
    913 Warning "cors-unused"
    CorsUnused { glob: String }
    message "no path of this API is covered by `{glob}`"
    label "no effect"
}
