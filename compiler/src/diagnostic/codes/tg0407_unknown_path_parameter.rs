use crate::diagnostic::diagnostic;

diagnostic! {
    /// A route declares a path parameter that its path does not have.
    ///
    /// ## Why
    ///
    /// It is always missing: where parameters are validated, every request is refused with 400.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets/{pet} { path.id: String, integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets/{id} { path.id: String, integrate mock, respond 200 }
    /// }
    /// ```
    407 Warning "unknown-path-parameter"
    UnknownPathParameter { name: String, path: String }
    message "`{path}` has no parameter `{name}`"
    label "not in the path"
}
