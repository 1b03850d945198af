use crate::diagnostic::diagnostic;

diagnostic! {
    /// A statement is covered by another one with the same effect.
    ///
    /// ## Why
    ///
    /// It has no effect. Either it can go, or the other one is wider than was meant.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke *, allow anyone to invoke GET /pets/*, deny anyone to invoke * when { source.ip in cidr("203.0.113.0/24") } }
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke *, deny anyone to invoke * when { source.ip in cidr("203.0.113.0/24") } }
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    824 Warning "statement-covered"
    StatementCovered { by: String }
    message "this statement adds nothing: {by} says as much"
    label "adds nothing"
}
