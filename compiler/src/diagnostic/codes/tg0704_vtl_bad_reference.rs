use crate::diagnostic::diagnostic;

diagnostic! {
    /// A reference of a mapping template cannot be read.
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
    ///     respond 200 { body = vtl"${context.stage" }
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
    ///     respond 200 { body = vtl"${context.stage}" }
    ///   }
    /// }
    /// ```
    704 Error "vtl-bad-reference"
    VtlBadReference { text: String }
    message "{text}"
}
