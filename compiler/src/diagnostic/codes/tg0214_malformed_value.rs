use crate::diagnostic::diagnostic;

diagnostic! {
    /// A text does not have the shape that its place asks for.
    ///
    /// ## Why
    ///
    /// It would be refused later, or never match anything.
    ///
    /// ## Example
    ///
    /// ```gate
    /// account { id: "1234" }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// account { id: "111122223333" }
    /// ```
    214 Error "malformed-value"
    MalformedValue { what: String, why: String }
    message "malformed {what}: {why}"
    label "malformed"
}
