use crate::diagnostic::diagnostic;

diagnostic! {
    /// A `#set` of a mapping template has a left side that nothing can be assigned to.
    ///
    /// ## Why
    ///
    /// The right side is evaluated and let go, and no request fails: the variable stays what it was.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 { body = vtl"#set(${id} = $context.requestId)$id" }
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
    ///     respond 200 { body = vtl"#set($id = $context.requestId)$id" }
    ///   }
    /// }
    /// ```
    720 Warning "vtl-sets-nothing"
    VtlSetsNothing { text: String }
    message "{text}"
}
