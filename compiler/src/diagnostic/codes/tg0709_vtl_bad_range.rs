use crate::diagnostic::diagnostic;

diagnostic! {
    /// A range `[a..b]` of a mapping template has an end that is no whole number and no reference.
    ///
    /// ## Why
    ///
    /// It would have no elements.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 { body = vtl"#foreach($i in [1..'3'])$i#end" }
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
    ///     respond 200 { body = vtl"#foreach($i in [1..3])$i#end" }
    ///   }
    /// }
    /// ```
    709 Error "vtl-bad-range"
    VtlBadRange { text: String }
    message "{text}"
}
