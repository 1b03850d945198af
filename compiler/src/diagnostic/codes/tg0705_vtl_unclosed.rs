use crate::diagnostic::diagnostic;

diagnostic! {
    /// A `#[[` of a mapping template has no `]]#`, or a comment has no end.
    ///
    /// ## Why
    ///
    /// Everything behind it would be part of it.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 { body["text/plain"] = vtl"#[[ text" }
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
    ///     respond 200 { body["text/plain"] = vtl"#[[ text ]]#" }
    ///   }
    /// }
    /// ```
    705 Error "vtl-unclosed"
    VtlUnclosed { text: String }
    message "{text}"
}
