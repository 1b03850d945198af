use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping fills a placeholder that the URL does not have.
    ///
    /// ## Why
    ///
    /// It has no effect, and something was meant by it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets/{pet} { integrate http "https://example.com/{pet}" { path.id = path.pet } }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets/{pet} { integrate http "https://example.com/{id}" { path.id = path.pet } }
    /// }
    /// ```
    510 Warning "unused-path-mapping"
    UnusedPathMapping { name: String }
    message "the URL has no `{{{name}}}`"
    label "this mapping has no effect"
}
