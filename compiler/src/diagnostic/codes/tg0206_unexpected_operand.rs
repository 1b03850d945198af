use crate::diagnostic::diagnostic;

diagnostic! {
    /// A word is followed by something that it does not take.
    ///
    /// ## Why
    ///
    /// An operand without a meaning is a misunderstanding.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock twice, respond 200 }
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
    206 Error "unexpected-operand"
    UnexpectedOperand { word: String, written: String, form: String }
    message "`{word}` does not take `{written}`"
    label "not expected here"
    help "write `{form}`"
}
