use crate::diagnostic::diagnostic;

diagnostic! {
    /// A string has an escape that strings do not know.
    ///
    /// ## Why
    ///
    /// A backslash in a string is always an escape. Tagged text (`r"…"`, `vtl"…"`) and text between
    /// `"""` know none, so that patterns and templates stand there as they are.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   title: "a\qb"
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   title: "a\\qb"
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    7 Error "bad-escape"
    BadEscape { text: String }
    message "{text}"
}
