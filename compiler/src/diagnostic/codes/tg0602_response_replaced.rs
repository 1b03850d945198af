use crate::diagnostic::diagnostic;

diagnostic! {
    /// Two `respond`s that map the backend's answer have the same status.
    ///
    /// ## Why
    ///
    /// The reference keeps one integration response for each status: the later one silently replaces
    /// the earlier.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / {
    ///     integrate http custom "https://example.com/"
    ///     respond 200
    ///     respond 400 matching r"400"
    ///     respond 400 matching r"422"
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
    ///     respond 200
    ///     respond 400 matching r"400|422"
    ///   }
    /// }
    /// ```
    602 Warning "response-replaced"
    ResponseReplaced { status: u16 }
    message "two responses have the status {status}, and only the later one counts"
    label "replaces the earlier one"
    help "join the patterns: `r\"a|b\"`"
}
