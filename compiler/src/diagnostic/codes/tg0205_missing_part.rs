use crate::diagnostic::diagnostic;

diagnostic! {
    /// Something that a declaration cannot do without is missing.
    ///
    /// ## Why
    ///
    /// There is no value that would be right for everybody.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    205 Error "missing-part"
    MissingPart { word: String, part: String }
    message "`{word}` lacks {part}"
    label "{part} is missing"
}
