use crate::diagnostic::diagnostic;

diagnostic! {
    /// A line has none of the three shapes.
    ///
    /// ## Why
    ///
    /// A line declares or sets (`name: value`), maps (`target = source`), or says (a word, its
    /// operands, perhaps a block). One bad line never hides the next.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock, respond 200 }
    ///   ?? what
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
    9 Error "bad-item"
    BadItem { text: String }
    message "{text}"
}
