use crate::diagnostic::diagnostic;

diagnostic! {
    /// A string is not closed on its line, or a fenced text not at all.
    ///
    /// ## Why
    ///
    /// A string ends on the line where it starts, so that a forgotten quote costs one line and not
    /// the rest of the file. Longer text stands between `"""`.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   title: "Shop
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   title: "Shop"
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    6 Error "unclosed-string"
    UnclosedString { text: String }
    message "{text}"
}
