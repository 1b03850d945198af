use crate::diagnostic::diagnostic;

diagnostic! {
    /// A word has a part that it does not take: a block, a condition, a `:` or a `=`.
    ///
    /// ## Why
    ///
    /// A part without a meaning is a misunderstanding.
    ///
    /// ## Example
    ///
    /// ```gate
    /// edition 2026 { }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// edition 2026
    /// ```
    208 Error "unexpected-part"
    UnexpectedPart { word: String, part: &'static str, form: &'static str }
    message "`{word}` does not take {part}"
    label "not expected here"
    help "write `{form}`"
}
