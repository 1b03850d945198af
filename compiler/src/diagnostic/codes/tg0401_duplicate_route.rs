use crate::diagnostic::diagnostic;

diagnostic! {
    /// Two routes of one API have the same verb and path.
    ///
    /// ## Why
    ///
    /// Only one of them could ever answer.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets { integrate mock, respond 200 }
    ///   GET /pets { integrate mock, respond 204 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets { integrate mock, respond 200 }
    ///   PUT /pets { integrate mock, respond 204 }
    /// }
    /// ```
    401 Error "duplicate-route"
    DuplicateRoute { route: String }
    message "`{route}` is declared twice"
    label "declared again here"
}
