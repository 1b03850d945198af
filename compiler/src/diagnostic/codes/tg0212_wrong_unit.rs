use crate::diagnostic::diagnostic;

diagnostic! {
    /// A quantity lacks its unit, or has another one.
    ///
    /// ## Why
    ///
    /// `3` may be seconds to one reader and milliseconds to the next.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com/" { timeout: 3 } }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com/" { timeout: 3s } }
    /// }
    /// ```
    212 Error "wrong-unit"
    WrongUnit { written: String, what: String, units: String }
    message "`{written}` is not {what}"
    label "its unit does not fit"
    help "units: {units}"
}
