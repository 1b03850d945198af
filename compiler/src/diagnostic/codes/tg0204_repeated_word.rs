use crate::diagnostic::diagnostic;

diagnostic! {
    /// A setting that can stand once stands twice.
    ///
    /// ## Why
    ///
    /// Of two values only one could hold, and which is nobody's guess.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   version: "1"
    ///   version: "2"
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   version: "2"
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    204 Error "repeated-word"
    RepeatedWord { word: String }
    message "`{word}` stands here twice"
    label "again here"
}
