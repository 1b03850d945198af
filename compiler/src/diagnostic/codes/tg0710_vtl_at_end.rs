use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping template ends with a lone `$` or `#`.
    ///
    /// ## Why
    ///
    /// Velocity cannot read it: every request that comes to this template would fail.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 { body["text/plain"] = vtl"costs 5 $" }
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
    ///     respond 200 { body["text/plain"] = vtl"costs $ 5" }
    ///   }
    /// }
    /// ```
    710 Error "vtl-at-end"
    VtlAtEnd { text: String }
    message "{text}"
}
