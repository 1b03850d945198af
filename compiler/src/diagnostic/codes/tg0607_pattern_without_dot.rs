use crate::diagnostic::diagnostic;

diagnostic! {
    /// The pattern of a function's error ends with a letter and `*`.
    ///
    /// ## Why
    ///
    /// A pattern must fit the whole message, and `*` repeats what stands before it: `Invalid*` fits
    /// `Invali` and `Invalidd`.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate lambda custom "orders", respond 200, respond 400 matching r"Invalid*" }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate lambda custom "orders", respond 200, respond 400 matching r"Invalid.*" }
    /// }
    /// ```
    607 Warning "pattern-without-dot"
    PatternWithoutDot { pattern: String, meant: String }
    message "`{pattern}` repeats its last letter, and fits no sentence"
    label "a whole message must fit"
    help "write `{meant}` to mean every message that begins so"
}
