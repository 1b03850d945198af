use crate::diagnostic::diagnostic;

diagnostic! {
    /// A JSONPath of a mapping template cannot be read.
    ///
    /// ## Why
    ///
    /// It finds nothing in any body.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 { body = vtl"$input.json('$.a[x]')" }
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
    ///     respond 200 { body = vtl"$input.json('$.a')" }
    ///   }
    /// }
    /// ```
    711 Warning "vtl-bad-path"
    VtlBadPath { text: String }
    message "{text}"
}
