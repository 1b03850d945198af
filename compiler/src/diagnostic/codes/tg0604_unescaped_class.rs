use crate::diagnostic::diagnostic;

diagnostic! {
    /// A pattern has a class of letters that spells a word.
    ///
    /// ## Why
    ///
    /// `[Error].*` fits everything that starts with an E, an r or an o. Mostly the text `[Error]` was
    /// meant.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate lambda custom "orders", respond 200, respond 500 matching r"^[Error].*" }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   GET / { integrate lambda custom "orders", respond 200, respond 500 matching r"^\[Error\].*" }
    /// }
    /// ```
    604 Warning "unescaped-class"
    UnescapedClass { class: String }
    message "`[{class}]` means one letter of `{class}`"
    label "a class of letters"
    help "to mean the text, write `\\[{class}\\]`"
}
