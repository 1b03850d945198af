use crate::diagnostic::diagnostic;

diagnostic! {
    /// A regular expression of a mapping template cannot be read, or can only be matched by trying.
    ///
    /// ## Why
    ///
    /// It fits nothing in any text.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 { body = vtl"$input.body.replaceAll('(', '')" }
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
    ///     respond 200 { body = vtl"$input.body.replaceAll('x', '')" }
    ///   }
    /// }
    /// ```
    712 Warning "vtl-bad-pattern"
    VtlBadPattern { text: String }
    message "{text}"
}
