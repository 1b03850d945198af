use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping template is never chosen.
    ///
    /// ## Why
    ///
    /// A request template is chosen by the media type of the request, a response template by the first
    /// media type that the client accepts: without parameters and without regard to letter case. Of two
    /// templates for one type the second has no effect.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 {
    ///       body["text/plain"] = vtl"$input.body"
    ///       body["Text/Plain"] = vtl"$context.requestId"
    ///     }
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
    ///     respond 200 { body["text/plain"] = vtl"$input.body" }
    ///   }
    /// }
    /// ```
    609 Warning "unused-template"
    UnusedTemplate { media: String, why: &'static str }
    message "the template for `{media}` is never chosen: {why}"
    label "never chosen"
}
