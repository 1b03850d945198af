use crate::diagnostic::diagnostic;

diagnostic! {
    /// A mapping template reads a member of `$context`, `$input` or `$util` that these do not have.
    ///
    /// ## Why
    ///
    /// Nothing is printed in its place, and no request fails.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200 { body = vtl"$context.requestid" }
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
    ///     respond 200 { body = vtl"$context.requestId" }
    ///   }
    /// }
    /// ```
    713 Warning "vtl-unknown-member"
    VtlUnknownMember { text: String }
    message "{text}"
}
