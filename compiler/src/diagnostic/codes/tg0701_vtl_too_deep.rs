use crate::diagnostic::diagnostic;

diagnostic! {
    /// Blocks, strings or brackets of a mapping template nest deeper than the limit.
    ///
    /// ## Why
    ///
    /// The limit keeps the time and memory that a template costs within bounds.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 { body = vtl"$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x[$x]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]" }
    ///   }
    /// }
    /// ```
    701 Error "vtl-too-deep"
    VtlTooDeep { text: String }
    message "{text}"
}
