use crate::diagnostic::diagnostic;

diagnostic! {
    /// A statement allows only what another one denies under every condition.
    ///
    /// ## Why
    ///
    /// A denial goes over every allowance, wherever it stands.
    ///
    /// ## Example
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke GET /pets/*, deny anyone to invoke * }
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    ///
    /// ## Instead
    ///
    /// ```gate
    /// rest api Shop {
    ///   policy { allow anyone to invoke GET /pets/*, deny anyone to invoke * when { source.ip in cidr("203.0.113.0/24") } }
    ///   GET /pets/{pet} { integrate mock, respond 200 }
    /// }
    /// ```
    825 Warning "statement-denied"
    StatementDenied { by: String }
    message "this statement allows what {by} always denies"
    label "never takes effect"
}
