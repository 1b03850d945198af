use crate::diagnostic::diagnostic;

diagnostic! {
    /// A directive of a mapping template cannot be read.
    ///
    /// ## Why
    ///
    /// Every request that comes to this template would fail.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 { body = vtl"#set($x == 1)$x" }
    ///   }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 { body = vtl"#set($x = 1)$x" }
    ///   }
    /// }
    /// ```
    703 Error "vtl-bad-directive"
    VtlBadDirective { text: String }
    message "{text}"
}
