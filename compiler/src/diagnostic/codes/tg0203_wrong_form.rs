use crate::diagnostic::diagnostic;

diagnostic! {
    /// A word stands in a form that it does not have.
    ///
    /// ## Why
    ///
    /// `name: value` sets, `target = source` maps, and a word with operands says; each word has its
    /// own.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   title "Shop"
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
    203 Error "wrong-form"
    WrongForm { word: String, form: &'static str }
    message "`{word}` has another form"
    label "not in this form"
    help "write `{form}`"
}
