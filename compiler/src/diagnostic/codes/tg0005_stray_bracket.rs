use crate::diagnostic::diagnostic;

diagnostic! {
    /// A `}`, `]` or `)` closes nothing, or closes another kind of bracket.
    ///
    /// ## Why
    ///
    /// One of the brackets around it is too many, or one is missing.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock, respond 200 }
    /// }
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
    5 Error "stray-bracket"
    StrayBracket { text: String }
    message "{text}"
}
