use crate::diagnostic::diagnostic;

diagnostic! {
    /// A setting takes one of a few words, and this is none of them.
    ///
    /// ## Why
    ///
    /// A word that is misspelt would silently mean the default.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   key_source: heder
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   key_source: header
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    211 Error "unknown-choice"
    UnknownChoice { written: String, expected: String }
    message "`{written}` is not one of {expected}"
    label "not one of them"
}
