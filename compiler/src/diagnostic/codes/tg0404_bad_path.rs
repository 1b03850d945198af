use crate::diagnostic::diagnostic;

diagnostic! {
    /// A path is not made of literal segments and `{name}` or `{name+}` parts.
    ///
    /// ## Why
    ///
    /// No request would ever match it, or the reference refuses it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET "/pets/a{id}" { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets/{id} { integrate mock, respond 200 }
    /// }
    /// ```
    404 Error "bad-path"
    BadPath { path: String, why: String }
    message "`{path}` is no path of a route: {why}"
    label "not a path"
}
