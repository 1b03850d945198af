use crate::diagnostic::diagnostic;

diagnostic! {
    /// A word means nothing where it stands.
    ///
    /// ## Why
    ///
    /// A misspelt setting that is silently ignored is the most expensive kind: it is found in
    /// production.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock, validat: all, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate mock, validate: all, respond 200 }
    /// }
    /// ```
    201 Error "unknown-word"
    UnknownWord { word: String, context: &'static str }
    message "unknown word `{word}` in {context}"
    label "not a word here"
}
