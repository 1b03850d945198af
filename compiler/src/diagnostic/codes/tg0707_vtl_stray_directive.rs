use crate::diagnostic::diagnostic;

diagnostic! {
    /// An `#end`, `#else` or `#elseif` of a mapping template belongs to nothing.
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
    ///     respond 200 { body["text/plain"] = vtl"yes#end" }
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
    ///     respond 200 { body["text/plain"] = vtl"yes" }
    ///   }
    /// }
    /// ```
    707 Error "vtl-stray-directive"
    VtlStrayDirective { text: String }
    message "{text}"
}
