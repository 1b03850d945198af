use crate::diagnostic::diagnostic;

diagnostic! {
    /// A condition is not written in the Common Expression Language.
    ///
    /// ## Why
    ///
    /// What it should mean is unknown, and a condition that fails refuses every request.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke * when { source.ip in } }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke * when { source.ip in cidr("10.0.0.0/8") } }
    ///   GET / { integrate mock, respond 200 }
    /// }
    /// ```
    801 Error "cel-syntax"
    CelSyntax { why: String }
    message "this condition is no CEL: {why}"
    label "here"
}
