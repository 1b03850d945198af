use crate::diagnostic::diagnostic;

diagnostic! {
    /// Something is declared that nothing uses.
    ///
    /// ## Why
    ///
    /// A reader takes it for a part of what the program does.
    ///
    /// ## Example
    ///
    /// ```gate
    /// function greet { command: "python3 greet.py" }
    /// rest api Shop {
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// function greet { command: "python3 greet.py" }
    /// rest api Shop {
    ///   GET / { integrate lambda greet }
    /// }
    /// ```
    307 Warning "unused"
    Unused { kind: &'static str, name: String }
    message "{kind} `{name}` is not used"
    label "never named"
    help "name it somewhere, or remove it"
}
