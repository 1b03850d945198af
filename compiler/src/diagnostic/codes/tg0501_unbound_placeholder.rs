use crate::diagnostic::diagnostic;

diagnostic! {
    /// The URL of an integration has a `{name}` that neither a mapping nor a path parameter fills.
    ///
    /// ## Why
    ///
    /// The backend would see the braces.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET /pets/{pet} { integrate http "https://example.com/{id}" }
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
    501 Error "unbound-placeholder"
    UnboundPlaceholder { name: String }
    message "nothing fills `{{{name}}}`"
    label "`{{{name}}}` is not bound"
    help "map it: `path.{name} = …`"
}
