use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping template prints `$input.path` where JSON wants a value.
    ///
    /// ## Why
    ///
    /// `$input.path` prints texts without quotes, objects as `{a=1}`, and nothing where the body has no
    /// such member. `$input.json` prints JSON in each case.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   POST / {
    ///     integrate http custom "https://example.com/" {
    ///       body = vtl"""{"id": $input.path('$.id')}"""
    ///     }
    ///     respond 200
    ///   }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   POST / {
    ///     integrate http custom "https://example.com/" {
    ///       body = vtl"""{"id": $input.json('$.id')}"""
    ///     }
    ///     respond 200
    ///   }
    /// }
    /// ```
    716 Warning "vtl-bare-value"
    VtlBareValue { }
    message "`$input.path` prints text and not JSON"
    label "JSON wants a value here"
    help "write `$input.json(…)`"
}
