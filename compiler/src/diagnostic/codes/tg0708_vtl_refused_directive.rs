use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping template uses a directive of Velocity that the gateway does not have: `#macro`,
    /// `#parse`, `#include`, `#evaluate`.
    ///
    /// ## Why
    ///
    /// There are no other templates to take in, and no macros.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 { body["text/plain"] = vtl"#macro(hello)hello#end" }
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
    ///     respond 200 { body["text/plain"] = vtl"hello" }
    ///   }
    /// }
    /// ```
    708 Error "vtl-refused-directive"
    VtlRefusedDirective { text: String }
    message "{text}"
}
