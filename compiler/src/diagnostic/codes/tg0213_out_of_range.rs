use crate::diagnostic::diagnostic;

diagnostic! {
    /// A number is outside of what its place can hold.
    ///
    /// ## Why
    ///
    /// The reference refuses it, or cuts it off.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com/" { timeout: 45s } }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate http "https://example.com/" { timeout: 29s } }
    /// }
    /// ```
    213 Error "out-of-range"
    OutOfRange { what: String, min: String, max: String }
    message "{what} is out of range"
    label "not between {min} and {max}"
    help "write a value from {min} to {max}"
}
