use crate::diagnostic::diagnostic;

diagnostic! {
    /// An `#if`, `#foreach` or `#define` of a mapping template has no `#end`.
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
    ///     respond 200 { body = vtl"#if($context.stage)yes" }
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
    ///     respond 200 { body = vtl"#if($context.stage)yes#end" }
    ///   }
    /// }
    /// ```
    706 Error "vtl-unclosed-block"
    VtlUnclosedBlock { text: String }
    message "{text}"
}
