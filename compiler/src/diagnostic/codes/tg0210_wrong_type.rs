use crate::diagnostic::diagnostic;

diagnostic! {
    /// A value is of another kind than its place takes.
    ///
    /// ## Why
    ///
    /// Types catch mistakes before a deployment does.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   title: 5
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   title: "5"
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    210 Error "wrong-type"
    WrongType { expected: String, found: &'static str }
    message "expected {expected}, found {found}"
    label "{found}"
}
