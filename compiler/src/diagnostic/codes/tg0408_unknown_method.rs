use crate::diagnostic::diagnostic;

diagnostic! {
    /// Settings or limits are given for a method that the API does not have.
    ///
    /// ## Why
    ///
    /// They would never apply.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets { integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { method GET /pet { throttle 5/s } }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets { integrate mock, respond 200 }
    /// }
    /// stage prod of Shop { method GET /pets { throttle 5/s } }
    /// ```
    408 Error "unknown-method"
    UnknownMethod { route: String, api: String }
    message "`{api}` has no `{route}`"
    label "no such method"
}
