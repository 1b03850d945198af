use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping template for a JSON media type renders something that is never JSON.
    ///
    /// ## Why
    ///
    /// A backend or client that was promised JSON cannot read it. A comma before a closing bracket, quotes
    /// of the wrong kind and a bracket too few look like JSON to people.
    ///
    /// Templates of mocks are exempt, which are read more leniently, and those beside a mapping or override
    /// of `Content-Type`: they say what they render.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 { body = vtl"""{"id": "$context.requestId",}""" }
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
    ///     respond 200 { body = vtl"""{"id": "$context.requestId"}""" }
    ///   }
    /// }
    /// ```
    714 Warning "vtl-never-json"
    VtlNeverJson { why: &'static str }
    message "what this template renders is never JSON"
    label "{why}"
}
